/** Control flow, variables, messages, WAITFOR and USE. */

import { unreachable } from '../../../base/assert.ts';
import type { SqlValue } from '../../../tds/sql-type.ts';
import type { ServerMessage } from '../../session.ts';
import type { ControlStatement, Expression, Statement } from '../ast.ts';
import { formatTemplate, serverMessage, SqlError, sqlError } from '../message.ts';
import type { Binder } from '../query/binder.ts';
import { compileExpression, compilePredicate } from '../query/binder.ts';
import { coerce, textOfValue } from '../query/compiled.ts';
import { plainBinder } from '../query/compiler.ts';
import { assignOperator, binaryOperation } from '../query/expression.ts';
import { Cancelled } from './cancelled.ts';
import type { Request } from './context.ts';
import { makeMemoryTable } from './create-table.ts';
import { makeExecution } from './execution.ts';
import { markOrigin } from './error-origin.ts';
import { setOption } from './option.ts';
import { breathe } from './rows.ts';

/** How a statement left: on to the next, or out of a loop or the batch. */
export type Flow = 'next' | 'break' | 'continue' | 'return';

/** The interpreter, for the statements inside statements. */
export interface Runner {
  statement(request: Request, statement: Statement): Promise<Flow>;
  statements(request: Request, statements: readonly Statement[]): Promise<Flow>;
}

type Control = Exclude<ControlStatement, { kind: 'execute-procedure' | 'execute-text' }>;

const NOWHERE = { frame: [], outer: null };

/** Compiles and evaluates with the services of a statement of its own. */
function within<T>(request: Request, use: (binder: Binder) => T): T {
  const execution = makeExecution(request);
  try {
    return use(plainBinder(execution));
  } finally {
    execution.release();
  }
}

function value(request: Request, expression: Expression): SqlValue {
  return within(request, (binder) => compileExpression(binder, expression).evaluate(NOWHERE));
}

function text(request: Request, expression: Expression): string | null {
  const result = within(request, (binder) =>
    coerce(compileExpression(binder, expression), { kind: 'nvarchar', length: 'max' }).evaluate(
      NOWHERE,
    ),
  );
  return result === null ? null : textOfValue(result);
}

/** Runs a control statement. */
export async function runControl(
  request: Request,
  statement: Statement & Control,
  runner: Runner,
): Promise<Flow> {
  switch (statement.kind) {
    case 'declare':
      declare(request, statement);
      return 'next';
    case 'set-variable':
      setVariable(request, statement);
      return 'next';
    case 'set-option':
      setOption(request, statement, (expression) => value(request, expression));
      return 'next';
    case 'if': {
      const outcome = within(request, (binder) =>
        compilePredicate(binder, statement.condition).test(NOWHERE),
      );
      if (outcome === true) return runner.statement(request, statement.then);
      return statement.otherwise === null ? 'next' : runner.statement(request, statement.otherwise);
    }
    case 'while':
      return loop(request, statement, runner);
    case 'block':
      return runner.statements(request, statement.statements);
    case 'try':
      return tryCatch(request, statement, runner);
    case 'break':
      return 'break';
    case 'continue':
      return 'continue';
    case 'return':
      if (statement.value !== null)
        request.returnStatus = Number(value(request, statement.value) ?? 0);
      return 'return';
    case 'throw':
      throw throwError(request, statement);
    case 'raiserror':
      raise(request, statement);
      return 'next';
    case 'print': {
      const message = text(request, statement.message) ?? '';
      request.sink.message({
        number: 0,
        state: 1,
        severity: 0,
        text: message.slice(0, 8000),
        procedure: request.procedure,
        line: statement.line,
      });
      return 'next';
    }
    case 'waitfor':
      await waitFor(request, statement.mode, statement.value);
      return 'next';
    case 'use':
      useDatabase(request, statement.database);
      return 'next';
  }
  return unreachable(statement);
}

function declare(request: Request, statement: Extract<Control, { kind: 'declare' }>): void {
  for (const variable of statement.variables) {
    const key = variable.name.toLowerCase();
    if (variable.kind === 'table') {
      request.tableVariables.set(key, makeMemoryTable(request, variable.name, variable));
      continue;
    }
    const { type, initial } = variable;
    const known = request.variables.get(key);
    // A DECLARE inside a loop is the same variable again.
    if (known === undefined) request.variables.set(key, { type, value: null });
    const own = request.variables.get(key);
    if (initial !== null && own !== undefined) {
      own.value = within(request, (binder) =>
        coerce(compileExpression(binder, initial), type).evaluate(NOWHERE),
      );
    }
  }
}

function setVariable(
  request: Request,
  statement: Extract<Control, { kind: 'set-variable' }>,
): void {
  const variable = request.variables.get(statement.variable.toLowerCase());
  if (variable === undefined) throw sqlError(137, statement.variable);
  variable.value = within(request, (binder) => {
    const right = compileExpression(binder, statement.expression);
    const left = {
      type: variable.type,
      nullable: true,
      local: false,
      nullLiteral: false,
      evaluate: () => variable.value,
    };
    const total =
      statement.operator === '='
        ? right
        : binaryOperation(assignOperator(statement.operator), left, right);
    return coerce(total, variable.type).evaluate(NOWHERE);
  });
}

/** Turns of a loop between two breaths. */
const TURNS_PER_PAUSE = 256;

async function loop(
  request: Request,
  statement: Extract<Control, { kind: 'while' }>,
  runner: Runner,
): Promise<Flow> {
  for (let turn = 1; ; turn += 1) {
    const outcome = within(request, (binder) =>
      compilePredicate(binder, statement.condition).test(NOWHERE),
    );
    if (outcome !== true) return 'next';
    const flow = await runner.statement(request, statement.body);
    if (flow === 'break') return 'next';
    if (flow === 'return') return 'return';
    if (turn % TURNS_PER_PAUSE === 0) await breathe(request);
  }
}

async function tryCatch(
  request: Request,
  statement: Extract<Control, { kind: 'try' }>,
  runner: Runner,
): Promise<Flow> {
  request.tryDepth += 1;
  let caught: ServerMessage;
  try {
    const flow = await runner.statements(request, statement.body);
    request.tryDepth -= 1;
    return flow;
  } catch (error) {
    request.tryDepth -= 1;
    if (!(error instanceof SqlError) || error.detail.severity >= 20) throw error;
    caught = error.detail;
  }
  const outer = request.error;
  request.error = caught;
  try {
    return await runner.statements(request, statement.handler);
  } finally {
    request.error = outer;
  }
}

function throwError(
  request: Request,
  statement: Extract<Control, { kind: 'throw' }> & Statement,
): SqlError {
  if (statement.number === null || statement.message === null || statement.state === null) {
    if (request.error === null) return sqlError(10_704);
    return markOrigin(new SqlError(request.error), 'throw');
  }
  const number = Number(value(request, statement.number));
  if (!(number >= 50_000 && number <= 2_147_483_647)) return sqlError(35_100, number);
  const message = text(request, statement.message) ?? '';
  const state = Number(value(request, statement.state) ?? 1);
  return markOrigin(
    new SqlError({
      number,
      state,
      severity: 16,
      text: message,
      procedure: request.procedure,
      line: statement.line,
    }),
    'throw',
  );
}

function raise(
  request: Request,
  statement: Extract<Control, { kind: 'raiserror' }> & Statement,
): void {
  const severity = Number(value(request, statement.severity) ?? 0);
  const state = Math.max(0, Math.min(255, Number(value(request, statement.state) ?? 1)));
  const parameters = statement.arguments.map((argument) => parameterOf(value(request, argument)));
  if (severity > 18 && !statement.options.includes('LOG')) throw sqlError(2754, 18);
  const first = value(request, statement.message);
  const base = {
    state,
    severity: Math.max(0, severity),
    procedure: request.procedure,
    line: statement.line,
  };
  const detail: ServerMessage =
    typeof first === 'number'
      ? {
          ...serverMessage(first, ...parameters.map((parameter) => parameter ?? '(null)')),
          ...base,
        }
      : { number: 50_000, text: formatTemplate(textOfValue(first), parameters), ...base };
  if (detail.severity > 10) throw markOrigin(new SqlError(detail), 'raiserror');
  request.sink.message(detail);
  if (statement.options.includes('NOWAIT')) request.sink.flush?.();
  if (statement.options.includes('SETERROR')) request.session.lastError = detail.number;
}

function parameterOf(parameter: SqlValue): string | number | bigint | null {
  if (
    parameter === null ||
    typeof parameter === 'string' ||
    typeof parameter === 'number' ||
    typeof parameter === 'bigint'
  )
    return parameter;
  return typeof parameter === 'boolean' ? Number(parameter) : null;
}

const DAY_MS = 86_400_000;

async function waitFor(
  request: Request,
  mode: 'delay' | 'time',
  expression: Expression,
): Promise<void> {
  const { session } = request;
  const span = milliseconds(value(request, expression));
  const clock = session.instance.clock;
  const delay = mode === 'delay' ? span : (span - (clock.now() % DAY_MS) + DAY_MS) % DAY_MS;
  session.state.status = 'suspended';
  session.state.waitType = 'WAITFOR';
  try {
    await clock.sleep(delay, request.signal);
  } catch (error) {
    if (request.signal.aborted) throw new Cancelled('attention');
    throw error;
  } finally {
    session.state.status = 'running';
    session.state.waitType = '';
  }
}

function milliseconds(span: SqlValue): number {
  if (typeof span === 'object' && span !== null && 'ticks' in span)
    return Math.floor(span.ticks / 10_000);
  const match = /^\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?\s*$/u.exec(
    typeof span === 'string' ? span : '',
  );
  const [hours, minutes, seconds] = [
    Number(match?.[1]),
    Number(match?.[2]),
    Number(match?.[3] ?? 0),
  ];
  if (match === null || hours > 23 || minutes > 59 || seconds > 59)
    throw sqlError(148, typeof span === 'string' ? span : '');
  return (
    ((hours * 60 + minutes) * 60 + seconds) * 1000 +
    Math.floor(Number(`0.${match[4] ?? '0'}`) * 1000)
  );
}

/** USE: 911 and the errors of databases that cannot be opened. */
export function useDatabase(request: Request, database: string): void {
  const { session } = request;
  const access = session.instance.openDatabase(session.identity, database);
  if (access.kind === 'refused') throw new SqlError(access.error);
  const id = session.instance.databaseId(database);
  const name = (id === null ? null : session.instance.databaseName(id)) ?? database;
  const from = session.state.database;
  session.state.database = name;
  request.sink.databaseChanged(from, name);
}
