/** Rules that a cutover looks at before it changes anything: budget, prediction, dead-man, prior state. */

import { parseUtc } from '../../base/utc.ts';
import type { PriorState } from '../../model/prior-state.ts';
import type { DistributedObservation, LoginObservation } from '../../model/observation.ts';
import { dagRole, holds, isAsynchronous, isSynchronous } from '../look.ts';
import { leastOutageMs, predictionLines, predictOutage } from '../outage-prediction.ts';
import { registerOf } from '../register-look.ts';
import { groupedSides } from '../replica-look.ts';
import { automaticReplicas } from './failover-mode.ts';
import { rule } from '../rule.ts';

/** Logs do not travel from a newer version to an older one. */
export const failbackVersions = rule({
  id: 'R-FAILBACK-VERSION',
  phase: 'ready',
  title: 'Stop: no failback to an older version of SQL Server',
  why: 'Databases that were opened by the newer version were upgraded, and the older one cannot receive their log.',
  emits: 'needs-human',
  reversal: null,
  reference: 'distributed',
  needs: ['sourceServer', 'targetServer', 'sourceDag'],
  match: ({ sourceServer, targetServer, sourceDag }) =>
    dagRole(sourceDag) !== 'PRIMARY' || sourceServer.versionMajor <= targetServer.versionMajor
      ? null
      : {
          kind: 'needs-human',
          because: `The source runs ${sourceServer.productVersion} and the target ${targetServer.productVersion}: the target is older.`,
          remedy:
            'There is no way back through the distributed group. Upgrade the older side first, or copy the data by other means.',
        },
});

/** A budget nobody can keep. */
export const budgetTooSmall = rule({
  id: 'R-BUDGET-TOO-SMALL',
  phase: 'ready',
  title: 'Stop: cutover.maxOutage is too small for any switch',
  why: 'The dead-man would take the switch back before it can end: two role changes and two round trips do not fit.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag'],
  match: ({ sourceDag }, { observation, migration, policy }) => {
    const prediction = predictOutage(observation, migration, policy);
    const { measured } = prediction;
    const floor = measured === null ? policy.leastBudgetMs : policy.leastMeasuredBudgetMs;
    const least = Math.max(floor, leastOutageMs(prediction));
    if (dagRole(sourceDag) !== 'PRIMARY' || migration.cutover.maxOutageMs >= least) return null;
    return {
      kind: 'needs-human',
      because: `cutover.maxOutage is ${migration.cutover.maxOutageMs} ms, and no switch of this pair is ${measured === null ? 'expected to be' : 'accepted that must be'} shorter than ${least} ms.`,
      blockers: predictionLines(prediction).map((line) => `${line}.`),
      remedy: `Set cutover.maxOutage (or --max-outage) to at least ${Math.ceil(least / 1000)} s.${measured === null ? ' Once a switch of this migration was measured, its own times count.' : ''}`,
    };
  },
});

/** The outage would be longer than allowed: not begun. */
export const outagePredicted = rule({
  id: 'R-OUTAGE-PREDICTED',
  phase: 'ready',
  title: 'Stop: the outage would be longer than cutover.maxOutage',
  why: 'What is still to be sent and redone becomes outage. Nothing has been changed yet.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceDatabases', 'targetDatabases', 'sourceFenceLogins'],
  match: (parts, { observation, migration, policy }) => {
    const prediction = predictOutage(observation, migration, policy);
    if (prediction.totalMs <= migration.cutover.maxOutageMs || hasBegun(parts)) return null;
    return {
      kind: 'needs-human',
      because: `The predicted outage is ${prediction.totalMs} ms, cutover.maxOutage is ${migration.cutover.maxOutageMs} ms.`,
      blockers: predictionLines(prediction).map((line) => `${line}.`),
      remedy:
        'Wait until the queues are shorter (sqlferry status shows them) or allow a longer outage with --max-outage, then run sqlferry cutover again.',
    };
  },
});

/** Whether this cutover has changed anything already. */
export function hasBegun(parts: {
  readonly sourceDag: DistributedObservation | null;
  readonly targetDag: DistributedObservation | null;
  readonly sourceFenceLogins: readonly LoginObservation[];
}): boolean {
  return (
    [parts.sourceDag, parts.targetDag].some((dag) => dag !== null && isSynchronous(dag)) ||
    parts.sourceFenceLogins.some((login) => login.isDisabled)
  );
}

/** The job of the dead-man. */
export const deadManCreate = rule({
  id: 'R-DEAD-MAN-CREATE',
  phase: 'prepare',
  title: 'Create the job of the dead-man on the source',
  why: 'If whoever switches dies in the outage, this SQL Server Agent job gives the source its writes back when the budget is over. It does nothing at any other time.',
  emits: 'create-dead-man',
  reversal: 'sqlferry finish --drop deletes it.',
  reference: 'configure',
  needs: ['sourceDeadMan'],
  when: ({ migration }) => migration.cutover.deadMan === 'agent',
  match: ({ sourceDeadMan }) =>
    sourceDeadMan.jobExists
      ? null
      : {
          kind: 'act',
          because: 'The source has no enabled job of the dead-man for this group.',
          act: { kind: 'create-dead-man', side: 'source' },
        },
});

/** Nobody would fire. */
export const deadManAbsent = rule({
  id: 'R-DEAD-MAN-ABSENT',
  phase: 'ready',
  title: 'Stop: the dead-man that the migration file asks for does not run',
  why: 'Without it a tool that dies in the outage leaves both copies closed until somebody comes.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDeadMan'],
  when: ({ migration }) => migration.cutover.deadMan !== 'off',
  match: ({ sourceDeadMan }, { migration }) => {
    const agent = migration.cutover.deadMan === 'agent';
    const absent = agent ? sourceDeadMan.agentRunning === false : !sourceDeadMan.watcherConnected;
    if (!absent) return null;
    return {
      kind: 'needs-human',
      because: agent
        ? 'SQL Server Agent does not run on the source.'
        : 'No sqlferry watch is connected to the source.',
      remedy: agent
        ? 'Start SQL Server Agent on the source, or set cutover.deadMan to watcher (and run sqlferry watch) or to off.'
        : 'Run sqlferry watch from a second machine, or set cutover.deadMan to agent or off.',
    };
  },
});

/** It ran before and has not ended yet. */
export const deadManBusy = rule({
  id: 'R-DEAD-MAN-BUSY',
  phase: 'ready',
  title: 'Wait until the dead-man of the attempt before has ended',
  why: 'The job ends by itself within a moment when its epoch is over; while it runs it cannot be started for a new one.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'sourceDeadMan'],
  when: ({ migration }) => migration.cutover.deadMan === 'agent',
  match: ({ sourceDag, sourceDeadMan }) =>
    dagRole(sourceDag) === 'PRIMARY' && sourceDeadMan.jobRunning
      ? {
          kind: 'wait',
          because: 'The job of the dead-man is running.',
          blockers: ['The dead-man of an earlier attempt has not ended.'],
        }
      : null,
});

/** Fired once, so that it is known to fire. */
export const deadManRehearse = rule({
  id: 'R-DEAD-MAN-REHEARSE',
  phase: 'ready',
  title: 'Fire the dead-man once on a dummy epoch',
  why: 'A dead-man that was never seen to fire is a hope. The dummy epoch touches no availability group.',
  emits: 'rehearse-dead-man',
  reversal: 'None needed: it leaves nothing behind.',
  reference: 'configure',
  needs: ['sourceDeadMan', 'sourceClock'],
  when: ({ migration }) => migration.cutover.deadMan === 'agent',
  match: ({ sourceDeadMan, sourceClock }, { policy }) => {
    const last = sourceDeadMan.rehearsedUtc === null ? null : parseUtc(sourceDeadMan.rehearsedUtc);
    const now = parseUtc(sourceClock);
    const fresh = last !== null && now !== null && Math.abs(now - last) <= policy.rehearsalValidMs;
    return fresh
      ? null
      : {
          kind: 'act',
          because:
            last === null
              ? 'The dead-man was never seen to fire.'
              : `The dead-man was last seen to fire at ${sourceDeadMan.rehearsedUtc ?? ''}.`,
          act: { kind: 'rehearse-dead-man', side: 'source' },
        };
  },
});

/** What abort has to restore. */
export const recordPriorState = rule({
  id: 'R-PRIOR-STATE-RECORD',
  phase: 'synchronise',
  title: 'Record logins and commit mode as they are, in the register',
  why: 'Before the first change: whoever takes the switch back, the dead-man too, restores exactly this.',
  emits: 'record-prior-state',
  reversal: 'None needed: it only records.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl', 'sourceFenceLogins'],
  match: (
    { sourceDag, targetDag, sourceControl, sourceFenceLogins },
    { observation, migration },
  ) => {
    const register = registerOf(sourceControl);
    if (register === null || sourceDag === null || targetDag === null) return null;
    const untouched = isAsynchronous(sourceDag) && isAsynchronous(targetDag);
    const now: PriorState = {
      enabledLogins: sourceFenceLogins
        .filter((login) => !login.isDisabled)
        .map((login) => login.name),
      distributedMode:
        isSynchronous(sourceDag) && isSynchronous(targetDag)
          ? 'SYNCHRONOUS_COMMIT'
          : 'ASYNCHRONOUS_COMMIT',
      ...(groupedSides(migration).length === 0
        ? {}
        : { automaticReplicas: automaticReplicas(observation) }),
    };
    const prior = untouched || register.prior === null ? now : withFreshModes(register.prior, now);
    if (register.prior !== null && samePrior(register.prior, prior)) return null;
    return {
      kind: 'act',
      because:
        register.prior === null
          ? 'The register does not say how things were before.'
          : 'Nothing of this cutover has been changed yet, and the register says something else than the servers.',
      act: { kind: 'record-prior-state', side: 'source', prior },
    };
  },
});

/** What is recorded, with the failover modes of now as long as this switch has turned none off. */
function withFreshModes(prior: PriorState, now: PriorState): PriorState {
  const automatic = now.automaticReplicas ?? [];
  const isBegun = (prior.automaticReplicas ?? []).some((name) => !holds(automatic, name));
  return isBegun || automatic.length === 0 ? prior : { ...prior, automaticReplicas: automatic };
}

function samePrior(left: PriorState, right: PriorState): boolean {
  return (
    left.distributedMode === right.distributedMode &&
    sameNames(left.automaticReplicas ?? [], right.automaticReplicas ?? []) &&
    sameNames(left.enabledLogins, right.enabledLogins)
  );
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => holds(right, name));
}
