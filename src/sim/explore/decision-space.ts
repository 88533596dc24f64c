/** Answers of the shipping `decide()`, asked once per goal, memory and pair of readings. */

import { required } from '../../base/assert.ts';
import type { Act } from '../../model/act.ts';
import type { Decision, Memory } from '../../model/decision.ts';
import type { Observation } from '../../model/observation.ts';
import { decide } from '../../reconcile/decide.ts';
import { rememberObservation } from '../../reconcile/memory.ts';
import type { GuardName } from '../semantics/guard.ts';
import type { Breach } from './breach.ts';
import { textOf } from './hadr-node.ts';
import { believingInQuiet, explorerPolicy, kept, type MemorySpace } from './memory-space.ts';
import type { ObservationSpace } from './observation-space.ts';
import type { Operator } from './operator.ts';
import { migration } from './start.ts';

/** Decisions by what they rest on. */
export class DecisionSpace {
  readonly #memories: MemorySpace;
  readonly #readings: ObservationSpace;
  readonly #known = new Map<string, Decision>();
  /** The guard is away: what an earlier session answered counts as if the present one had. */
  readonly #keepsSessions: boolean;
  /** Calls of `decide()` so far. */
  decided = 0;

  constructor(memories: MemorySpace, readings: ObservationSpace, removed: ReadonlySet<GuardName>) {
    this.#memories = memories;
    this.#readings = readings;
    this.#keepsSessions = removed.has('reconnect-voids');
  }

  /** Both readings as one observation. */
  both(source: number, target: number): Observation {
    return { source: this.#readings.reading(source), target: this.#readings.reading(target) };
  }

  /** The memory with one more look in it, and the memory as it has to be; the same while the guard is there. */
  remember(
    memory: Memory,
    look: { readonly source: number; readonly target: number },
    elapsedMs: number,
  ): { readonly id: number; readonly truth: number } {
    const seen = this.both(look.source, look.target);
    const remembered = (from: Memory): number =>
      this.#memories.intern(rememberObservation(from, seen, elapsedMs));
    const truth = remembered(memory);
    return { id: this.#keepsSessions ? remembered(kept(memory)) : truth, truth };
  }

  /** INV-9: what is sent would not be due for an operator with this memory, which counts the present sessions alone. */
  staleBreach(operator: Operator, sends: Act | null): Breach | null {
    if (!this.#keepsSessions || sends === null) return null;
    const decision = this.decide(operator);
    if (decision.kind === 'act' && textOf(decision.act) === textOf(sends)) return null;
    return { invariant: 'INV-9', what: `${sends.kind} is sent on what an earlier session showed` };
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
