/** Rules of `finish --keep` and `finish --drop`. */

import { shownName, shownNames } from '../../base/name.ts';
import { dagRole, findDatabase, holds, isAsynchronous, sides } from '../look.ts';
import { registerOf } from '../register-look.ts';
import { rule } from '../rule.ts';
import { isPromoted, servedNames } from './verify.ts';

/** The switch has not happened. */
export const notCutOver = rule({
  id: 'R-FINISH-NOT-CUT-OVER',
  phase: 'finish',
  title: 'Stop: the cutover has not happened yet',
  why: 'finish is for afterwards: the source is still the primary.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { intent, migration }) => {
    if (dagRole(sourceDag) !== 'PRIMARY' || isPromoted(targetDag)) return null;
    const drops = intent.goal === 'finish' && intent.distributed === 'drop';
    const giveUp = drops
      ? ` To give the whole migration up: sqlferry finish --drop --give-up --confirm ${migration.distributedAvailabilityGroup}.`
      : '';
    return {
      kind: 'needs-human',
      because: 'The source is still the primary of the distributed availability group.',
      remedy: `Run sqlferry cutover first, or sqlferry abort to leave everything as it is.${giveUp}`,
    };
  },
});

/** The side that serves lets its applications in before its peer goes. */
export const serveLogin = rule({
  id: 'R-FINISH-ENABLE-LOGIN',
  phase: 'finish',
  title: 'Enable an application login on the target, which serves',
  why: 'A switch that died before it was closed, or a cutover that was begun and is given up, left a login disabled that was enabled before. One that somebody else disabled stays so.',
  emits: 'enable-login',
  reversal: 'ALTER LOGIN ... DISABLE.',
  reference: 'alterLogin',
  needs: ['targetDag', 'targetFenceLogins', 'sourceControl', 'targetControl'],
  match: ({ targetDag, targetFenceLogins, sourceControl, targetControl }, { intent }) => {
    if (!isPromoted(targetDag)) return null;
    const isOpen = registerOf(sourceControl)?.phase === 'committing';
    const isGivenUp = intent.goal === 'finish' && intent.giveUp === true;
    const before = isGivenUp ? (registerOf(targetControl)?.prior?.enabledLogins ?? []) : [];
    const login = targetFenceLogins.find(
      (row) => row.isDisabled && (isOpen || holds(before, row.name)),
    );
    return login === undefined
      ? null
      : {
          kind: 'act',
          because: `The target serves and login ${shownName(login.name)} is disabled there.`,
          act: { kind: 'enable-login', side: 'target', login: login.name },
        };
  },
});

/** The copy that is given up was never fenced. */
export const giveUpFence = rule({
  id: 'R-GIVE-UP-FENCE',
  phase: 'finish',
  title: 'Disable an application login on the source, whose copy is given up',
  why: 'Without the distributed group this copy takes writes: whoever connects to it by mistake would write into the wrong one. There was no cutover that disabled its logins.',
  emits: 'disable-login',
  reversal: 'ALTER LOGIN ... ENABLE, once the databases of the given-up copy are gone.',
  reference: 'alterLogin',
  needs: ['sourceDag', 'targetDag', 'sourceFenceLogins'],
  when: ({ intent }) => intent.goal === 'finish' && intent.giveUp === true,
  match: ({ sourceDag, targetDag, sourceFenceLogins }) => {
    const login = sourceFenceLogins.find((row) => !row.isDisabled);
    if (login === undefined || dagRole(sourceDag) === 'PRIMARY') return null;
    if (sourceDag === null && targetDag === null) return null;
    return {
      kind: 'act',
      because: `Login ${shownName(login.name)} is enabled on the source, whose copy is given up.`,
      act: { kind: 'disable-login', side: 'source', login: login.name },
    };
  },
});

/** Nothing to keep. */
export const nothingToKeep = rule({
  id: 'R-KEEP-NOTHING',
  phase: 'finish',
  title: 'Stop: there is no distributed availability group to keep',
  why: 'It was dropped, or never created.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { migration }) =>
    sourceDag === null && targetDag === null
      ? {
          kind: 'needs-human',
          because: `${shownName(migration.distributedAvailabilityGroup)} exists on neither side.`,
          remedy: 'Run sqlferry status to see where the migration stands.',
        }
      : null,
});

/** Back to asynchronous. */
export const keepAsynchronous = rule({
  id: 'R-KEEP-ASYNCHRONOUS',
  phase: 'finish',
  title: 'Set the kept distributed group back to asynchronous commit on this side',
  why: 'Synchronous commit was for the switch; kept for long it makes every commit wait for the way to the old source.',
  emits: 'set-distributed-mode',
  reversal: 'The same statement with SYNCHRONOUS_COMMIT.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }) => {
    for (const side of sides.toReversed()) {
      const dag = side === 'source' ? sourceDag : targetDag;
      if (dag === null || isAsynchronous(dag)) continue;
      return {
        kind: 'act',
        because: `The ${side}'s copy of ${shownName(dag.name)} is still synchronous.`,
        act: { kind: 'set-distributed-mode', side, mode: 'ASYNCHRONOUS_COMMIT' },
      };
    }
    return null;
  },
});

/** Kept. */
export const keepDone = rule({
  id: 'R-KEEP-DONE',
  phase: 'finish',
  title: 'Done: the distributed group is kept, asynchronous again',
  why: 'The target serves and the old source receives its log: the way back stays open. Logins stay disabled on the old source.',
  emits: 'done',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }) =>
    isPromoted(targetDag) && dagRole(sourceDag) === 'SECONDARY'
      ? {
          kind: 'done',
          because: 'The target serves, the old source receives its log asynchronously.',
        }
      : null,
});

/** The target does not serve: nothing is dropped. */
export const dropTargetNotServing = rule({
  id: 'R-DROP-NOT-SERVING',
  phase: 'finish',
  title: 'Stop: the target does not serve every database',
  why: 'The link is taken away only when the copy that stays is proven to be open.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag', 'targetGroup', 'targetDatabases'],
  match: ({ sourceDag, targetDag, targetGroup, targetDatabases }, { migration }) => {
    if (sourceDag === null && targetDag === null) return null;
    const closed = servedNames(migration, targetGroup).flatMap((name) => {
      const state = findDatabase(targetDatabases, name)?.stateDesc ?? 'not there';
      return state === 'ONLINE' ? [] : [`${shownName(name)} on the target is ${state}.`];
    });
    const blockers = [
      ...(targetGroup?.localRoleDesc === 'PRIMARY'
        ? []
        : [
            `${shownName(migration.target.availabilityGroup)} on the target is ${targetGroup?.localRoleDesc ?? 'not there'}.`,
          ]),
      ...closed,
    ];
    return blockers.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: 'The target does not serve every database.',
          blockers,
          remedy:
            'Run sqlferry status, bring the databases of the target ONLINE, then finish again.',
        };
  },
});

/** Somebody is still on the source. */
export const dropSessions = rule({
  id: 'R-DROP-SESSIONS',
  phase: 'finish',
  title: 'Stop: sessions are still in the databases of the source',
  why: 'Without the distributed group the source takes writes again; whoever is still connected there would write into the wrong copy.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag', 'sourceSessions'],
  match: ({ sourceDag, targetDag, sourceSessions }) =>
    (sourceDag === null && targetDag === null) || sourceSessions.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: `${sourceSessions.length} session(s) are in the databases of the source, which would become writable.`,
          blockers: sourceSessions
            .slice(0, 20)
            .map(
              (session) =>
                `${session.sessionId}: ${session.loginName} from ${session.hostName ?? 'an unknown host'} (${session.programName ?? 'no program name'}).`,
            ),
          remedy: 'Point those applications to the target, then run the same command again.',
        },
});

/** A login may still write on the source. */
export const dropLogins = rule({
  id: 'R-DROP-LOGINS',
  phase: 'finish',
  title: 'Stop: an application login is enabled on the source',
  why: 'The fence has to outlive the distributed group: the source takes writes again once it is gone.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag', 'sourceFenceLogins'],
  match: ({ sourceDag, targetDag, sourceFenceLogins }) => {
    const enabled = sourceFenceLogins
      .filter((login) => !login.isDisabled)
      .map((login) => login.name);
    return (sourceDag === null && targetDag === null) || enabled.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: `${shownNames(enabled)} is enabled on the source, which would become writable.`,
          remedy: enabled.map((name) => `ALTER LOGIN ${shownName(name)} DISABLE`).join('; '),
        };
  },
});

/** Target first. */
export const dropTarget = rule({
  id: 'R-DROP-TARGET',
  phase: 'finish',
  title: 'Drop the distributed group on the target',
  why: 'The target first: it serves, and its databases stay primary in its own group.',
  emits: 'drop-distributed',
  reversal: 'None: creating it again means seeding again.',
  reference: 'dropGroup',
  needs: ['targetDag'],
  match: ({ targetDag }) =>
    targetDag === null
      ? null
      : {
          kind: 'act',
          because: `The target serves and nobody is on the source: ${shownName(targetDag.name)} is dropped on the target.`,
          act: { kind: 'drop-distributed', side: 'target' },
        },
});

/** Source last. */
export const dropSource = rule({
  id: 'R-DROP-SOURCE',
  phase: 'finish',
  title: 'Drop the distributed group on the source',
  why: 'Last, and only fenced: from here the old source would take writes again if anybody could log in.',
  emits: 'drop-distributed',
  reversal: 'None: creating it again means seeding again.',
  reference: 'dropGroup',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }) =>
    sourceDag === null || targetDag !== null
      ? null
      : {
          kind: 'act',
          because: `${shownName(sourceDag.name)} is gone on the target; it is dropped on the source, where nobody is connected.`,
          act: { kind: 'drop-distributed', side: 'source' },
        },
});

/** Dropped. */
export const dropDone = rule({
  id: 'R-DROP-DONE',
  phase: 'finish',
  title: 'Done: the distributed group exists on neither side',
  why: 'The migration is over. The old source keeps its databases; its application logins stay disabled.',
  emits: 'done',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { migration }) =>
    sourceDag === null && targetDag === null
      ? {
          kind: 'done',
          because: `${shownName(migration.distributedAvailabilityGroup)} exists on neither side. The application logins stay disabled on the old source.`,
        }
      : null,
});
