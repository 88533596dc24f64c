/** Rules of `cutover` that keep writers away and prove that nothing is written any more. */

import { shownName } from '../../base/name.ts';
import type { SessionObservation } from '../../model/observation.ts';
import { behind, findDatabase, isQuiet, observedFinalLsns, selectedNames } from '../look.ts';
import { attemptsOf } from '../memory.ts';
import { lagWords } from '../readiness.ts';
import { rule } from '../rule.ts';

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

function sessionWords(session: SessionObservation): string {
  const open =
    session.openTransactions > 0 ? `, ${session.openTransactions} open transaction(s)` : '';
  return `${session.sessionId}: ${session.loginName} from ${session.hostName ?? 'an unknown host'} (${session.programName ?? 'no program name'})${open}.`;
}
