/** CREATE TABLE: from column definitions to a catalog item; also temporary tables, table variables, SELECT INTO. */

import { unreachable } from '../../../base/assert.ts';
import type { Column } from '../../../tds/sql-type.ts';
import type { Catalog } from '../../store/catalog.ts';
import type {
  CheckRecord,
  ColumnRecord,
  ForeignKeyRecord,
  IndexRecord,
  TableDefinition,
} from '../../store/definition.ts';
import type { ColumnDefinition, IndexColumn, ObjectName, TableConstraint } from '../ast.ts';
import { sqlError } from '../message.ts';
import { same } from '../query/scope.ts';
import type { Request } from './context.ts';
import { writtenName } from './execution.ts';
import { MemoryTable } from './memory-table.ts';

/** What a new table is made of. */
export interface NewTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly TableConstraint[];
  /** Null for tables in memory: no foreign keys. */
  readonly catalog: Catalog | null;
  readonly now: number;
  nextId(): number;
}

/** Builds the definition; 2705, 2744, 8111, 1776, 1911... */
export function buildTable(table: NewTable): TableDefinition {
  const id = table.nextId();
  const columns = table.columns.map((column, i) => buildColumn(table, column, i + 1));
  columns.forEach((column, i) => {
    if (columns.findIndex((other) => same(other.name, column.name)) !== i)
      throw sqlError(2705, column.name, table.name);
  });
  if (columns.filter((column) => column.identity !== null).length > 1)
    throw sqlError(2744, table.name);
  const empty: TableDefinition = {
    id,
    schema: table.schema,
    name: table.name,
    columns,
    indexes: [],
    foreignKeys: [],
    checks: [],
    created: table.now,
  };
  const own = table.columns.flatMap((column) =>
    column.constraints.filter((constraint) => constraint.kind !== 'default'),
  );
  const constraints = [...own, ...table.constraints];
  return constraints.reduce(
    (definition, constraint) => withConstraint(definition, constraint, table),
    empty,
  );
}

/** Builds a column of a new or changed table. */
export function buildColumn(
  table: Pick<NewTable, 'name' | 'nextId'>,
  column: ColumnDefinition,
  id: number,
): ColumnRecord {
  const inKey = column.constraints.some((constraint) => constraint.kind === 'primary-key');
  if (
    column.identity !== null &&
    !['tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric'].includes(column.type.kind)
  )
    throw sqlError(2749, column.name);
  const base = {
    id,
    name: column.name,
    type: column.type,
    identity: column.identity,
    computed: column.computed,
  };
  const named = column.constraints.find((constraint) => constraint.kind === 'default');
  const expression = column.default ?? named?.value ?? null;
  return {
    ...base,
    nullable: column.nullable ?? (!inKey && column.identity === null),
    default:
      expression === null
        ? null
        : {
            id: table.nextId(),
            name: named?.name ?? systemName('DF', table.name, column.name),
            expression,
          },
  };
}

function systemName(prefix: string, table: string, part: string): string {
  let hash = 0;
  for (const character of `${table}.${part}`)
    hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return `${prefix}__${table.slice(0, 9)}__${part.slice(0, 5)}__${hash.toString(16).toUpperCase().padStart(8, '0')}`;
}

type ConstraintHost = Pick<NewTable, 'catalog' | 'nextId'>;

/** The table with one more constraint. */
export function withConstraint(
  table: TableDefinition,
  constraint: TableConstraint,
  host: ConstraintHost,
): TableDefinition {
  switch (constraint.kind) {
    case 'primary-key':
    case 'unique':
      return withKey(table, constraint, host);
    case 'foreign-key':
      return host.catalog === null
        ? table
        : {
            ...table,
            foreignKeys: [
              ...table.foreignKeys,
              foreignKey(table, constraint, { catalog: host.catalog, nextId: host.nextId }),
            ],
          };
    case 'check': {
      const check: CheckRecord = {
        id: host.nextId(),
        name: constraint.name ?? systemName('CK', table.name, String(table.checks.length)),
        condition: constraint.condition,
      };
      return { ...table, checks: [...table.checks, check] };
    }
    case 'default': {
      const place = columnOf(table, constraint.column);
      const columns = table.columns.map((column) =>
        column.id === place.id
          ? {
              ...column,
              default: {
                id: host.nextId(),
                name: constraint.name ?? systemName('DF', table.name, column.name),
                expression: constraint.value,
              },
            }
          : column,
      );
      return { ...table, columns };
    }
  }
  return unreachable(constraint);
}

function columnOf(table: TableDefinition, name: string): ColumnRecord {
  const column = table.columns.find((candidate) => same(candidate.name, name));
  if (column === undefined) throw sqlError(1911, name);
  return column;
}

/** Key columns of an index by name. */
export function keyColumns(
  table: TableDefinition,
  columns: readonly IndexColumn[],
): IndexRecord['columns'] {
  return columns.map((column) => ({
    column: columnOf(table, column.name).id,
    descending: column.descending,
  }));
}

/** A free `index_id`. */
export function nextIndexId(table: TableDefinition, clustered: boolean): number {
  if (clustered) return 1;
  return Math.max(1, ...table.indexes.map((index) => index.id)) + 1;
}

function withKey(
  table: TableDefinition,
  constraint: Extract<TableConstraint, { kind: 'primary-key' | 'unique' }>,
  host: ConstraintHost,
): TableDefinition {
  const primary = constraint.kind === 'primary-key';
  if (primary && table.indexes.some((index) => index.kind === 'primary-key'))
    throw sqlError(1779, table.name);
  const clustered =
    primary && constraint.clustered && !table.indexes.some((index) => index.clustered);
  const columns = keyColumns(table, constraint.columns);
  const index: IndexRecord = {
    id: nextIndexId(table, clustered),
    objectId: host.nextId(),
    name:
      constraint.name ??
      systemName(primary ? 'PK' : 'UQ', table.name, String(table.indexes.length)),
    kind: primary ? 'primary-key' : 'unique-constraint',
    clustered,
    columns,
    include: [],
  };
  const inKey = new Set(columns.map((key) => key.column));
  const keyed = primary
    ? table.columns.map((column) =>
        inKey.has(column.id) ? { ...column, nullable: false } : column,
      )
    : table.columns;
  return { ...table, columns: keyed, indexes: [...table.indexes, index] };
}

function foreignKey(
  table: TableDefinition,
  constraint: Extract<TableConstraint, { kind: 'foreign-key' }>,
  host: { readonly catalog: Catalog; nextId(): number },
): ForeignKeyRecord {
  const { references } = constraint;
  const name = constraint.name ?? systemName('FK', table.name, constraint.columns.join('_'));
  const self = same(references.name, table.name) && same(references.schema ?? 'dbo', table.schema);
  const parent = self ? table : host.catalog.table(references.schema ?? 'dbo', references.name);
  if (parent === undefined) throw sqlError(1767, name, writtenName(references));
  const primary = parent.indexes.find((index) => index.kind === 'primary-key');
  const wanted =
    constraint.referencedColumns.length > 0
      ? constraint.referencedColumns.map((column) => columnOf(parent, column).id)
      : (primary?.columns.map((key) => key.column) ?? []);
  const key = parent.indexes.some(
    (index) =>
      index.kind !== 'index' &&
      index.columns.length === wanted.length &&
      index.columns.every((part) => wanted.includes(part.column)),
  );
  if (!key || wanted.length !== constraint.columns.length)
    throw sqlError(1776, writtenName(references), name);
  return {
    id: host.nextId(),
    name,
    columns: constraint.columns.map((column) => columnOf(table, column).id),
    referencedTable: parent.id,
    referencedColumns: wanted,
    onDelete: constraint.onDelete,
  };
}

/** Numbers for objects outside any database file. */
export function memoryIds(request: Request): () => number {
  return () => (request.session.nextObjectId -= 1);
}

/** Makes a table in memory. */
export function makeMemoryTable(
  request: Request,
  name: string,
  parts: { columns: readonly ColumnDefinition[]; constraints: readonly TableConstraint[] },
): MemoryTable {
  const definition = buildTable({
    schema: 'dbo',
    name,
    columns: parts.columns,
    constraints: parts.constraints,
    catalog: null,
    now: request.session.instance.clock.now(),
    nextId: memoryIds(request),
  });
  return new MemoryTable(definition);
}

/** CREATE TABLE of any name. */
export async function createTable(
  request: Request,
  name: ObjectName,
  parts: { columns: readonly ColumnDefinition[]; constraints: readonly TableConstraint[] },
): Promise<void> {
  const { session } = request;
  if (name.name.startsWith('#')) {
    const key = name.name.toLowerCase();
    if (session.temporaryTables.has(key)) throw sqlError(2714, name.name);
    session.temporaryTables.set(key, makeMemoryTable(request, name.name, parts));
    session.transaction.undoLog(() => session.temporaryTables.delete(key));
    return;
  }
  const database = name.database ?? session.state.database;
  const writer = await session.transaction.writer(request, database, session.options.lockTimeoutMs);
  const schema = writer.catalog.schema(name.schema ?? 'dbo');
  if (schema === undefined) throw sqlError(2760, name.schema ?? 'dbo');
  if (writer.catalog.table(schema.name, name.name) !== undefined) throw sqlError(2714, name.name);
  let used = 0;
  const table = buildTable({
    schema: schema.name,
    name: name.name,
    columns: parts.columns,
    constraints: parts.constraints,
    catalog: writer.catalog,
    now: session.instance.clock.now(),
    nextId: () => writer.catalog.nextObjectId(used++),
  });
  writer.put({ kind: 'table', table });
}

/** SELECT INTO: a table with the columns of a result. */
export async function createFromColumns(
  request: Request,
  name: ObjectName,
  columns: readonly Column[],
): Promise<void> {
  const definitions = columns.map((column, i): ColumnDefinition => {
    if (column.name === '') throw sqlError(1038);
    if (columns.findIndex((other) => same(other.name, column.name)) !== i)
      throw sqlError(2705, column.name, name.name);
    return {
      name: column.name,
      type: column.type,
      nullable: column.nullable,
      identity: null,
      default: null,
      constraints: [],
      computed: null,
    };
  });
  await createTable(request, name, { columns: definitions, constraints: [] });
}
