/** Changes to an observation that leave the given one as it was. */

import { known, type Fact } from '../model/fact.ts';
import type { DistributedObservation, Observation, SideObservation } from '../model/observation.ts';
import { sideOf } from '../model/observation.ts';
import type { Side } from '../model/side.ts';

/** The observation with parts of one side replaced. */
export function patch(
  observation: Observation,
  side: Side,
  change: Partial<SideObservation>,
): Observation {
  return { ...observation, [side]: { ...sideOf(observation, side), ...change } };
}

/** The changed value of a fact; what is unknown stays unknown. */
export function map<T>(fact: Fact<T>, change: (value: T) => T): Fact<T> {
  return fact.known ? known(change(fact.value)) : fact;
}

/** The observation with one side's view of the DAG changed, where it has one. */
export function withDag(
  observation: Observation,
  side: Side,
  change: (dag: DistributedObservation) => DistributedObservation,
): Observation {
  return patch(observation, side, {
    distributed: map(sideOf(observation, side).distributed, (dag) =>
      dag === null ? null : change(dag),
    ),
  });
}
