/** SELECT as a statement: result sets, assignments, SELECT INTO. */

import { unreachable } from '../../../base/assert.ts';
import type { ObjectName, Query, QueryBody, TableSource } from '../ast.ts';
import { sqlError } from '../message.ts';
import type { CompiledQuery } from '../query/binder.ts';
import { compileQuery } from '../query/binder.ts';
import { plainBinder } from '../query/compiler.ts';
import type { Request } from './context.ts';
import { createFromColumns } from './create-table.ts';
import type { StatementExecution } from './execution.ts';
import { collectRows, sendRows } from './rows.ts';
import { openTarget } from './open-target.ts';
import type { StatementResult } from './statement-result.ts';

/** MS-TDS CurCmd of SELECT. */
export const SELECT_COMMAND = 0xc1;

/** Runs a SELECT. */
export async function runSelect(
  request: Request,
  execution: StatementExecution,
  query: Query,
): Promise<StatementResult> {
  const { body } = query;
  if (body.kind === 'select' && body.into !== null)
    return selectInto(request, { execution, query, into: body.into });
  await lockForUpdate(request, body);
  const compiled = compileQuery(plainBinder(execution), query);
  const assigning =
    body.kind === 'select' ? body.items.filter((item) => item.kind === 'assign').length : 0;
  if (assigning > 0) {
    if (body.kind === 'select' && assigning !== body.items.length) throw sqlError(141);
    const rows = await collectRows(request, compiled);
    return { rowCount: rows.length, command: SELECT_COMMAND, resultSet: false };
  }
  const rows = compiled.rows({ frame: [], outer: null });
  request.sink.columns(compiled.columns);
  // FMTONLY describes the result and reads nothing.
  if (request.session.options.fmtOnly)
    return { rowCount: 0, command: SELECT_COMMAND, resultSet: true };
  const count = await sendRows(request, rows).catch((error: unknown) => {
    // A result set that was begun must end, also when a CATCH block takes the error.
    if (request.tryDepth > 0) request.sink.done({ failed: false, command: SELECT_COMMAND });
    throw error;
  });
  return { rowCount: count, command: SELECT_COMMAND, resultSet: true };
}

/** UPDLOCK, XLOCK and TABLOCKX inside a transaction take the write lock, so that read and write belong together. */
async function lockForUpdate(request: Request, body: QueryBody): Promise<void> {
  const { session } = request;
  if (session.transaction.count === 0 || body.kind !== 'select') return;
  for (const name of body.from.flatMap(lockedTables)) {
    if (name.name.startsWith('#')) continue;
    await session.transaction.writer(
      request,
      name.database ?? session.state.database,
      session.options.lockTimeoutMs,
    );
  }
}

function lockedTables(source: TableSource): ObjectName[] {
  switch (source.kind) {
    case 'table':
      return source.hints.some((hint) =>
        ['UPDLOCK', 'XLOCK', 'TABLOCKX'].includes(hint.toUpperCase()),
      )
        ? [source.name]
        : [];
    case 'join':
    case 'apply':
      return [...lockedTables(source.left), ...lockedTables(source.right)];
    case 'table-variable':
    case 'derived':
    case 'function':
      return [];
  }
  return unreachable(source);
}

async function selectInto(
  request: Request,
  into: { execution: StatementExecution; query: Query; into: ObjectName },
): Promise<StatementResult> {
  const { execution, query } = into;
  const { session } = request;
  if (!into.into.name.startsWith('#')) {
    await session.transaction.writer(
      request,
      into.into.database ?? session.state.database,
      session.options.lockTimeoutMs,
    );
  }
  const compiled: CompiledQuery = compileQuery(plainBinder(execution), query);
  const rows = await collectRows(request, compiled);
  await createFromColumns(request, into.into, compiled.columns);
  const target = await openTarget(request, into.into);
  for (const row of rows) target.insert(row.slice(0, compiled.columns.length));
  return { rowCount: rows.length, command: SELECT_COMMAND, resultSet: false };
}
