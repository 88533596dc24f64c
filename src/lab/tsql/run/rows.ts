/** Driving row streams: pauses let other sessions run, honour an attention, and wait for the client. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { CompiledQuery } from '../query/binder.ts';
import type { Row, Rows } from '../query/execution.ts';
import { PAUSE } from '../query/execution.ts';
import { Cancelled } from './cancelled.ts';
import type { Request } from './context.ts';

const ROWS_PER_DRAIN = 256;

/** Stops when the request was cancelled. */
export function checkCancelled(request: Request): void {
  if (request.signal.aborted) throw new Cancelled('attention');
}

/** Lets everything else in the process run once. */
export async function breathe(request: Request): Promise<void> {
  checkCancelled(request);
  await new Promise<void>((resolve) => setImmediate(resolve));
  checkCancelled(request);
}

/** Sends the rows of a query; number of rows. */
export async function sendRows(request: Request, rows: Rows): Promise<number> {
  let count = 0;
  const limit = request.session.options.rowCount;
  for (const row of rows) {
    if (row === PAUSE) {
      await breathe(request);
      continue;
    }
    request.sink.row(row);
    count += 1;
    if (limit > 0 && count >= limit) break;
    if (count % ROWS_PER_DRAIN === 0) {
      await request.sink.drain();
      checkCancelled(request);
    }
  }
  return count;
}

/** Collects the rows of a query. */
export async function collectRows(request: Request, query: CompiledQuery): Promise<Row[]> {
  const result: Row[] = [];
  const limit = request.session.options.rowCount;
  for (const row of query.rows({ frame: [], outer: null })) {
    if (row === PAUSE) {
      await breathe(request);
      continue;
    }
    result.push(row);
    if (limit > 0 && result.length >= limit) break;
  }
  return result;
}

/** Sends rows that are already there. */
export function sendAll(request: Request, rows: readonly (readonly SqlValue[])[]): void {
  for (const row of rows) request.sink.row(row);
}
