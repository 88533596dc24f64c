/** INSERT ... EXEC: runs a procedure or text and keeps its rows instead of sending them. */

import type { Column, SqlValue } from '../../../tds/sql-type.ts';
import type { ResponseSink } from '../../session.ts';
import type { ExecuteStatement } from '../ast.ts';
import { sqlError } from '../message.ts';
import type { Request } from './context.ts';
import { sendRowset } from './send-rowset.ts';

/** Runs EXEC; set by the interpreter, which itself needs INSERT. */
export type ExecuteRunner = (request: Request, statement: ExecuteStatement) => Promise<void>;

const runners: ExecuteRunner[] = [];

/** Announces the interpreter's EXEC. */
export function registerExecute(runner: ExecuteRunner): void {
  runners[0] = runner;
}

/** Runs EXEC and collects its rows. */
export async function executeCollecting(
  request: Request,
  statement: ExecuteStatement,
): Promise<{ columns: readonly Column[]; rows: (readonly SqlValue[])[] }> {
  const [runner] = runners;
  if (runner === undefined) throw sqlError(16901, 'EXEC');
  let columns: readonly Column[] = [];
  const rows: (readonly SqlValue[])[] = [];
  const sink: ResponseSink = {
    columns: (next) => {
      columns = next;
    },
    row: (values) => {
      rows.push(values);
    },
    done: () => undefined,
    message: (message) => request.sink.message(message),
    databaseChanged: (from, to) => request.sink.databaseChanged(from, to),
    transactionChanged: (change, descriptor) => request.sink.transactionChanged(change, descriptor),
    returnStatus: () => undefined,
    returnValue: () => undefined,
    drain: () => Promise.resolve(),
  };
  await runner({ ...request, sink, result: (rowset) => sendRowset(sink, rowset) }, statement);
  return { columns, rows };
}
