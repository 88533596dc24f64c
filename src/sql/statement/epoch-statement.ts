/** Batches that move the register or wait, without a role change: await, commit, refuse, close, and the prior state. */

import type { Migration, MigrationSide } from '../../model/migration.ts';
import { lockedBatch } from './act-lock.ts';
import { guards, throwGuard } from './guard.ts';
import {
  dagKey,
  otherName,
  OWNER,
  phase,
  phaseIn,
  REFUSED,
  refusedGuard,
  refusedSeal,
  refuseIf,
  registerVariables,
  registerAnswer,
  registerGuard,
  SERVER_TIME_ANSWER,
  tablesGuard,
  writeRegister,
} from './register-guard.ts';
import { readRole, waitForLsns } from './role-part.ts';

/** Waits on the forwarder for the final LSNs; changes nothing. */
export function awaitLsns(
  migration: Migration,
  own: MigrationSide,
  databases: readonly string[],
): string {
  return `SET NOCOUNT ON;
DECLARE @role nvarchar(60), @deadline datetime2(3), @started datetime2(7) = SYSUTCDATETIME();
${readRole(migration)}
${refuseIf("@role IS NULL OR @role <> N'SECONDARY'", guards.promoteRole)}
${waitForLsns(own, databases)}
${SERVER_TIME_ANSWER}`;
}

/** CAS fenced -> committing, before the deadline by the clock of the server that keeps the register. */
export function commitEpoch(migration: Migration, own: MigrationSide): string {
  return lockedBatch({
    migration,
    declare: [
      ...registerVariables(migration),
      '@epoch bigint = CONVERT(bigint, @commit_epoch)',
      '@role nvarchar(60)',
    ],
    before: tablesGuard(),
    guarded: `${registerGuard(migration, otherName(migration, own))}
${refuseIf(`@phase <> ${phase('fenced')} OR @epoch_now <> @epoch`, guards.registerMoved)}
${readRole(migration)}
${refuseIf("@role IS NULL OR @role <> N'SECONDARY'", guards.commitRole)}
${writeRegister(
  dagKey(migration),
  { phase: phase('committing'), deadline: 'NULL', owner: OWNER },
  `epoch = @epoch AND phase = ${phase('fenced')} AND deadline_utc > SYSUTCDATETIME()`,
)}
IF @@ROWCOUNT <> 1
  ${throwGuard(guards.deadlinePassed)};`,
    answer: registerAnswer(migration),
  });
}

/** CAS committing -> done, on the side that gave the role away. */
export function closeEpoch(migration: Migration, own: MigrationSide): string {
  return lockedBatch({
    migration,
    declare: [
      ...registerVariables(migration),
      '@epoch bigint = CONVERT(bigint, @close_epoch)',
      '@role nvarchar(60)',
    ],
    before: tablesGuard(),
    guarded: `${registerGuard(migration, otherName(migration, own))}
${refuseIf(`@phase <> ${phase('committing')} OR @epoch_now <> @epoch`, guards.registerMoved)}
${readRole(migration)}
${refuseIf("@role = N'PRIMARY'", guards.commitRole)}
${writeRegister(
  dagKey(migration),
  { phase: phase('done'), deadline: 'NULL', owner: OWNER },
  `epoch = @epoch AND phase = ${phase('committing')}`,
)}
IF @@ROWCOUNT <> 1
  ${throwGuard(guards.registerMoved)};`,
    answer: registerAnswer(migration),
  });
}

/** Raises the highest epoch that may not promote; under the lock that a promotion holds too. */
export function refuseEpoch(migration: Migration, own: MigrationSide): string {
  const other = otherName(migration, own);
  return lockedBatch({
    migration,
    declare: [
      ...registerVariables(migration),
      '@epoch bigint = CONVERT(bigint, @refuse_epoch)',
      '@role nvarchar(60)',
    ],
    before: tablesGuard(),
    guarded: `${refusedGuard(migration, other)}
${readRole(migration)}
${refuseIf("@role IS NULL OR @role <> N'SECONDARY'", guards.refuseRole)}
UPDATE ${REFUSED} SET epoch = @epoch, seal = ${refusedSeal({ epoch: '@epoch' })}
    WHERE dag = ${dagKey(migration)} AND epoch < @epoch AND seal = ${refusedSeal()};`,
    answer: SERVER_TIME_ANSWER,
  });
}

/** Writes the settings as they were into the register, outside of an epoch that runs. */
export function recordPriorState(migration: Migration, own: MigrationSide): string {
  return lockedBatch({
    migration,
    declare: registerVariables(migration),
    before: tablesGuard(),
    guarded: `${registerGuard(migration, otherName(migration, own))}
${refuseIf(`NOT (${phaseIn('@phase', ['idle', 'aborted', 'done'])})`, guards.registerMoved)}
${writeRegister(
  dagKey(migration),
  { prior: '@prior_state', owner: OWNER },
  phaseIn('phase', ['idle', 'aborted', 'done']),
)}
IF @@ROWCOUNT <> 1
  ${throwGuard(guards.registerMoved)};`,
    answer: registerAnswer(migration),
  });
}
