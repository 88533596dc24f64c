/** The functions of the catalog: what stands in FROM, and `sys.fn_hadr_is_primary_replica` as one row. */

import type { SqlValue } from '../../tds/sql-type.ts';
import { isPreferredForBackup } from '../hadr/read-only-routing.ts';
import { receivingRole } from '../hadr/access.ts';
import { LOG_STATS_VIEW } from '../declared.ts';
import { nameKey } from '../hadr/state.ts';
import type { PlainRow } from './cell.ts';
import { systemDatabaseId } from './row/system-database.ts';
import { userFileRows } from './row/file.ts';
import { VOLUME_COLUMNS, volumeRows } from './row/volume.ts';
import { mayRead, type ViewContext } from './view.ts';

/** A function with its result columns in the form of `column-table.ts`. */
export interface TableFunction {
  readonly columns: string;
  rows(context: ViewContext, values: readonly SqlValue[]): Iterable<PlainRow>;
}

/** Columns of `sys.dm_db_log_stats` (2016 SP2 and later). */
export const LOG_STATS_COLUMNS = `
  database_id:int recovery_model:nvarchar(60) log_min_lsn:nvarchar(24) log_end_lsn:nvarchar(24)
  current_vlf_sequence_number:bigint current_vlf_size_mb:float total_vlf_count:bigint
  total_log_size_mb:float active_vlf_count:bigint active_log_size_mb:float
  log_truncation_holdup_reason:nvarchar(60) log_backup_time:datetime log_backup_lsn:nvarchar(24)
  log_since_last_log_backup_mb:float log_checkpoint_lsn:nvarchar(24)
  log_since_last_checkpoint_mb:float log_recovery_lsn:nvarchar(24) log_recovery_size_mb:float
  recovery_vlf_count:bigint`;

/** Functions by name. */
export const tableFunctions: Readonly<Record<string, TableFunction | undefined>> = {
  'sys.fn_hadr_distributed_ag_database_replica': {
    columns: 'group_database_id:uniqueidentifier',
    rows: localDatabaseRows,
  },
  'sys.fn_hadr_distributed_ag_replica': {
    columns: 'group_id:uniqueidentifier',
    rows: localGroupRows,
  },
  'sys.fn_hadr_is_primary_replica': { columns: 'is_primary_replica:bit', rows: primaryRows },
  'sys.fn_hadr_backup_is_preferred_replica': {
    columns: 'is_preferred_replica:bit',
    rows: preferredRows,
  },
  'sys.dm_io_virtual_file_stats': {
    columns: `
      database_id:smallint file_id:smallint sample_ms:bigint num_of_reads:bigint
      num_of_bytes_read:bigint io_stall_read_ms:bigint num_of_writes:bigint
      num_of_bytes_written:bigint io_stall_write_ms:bigint io_stall:bigint
      size_on_disk_bytes:bigint file_handle:varbinary(8) io_stall_queued_read_ms:bigint!
      io_stall_queued_write_ms:bigint!`,
    rows: fileStatisticRows,
  },
  'sys.dm_db_log_stats': { columns: LOG_STATS_COLUMNS, rows: logStatRows },
  'sys.dm_os_volume_stats': { columns: VOLUME_COLUMNS, rows: volumeRows },
};

const PAGE_BYTES = 8192;

/** (DAG id, database id in the DAG) -> id of the same database in the local group. */
function* localDatabaseRows(
  { instance }: ViewContext,
  [groupId, databaseId]: readonly SqlValue[],
): Iterable<PlainRow> {
  const dag = Object.values(instance.distributed).find((item) => sameGuid(item.groupId, groupId));
  if (dag === undefined) return;
  const ids = [
    ...Object.values(dag.databases).map((item) => ({ key: item.key, id: item.groupDatabaseId })),
    ...instance.seedingHistory
      .filter((row) => sameGuid(row.groupId, groupId))
      .map((row) => ({ key: nameKey(row.database), id: row.groupDatabaseId })),
  ];
  const found = ids.find((item) => sameGuid(item.id, databaseId));
  const local = found === undefined ? null : instance.databases[found.key]?.groupDatabaseId;
  if (local !== null && local !== undefined) yield { group_database_id: local };
}

/** (DAG id, member id) -> id of the local group that is this member. */
function* localGroupRows(
  { instance }: ViewContext,
  [groupId, replicaId]: readonly SqlValue[],
): Iterable<PlainRow> {
  const dag = Object.values(instance.distributed).find((item) => sameGuid(item.groupId, groupId));
  const member = dag?.members.find((item) => sameGuid(item.replicaId, replicaId));
  const group = member === undefined ? undefined : instance.groups[nameKey(member.group)];
  if (group !== undefined) yield { group_id: group.groupId };
}

/** 1 when the copy is writable by its groups, 0 on a secondary or forwarder, NULL outside a group. */
function* primaryRows({ instance }: ViewContext, [name]: readonly SqlValue[]): Iterable<PlainRow> {
  const database = typeof name === 'string' ? instance.databases[nameKey(name)] : undefined;
  const group = database?.group ?? null;
  const primary =
    database === undefined || group === null
      ? null
      : instance.groups[group]?.role === 'PRIMARY' && receivingRole(instance, database) === null;
  yield { is_primary_replica: primary };
}

/** 1 where a backup job should run, 0 elsewhere, 0 for a database that is not here. */
function* preferredRows(
  { instance }: ViewContext,
  [name]: readonly SqlValue[],
): Iterable<PlainRow> {
  const database = typeof name === 'string' ? instance.databases[nameKey(name)] : undefined;
  yield {
    is_preferred_replica: database !== undefined && isPreferredForBackup(instance, database),
  };
}

/** (database id or NULL, file id or NULL): the lab counts no I/O, only sizes are true. */
function* fileStatisticRows(
  context: ViewContext,
  [databaseId, fileId]: readonly SqlValue[],
): Iterable<PlainRow> {
  for (const database of Object.values(context.instance.databases)) {
    for (const file of userFileRows(context, database)) {
      const wanted =
        (databaseId ?? database.id) === database.id &&
        (fileId ?? file['file_id']) === file['file_id'];
      if (wanted && systemDatabaseId(database.name) === undefined) {
        yield {
          database_id: database.id,
          file_id: file['file_id'],
          sample_ms: Math.round(context.now - context.instance.startedAt),
          num_of_reads: 0,
          num_of_bytes_read: 0,
          io_stall_read_ms: 0,
          num_of_writes: 0,
          num_of_bytes_written: 0,
          io_stall_write_ms: 0,
          io_stall: 0,
          size_on_disk_bytes: Number(file['size']) * PAGE_BYTES,
          io_stall_queued_read_ms: 0,
          io_stall_queued_write_ms: 0,
        };
      }
    }
  }
}

/** Virtual log files of a small log as CREATE DATABASE cuts it. */
const VLF_COUNT = 4;
const BYTES_PER_MB = 1_048_576;

/** (database id): counts of the log; the lab has one file and cuts it into no pieces. */
function* logStatRows(context: ViewContext, [databaseId]: readonly SqlValue[]): Iterable<PlainRow> {
  if (!mayRead(context, { visibility: 'performance', rows: () => [] }, 'dm_db_log_stats')) return;
  const database = Object.values(context.instance.databases).find(({ id }) => id === databaseId);
  if (database?.state !== 'ONLINE') return;
  const files = userFileRows(context, database).filter((file) => file['type'] === 1);
  const bytes = files.reduce((sum, file) => sum + Number(file['size']) * PAGE_BYTES, 0);
  const stated = context.source.stated(LOG_STATS_VIEW);
  yield {
    database_id: database.id,
    recovery_model: database.recoveryModel,
    total_vlf_count: VLF_COUNT,
    total_log_size_mb: bytes / BYTES_PER_MB,
    active_vlf_count: 1,
    active_log_size_mb: Math.min(database.log.totalBytes, bytes) / BYTES_PER_MB,
    log_since_last_log_backup_mb: Math.min(database.log.totalBytes, bytes) / BYTES_PER_MB,
    ...Object.assign(
      {},
      ...stated.flatMap((each) => (each.database === database.key ? [each.row] : [])),
    ),
  };
}

function sameGuid(id: string, value: SqlValue | undefined): boolean {
  return typeof value === 'string' && value.toUpperCase() === id.toUpperCase();
}
