/**
 * Rules that give the primary role back to the source, loses nothing: the source holds everything, and
 * the register says that the target neither was nor will be promoted in this epoch.
 */

import { unreachable } from '../../base/assert.ts';
import type { DatabaseObservation, DistributedObservation } from '../../model/observation.ts';
import type { CommitRegister, ControlState, Leadership } from '../../model/register.ts';
import { bothConnected, dagRole, isConnected, selectedNames } from '../look.ts';
import { attemptsOf } from '../memory.ts';
import {
  controlBlockers,
  holdsEverything,
  isOwed,
  refusedOf,
  registerOf,
} from '../register-look.ts';
import { rule, type Situation } from '../rule.ts';
import { isOverdue } from './common.ts';
import { isOutage } from './outage.ts';

const reversal = 'Run sqlferry cutover again.';

/** 2022 and later: with the option set the server may refuse the way back. */
export const releaseRequired = rule({
  id: 'R-RELEASE-REQUIRED',
  phase: 'switch',
  title: 'Take back REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT before giving the role back',
  why: 'With the option set the documentation says that failing back is not possible until the sequence is finished. Where the server refuses even that, the role is given back all the same, if it lets us.',
  emits: 'set-required-secondaries',
  reversal: 'Set again by the next cutover.',
  reference: 'configure',
  needs: [
    'sourceDag',
    'targetDag',
    'sourceDatabases',
    'targetDatabases',
    'sourceControl',
    'targetControl',
  ],
  match: (parts, situation) =>
    dueBack(parts, situation) === null ? null : releaseAnswer(parts.sourceDag, situation),
});

/** The role goes back. */
export const giveBack = rule({
  id: 'R-GIVE-BACK',
  phase: 'switch',
  title: 'Give the primary role back to the source',
  why: 'The switch is taken back: by the operator, because the target does not have all of the log within maxOutage, because the dead-man began it, or because the target refused the epoch. The source holds everything and nobody else can be promoted, so forcing it there loses nothing.',
  emits: 'give-back',
  reversal,
  reference: 'configure',
  needs: [
    'sourceDag',
    'targetDag',
    'sourceDatabases',
    'targetDatabases',
    'sourceControl',
    'targetControl',
  ],
  match: (parts, situation) => {
    const due = dueBack(parts, situation);
    return due === null ? null : backAnswer(due, parts.sourceDatabases, situation);
  },
});

/** The same while the target does not answer. */
export const releaseRequiredAlone = rule({
  id: 'R-RELEASE-REQUIRED-ALONE',
  phase: 'switch',
  title: 'Take back REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT while the target does not answer',
  why: 'The role is about to be given back to the source, and the option may stand in the way.',
  emits: 'set-required-secondaries',
  reversal: 'Set again by the next cutover.',
  reference: 'configure',
  needs: ['sourceDag', 'sourceControl', 'sourceLeadership'],
  when: ({ observation }) => aloneSource(observation),
  match: (parts, situation) =>
    dueAlone(parts, situation) === null ? null : releaseAnswer(parts.sourceDag, situation),
});

/** The role goes back while the target does not answer: the register alone proves that it was not promoted. */
export const giveBackAlone = rule({
  id: 'R-GIVE-BACK-ALONE',
  phase: 'switch',
  title: 'Give the primary role back to the source although the target does not answer',
  why: 'The epoch was never committing, and a promotion is sent only for a committing one: the target cannot have been promoted, and once the epoch is aborted it never can. The dead-man does the same.',
  emits: 'give-back',
  reversal,
  reference: 'configure',
  needs: ['sourceDag', 'sourceControl', 'sourceDatabases', 'sourceLeadership'],
  when: ({ observation }) => aloneSource(observation),
  match: (parts, situation) => {
    const due = dueAlone(parts, situation);
    return due === null ? null : backAnswer(due, parts.sourceDatabases, situation);
  },
});

/** A demotion that died before its role change, or an epoch that was overtaken: closed without a role change. */
export const endStaleFence = rule({
  id: 'R-STALE-FENCE',
  phase: 'abort',
  title: 'Abort an epoch whose source is still, or again, the primary',
  why: 'The register was fenced and the role never moved, or the role came back and nobody wrote that down: whoever did it died in between. The epoch is ended, so that neither it nor the dead-man can act on it later.',
  emits: 'give-back',
  reversal,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceDatabases', 'sourceControl', 'targetControl'],
  match: (parts, { migration }) => {
    const register = registerOf(parts.sourceControl);
    if (dagRole(parts.sourceDag) !== 'PRIMARY' || dagRole(parts.targetDag) === 'PRIMARY')
      return null;
    const refused = refusedOf(parts.targetControl);
    const due =
      register?.phase === 'fenced' ||
      isOwed(register) ||
      (register?.phase === 'committing' && refused !== null && refused.epoch >= register.epoch);
    if (register === null || !due) return null;
    const { phase } = register;
    return {
      kind: 'act',
      because: `Epoch ${register.epoch} is ${register.phase}, and the source is the primary.`,
      act: {
        kind: 'give-back',
        side: 'source',
        databases: selectedNames(migration, parts.sourceDatabases),
        epoch: register.epoch,
        from: phase === 'fenced' || phase === 'aborted' ? phase : 'committing',
      },
    };
  },
});

/** The same for a decided epoch: the target refuses it first. */
export const refuseStaleEpoch = rule({
  id: 'R-STALE-COMMITTING',
  phase: 'abort',
  title: 'Refuse a committing epoch on the target while the source is the primary',
  why: 'Somebody gave the source its role back by hand. A promotion of this epoch may still be on its way; the target must refuse it.',
  emits: 'refuse-epoch',
  reversal: 'None needed: the next attempt has a higher epoch.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl', 'targetControl'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceDag, targetDag, sourceControl, targetControl }) => {
    const register = registerOf(sourceControl);
    const refused = refusedOf(targetControl);
    if (dagRole(sourceDag) !== 'PRIMARY' || dagRole(targetDag) !== 'SECONDARY') return null;
    if (register?.phase !== 'committing' || refused === null) return null;
    if (refused.epoch >= register.epoch) return null;
    return {
      kind: 'act',
      because: `Epoch ${register.epoch} is committing, and the source is the primary.`,
      act: { kind: 'refuse-epoch', side: 'target', epoch: register.epoch },
    };
  },
});

interface Due {
  readonly register: CommitRegister;
  readonly from: 'fenced' | 'committing' | 'aborted';
}

/** Whether the role goes back now, both sides seen demoted. */
function dueBack(
  parts: {
    readonly sourceDag: DistributedObservation | null;
    readonly targetDag: DistributedObservation | null;
    readonly sourceDatabases: readonly DatabaseObservation[];
    readonly targetDatabases: readonly DatabaseObservation[];
    readonly sourceControl: ControlState;
    readonly targetControl: ControlState;
  },
  situation: Situation,
): Due | null {
  const register = registerOf(parts.sourceControl);
  if (register === null || !isOutage(parts.sourceDag, parts.targetDag, situation)) return null;
  if (!holdsEverything(parts.sourceDatabases, parts.targetDatabases)) return null;
  const refused = refusedOf(parts.targetControl);
  switch (register.phase) {
    case 'aborted':
      return isOwed(register) ? { register, from: 'aborted' } : null;
    case 'fenced':
      return isUnwanted(register, situation) ? { register, from: 'fenced' } : null;
    case 'committing':
      return refused !== null && refused.epoch >= register.epoch
        ? { register, from: 'committing' }
        : null;
    case 'idle':
    case 'done':
      return null;
  }
  return unreachable(register.phase);
}

/** Whether the role goes back now, the target not seen. */
function dueAlone(
  parts: {
    readonly sourceDag: DistributedObservation | null;
    readonly sourceControl: ControlState;
    readonly sourceLeadership: Leadership;
  },
  situation: Situation,
): Due | null {
  const register = registerOf(parts.sourceControl);
  // Whoever leads may see the target, and go forward.
  if (parts.sourceLeadership.kind === 'other') return null;
  if (register === null || dagRole(parts.sourceDag) !== 'SECONDARY') return null;
  if (controlBlockers(parts.sourceControl, 'source', situation.migration).length > 0) return null;
  // An aborted epoch that is settled does not say why this side is SECONDARY now.
  if (isOwed(register)) return { register, from: 'aborted' };
  if (register.phase !== 'fenced' || !isUnwanted(register, situation)) return null;
  return { register, from: 'fenced' };
}

/** The operator wants it back, or its time is over. */
function isUnwanted(register: CommitRegister, situation: Situation): boolean {
  return situation.intent.goal === 'abort' || register.isExpired || isOverdue(situation);
}

function aloneSource(observation: Situation['observation']): boolean {
  return isConnected(observation, 'source') && !isConnected(observation, 'target');
}

function releaseAnswer(dag: DistributedObservation | null, { memory, policy }: Situation) {
  const act = { kind: 'set-required-secondaries', side: 'source', value: 0 } as const;
  const set = (dag?.requiredSynchronizedSecondariesToCommit ?? 0) > 0;
  // Tried twice, and again when the server has refused the way back because of it.
  const tries = memory.giveBackRefused ? policy.maxAttempts : 2;
  if (!set || attemptsOf(memory, act) >= tries) return null;
  return {
    kind: 'act',
    because:
      'The role is to go back to the source, which has REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT set.',
    act,
  } as const;
}

function backAnswer(
  { register, from }: Due,
  sourceDatabases: readonly DatabaseObservation[],
  { migration }: Situation,
) {
  return {
    kind: 'act',
    because: `Epoch ${register.epoch} is ${register.phase}${register.phase === 'fenced' && register.isExpired ? ' and past its deadline' : ''}; the source is demoted and holds everything.`,
    act: {
      kind: 'give-back',
      side: 'source',
      databases: selectedNames(migration, sourceDatabases),
      epoch: register.epoch,
      from,
    },
  } as const;
}
