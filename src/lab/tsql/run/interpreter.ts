/** Runs batches: statement by statement, with the rules for errors, transactions and DONE. */

import { unreachable } from '../../../base/assert.ts';
import type { AdminStatement, DefinitionStatement, QueryStatement, Statement } from '../ast.ts';
import { atLine, serverMessage, SqlError, sqlError } from '../message.ts';
import { withVariables } from './backup-variable.ts';
import { BatchAborted, ENDING_BATCH, ROLLING_BACK } from './batch-aborted.ts';
import { runDelete, runUpdate } from './change.ts';
import { registerExecute } from './collect.ts';
import type { Request } from './context.ts';
import { runControl } from './control.ts';
import type { Flow } from './control.ts';
import { runDefinition } from './definition.ts';
import { originOf } from './error-origin.ts';
import { runExecute } from './execute.ts';
import type { StatementExecution } from './execution.ts';
import { makeExecution } from './execution.ts';
import { runInsert, runTruncate } from './insert.ts';
import { parseCached } from './parse-cache.ts';
import { checkCancelled } from './rows.ts';
import { runSelect } from './select.ts';
import type { StatementResult } from './statement-result.ts';
import { NO_COUNT, OTHER_COMMAND } from './statement-result.ts';
import { beginTransaction, runTransaction } from './transaction-statement.ts';

registerExecute(async (request, statement) => {
  await runExecute(request, statement, runText);
});

/** Runs the text of a batch; a syntax error refuses all of it. */
export async function runText(request: Request, text: string): Promise<void> {
  const parsed = parseCached(text, request.session.instance.release);
  if (!parsed.ok) {
    const error = new SqlError({ ...parsed.error, procedure: request.procedure });
    if (request.tryDepth > 0) throw error;
    sendError(request, error);
    throw new BatchAborted('syntax', true);
  }
  await runStatements(request, parsed.value.statements);
}

/** Runs statements in order until one leaves the list. */
export async function runStatements(
  request: Request,
  statements: readonly Statement[],
): Promise<Flow> {
  for (const statement of statements) {
    const flow = await runStatement(request, statement);
    if (flow !== 'next') return flow;
  }
  return 'next';
}

/** Runs one statement; its errors are sent, or thrown to the TRY around it. */
export async function runStatement(request: Request, statement: Statement): Promise<Flow> {
  checkCancelled(request);
  try {
    const flow = await dispatch(request, statement);
    return flow;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return failStatement(request, error, statement.line);
  }
}

function failStatement(request: Request, error: SqlError, line: number): Flow {
  const { session } = request;
  const located = error.detail.line > 1 ? error.detail : atLine(error.detail, line);
  const detail = {
    ...located,
    procedure: located.procedure === '' ? request.procedure : located.procedure,
  };
  session.lastError = detail.number;
  session.rowCount = 0n;
  const raised = originOf(error) === 'raiserror';
  const rollsBack =
    ROLLING_BACK.has(detail.number) ||
    (session.options.xactAbort && !raised) ||
    originOf(error) === 'throw';
  if (request.tryDepth > 0 && detail.severity < 20) {
    if (
      session.transaction.count > 0 &&
      (ROLLING_BACK.has(detail.number) || (session.options.xactAbort && !raised))
    )
      session.transaction.doomed = true;
    throw new SqlError(detail);
  }
  sendError(request, new SqlError(detail));
  if (ROLLING_BACK.has(detail.number) || (session.options.xactAbort && rollsBack))
    rollBackAll(request);
  if (rollsBack || (ENDING_BATCH.has(detail.number) && !raised))
    throw new BatchAborted(detail.text, !rollsBack);
  return 'next';
}

/** Errors of written rows, which the server follows with 3621. */
const TERMINATED: ReadonlySet<number> = new Set([515, 547, 2601, 2627, 2628, 8152]);

function sendError(request: Request, error: SqlError): void {
  request.session.lastError = error.detail.number;
  request.sink.message(error.detail);
  if (TERMINATED.has(error.detail.number)) request.sink.message(serverMessage(3621));
  request.sink.done({ failed: true, command: OTHER_COMMAND });
}

function rollBackAll(request: Request): void {
  const { transaction } = request.session;
  if (transaction.count === 0) return;
  const { descriptor } = transaction;
  transaction.rollback(request);
  request.sink.transactionChanged('rolled-back', descriptor);
}

async function dispatch(request: Request, statement: Statement): Promise<Flow> {
  const { noExec, parseOnly } = request.session.options;
  if ((noExec || parseOnly) && statement.kind !== 'set-option') return 'next';
  switch (statement.kind) {
    case 'select':
    case 'insert':
    case 'update':
    case 'delete':
    case 'truncate':
      return withData(
        request,
        (execution) => runQueryStatement(request, execution, statement),
        statement.kind !== 'select',
      );
    case 'create-table':
    case 'drop-table':
    case 'alter-table':
    case 'create-index':
    case 'drop-index':
    case 'create-schema':
    case 'drop-schema':
    case 'create-user':
    case 'drop-user':
    case 'alter-role':
      return withData(
        request,
        (execution) => runDefinitionStatement(request, execution, statement),
        true,
      );
    case 'begin-transaction':
    case 'commit':
    case 'rollback':
    case 'save-transaction':
      await runTransaction(request, statement);
      finish(request, NO_COUNT);
      return 'next';
    case 'admin':
      await runAdmin(request, statement.statement);
      return 'next';
    case 'execute-procedure':
    case 'execute-text':
      await runExecute(request, statement, runText);
      return 'next';
    default:
      return runControl(request, statement, { statement: runStatement, statements: runStatements });
  }
}

async function runQueryStatement(
  request: Request,
  execution: StatementExecution,
  statement: QueryStatement,
): Promise<StatementResult> {
  switch (statement.kind) {
    case 'select':
      return runSelect(request, execution, statement.query);
    case 'insert':
      return runInsert(request, execution, statement);
    case 'update':
      return runUpdate(request, execution, statement);
    case 'delete':
      return runDelete(request, execution, statement);
    case 'truncate':
      return runTruncate(request, statement.table);
  }
  return unreachable(statement);
}

async function runDefinitionStatement(
  request: Request,
  execution: StatementExecution,
  statement: DefinitionStatement,
): Promise<StatementResult> {
  await runDefinition(request, execution, statement);
  return NO_COUNT;
}

/** Runs a statement over rows: all of it or nothing, committed at once outside a transaction. */
async function withData(
  request: Request,
  run: (execution: StatementExecution) => Promise<StatementResult>,
  writes: boolean,
): Promise<Flow> {
  const { session } = request;
  const { transaction } = session;
  if (transaction.doomed && writes) throw sqlError(3930);
  const access = session.instance.openDatabase(session.identity, session.state.database);
  if (access.kind === 'refused') throw new SqlError(access.error);
  if (session.options.implicitTransactions && transaction.count === 0) beginTransaction(request);
  const mark = transaction.mark();
  const execution = makeExecution(request);
  let result: StatementResult;
  try {
    result = await run(execution);
  } catch (error) {
    execution.release();
    transaction.undoTo(mark);
    if (transaction.count === 0) transaction.rollback(request);
    throw error;
  }
  execution.release();
  if (transaction.count === 0) await transaction.commit(request);
  session.lastError = 0;
  finish(request, result);
  return 'next';
}

function finish(request: Request, result: StatementResult): void {
  const { session } = request;
  session.lastError = 0;
  session.rowCount = BigInt(result.rowCount ?? 0);
  const shown = result.rowCount !== null && !session.options.noCount;
  request.sink.done({
    ...(shown ? { rowCount: BigInt(result.rowCount ?? 0) } : {}),
    failed: false,
    command: result.command,
  });
}

/** Statements about the server: not inside a transaction where SQL Server says so (226, 574, 3021). */
async function runAdmin(request: Request, statement: AdminStatement): Promise<void> {
  const { session } = request;
  if (session.transaction.count > 0) refuseInTransaction(statement);
  const error = await session.instance.administer(request, withVariables(request, statement));
  checkCancelled(request);
  if (error !== null) throw new SqlError(error);
  finish(request, NO_COUNT);
}

function refuseInTransaction(statement: AdminStatement): void {
  const name = statement.kind.toUpperCase().replaceAll('-', ' ');
  switch (statement.kind) {
    case 'create-database':
    case 'drop-database':
    case 'alter-database-hadr':
    case 'alter-database-set':
      throw sqlError(226, name.replace(/ (HADR|SET)$/u, ''));
    case 'create-availability-group':
    case 'create-distributed-availability-group':
    case 'alter-availability-group':
    case 'drop-availability-group':
    case 'create-endpoint':
    case 'alter-endpoint':
    case 'drop-endpoint':
      throw sqlError(574, name.replace('DISTRIBUTED ', ''));
    case 'backup':
    case 'restore':
      throw sqlError(3021);
    default:
  }
}

/** Sends an error that reached the end of a request: of a procedure call, for example. */
export function failRequest(request: Request, error: SqlError): void {
  sendError(request, error);
  if (ROLLING_BACK.has(error.detail.number) || request.session.options.xactAbort)
    rollBackAll(request);
}

/** The message that ends a batch whose transaction can only be rolled back. */
export function endBatch(request: Request): void {
  const { transaction } = request.session;
  if (!transaction.doomed || transaction.count === 0) return;
  sendError(request, new SqlError(serverMessage(3998)));
  rollBackAll(request);
}
