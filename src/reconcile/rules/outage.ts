/**
 * Rules for the time in which the source is demoted and the target is not promoted.
 *
 * The register decides: a fenced epoch goes on when the LSNs are equal and back when they are not in
 * time; a committing one goes forward, and back only after the target has refused it; an aborted one
 * goes back. Whoever died before, and whatever reply was lost, the register says where it stopped.
 */

import type { FinalLsn } from '../../model/act.ts';
import type { DatabaseObservation, DistributedObservation } from '../../model/observation.ts';
import type { CommitRegister, ControlState } from '../../model/register.ts';
import { behind, bothConnected, dagRole, selectedNames } from '../look.ts';
import { attemptsOf } from '../memory.ts';
import { finalLsnsOf, isLive, isOwed, refusedOf, registerOf } from '../register-look.ts';
import { rule, type Situation } from '../rule.ts';
import { isOverdue } from './common.ts';

const needs = [
  'sourceDag',
  'targetDag',
  'sourceDatabases',
  'targetDatabases',
  'sourceControl',
  'targetControl',
] as const;

/** Forward. */
export const promote = rule({
  id: 'R-PROMOTE',
  phase: 'switch',
  title: 'Promote the target',
  why: 'The register says committing: the source is demoted for good and the target had all of its log. The batch looks again (epoch not refused, role, LSNs) and refuses otherwise, so FORCE_FAILOVER_ALLOW_DATA_LOSS, the only statement there is, loses nothing.',
  emits: 'promote',
  reversal:
    'None: the way back is sqlferry failback, a switch in the other direction, while the distributed group is kept.',
  reference: 'configure',
  needs,
  match: (parts, situation) => {
    const register = openEpoch(parts, situation, 'committing');
    if (register === null || isRefused(parts.targetControl, register)) return null;
    const { finals, late } = arrival(parts, situation);
    if (finals === null || (late.length > 0 && isOverdue(situation))) return null;
    const act = {
      kind: 'promote',
      side: 'target',
      epoch: register.epoch,
      finalLsns: finals,
      waitMs: serverWait(situation),
    } as const;
    if (attemptsOf(situation.memory, act) >= situation.policy.maxAttempts) return null;
    return {
      kind: 'act',
      because: `Epoch ${register.epoch} is committing: the source is demoted and the target has the log of all ${finals.length} database(s) to its end.`,
      act,
    };
  },
});

/** The decision is taken back: first the target must not be able to promote any more. */
export const revoke = rule({
  id: 'R-REVOKE',
  phase: 'switch',
  title: 'Refuse the epoch on the target',
  why: 'The target could not be promoted. It must not be promoted later either, so it refuses this epoch before the source takes the role back.',
  emits: 'refuse-epoch',
  reversal: 'None needed: the next attempt has a higher epoch.',
  reference: 'configure',
  needs,
  match: (parts, situation) => {
    const register = openEpoch(parts, situation, 'committing');
    if (register === null || isRefused(parts.targetControl, register)) return null;
    const tried = situation.memory.attempts['promote target'] ?? 0;
    const due =
      situation.intent.goal === 'abort' ||
      isOverdue(situation) ||
      tried >= situation.policy.maxAttempts;
    if (!due) return null;
    return {
      kind: 'act',
      because: `Epoch ${register.epoch} is committing and the target is not promoted; it is taken back.`,
      act: { kind: 'refuse-epoch', side: 'target', epoch: register.epoch },
    };
  },
});

/** The target has everything: decided. */
export const commitEpoch = rule({
  id: 'R-COMMIT-EPOCH',
  phase: 'switch',
  title: 'Decide the epoch: committing',
  why: 'The LSNs were not equal inside the demotion batch and are now. From here the dead-man no longer takes the switch back.',
  emits: 'commit-epoch',
  reversal: 'sqlferry abort: the target refuses the epoch, then the source takes the role back.',
  reference: 'configure',
  needs,
  match: (parts, situation) => {
    const register = openEpoch(parts, situation, 'fenced');
    if (register === null || register.isExpired || isOverdue(situation)) return null;
    if (isRefused(parts.targetControl, register)) return null;
    const { finals, late } = arrival(parts, situation);
    const act = { kind: 'commit-epoch', side: 'source', epoch: register.epoch } as const;
    if (finals === null || late.length > 0 || isSpent(situation, act)) return null;
    return {
      kind: 'act',
      because: `Epoch ${register.epoch} is fenced and the target has the log of all ${finals.length} database(s) to its end.`,
      act,
    };
  },
});

/** The target still hardens the end of the log. */
export const awaitLsns = rule({
  id: 'R-AWAIT-LSNS',
  phase: 'switch',
  title: 'Wait on the target for the end of the log',
  why: 'One batch waits on the server, in steps of 25 ms, so that no round trip is lost by asking.',
  emits: 'await-lsns',
  reversal: 'None needed: it only waits.',
  reference: 'configure',
  needs,
  match: (parts, situation) => {
    const register = openEpoch(parts, situation, 'fenced');
    if (register === null || register.isExpired || isOverdue(situation)) return null;
    const { finals, late } = arrival(parts, situation);
    if (finals === null || late.length === 0) return null;
    const act = {
      kind: 'await-lsns',
      side: 'target',
      finalLsns: finals,
      waitMs: serverWait(situation),
    } as const;
    if (isSpent(situation, act)) return null;
    return {
      kind: 'act',
      because: `The source is demoted; the target still hardens ${late.length} of ${finals.length} database(s).`,
      act,
    };
  },
});

/** Neither forward nor back yet. */
export const outageWait = rule({
  id: 'R-OUTAGE-WAIT',
  phase: 'switch',
  title: 'Wait for the LSNs of both sides',
  why: 'The source is demoted and the end of its log is not shown for every database, or has not arrived; null is equal to nothing.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, situation) =>
    isOutage(sourceDag, targetDag, situation)
      ? {
          kind: 'wait',
          because: 'The source is demoted, and it is not known that the target has all of its log.',
          blockers: ['The final LSN of a database is not known on both sides.'],
        }
      : null,
});

/** Demoted, and the register knows nothing of it. */
export const demotedByHand = rule({
  id: 'R-DEMOTED-BY-HAND',
  phase: 'switch',
  title: 'Stop: both sides are demoted, and the register does not say by which switch',
  why: 'Somebody demoted a side by hand, or the control database is gone. Which copy has the last commits is for a person to say.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  match: ({ sourceDag, targetDag, sourceControl }, situation) => {
    if (!isOutage(sourceDag, targetDag, situation)) return null;
    const register = registerOf(sourceControl);
    if (isLive(register) || isOwed(register)) return null;
    return {
      kind: 'needs-human',
      because:
        register === null
          ? 'Neither side is primary and the source has no commit register.'
          : `Neither side is primary and epoch ${register.epoch} on the source is ${register.phase}.`,
      remedy: `Compare the hardened LSNs of both sides (sqlferry diagnose shows them); on the side that has the higher ones (on the source when they are equal: it holds every record) run ALTER AVAILABILITY GROUP ${situation.migration.distributedAvailabilityGroup} FORCE_FAILOVER_ALLOW_DATA_LOSS, then the same command again.`,
      outageOpen: true,
    };
  },
});

interface EpochParts {
  readonly sourceDag: DistributedObservation | null;
  readonly targetDag: DistributedObservation | null;
  readonly sourceControl: ControlState;
}

/** The register, when both sides are demoted and its epoch is in this phase. */
export function openEpoch(
  parts: EpochParts,
  situation: Situation,
  phase: CommitRegister['phase'],
): CommitRegister | null {
  if (!isOutage(parts.sourceDag, parts.targetDag, situation)) return null;
  const register = registerOf(parts.sourceControl);
  return register?.phase === phase ? register : null;
}

/** Whether the target may not promote this epoch any more, or cannot be asked. */
export function isRefused(target: ControlState, register: CommitRegister): boolean {
  const refused = refusedOf(target);
  return refused === null || refused.epoch >= register.epoch;
}

/** Both members SECONDARY. */
export function isOutage(
  source: DistributedObservation | null,
  target: DistributedObservation | null,
  { observation }: Situation,
): boolean {
  return (
    bothConnected(observation) && dagRole(source) === 'SECONDARY' && dagRole(target) === 'SECONDARY'
  );
}

function arrival(
  parts: {
    readonly sourceDatabases: readonly DatabaseObservation[];
    readonly targetDatabases: readonly DatabaseObservation[];
  },
  { memory, migration }: Situation,
): { readonly finals: readonly FinalLsn[] | null; readonly late: readonly string[] } {
  const names = selectedNames(migration, parts.sourceDatabases);
  const finals = finalLsnsOf(names, parts.sourceDatabases, memory.finalLsns);
  return { finals, late: finals === null ? names : behind(finals, parts.targetDatabases) };
}

function isSpent({ memory, policy }: Situation, act: Parameters<typeof attemptsOf>[1]): boolean {
  return attemptsOf(memory, act) >= policy.maxAttempts;
}

/** What is left of the budget, between half a second and the policy's limit. */
function serverWait({ memory, migration, policy }: Situation): number {
  const left = migration.cutover.maxOutageMs - (memory.outageMs ?? 0);
  return Math.max(500, Math.min(policy.maxPromoteWaitMs, left));
}
