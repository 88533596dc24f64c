/**
 * Questions about the instances of a side besides the one that acts; all answers are empty on the
 * standalone path.
 *
 * The rules about further replicas read them only once every instance was seen whole, so that a server
 * that cannot be asked never counts as one that lacks something.
 */

import { sameName, shownName } from '../base/name.ts';
import type { Fact } from '../model/fact.ts';
import type { GroupDetails, ReplicaObservation } from '../model/group-details.ts';
import {
  isGrouped,
  type Migration,
  type MigrationInstance,
  type MigrationSide,
} from '../model/migration.ts';
import {
  sideOf,
  type AvailabilityGroupObservation,
  type DatabaseObservation,
  type EndpointObservation,
  type LoginObservation,
  type Observation,
  type ServerObservation,
  type SideObservation,
  type WindowsLoginObservation,
} from '../model/observation.ts';
import type { ControlState, DeadManState } from '../model/register.ts';
import type { Side } from '../model/side.ts';
import { planOf, sides } from './look.ts';

/** One instance whose every part is known. */
export interface SeenInstance {
  readonly side: Side;
  /** Name from the migration file. */
  readonly name: string;
  readonly acts: boolean;
  readonly plan: MigrationInstance;
  readonly server: ServerObservation;
  readonly endpoint: EndpointObservation | null;
  readonly group: AvailabilityGroupObservation | null;
  readonly details: GroupDetails;
  readonly databases: readonly DatabaseObservation[];
  readonly windowsLogins: readonly WindowsLoginObservation[];
  readonly fenceLogins: readonly LoginObservation[];
  readonly control: ControlState;
  readonly deadMan: DeadManState;
}

/** The sides of the migration that are groups of their own. */
export function groupedSides(migration: Migration): readonly Side[] {
  return sides.filter((side) => isGrouped(planOf(migration, side)));
}

/** Every instance of the grouped sides that was seen whole, the acting one of each side first. */
export function seenInstances(
  observation: Observation,
  migration: Migration,
): readonly SeenInstance[] {
  return groupedSides(migration).flatMap((side) =>
    instancesOf(sideOf(observation, side)).flatMap((seen, index) => {
      const whole = wholeOf(seen, planOf(migration, side), index === 0);
      return whole === null ? [] : [whole];
    }),
  );
}

/** Those of them that do not act. */
export function otherInstances(
  observation: Observation,
  migration: Migration,
): readonly SeenInstance[] {
  return seenInstances(observation, migration).filter((each) => !each.acts);
}

/** The same of one side. */
export function othersOf(
  observation: Observation,
  migration: Migration,
  side: Side,
): readonly SeenInstance[] {
  return otherInstances(observation, migration).filter((each) => each.side === side);
}

/** Instances of the grouped sides that could not be seen whole, one sentence each. */
export function unseenInstances(observation: Observation, migration: Migration): readonly string[] {
  return groupedSides(migration).flatMap((side) =>
    (sideOf(observation, side).others ?? []).flatMap((seen) => {
      const reason = unseenReason(seen);
      return reason === null ? [] : [`${shownName(seen.instance)} on the ${side}: ${reason}`];
    }),
  );
}

function instancesOf(side: SideObservation): readonly SideObservation[] {
  return [side, ...(side.others ?? [])];
}

function wholeOf(seen: SideObservation, plan: MigrationSide, acts: boolean): SeenInstance | null {
  const own = plan.instances.find((instance) => sameName(instance.name, seen.instance));
  const { server, endpoint, availabilityGroup, databases, windowsLogins } = seen;
  const { fenceLogins, control, deadMan, group } = seen;
  if (own === undefined || group === undefined) return null;
  if (!server.known || !endpoint.known || !availabilityGroup.known || !databases.known) return null;
  if (!windowsLogins.known || !fenceLogins.known || !control.known || !deadMan.known) return null;
  if (!group.known) return null;
  return {
    // Not the side of the observation: a mirrored pair turns the acting instances only.
    side: plan.side,
    name: seen.instance,
    acts,
    plan: own,
    server: server.value,
    endpoint: endpoint.value,
    group: availabilityGroup.value,
    details: group.value,
    databases: databases.value,
    windowsLogins: windowsLogins.value,
    fenceLogins: fenceLogins.value,
    control: control.value,
    deadMan: deadMan.value,
  };
}

function unseenReason(seen: SideObservation): string | null {
  if (seen.connection.kind === 'unreachable') return seen.connection.problem.summary;
  const facts: readonly (Fact<unknown> | undefined)[] = [
    seen.server,
    seen.endpoint,
    seen.availabilityGroup,
    seen.databases,
    seen.windowsLogins,
    seen.fenceLogins,
    seen.control,
    seen.deadMan,
    seen.group,
  ];
  const missing = facts.find((fact) => fact?.known === false);
  return missing?.known === false ? missing.because : null;
}

/** Replicas of a side's own group as its primary shows them; null while they are not known. */
export function replicasOf(
  observation: Observation,
  side: Side,
): readonly ReplicaObservation[] | null {
  const { group } = sideOf(observation, side);
  return group?.known === true ? group.value.replicas : null;
}
