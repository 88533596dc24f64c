/** Answers of the shipping `decide()`, asked once per goal, memory and pair of readings. */

import { required } from '../../base/assert.ts';
import type { Decision } from '../../model/decision.ts';
import type { Observation } from '../../model/observation.ts';
import { decide } from '../../reconcile/decide.ts';
import { believingInQuiet, explorerPolicy, type MemorySpace } from './memory-space.ts';
import type { ObservationSpace } from './observation-space.ts';
import type { Operator } from './operator.ts';
import { migration } from './start.ts';

/** Decisions by what they rest on. */
export class DecisionSpace {
  readonly #memories: MemorySpace;
  readonly #readings: ObservationSpace;
  readonly #known = new Map<string, Decision>();
  /** Calls of `decide()` so far. */
  decided = 0;

  constructor(memories: MemorySpace, readings: ObservationSpace) {
    this.#memories = memories;
    this.#readings = readings;
  }

  /** Both readings as one observation. */
  both(source: number, target: number): Observation {
    return { source: this.#readings.reading(source), target: this.#readings.reading(target) };
  }

  /** What is due for an operator that holds both readings. */
  decide(operator: Operator): Decision {
    const { goal, memory, source, target } = operator;
    const key = `${goal} ${memory} ${source} ${target}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.decided += 1;
    const seen = this.both(source, target);
    const decision = decide(
      seen,
      { goal: required(goal, 'a goal') },
      {
        migration,
        memory: believingInQuiet(this.#memories.memory(memory), seen),
        policy: explorerPolicy,
      },
    );
    this.#known.set(key, decision);
    return decision;
  }
}
