/**
 * From the observations of every instance of a side to the observation of the side.
 *
 * The instance that acts is found, not configured: it is the primary replica of the side's own group,
 * for there alone the distributed group can be altered (Microsoft Learn, configure distributed
 * availability groups). Before the group exists it is the first instance of the file. A side whose
 * primary cannot be seen is unknown, never absent.
 */

import { shownName } from '../../base/name.ts';
import { unknown } from '../../model/fact.ts';
import type { SideObservation } from '../../model/observation.ts';
import { ProblemCatalogue, type Problem } from '../../model/problem.ts';

/** Instances of one side, each as its own batch saw it, in the order of the file. */
export type InstanceObservations = readonly [SideObservation, ...SideObservation[]];

/**
 * The side as the instance shows it that acts for it. `generation` counts the sessions of all instances
 * and every change of the acting one; of a single instance nothing is changed.
 */
export function assembleSide(all: InstanceObservations, generation: number): SideObservation {
  const [first] = all;
  if (all.length === 1) return first;
  const found = actingOf(all);
  if ('problem' in found) return withoutPrimary(all, found.problem, generation);
  const { acting } = found;
  return { ...acting, generation, others: all.filter((each) => each !== acting) };
}

type Found = { readonly acting: SideObservation } | { readonly problem: Problem };

function actingOf(all: InstanceObservations): Found {
  const primaries = all.filter(
    (each) =>
      each.availabilityGroup.known && each.availabilityGroup.value?.localRoleDesc === 'PRIMARY',
  );
  const [primary] = primaries;
  if (primary !== undefined) {
    return primaries.length === 1
      ? { acting: primary }
      : { problem: noPrimary(all, 'More than one instance shows the role PRIMARY') };
  }
  // A login without rights sees no group: the rules name the right that is missing.
  const blind = all.find(
    (each) => each.connection.kind === 'connected' && !each.availabilityGroup.known,
  );
  if (blind !== undefined) return { acting: blind };
  const away = all.flatMap((each) =>
    each.connection.kind === 'unreachable' ? [each.connection.problem] : [],
  );
  if (away.length === all.length && away[0] !== undefined) return { problem: away[0] };
  const hasGroup = all.some(
    (each) => each.availabilityGroup.known && each.availabilityGroup.value !== null,
  );
  if (!hasGroup && away.length === 0) return { acting: all[0] };
  return { problem: noPrimary(all, 'No reachable instance shows the role PRIMARY') };
}

function noPrimary(all: InstanceObservations, found: string): Problem {
  const [first] = all;
  return {
    code: 'SF-NET-005',
    summary: `${found} in the availability group of the ${first.side}: ${all.map(roleWords).join(', ')}.`,
    because: all.flatMap((each) =>
      each.connection.kind === 'unreachable' ? [each.connection.problem.summary] : [],
    ),
    remedy: ProblemCatalogue['SF-NET-005'].remedy,
    instance: first.instance,
  };
}

function roleWords(each: SideObservation): string {
  const name = shownName(each.instance);
  if (each.connection.kind === 'unreachable') return `${name} does not answer`;
  if (!each.availabilityGroup.known) return `${name} is not readable`;
  const group = each.availabilityGroup.value;
  return group === null
    ? `${name} has no group`
    : `${name} is ${group.localRoleDesc ?? 'RESOLVING'}`;
}

function withoutPrimary(
  all: InstanceObservations,
  problem: Problem,
  generation: number,
): SideObservation {
  const [first, ...others] = all;
  const fact = unknown(problem.summary);
  return {
    side: first.side,
    instance: first.instance,
    generation,
    connection: { kind: 'unreachable', problem },
    serverUtc: fact,
    server: fact,
    endpoint: fact,
    availabilityGroup: fact,
    distributed: fact,
    databases: fact,
    windowsLogins: fact,
    fenceLogins: fact,
    sessions: fact,
    operators: fact,
    control: fact,
    deadMan: fact,
    leadership: fact,
    roundTripMs: null,
    others: [first, ...others],
  };
}
