/**
 * The one batch that reads everything a decision needs from one instance.
 *
 * Several rowsets; the name of each one's first column says which part it is, so a part that fails
 * for missing rights does not shift the others. Log sequence numbers are converted to varchar on the
 * server: drivers decode numeric(25,0) to a double and lose digits. Columns are named, never `*`, and
 * those a version does not have are left out by the version read from PRELOGIN.
 * Decoding is in `observe-decode.ts`; rows per role: Microsoft Learn, distributed availability groups.
 */

import {
  isGrouped,
  type DatabaseSelection,
  type Migration,
  type MigrationSide,
} from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import { nliteral, nliterals } from '../quote.ts';
import { circumstanceQueries } from './observe-circumstance.ts';
import { controlQueries } from './observe-control.ts';
import { groupDetailQueries } from './observe-group.ts';

/** Program name of our own sessions; also how operators are found. */
export const PROGRAM_NAME = 'sqlferry';

/** What the batch depends on besides the migration. */
export interface ObserveOptions {
  readonly migration: Migration;
  readonly side: Side;
  /** 13 is 2016, 14 is 2017, 16 is 2022. */
  readonly versionMajor: number;
  /** Marks our sessions as working on this DAG: 32 hexadecimal digits, put into CONTEXT_INFO. */
  readonly marker: string;
  /** The session acts: it marks itself. A session that only looks must not stop one that acts. */
  readonly acting: boolean;
}

/** Condition on a database name column for the selected databases. */
export function databaseCondition(column: string, selection: DatabaseSelection): string {
  if (selection.kind === 'named') return `${column} IN (${nliterals(selection.names)})`;
  const excluded = ['master', 'tempdb', 'model', 'msdb', ...selection.except];
  return `${column} NOT IN (${nliterals(excluded)})`;
}

/** Text of the batch; it changes nothing on the server but the session's own CONTEXT_INFO. */
export function observeBatch(options: ObserveOptions): string {
  const { migration, side } = options;
  const own = side === 'source' ? migration.source : migration.target;
  const groups = nliterals([own.availabilityGroup, migration.distributedAvailabilityGroup]);
  return [
    'SET NOCOUNT ON;',
    'DECLARE @look_started datetime2(7) = SYSUTCDATETIME();',
    ...(options.acting ? [`SET CONTEXT_INFO 0x${options.marker};`] : []),
    rightsQuery(options.versionMajor),
    SERVER_QUERY,
    SERVICE_QUERY,
    ENDPOINT_QUERY,
    ENDPOINT_GRANT_QUERY,
    groupQuery(groups, options.versionMajor),
    memberQuery(groups),
    groupDatabaseQuery(own),
    createDatabaseQuery(own),
    otherDistributedQuery(migration, own),
    databaseQuery(migration.databases),
    replicaStateQuery(groups),
    SEEDING_QUERY,
    PHYSICAL_SEEDING_QUERY,
    WINDOWS_LOGIN_QUERY,
    fenceLoginQuery(migration.cutover.fenceLogins),
    sessionQuery('part_sessions', databaseCondition('DB_NAME(s.database_id)', migration.databases)),
    sessionQuery(
      'part_operators',
      `s.program_name = ${nliteral(PROGRAM_NAME)} AND s.context_info = 0x${options.marker}`,
    ),
    ...controlQueries(migration, options),
    ...(isGrouped(own) ? groupDetailQueries(own, options.versionMajor) : []),
    ...Object.values(
      circumstanceQueries(migration, databaseCondition('d.name', migration.databases)),
    ),
    'SELECT 1 AS part_look_time, DATEDIFF(microsecond, @look_started, SYSUTCDATETIME()) AS server_us;',
  ].join('\n');
}

function rightsQuery(versionMajor: number): string {
  const performance =
    versionMajor >= 16 ? "HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE')" : 'NULL';
  return `SELECT 1 AS part_rights,
  HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE') AS view_server_state,
  CONVERT(int, ${performance}) AS view_server_performance_state,
  HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW ANY DEFINITION') AS view_any_definition;`;
}

const SERVER_QUERY = `SELECT 1 AS part_server,
  CONVERT(nvarchar(128), @@SERVERNAME) AS server_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS server_property_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('MachineName')) AS machine_name,
  CONVERT(nvarchar(128), DEFAULT_DOMAIN()) AS default_domain,
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version,
  CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
  CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition,
  CONVERT(int, SERVERPROPERTY('IsHadrEnabled')) AS is_hadr_enabled,
  CONVERT(varchar(33), SYSUTCDATETIME(), 126) AS utc_now;`;

const SERVICE_QUERY = `SELECT 1 AS part_service, s.service_account
FROM sys.dm_server_services AS s
WHERE s.servicename LIKE N'SQL Server (%';`;

const ENDPOINT_QUERY = `SELECT 1 AS part_endpoint, e.name, e.state_desc, t.port, t.ip_address
FROM sys.database_mirroring_endpoints AS e
INNER JOIN sys.tcp_endpoints AS t ON t.endpoint_id = e.endpoint_id;`;

const ENDPOINT_GRANT_QUERY = `SELECT 1 AS part_endpoint_grants, p.name
FROM sys.server_permissions AS sp
INNER JOIN sys.database_mirroring_endpoints AS e ON e.endpoint_id = sp.major_id
INNER JOIN sys.server_principals AS p ON p.principal_id = sp.grantee_principal_id
WHERE sp.class = 105 AND sp.permission_name = N'CONNECT' AND sp.state IN ('G', 'W');`;

function groupQuery(groups: string, versionMajor: number): string {
  const since2017 = versionMajor >= 14;
  return `SELECT 1 AS part_groups, ag.name, ag.is_distributed,
  ${since2017 ? 'ag.cluster_type_desc' : "N'wsfc'"} AS cluster_type_desc,
  ${since2017 ? 'ag.required_synchronized_secondaries_to_commit' : '0'} AS required_synchronized_secondaries_to_commit,
  rs.is_local, rs.role_desc, rs.operational_state_desc, rs.connected_state_desc,
  rs.synchronization_health_desc, rs.last_connect_error_number, rs.last_connect_error_description
FROM sys.availability_groups AS ag
LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON rs.group_id = ag.group_id
WHERE ag.name IN (${groups});`;
}

function memberQuery(groups: string): string {
  return `SELECT 1 AS part_members, ag.name AS group_name, ar.replica_server_name, ar.endpoint_url,
  ar.availability_mode_desc, ar.seeding_mode_desc,
  CASE WHEN ar.replica_server_name = @@SERVERNAME THEN 1 ELSE 0 END AS is_this_server
FROM sys.availability_replicas AS ar
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
WHERE ag.name IN (${groups});`;
}

function groupDatabaseQuery(own: MigrationSide): string {
  return `SELECT 1 AS part_group_databases, adc.database_name
FROM sys.availability_databases_cluster AS adc
INNER JOIN sys.availability_groups AS ag ON ag.group_id = adc.group_id
WHERE ag.name = ${nliteral(own.availabilityGroup)};`;
}

/** Distributed groups over this side's group that the migration file does not name. */
function otherDistributedQuery(migration: Migration, own: MigrationSide): string {
  return `SELECT 1 AS part_other_distributed, ag.name
FROM sys.availability_replicas AS ar
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
WHERE ag.is_distributed = 1 AND ar.replica_server_name = ${nliteral(own.availabilityGroup)}
  AND ag.name <> ${nliteral(migration.distributedAvailabilityGroup)};`;
}

function createDatabaseQuery(own: MigrationSide): string {
  return `SELECT 1 AS part_create_database, COUNT(*) AS granted
FROM sys.server_permissions AS sp
INNER JOIN sys.availability_replicas AS ar ON ar.replica_metadata_id = sp.major_id
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
WHERE sp.class = 108 AND sp.permission_name = N'CREATE ANY DATABASE' AND sp.state IN ('G', 'W')
  AND ag.name = ${nliteral(own.availabilityGroup)};`;
}

function databaseQuery(selection: DatabaseSelection): string {
  return `SELECT 1 AS part_databases, d.name, d.state_desc, d.recovery_model_desc,
  CASE WHEN r.database_id IS NULL THEN NULL WHEN r.last_log_backup_lsn IS NULL THEN 0 ELSE 1 END AS has_log_chain,
  CONVERT(varchar(36), r.recovery_fork_guid) AS recovery_fork_guid,
  CONVERT(varchar(30), r.fork_point_lsn) AS fork_point_lsn
FROM sys.databases AS d
LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
WHERE d.source_database_id IS NULL AND ${databaseCondition('d.name', selection)};`;
}

function replicaStateQuery(groups: string): string {
  return `SELECT 1 AS part_replica_states, DB_NAME(drs.database_id) AS database_name,
  ag.is_distributed, drs.is_local, drs.synchronization_state_desc, drs.synchronization_health_desc,
  drs.is_suspended, drs.suspend_reason_desc, drs.database_state_desc,
  CONVERT(varchar(30), drs.last_hardened_lsn) AS last_hardened_lsn,
  CONVERT(varchar(30), drs.end_of_log_lsn) AS end_of_log_lsn,
  CONVERT(varchar(30), drs.last_commit_lsn) AS last_commit_lsn,
  CONVERT(varchar(33), DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), drs.last_commit_time), 126) AS last_commit_utc,
  drs.log_send_queue_size, drs.log_send_rate, drs.redo_queue_size, drs.redo_rate,
  drs.secondary_lag_seconds
FROM sys.dm_hadr_database_replica_states AS drs
INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
WHERE ag.name IN (${groups});`;
}

// The seeding history names the database by its id in the DAG, which differs from its id in the local
// group; the function translates one into the other. 200 rows hold the newest attempts of many databases.
const SEEDING_QUERY = `SELECT TOP (200) 1 AS part_seeding, COALESCE(own.database_name, mapped.database_name) AS database_name,
  s.current_state, s.failure_state_desc, s.error_code, s.number_of_attempts
FROM sys.dm_hadr_automatic_seeding AS s
LEFT JOIN sys.availability_databases_cluster AS own ON own.group_database_id = s.ag_db_id
OUTER APPLY sys.fn_hadr_distributed_ag_database_replica(s.ag_id, s.ag_db_id) AS f
LEFT JOIN sys.availability_databases_cluster AS mapped ON mapped.group_database_id = f.group_database_id
ORDER BY s.start_time DESC;`;

const PHYSICAL_SEEDING_QUERY = `SELECT 1 AS part_physical_seeding, COALESCE(p.local_database_name, DB_NAME(p.local_database_id)) AS database_name,
  p.internal_state_desc, p.transfer_rate_bytes_per_second, p.transferred_size_bytes,
  p.database_size_bytes, p.failure_code, p.failure_message
FROM sys.dm_hadr_physical_seeding_stats AS p
ORDER BY p.start_time_utc DESC;`;

const WINDOWS_LOGIN_QUERY = `SELECT 1 AS part_windows_logins, p.name,
  CASE WHEN EXISTS (SELECT 1 FROM sys.server_role_members AS m
    INNER JOIN sys.server_principals AS r ON r.principal_id = m.role_principal_id
    WHERE r.name = N'sysadmin' AND m.member_principal_id = p.principal_id) THEN 1 ELSE 0 END AS is_sysadmin
FROM sys.server_principals AS p
WHERE p.type IN ('U', 'G');`;

function fenceLoginQuery(logins: readonly string[]): string {
  const condition = logins.length === 0 ? '1 = 0' : `p.name IN (${nliterals(logins)})`;
  return `SELECT 1 AS part_fence_logins, p.name, p.is_disabled
FROM sys.server_principals AS p
WHERE ${condition};`;
}

function sessionQuery(partName: string, condition: string): string {
  return `SELECT 1 AS ${partName}, s.session_id, s.login_name, s.host_name, s.program_name,
  DB_NAME(s.database_id) AS database_name, s.open_transaction_count,
  CONVERT(varchar(33), DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), s.login_time), 126) AS login_time_utc
FROM sys.dm_exec_sessions AS s
WHERE s.is_user_process = 1 AND s.session_id <> @@SPID AND ${condition};`;
}
