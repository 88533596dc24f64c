/** EXEC: of a text built at run time, and of the system procedures the lab has. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { ExecuteStatement } from '../ast.ts';
import { parseName } from '../function/system.ts';
import { SqlError, sqlError } from '../message.ts';
import { compileExpression } from '../query/binder.ts';
import { coerce, convertValue } from '../query/compiled.ts';
import { plainBinder } from '../query/compiler.ts';
import { systemProcedure } from '../procedure/registry.ts';
import type { Argument, RunText } from '../procedure/procedure.ts';
import { BatchAborted } from './batch-aborted.ts';
import { nestedRequest } from './context.ts';
import type { Request } from './context.ts';
import { makeExecution, writtenName } from './execution.ts';
import { restoreDatabase } from './restore-database.ts';

const MAX_NESTING = 32;

/** Runs EXEC. */
export async function runExecute(
  request: Request,
  statement: ExecuteStatement,
  run: RunText,
): Promise<void> {
  if (request.depth >= MAX_NESTING) throw sqlError(217, MAX_NESTING);
  if (statement.kind === 'execute-text') {
    const execution = makeExecution(request);
    let text: SqlValue;
    try {
      const compiled = compileExpression(plainBinder(execution), statement.text);
      text = coerce(compiled, { kind: 'nvarchar', length: 'max' }).evaluate({
        frame: [],
        outer: null,
      });
    } finally {
      execution.release();
    }
    const { database } = request.session.state;
    try {
      await run(nestedRequest(request, request.procedure), typeof text === 'string' ? text : '');
    } catch (error) {
      // The error was sent; only the text itself ends.
      if (!(error instanceof BatchAborted) || !error.scopeOnly) throw error;
    } finally {
      restoreDatabase(request, database);
    }
    return;
  }
  const name = writtenName(statement.procedure);
  const status = await callProcedure(
    request,
    {
      name,
      database: statement.procedure.database,
      arguments: evaluateArguments(request, statement),
    },
    run,
  );
  if (statement.result === null) return;
  const variable = request.variables.get(statement.result.toLowerCase());
  if (variable === undefined) throw sqlError(137, statement.result);
  variable.value = convertValue(status, { kind: 'int' }, variable.type);
}

function evaluateArguments(
  request: Request,
  statement: Extract<ExecuteStatement, { kind: 'execute-procedure' }>,
): Argument[] {
  const execution = makeExecution(request);
  try {
    return statement.arguments.map((argument): Argument => {
      if (argument.value === null)
        return {
          name: argument.name ?? '',
          type: { kind: 'int' },
          value: undefined,
          output: false,
          assign: () => undefined,
        };
      const compiled = compileExpression(plainBinder(execution), argument.value);
      const value = compiled.evaluate({ frame: [], outer: null });
      const variable =
        argument.output && argument.value.kind === 'variable'
          ? request.variables.get(argument.value.name.toLowerCase())
          : undefined;
      return {
        name: argument.name ?? '',
        type: compiled.type,
        value,
        output: argument.output,
        assign: (result: SqlValue, type: SqlType) => {
          if (variable !== undefined) variable.value = convertValue(result, type, variable.type);
        },
      };
    });
  } finally {
    execution.release();
  }
}

/**
 * Runs a procedure by name; 2812 when there is none. The result is its RETURN value.
 *
 * A system procedure called through the name of a database works in that database.
 */
export async function callProcedure(
  request: Request,
  call: { name: string; database?: string | null; arguments: readonly Argument[] },
  run: RunText,
): Promise<number> {
  const { state } = request.session;
  const name = parseName(call.name);
  const database = call.database ?? name?.database ?? state.database;
  const procedure = systemProcedure(name?.name ?? call.name, database);
  if (procedure === undefined) throw sqlError(2812, call.name);
  if (database === state.database) return procedure(request, call.arguments, run);
  const { instance, identity } = request.session;
  const access = instance.openDatabase(identity, database);
  if (access.kind === 'refused') throw new SqlError(access.error);
  const before = state.database;
  state.database = database;
  try {
    return await procedure(request, call.arguments, run);
  } finally {
    state.database = before;
  }
}
