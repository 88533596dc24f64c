/** sp_executesql, sp_prepare, sp_execute, sp_prepexec and sp_unprepare. */

import { sqlError } from '../message.ts';
import { convertValue } from '../query/compiled.ts';
import { evaluateNow } from '../query/compiler.ts';
import type { Variable } from '../query/execution.ts';
import { same } from '../query/scope.ts';
import { BatchAborted } from '../run/batch-aborted.ts';
import { nestedRequest } from '../run/context.ts';
import type { Prepared, Request } from '../run/context.ts';
import { makeExecution } from '../run/execution.ts';
import { restoreDatabase } from '../run/restore-database.ts';
import { parseParameters } from './parameter-list.ts';
import type { Argument, Procedure, RunText } from './procedure.ts';
import { numberOf, textOf } from './procedure.ts';

interface Call extends Prepared {
  readonly given: readonly Argument[];
}

async function runParameterized(request: Request, call: Call, run: RunText): Promise<number> {
  const inner = nestedRequest(request, request.procedure);
  const bound = bindVariables(inner, call);
  const { database } = request.session.state;
  try {
    await run(inner, call.text);
  } catch (error) {
    // The error was sent; the caller of the procedure goes on, unless the transaction is gone.
    if (!(error instanceof BatchAborted) || !error.scopeOnly) throw error;
    return request.session.lastError;
  } finally {
    restoreDatabase(request, database);
    for (const { argument, variable } of bound)
      if (argument.output) argument.assign(variable.value, variable.type);
  }
  return inner.returnStatus;
}

function bindVariables(inner: Request, call: Call): { argument: Argument; variable: Variable }[] {
  const declared = parseParameters(call.declarations);
  const bound: { argument: Argument; variable: Variable }[] = [];
  const execution = makeExecution(inner);
  try {
    declared.forEach((parameter, i) => {
      const named = call.given.find(
        (argument) => argument.name !== '' && same(argument.name, parameter.name),
      );
      const positional = call.given[i];
      const argument = named ?? (positional?.name === '' ? positional : undefined);
      const variable: Variable = { type: parameter.type, value: null };
      if (argument === undefined || argument.value === undefined) {
        if (parameter.initial === null)
          throw sqlError(8178, `(${call.declarations})${call.text}`, parameter.name);
        variable.value = evaluateNow(execution, parameter.initial, parameter.type);
      } else variable.value = convertValue(argument.value, argument.type, parameter.type);
      inner.variables.set(parameter.name.toLowerCase(), variable);
      if (argument !== undefined) bound.push({ argument, variable });
    });
  } finally {
    execution.release();
  }
  if (call.given.length > declared.length) throw sqlError(8144, 'sp_executesql');
  const unknown = call.given.find(
    (argument) =>
      argument.name !== '' && !declared.some((parameter) => same(parameter.name, argument.name)),
  );
  if (unknown !== undefined) throw sqlError(8145, unknown.name, 'sp_executesql');
  return bound;
}

/** `sp_executesql @stmt, @params, ...`. */
export const executeSql: Procedure = async (request, given, run) => {
  const text = textOf(given[0]);
  if (text === null) throw sqlError(214, '@statement', 'ntext/nchar/nvarchar');
  return runParameterized(
    request,
    { text, declarations: textOf(given[1]) ?? '', given: given.slice(2) },
    run,
  );
};

function prepare(request: Request, handle: Argument | undefined, prepared: Prepared): void {
  const { session } = request;
  parseParameters(prepared.declarations);
  const number = session.nextHandle;
  session.nextHandle += 1;
  session.prepared.set(number, prepared);
  handle?.assign(number, { kind: 'int' });
}

/** `sp_prepare @handle OUTPUT, @params, @stmt, @options`. */
export const prepareSql: Procedure = async (request, given) => {
  prepare(request, given[0], {
    declarations: textOf(given[1]) ?? '',
    text: textOf(given[2]) ?? '',
  });
  return Promise.resolve(0);
};

/** `sp_prepexec @handle OUTPUT, @params, @stmt, ...`. */
export const prepareAndExecute: Procedure = async (request, given, run) => {
  const prepared = { declarations: textOf(given[1]) ?? '', text: textOf(given[2]) ?? '' };
  const old = numberOf(given[0]);
  if (old !== null) request.session.prepared.delete(old);
  prepare(request, given[0], prepared);
  return runParameterized(request, { ...prepared, given: given.slice(3) }, run);
};

/** `sp_execute @handle, ...`. */
export const executePrepared: Procedure = async (request, given, run) => {
  const handle = numberOf(given[0]);
  const prepared = request.session.prepared.get(handle ?? 0);
  if (prepared === undefined) throw sqlError(8179, handle ?? 0);
  return runParameterized(request, { ...prepared, given: given.slice(1) }, run);
};

/** `sp_unprepare @handle`. */
export const unprepare: Procedure = async (request, given) => {
  const handle = numberOf(given[0]);
  if (!request.session.prepared.delete(handle ?? 0)) throw sqlError(8179, handle ?? 0);
  return Promise.resolve(0);
};
