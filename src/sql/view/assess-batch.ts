/**
 * The one batch that reads the facts for `assess` from one instance; it changes nothing.
 *
 * As in `observe-batch.ts`, the name of a rowset's first column says which part it is, LSNs travel as
 * varchar, and columns that a version does not have are left out. Decoding is in `assess-decode.ts`.
 */

import { comparedConfiguration } from '../../model/assess-facts.ts';
import type { Migration } from '../../model/migration.ts';
import { nliterals } from '../quote.ts';

/** What the batch depends on. */
export interface AssessOptions {
  readonly migration: Migration;
  /** 13 is 2016, 14 is 2017, 16 is 2022. */
  readonly versionMajor: number;
}

/** Text of the batch. */
export function assessBatch(options: AssessOptions): string {
  const { migration, versionMajor } = options;
  return [
    'SET NOCOUNT ON;',
    permissionQuery(versionMajor),
    SERVER_QUERY,
    SERVICE_QUERY,
    WORKER_QUERY,
    SESSION_QUERY,
    DATABASE_QUERY,
    KEY_QUERY,
    BACKUP_QUERY,
    FILE_QUERY,
    ENDPOINT_QUERY,
    ENDPOINT_GRANT_QUERY,
    LISTENER_QUERY,
    groupQuery(versionMajor),
    REPLICA_QUERY,
    GROUP_DATABASE_QUERY,
    GROUP_LISTENER_QUERY,
    WINDOWS_LOGIN_QUERY,
    fenceLoginQuery(migration.cutover.fenceLogins),
    `SELECT 1 AS part_configuration, c.name, CONVERT(bigint, c.value_in_use) AS value_in_use
FROM sys.configurations AS c
WHERE c.name IN (${nliterals(comparedConfiguration)});`,
  ].join('\n');
}

/** Column of the answer and the permission HAS_PERMS_BY_NAME is asked for, on the server. */
const serverPermissions: readonly (readonly [string, string])[] = [
  ['view_server_state', 'VIEW SERVER STATE'],
  ['view_any_definition', 'VIEW ANY DEFINITION'],
  ['view_any_database', 'VIEW ANY DATABASE'],
  ['alter_any_availability_group', 'ALTER ANY AVAILABILITY GROUP'],
  ['create_availability_group', 'CREATE AVAILABILITY GROUP'],
  ['create_endpoint', 'CREATE ENDPOINT'],
  ['alter_any_endpoint', 'ALTER ANY ENDPOINT'],
  ['alter_any_login', 'ALTER ANY LOGIN'],
  ['alter_any_connection', 'ALTER ANY CONNECTION'],
  ['create_any_database', 'CREATE ANY DATABASE'],
];

function permissionQuery(versionMajor: number): string {
  const asked = serverPermissions.map(
    ([column, permission]) => `  HAS_PERMS_BY_NAME(NULL, NULL, N'${permission}') AS ${column},`,
  );
  const performance =
    versionMajor >= 16 ? "HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE')" : 'NULL';
  return `SELECT 1 AS part_permissions,
  SUSER_SNAME() AS login_name,
  IS_SRVROLEMEMBER(N'sysadmin') AS is_sysadmin,
${asked.join('\n')}
  CONVERT(int, ${performance}) AS view_server_performance_state,
  HAS_PERMS_BY_NAME(N'msdb.dbo.backupset', N'OBJECT', N'SELECT') AS read_backup_history;`;
}

const SERVER_QUERY = `SELECT 1 AS part_server,
  CONVERT(nvarchar(128), @@SERVERNAME) AS server_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS server_property_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('InstanceName')) AS instance_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('MachineName')) AS machine_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version,
  CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
  CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition,
  CONVERT(int, SERVERPROPERTY('IsHadrEnabled')) AS is_hadr_enabled,
  CONVERT(int, SERVERPROPERTY('HadrManagerStatus')) AS hadr_manager_status,
  CONVERT(int, SERVERPROPERTY('IsClustered')) AS is_clustered,
  CONVERT(nvarchar(128), SERVERPROPERTY('Collation')) AS collation,
  CONVERT(nvarchar(128), DEFAULT_DOMAIN()) AS default_domain,
  CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultDataPath')) AS default_data_path,
  CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultLogPath')) AS default_log_path,
  CONVERT(varchar(33), SYSUTCDATETIME(), 126) AS utc_now;`;

const SERVICE_QUERY = `SELECT 1 AS part_service, s.service_account, s.instant_file_initialization_enabled
FROM sys.dm_server_services AS s
WHERE s.servicename LIKE N'SQL Server (%';`;

const WORKER_QUERY = `SELECT 1 AS part_workers, i.max_workers_count
FROM sys.dm_os_sys_info AS i;`;

const SESSION_QUERY = `SELECT 1 AS part_session, c.encrypt_option, c.auth_scheme, c.net_transport, c.local_tcp_port
FROM sys.dm_exec_connections AS c
WHERE c.session_id = @@SPID;`;

const DATABASE_QUERY = `SELECT 1 AS part_databases, d.name, d.database_id, d.state_desc, d.recovery_model_desc,
  d.user_access_desc, d.is_read_only, d.is_auto_close_on, d.is_in_standby, d.compatibility_level,
  d.collation_name, d.containment_desc, d.is_encrypted, d.is_trustworthy_on, d.is_db_chaining_on,
  d.is_broker_enabled, d.is_cdc_enabled, d.is_published, d.is_merge_published, d.is_subscribed,
  d.is_distributor, d.delayed_durability_desc, d.log_reuse_wait_desc, d.source_database_id,
  SUSER_SNAME(d.owner_sid) AS owner_name,
  CASE WHEN d.group_database_id IS NULL THEN 0 ELSE 1 END AS in_availability_group,
  ag.name AS availability_group,
  CASE WHEN m.mirroring_guid IS NULL THEN 0 ELSE 1 END AS is_mirrored
FROM sys.databases AS d
LEFT JOIN sys.availability_replicas AS ar ON ar.replica_id = d.replica_id
LEFT JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
LEFT JOIN sys.database_mirroring AS m ON m.database_id = d.database_id
WHERE d.name NOT IN (N'master', N'tempdb', N'model', N'msdb');`;

const KEY_QUERY = `SELECT 1 AS part_encryption_keys, DB_NAME(k.database_id) AS database_name,
  CONVERT(varchar(50), k.encryptor_thumbprint, 1) AS encryptor_thumbprint
FROM sys.dm_database_encryption_keys AS k;`;

// A backup of another recovery fork belongs to a history this database no longer has.
const BACKUP_QUERY = `SELECT 1 AS part_backups, d.name AS database_name,
  CONVERT(varchar(33), MAX(CASE WHEN b.type = 'D' AND b.is_copy_only = 0 THEN b.backup_finish_date END), 126) AS last_full_finish,
  CONVERT(varchar(33), MAX(CASE WHEN b.type = 'D' AND b.is_copy_only = 1 THEN b.backup_finish_date END), 126) AS last_copy_only_finish,
  CONVERT(varchar(33), MAX(CASE WHEN b.type = 'L' THEN b.backup_finish_date END), 126) AS last_log_finish,
  MAX(CONVERT(varchar(30), r.last_log_backup_lsn)) AS last_log_backup_lsn
FROM sys.databases AS d
LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
LEFT JOIN msdb.dbo.backupset AS b ON b.database_name = d.name
  AND (r.recovery_fork_guid IS NULL OR b.last_recovery_fork_guid IS NULL OR b.last_recovery_fork_guid = r.recovery_fork_guid)
WHERE d.name NOT IN (N'master', N'tempdb', N'model', N'msdb')
GROUP BY d.name;`;

const FILE_QUERY = `SELECT 1 AS part_files, d.name AS database_name, f.type_desc, f.name, f.physical_name,
  CONVERT(bigint, f.size) * 8192 AS size_bytes
FROM sys.master_files AS f
INNER JOIN sys.databases AS d ON d.database_id = f.database_id
WHERE d.name NOT IN (N'master', N'tempdb', N'model', N'msdb');`;

const ENDPOINT_QUERY = `SELECT 1 AS part_endpoints, e.name, e.state_desc, e.role_desc, t.port, t.ip_address,
  e.connection_auth_desc, e.is_encryption_enabled, e.encryption_algorithm_desc
FROM sys.database_mirroring_endpoints AS e
INNER JOIN sys.tcp_endpoints AS t ON t.endpoint_id = e.endpoint_id;`;

const ENDPOINT_GRANT_QUERY = `SELECT 1 AS part_endpoint_grants, e.name AS endpoint_name, p.name
FROM sys.server_permissions AS sp
INNER JOIN sys.database_mirroring_endpoints AS e ON e.endpoint_id = sp.major_id
INNER JOIN sys.server_principals AS p ON p.principal_id = sp.grantee_principal_id
WHERE sp.class = 105 AND sp.permission_name = N'CONNECT' AND sp.state IN ('G', 'W');`;

const LISTENER_QUERY = `SELECT 1 AS part_listeners, l.ip_address, l.port, l.type_desc, l.state_desc
FROM sys.dm_tcp_listener_states AS l;`;

function groupQuery(versionMajor: number): string {
  return `SELECT 1 AS part_groups, ag.name, ag.is_distributed, ag.basic_features,
  ${versionMajor >= 14 ? 'ag.cluster_type_desc' : "N'wsfc'"} AS cluster_type_desc,
  ${versionMajor >= 15 ? 'ag.is_contained' : 'CONVERT(bit, 0)'} AS is_contained,
  rs.role_desc, rs.synchronization_health_desc
FROM sys.availability_groups AS ag
LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON rs.group_id = ag.group_id AND rs.is_local = 1;`;
}

const REPLICA_QUERY = `SELECT 1 AS part_replicas, ag.name AS group_name, ar.replica_server_name, rs.connected_state_desc
FROM sys.availability_replicas AS ar
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON rs.replica_id = ar.replica_id AND rs.group_id = ar.group_id;`;

const GROUP_DATABASE_QUERY = `SELECT 1 AS part_group_databases, ag.name AS group_name, adc.database_name, drs.is_suspended
FROM sys.availability_databases_cluster AS adc
INNER JOIN sys.availability_groups AS ag ON ag.group_id = adc.group_id
LEFT JOIN sys.dm_hadr_database_replica_states AS drs ON drs.group_database_id = adc.group_database_id AND drs.is_local = 1;`;

const GROUP_LISTENER_QUERY = `SELECT 1 AS part_group_listeners, ag.name AS group_name, l.dns_name
FROM sys.availability_group_listeners AS l
INNER JOIN sys.availability_groups AS ag ON ag.group_id = l.group_id;`;

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
