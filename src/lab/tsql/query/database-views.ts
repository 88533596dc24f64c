/** Catalog views of one database that its store answers: `sys.tables`, `sys.columns`, `INFORMATION_SCHEMA`... */

import type { Column, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { CatalogName, CatalogRowset } from '../../instance.ts';
import { SA_SID, sidOf } from '../../sid.ts';
import type { ColumnRecord, PrincipalRecord, TableDefinition } from '../../store/definition.ts';
import type { DatabaseView } from '../../store/transaction.ts';
import { maxLength, typeFamily } from '../value/type.ts';
import { momentOf } from './moment.ts';
import { TYPE_ROWS, typeNumber } from './system-types.ts';

const SYSNAME: SqlType = { kind: 'nvarchar', length: 128 };
const INT: SqlType = { kind: 'int' };
const BIT: SqlType = { kind: 'bit' };
const TINYINT: SqlType = { kind: 'tinyint' };
const BIGINT: SqlType = { kind: 'bigint' };
const DATETIME: SqlType = { kind: 'datetime' };
const DESCRIPTION: SqlType = { kind: 'nvarchar', length: 60 };

type ViewColumn = readonly [name: string, type: SqlType, nullable?: 'null'];

interface View {
  readonly columns: readonly ViewColumn[];
  rows(view: DatabaseView, database: string): Iterable<readonly SqlValue[]>;
}

/** The view of that name; undefined when the store does not answer it. */
export function databaseRowset(
  name: CatalogName,
  open: () => DatabaseView,
): CatalogRowset | undefined {
  const view = views[`${name.schema}.${name.name}`.toLowerCase()];
  if (view === undefined) return undefined;
  const columns = view.columns.map(([column, type, nullable]): Column => ({
    name: column,
    type,
    nullable: nullable === 'null',
  }));
  return { columns, rows: () => view.rows(open(), name.database) };
}

/** Names of the columns of such a view; undefined when the store does not answer it. */
export function databaseViewColumns(view: string): readonly string[] | undefined {
  return views[view]?.columns.map(([name]) => name);
}

function schemaId(view: DatabaseView, name: string): number {
  return view.catalog.schema(name)?.id ?? 1;
}

const OBJECT_COLUMNS: readonly ViewColumn[] = [
  ['name', SYSNAME],
  ['object_id', INT],
  ['principal_id', INT, 'null'],
  ['schema_id', INT],
  ['parent_object_id', INT],
  ['type', { kind: 'char', length: 2 }, 'null'],
  ['type_desc', DESCRIPTION, 'null'],
  ['create_date', DATETIME],
  ['modify_date', DATETIME],
  ['is_ms_shipped', BIT],
  ['is_published', BIT],
  ['is_schema_published', BIT],
];

interface ObjectPart {
  readonly name: string;
  readonly id: number;
  readonly parent: number;
  readonly type: string;
  readonly description: string;
}

function objectRow(view: DatabaseView, table: TableDefinition, part: ObjectPart): SqlValue[] {
  const created = momentOf(table.created);
  return [
    part.name,
    part.id,
    null,
    schemaId(view, table.schema),
    part.parent,
    part.type,
    part.description,
    created,
    created,
    false,
    false,
    false,
  ];
}

function tableObject(table: TableDefinition): ObjectPart {
  return { name: table.name, id: table.id, parent: 0, type: 'U ', description: 'USER_TABLE' };
}

function constraintObjects(table: TableDefinition): ObjectPart[] {
  const parent = table.id;
  return [
    ...table.indexes.flatMap((index): ObjectPart[] =>
      index.objectId === 0
        ? []
        : [
            index.kind === 'primary-key'
              ? {
                  name: index.name,
                  id: index.objectId,
                  parent,
                  type: 'PK',
                  description: 'PRIMARY_KEY_CONSTRAINT',
                }
              : {
                  name: index.name,
                  id: index.objectId,
                  parent,
                  type: 'UQ',
                  description: 'UNIQUE_CONSTRAINT',
                },
          ],
    ),
    ...table.foreignKeys.map((key): ObjectPart => ({
      name: key.name,
      id: key.id,
      parent,
      type: 'F ',
      description: 'FOREIGN_KEY_CONSTRAINT',
    })),
    ...table.checks.map((check): ObjectPart => ({
      name: check.name,
      id: check.id,
      parent,
      type: 'C ',
      description: 'CHECK_CONSTRAINT',
    })),
    ...table.columns.flatMap((column): ObjectPart[] =>
      column.default === null
        ? []
        : [
            {
              name: column.default.name,
              id: column.default.id,
              parent,
              type: 'D ',
              description: 'DEFAULT_CONSTRAINT',
            },
          ],
    ),
  ];
}

function facets(column: ColumnRecord): { precision: number; scale: number } {
  const { type } = column;
  const known = TYPE_ROWS.find((row) => row.name === type.kind);
  if (type.kind === 'decimal' || type.kind === 'numeric')
    return { precision: type.precision, scale: type.scale };
  if (type.kind === 'time' || type.kind === 'datetime2' || type.kind === 'datetimeoffset') {
    const base = type.kind === 'time' ? 8 : type.kind === 'datetime2' ? 19 : 26;
    return { precision: base + (type.scale === 0 ? 0 : type.scale + 1), scale: type.scale };
  }
  return { precision: known?.precision ?? 0, scale: known?.scale ?? 0 };
}

function collation(type: SqlType): string | null {
  return typeFamily(type) === 'string' ? 'SQL_Latin1_General_CP1_CI_AS' : null;
}

/** Index rows of a table: a heap has one of its own with number 0. */
function indexEntries(table: TableDefinition): {
  id: number;
  name: string | null;
  type: number;
  unique: boolean;
  primary: boolean;
  constraint: boolean;
}[] {
  const entries = table.indexes.map((index) => ({
    id: index.id,
    name: index.name,
    type: index.clustered ? 1 : 2,
    unique: index.kind !== 'index',
    primary: index.kind === 'primary-key',
    constraint: index.kind === 'unique-constraint',
  }));
  if (table.indexes.some((index) => index.clustered)) return entries;
  return [
    { id: 0, name: null, type: 0, unique: false, primary: false, constraint: false },
    ...entries,
  ];
}

/** SQL Server numbers of partitions are opaque; these are stable and unique. */
function partitionId(table: TableDefinition, index: number): bigint {
  return 72_057_594_000_000_000n + BigInt(table.id) * 256n + BigInt(index);
}

/** `sid` of a user: its login's; `dbo` is the owner's, which the lab takes to be sa. */
function sidOfUser(principal: PrincipalRecord): Uint8Array | null {
  if (principal.type === 'role') return null;
  if (principal.login === null) return principal.name === 'dbo' ? SA_SID : null;
  return principal.login.toLowerCase() === 'sa' ? SA_SID : sidOf(principal.login);
}

const INDEX_TYPES = ['HEAP', 'CLUSTERED', 'NONCLUSTERED'];

// oxfmt-ignore
const views: Readonly<Record<string, View | undefined>> = {
  'sys.schemas': {
    columns: [['name', SYSNAME], ['schema_id', INT], ['principal_id', INT, 'null']],
    rows: ({ catalog }) => catalog.schemas().map((schema) => [schema.name, schema.id, catalog.principal(schema.owner)?.id ?? 1]),
  },
  'sys.tables': {
    columns: [...OBJECT_COLUMNS, ['max_column_id_used', INT], ['is_filetable', BIT, 'null'], ['is_memory_optimized', BIT, 'null'], ['temporal_type', TINYINT, 'null'], ['is_external', BIT], ['ledger_type', TINYINT, 'null']],
    rows: (view) => view.catalog.tables().map((table) => [...objectRow(view, table, tableObject(table)), Math.max(...table.columns.map((column) => column.id)), false, false, 0, false, 0]),
  },
  'sys.objects': {
    columns: OBJECT_COLUMNS,
    rows: (view) => view.catalog.tables().flatMap((table) => [tableObject(table), ...constraintObjects(table)].map((part) => objectRow(view, table, part))),
  },
  'sys.key_constraints': {
    columns: [...OBJECT_COLUMNS, ['unique_index_id', INT, 'null'], ['is_system_named', BIT]],
    rows: (view) => view.catalog.tables().flatMap((table) => table.indexes.filter((index) => index.objectId !== 0).map((index) => {
      const part = constraintObjects(table).find((candidate) => candidate.id === index.objectId) ?? tableObject(table);
      return [...objectRow(view, table, part), index.id, index.name.includes('__')];
    })),
  },
  'sys.columns': {
    columns: [['object_id', INT], ['name', SYSNAME, 'null'], ['column_id', INT], ['system_type_id', TINYINT], ['user_type_id', INT], ['max_length', { kind: 'smallint' }], ['precision', TINYINT], ['scale', TINYINT], ['collation_name', SYSNAME, 'null'], ['is_nullable', BIT, 'null'], ['is_identity', BIT], ['is_computed', BIT], ['default_object_id', INT]],
    rows: ({ catalog }) => catalog.tables().flatMap((table) => table.columns.map((column) => {
      const { precision, scale } = facets(column);
      const type = typeNumber(column.type.kind);
      return [table.id, column.name, column.id, type, type, maxLength(column.type), precision, scale, collation(column.type), column.nullable, column.identity !== null, column.computed !== null, column.default?.id ?? 0];
    })),
  },
  'sys.identity_columns': {
    columns: [['object_id', INT], ['name', SYSNAME, 'null'], ['column_id', INT], ['seed_value', BIGINT, 'null'], ['increment_value', BIGINT, 'null'], ['last_value', BIGINT, 'null']],
    rows: ({ catalog }) => catalog.tables().flatMap((table) => table.columns.filter((column) => column.identity !== null).map((column) => [table.id, column.name, column.id, column.identity?.seed ?? null, column.identity?.increment ?? null, catalog.lastIdentity(table.id)])),
  },
  'sys.types': {
    columns: [['name', SYSNAME], ['system_type_id', TINYINT], ['user_type_id', INT], ['schema_id', INT], ['max_length', { kind: 'smallint' }], ['precision', TINYINT], ['scale', TINYINT], ['is_nullable', BIT, 'null'], ['is_user_defined', BIT]],
    rows: () => TYPE_ROWS.map((type) => [type.name, type.systemTypeId, type.userTypeId, 4, type.maxLength, type.precision, type.scale, true, false]),
  },
  'sys.indexes': {
    columns: [['object_id', INT], ['name', SYSNAME, 'null'], ['index_id', INT], ['type', TINYINT], ['type_desc', DESCRIPTION, 'null'], ['is_unique', BIT, 'null'], ['data_space_id', INT], ['is_primary_key', BIT, 'null'], ['is_unique_constraint', BIT, 'null'], ['is_disabled', BIT, 'null']],
    rows: ({ catalog }) => catalog.tables().flatMap((table) => indexEntries(table).map((index) => [table.id, index.name, index.id, index.type, INDEX_TYPES[index.type] ?? null, index.unique, 1, index.primary, index.constraint, false])),
  },
  'sys.index_columns': {
    columns: [['object_id', INT], ['index_id', INT], ['index_column_id', INT], ['column_id', INT], ['key_ordinal', TINYINT], ['is_descending_key', BIT, 'null'], ['is_included_column', BIT, 'null']],
    rows: ({ catalog }) => catalog.tables().flatMap((table) => table.indexes.flatMap((index) => [
      ...index.columns.map((key, i) => [table.id, index.id, i + 1, key.column, i + 1, key.descending, false]),
      ...index.include.map((column, i) => [table.id, index.id, index.columns.length + i + 1, column, 0, false, true]),
    ])),
  },
  'sys.foreign_keys': {
    columns: [...OBJECT_COLUMNS, ['referenced_object_id', INT, 'null'], ['key_index_id', INT, 'null'], ['is_disabled', BIT], ['is_not_trusted', BIT], ['delete_referential_action', TINYINT, 'null'], ['delete_referential_action_desc', DESCRIPTION, 'null']],
    rows: (view) => view.catalog.tables().flatMap((table) => table.foreignKeys.map((key) => {
      const action = key.onDelete === 'cascade' ? 1 : key.onDelete === 'set-null' ? 2 : 0;
      return [...objectRow(view, table, { name: key.name, id: key.id, parent: table.id, type: 'F ', description: 'FOREIGN_KEY_CONSTRAINT' }), key.referencedTable, 1, false, false, action, ['NO_ACTION', 'CASCADE', 'SET_NULL'][action] ?? null];
    })),
  },
  'sys.foreign_key_columns': {
    columns: [['constraint_object_id', INT], ['constraint_column_id', INT], ['parent_object_id', INT], ['parent_column_id', INT], ['referenced_object_id', INT], ['referenced_column_id', INT]],
    rows: ({ catalog }) => catalog.tables().flatMap((table) => table.foreignKeys.flatMap((key) => key.columns.map((column, i) => [key.id, i + 1, table.id, column, key.referencedTable, key.referencedColumns[i] ?? 0]))),
  },
  'sys.partitions': {
    columns: [['partition_id', BIGINT], ['object_id', INT], ['index_id', INT], ['partition_number', INT], ['hobt_id', BIGINT], ['rows', BIGINT, 'null'], ['data_compression', TINYINT], ['data_compression_desc', DESCRIPTION, 'null']],
    rows: (view) => view.catalog.tables().flatMap((table) => {
      const count = BigInt(view.count(table));
      return indexEntries(table).map((index) => [partitionId(table, index.id), table.id, index.id, 1, partitionId(table, index.id), count, 0, 'NONE']);
    }),
  },
  'sys.dm_db_partition_stats': {
    columns: [['partition_id', BIGINT, 'null'], ['object_id', INT], ['index_id', INT], ['partition_number', INT], ['row_count', BIGINT, 'null']],
    rows: (view) => view.catalog.tables().flatMap((table) => {
      const count = BigInt(view.count(table));
      return indexEntries(table).map((index) => [partitionId(table, index.id), table.id, index.id, 1, count]);
    }),
  },
  'sys.database_principals': {
    columns: [['name', SYSNAME], ['principal_id', INT], ['type', { kind: 'char', length: 1 }], ['type_desc', DESCRIPTION, 'null'], ['default_schema_name', SYSNAME, 'null'], ['create_date', DATETIME], ['modify_date', DATETIME], ['owning_principal_id', INT, 'null'], ['sid', { kind: 'varbinary', length: 85 }, 'null'], ['is_fixed_role', BIT], ['authentication_type', INT], ['authentication_type_desc', DESCRIPTION, 'null']],
    rows: ({ catalog }) => catalog.principals().map((principal) => {
      const role = principal.type === 'role';
      const created = momentOf(principal.created);
      const fixed = role && principal.fixed && principal.name !== 'public';
      return [principal.name, principal.id, role ? 'R' : 'S', role ? 'DATABASE_ROLE' : 'SQL_USER', role ? null : 'dbo', created, created, role ? 1 : null, sidOfUser(principal), fixed, principal.login === null ? 0 : 1, principal.login === null ? 'NONE' : 'INSTANCE'];
    }),
  },
  'sys.database_role_members': {
    columns: [['role_principal_id', INT], ['member_principal_id', INT]],
    rows: ({ catalog }) => catalog.principals().flatMap((member) => member.roles.flatMap((name) => {
      const role = catalog.principal(name);
      return role === undefined ? [] : [[role.id, member.id]];
    })),
  },
  'information_schema.tables': {
    columns: [['TABLE_CATALOG', SYSNAME, 'null'], ['TABLE_SCHEMA', SYSNAME, 'null'], ['TABLE_NAME', SYSNAME], ['TABLE_TYPE', { kind: 'varchar', length: 10 }, 'null']],
    rows: ({ catalog }, database) => catalog.tables().map((table) => [database, table.schema, table.name, 'BASE TABLE']),
  },
  'information_schema.schemata': {
    columns: [['CATALOG_NAME', SYSNAME, 'null'], ['SCHEMA_NAME', SYSNAME], ['SCHEMA_OWNER', SYSNAME, 'null']],
    rows: ({ catalog }, database) => catalog.schemas().map((schema) => [database, schema.name, schema.owner]),
  },
  'information_schema.columns': {
    columns: [['TABLE_CATALOG', SYSNAME, 'null'], ['TABLE_SCHEMA', SYSNAME, 'null'], ['TABLE_NAME', SYSNAME], ['COLUMN_NAME', SYSNAME, 'null'], ['ORDINAL_POSITION', INT, 'null'], ['IS_NULLABLE', { kind: 'varchar', length: 3 }, 'null'], ['DATA_TYPE', SYSNAME, 'null'], ['CHARACTER_MAXIMUM_LENGTH', INT, 'null'], ['NUMERIC_PRECISION', TINYINT, 'null'], ['NUMERIC_SCALE', INT, 'null'], ['COLLATION_NAME', SYSNAME, 'null']],
    rows: ({ catalog }, database) => catalog.tables().flatMap((table) => table.columns.map((column, i) => {
      const { precision, scale } = facets(column);
      const numeric = ['integer', 'decimal', 'money', 'float'].includes(typeFamily(column.type)) && column.type.kind !== 'bit';
      const length = 'length' in column.type ? (column.type.length === 'max' ? -1 : column.type.length) : null;
      return [database, table.schema, table.name, column.name, i + 1, column.nullable ? 'YES' : 'NO', column.type.kind, length, numeric ? precision : null, numeric ? scale : null, collation(column.type)];
    })),
  },
};
