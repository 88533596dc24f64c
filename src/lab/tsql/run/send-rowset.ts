/** Sends a result set that an administrative statement made. */

import type { CatalogRowset } from '../../instance.ts';
import type { ResponseSink } from '../../session.ts';
import { OTHER_COMMAND } from './statement-result.ts';

/** Columns, rows, and the DONE behind them. */
export function sendRowset(sink: ResponseSink, rowset: CatalogRowset): void {
  sink.columns(rowset.columns);
  let rowCount = 0n;
  for (const row of rowset.rows()) {
    sink.row(row);
    rowCount += 1n;
  }
  sink.done({ rowCount, failed: false, command: OTHER_COMMAND });
}
