/**
 * The batches that move the primary role: demote, promote, give back.
 *
 * Each one looks, refuses by THROW when the world is not as expected, acts, and waits on the server
 * until the act has taken effect, so that the outage costs two round trips. What changes from run to
 * run (log sequence numbers, waiting time) arrives as parameters: the text is the one the plan shows.
 * Semantics: Microsoft Learn, configure distributed availability groups, "Fail over".
 */

import type { Migration, MigrationSide } from '../../model/migration.ts';
import { bracket, integer, nliteral, nliterals } from '../quote.ts';
import { guards, throwGuard } from './guard.ts';

/** Longest wait for the role SECONDARY, in milliseconds: open transactions roll back in this time. */
export const DEMOTE_LIMIT_MS = 30_000;

/** Longest wait for PRIMARY and every database ONLINE, in milliseconds: redo of what has arrived. */
export const ONLINE_LIMIT_MS = 60_000;

/** Table the write check creates, fills and drops in one transaction. */
export const WRITE_CHECK_TABLE = 'sqlferry_write_check';

const PAUSE = "WAITFOR DELAY '00:00:00.025';";

/** Guarded SET (ROLE = SECONDARY); answers the role and the end of the log of every database. */
export function demote(
  migration: Migration,
  own: MigrationSide,
  databases: readonly string[],
): string {
  const names = nliterals(databases);
  const dag = nliteral(migration.distributedAvailabilityGroup);
  const dagRows = `FROM sys.dm_hadr_database_replica_states AS drs
      INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
      WHERE ag.name = ${dag}`;
  return `SET NOCOUNT ON;
DECLARE @role nvarchar(60), @deadline datetime2(3);
${readRole(migration)}
IF @role IS NULL OR @role <> N'PRIMARY'
  ${throwGuard(guards.demoteRole)};
IF (SELECT COUNT(*) ${dagRows}
      AND drs.synchronization_state_desc = N'SYNCHRONIZED' AND drs.is_suspended = 0
      AND DB_NAME(drs.database_id) IN (${names})) <> ${integer(databases.length)}
  OR (SELECT COUNT(*) ${dagRows}
      AND drs.synchronization_state_desc <> N'SYNCHRONIZED') > 0
  ${throwGuard(guards.demoteSynchronized)};
IF (SELECT COUNT(*) FROM sys.dm_exec_sessions AS s
      WHERE s.is_user_process = 1 AND s.session_id <> @@SPID
      AND DB_NAME(s.database_id) IN (${names})) > 0
  ${throwGuard(guards.demoteQuiet)};
ALTER AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)} SET (ROLE = SECONDARY);
IF @@ERROR <> 0 RETURN;
SET @deadline = DATEADD(millisecond, ${integer(DEMOTE_LIMIT_MS)}, SYSUTCDATETIME());
SET @role = NULL;
${readRole(migration)}
WHILE @role IS NULL OR @role <> N'SECONDARY'
BEGIN
  IF SYSUTCDATETIME() >= @deadline
    ${throwGuard(guards.demoteUnfinished)};
  ${PAUSE}
  ${readRole(migration)}
END;
SELECT 1 AS part_role, @role AS role_desc;
SELECT 1 AS part_final_lsns, DB_NAME(drs.database_id) AS database_name,
  CONVERT(varchar(30), drs.end_of_log_lsn) AS end_of_log_lsn,
  CONVERT(varchar(30), drs.last_hardened_lsn) AS last_hardened_lsn
FROM sys.dm_hadr_database_replica_states AS drs
INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
WHERE ag.name = ${nliteral(own.availabilityGroup)} AND drs.is_local = 1
  AND DB_NAME(drs.database_id) IN (${names});`;
}

/** Name of the parameter that carries the final LSN of the n-th database, from 1. */
export function lsnParameter(position: number): string {
  return `final_lsn_${integer(position)}`;
}

/** Guarded forced failover on the forwarder, once its hardened LSNs have reached the parameters. */
export function promote(
  migration: Migration,
  own: MigrationSide,
  databases: readonly string[],
): string {
  const arrived = databases
    .map(
      (name, index) =>
        `(DB_NAME(drs.database_id) = ${nliteral(name)} AND COALESCE(drs.last_hardened_lsn, drs.end_of_log_lsn) >= CONVERT(numeric(25, 0), @${lsnParameter(index + 1)}))`,
    )
    .join('\n        OR ');
  const ownRows = `FROM sys.dm_hadr_database_replica_states AS drs
      INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
      WHERE ag.name = ${nliteral(own.availabilityGroup)} AND drs.is_local = 1`;
  return `SET NOCOUNT ON;
DECLARE @role nvarchar(60), @deadline datetime2(3);
${readRole(migration)}
IF @role IS NULL OR @role <> N'SECONDARY'
  ${throwGuard(guards.promoteRole)};
IF (SELECT COUNT(*) ${ownRows}) <> ${integer(databases.length)}
  ${throwGuard(guards.promoteMembers)};
SET @deadline = DATEADD(millisecond, @wait_ms, SYSUTCDATETIME());
WHILE (SELECT COUNT(*) ${ownRows}
      AND (${arrived})) < ${integer(databases.length)}
BEGIN
  IF SYSUTCDATETIME() >= @deadline
    ${throwGuard(guards.promoteBehind)};
  ${PAUSE}
END;
IF (SELECT COUNT(*) ${ownRows}
      AND drs.synchronization_state_desc IN (N'REVERTING', N'INITIALIZING')) > 0
  ${throwGuard(guards.promoteState)};
${takePrimary(migration, databases)}`;
}

/** Guarded forced failover on the demoted side: it holds every record, so nothing is lost. */
export function giveBack(migration: Migration, databases: readonly string[]): string {
  return `SET NOCOUNT ON;
DECLARE @role nvarchar(60), @deadline datetime2(3);
${readRole(migration)}
IF @role IS NULL OR @role = N'PRIMARY'
  ${throwGuard(guards.giveBackRole)};
${takePrimary(migration, databases)}`;
}

/** FORCE_FAILOVER_ALLOW_DATA_LOSS, wait until writable, write check, role. */
function takePrimary(migration: Migration, databases: readonly string[]): string {
  return `ALTER AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)} FORCE_FAILOVER_ALLOW_DATA_LOSS;
IF @@ERROR <> 0 RETURN;
SET @deadline = DATEADD(millisecond, ${integer(ONLINE_LIMIT_MS)}, SYSUTCDATETIME());
SET @role = NULL;
${readRole(migration)}
WHILE @role IS NULL OR @role <> N'PRIMARY'
  OR (SELECT COUNT(*) FROM sys.databases AS d
      WHERE d.name IN (${nliterals(databases)}) AND d.state_desc = N'ONLINE') < ${integer(databases.length)}
BEGIN
  IF SYSUTCDATETIME() >= @deadline
    ${throwGuard(guards.promoteUnfinished)};
  ${PAUSE}
  ${readRole(migration)}
END;
${databases.map((name) => writeCheck(name)).join('\n')}
SELECT 1 AS part_role, @role AS role_desc;`;
}

/**
 * Proves that a database takes a commit: creates, fills and drops a table in one transaction.
 * Run as text of its own, because a batch that names a database which is not open yet does not compile.
 */
function writeCheck(database: string): string {
  const table = `${bracket(database)}.[dbo].${bracket(WRITE_CHECK_TABLE)}`;
  const text = `SET XACT_ABORT ON; BEGIN TRANSACTION; CREATE TABLE ${table} (checked_at datetime2(3) NOT NULL); INSERT INTO ${table} (checked_at) VALUES (SYSUTCDATETIME()); DROP TABLE ${table}; COMMIT TRANSACTION;`;
  return `EXEC (${nliteral(text)});`;
}

function readRole(migration: Migration): string {
  return `SELECT @role = rs.role_desc FROM sys.dm_hadr_availability_replica_states AS rs
  INNER JOIN sys.availability_groups AS ag ON ag.group_id = rs.group_id
  WHERE ag.name = ${nliteral(migration.distributedAvailabilityGroup)} AND rs.is_local = 1;`;
}
