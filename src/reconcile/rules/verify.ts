/** Rules of `cutover` after the promotion: databases online, logins, done. */

import { shownName, shownNames } from '../../base/name.ts';
import type { Migration } from '../../model/migration.ts';
import type {
  AvailabilityGroupObservation,
  DistributedObservation,
} from '../../model/observation.ts';
import { bothConnected, dagRole, findDatabase, isConnected, sides } from '../look.ts';
import { registerOf } from '../register-look.ts';
import { rule } from '../rule.ts';

/** Promoted, databases still opening. */
export const waitOnline = rule({
  id: 'R-VERIFY-ONLINE',
  phase: 'verify',
  title: 'Wait until every database is ONLINE on the target',
  why: 'The promotion returns when it is accepted; the databases are recovered after that.',
  emits: 'wait',
  reversal: null,
  reference: 'alterGroup',
  needs: ['targetDag', 'targetGroup', 'targetDatabases'],
  match: ({ targetDag, targetGroup, targetDatabases }, { migration }) => {
    if (!isPromoted(targetDag)) return null;
    const opening = servedNames(migration, targetGroup).flatMap((name) => {
      const state = findDatabase(targetDatabases, name)?.stateDesc ?? 'not shown';
      return state === 'ONLINE' ? [] : [`${shownName(name)} is ${state}.`];
    });
    return opening.length === 0
      ? null
      : {
          kind: 'wait',
          because: 'The target is primary and opens its databases.',
          blockers: opening,
        };
  },
});

/** Applications may come in again. */
export const enableTargetLogin = rule({
  id: 'R-VERIFY-ENABLE-LOGIN',
  phase: 'verify',
  title: 'Enable an application login on the target',
  why: 'The target serves; a login of the fence list that is disabled there would keep the application out.',
  emits: 'enable-login',
  reversal: 'ALTER LOGIN ... DISABLE.',
  reference: 'alterLogin',
  needs: ['targetDag', 'targetFenceLogins'],
  match: ({ targetDag, targetFenceLogins }) => {
    const login = isPromoted(targetDag)
      ? targetFenceLogins.find((row) => row.isDisabled)
      : undefined;
    return login === undefined
      ? null
      : {
          kind: 'act',
          because: `The target is primary and login ${shownName(login.name)} is disabled there.`,
          act: { kind: 'enable-login', side: 'target', login: login.name },
        };
  },
});

/** Done on the target; the source cannot be asked. */
export const sourceAway = rule({
  id: 'R-CUTOVER-SOURCE-AWAY',
  phase: 'verify',
  title: 'Stop: the target serves, and the source does not answer',
  why: 'When the source comes back its role has to be looked at before anything else: PRIMARY there would mean two writable copies.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['targetDag'],
  when: ({ observation }) => !isConnected(observation, 'source'),
  match: ({ targetDag }) =>
    isPromoted(targetDag)
      ? {
          kind: 'needs-human',
          because:
            'The target is primary and its databases are ONLINE; the source does not answer.',
          remedy:
            'Keep applications away from the source, bring it back and run sqlferry cutover again: it checks the role of the source.',
        }
      : null,
});

/** Promoted while the epoch is only fenced: the dead-man must not act any more. */
export const endFence = rule({
  id: 'R-VERIFY-END-FENCE',
  phase: 'verify',
  title: 'Take the epoch out of the reach of the dead-man',
  why: 'The target is primary although the epoch is only fenced: it was promoted by hand. The dead-man would make the source primary too when the deadline is over.',
  emits: 'commit-epoch',
  reversal: 'None needed: the next act closes the epoch.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceDag, targetDag, sourceControl }) => {
    const register = registerOf(sourceControl);
    if (!isPromoted(targetDag) || dagRole(sourceDag) !== 'SECONDARY') return null;
    if (register?.phase !== 'fenced' || register.isExpired) return null;
    return {
      kind: 'act',
      because: `The target is primary and epoch ${register.epoch} on the source is still fenced.`,
      act: { kind: 'commit-epoch', side: 'source', epoch: register.epoch },
    };
  },
});

/** The same, too late. */
export const fenceExpired = rule({
  id: 'R-VERIFY-FENCE-EXPIRED',
  phase: 'verify',
  title: 'Stop: the target was promoted by hand and the dead-man is about to fire',
  why: 'The deadline of the fenced epoch is over; the dead-man gives the role back to the source, and then both sides would be primary.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceDag, targetDag, sourceControl }, { migration }) => {
    const register = registerOf(sourceControl);
    if (!isPromoted(targetDag) || dagRole(sourceDag) === 'PRIMARY') return null;
    if (register?.phase !== 'fenced') return null;
    return {
      kind: 'needs-human',
      because: `The target is primary, and epoch ${register.epoch} on the source is fenced and past its deadline.`,
      remedy: `Stop the job sqlferry dead-man ${migration.distributedAvailabilityGroup} (or sqlferry watch) on the source, keep applications away from the source, then run sqlferry diagnose.`,
    };
  },
});

/** Said on the server that the switch is over. */
export const closeEpoch = rule({
  id: 'R-VERIFY-CLOSE-EPOCH',
  phase: 'verify',
  title: 'Close the epoch',
  why: 'The target was seen primary with its databases open: the decision is carried out, and nobody takes it up again.',
  emits: 'close-epoch',
  reversal: 'None: it only says what happened.',
  reference: 'configure',
  needs: ['targetDag', 'sourceControl'],
  match: ({ targetDag, sourceControl }) => {
    const register = registerOf(sourceControl);
    if (!isPromoted(targetDag) || register?.phase !== 'committing') return null;
    return {
      kind: 'act',
      because: `The target is primary; epoch ${register.epoch} is committing.`,
      act: { kind: 'close-epoch', side: 'source', epoch: register.epoch },
    };
  },
});

/** 2022 and later: the new primary must not wait for the old one. */
export const requiredOff = rule({
  id: 'R-REQUIRED-OFF',
  phase: 'verify',
  title: 'Set REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT back to 0',
  why: 'The documented last step on the new forwarder. Left set, commits could come to wait for the other side, and the group cannot be made asynchronous again.',
  emits: 'set-required-secondaries',
  reversal: 'The same statement with 1.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { intent }) => {
    const wanted = isPromoted(targetDag)
      ? dagRole(sourceDag) !== 'PRIMARY'
      : intent.goal === 'abort' && dagRole(sourceDag) === 'PRIMARY';
    if (!wanted) return null;
    for (const side of sides) {
      const dag = side === 'source' ? sourceDag : targetDag;
      if (dag === null || dag.requiredSynchronizedSecondariesToCommit === 0) continue;
      return {
        kind: 'act',
        because: `${shownName(dag.name)} on the ${side} has REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = ${dag.requiredSynchronizedSecondariesToCommit}.`,
        act: { kind: 'set-required-secondaries', side, value: 0 },
      };
    }
    return null;
  },
});

/** Done. */
export const cutoverDone = rule({
  id: 'R-CUTOVER-DONE',
  phase: 'verify',
  title: 'Done: the target serves',
  why: 'The target is primary with every database ONLINE, the source is not primary, and the logins are enabled on the target. They stay disabled on the source.',
  emits: 'done',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag', 'targetGroup'],
  match: ({ sourceDag, targetDag, targetGroup }, { migration, intent }) => {
    if (!isPromoted(targetDag) || dagRole(sourceDag) === 'PRIMARY') return null;
    // After a failback the words are mirrored: what is said here is sqlferry cutover.
    const next =
      intent.goal === 'failback'
        ? 'sqlferry finish --keep or --drop; while the group is kept, sqlferry failback switches again'
        : 'sqlferry finish --keep or --drop';
    const role = sourceDag === null ? 'out of the distributed group' : 'SECONDARY';
    return {
      kind: 'done',
      because: `The target is primary and serves ${shownNames(servedNames(migration, targetGroup))}; the source is ${role}. Point the applications to the target; next: ${next}.`,
    };
  },
});

/** Whether the target holds the primary role. */
export function isPromoted(targetDag: DistributedObservation | null): boolean {
  return dagRole(targetDag) === 'PRIMARY';
}

/** Databases that the target has to serve; with `all`, those of its group. */
export function servedNames(
  migration: Migration,
  targetGroup: AvailabilityGroupObservation | null,
): readonly string[] {
  return migration.databases.kind === 'named'
    ? migration.databases.names
    : (targetGroup?.databases ?? []);
}
