/** Pieces of the batches that move the role: reading it, waiting for it, waiting for log, becoming writable. */

import type { Migration, MigrationSide } from '../../model/migration.ts';
import { bracket, integer, nliteral, nliterals } from '../quote.ts';
import { guards, throwGuard, type Guard } from './guard.ts';

/** Longest wait for PRIMARY and every database ONLINE, in milliseconds: redo of what has arrived. */
export const ONLINE_LIMIT_MS = 60_000;

/** Table the write check creates, fills and drops in one transaction. */
const WRITE_CHECK_TABLE = 'sqlferry_write_check';

const PAUSE = "WAITFOR DELAY '00:00:00.025';";

/** Rowset with the role at the end of a batch. */
export const ROLE_ANSWER = 'SELECT 1 AS part_role, @role AS role_desc;';

/** Reads the role of the local DAG member into `@role`, which keeps its value when there is no row. */
export function readRole(migration: Migration): string {
  return `SELECT @role = rs.role_desc FROM sys.dm_hadr_availability_replica_states AS rs
  INNER JOIN sys.availability_groups AS ag ON ag.group_id = rs.group_id
  WHERE ag.name = ${nliteral(migration.distributedAvailabilityGroup)} AND rs.is_local = 1;`;
}

/** FROM and WHERE of the side's own database rows. */
export function ownRows(own: MigrationSide): string {
  return `FROM sys.dm_hadr_database_replica_states AS drs
      INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
      WHERE ag.name = ${nliteral(own.availabilityGroup)} AND drs.is_local = 1`;
}

/** Name of the parameter that carries the final LSN of the n-th database, from 1. */
export function lsnParameter(position: number): string {
  return `final_lsn_${integer(position)}`;
}

/** Condition on an own row: its hardened LSN has reached the parameter of its database. */
export function arrivedCondition(databases: readonly string[]): string {
  return databases
    .map(
      (name, index) =>
        `(DB_NAME(drs.database_id) = ${nliteral(name)} AND COALESCE(drs.last_hardened_lsn, drs.end_of_log_lsn) >= CONVERT(numeric(25, 0), @${lsnParameter(index + 1)}))`,
    )
    .join('\n        OR ');
}

/** Waits on the server until every database has its final LSN, at most `@wait_ms`. */
export function waitForLsns(own: MigrationSide, databases: readonly string[]): string {
  return `SET @deadline = DATEADD(millisecond, @wait_ms, SYSUTCDATETIME());
WHILE (SELECT COUNT(*) ${ownRows(own)}
      AND (${arrivedCondition(databases)})) < ${integer(databases.length)}
BEGIN
  IF SYSUTCDATETIME() >= @deadline
    ${throwGuard(guards.promoteBehind)};
  ${PAUSE}
END;`;
}

/** What is waited for, and what is raised when it does not come. */
export interface RoleWait {
  readonly role: 'PRIMARY' | 'SECONDARY';
  readonly limitMs: number;
  readonly late: Guard;
  /** A further condition that keeps the wait going. */
  readonly orWhile?: string;
}

/** Waits on the server for a role. */
export function waitForRole(migration: Migration, wait: RoleWait): string {
  return `SET @deadline = DATEADD(millisecond, ${integer(wait.limitMs)}, SYSUTCDATETIME());
SET @role = NULL;
${readRole(migration)}
WHILE @role IS NULL OR @role <> N'${wait.role}'${wait.orWhile === undefined ? '' : `\n  OR ${wait.orWhile}`}
BEGIN
  IF SYSUTCDATETIME() >= @deadline
    ${throwGuard(wait.late)};
  ${PAUSE}
  ${readRole(migration)}
END;`;
}

/** SET (ROLE = SECONDARY): from here this side takes no writes. */
export function giveRoleAway(migration: Migration): string {
  return `ALTER AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)} SET (ROLE = SECONDARY);`;
}

/** FORCE_FAILOVER_ALLOW_DATA_LOSS: the only statement there is to make a side of a distributed group primary. */
export function forceFailover(migration: Migration): string {
  return `ALTER AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)} FORCE_FAILOVER_ALLOW_DATA_LOSS;`;
}

/** FORCE_FAILOVER_ALLOW_DATA_LOSS; then the wait until writable and the write check. */
export function takePrimary(
  migration: Migration,
  databases: readonly string[],
): { readonly alter: string; readonly settled: string } {
  const names = nliterals(databases);
  return {
    alter: forceFailover(migration),
    settled: `${waitForRole(migration, {
      role: 'PRIMARY',
      limitMs: ONLINE_LIMIT_MS,
      late: guards.promoteUnfinished,
      orWhile: `(SELECT COUNT(*) FROM sys.databases AS d
      WHERE d.name IN (${names}) AND d.state_desc = N'ONLINE') < ${integer(databases.length)}`,
    })}
${databases.map((name) => writeCheck(name)).join('\n')}`,
  };
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
