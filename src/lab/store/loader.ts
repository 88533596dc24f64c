/**
 * Fills a database without T-SQL and without log: sample data of presets, before any backup exists.
 *
 * One transaction for everything; row numbers follow the order of the rows.
 */

import { required } from '../../base/assert.ts';
import type { SqlType, SqlValue } from '../../tds/sql-type.ts';
import type { Expression } from '../tsql/ast.ts';
import type { Catalog } from './catalog.ts';
import type { Database } from './database.ts';
import type { ColumnRecord, ForeignKeyRecord, IndexRecord, TableDefinition } from './definition.ts';
import type { StoreTransaction } from './transaction.ts';

/** A column of a loaded table. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: SqlType;
  /** Absent: not nullable. */
  readonly nullable?: boolean;
  readonly identity?: { readonly seed: bigint; readonly increment: bigint };
  /** Value when an INSERT names none. */
  readonly default?: Expression;
}

/** A table to create. Names of keys and indexes follow SQL Server's habit when they are not given. */
export interface TableSpec {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  /** Empty: a heap. */
  readonly primaryKey: readonly string[];
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly { readonly name: string; readonly columns: readonly string[] }[];
  readonly foreignKeys?: readonly {
    readonly columns: readonly string[];
    readonly references: { readonly schema: string; readonly name: string };
    readonly referencedColumns: readonly string[];
  }[];
}

/** What a loading function may do. */
export interface Loader {
  createSchema(name: string): void;
  createTable(spec: TableSpec): void;
  /** Rows with one value per column in definition order, identity and all; returns the number of rows. */
  loadRows(
    table: { readonly schema: string; readonly name: string },
    rows: Iterable<readonly SqlValue[]>,
  ): number;
  createUser(name: string, login: string | null, roles: readonly string[]): void;
}

/** Runs a loading function; all of it is kept, or nothing when it throws. `now` stamps what is created. */
export function loadDatabase(
  database: Database,
  now: number,
  load: (loader: Loader) => void,
): void {
  const transaction = required(database.tryBegin(), 'write lock of a database being loaded');
  try {
    load(makeLoader(transaction, now));
    transaction.seal();
    transaction.commit();
  } finally {
    transaction.rollback();
  }
}

function makeLoader(transaction: StoreTransaction, now: number): Loader {
  return {
    createSchema: (name) =>
      transaction.put({
        kind: 'schema',
        schema: { id: transaction.catalog.nextSchemaId(), name, owner: 'dbo' },
      }),
    createTable: (spec) =>
      transaction.put({ kind: 'table', table: buildTable(transaction, spec, now) }),
    loadRows: (name, rows) => {
      const table = required(
        transaction.catalog.table(name.schema, name.name),
        `table ${name.schema}.${name.name}`,
      );
      return fill(transaction, table, rows);
    },
    createUser: (name, login, roles) =>
      transaction.put({
        kind: 'principal',
        principal: {
          id: transaction.catalog.nextPrincipalId(),
          name,
          type: 'user',
          login,
          fixed: false,
          roles,
          created: now,
        },
      }),
  };
}

function fill(
  transaction: StoreTransaction,
  table: TableDefinition,
  rows: Iterable<readonly SqlValue[]>,
): number {
  const place = table.columns.findIndex((column) => column.identity !== null);
  const all = [...rows];
  transaction.load(table, all);
  let highest: bigint | null = null;
  for (const row of all) {
    const value = place === -1 ? null : row[place];
    if (typeof value === 'number' || typeof value === 'bigint') {
      const identity = BigInt(value);
      if (highest === null || identity > highest) highest = identity;
    }
  }
  if (highest !== null) transaction.setIdentity(table, highest);
  return all.length;
}

function buildTable(transaction: StoreTransaction, spec: TableSpec, now: number): TableDefinition {
  const { catalog } = transaction;
  let used = 0;
  const nextId = (): number => catalog.nextObjectId(used++);
  const id = nextId();
  const columns = spec.columns.map((column, i): ColumnRecord => ({
    id: i + 1,
    name: column.name,
    type: column.type,
    nullable: column.nullable ?? false,
    identity: column.identity ?? null,
    default:
      column.default === undefined
        ? null
        : { id: nextId(), name: `DF_${spec.name}_${column.name}`, expression: column.default },
    computed: null,
  }));
  return {
    id,
    schema: spec.schema,
    name: spec.name,
    columns,
    indexes: specIndexes(spec, columns, nextId),
    foreignKeys: specForeignKeys(spec, catalog, { columns, nextId }),
    checks: [],
    created: now,
  };
}

function idIn(columns: readonly ColumnRecord[], name: string): number {
  return required(
    columns.find((column) => column.name === name),
    `column ${name}`,
  ).id;
}

function specIndexes(
  spec: TableSpec,
  columns: readonly ColumnRecord[],
  nextId: () => number,
): IndexRecord[] {
  const keyOf = (names: readonly string[]): IndexRecord['columns'] =>
    names.map((name) => ({ column: idIn(columns, name), descending: false }));
  const indexes: IndexRecord[] = [];
  if (spec.primaryKey.length > 0) {
    indexes.push({
      id: 1,
      objectId: nextId(),
      name: `PK_${spec.name}`,
      kind: 'primary-key',
      clustered: true,
      columns: keyOf(spec.primaryKey),
      include: [],
    });
  }
  for (const names of spec.unique ?? []) {
    indexes.push({
      id: indexes.length + 2,
      objectId: nextId(),
      name: `UQ_${spec.name}_${names.join('_')}`,
      kind: 'unique-constraint',
      clustered: false,
      columns: keyOf(names),
      include: [],
    });
  }
  for (const index of spec.indexes ?? []) {
    indexes.push({
      id: indexes.length + 2,
      objectId: 0,
      name: index.name,
      kind: 'index',
      clustered: false,
      columns: keyOf(index.columns),
      include: [],
    });
  }
  return indexes;
}

function specForeignKeys(
  spec: TableSpec,
  catalog: Catalog,
  own: { columns: readonly ColumnRecord[]; nextId: () => number },
): ForeignKeyRecord[] {
  return (spec.foreignKeys ?? []).map((key): ForeignKeyRecord => {
    const target = required(
      catalog.table(key.references.schema, key.references.name),
      `table ${key.references.name}`,
    );
    return {
      id: own.nextId(),
      name: `FK_${spec.name}_${target.name}_${key.columns.join('_')}`,
      columns: key.columns.map((name) => idIn(own.columns, name)),
      referencedTable: target.id,
      referencedColumns: key.referencedColumns.map((name) => idIn(target.columns, name)),
      onDelete: 'no-action',
    };
  });
}
