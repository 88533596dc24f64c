/**
 * The dead-man: the one that gives the writes back when nobody else does.
 *
 * One text for both forms: the step of a SQL Server Agent job, and what `sqlferry watch` runs. It knows
 * no more than the register: while its epoch is fenced it waits; once the deadline has passed by this
 * server's clock, or anybody has aborted the epoch and the role is still owed, it takes the lock, aborts
 * the epoch by compare-and-set, takes the role back (it holds every record, so nothing is lost) and
 * enables the logins that were enabled before. Whatever else it sees ends it. It never promotes the other
 * side and never touches an epoch that is committing. A job that the Agent starts anew after a crash finds
 * all it has to know in the register.
 */

import type { Migration, MigrationSide } from '../../model/migration.ts';
import { bracket, IDENTIFIER_LIMIT, integer, LITERAL_LIMIT, nliteral } from '../quote.ts';
import { releaseActLock, takeActLock } from './act-lock.ts';
import { setRequiredSecondaries } from './control-statement.ts';
import { guards, throwGuard } from './guard.ts';
import {
  currentGroup,
  dagKey,
  otherName,
  phase,
  phaseIn,
  PLACE_VARIABLE,
  refuseIf,
  REGISTER,
  registerSeal,
  registerVariables,
  registerAnswer,
  registerGuard,
  rehearsalKey,
  SAME_GROUP,
  tablesGuard,
  writeRegister,
} from './register-guard.ts';
import { readRole } from './role-part.ts';

/** Program name of a watcher's session. */
export const WATCHER_PROGRAM_NAME = 'sqlferry watcher';

/** Longest wait of a rehearsal for the dead-man, in milliseconds. */
export const REHEARSAL_LIMIT_MS = 10_000;

/** Looks of one run of the step: a day at five a second, so that no job runs for ever. */
const STEP_TURNS = 432_000;

/** Tries to take the role back five times a second; after that every five seconds. */
const STEP_QUICK_TRIES = 100;

/** Tries in all: about a day. */
const STEP_TRIES = 17_000;

/** The deadline has passed by this server's clock. */
const DUE = 'deadline_utc <= SYSUTCDATETIME()';

/** 1 while the row says that this side is owed its role. */
const OWED = `CASE WHEN phase = ${phase('aborted')} AND deadline_utc IS NOT NULL THEN 1 ELSE 0 END`;

/** Longest wait of the step for the lock, in milliseconds. */
const STEP_LOCK_LIMIT_MS = 1000;

/** Name of the Agent job; a name too long for a job is cut, the step itself names the group in full. */
export function deadManJob(migration: Migration): string {
  return `sqlferry dead-man ${migration.distributedAvailabilityGroup}`.slice(0, IDENTIFIER_LIMIT);
}

/** T-SQL of the step on the demoting side. */
export function deadManStep(migration: Migration, own: MigrationSide): string {
  const key = dagKey(migration);
  return `SET NOCOUNT ON;
DECLARE @turn int = 0, @tries int = 0, @lock int, @epoch bigint, @mine bigint, @phase nvarchar(12), @due bit, @owed bit, @prior nvarchar(max), @role nvarchar(60), @stop bit = 0, @group varchar(36), ${PLACE_VARIABLE};
WHILE @stop = 0 AND @turn < ${integer(STEP_TURNS)} AND @tries < ${integer(STEP_TRIES)}
BEGIN
  SET @turn = @turn + 1;
  IF OBJECT_ID(${nliteral(REGISTER)}) IS NULL BREAK;
  ${writeRegister(rehearsalKey(migration), { phase: phase('aborted') }, `phase = ${phase('fenced')} AND ${DUE}`)}
  SET @group = ${currentGroup(migration)};
  SELECT @epoch = NULL, @phase = NULL, @due = 0, @owed = 0, @prior = NULL, @role = NULL, @lock = -1;
  SELECT @epoch = epoch, @phase = phase, @due = CASE WHEN ${DUE} THEN 1 ELSE 0 END,
    @owed = ${OWED}, @prior = prior_state
  FROM ${REGISTER}
  WHERE dag = ${key} AND protocol = 1 AND target_id = ${nliteral(otherName(migration, own))} AND ${SAME_GROUP} AND seal = ${registerSeal()};
  IF @mine IS NULL AND (@phase = ${phase('fenced')} OR @owed = 1) SET @mine = @epoch;
  IF @epoch IS NULL OR @mine IS NULL OR @epoch <> @mine OR NOT (${phaseIn('@phase', ['fenced', 'aborted'])}) BREAK;
  IF @due = 1 OR @phase = ${phase('aborted')}
  BEGIN
    ${takeActLock(migration, STEP_LOCK_LIMIT_MS)}
    IF @lock >= 0
    BEGIN
      SET @tries = @tries + 1;
      BEGIN TRY
${takeBack(migration, key)}
      END TRY
      BEGIN CATCH
        SET @lock = @lock;
      END CATCH;
      ${releaseActLock(migration)}
    END;
  END;
  IF @stop = 0 AND @tries > ${integer(STEP_QUICK_TRIES)} WAITFOR DELAY '00:00:05';
  IF @stop = 0 WAITFOR DELAY '00:00:00.200';
END;`;
}

/**
 * Under the lock: the epoch is aborted if it is due, the role taken while it is owed. Once it is here the
 * logins are enabled and only then the debt is struck, so that whoever dies in between is followed by a
 * job that begins again. An epoch that is settled, or a group that is gone, ends the step.
 */
function takeBack(migration: Migration, key: string): string {
  const mine = `epoch = @mine AND phase = ${phase('aborted')}`;
  return `        ${writeRegister(
    key,
    { phase: phase('aborted'), owner: "N'dead-man'" },
    `epoch = @mine AND phase = ${phase('fenced')} AND ${DUE}`,
  )}
        SELECT @phase = NULL, @owed = 0;
        SELECT @phase = phase, @owed = ${OWED} FROM ${REGISTER}
        WHERE dag = ${key} AND protocol = 1 AND ${mine} AND ${SAME_GROUP} AND seal = ${registerSeal()};
        IF @phase = ${phase('aborted')}
        BEGIN
          ${readRole(migration)}
          IF @owed = 1 AND @role = N'SECONDARY'
          BEGIN
            BEGIN TRY
              EXEC (${nliteral(releaseRequired(migration))});
            END TRY
            BEGIN CATCH
              SET @lock = @lock;
            END CATCH;
            EXEC (${nliteral(`ALTER AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)} FORCE_FAILOVER_ALLOW_DATA_LOSS;`)});
          END;
          IF @role = N'PRIMARY'
          BEGIN
${migration.cutover.fenceLogins.map((login) => enableIfPrior(login)).join('\n')}
            ${writeRegister(key, { deadline: 'NULL', owner: "N'dead-man'" }, mine)}
            SET @stop = 1;
          END;
          IF @owed = 0 OR NOT EXISTS (SELECT 1 FROM sys.availability_groups WHERE name = ${key})
            SET @stop = 1;
        END;`;
}

/**
 * A server that still waits for a secondary in every commit may refuse to take the role back, so that is
 * released first. Text of its own, in a TRY of its own: older versions do not have the column.
 */
function releaseRequired(migration: Migration): string {
  return `IF EXISTS (SELECT 1 FROM sys.availability_groups WHERE name = ${dagKey(migration)} AND required_synchronized_secondaries_to_commit > 0)
  ${setRequiredSecondaries(migration, 0)}`;
}

/**
 * The prior state holds the enabled logins as JSON texts; a login is found by its own JSON text. One that
 * was dropped since is left out: its error would keep the debt from being struck.
 */
function enableIfPrior(login: string): string {
  return `            IF CHARINDEX(${nliteral(JSON.stringify(login))} COLLATE Latin1_General_BIN2, @prior COLLATE Latin1_General_BIN2) > 0
              AND EXISTS (SELECT 1 FROM sys.server_principals WHERE name = ${nliteral(login)})
              EXEC (${nliteral(`ALTER LOGIN ${bracket(login)} ENABLE;`)});`;
}

/**
 * The step as `sqlferry watch` sends it: the session marks itself first, so that preflight sees it. The
 * register before and after says what the step has done (`decodeGaveBack`).
 */
export function watchBatch(migration: Migration, own: MigrationSide, marker: string): string {
  return `SET CONTEXT_INFO 0x${marker};
${watched(migration, 'part_watched_before')}
${deadManStep(migration, own)}
${watched(migration, 'part_watched_after')}`;
}

function watched(migration: Migration, part: string): string {
  return `IF OBJECT_ID(${nliteral(REGISTER)}) IS NOT NULL
  SELECT 1 AS ${part}, CONVERT(varchar(20), epoch) AS epoch, owner, ${OWED} AS is_owed
  FROM ${REGISTER} WHERE dag = ${dagKey(migration)} AND phase = ${phase('aborted')};`;
}

/** Creates the job anew. Its schedule starts it with the Agent, so that a crash of the server heals too. */
export function createDeadMan(migration: Migration, own: MigrationSide): string {
  const job = nliteral(deadManJob(migration));
  return `SET NOCOUNT ON;
DECLARE @step nvarchar(max) = ${longLiteral(deadManStep(migration, own))};
IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = ${job})
  EXEC msdb.dbo.sp_delete_job @job_name = ${job};
EXEC msdb.dbo.sp_add_job @job_name = ${job}, @enabled = 1, @description = N'Gives the writes back when a sqlferry cutover is abandoned.';
EXEC msdb.dbo.sp_add_jobstep @job_name = ${job}, @step_name = N'give back', @subsystem = N'TSQL', @database_name = N'master', @command = @step;
EXEC msdb.dbo.sp_add_jobschedule @job_name = ${job}, @name = N'when the Agent starts', @freq_type = 64;
EXEC msdb.dbo.sp_add_jobserver @job_name = ${job}, @server_name = N'(local)';`;
}

/** Deletes the job, if it is there. */
export function dropDeadMan(migration: Migration): string {
  const job = nliteral(deadManJob(migration));
  return `SET NOCOUNT ON;
IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = ${job})
  EXEC msdb.dbo.sp_delete_job @job_name = ${job};`;
}

/** EXEC that starts the job; the variable holds 0 when it was accepted. */
export function startDeadMan(migration: Migration, variable: string): string {
  return `EXEC ${variable} = msdb.dbo.sp_start_job @job_name = ${nliteral(deadManJob(migration))};`;
}

/** Fences a row of its own with a deadline of now and demands that the dead-man aborts it. */
export function rehearseDeadMan(migration: Migration, own: MigrationSide): string {
  const key = rehearsalKey(migration);
  const values = {
    dag: key,
    epoch: '1',
    phase: phase('fenced'),
    deadline: '@now',
    owner: "N'rehearsal'",
    target: "N''",
    prior: 'NULL',
    rehearsed: 'NULL',
    group: 'NULL',
  };
  return `SET NOCOUNT ON;
DECLARE ${[...registerVariables(migration), '@started datetime2(7) = SYSUTCDATETIME()', '@now datetime2(3) = SYSUTCDATETIME()', '@deadline datetime2(3)', '@started_job int = 0', '@start_error nvarchar(2048)'].join(', ')};
${tablesGuard()}
${registerGuard(migration, otherName(migration, own))}
${refuseIf(`NOT (${phaseIn('@phase', ['idle', 'aborted', 'done'])})`, guards.registerMoved)}
DELETE FROM ${REGISTER} WHERE dag = ${key};
INSERT INTO ${REGISTER} (dag, protocol, epoch, phase, deadline_utc, owner, target_id, prior_state, rehearsed_utc, group_id, place, seal)
VALUES (${key}, 1, 1, ${values.phase}, @now, ${values.owner}, ${values.target}, NULL, NULL, NULL, @place, ${registerSeal(values)});
${migration.cutover.deadMan === 'agent' ? startOrDelete(migration, key) : ''}
SET @deadline = DATEADD(millisecond, ${integer(REHEARSAL_LIMIT_MS)}, SYSUTCDATETIME());
WHILE NOT EXISTS (SELECT 1 FROM ${REGISTER} WHERE dag = ${key} AND phase = ${phase('aborted')})
BEGIN
  IF SYSUTCDATETIME() >= @deadline
  BEGIN
    DELETE FROM ${REGISTER} WHERE dag = ${key};
    ${throwGuard(guards.deadManSilent)};
  END;
  WAITFOR DELAY '00:00:00.025';
END;
DELETE FROM ${REGISTER} WHERE dag = ${key};
SET @now = SYSUTCDATETIME();
${writeRegister(dagKey(migration), { rehearsed: '@now' }, phaseIn('phase', ['idle', 'aborted', 'done']))}
${registerAnswer(migration)}`;
}

function startOrDelete(migration: Migration, key: string): string {
  return `BEGIN TRY
  ${startDeadMan(migration, '@started_job')}
END TRY
BEGIN CATCH
  SET @started_job = ERROR_NUMBER();
  SET @start_error = ERROR_MESSAGE();
END CATCH;
IF @started_job <> 0
BEGIN
  DELETE FROM ${REGISTER} WHERE dag = ${key};
  SET @start_error = LEFT(CONCAT(${nliteral(guards.deadManStart.message)}, N' Error ', @started_job, N': ', @start_error), 2000);
  THROW ${integer(guards.deadManStart.number)}, @start_error, 1;
END;`;
}

/** A text longer than one literal: pieces joined as nvarchar(max), cut between characters. */
function longLiteral(text: string): string {
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    if (piece.length + character.length > LITERAL_LIMIT / 2) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece]
    .map((each) => `CONVERT(nvarchar(max), ${nliteral(each)})`)
    .join('\n  + ');
}
