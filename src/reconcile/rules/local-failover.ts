/**
 * Rules about local failovers inside a side of several replicas (docs/adr/0008).
 *
 * The register, the refused epoch and the dead-man live on the instance that acts. In a switch automatic
 * failover is off; one that somebody forces is told apart here, and nothing is done until the instance
 * with the register is the primary of its side again. What follows outside a switch is in
 * `register-follow.ts`.
 */

import { shownName } from '../../base/name.ts';
import type { Observation } from '../../model/observation.ts';
import type { CommitRegister, ControlState } from '../../model/register.ts';
import type { Side } from '../../model/side.ts';
import { dagRole, planOf } from '../look.ts';
import { glance } from '../parts.ts';
import { isUnderWay, registerOf } from '../register-look.ts';
import { groupedSides, otherInstances, othersOf, unseenInstances } from '../replica-look.ts';
import { rule } from '../rule.ts';

/** What a side's acting instance holds; null while it is not known. */
function controlOn(observation: Observation, side: Side): ControlState | null {
  return glance(observation, side === 'source' ? 'sourceControl' : 'targetControl');
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
      [sourceControl, targetControl].some((control) => isUnderWay(registerOf(control))) ||
      others.some(({ control }) => isUnderWay(rowOf(control)));
    const blockers = groupedSides(migration).flatMap((side) => {
      const acting = side === 'source' ? sourceControl : targetControl;
      return others
        .filter((each) => each.side === side && each.control.kind !== 'missing')
        .filter(({ control }) => isUnderWay(rowOf(control)) || (isOpen && isLost(acting, control)))
        .map(({ name, control }) => {
          const register = rowOf(control);
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

/**
 * The row of an instance that does not act, sealed or not: the distributed group is not shown there, so a row
 * of an epoch under way counts as one of another group.
 */
function rowOf(control: ControlState): CommitRegister | null {
  return control.kind === 'present' ? control.register : null;
}

/** The acting instance lacks the rows that another one has. */
function isLost(acting: ControlState, other: ControlState): boolean {
  return acting.kind !== 'present' && other.kind === 'present';
}

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
