/**
 * The batches that move the primary role: demote, promote, give back, and the two of disasters.
 *
 * Each one looks, refuses by THROW when the world is not as expected, acts, and waits on the server
 * until the act has taken effect, so that the outage costs two round trips. Register and role change
 * are one under the lock of `act-lock.ts`. What changes from run to run (log sequence numbers, epochs,
 * waiting times) arrives as parameters: the text is the one the plan shows.
 * Semantics: Microsoft Learn, configure distributed availability groups, "Fail over".
 */

import type { Migration, MigrationSide } from '../../model/migration.ts';
import { integer, nliteral, nliterals } from '../quote.ts';
import { lockedBatch } from './act-lock.ts';
import { startDeadMan } from './dead-man-statement.ts';
import { guards, throwGuard } from './guard.ts';
import {
  dagKey,
  otherName,
  OWNER,
  phase,
  phaseIn,
  PLACE_VARIABLE,
  REFUSED,
  refusedGuard,
  refusedSeal,
  refuseIf,
  REGISTER,
  registerVariables,
  registerAnswer,
  registerGuard,
  SERVER_TIME_ANSWER,
  tablesGuard,
  writeRegister,
} from './register-guard.ts';
import {
  arrivedCondition,
  giveRoleAway,
  ownRows,
  readRole,
  ROLE_ANSWER,
  takePrimary,
  waitForLsns,
  waitForRole,
} from './role-part.ts';

/** Longest wait for the role SECONDARY, in milliseconds: open transactions roll back in this time. */
export const DEMOTE_LIMIT_MS = 30_000;

/** Name of the parameter that carries the target's hardened LSN of the n-th database, from 1. */
export function targetLsnParameter(position: number): string {
  return `target_lsn_${integer(position)}`;
}

/**
 * The register is fenced, the dead-man started, the role given away, and, when every final LSN had
 * arrived on the other side before the batch, the register committed: all under one lock.
 */
export function demote(
  migration: Migration,
  own: MigrationSide,
  databases: readonly string[],
): string {
  const key = dagKey(migration);
  const other = otherName(migration, own);
  const aborted = writeRegister(
    key,
    { phase: phase('aborted'), deadline: 'NULL' },
    `epoch = @epoch AND phase = ${phase('fenced')}`,
  );
  return lockedBatch({
    migration,
    declare: [
      ...registerVariables(migration),
      '@epoch bigint = CONVERT(bigint, @from_epoch) + 1',
      '@refuse bigint = CONVERT(bigint, @refuse_epoch)',
      '@role nvarchar(60)',
      '@deadline datetime2(3)',
      '@fence_until datetime2(3)',
      '@started_job int = -1',
      '@start_error nvarchar(2048)',
    ],
    before: tablesGuard(),
    guarded: `${registerGuard(migration, other)}
${refuseIf(`NOT (${phaseIn('@phase', ['idle', 'aborted', 'done'])}) OR @epoch_now <> @epoch - 1`, guards.registerMoved)}
${demoteGuards(migration, databases)}
${refuseOtherDirection(key)}
SET @fence_until = DATEADD(millisecond, @budget_ms, SYSUTCDATETIME());
${writeRegister(
  key,
  {
    epoch: '@epoch',
    phase: phase('fenced'),
    deadline: '@fence_until',
    owner: OWNER,
    group: '@group',
  },
  `epoch = @epoch - 1 AND ${phaseIn('phase', ['idle', 'aborted', 'done'])}`,
)}
IF @@ROWCOUNT <> 1
  ${throwGuard(guards.registerMoved)};
${migration.cutover.deadMan === 'agent' ? startDeadManOr(migration, aborted) : ''}`,
    alter: giveRoleAway(migration),
    afterFailure: `    ${readRole(migration)}
    IF @role = N'PRIMARY'
      ${aborted}`,
    settled: `${waitForRole(migration, { role: 'SECONDARY', limitMs: DEMOTE_LIMIT_MS, late: guards.demoteUnfinished })}
IF (SELECT COUNT(*) ${ownRows(own)}
      AND (${provedCondition(databases)})) = ${integer(databases.length)}
  ${writeRegister(
    key,
    { phase: phase('committing'), deadline: 'NULL' },
    `epoch = @epoch AND phase = ${phase('fenced')} AND deadline_utc > SYSUTCDATETIME()`,
  )}`,
    answer: `${ROLE_ANSWER}
${registerAnswer(migration)}
SELECT 1 AS part_final_lsns, DB_NAME(drs.database_id) AS database_name,
  CONVERT(varchar(30), drs.end_of_log_lsn) AS end_of_log_lsn,
  CONVERT(varchar(30), drs.last_hardened_lsn) AS last_hardened_lsn
${ownRows(own)} AND DB_NAME(drs.database_id) IN (${nliterals(databases)});`,
  });
}

/** A promotion left over from a switch in the other direction must not make this side primary again. */
function refuseOtherDirection(key: string): string {
  return `UPDATE ${REFUSED} SET epoch = @refuse, seal = ${refusedSeal({ epoch: '@refuse' })}
  WHERE dag = ${key} AND epoch < @refuse AND seal = ${refusedSeal()};
IF NOT EXISTS (SELECT 1 FROM ${REFUSED} WHERE dag = ${key} AND epoch >= @refuse AND seal = ${refusedSeal()})
  ${throwGuard(guards.registerTampered)};`;
}

/** The other side had everything before the batch began; hardened LSNs only grow, so it still has. */
function provedCondition(databases: readonly string[]): string {
  return databases
    .map((name, index) => {
      const proof = `CONVERT(numeric(25, 0), @${targetLsnParameter(index + 1)})`;
      return `(DB_NAME(drs.database_id) = ${nliteral(name)} AND COALESCE(drs.end_of_log_lsn, drs.last_hardened_lsn) <= ${proof} AND COALESCE(drs.last_hardened_lsn, drs.end_of_log_lsn) <= ${proof})`;
    })
    .join('\n        OR ');
}

function demoteGuards(migration: Migration, databases: readonly string[]): string {
  const names = nliterals(databases);
  const dagRows = `FROM sys.dm_hadr_database_replica_states AS drs
      INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
      WHERE ag.name = ${nliteral(migration.distributedAvailabilityGroup)}`;
  return `${readRole(migration)}
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
  ${throwGuard(guards.demoteQuiet)};`;
}

/** Without a dead-man nothing is fenced: the epoch is taken back in the same batch. */
function startDeadManOr(migration: Migration, aborted: string): string {
  return `BEGIN TRY
  ${startDeadMan(migration, '@started_job')}
END TRY
BEGIN CATCH
  SET @started_job = ERROR_NUMBER();
  SET @start_error = ERROR_MESSAGE();
END CATCH;
IF @started_job <> 0
BEGIN
  ${aborted}
  SET @start_error = LEFT(CONCAT(${nliteral(guards.deadManStart.message)}, N' Error ', @started_job, N': ', @start_error), 2000);
  THROW ${integer(guards.deadManStart.number)}, @start_error, 1;
END;`;
}

/** Guarded forced failover on the forwarder, once its hardened LSNs have reached the parameters. */
export function promote(
  migration: Migration,
  own: MigrationSide,
  databases: readonly string[],
): string {
  const arrived = arrivedCondition(databases);
  const rows = ownRows(own);
  const notForwarder = refuseIf("@role IS NULL OR @role <> N'SECONDARY'", guards.promoteRole);
  return lockedBatch({
    migration,
    declare: [
      ...registerVariables(migration),
      '@epoch bigint = CONVERT(bigint, @promote_epoch)',
      '@role nvarchar(60)',
      '@deadline datetime2(3)',
    ],
    before: `${tablesGuard()}
${readRole(migration)}
${notForwarder}
IF (SELECT COUNT(*) ${rows}) <> ${integer(databases.length)}
  ${throwGuard(guards.promoteMembers)};
${waitForLsns(own, databases)}`,
    guarded: `${refusedGuard(migration, otherName(migration, own))}
${refuseIf('@epoch_now >= @epoch', guards.epochRefused)}
SET @role = NULL;
${readRole(migration)}
${notForwarder}
IF (SELECT COUNT(*) ${rows}
      AND (${arrived})) < ${integer(databases.length)}
  ${throwGuard(guards.promoteBehind)};
IF (SELECT COUNT(*) ${rows}
      AND drs.synchronization_state_desc IN (N'REVERTING', N'INITIALIZING')) > 0
  ${throwGuard(guards.promoteState)};`,
    ...takePrimary(migration, databases),
    answer: `${ROLE_ANSWER}
${SERVER_TIME_ANSWER}`,
  });
}

/** Where the epoch stands when the role is taken back. */
export type GiveBackFrom = 'fenced' | 'committing' | 'aborted';

/**
 * Guarded forced failover on the demoted side: it holds every record, so nothing is lost. The register
 * is aborted first; after that no promotion of this epoch can be decided. It says that the role is owed
 * until the role is here, so that whoever comes next, the dead-man too, knows whether to take it.
 * A side that is primary still (the demotion ended between fence and role change) only has its register mended.
 */
export function giveBack(
  migration: Migration,
  own: MigrationSide,
  wanted: { readonly databases: readonly string[]; readonly from: GiveBackFrom },
): string {
  const { databases, from } = wanted;
  const take = takePrimary(migration, databases);
  const key = dagKey(migration);
  return lockedBatch({
    migration,
    declare: [
      ...registerVariables(migration),
      '@epoch bigint = CONVERT(bigint, @give_back_epoch)',
      '@role nvarchar(60)',
      '@deadline datetime2(3)',
      '@owed_since datetime2(3) = SYSUTCDATETIME()',
    ],
    before: tablesGuard(),
    guarded: `${registerGuard(migration, otherName(migration, own))}
${refuseIf(`@phase <> ${phase(from)} OR @epoch_now <> @epoch`, guards.registerMoved)}
${readRole(migration)}
${refuseIf('@role IS NULL', guards.giveBackRole)}
${writeRegister(
  key,
  { phase: phase('aborted'), deadline: '@owed_since', owner: OWNER },
  `epoch = @epoch AND phase = ${phase(from)}${from === 'aborted' ? ' AND deadline_utc IS NOT NULL' : ''}`,
)}
IF @@ROWCOUNT <> 1
  ${throwGuard(guards.registerMoved)};`,
    alter: `IF @role <> N'PRIMARY'
  ${take.alter}`,
    settled: `${take.settled}
${writeRegister(key, { deadline: 'NULL' }, `epoch = @epoch AND phase = ${phase('aborted')}`)}`,
    answer: `${ROLE_ANSWER}
${registerAnswer(migration)}`,
  });
}

/**
 * SET (ROLE = SECONDARY) on the loser of a split brain; the choice was typed by a person. An epoch of its
 * own that is fenced, or whose role is owed to it, ends first: the dead-man would make it primary again.
 */
export function fenceSplitBrain(migration: Migration): string {
  return lockedBatch({
    migration,
    declare: [PLACE_VARIABLE, '@role nvarchar(60)', '@deadline datetime2(3)'],
    guarded: `${readRole(migration)}
${refuseIf("@role IS NULL OR @role <> N'PRIMARY'", guards.splitBrainRole)}
IF OBJECT_ID(${nliteral(REGISTER)}) IS NOT NULL
  ${writeRegister(
    dagKey(migration),
    { phase: phase('aborted'), deadline: 'NULL', owner: OWNER },
    phaseIn('phase', ['fenced', 'aborted']),
  )}`,
    alter: giveRoleAway(migration),
    settled: waitForRole(migration, {
      role: 'SECONDARY',
      limitMs: DEMOTE_LIMIT_MS,
      late: guards.demoteUnfinished,
    }),
    answer: `${ROLE_ANSWER}
${SERVER_TIME_ANSWER}`,
  });
}

/** FORCE_FAILOVER_ALLOW_DATA_LOSS while the other side cannot be seen; the loss was accepted by a person. */
export function forcePromote(migration: Migration, databases: readonly string[]): string {
  return lockedBatch({
    migration,
    declare: ['@role nvarchar(60)', '@deadline datetime2(3)'],
    guarded: `${readRole(migration)}
${refuseIf("@role IS NULL OR @role = N'PRIMARY'", guards.promoteRole)}`,
    ...takePrimary(migration, databases),
    answer: `${ROLE_ANSWER}
${SERVER_TIME_ANSWER}`,
  });
}
