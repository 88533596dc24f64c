/**
 * Rules that let the register and the dead-man follow a local failover outside a switch (docs/adr/0008):
 * made anew where the primary is now, never with an epoch that was used, and removed where they were.
 */

import { shownName } from '../../base/name.ts';
import type { Migration } from '../../model/migration.ts';
import type { Observation } from '../../model/observation.ts';
import { controlDatabase, type ControlState } from '../../model/register.ts';
import type { Side } from '../../model/side.ts';
import { planOf } from '../look.ts';
import { isUnderWay, newEpochs, registerOf } from '../register-look.ts';
import { groupedSides, otherInstances, othersOf } from '../replica-look.ts';
import { rule, type Situation } from '../rule.ts';

/** The highest epochs that the side's other instances know of, -1 where there are none; none is ever used again. */
export function epochsElsewhere(
  observation: Observation,
  migration: Migration,
  side: Side,
): { readonly epoch: bigint; readonly refused: bigint; readonly holder: string | null } {
  let found = { epoch: -1n, refused: -1n, holder: null as string | null };
  for (const { control, name } of othersOf(observation, migration, side)) {
    if (control.kind !== 'present') continue;
    const { register, refused } = control;
    const isHigher = register.epoch > found.epoch || refused.epoch > found.refused;
    found = {
      epoch: register.epoch > found.epoch ? register.epoch : found.epoch,
      refused: refused.epoch > found.refused ? refused.epoch : found.refused,
      holder: isHigher ? name : found.holder,
    };
  }
  return found;
}

/** The higher of both, each left out where it is 0. */
export function atLeast(
  known: { readonly epoch?: bigint; readonly refused?: bigint },
  elsewhere: { readonly epoch: bigint; readonly refused: bigint },
): { readonly epoch?: bigint; readonly refused?: bigint } {
  const higher = (left: bigint, right: bigint): bigint => (left > right ? left : right);
  const epoch = higher(known.epoch ?? 0n, elsewhere.epoch);
  const refused = higher(known.refused ?? 0n, elsewhere.refused);
  return { ...(epoch > 0n ? { epoch } : {}), ...(refused > 0n ? { refused } : {}) };
}

/** A register of its own that is older than what another replica of the side holds. */
export const registerOutdated = rule({
  id: 'R-REGISTER-OUTDATED',
  phase: 'stopped',
  title: 'Stop: the register of the acting instance is older than another one of its side',
  why: 'The side failed over and back, and epochs were used meanwhile; an epoch that is used twice could promote twice.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  match: ({ sourceControl, targetControl }, { observation, migration }) => {
    for (const side of groupedSides(migration)) {
      const own = side === 'source' ? sourceControl : targetControl;
      const { epoch, refused, holder } = epochsElsewhere(observation, migration, side);
      if (own.kind !== 'present' || holder === null) continue;
      if (own.register.epoch >= epoch && own.refused.epoch >= refused) continue;
      return {
        kind: 'needs-human',
        because: `The register of ${shownName(observation[side].instance)} stands at epoch ${own.register.epoch} (refused ${own.refused.epoch}), ${shownName(holder)} on the ${side} knows of epoch ${epoch} (refused ${refused}).`,
        remedy: `Make ${shownName(holder)} the primary of ${shownName(planOf(migration, side).availabilityGroup)} (ALTER AVAILABILITY GROUP ... FAILOVER there), then run sqlferry migrate: it removes the older register.`,
      };
    }
    return null;
  },
});

/** The acting instance of a side that lacks what another one of the side holds; null where there is none. */
function followerSide(
  {
    sourceControl,
    targetControl,
  }: {
    readonly sourceControl: ControlState;
    readonly targetControl: ControlState;
  },
  { observation, migration }: Situation,
  kind: 'missing' | 'no-row',
): Side | null {
  return (
    groupedSides(migration).find((side) => {
      const own = side === 'source' ? sourceControl : targetControl;
      const { holder } = epochsElsewhere(observation, migration, side);
      return own.kind === kind && holder !== null;
    }) ?? null
  );
}

/** The register follows the primary: its database. */
export const followDatabase = rule({
  id: 'R-FOLLOW-DATABASE',
  phase: 'ready',
  title: 'Create the control database on the replica that acts now',
  why: 'The side failed over locally since the register was made. What the earlier replica holds is at rest, so the register follows the primary.',
  emits: 'create-control-database',
  reversal: 'sqlferry finish --drop removes it.',
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  match: (parts, situation) => {
    const side = followerSide(parts, situation, 'missing');
    return side === null
      ? null
      : {
          kind: 'act',
          because: `${shownName(situation.observation[side].instance)} acts for the ${side} now and has no database ${shownName(controlDatabase)}.`,
          act: { kind: 'create-control-database', side },
        };
  },
});

/** The register follows the primary: its rows. */
export const followRegister = rule({
  id: 'R-FOLLOW-REGISTER',
  phase: 'ready',
  title: 'Create the commit register on the replica that acts now',
  why: 'It counts on from every epoch that the earlier replica or the other side knows of, so that none is used twice.',
  emits: 'create-register',
  reversal: 'sqlferry finish --drop removes it.',
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  match: (parts, situation) => {
    const side = followerSide(parts, situation, 'no-row');
    if (side === null) return null;
    const { observation, migration } = situation;
    const other = side === 'source' ? parts.targetControl : parts.sourceControl;
    return {
      kind: 'act',
      because: `${shownName(observation[side].instance)} acts for the ${side} now and has no commit register for this group.`,
      act: {
        kind: 'create-register',
        side,
        ...atLeast(newEpochs(other), epochsElsewhere(observation, migration, side)),
      },
    };
  },
});

/** What a cutover that was begun has to restore moves with the register. */
export const priorStateMoved = rule({
  id: 'R-PRIOR-STATE-MOVED',
  phase: 'prepare',
  title: 'Take over what the register of another replica says about how things were',
  why: 'The side failed over locally after a cutover had begun; what abort and the end of the cutover restore is written into the register that counts now.',
  emits: 'record-prior-state',
  reversal: 'None needed: it only records.',
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  match: ({ sourceControl, targetControl }, { observation, migration }) => {
    for (const { side, name, control } of otherInstances(observation, migration)) {
      const own = registerOf(side === 'source' ? sourceControl : targetControl);
      const prior = registerOf(control)?.prior ?? null;
      if (own === null || own.prior !== null || prior === null) continue;
      return {
        kind: 'act',
        because: `The register of ${shownName(name)} on the ${side} says how things were before a cutover began.`,
        act: { kind: 'record-prior-state', side, prior },
      };
    }
    return null;
  },
});

/** The rows of the instance that acted before. */
export const registerMoved = rule({
  id: 'R-REGISTER-MOVED',
  phase: 'prepare',
  title: 'Remove the commit register of a replica that acts no more',
  why: 'Its side failed over locally, and the register is on the new primary now with every epoch counted; two of them could tell two stories.',
  emits: 'drop-register',
  reversal: 'None needed: the register is on the acting instance.',
  reference: 'configure',
  needs: ['sourceControl', 'targetControl'],
  match: ({ sourceControl, targetControl }, { observation, migration }) => {
    const found = otherInstances(observation, migration).find(({ side, control }) => {
      const own = side === 'source' ? sourceControl : targetControl;
      return control.kind === 'present' && own.kind === 'present' && isCovered(own, control);
    });
    return found === undefined
      ? null
      : {
          kind: 'act',
          because: `${shownName(found.name)} on the ${found.side} still holds a register, ${shownName(observation[found.side].instance)} acts now.`,
          act: { kind: 'drop-register', side: found.side, instance: found.name },
        };
  },
});

/** The acting register knows of every epoch the other one knows of, and nothing is under way there. */
function isCovered(
  own: Extract<ControlState, { kind: 'present' }>,
  other: Extract<ControlState, { kind: 'present' }>,
): boolean {
  return (
    own.register.epoch >= other.register.epoch &&
    own.refused.epoch >= other.refused.epoch &&
    !isUnderWay(other.register)
  );
}

/** The job of the instance that acted before. */
export const deadManMoved = rule({
  id: 'R-DEAD-MAN-MOVED',
  phase: 'prepare',
  title: 'Delete the job of the dead-man on a replica that acts no more',
  why: 'It guards nothing there: the role of the distributed group can be taken back on the local primary only.',
  emits: 'drop-dead-man',
  reversal: 'None needed: the acting instance has its own.',
  reference: 'configure',
  needs: [],
  match: (_parts, { observation, migration }) => {
    const found = otherInstances(observation, migration).find((each) => each.deadMan.jobExists);
    return found === undefined
      ? null
      : {
          kind: 'act',
          because: `${shownName(found.name)} on the ${found.side} has the job of the dead-man, and does not act for its side.`,
          act: { kind: 'drop-dead-man', side: found.side, instance: found.name },
        };
  },
});

/** After the group is gone the job of a replica that acted once goes too. */
export const deadManLeft = rule({
  id: 'R-DEAD-MAN-LEFT',
  phase: 'finish',
  title: 'Delete the job of the dead-man on a replica that acted once',
  why: 'The distributed group is gone on both sides; there is no role left to give back.',
  emits: 'drop-dead-man',
  reversal: 'None: sqlferry migrate creates it again.',
  reference: 'dropGroup',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { observation, migration }) => {
    const found = otherInstances(observation, migration).find((each) => each.deadMan.jobExists);
    return sourceDag !== null || targetDag !== null || found === undefined
      ? null
      : {
          kind: 'act',
          because: `${shownName(found.name)} on the ${found.side} still has the job of the dead-man.`,
          act: { kind: 'drop-dead-man', side: found.side, instance: found.name },
        };
  },
});

/** The same for its register. */
export const registerLeft = rule({
  id: 'R-REGISTER-LEFT',
  phase: 'finish',
  title: 'Remove the commit register of a replica that acted once',
  why: 'The distributed group is gone on both sides. The control database goes with the last register in it.',
  emits: 'drop-register',
  reversal: 'None: sqlferry migrate creates it again.',
  reference: 'dropGroup',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { observation, migration }) => {
    const found = otherInstances(observation, migration).find(
      (each) => each.control.kind === 'present',
    );
    return sourceDag !== null || targetDag !== null || found === undefined
      ? null
      : {
          kind: 'act',
          because: `${shownName(found.name)} on the ${found.side} still holds a register of this group.`,
          act: { kind: 'drop-register', side: found.side, instance: found.name },
        };
  },
});
