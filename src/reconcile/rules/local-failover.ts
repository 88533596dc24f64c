/**
 * Rules about local failovers inside a side of several replicas (docs/adr/0008).
 *
 * The register, the refused epoch and the dead-man live on the instance that acts. Outside a switch a local
 * failover is followed: they are made anew where the primary is now, never with an epoch that was used, and
 * removed where it was. In a switch automatic failover is off; one that somebody forces is told apart and
 * nothing is done until the instance with the register is the primary of its side again.
 */

import { shownName, shownNames } from '../../base/name.ts';
import type { Observation } from '../../model/observation.ts';
import type { CommitRegister, ControlState } from '../../model/register.ts';
import type { Side } from '../../model/side.ts';
import { dagRole, holds, planOf, sides } from '../look.ts';
import { glance } from '../parts.ts';
import { isLive, isOwed, registerOf } from '../register-look.ts';
import {
  groupedSides,
  otherInstances,
  othersOf,
  replicasOf,
  unseenInstances,
} from '../replica-look.ts';
import { rule } from '../rule.ts';

/** What a side's acting instance holds; null while it is not known. */
function controlOn(observation: Observation, side: Side): ControlState | null {
  return glance(observation, side === 'source' ? 'sourceControl' : 'targetControl');
}

function isUnderWay(register: CommitRegister | null): boolean {
  return isLive(register) || isOwed(register);
}

/** An epoch that is under way is not where the primary is. */
export const registerElsewhere = rule({
  id: 'R-REGISTER-ELSEWHERE',
  phase: 'switch',
  title: 'Stop: a side failed over locally in the middle of a switch',
  why: 'The commit register and the dead-man are on the replica that was the primary when the switch began. On another replica nobody can tell how far it went, so nothing is done there.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl', 'targetControl'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: ({ sourceDag, targetDag, sourceControl, targetControl }, { observation, migration }) => {
    const others = otherInstances(observation, migration);
    const demoted = dagRole(sourceDag) === 'SECONDARY' && dagRole(targetDag) === 'SECONDARY';
    const away = demoted ? unseenInstances(observation, migration) : [];
    const isOpen =
      demoted ||
      [sourceControl, targetControl, ...others.map((each) => each.control)].some((control) =>
        isUnderWay(registerOf(control)),
      );
    const blockers = groupedSides(migration).flatMap((side) => {
      const acting = side === 'source' ? sourceControl : targetControl;
      return others
        .filter((each) => each.side === side && each.control.kind !== 'missing')
        .filter(
          ({ control }) => isUnderWay(registerOf(control)) || (isOpen && isLost(acting, control)),
        )
        .map(({ name, control }) => {
          const register = registerOf(control);
          const words = register === null ? 'rows' : `epoch ${register.epoch} (${register.phase})`;
          return `${shownName(name)} on the ${side} holds ${words}, and ${shownName(observation[side].instance)} is the primary of ${shownName(planOf(migration, side).availabilityGroup)} now.`;
        });
    });
    const lost = [sourceControl, targetControl].some((control) => control.kind !== 'present');
    const unknown = lost ? away : [];
    if (blockers.length === 0 && unknown.length === 0) return null;
    return {
      kind: 'needs-human',
      because:
        blockers.length > 0
          ? 'A side failed over locally in the middle of a switch.'
          : 'Nobody is primary of the distributed group, and an instance that may hold the register does not answer.',
      blockers: [...blockers, ...unknown],
      remedy: `Make that instance the primary of its side again: on it run ${groupedSides(migration)
        .map(
          (side) =>
            `ALTER AVAILABILITY GROUP ${shownName(planOf(migration, side).availabilityGroup)} FAILOVER (on the ${side})`,
        )
        .join(' or ')}, then the same command again.`,
      outageOpen: demoted,
    };
  },
});

/** The acting instance lacks the rows that another one has. */
function isLost(acting: ControlState, other: ControlState): boolean {
  return acting.kind !== 'present' && other.kind === 'present';
}

/** The highest epochs that the side's other instances know of, -1 where there are none; none is ever used again. */
export function epochsElsewhere(
  observation: Observation,
  migration: Parameters<typeof othersOf>[1],
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

/** A side failed over since `migrate`, or cannot be seen whole. */
export const replicaGate = rule({
  id: 'R-CUTOVER-REPLICAS',
  phase: 'ready',
  title: 'Stop: not every replica answers, or a register was left behind by a local failover',
  why: 'A switch begins only when every instance that may hold a register was seen, and each side has exactly one.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: ({ sourceDag }, { observation, migration }) => {
    if (dagRole(sourceDag) !== 'PRIMARY') return null;
    const away = unseenInstances(observation, migration);
    const left = otherInstances(observation, migration)
      .filter((each) => each.control.kind === 'present')
      .map(
        ({ name, side }) =>
          `${shownName(name)} on the ${side} holds a register and is not the primary.`,
      );
    const lacking = groupedSides(migration)
      .filter((side) => controlOn(observation, side)?.kind !== 'present')
      .map(
        (side) =>
          `${shownName(observation[side].instance)}, the primary of the ${side}, has no register.`,
      );
    const blockers = [...away, ...left, ...lacking];
    return blockers.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: 'The replicas are not as a cutover needs them.',
          blockers,
          remedy:
            away.length > 0
              ? 'Bring every instance of the migration file into reach (or take one that is gone for good out of its group and out of the file), run sqlferry migrate, then the same command again.'
              : 'Run sqlferry migrate: it moves the register and the dead-man to the instance that acts now; then the same command again.',
        };
  },
});

/** Replicas of both groups that fail over by themselves. */
export function automaticReplicas(observation: Observation): readonly string[] {
  return sides.flatMap((side) =>
    (replicasOf(observation, side) ?? [])
      .filter((row) => row.failoverModeDesc === 'AUTOMATIC')
      .map((row) => row.serverName),
  );
}

/** No local failover in the middle of the switch. */
export const failoverManual = rule({
  id: 'R-FAILOVER-MANUAL',
  phase: 'synchronise',
  title: 'Set the failover mode of a replica to manual for the switch',
  why: 'The register and the dead-man are on the primaries of today. With automatic failover off no side can move to another replica in the middle of the switch; what was automatic is recorded and given back.',
  emits: 'set-failover-mode',
  reversal: 'The same statement with AUTOMATIC: the end of the cutover does it, or sqlferry abort.',
  reference: 'alterGroup',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  match: ({ sourceDag, targetDag, sourceControl }, { observation, migration }) => {
    if (dagRole(sourceDag) !== 'PRIMARY' || dagRole(targetDag) !== 'SECONDARY') return null;
    const recorded = registerOf(sourceControl)?.prior?.automaticReplicas ?? [];
    for (const side of groupedSides(migration)) {
      for (const row of replicasOf(observation, side) ?? []) {
        if (row.failoverModeDesc !== 'AUTOMATIC' || !holds(recorded, row.serverName)) continue;
        return {
          kind: 'act',
          because: `${shownName(row.serverName)} on the ${side} fails over automatically.`,
          act: { kind: 'set-failover-mode', side, replica: row.serverName, mode: 'MANUAL' },
        };
      }
    }
    return null;
  },
});

/** A replica that was not recorded fails over by itself. */
export const failoverDrifted = rule({
  id: 'R-FAILOVER-DRIFTED',
  phase: 'synchronise',
  title: 'Stop: a replica was set to automatic failover since the cutover began',
  why: 'The register records what was automatic before the first change; something else set this one, and it would fail over in the middle of the switch.',
  emits: 'needs-human',
  reversal: null,
  reference: 'alterGroup',
  needs: ['sourceDag', 'targetDag'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: ({ sourceDag, targetDag }, { observation }) => {
    if (dagRole(sourceDag) !== 'PRIMARY' || dagRole(targetDag) !== 'SECONDARY') return null;
    const names = automaticReplicas(observation);
    return names.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: `${shownNames(names)} fails over automatically, and the register does not say that it did before the cutover.`,
          remedy:
            'Run sqlferry abort, then the same command again: it records the modes anew. Or set it back: MODIFY REPLICA ON ... WITH (FAILOVER_MODE = MANUAL).',
        };
  },
});

/** What was automatic is automatic again. */
export const failoverRestore = rule({
  id: 'R-FAILOVER-RESTORE',
  phase: 'verify',
  title: 'Give a replica its automatic failover back',
  why: 'The switch is over, or taken back; it was set to manual only for the time of the switch.',
  emits: 'set-failover-mode',
  reversal: 'The same statement with MANUAL.',
  reference: 'alterGroup',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: (parts, { observation, migration, intent }) => {
    if (!isOver(parts, intent.goal === 'abort')) return null;
    const recorded = registerOf(parts.sourceControl)?.prior?.automaticReplicas ?? [];
    for (const side of groupedSides(migration).toReversed()) {
      for (const row of replicasOf(observation, side) ?? []) {
        const isDue = row.failoverModeDesc === 'MANUAL' && holds(recorded, row.serverName);
        // A replica that commits asynchronously cannot fail over automatically.
        if (!isDue || row.availabilityModeDesc !== 'SYNCHRONOUS_COMMIT') continue;
        return {
          kind: 'act',
          because: `${shownName(row.serverName)} on the ${side} failed over automatically before the switch.`,
          act: { kind: 'set-failover-mode', side, replica: row.serverName, mode: 'AUTOMATIC' },
        };
      }
    }
    return null;
  },
});

/** Nothing is owed any more. */
export const failoverRestored = rule({
  id: 'R-FAILOVER-RESTORED',
  phase: 'verify',
  title: 'Strike the failover modes from the register: they are given back',
  why: 'Who sets one to manual on purpose later must not find it automatic again.',
  emits: 'record-prior-state',
  reversal: 'None needed: it only records.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceControl'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: (parts, { intent }) => {
    const register = registerOf(parts.sourceControl);
    const prior = register?.prior ?? null;
    if (prior === null || isLive(register) || !isOver(parts, intent.goal === 'abort')) return null;
    return (prior.automaticReplicas ?? []).length === 0
      ? null
      : {
          kind: 'act',
          because: 'Every replica that failed over automatically before the switch does so again.',
          act: {
            kind: 'record-prior-state',
            side: 'source',
            prior: { ...prior, automaticReplicas: [] },
          },
        };
  },
});

function isOver(
  {
    sourceDag,
    targetDag,
    sourceControl,
  }: {
    readonly sourceDag: Parameters<typeof dagRole>[0];
    readonly targetDag: Parameters<typeof dagRole>[0];
    readonly sourceControl: ControlState;
  },
  isAbort: boolean,
): boolean {
  const register = registerOf(sourceControl);
  if (register === null || register.phase === 'fenced') return false;
  if (dagRole(targetDag) === 'PRIMARY') return dagRole(sourceDag) !== 'PRIMARY';
  return isAbort && dagRole(sourceDag) === 'PRIMARY' && !isOwed(register);
}

/** The fence of the source has to hold on every replica once the group is gone. */
export const dropReplicaLogins = rule({
  id: 'R-DROP-REPLICA-LOGINS',
  phase: 'finish',
  title: 'Stop: an application login is enabled on a further replica of the source',
  why: 'Without the distributed group the source takes writes again, on whichever replica is its primary.',
  emits: 'needs-human',
  reversal: null,
  reference: 'complete',
  needs: ['sourceDag', 'targetDag'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: ({ sourceDag, targetDag }, { observation, migration }) => {
    if (sourceDag === null && targetDag === null) return null;
    const away = unseenInstances(observation, migration).filter((text) =>
      text.includes(' on the source'),
    );
    const enabled = othersOf(observation, migration, 'source').flatMap(({ name, fenceLogins }) =>
      fenceLogins
        .filter((login) => !login.isDisabled)
        .map((login) => ({ name, login: login.name })),
    );
    if (enabled.length === 0 && away.length === 0) return null;
    return {
      kind: 'needs-human',
      because:
        'The logins of the fence are not known to be disabled on every replica of the source.',
      blockers: [
        ...enabled.map(
          ({ name, login }) => `${shownName(login)} is enabled on ${shownName(name)}.`,
        ),
        ...away,
      ],
      remedy: [
        ...enabled.map(
          ({ name, login }) => `On ${shownName(name)}: ALTER LOGIN ${shownName(login)} DISABLE`,
        ),
        'then run the same command again.',
      ].join('; '),
    };
  },
});
