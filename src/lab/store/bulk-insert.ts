/** Inserts many rows with few statements: twice as fast as one by one, for sample data. */

import type { SqlValue } from '../../tds/sql-type.ts';
import type { CellValue } from './codec.ts';
import type { Connection } from './connection.ts';
import type { TableDefinition } from './definition.ts';
import { physicalName } from './physical.ts';

/** Rows per statement: more gain nothing and cost memory. */
const BATCH = 64;

/** Writes rows with their row numbers; throws SQLite's error on a duplicate key. */
export function insertRows(
  connection: Connection,
  table: TableDefinition,
  rows: readonly { readonly row: number; readonly values: readonly SqlValue[] }[],
): void {
  const codecs = connection.codecs(table);
  const columns = table.columns.map((column) => `c${column.id}, `).join('');
  const one = `(${'?, '.repeat(table.columns.length)}?)`;
  const head = `INSERT INTO ${physicalName(table)}(${columns}r) VALUES`;
  const full = head + `${one},`.repeat(BATCH - 1) + one;
  for (let from = 0; from < rows.length; from += BATCH) {
    const batch = rows.slice(from, from + BATCH);
    const cells: CellValue[] = [];
    for (const { row, values } of batch) {
      for (let at = 0; at < codecs.length; at += 1) {
        cells.push(codecs[at]?.encode(values[at] ?? null) ?? null);
      }
      cells.push(BigInt(row));
    }
    const text = batch.length === BATCH ? full : head + `${one},`.repeat(batch.length - 1) + one;
    connection.run(text, cells);
  }
}
