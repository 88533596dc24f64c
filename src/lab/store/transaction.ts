/**
 * A writing transaction of one database: it holds the write lock and keeps every change with its
 * before-image, from which statement rollback, savepoints, rollback and the log payload are all made.
 */

import { assert, unreachable } from '../../base/assert.ts';
import type { SqlValue } from '../../tds/sql-type.ts';
import { insertRows } from './bulk-insert.ts';
import type { Catalog } from './catalog.ts';
import { toPlain, valueBytes } from './codec.ts';
import type { Connection, Prefilter, StoredRow } from './connection.ts';
import type { LogOperation, LogPayload } from './database-store.ts';
import type { CatalogChange, CatalogItem, TableDefinition } from './definition.ts';
import { inverseChange, itemKey } from './definition.ts';
import { physicalName, tableChange } from './physical.ts';

/** Rows and schema as one statement or transaction sees them. */
export interface DatabaseView {
  readonly catalog: Catalog;
  /** Rows that pass the filters, perhaps some more; each row ends with its row number. */
  scan(table: TableDefinition, filters: readonly Prefilter[]): Iterable<StoredRow>;
  count(table: TableDefinition): number;
}

/** What a transaction needs of its database. */
export interface TransactionHost {
  readonly writer: Connection;
  readonly catalog: Catalog;
  nextRow(table: TableDefinition): number;
  /** Live identity counter; survives a rollback, as gaps do in SQL Server. */
  readonly identities: Map<number, bigint | null>;
  /** The transaction is over; `catalog` is the committed one, null after a rollback. */
  finished(catalog: Catalog | null): void;
}

const RECORD_OVERHEAD = 60;
const MAX_OPERATIONS = 5_000_000;

/** A writing transaction; made by `Database.begin`. */
export class StoreTransaction implements DatabaseView {
  readonly #host: TransactionHost;
  readonly #operations: LogOperation[] = [];
  readonly #identityBefore = new Map<number, bigint | null>();
  #catalog: Catalog;
  #ownCatalog = false;
  #sealed: LogPayload | null = null;
  #open = true;

  constructor(host: TransactionHost) {
    this.#host = host;
    this.#catalog = host.catalog;
    host.writer.exec('BEGIN IMMEDIATE');
  }

  /** Neither committed nor rolled back; a transaction can be ended from outside when redo needs the database. */
  get open(): boolean {
    return this.#open;
  }

  /** Schema as this transaction sees it. */
  get catalog(): Catalog {
    return this.#catalog;
  }

  /** Reads through the writer: own changes are visible. */
  scan(table: TableDefinition, filters: readonly Prefilter[]): Iterable<StoredRow> {
    return this.#host.writer.scan(table, filters);
  }

  /** Number of rows, own changes included. */
  count(table: TableDefinition): number {
    return this.#host.writer.count(table);
  }

  /** Adds a row; throws SQLite's error on a duplicate key. */
  insert(table: TableDefinition, values: readonly SqlValue[]): number {
    const row = this.#host.nextRow(table);
    this.#perform({ kind: 'insert', table: table.id, row, after: values });
    return row;
  }

  /** Adds rows without a log record and without a way to take back a part: a database being loaded. */
  load(table: TableDefinition, rows: Iterable<readonly SqlValue[]>): number {
    assert(this.#open && this.#sealed === null, 'load in an open transaction');
    const numbered = Array.from(rows, (values) => ({ row: this.#host.nextRow(table), values }));
    insertRows(this.#host.writer, table, numbered);
    return numbered.length;
  }

  /** Adds a row again under its old number: the second half of an update of key columns. */
  insertAs(table: TableDefinition, row: number, values: readonly SqlValue[]): void {
    this.#perform({ kind: 'insert', table: table.id, row, after: values });
  }

  /** Changes a row; throws SQLite's error on a duplicate key. */
  update(table: TableDefinition, before: StoredRow, after: readonly SqlValue[]): void {
    const { row, values } = split(table, before);
    this.#perform({ kind: 'update', table: table.id, row, before: values, after });
  }

  /** Removes a row. */
  delete(table: TableDefinition, before: StoredRow): void {
    const { row, values } = split(table, before);
    this.#perform({ kind: 'delete', table: table.id, row, before: values });
  }

  /** Puts an item into the schema, or replaces it. */
  put(item: CatalogItem): void {
    const key = itemKey(item);
    this.#change({ key, before: this.#catalog.item(key), after: item });
  }

  /** Removes an item from the schema. Rows of a table must be deleted before. */
  remove(key: string): void {
    this.#change({ key, before: this.#catalog.item(key), after: undefined });
  }

  /** Next identity value of a table. */
  nextIdentity(table: TableDefinition, identity: { seed: bigint; increment: bigint }): bigint {
    const last = this.lastIdentity(table);
    const next = last === null ? identity.seed : last + identity.increment;
    this.setIdentity(table, next);
    return next;
  }

  /** Last identity value of a table; null before the first. */
  lastIdentity(table: TableDefinition): bigint | null {
    const live = this.#host.identities.get(table.id);
    return live === undefined ? this.#catalog.lastIdentity(table.id) : live;
  }

  /** Moves the identity counter: explicit values, TRUNCATE. */
  setIdentity(table: TableDefinition, value: bigint | null): void {
    if (!this.#identityBefore.has(table.id)) {
      this.#identityBefore.set(table.id, this.#catalog.lastIdentity(table.id));
    }
    this.#host.identities.set(table.id, value);
  }

  /** A point to return to. */
  mark(): number {
    return this.#operations.length;
  }

  /** Takes back everything after the mark. */
  undoTo(mark: number): void {
    while (this.#operations.length > mark) {
      const operation = this.#operations.pop();
      if (operation !== undefined) this.#apply(inverseOperation(operation));
    }
  }

  /** Nothing was changed so far. */
  get empty(): boolean {
    return this.#operations.length === 0 && this.#identityBefore.size === 0;
  }

  /** Closes the list of changes and gives it to the log. */
  seal(): LogPayload {
    if (this.#sealed !== null) return this.#sealed;
    for (const [table, before] of this.#identityBefore) this.#sealIdentity(table, before);
    let bytes = RECORD_OVERHEAD;
    for (const operation of this.#operations) bytes += operationBytes(operation);
    this.#sealed = { operations: this.#operations, bytes };
    return this.#sealed;
  }

  /** Makes the changes durable and frees the lock. `seal` comes first. */
  commit(): void {
    assert(this.#sealed !== null && this.#open, 'commit of an open, sealed transaction');
    this.#open = false;
    this.#host.writer.exec('COMMIT');
    this.#host.finished(this.#catalog);
  }

  /** Forgets the changes and frees the lock. */
  rollback(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#host.writer.exec('ROLLBACK');
    this.#host.finished(null);
  }

  #sealIdentity(table: number, before: bigint | null): void {
    if (this.#catalog.tableById(table) === undefined) return;
    const last = this.#host.identities.get(table) ?? null;
    if (last === before) return;
    const key = `identity:${table}`;
    this.#change({
      key,
      before: this.#catalog.item(key),
      after: { kind: 'identity', table, last },
    });
  }

  #change(change: CatalogChange): void {
    this.#perform({ kind: 'schema', change, inverse: inverseChange(change) });
  }

  #perform(operation: LogOperation): void {
    assert(this.#open && this.#sealed === null, 'change in an open transaction');
    if (this.#operations.length >= MAX_OPERATIONS)
      throw new RangeError(`more than ${MAX_OPERATIONS} changes in one transaction`);
    this.#apply(operation);
    this.#operations.push(operation);
  }

  #apply(operation: LogOperation): void {
    if (operation.kind === 'schema' && !this.#ownCatalog) {
      this.#catalog = this.#catalog.clone();
      this.#ownCatalog = true;
    }
    applyOperation(this.#host.writer, this.#catalog, operation);
  }
}

/** Parts a stored row into its number and its values. */
export function split(
  table: TableDefinition,
  stored: StoredRow,
): { row: number; values: SqlValue[] } {
  const width = table.columns.length;
  return { row: stored[width] as number, values: stored.slice(0, width) };
}

/** The operation that takes an operation back. */
export function inverseOperation(operation: LogOperation): LogOperation {
  switch (operation.kind) {
    case 'insert':
      return {
        kind: 'delete',
        table: operation.table,
        row: operation.row,
        before: operation.after,
      };
    case 'update':
      return { ...operation, before: operation.after, after: operation.before };
    case 'delete':
      return {
        kind: 'insert',
        table: operation.table,
        row: operation.row,
        after: operation.before,
      };
    case 'schema':
      return { kind: 'schema', change: operation.inverse, inverse: operation.change };
  }
  return unreachable(operation);
}

/**
 * Applies one operation to SQLite and to the schema in memory. A row that is not there is not an
 * error: a copy that lost a transaction (a fault of the lab) must keep redoing.
 */
export function applyOperation(
  connection: Connection,
  catalog: Catalog,
  operation: LogOperation,
): void {
  if (operation.kind === 'schema') {
    applyChange(connection, catalog, operation.change as CatalogChange);
    return;
  }
  const table = catalog.tableById(operation.table);
  assert(table !== undefined, `operation on unknown table ${operation.table}`);
  const name = physicalName(table);
  if (operation.kind === 'delete') {
    connection.run(`DELETE FROM ${name} WHERE r = ?`, [BigInt(operation.row)]);
    return;
  }
  const codecs = connection.codecs(table);
  const cells = codecs.map((codec, i) => codec.encode(operation.after[i] ?? null));
  if (operation.kind === 'insert') {
    cells.push(BigInt(operation.row));
    const columns = table.columns.map((column) => `c${column.id}, `).join('');
    connection.run(
      `INSERT INTO ${name}(${columns}r) VALUES(${cells.map(() => '?').join(',')})`,
      cells,
    );
    return;
  }
  const assignments = table.columns.map((column) => `c${column.id} = ?`).join(', ');
  connection.run(`UPDATE ${name} SET ${assignments} WHERE r = ?`, [
    ...cells,
    BigInt(operation.row),
  ]);
}

function applyChange(connection: Connection, catalog: Catalog, change: CatalogChange): void {
  const before = change.before?.kind === 'table' ? change.before.table : undefined;
  const after = change.after?.kind === 'table' ? change.after.table : undefined;
  for (const sql of tableChange(before, after)) connection.exec(sql);
  catalog.apply(change);
  writeItem(connection, change.key, change.after);
}

/** Keeps an item in the file, so that an image carries the schema. */
export function writeItem(
  connection: Connection,
  key: string,
  item: CatalogItem | undefined,
): void {
  if (item === undefined) connection.run('DELETE FROM catalog WHERE key = ?', [key]);
  else
    connection.run('INSERT OR REPLACE INTO catalog(key, item) VALUES(?, ?)', [
      key,
      JSON.stringify(toPlain(item)),
    ]);
}

function operationBytes(operation: LogOperation): number {
  let bytes = RECORD_OVERHEAD;
  if (operation.kind === 'schema') return bytes + JSON.stringify(toPlain(operation.change)).length;
  if (operation.kind !== 'insert') for (const value of operation.before) bytes += valueBytes(value);
  if (operation.kind !== 'delete') for (const value of operation.after) bytes += valueBytes(value);
  return bytes;
}
