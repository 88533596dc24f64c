/** Statements that create and drop the control database, and those that belong to no other file of the protocol. */

import { controlDatabase } from '../../model/register.ts';
import type { Migration, MigrationSide } from '../../model/migration.ts';
import { bracket, integer, nliteral } from '../quote.ts';
import { lockedBatch } from './act-lock.ts';
import { guards, throwGuard } from './guard.ts';
import {
  dagKey,
  otherName,
  OWNER,
  phase,
  phaseIn,
  PLACE_VARIABLE,
  REFUSED,
  refusedSeal,
  refuseIf,
  REGISTER,
  registerSeal,
  rehearsalKey,
  SERVER_TIME_ANSWER,
  tablesGuard,
} from './register-guard.ts';

/** CREATE DATABASE outside every group, in the simple recovery model. */
export function createControlDatabase(): string {
  return `IF DB_ID(${nliteral(controlDatabase)}) IS NULL
  CREATE DATABASE ${bracket(controlDatabase)};
ALTER DATABASE ${bracket(controlDatabase)} SET RECOVERY SIMPLE;`;
}

/** Parameter of `create-register`: the epoch the register counts on from. */
export const REGISTER_EPOCH = 'register_epoch';

/** Parameter of `create-register`: the highest epoch that may not promote. */
export const REFUSED_EPOCH = 'refused_epoch';

/**
 * The two tables and the rows of this group, sealed; what exists stays as it is. Both epochs begin where
 * the other side has arrived, so that no epoch that was ever used comes a second time. Under the lock of
 * the role changes: a promotion that has looked at lost rows ends before there are new ones.
 */
export function createRegister(migration: Migration, own: MigrationSide): string {
  const key = dagKey(migration);
  const other = nliteral(otherName(migration, own));
  const values = {
    dag: key,
    epoch: '@epoch',
    phase: phase('idle'),
    deadline: 'NULL',
    owner: '@owner',
    target: other,
    prior: 'NULL',
    rehearsed: 'NULL',
    group: 'NULL',
  };
  return lockedBatch({
    migration,
    declare: [
      `@owner nvarchar(256) = ${OWNER}`,
      `@epoch bigint = CONVERT(bigint, @${REGISTER_EPOCH})`,
      `@refused bigint = CONVERT(bigint, @${REFUSED_EPOCH})`,
      PLACE_VARIABLE,
    ],
    guarded: `IF OBJECT_ID(${nliteral(REGISTER)}) IS NULL
  CREATE TABLE ${REGISTER} (
    dag nvarchar(160) NOT NULL PRIMARY KEY,
    protocol int NOT NULL,
    epoch bigint NOT NULL,
    phase varchar(12) NOT NULL,
    deadline_utc datetime2(3) NULL,
    owner nvarchar(256) NULL,
    target_id nvarchar(128) NULL,
    prior_state nvarchar(max) NULL,
    rehearsed_utc datetime2(3) NULL,
    group_id varchar(36) NULL,
    place varchar(120) NULL,
    seal varbinary(32) NULL
  );
IF OBJECT_ID(${nliteral(REFUSED)}) IS NULL
  CREATE TABLE ${REFUSED} (
    dag nvarchar(160) NOT NULL PRIMARY KEY,
    protocol int NOT NULL,
    epoch bigint NOT NULL,
    source_id nvarchar(128) NULL,
    place varchar(120) NULL,
    seal varbinary(32) NULL
  );
IF NOT EXISTS (SELECT 1 FROM ${REGISTER} WHERE dag = ${key})
  INSERT INTO ${REGISTER} (dag, protocol, epoch, phase, deadline_utc, owner, target_id, prior_state, rehearsed_utc, group_id, place, seal)
  VALUES (${key}, 1, @epoch, ${values.phase}, NULL, @owner, ${other}, NULL, NULL, NULL, @place, ${registerSeal(values)});
IF NOT EXISTS (SELECT 1 FROM ${REFUSED} WHERE dag = ${key})
  INSERT INTO ${REFUSED} (dag, protocol, epoch, source_id, place, seal)
  VALUES (${key}, 1, @refused, ${other}, @place, ${refusedSeal({ dag: key, epoch: '@refused', source: other })});`,
    answer: SERVER_TIME_ANSWER,
  });
}

/** Deletes the rows of this group; drops the database when no other group has any. */
export function dropRegister(migration: Migration): string {
  const keys = `${dagKey(migration)}, ${rehearsalKey(migration)}`;
  return `SET NOCOUNT ON;
DECLARE @left int = 0;
IF OBJECT_ID(${nliteral(REGISTER)}) IS NOT NULL
BEGIN
  IF EXISTS (SELECT 1 FROM ${REGISTER} WHERE dag IN (${keys}) AND protocol > 1)
    ${throwGuard(guards.registerNewer)};
  DELETE FROM ${REGISTER} WHERE dag IN (${keys});
  SET @left = @left + (SELECT COUNT(*) FROM ${REGISTER});
END;
IF OBJECT_ID(${nliteral(REFUSED)}) IS NOT NULL
BEGIN
  DELETE FROM ${REFUSED} WHERE dag IN (${keys});
  SET @left = @left + (SELECT COUNT(*) FROM ${REFUSED});
END;
IF @left = 0 AND DB_ID(${nliteral(controlDatabase)}) IS NOT NULL
  DROP DATABASE ${bracket(controlDatabase)};`;
}

/**
 * The same on a replica that does not act for its side any more. Under the lock of the role changes, and
 * refused where the replica is the primary of its group after all or an epoch is under way: a switch that
 * begins there finds its register or none, never one that vanishes.
 */
export function dropMovedRegister(migration: Migration, own: MigrationSide): string {
  const keys = `${dagKey(migration)}, ${rehearsalKey(migration)}`;
  return lockedBatch({
    migration,
    declare: ['@left int = 0'],
    before: tablesGuard(),
    guarded: `${refuseIf(
      `EXISTS (SELECT 1 FROM sys.dm_hadr_availability_replica_states AS rs
      INNER JOIN sys.availability_groups AS ag ON ag.group_id = rs.group_id
      WHERE ag.name = ${nliteral(own.availabilityGroup)} AND rs.is_local = 1 AND rs.role_desc = N'PRIMARY')`,
      guards.commitRole,
    )}
${refuseIf(`EXISTS (SELECT 1 FROM ${REGISTER} WHERE dag IN (${keys}) AND protocol > 1)`, guards.registerNewer)}
${refuseIf(
  `EXISTS (SELECT 1 FROM ${REGISTER} WHERE dag = ${dagKey(migration)}
      AND (${phaseIn('phase', ['fenced', 'committing'])} OR (phase = ${phase('aborted')} AND deadline_utc IS NOT NULL)))`,
  guards.registerMoved,
)}
DELETE FROM ${REGISTER} WHERE dag IN (${keys});
DELETE FROM ${REFUSED} WHERE dag IN (${keys});
SET @left = (SELECT COUNT(*) FROM ${REGISTER}) + (SELECT COUNT(*) FROM ${REFUSED});`,
    answer: `IF @left = 0
  DROP DATABASE ${bracket(controlDatabase)};`,
  });
}

/** REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT in this side's copy of the group. */
export function setRequiredSecondaries(migration: Migration, value: 0 | 1): string {
  return `ALTER AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)}
  SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = ${integer(value)});`;
}

/** Login time of a session in UTC, as text; the form that observations carry. */
export const LOGIN_TIME_UTC =
  'CONVERT(varchar(33), DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), s.login_time), 126)';

/** KILL of exactly one session of sqlferry, if it is still the one that was seen. */
export function takeOver(program: string): string {
  return `SET NOCOUNT ON;
DECLARE @kill nvarchar(40);
${refuseIf(
  `NOT EXISTS (SELECT 1 FROM sys.dm_exec_sessions AS s
      WHERE s.session_id = @session_id AND s.session_id <> @@SPID
      AND s.program_name = ${nliteral(program)} AND ${LOGIN_TIME_UTC} = @login_time_utc)`,
  guards.takeOverGone,
)}
SET @kill = N'KILL ' + CONVERT(nvarchar(10), @session_id);
EXEC (@kill);`;
}
