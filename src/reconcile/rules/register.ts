/** Rules about the commit register itself: created, intact, ours, and dropped at the end. */

import { shownName } from '../../base/name.ts';
import { controlDatabase, type ControlState } from '../../model/register.ts';
import type { Side } from '../../model/side.ts';
import { bothConnected, dagRole, sides } from '../look.ts';
import {
  controlBlockers,
  epochBlockers,
  isLive,
  isOwed,
  newEpochs,
  registerOf,
} from '../register-look.ts';
import { rule } from '../rule.ts';
import { atLeast, epochsElsewhere } from './register-follow.ts';
import { isOutage } from './outage.ts';

/** The database of the register. */
export const controlDatabaseCreate = rule({
  id: 'R-CONTROL-DATABASE-CREATE',
  phase: 'prepare',
  title: 'Create the control database',
  why: 'The one durable decision of the cutover is kept on the servers, in a small database outside every availability group: a tool that died, or a second operator, finds it there.',
  emits: 'create-control-database',
  reversal: 'sqlferry finish --drop removes it.',
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  match: ({ sourceControl, targetControl }) => {
    const side = firstSide(sourceControl, targetControl, 'missing');
    return side === null
      ? null
      : {
          kind: 'act',
          because: `The ${side} has no database ${shownName(controlDatabase)}.`,
          act: { kind: 'create-control-database', side },
        };
  },
});

/** The rows of the register. */
export const registerCreate = rule({
  id: 'R-REGISTER-CREATE',
  phase: 'prepare',
  title: 'Create the commit register of this distributed group',
  why: 'One row says which attempt (epoch) is under way and how it was decided, one says which epochs may not promote. Every batch that moves the role checks and changes it.',
  emits: 'create-register',
  reversal: 'sqlferry finish --drop removes it.',
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  match: ({ sourceControl, targetControl }, { observation, migration }) => {
    const side = firstSide(sourceControl, targetControl, 'no-row');
    if (side === null) return null;
    const known = newEpochs(side === 'source' ? targetControl : sourceControl);
    return {
      kind: 'act',
      because: `The ${side} has no commit register for this group.`,
      act: {
        kind: 'create-register',
        side,
        ...atLeast(known, epochsElsewhere(observation, migration, side)),
      },
    };
  },
});

function firstSide(
  source: ControlState,
  target: ControlState,
  kind: ControlState['kind'],
): Side | null {
  return sides.find((side) => (side === 'source' ? source : target).kind === kind) ?? null;
}

/** The target lost its control database while nobody is primary. */
export const renewDatabase = rule({
  id: 'R-RENEW-DATABASE',
  phase: 'switch',
  title: 'Create the control database of the target again, in the outage',
  why: 'Both sides are demoted, and the target has lost the database in which it says which epochs may not promote. Without it the switch can go neither forward nor back.',
  emits: 'create-control-database',
  reversal: 'sqlferry finish --drop removes it.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl', 'targetControl'],
  match: ({ sourceDag, targetDag, sourceControl, targetControl }, situation) =>
    targetControl.kind === 'missing' &&
    isLive(registerOf(sourceControl)) &&
    isOutage(sourceDag, targetDag, situation)
      ? {
          kind: 'act',
          because: `Both sides are demoted, and the target has no database ${shownName(controlDatabase)} any more.`,
          act: { kind: 'create-control-database', side: 'target' },
        }
      : null,
});

/** The same for its rows. */
export const renewRegister = rule({
  id: 'R-RENEW-REGISTER',
  phase: 'switch',
  title: 'Create the rows of the target again, in the outage',
  why: 'What the target had refused is lost with its rows. A decided epoch counts as refused in the new ones, under the lock that a promotion holds: whatever was under way, the switch is taken back. One that is only fenced may still go forward.',
  emits: 'create-register',
  reversal: 'sqlferry finish --drop removes it.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl', 'targetControl'],
  match: ({ sourceDag, targetDag, sourceControl, targetControl }, situation) =>
    targetControl.kind === 'no-row' &&
    isLive(registerOf(sourceControl)) &&
    isOutage(sourceDag, targetDag, situation)
      ? {
          kind: 'act',
          because: 'Both sides are demoted, and the target has no commit register any more.',
          act: { kind: 'create-register', side: 'target', ...newEpochs(sourceControl) },
        }
      : null,
});

/** A row that may not be trusted. */
export const registerNotOurs = rule({
  id: 'R-REGISTER-NOT-OURS',
  phase: 'stopped',
  title: 'Stop: the commit register cannot be trusted',
  why: 'It was changed by hand, is a restored or older copy, belongs to another group or pair of servers, or was written by a newer sqlferry; acting on it could make two writable copies.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceControl, targetControl }, { migration, memory }) => {
    const behind = epochBlockers(sourceControl, targetControl);
    const blockers = [
      ...controlBlockers(sourceControl, 'source', migration),
      ...controlBlockers(targetControl, 'target', migration),
      ...behind,
    ];
    if (blockers.length === 0) return null;
    const newer = [sourceControl, targetControl].some((each) => each.kind === 'newer-protocol');
    const dag = shownName(migration.distributedAvailabilityGroup);
    const anew = `then delete the rows of ${dag} in ${controlDatabase}.dbo.commit_register and ${controlDatabase}.dbo.refused_epoch on that server and run sqlferry migrate: it creates them anew.`;
    return {
      kind: 'needs-human',
      because: 'The commit register is not one that this run may act on.',
      blockers,
      remedy: newer
        ? 'Use the newer sqlferry that wrote it.'
        : [sourceControl, targetControl].every(isOurHand) && behind.length === 0
          ? `Use the migration file that names that server. Only if that migration is over for good: run sqlferry diagnose, make sure which side is primary, ${anew}`
          : `Run sqlferry diagnose, make sure which side is primary, ${anew}`,
      outageOpen: memory.outageMs !== null,
    };
  },
});

/** Nobody changed it by hand: what is wrong is whom it belongs to. */
function isOurHand(control: ControlState): boolean {
  return control.kind !== 'present' || (control.register.isIntact && control.refused.isIntact);
}

/** No register, and nothing has begun. */
export const registerMissing = rule({
  id: 'R-REGISTER-MISSING',
  phase: 'ready',
  title: 'Stop: a commit register is missing',
  why: 'Without it nobody could tell a half-done switch from a finished one, so none is begun.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  match: ({ sourceControl, targetControl }) => {
    const missing = sides.filter(
      (side) => registerOf(side === 'source' ? sourceControl : targetControl) === null,
    );
    return missing.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: `There is no commit register on the ${missing.join(' and the ')}.`,
          remedy: 'Run sqlferry migrate: it creates what is missing and changes nothing else.',
        };
  },
});

/** A switch the other way round is under way. */
export const otherDirection = rule({
  id: 'R-OTHER-DIRECTION',
  phase: 'switch',
  title: 'Stop: a switch in the other direction is under way',
  why: 'Its register is on the target and is not closed; two switches at once could not both be right.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl', 'targetControl'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceDag, targetDag, sourceControl, targetControl }) => {
    const own = registerOf(sourceControl);
    const other = registerOf(targetControl);
    if (other === null || isLive(own)) return null;
    const demoted = dagRole(sourceDag) === 'SECONDARY' && dagRole(targetDag) === 'SECONDARY';
    const open = isLive(other) || (isOwed(other) && !isOwed(own));
    // A committing epoch of the target while the source is primary was decided: it only has to be closed.
    if (!open || !(demoted || (other.phase === 'fenced' && dagRole(targetDag) === 'PRIMARY')))
      return null;
    return {
      kind: 'needs-human',
      because: `Epoch ${other.epoch} on the target is ${other.phase}: a switch in the other direction was begun by ${other.owner === '' ? 'somebody' : other.owner}.`,
      remedy: 'Run sqlferry failback to go on with that switch, or sqlferry abort to take it back.',
      outageOpen: demoted,
    };
  },
});

/** The epoch of an earlier switch in the other direction is closed before a new one begins. */
export const otherEpochClose = rule({
  id: 'R-OTHER-EPOCH-CLOSE',
  phase: 'ready',
  title: 'Close the epoch of the switch that made the source primary',
  why: 'It was decided and carried out, and whoever did it died before saying so; an open epoch could be taken up again.',
  emits: 'close-epoch',
  reversal: 'None: it only says what happened.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'targetControl'],
  match: ({ sourceDag, targetDag, targetControl }) => {
    const register = registerOf(targetControl);
    if (register?.phase !== 'committing') return null;
    if (dagRole(sourceDag) !== 'PRIMARY' || dagRole(targetDag) !== 'SECONDARY') return null;
    return {
      kind: 'act',
      because: `Epoch ${register.epoch} on the target is committing although the source is primary: it is over.`,
      act: { kind: 'close-epoch', side: 'target', epoch: register.epoch },
    };
  },
});

/** The job goes when nothing is left to guard. */
export const deadManDrop = rule({
  id: 'R-DEAD-MAN-DROP',
  phase: 'finish',
  title: 'Delete the job of the dead-man',
  why: 'The distributed group is gone on both sides; there is no role left to give back.',
  emits: 'drop-dead-man',
  reversal: 'None: sqlferry migrate creates it again.',
  reference: 'dropGroup',
  needs: ['sourceDag', 'targetDag', 'sourceDeadMan', 'targetDeadMan'],
  when: ({ migration }) => migration.cutover.deadMan === 'agent',
  match: ({ sourceDag, targetDag, sourceDeadMan, targetDeadMan }) => {
    if (sourceDag !== null || targetDag !== null) return null;
    const side = sides.find(
      (each) => (each === 'source' ? sourceDeadMan : targetDeadMan).jobExists,
    );
    return side === undefined
      ? null
      : {
          kind: 'act',
          because: `The ${side} still has the job of the dead-man.`,
          act: { kind: 'drop-dead-man', side },
        };
  },
});

/** The register goes last. */
export const registerDrop = rule({
  id: 'R-REGISTER-DROP',
  phase: 'finish',
  title: 'Remove the commit register of this distributed group',
  why: 'The distributed group is gone on both sides. The control database goes with the last register in it.',
  emits: 'drop-register',
  reversal: 'None: sqlferry migrate creates it again.',
  reference: 'dropGroup',
  needs: ['sourceDag', 'targetDag', 'sourceControl', 'targetControl'],
  match: ({ sourceDag, targetDag, sourceControl, targetControl }) => {
    if (sourceDag !== null || targetDag !== null) return null;
    const side = firstSide(sourceControl, targetControl, 'present');
    return side === null
      ? null
      : {
          kind: 'act',
          because: `The ${side} still holds the register of this group.`,
          act: { kind: 'drop-register', side },
        };
  },
});
