/** Rules of `cutover` while the source is primary: ready, synchronous, demoted. The fence is in `fence.ts`. */

import { shownName, shownNames } from '../../base/name.ts';
import type { Memory } from '../../model/decision.ts';
import type { CommitRegister } from '../../model/register.ts';
import { dagRole, findDatabase, holds, isSynchronous, selectedNames, sides } from '../look.ts';
import { predictionWords, predictOutage } from '../outage-prediction.ts';
import { missingFor, readinessNeeds } from '../readiness.ts';
import { isLive, registerOf, targetLsns } from '../register-look.ts';
import { rule } from '../rule.ts';

/** This run took the switch back: say so and stop. */
export const takenBack = rule({
  id: 'R-TAKEN-BACK',
  phase: 'abort',
  title: 'Stop: the cutover was taken back',
  why: 'The primary role was given back to the source in this run; trying again by itself could go in circles.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'sourceControl'],
  when: ({ memory }) => memory.givenBack || memory.fencedEpoch !== null,
  match: ({ sourceDag, sourceControl }, { migration, memory }) =>
    dagRole(sourceDag) !== 'PRIMARY' || !isTakenBack(registerOf(sourceControl), memory)
      ? null
      : {
          kind: 'needs-human',
          because: `${memory.refusal === null ? 'The switch did not end in time' : `The server refused the switch (${memory.refusal.summary.replace(/\.$/u, '')})`}, so the source is primary and writable again: this run, another operator or the dead-man gave the role back, or it never moved. No commit was lost.`,
          blockers: memory.refusal === null ? [] : [memory.refusal.remedy],
          remedy:
            memory.refusal === null
              ? `Look at the link and the redo queue with sqlferry status, then run sqlferry cutover --confirm ${migration.distributedAvailabilityGroup} again, with a longer cutover.maxOutage if need be.`
              : `Mend what is named, then run sqlferry cutover --confirm ${migration.distributedAvailabilityGroup} again; sqlferry abort puts the commit modes back meanwhile.`,
        },
});

/** This run gave the role back, or somebody else aborted the epoch it fenced. */
export function isTakenBack(register: CommitRegister | null, memory: Memory): boolean {
  return (
    memory.givenBack || (register?.phase === 'aborted' && register.epoch === memory.fencedEpoch)
  );
}

/** 2022 and later: a link that breaks now would hold up every commit. */
export const releaseLink = rule({
  id: 'R-REQUIRED-RELEASE-LINK',
  phase: 'synchronise',
  title: 'Take back REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT while the link is broken',
  why: 'With the option set every commit on the source waits for a target that is not there; the source still serves.',
  emits: 'set-required-secondaries',
  reversal: 'Set again when every database is SYNCHRONIZED.',
  reference: 'configure',
  needs: ['sourceDag'],
  match: ({ sourceDag }) =>
    sourceDag === null ||
    dagRole(sourceDag) !== 'PRIMARY' ||
    sourceDag.requiredSynchronizedSecondariesToCommit === 0 ||
    sourceDag.remote?.connectedStateDesc === 'CONNECTED'
      ? null
      : {
          kind: 'act',
          because: `The source shows the target as ${sourceDag.remote?.connectedStateDesc ?? 'no row'}, and commits wait for it.`,
          act: { kind: 'set-required-secondaries', side: 'source', value: 0 },
        },
});

/** A cutover has begun and the link is not in order at the moment. */
export const waitLink = rule({
  id: 'R-CUTOVER-WAIT-LINK',
  phase: 'synchronise',
  title: 'Wait until the link is in order again',
  why: 'The cutover has begun (a side is synchronous or a login is disabled) and the sides are out of step; the source still serves.',
  emits: 'wait',
  reversal: null,
  reference: 'complete',
  needs: [...readinessNeeds, 'sourceFenceLogins'],
  match: (parts, { migration }) => {
    const missing = missingFor(parts, migration);
    if (missing.structure.length > 0 || missing.movement.length === 0) return null;
    const suspended = parts.targetDatabases.some(
      (database) => database.local?.isSuspended === true,
    );
    const begun =
      [parts.sourceDag, parts.targetDag].some((dag) => dag !== null && isSynchronous(dag)) ||
      parts.sourceFenceLogins.some((login) => login.isDisabled);
    if (!begun || suspended) return null;
    return {
      kind: 'wait',
      because: 'The two sides are out of step; nothing is switched before they are in step again.',
      blockers: missing.movement,
    };
  },
});

/** Not ready. */
export const notReady = rule({
  id: 'R-CUTOVER-NOT-READY',
  phase: 'ready',
  title: 'Stop: not ready for cutover',
  why: 'The migration has not reached the conditions of the article; switching now would wait or lose.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: readinessNeeds,
  match: (parts, { migration, intent }) => {
    const missing = missingFor(parts, migration);
    const blockers = [...missing.structure, ...missing.movement];
    if (blockers.length === 0) return null;
    return {
      kind: 'needs-human',
      because: 'The migration is not ready for cutover.',
      blockers,
      remedy:
        intent.goal === 'failback'
          ? 'Mend what is named, then run the same command again.'
          : 'Run sqlferry migrate until it says ready for cutover.',
    };
  },
});

/** A login of the fence list that is not there. */
export const fenceLoginMissing = rule({
  id: 'R-FENCE-LOGIN-MISSING',
  phase: 'ready',
  title: 'Stop: a login of the fence list does not exist on the source',
  why: 'A misspelt login would leave the real one connected.',
  emits: 'needs-human',
  reversal: null,
  reference: 'alterLogin',
  needs: ['sourceFenceLogins'],
  match: ({ sourceFenceLogins }, { migration }) => {
    const found = sourceFenceLogins.map((login) => login.name);
    const missing = migration.cutover.fenceLogins.filter((name) => !holds(found, name));
    if (missing.length === 0) return null;
    return {
      kind: 'needs-human',
      because: `cutover.fence.logins names ${shownNames(missing)}, which the source does not have.`,
      remedy: 'Correct cutover.fence.logins in the migration file.',
    };
  },
});

/** Local replicas commit synchronously. */
export const replicaSynchronous = rule({
  id: 'R-REPLICA-SYNCHRONOUS',
  phase: 'synchronise',
  title: 'Set the local replica to synchronous commit',
  why: 'Both local groups must commit synchronously before the distributed group can.',
  emits: 'set-replica-synchronous',
  reversal: 'MODIFY REPLICA ... AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, by hand.',
  reference: 'configure',
  needs: ['sourceGroup', 'targetGroup'],
  match: ({ sourceGroup, targetGroup }) => {
    for (const side of sides) {
      const group = side === 'source' ? sourceGroup : targetGroup;
      if (group === null || group.localAvailabilityModeDesc === 'SYNCHRONOUS_COMMIT') continue;
      return {
        kind: 'act',
        because: `The replica of ${shownName(group.name)} on the ${side} is ${group.localAvailabilityModeDesc}.`,
        act: { kind: 'set-replica-synchronous', side },
      };
    }
    return null;
  },
});

/** The DAG commits synchronously, said on both sides. */
export const dagSynchronous = rule({
  id: 'R-DAG-SYNCHRONOUS',
  phase: 'synchronise',
  title: 'Set the distributed group to synchronous commit on this side',
  why: 'The options are stored on each side by itself; forgetting one leaves the group asynchronous while the other says synchronous.',
  emits: 'set-distributed-mode',
  reversal: 'The same statement with ASYNCHRONOUS_COMMIT: sqlferry abort or finish --keep does it.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }) => {
    for (const side of sides) {
      const dag = side === 'source' ? sourceDag : targetDag;
      if (dag === null || isSynchronous(dag)) continue;
      return {
        kind: 'act',
        because: `The ${side}'s copy of ${shownName(dag.name)} is not synchronous for both members.`,
        act: { kind: 'set-distributed-mode', side, mode: 'SYNCHRONOUS_COMMIT' },
      };
    }
    return null;
  },
});

/** SYNCHRONIZED for every database. */
export const waitSynchronized = rule({
  id: 'R-CUTOVER-WAIT-SYNCHRONIZED',
  phase: 'synchronise',
  title: 'Wait until every database is SYNCHRONIZED in the distributed group',
  why: 'Only then does every commit wait for the target; the source keeps serving.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDatabases'],
  match: ({ sourceDatabases }, { migration }) => {
    const late = selectedNames(migration, sourceDatabases).flatMap((name) => {
      const row = findDatabase(sourceDatabases, name)?.distributed ?? null;
      return row?.synchronizationStateDesc === 'SYNCHRONIZED'
        ? []
        : [`${shownName(name)} is ${row?.synchronizationStateDesc ?? 'not shown'}.`];
    });
    return late.length === 0
      ? null
      : { kind: 'wait', because: 'Not every database is SYNCHRONIZED yet.', blockers: late };
  },
});

/** 2022 and later: no commit without the target. */
export const requireSecondaries = rule({
  id: 'R-REQUIRED-SECONDARIES',
  phase: 'synchronise',
  title: 'Let no commit succeed without the target',
  why: 'SQL Server 2022 and later on both sides: with REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1, set after SYNCHRONIZED and before the role change, the source releases no commit that the target does not have.',
  emits: 'set-required-secondaries',
  reversal:
    'The same statement with 0: sqlferry cutover does it after the switch, sqlferry abort before.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceServer', 'targetServer'],
  match: ({ sourceDag, targetDag, sourceServer, targetServer }) => {
    const able = sourceServer.versionMajor >= 16 && targetServer.versionMajor >= 16;
    if (!able || sourceDag === null || dagRole(sourceDag) !== 'PRIMARY') return null;
    if (dagRole(targetDag) !== 'SECONDARY') return null;
    return sourceDag.requiredSynchronizedSecondariesToCommit > 0
      ? null
      : {
          kind: 'act',
          because: `Every database is SYNCHRONIZED, and ${shownName(sourceDag.name)} on the source still lets commits succeed without the target.`,
          act: { kind: 'set-required-secondaries', side: 'source', value: 1 },
        };
  },
});

/** The queues would stretch the outage. */
export const waitRedo = rule({
  id: 'R-CUTOVER-WAIT-REDO',
  phase: 'synchronise',
  title: 'Wait until the predicted outage is within maxOutage',
  why: 'Promotion recovers the databases, so what is not sent and redone yet becomes outage; the cutover has begun, and the source still serves.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDatabases', 'targetDatabases'],
  match: (_parts, { observation, migration, policy }) => {
    const prediction = predictOutage(observation, migration, policy);
    return prediction.totalMs <= migration.cutover.maxOutageMs
      ? null
      : {
          kind: 'wait',
          because: `The outage would be longer than ${migration.cutover.maxOutageMs} ms.`,
          blockers: [predictionWords(prediction)],
        };
  },
});

/** The switch begins. */
export const demote = rule({
  id: 'R-DEMOTE',
  phase: 'switch',
  title: 'Fence the epoch and demote the source',
  why: 'Quiet, SYNCHRONIZED and equal. One batch takes the next epoch in the register, starts the dead-man, checks role, synchronisation and sessions again, demotes, reads the last LSNs, and decides for going forward when the target had all of them.',
  emits: 'demote',
  reversal:
    'FORCE_FAILOVER_ALLOW_DATA_LOSS on the source, as long as the target is not promoted: sqlferry abort does it, or the dead-man when the budget is over.',
  reference: 'configure',
  needs: [
    'sourceDag',
    'targetDag',
    'sourceDatabases',
    'targetDatabases',
    'sourceControl',
    'targetControl',
    'sourceServer',
    'targetServer',
  ],
  match: (parts, { migration, policy }) => {
    const register = registerOf(parts.sourceControl);
    const other = registerOf(parts.targetControl);
    const names = selectedNames(migration, parts.sourceDatabases);
    const reached = targetLsns(names, parts.targetDatabases);
    if (dagRole(parts.sourceDag) !== 'PRIMARY' || dagRole(parts.targetDag) !== 'SECONDARY') {
      return null;
    }
    if (register === null || other === null || reached === null || isLive(register)) return null;
    const oneWay = parts.targetServer.versionMajor > parts.sourceServer.versionMajor;
    return {
      kind: 'act',
      because: `The source is fenced and quiet, and both sides have the same end of the log.${oneWay ? ' The target is newer: there is no failback after this switch.' : ''}`,
      act: {
        kind: 'demote',
        side: 'source',
        databases: names,
        fromEpoch: register.epoch,
        budgetMs: migration.cutover.maxOutageMs,
        // Without a proof the batch leaves the epoch fenced: comparing is a step of its own.
        targetLsns: policy.stepwise ? [] : reached,
        refuseEpoch: other.epoch,
      },
    };
  },
});
