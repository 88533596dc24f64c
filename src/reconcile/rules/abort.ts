/** Rules of `abort`: the source writable again, logins and modes as before the cutover. */

import { shownName, shownNames } from '../../base/name.ts';
import { dagRole, holds, isAsynchronous, isConnected, sides } from '../look.ts';
import { glance } from '../parts.ts';
import { registerOf } from '../register-look.ts';
import { rule } from '../rule.ts';
import { isPromoted } from './verify.ts';
import { isTakenBack } from './cutover.ts';

/** Past the point of no return. */
export const abortTooLate = rule({
  id: 'R-ABORT-TOO-LATE',
  phase: 'abort',
  title: 'Stop: the target is primary, there is nothing to abort',
  why: 'Applications may have written to the target; the way back is a switch in the other direction.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['targetDag'],
  match: ({ targetDag }) =>
    isPromoted(targetDag)
      ? {
          kind: 'needs-human',
          because: 'The target is already the primary.',
          remedy:
            'Run sqlferry cutover to complete the switch; the way back is sqlferry failback, a switch in the other direction.',
        }
      : null,
});

/** The fence is lifted. */
export const abortEnableLogin = rule({
  id: 'R-ABORT-ENABLE-LOGIN',
  phase: 'abort',
  title: 'Enable an application login on the source again',
  why: 'sqlferry disabled it, and the source is primary: the applications may come back. A login that was disabled before stays so.',
  emits: 'enable-login',
  reversal: 'ALTER LOGIN ... DISABLE.',
  reference: 'alterLogin',
  needs: ['sourceDag', 'sourceFenceLogins'],
  when: ({ observation, intent, memory }) =>
    isConnected(observation, 'source') &&
    (intent.goal === 'abort' || memory.givenBack || memory.fencedEpoch !== null),
  match: ({ sourceDag, sourceFenceLogins }, { memory, observation, intent }) => {
    // Without the group nothing here tells a source that serves from one that was left behind.
    const serves = dagRole(sourceDag) === 'PRIMARY';
    const control = glance(observation, 'sourceControl');
    const register = control === null ? null : registerOf(control);
    const over = intent.goal === 'abort' || memory.givenBack || isTakenBack(register, memory);
    // Only a hint more: a login that the register or the journal names was enabled before.
    const enabledBefore = [...memory.fencedLogins, ...(register?.prior?.enabledLogins ?? [])];
    const login = over
      ? sourceFenceLogins.find((row) => row.isDisabled && holds(enabledBefore, row.name))
      : undefined;
    return !serves || login === undefined
      ? null
      : {
          kind: 'act',
          because: `The source is primary and sqlferry disabled login ${shownName(login.name)}.`,
          act: { kind: 'enable-login', side: 'source', login: login.name },
        };
  },
});

/** The modes of the DAG go back to what `migrate` made. */
export const abortAsynchronous = rule({
  id: 'R-ABORT-ASYNCHRONOUS',
  phase: 'abort',
  title: 'Set the distributed group back to asynchronous commit on this side',
  why: 'While it is synchronous every commit on the source waits for the target. A group that was synchronous before the cutover stays so.',
  emits: 'set-distributed-mode',
  reversal: 'The same statement with SYNCHRONOUS_COMMIT.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  match: ({ sourceDag, targetDag, sourceControl }) => {
    const prior = registerOf(sourceControl)?.prior?.distributedMode;
    if (prior === 'SYNCHRONOUS_COMMIT') return null;
    for (const side of sides) {
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

/** A login is disabled, and nobody wrote down who did it. */
export const abortLoginLeft = rule({
  id: 'R-ABORT-LOGIN-LEFT',
  phase: 'abort',
  title: 'Stop: a login of the fence list is disabled, and the journal does not say by whom',
  why: 'What sqlferry did not disable it does not enable; the journal may be lost.',
  emits: 'needs-human',
  reversal: null,
  reference: 'alterLogin',
  needs: ['sourceFenceLogins', 'sourceControl'],
  match: ({ sourceFenceLogins, sourceControl }) => {
    // The register names those that were enabled before; the others were disabled by somebody else.
    if ((registerOf(sourceControl)?.prior ?? null) !== null) return null;
    const left = sourceFenceLogins.filter((login) => login.isDisabled).map((login) => login.name);
    return left.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: `The source is primary, but ${shownNames(left)} is disabled there and the journal does not say that sqlferry did it.`,
          remedy: left.map((name) => `ALTER LOGIN ${shownName(name)} ENABLE`).join('; '),
        };
  },
});

/** The group is gone: after `finish --drop`, or by hand. */
export const abortNoGroup = rule({
  id: 'R-ABORT-NO-GROUP',
  phase: 'abort',
  title: 'Stop: a login is still fenced, and no distributed group shows which copy serves',
  why: 'After finish --drop the old source would take writes beside the target: two writable copies.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'sourceFenceLogins'],
  match: ({ sourceDag, sourceFenceLogins }, { migration }) => {
    const fenced = sourceFenceLogins.filter((login) => login.isDisabled).map(({ name }) => name);
    return sourceDag !== null || fenced.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: `${shownName(migration.distributedAvailabilityGroup)} is gone on the source, and ${shownNames(fenced)} is disabled there.`,
          remedy: `When the target serves, leave it so: the migration is finished. Only when the target never served: ${fenced.map((name) => `ALTER LOGIN ${shownName(name)} ENABLE`).join('; ')}`,
        };
  },
});

/** Done. */
export const abortDone = rule({
  id: 'R-ABORT-DONE',
  phase: 'abort',
  title: 'Done: the source serves as before the cutover',
  why: 'The source is primary or was never in the distributed group, its logins are enabled and the modes are asynchronous.',
  emits: 'done',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag }) => ({
    kind: 'done',
    because:
      sourceDag === null
        ? 'The source is in no distributed availability group: there is nothing to take back.'
        : 'The source is primary and writable; the target goes on receiving its log.',
  }),
});
