/** Puts the rows that a definition states into the rows that the lab makes. */

import { parseUtc } from '../../base/utc.ts';
import type { SqlType, SqlValue } from '../../tds/sql-type.ts';
import type { DeclaredRecord, DeclaredRow, DeclaredValue } from '../declared.ts';
import { nameKey } from '../hadr/state.ts';
import { cell, zeroOf, type PlainValue } from './cell.ts';
import { databaseScopedViews } from './columns/database-feature.ts';
import type { ViewContext } from './view.ts';

/** What stated rows are read against. */
export interface DeclaredPlace {
  /** Lower case, for example `sys.databases`. */
  readonly view: string;
  readonly records: readonly DeclaredRecord[];
  /** Key of the database the view is read in; null for a view that shows every database. */
  readonly only: string | null;
  /** `database_id` of a database of this instance. */
  readonly databaseId: (key: string) => number | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

interface ShapedColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** Columns that name a row; a stated row without a partner is added. No column: the only row. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  'sys.availability_group_listener_ip_addresses': ['ip_address'],
  'sys.availability_group_listeners': ['dns_name'],
  'sys.availability_groups': ['name'],
  'sys.availability_replicas': ['replica_server_name'],
  'sys.certificates': ['name'],
  'sys.databases': ['database_id'],
  'sys.database_files': ['name'],
  'sys.database_mirroring': ['database_id'],
  'sys.database_principals': ['name'],
  'sys.database_query_store_options': [],
  'sys.database_recovery_status': ['database_id'],
  'sys.configurations': ['name'],
  'sys.dm_db_log_space_usage': [],
  'sys.dm_db_log_stats': ['database_id'],
  'sys.dm_exec_connections': [],
  'sys.dm_hadr_cluster': [],
  'sys.dm_hadr_cluster_members': ['member_name'],
  'sys.dm_os_host_info': [],
  'sys.dm_os_sys_info': [],
  'sys.dm_os_sys_memory': [],
  'sys.dm_server_services': ['servicename'],
  'sys.dm_tcp_listener_states': ['port'],
  'sys.endpoints': ['name'],
  'sys.database_mirroring_endpoints': ['name'],
  'sys.tcp_endpoints': ['name'],
  'sys.master_files': ['database_id', 'name'],
  'sys.resource_governor_configuration': [],
  'sys.server_principals': ['name'],
  'sys.sql_logins': ['name'],
  'sys.tables': ['name'],
};

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Where a view is read, when something is stated about it; null otherwise. */
export function statedPlace(context: ViewContext, view: string): DeclaredPlace | null {
  const records = context.source.stated(view);
  if (records.length === 0) return null;
  return {
    view,
    records,
    only: databaseScopedViews.has(view) ? nameKey(context.database) : null,
    databaseId: (key) => context.instance.databases[key]?.id,
    now: context.now,
  };
}

/** The rows with what is stated about them. */
export function* withDeclared(
  columns: readonly ShapedColumn[],
  rows: Iterable<readonly SqlValue[]>,
  place: DeclaredPlace,
): Iterable<readonly SqlValue[]> {
  const open = statedRows(columns, place);
  const keys = KEYS[place.view];
  const used = new Set<DeclaredRow>();
  for (const row of rows) {
    let changed = row;
    for (const stated of open) {
      if (
        keys === undefined ||
        !keys.every((key) => sameCell(columns, row, { key, stated, place }))
      )
        continue;
      used.add(stated);
      changed = columns.map((column, index) =>
        column.name in stated ? valueIn(column, stated, place) : (changed[index] ?? null),
      );
    }
    yield changed;
  }
  for (const stated of open) {
    if (!used.has(stated)) yield columns.map((column) => valueIn(column, stated, place));
  }
}

/** Stated rows that belong here, with `database_id` filled in. */
function statedRows(
  columns: readonly ShapedColumn[],
  place: DeclaredPlace,
): readonly DeclaredRow[] {
  const needsId = columns.some((column) => column.name === 'database_id');
  return place.records.flatMap((record): DeclaredRow[] => {
    if (place.only !== null && (record.database ?? 'master') !== place.only) return [];
    if (record.database === null) return [record.row];
    const id = place.databaseId(record.database);
    if (id === undefined) return [];
    return [needsId ? { database_id: id, ...record.row } : record.row];
  });
}

function sameCell(
  columns: readonly ShapedColumn[],
  row: readonly SqlValue[],
  asked: { readonly key: string; readonly stated: DeclaredRow; readonly place: DeclaredPlace },
): boolean {
  const index = columns.findIndex((column) => column.name === asked.key);
  const column = columns[index];
  if (column === undefined || !(asked.key in asked.stated)) return false;
  const wanted = keyText(valueIn(column, asked.stated, asked.place));
  return wanted !== null && wanted === keyText(row[index]);
}

/** A key as it is compared: names without regard to case, numbers by their digits; null for what is no key. */
function keyText(value: SqlValue | undefined): string | null {
  if (typeof value === 'string') return value.toLowerCase();
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

function valueIn(column: ShapedColumn, stated: DeclaredRow, place: DeclaredPlace): SqlValue {
  const value = cell(column.type, plainValue(column.type, stated[column.name], place.now));
  return value === null && !column.nullable ? cell(column.type, zeroOf(column.type)) : value;
}

/** A stated value as row builders write it. */
export function plainValue(
  type: SqlType,
  value: DeclaredValue | undefined,
  now: number,
): PlainValue {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'bit':
      return value === true || value === 1;
    case 'datetime':
    case 'datetimeoffset':
      return typeof value === 'string' ? momentFrom(value, now) : null;
    case 'binary':
    case 'varbinary':
      return typeof value === 'string' ? Uint8Array.from(Buffer.from(value.slice(2), 'hex')) : null;
    case 'sql_variant':
      return variantOf(value, now);
    case 'numeric':
    case 'decimal':
      return BigInt(value === true ? 1 : value === false ? 0 : value);
    case 'nvarchar':
    case 'varchar':
    case 'nchar':
    case 'char':
    case 'uniqueidentifier':
      return String(value);
    default:
      return Number(value);
  }
}

function variantOf(value: string | number | boolean, now: number): PlainValue {
  if (typeof value !== 'string')
    return { kind: 'variant', type: { kind: 'int' }, value: Number(value) };
  const at = momentFrom(value, now);
  if (at === null) return { kind: 'variant', type: { kind: 'nvarchar', length: 128 }, value };
  const type: SqlType = { kind: 'datetime' };
  return { kind: 'variant', type, value: cell(type, at) };
}

/** Milliseconds since 1970 of `now`, `now-40d`, `now+2h` or an ISO date; null for other text. */
export function momentFrom(text: string, now: number): number | null {
  const relative = /^now(?:(?<sign>[+-])(?<count>\d+)(?<unit>[smhd]))?$/u.exec(text);
  if (relative !== null) {
    const { sign = '+', count = '0', unit = 's' } = relative.groups ?? {};
    return now + (sign === '-' ? -1 : 1) * Number(count) * (UNIT_MS[unit] ?? 0);
  }
  const [date = '', time] = text.split('T');
  return parseUtc(`${date}T${(time ?? '00:00').replace(/Z$/u, '')}Z`);
}
