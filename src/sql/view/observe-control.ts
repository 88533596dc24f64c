/**
 * The parts of the look that concern the protocol: register, dead-man, leadership.
 *
 * A server without `sqlferry_control` must still answer, so what reads our tables is a text of its own
 * that runs only when they are there. A database that exists but is not open is not the same as none:
 * its state is read first. Decoding is in `observe-decode-control.ts`.
 */

import { controlDatabase } from '../../model/register.ts';
import type { Migration } from '../../model/migration.ts';
import { nliteral } from '../quote.ts';
import { leadershipResource } from '../statement/act-lock.ts';
import { LOGIN_TIME_UTC } from '../statement/control-statement.ts';
import { deadManJob, WATCHER_PROGRAM_NAME } from '../statement/dead-man-statement.ts';
import {
  currentGroup,
  PLACE_VARIABLE,
  REFUSED,
  refusedSeal,
  REGISTER,
  registerSeal,
  SAME_GROUP,
} from '../statement/register-guard.ts';

/** The queries; an acting session takes the leadership lock when nobody holds it. */
export function controlQueries(
  migration: Migration,
  options: { readonly marker: string; readonly acting: boolean },
): readonly string[] {
  return [
    leadershipQuery(migration, options),
    registerQuery(migration),
    deadManQuery(migration, options.marker),
  ];
}

function leadershipQuery(
  migration: Migration,
  { marker, acting }: { readonly marker: string; readonly acting: boolean },
): string {
  const resource = nliteral(leadershipResource(migration));
  const take = `IF APPLOCK_MODE(N'public', ${resource}, N'Session') = N'NoLock'
  EXEC sys.sp_getapplock @Resource = ${resource}, @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0, @DbPrincipal = N'public';
`;
  // Descriptions of locks hold 32 characters of the name; the mark of the session tells the group.
  return `${acting ? take : ''}SELECT 1 AS part_leadership, APPLOCK_MODE(N'public', ${resource}, N'Session') AS own_mode,
  APPLOCK_TEST(N'public', ${resource}, N'Exclusive', N'Session') AS is_free;
SELECT 1 AS part_leaders, s.session_id, s.login_name, s.host_name, ${LOGIN_TIME_UTC} AS login_time_utc
FROM sys.dm_tran_locks AS l
INNER JOIN sys.dm_exec_sessions AS s ON s.session_id = l.request_session_id
WHERE l.resource_type = N'APPLICATION' AND l.request_status = N'GRANT' AND s.session_id <> @@SPID
  AND CHARINDEX(N'[sqlferry:lead:', l.resource_description) > 0 AND s.context_info = 0x${marker};`;
}

function registerQuery(migration: Migration): string {
  const protocols = `SELECT 1 AS part_protocols, N'register' AS table_name, protocol FROM ${REGISTER} WHERE dag = @dag
UNION ALL SELECT 1, N'refused', protocol FROM ${REFUSED} WHERE dag = @dag;`;
  const rows = `DECLARE ${PLACE_VARIABLE}, @group varchar(36) = ${currentGroup(migration)};
SELECT 1 AS part_register, CONVERT(varchar(20), epoch) AS epoch, phase,
  CONVERT(varchar(33), deadline_utc, 126) AS deadline_utc,
  CASE WHEN deadline_utc <= SYSUTCDATETIME() THEN 1 ELSE 0 END AS is_expired,
  owner, target_id, prior_state, CONVERT(varchar(33), rehearsed_utc, 126) AS rehearsed_utc,
  CASE WHEN seal = ${registerSeal()} THEN 1 ELSE 0 END AS is_intact,
  CASE WHEN place = @place THEN 1 ELSE 0 END AS is_here, CASE WHEN ${SAME_GROUP} THEN 1 ELSE 0 END AS same_group
FROM ${REGISTER} WHERE dag = @dag AND protocol = 1;
SELECT 1 AS part_refused, CONVERT(varchar(20), epoch) AS epoch, source_id,
  CASE WHEN seal = ${refusedSeal()} THEN 1 ELSE 0 END AS is_intact,
  CASE WHEN place = @place THEN 1 ELSE 0 END AS is_here
FROM ${REFUSED} WHERE dag = @dag AND protocol = 1;`;
  const parameter = `N'@dag nvarchar(160)', @dag = ${nliteral(migration.distributedAvailabilityGroup)}`;
  return `SELECT 1 AS part_control, d.state_desc, HAS_PERMS_BY_NAME(d.name, N'DATABASE', N'CONNECT') AS has_access,
  CASE WHEN OBJECT_ID(${nliteral(REGISTER)}) IS NULL OR OBJECT_ID(${nliteral(REFUSED)}) IS NULL THEN 0 ELSE 1 END AS has_tables
FROM sys.databases AS d WHERE d.name = ${nliteral(controlDatabase)};
IF OBJECT_ID(${nliteral(REGISTER)}) IS NOT NULL AND OBJECT_ID(${nliteral(REFUSED)}) IS NOT NULL
BEGIN
  EXEC sys.sp_executesql ${nliteral(protocols)}, ${parameter};
  EXEC sys.sp_executesql ${nliteral(rows)}, ${parameter};
END;`;
}

function deadManQuery(migration: Migration, marker: string): string {
  const job = `SELECT 1 AS part_dead_man_job, CONVERT(int, j.enabled) AS enabled,
  CASE WHEN EXISTS (SELECT 1 FROM msdb.dbo.sysjobactivity AS a
    WHERE a.job_id = j.job_id AND a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL
    AND a.session_id = (SELECT MAX(s.session_id) FROM msdb.dbo.syssessions AS s)) THEN 1 ELSE 0 END AS is_running
FROM msdb.dbo.sysjobs AS j WHERE j.name = @job;`;
  return `SELECT 1 AS part_agent, s.status_desc FROM sys.dm_server_services AS s
WHERE s.servicename LIKE N'SQL Server Agent%';
SELECT 1 AS part_watchers, COUNT(*) AS watchers FROM sys.dm_exec_sessions AS s
WHERE s.program_name = ${nliteral(WATCHER_PROGRAM_NAME)} AND s.context_info = 0x${marker};
EXEC sys.sp_executesql ${nliteral(job)}, N'@job nvarchar(128)', @job = ${nliteral(deadManJob(migration))};`;
}
