/** Rows of the views about databases: state, files, log chain. */

import { receivingRole } from '../../hadr/access.ts';
import { linksOver } from '../../hadr/turn.ts';
import type { DatabaseState, InstanceState } from '../../hadr/state.ts';
import { nameKey } from '../../hadr/state.ts';
import type { PlainRow } from '../cell.ts';
import { codes, databaseStateCode } from '../code.ts';
import { can, emptyView, type ViewContext, type ViewTable } from '../view.ts';
import { fileRows, userFileRows } from './file.ts';
import { SYSTEM_DATABASES, systemDatabaseId, type SystemDatabase } from './system-database.ts';

const SA_SID = Uint8Array.of(1);
/** master, model and msdb of a real server carry the day SQL Server 2005's build was cut: 2003-04-08. */
const SYSTEM_CREATED = 1_049_785_200_000;
const BYTES_PER_MB = 1_048_576;

const userAccess = codes('MULTI_USER', 'SINGLE_USER', 'RESTRICTED_USER');
const recoveryModel = codes('', 'FULL', 'BULK_LOGGED', 'SIMPLE');
const logReuse = codes('NOTHING', '', 'LOG_BACKUP', '', '', '', '', '', '', 'AVAILABILITY_REPLICA');

/** Views about databases and their files. */
export const databaseViews: ViewTable = {
  'sys.databases': { visibility: 'everyone', rows: databaseRows },
  'sys.master_files': { visibility: 'everyone', rows: masterFileRows },
  'sys.database_files': { visibility: 'everyone', rows: currentFileRows },
  'sys.database_recovery_status': { visibility: 'everyone', rows: recoveryRows },
  'sys.database_mirroring': { visibility: 'everyone', rows: mirroringRows },
  'sys.dm_db_log_space_usage': { visibility: 'performance', rows: logSpaceRows },
  'sys.dm_db_persisted_sku_features': emptyView('performance'),
  'sys.dm_database_encryption_keys': emptyView('security'),
};

function* databaseRows(context: ViewContext): Iterable<PlainRow> {
  for (const system of SYSTEM_DATABASES) yield systemRow(context.instance, system);
  for (const database of userDatabases(context)) yield userRow(context, database);
}

/** VIEW ANY DATABASE is public's by default; a denial leaves the system databases. */
function userDatabases(context: ViewContext): readonly DatabaseState[] {
  const all = Object.values(context.instance.databases).toSorted((a, b) => a.id - b.id);
  const denied = context.record.permissions.some(
    (item) =>
      item.permission === 'VIEW ANY DATABASE' &&
      item.state === 'DENY' &&
      item.grantee === context.identity.loginName.toLowerCase(),
  );
  return denied
    ? all.filter((item) => context.source.hasDatabaseAccess(context.identity.loginName, item.name))
    : all;
}

function systemRow(instance: InstanceState, system: SystemDatabase): PlainRow {
  const model = recoveryModel(system.recoveryModel);
  return {
    ...fixedColumns(instance),
    ...openColumns(),
    name: system.name,
    database_id: system.id,
    owner_sid: SA_SID,
    create_date: system.name === 'tempdb' ? instance.startedAt : SYSTEM_CREATED,
    user_access: 0,
    user_access_desc: 'MULTI_USER',
    is_read_only: false,
    is_auto_close_on: false,
    state: 0,
    state_desc: 'ONLINE',
    recovery_model: model.code,
    recovery_model_desc: model.text,
    log_reuse_wait: 0,
    log_reuse_wait_desc: 'NOTHING',
    service_broker_guid: '00000000-0000-0000-0000-000000000000',
    is_broker_enabled: system.name === 'msdb',
    is_trustworthy_on: system.name === 'msdb',
    is_db_chaining_on: system.name !== 'model',
    physical_database_name: system.name,
  };
}

function userRow(context: ViewContext, database: DatabaseState): PlainRow {
  const { instance } = context;
  const state = databaseStateCode(database.state);
  const access = userAccess(database.userAccess);
  const model = recoveryModel(database.recoveryModel);
  const reuse = logReuse(logReuseText(instance, database));
  const group = database.group === null ? undefined : instance.groups[database.group];
  const replica = group?.replicas.find((item) => nameKey(item.serverName) === instance.key);
  return {
    ...fixedColumns(instance),
    // A database that is not open has no collation and no options to show.
    ...(database.state === 'ONLINE' ? openColumns() : {}),
    name: database.name,
    database_id: database.id,
    owner_sid: ownerSid(context, database),
    create_date: database.createdAt,
    user_access: access.code,
    user_access_desc: access.text,
    is_read_only: database.readOnly,
    is_auto_close_on: database.autoClose,
    state: state.code,
    state_desc: state.text,
    recovery_model: model.code,
    recovery_model_desc: model.text,
    log_reuse_wait: reuse.code,
    log_reuse_wait_desc: reuse.text,
    service_broker_guid: database.familyId,
    replica_id: group === undefined ? null : replica?.replicaId,
    group_database_id: database.groupDatabaseId,
    physical_database_name: database.name,
  };
}

function ownerSid(context: ViewContext, database: DatabaseState): Uint8Array | undefined {
  const owner = database.owner.toLowerCase();
  return context.record.principals.find((item) => item.name.toLowerCase() === owner)?.sid;
}

function logReuseText(instance: InstanceState, database: DatabaseState): string {
  const sending = linksOver(instance, database.group ?? '').some(
    (dag) =>
      dag.role === 'PRIMARY' &&
      (!dag.link.connected || dag.databases[database.key]?.suspended !== null) &&
      dag.databases[database.key] !== undefined,
  );
  if (sending) return 'AVAILABILITY_REPLICA';
  return database.recoveryModel === 'SIMPLE' || database.log.length === 0
    ? 'NOTHING'
    : 'LOG_BACKUP';
}

/** Columns that a closed database shows too. */
function fixedColumns(instance: InstanceState): PlainRow {
  return {
    compatibility_level: instance.version.major * 10,
    is_in_standby: false,
    is_supplemental_logging_enabled: false,
    page_verify_option: 2,
    page_verify_option_desc: 'CHECKSUM',
    snapshot_isolation_state: 0,
    snapshot_isolation_state_desc: 'OFF',
    is_master_key_encrypted_by_server: false,
    is_published: false,
    is_subscribed: false,
    is_merge_published: false,
    is_distributor: false,
    is_sync_with_backup: false,
    is_broker_enabled: false,
    is_date_correlation_on: false,
    is_cdc_enabled: false,
    is_encrypted: false,
    is_trustworthy_on: false,
    is_db_chaining_on: false,
    containment: 0,
    containment_desc: 'NONE',
    catalog_collation_type: 0,
    catalog_collation_type_desc: 'DATABASE_DEFAULT',
    delayed_durability: 0,
    delayed_durability_desc: 'DISABLED',
    target_recovery_time_in_seconds: 60,
    resource_pool_id: 1,
    is_accelerated_database_recovery_on: false,
    is_ledger_on: false,
    is_change_feed_enabled: false,
    is_data_retention_enabled: false,
  };
}

/** Columns of an open database. */
function openColumns(): PlainRow {
  return {
    collation_name: 'SQL_Latin1_General_CP1_CI_AS',
    is_auto_shrink_on: false,
    is_cleanly_shutdown: false,
    // Readers of the lab see the last committed state and never wait for writers.
    is_read_committed_snapshot_on: true,
    is_auto_create_stats_on: true,
    is_auto_create_stats_incremental_on: false,
    is_auto_update_stats_on: true,
    is_auto_update_stats_async_on: false,
    is_ansi_null_default_on: false,
    is_ansi_nulls_on: false,
    is_ansi_padding_on: false,
    is_ansi_warnings_on: false,
    is_arithabort_on: false,
    is_concat_null_yields_null_on: false,
    is_numeric_roundabort_on: false,
    is_quoted_identifier_on: false,
    is_recursive_triggers_on: false,
    is_cursor_close_on_commit_on: false,
    is_local_cursor_default: false,
    is_fulltext_enabled: false,
    is_parameterization_forced: false,
    is_query_store_on: false,
    is_honor_broker_priority_on: false,
    is_memory_optimized_elevate_to_snapshot_on: false,
    is_remote_data_archive_enabled: false,
    is_mixed_page_allocation_on: false,
    is_temporal_history_retention_enabled: true,
  };
}

function* masterFileRows(context: ViewContext): Iterable<PlainRow> {
  const all = ['CREATE ANY DATABASE', 'ALTER ANY DATABASE', 'VIEW ANY DEFINITION'];
  if (all.some((permission) => can(context, permission))) yield* fileRows(context);
}

function* currentFileRows(context: ViewContext): Iterable<PlainRow> {
  const id =
    systemDatabaseId(context.database) ?? context.instance.databases[nameKey(context.database)]?.id;
  for (const row of fileRows(context)) {
    if (row['database_id'] === id) yield row;
  }
}

function* recoveryRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const system of SYSTEM_DATABASES) yield { database_id: system.id };
  for (const database of Object.values(instance.databases)) {
    if (database.state === 'ONLINE') yield recoveryRow(database);
    else yield { database_id: database.id };
  }
}

/** `last_log_backup_lsn` is NULL until a full backup has begun the log chain. */
function recoveryRow(database: DatabaseState): PlainRow {
  const [first, ...later] = database.forks;
  const last = later.at(-1) ?? first;
  const chained = database.fullBackupTaken && database.recoveryModel !== 'SIMPLE';
  return {
    database_id: database.id,
    database_guid: database.familyId,
    family_guid: database.familyId,
    last_log_backup_lsn: chained ? (database.lastLogBackupLsn ?? database.log.start) : null,
    recovery_fork_guid: last?.id,
    first_recovery_fork_guid: later.length === 0 ? null : first?.id,
    fork_point_lsn: later.length === 0 ? null : last?.start,
  };
}

function* mirroringRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const system of SYSTEM_DATABASES) yield { database_id: system.id };
  for (const database of Object.values(instance.databases)) yield { database_id: database.id };
}

function* logSpaceRows(context: ViewContext): Iterable<PlainRow> {
  const database = context.instance.databases[nameKey(context.database)];
  const log =
    database === undefined
      ? undefined
      : userFileRows(context, database).find((row) => row['type'] === 1);
  if (database === undefined || log === undefined) return;
  const total = Math.max(Number(log['size']) * 8192, BYTES_PER_MB);
  const used = Math.min(total, database.log.totalBytes);
  yield {
    database_id: database.id,
    total_log_size_in_bytes: total,
    used_log_space_in_bytes: used,
    used_log_space_in_percent: (used / total) * 100,
    log_space_in_bytes_since_last_backup: used,
  };
}

/** Whether a database is open for writes as its groups have it: a forwarder's copy is not. */
export function isWritable(instance: InstanceState, database: DatabaseState): boolean {
  return (
    database.state === 'ONLINE' && !database.readOnly && receivingRole(instance, database) === null
  );
}
