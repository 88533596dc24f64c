/** What is asked about each kind of server object. Columns: Microsoft Learn page of each view. */

import type { AssessRight } from '../../../model/assess-right.ts';
import type { ServerObjectKind } from '../../../model/assess-server-object.ts';

/** The query of one kind, without `SELECT 1 AS part_...`. */
export interface ObjectQuery {
  /** Columns `name`, `detail` and `is_on`. */
  readonly select: string;
  readonly from: string;
  /** Right without which rows are missing; absent: VIEW ANY DEFINITION. */
  readonly needs?: AssessRight;
}

const NAME_ONLY = (alias: string): string => `${alias}.name, N'' AS detail, NULL AS is_on`;

/** Principals that belong to the server itself. */
const ORDINARY = (alias: string): string =>
  `${alias}.name NOT LIKE N'##%' AND ${alias}.name NOT LIKE N'NT SERVICE\\%' AND ${alias}.name NOT LIKE N'NT AUTHORITY\\%' AND ${alias}.sid <> 0x01`;

/** Texts of catalog columns have different collations: joined as they are they raise 451. */
const joined = (column: string): string => `${column} COLLATE DATABASE_DEFAULT`;

/** Kinds of objects that somebody writes code in or reads from. */
const CODE_TYPES = "'U', 'V', 'P', 'PC', 'X', 'FN', 'IF', 'TF', 'FS', 'FT', 'SN', 'SO'";

function systemDatabaseObjects(database: 'master' | 'msdb'): ObjectQuery {
  return {
    select: "s.name + N'.' + o.name AS name, o.type_desc AS detail, NULL AS is_on",
    from: `${database}.sys.objects AS o
INNER JOIN ${database}.sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.is_ms_shipped = 0 AND o.parent_object_id = 0 AND o.type IN (${CODE_TYPES})`,
  };
}

/** The queries by kind. */
export const objectQueries: Readonly<Record<ServerObjectKind, ObjectQuery>> = {
  serverRoles: {
    select: NAME_ONLY('p'),
    from: `sys.server_principals AS p
WHERE p.type = 'R' AND p.is_fixed_role = 0 AND p.name <> N'public'`,
  },
  roleMembers: {
    select: "r.name + N': ' + p.name AS name, N'' AS detail, NULL AS is_on",
    from: `sys.server_role_members AS m
INNER JOIN sys.server_principals AS r ON r.principal_id = m.role_principal_id
INNER JOIN sys.server_principals AS p ON p.principal_id = m.member_principal_id
WHERE ${ORDINARY('p')}`,
  },
  serverGrants: {
    select: `${joined('g.state_desc')} + N' ' + ${joined('g.permission_name')} + N' TO ' + ${joined('p.name')} AS name,
  N'' AS detail, NULL AS is_on`,
    from: `sys.server_permissions AS g
INNER JOIN sys.server_principals AS p ON p.principal_id = g.grantee_principal_id
WHERE g.class = 100 AND NOT (g.permission_name = N'CONNECT SQL' AND g.state = 'G') AND ${ORDINARY('p')}`,
  },
  credentials: {
    select: 'c.name, c.credential_identity AS detail, NULL AS is_on',
    from: 'sys.credentials AS c',
  },
  cryptographicProviders: {
    select: "c.name, N'' AS detail, c.is_enabled AS is_on",
    from: 'sys.cryptographic_providers AS c',
  },
  asymmetricKeys: {
    select: 'k.name, CONVERT(varchar(80), k.thumbprint, 1) AS detail, NULL AS is_on',
    from: "master.sys.asymmetric_keys AS k\nWHERE k.name NOT LIKE N'##%'",
  },
  symmetricKeys: {
    select: 'k.name, k.algorithm_desc AS detail, NULL AS is_on',
    from: "master.sys.symmetric_keys AS k\nWHERE k.name NOT LIKE N'##%'",
  },
  masterCertificates: {
    select: `c.name, CONVERT(varchar(80), c.thumbprint, 1) AS detail,
  CASE c.pvt_key_encryption_type WHEN 'NA' THEN 0 ELSE 1 END AS is_on`,
    from: "master.sys.certificates AS c\nWHERE c.name NOT LIKE N'##%'",
  },
  linkedServers: {
    select: `s.name, CONCAT(${joined('s.product')}, N' ', ${joined('s.provider')}, N' ', ${joined('s.data_source')}, N' ', ${joined('s.catalog')}) AS detail,
  NULL AS is_on`,
    from: 'sys.servers AS s\nWHERE s.server_id > 0 AND s.is_linked = 1 AND s.is_system = 0',
  },
  linkedLogins: {
    select: `CONCAT(${joined('s.name')}, N': ', ISNULL(${joined('p.name')}, N'every other login')) AS name,
  CASE WHEN l.uses_self_credential = 1 THEN N'own identity' ELSE CONCAT(N'as ', ${joined('l.remote_name')}) END AS detail,
  NULL AS is_on`,
    from: `sys.linked_logins AS l
INNER JOIN sys.servers AS s ON s.server_id = l.server_id
LEFT JOIN sys.server_principals AS p ON p.principal_id = l.local_principal_id AND l.local_principal_id > 0
WHERE s.server_id > 0 AND s.is_linked = 1 AND s.is_system = 0`,
  },
  jobs: {
    // The steps as one number: their texts may be long and hold what is nobody's business.
    select: `j.name, CONCAT((SELECT COUNT(*) FROM msdb.dbo.sysjobsteps AS s WHERE s.job_id = j.job_id), N' step(s), ',
  (SELECT CHECKSUM_AGG(BINARY_CHECKSUM(s.step_id, s.subsystem, s.command, s.database_name)) FROM msdb.dbo.sysjobsteps AS s WHERE s.job_id = j.job_id)) AS detail,
  CASE j.enabled WHEN 0 THEN 0 ELSE 1 END AS is_on`,
    from: 'msdb.dbo.sysjobs AS j',
    needs: 'readMsdb',
  },
  jobOwners: {
    select:
      'j.name, SUSER_SNAME(j.owner_sid) AS detail, CASE j.enabled WHEN 0 THEN 0 ELSE 1 END AS is_on',
    from: 'msdb.dbo.sysjobs AS j',
    needs: 'readMsdb',
  },
  proxies: {
    select: 'p.name, c.name AS detail, CASE p.enabled WHEN 0 THEN 0 ELSE 1 END AS is_on',
    from: `msdb.dbo.sysproxies AS p
LEFT JOIN sys.credentials AS c ON c.credential_id = p.credential_id`,
    needs: 'readMsdb',
  },
  operators: {
    select: 'o.name, o.email_address AS detail, CASE o.enabled WHEN 0 THEN 0 ELSE 1 END AS is_on',
    from: 'msdb.dbo.sysoperators AS o',
    needs: 'readMsdb',
  },
  alerts: {
    select: `a.name, CONCAT(N'message ', a.message_id, N', severity ', a.severity, N', database ', a.database_name) AS detail,
  CASE a.enabled WHEN 0 THEN 0 ELSE 1 END AS is_on`,
    from: 'msdb.dbo.sysalerts AS a',
    needs: 'readMsdb',
  },
  mailProfiles: {
    select: NAME_ONLY('m'),
    from: 'msdb.dbo.sysmail_profile AS m',
    needs: 'readMsdb',
  },
  mailAccounts: {
    select: 'm.name, m.email_address AS detail, NULL AS is_on',
    from: 'msdb.dbo.sysmail_account AS m',
    needs: 'readMsdb',
  },
  serverTriggers: {
    select: 't.name, t.type_desc AS detail, CASE t.is_disabled WHEN 0 THEN 1 ELSE 0 END AS is_on',
    from: 'sys.server_triggers AS t\nWHERE t.is_ms_shipped = 0',
  },
  userMessages: {
    select: `CONCAT(m.message_id, N' (language ', m.language_id, N')') AS name,
  CONCAT(N'severity ', m.severity, N': ', m.text) AS detail, NULL AS is_on`,
    from: 'sys.messages AS m\nWHERE m.message_id > 50000',
  },
  serverAudits: {
    select: `a.name, CONCAT(${joined('a.type_desc')}, N', on failure ', ${joined('a.on_failure_desc')}) AS detail,
  a.is_state_enabled AS is_on`,
    from: 'sys.server_audits AS a',
  },
  serverAuditSpecifications: {
    select: "a.name, N'' AS detail, a.is_state_enabled AS is_on",
    from: 'sys.server_audit_specifications AS a',
  },
  eventSessions: {
    select: "e.name, N'' AS detail, e.startup_state AS is_on",
    from: `sys.server_event_sessions AS e
WHERE e.name NOT IN (N'system_health', N'AlwaysOn_health', N'telemetry_xevents', N'hkenginexesession', N'sp_server_diagnostics session')`,
    needs: 'viewServerState',
  },
  resourceGovernor: {
    select: `N'resource governor' AS name, OBJECT_NAME(g.classifier_function_id, DB_ID(N'master')) AS detail,
  g.is_enabled AS is_on`,
    from: 'sys.resource_governor_configuration AS g',
  },
  resourcePools: {
    select: `p.name, CONCAT(N'cpu ', p.min_cpu_percent, N' to ', p.max_cpu_percent, N', cap ', p.cap_cpu_percent,
  N', memory ', p.min_memory_percent, N' to ', p.max_memory_percent) AS detail, NULL AS is_on`,
    from: "sys.resource_governor_resource_pools AS p\nWHERE p.name NOT IN (N'internal', N'default')",
  },
  workloadGroups: {
    select: `w.name, CONCAT(N'importance ', w.importance, N', max_dop ', w.max_dop, N', memory grant ', w.request_max_memory_grant_percent) AS detail,
  NULL AS is_on`,
    from: "sys.resource_governor_workload_groups AS w\nWHERE w.name NOT IN (N'internal', N'default')",
  },
  startupProcedures: {
    select: NAME_ONLY('p'),
    from: 'master.sys.procedures AS p\nWHERE p.is_auto_executed = 1 AND p.is_ms_shipped = 0',
  },
  masterObjects: systemDatabaseObjects('master'),
  msdbObjects: systemDatabaseObjects('msdb'),
  backupDevices: {
    select: 'd.name, d.physical_name AS detail, NULL AS is_on',
    from: 'sys.backup_devices AS d',
  },
  otherEndpoints: {
    select: `e.name, CONCAT(${joined('e.type_desc')}, N' ', ${joined('e.protocol_desc')}) AS detail,
  CASE e.state_desc WHEN N'STARTED' THEN 1 ELSE 0 END AS is_on`,
    from: "sys.endpoints AS e\nWHERE e.endpoint_id >= 65536 AND e.type_desc <> N'DATABASE_MIRRORING'",
  },
};
