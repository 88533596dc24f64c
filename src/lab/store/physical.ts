/**
 * The SQLite side of a table: names, DDL, and the expressions under which columns are indexed.
 *
 * Table `t<object_id>`, columns `c<column_id>`, hidden row number `r`. Indexes are on *key expressions*:
 * strings through `textkey()` (default collation), NULL as a marker, because in SQL Server a unique
 * key admits one NULL only.
 */

import { foldString } from '../tsql/value/collate.ts';
import type { CellValue } from './codec.ts';
import { cellCodec } from './codec.ts';
import type { ColumnRecord, IndexRecord, TableDefinition } from './definition.ts';

/** Function registered on every connection: text to its collation key, NULL to the marker. */
export const TEXT_KEY = 'textkey';

const NULL_MARKER_BLOB = "x'00'";

/** Name of the SQLite table. */
export function physicalName(table: TableDefinition): string {
  return `t${table.id}`;
}

function isText(column: ColumnRecord): boolean {
  switch (column.type.kind) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
    case 'xml':
      return true;
    default:
      return false;
  }
}

function isBytes(column: ColumnRecord): boolean {
  return (
    column.type.kind === 'binary' ||
    column.type.kind === 'varbinary' ||
    column.type.kind === 'image'
  );
}

/** SQL under which a column is indexed and compared. */
export function keyExpression(column: ColumnRecord): string {
  if (isText(column)) return `${TEXT_KEY}(c${column.id})`;
  if (isBytes(column)) return `ifnull(c${column.id}, '')`;
  return `ifnull(c${column.id}, ${NULL_MARKER_BLOB})`;
}

/** Key of an encoded cell: equal keys for values that SQL Server calls equal. */
export function cellKey(column: ColumnRecord, cell: CellValue): CellValue {
  if (isText(column)) return textKeyOfCell(cell);
  if (cell !== null) return cell;
  return isBytes(column) ? '' : new Uint8Array([0]);
}

/** Body of the registered function. */
export function textKeyOfCell(cell: CellValue): CellValue {
  if (cell === null) return new Uint8Array([0]);
  return typeof cell === 'string' ? foldString(cell) : cell;
}

/** A range test in SQLite means the same as in SQL Server. */
export function isOrdered(column: ColumnRecord): boolean {
  return cellCodec(column.type).ordered;
}

function indexName(table: TableDefinition, index: IndexRecord): string {
  return `i${table.id}_${index.id}`;
}

function createIndex(table: TableDefinition, index: IndexRecord): string {
  const keys = index.columns.map((key) => {
    const column = table.columns.find((candidate) => candidate.id === key.column);
    if (column === undefined) throw new RangeError(`index ${index.name}: no column ${key.column}`);
    return keyExpression(column);
  });
  const unique = index.kind === 'index' ? '' : 'UNIQUE ';
  return `CREATE ${unique}INDEX ${indexName(table, index)} ON ${physicalName(table)}(${keys.join(', ')})`;
}

/** The DDL that turns one definition into another; undefined stands for "no table". */
export function tableChange(
  before: TableDefinition | undefined,
  after: TableDefinition | undefined,
): string[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined && after !== undefined) {
    const columns = after.columns.map((column) => `, c${column.id} ANY`).join('');
    return [
      `CREATE TABLE ${physicalName(after)}(r INTEGER PRIMARY KEY${columns}) STRICT`,
      ...after.indexes.map((index) => createIndex(after, index)),
    ];
  }
  if (before !== undefined && after === undefined) return [`DROP TABLE ${physicalName(before)}`];
  return before === undefined || after === undefined ? [] : alterTable(before, after);
}

function alterTable(before: TableDefinition, after: TableDefinition): string[] {
  const table = physicalName(after);
  const text = (index: IndexRecord, owner: TableDefinition): string => createIndex(owner, index);
  const kept = new Set(
    before.indexes
      .filter((old) =>
        after.indexes.some(
          (index) => index.id === old.id && text(index, after) === text(old, before),
        ),
      )
      .map((index) => index.id),
  );
  const beforeIds = new Set(before.columns.map((column) => column.id));
  const afterIds = new Set(after.columns.map((column) => column.id));
  return [
    ...before.indexes
      .filter((index) => !kept.has(index.id))
      .map((index) => `DROP INDEX ${indexName(before, index)}`),
    ...before.columns
      .filter((column) => !afterIds.has(column.id))
      .map((column) => `ALTER TABLE ${table} DROP COLUMN c${column.id}`),
    ...after.columns
      .filter((column) => !beforeIds.has(column.id))
      .map((column) => `ALTER TABLE ${table} ADD COLUMN c${column.id} ANY`),
    ...after.indexes.filter((index) => !kept.has(index.id)).map((index) => text(index, after)),
  ];
}
