/** Rules of `cutover` while the source is primary: ready, synchronous, fenced, quiet, demoted. */

import { shownName, shownNames } from '../../base/name.ts';
import type { DatabaseObservation, SessionObservation } from '../../model/observation.ts';
import {
  behind,
  dagRole,
  findDatabase,
  holds,
  isQuiet,
  isSynchronous,
  observedFinalLsns,
  selectedNames,
  sides,
} from '../look.ts';
import { attemptsOf } from '../memory.ts';
import { lagWords, missingFor, readinessNeeds } from '../readiness.ts';
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
  needs: ['sourceDag'],
  when: ({ memory }) => memory.givenBack,
  match: ({ sourceDag }, { migration }) =>
    dagRole(sourceDag) !== 'PRIMARY'
      ? null
      : {
          kind: 'needs-human',
          because:
            'The target did not have the end of the log in time, so the source is primary and writable again. No commit was lost.',
          remedy: `Look at the link and the redo queue with sqlferry status, then run sqlferry cutover --confirm ${migration.distributedAvailabilityGroup} again, with a longer cutover.maxOutage if need be.`,
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
  match: (parts, { migration }) => {
    const missing = missingFor(parts, migration);
    const blockers = [...missing.structure, ...missing.movement];
    if (blockers.length === 0) return null;
    return {
      kind: 'needs-human',
      because: 'The migration is not ready for cutover.',
      blockers,
      remedy: 'Run sqlferry migrate until it says ready for cutover.',
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

/** The redo queue would stretch the outage. */
export const waitRedo = rule({
  id: 'R-CUTOVER-WAIT-REDO',
  phase: 'synchronise',
  title: 'Wait until the target has redone enough of the log',
  why: 'Promotion recovers the databases, so what is not redone yet becomes outage; more than maxOutage of it is not begun.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDatabases', 'targetDatabases'],
  match: ({ sourceDatabases, targetDatabases }, { migration }) => {
    const slow = selectedNames(migration, sourceDatabases).flatMap((name) => {
      const expected = redoMs(findDatabase(targetDatabases, name));
      return expected === null || expected <= migration.cutover.maxOutageMs
        ? []
        : [`${shownName(name)}: about ${Math.ceil(expected / 1000)} s of redo are left.`];
    });
    return slow.length === 0
      ? null
      : {
          kind: 'wait',
          because: `The target would need longer than ${migration.cutover.maxOutageMs} ms to open the databases.`,
          blockers: slow,
        };
  },
});

function redoMs(database: DatabaseObservation | null): number | null {
  const queue = database?.local?.redoQueueKb ?? null;
  const rate = database?.local?.redoRateKb ?? null;
  return queue === null || rate === null || rate <= 0 ? null : (1000 * queue) / rate;
}

/** Applications are kept away. */
export const fenceLogin = rule({
  id: 'R-FENCE-LOGIN',
  phase: 'fence',
  title: 'Disable an application login on the source',
  why: 'Its connections come back by themselves otherwise; what was enabled before is recorded, and abort enables it again.',
  emits: 'disable-login',
  reversal:
    'ALTER LOGIN ... ENABLE: sqlferry abort does it. After the switch it stays disabled on the source.',
  reference: 'alterLogin',
  needs: ['sourceFenceLogins'],
  match: ({ sourceFenceLogins }) => {
    const login = sourceFenceLogins.find((row) => !row.isDisabled);
    return login === undefined
      ? null
      : {
          kind: 'act',
          because: `Login ${shownName(login.name)} is enabled on the source.`,
          act: { kind: 'disable-login', side: 'source', login: login.name },
        };
  },
});

/** Grace for running work. */
export const waitSessions = rule({
  id: 'R-FENCE-WAIT-SESSIONS',
  phase: 'fence',
  title: 'Wait until the sessions have left the databases',
  why: 'Open sessions, sleeping ones too, can still write; they get the grace of cutover.fence.killSessionsAfter.',
  emits: 'wait',
  reversal: null,
  reference: 'complete',
  needs: ['sourceSessions'],
  match: ({ sourceSessions }, { memory, migration }) => {
    const grace = migration.cutover.killSessionsAfterMs;
    if (sourceSessions.length === 0 || (memory.fencedMs !== null && memory.fencedMs >= grace)) {
      return null;
    }
    return {
      kind: 'wait',
      because: `${sourceSessions.length} session(s) are in the databases; they are ended after ${grace} ms.`,
      blockers: sourceSessions.slice(0, 20).map((session) => sessionWords(session)),
    };
  },
});

/** Sessions come back. */
export const sessionsReturn = rule({
  id: 'R-FENCE-SESSIONS-RETURN',
  phase: 'fence',
  title: 'Stop: sessions come back after they were ended',
  why: 'Something connects with a login that is not in the fence list; as long as it may write, the LSNs are not at rest.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: ['sourceSessions', 'sourceDatabases'],
  match: ({ sourceSessions, sourceDatabases }, { memory, migration, policy }) => {
    const databases = selectedNames(migration, sourceDatabases);
    const killed = attemptsOf(memory, { kind: 'kill-sessions', side: 'source', databases });
    if (sourceSessions.length === 0 || killed < policy.maxSessionKills) return null;
    return {
      kind: 'needs-human',
      because: `Sessions came back ${killed} times after they were ended. The source still serves.`,
      blockers: sourceSessions.slice(0, 20).map((session) => sessionWords(session)),
      remedy:
        'Stop that program or add its login to cutover.fence.logins, then run sqlferry cutover again; sqlferry abort lifts the fence.',
    };
  },
});

/** Sessions that did not leave. */
export const killSessions = rule({
  id: 'R-FENCE-KILL',
  phase: 'fence',
  title: 'End the sessions that are still in the databases',
  why: 'The grace is over. Open transactions are rolled back; nothing that was committed is lost.',
  emits: 'kill-sessions',
  reversal: 'None: the applications connect again by themselves.',
  reference: 'complete',
  needs: ['sourceSessions', 'sourceDatabases'],
  match: ({ sourceSessions, sourceDatabases }, { migration }) =>
    sourceSessions.length === 0
      ? null
      : {
          kind: 'act',
          because: `${sourceSessions.length} session(s) are still in the databases after the grace: ${sourceSessions
            .slice(0, 5)
            .map((session) => sessionWords(session))
            .join(' ')}`,
          act: {
            kind: 'kill-sessions',
            side: 'source',
            databases: selectedNames(migration, sourceDatabases),
          },
        },
});

/** Proof of rest. */
export const waitQuiet = rule({
  id: 'R-QUIET-WAIT',
  phase: 'fence',
  title: 'Wait until two observations show the same LSNs',
  why: 'No session, and last commit and hardened LSN unchanged on both sides in two observations on unchanged sessions: nothing is written any more.',
  emits: 'wait',
  reversal: null,
  reference: 'complete',
  needs: ['sourceSessions'],
  match: (_parts, { memory }) =>
    isQuiet(memory)
      ? null
      : {
          kind: 'wait',
          because: 'The LSNs were not yet the same in two observations.',
          blockers: ['The log is not known to be at rest.'],
        },
});

/** Same end of log on both sides. */
export const waitEqual = rule({
  id: 'R-EQUAL-WAIT',
  phase: 'fence',
  title: 'Wait until the target has the end of the log of every database',
  why: 'SYNCHRONIZED a moment ago proves nothing: after the session timeout commits are released without the target. Only equal LSNs count, and null is equal to nothing.',
  emits: 'wait',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDatabases', 'targetDatabases'],
  match: ({ sourceDatabases, targetDatabases }, { migration }) => {
    const names = selectedNames(migration, sourceDatabases);
    const finals = observedFinalLsns(names, sourceDatabases);
    const late = finals === null ? names : behind(finals, targetDatabases);
    return late.length === 0
      ? null
      : {
          kind: 'wait',
          because: 'The LSNs of the two sides are not equal.',
          blockers: late.map((name) =>
            lagWords(findDatabase(sourceDatabases, name), findDatabase(targetDatabases, name)),
          ),
        };
  },
});

/** The switch begins. */
export const demote = rule({
  id: 'R-DEMOTE',
  phase: 'switch',
  title: 'Demote the source',
  why: 'Fenced, quiet, SYNCHRONIZED and equal. The batch checks role, synchronisation and sessions again and answers the last LSN; from here no copy is writable until the target is promoted.',
  emits: 'demote',
  reversal:
    'FORCE_FAILOVER_ALLOW_DATA_LOSS on the source, as long as the target is not promoted: sqlferry abort does it.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceDatabases'],
  match: ({ sourceDag, targetDag, sourceDatabases }, { migration }) =>
    dagRole(sourceDag) === 'PRIMARY' && dagRole(targetDag) === 'SECONDARY'
      ? {
          kind: 'act',
          because: 'The source is fenced and quiet, and both sides have the same end of the log.',
          act: {
            kind: 'demote',
            side: 'source',
            databases: selectedNames(migration, sourceDatabases),
          },
        }
      : null,
});

function sessionWords(session: SessionObservation): string {
  const open =
    session.openTransactions > 0 ? `, ${session.openTransactions} open transaction(s)` : '';
  return `${session.sessionId}: ${session.loginName} from ${session.hostName ?? 'an unknown host'} (${session.programName ?? 'no program name'})${open}.`;
}
