/** How long to pause before the next look, and whether anything moved since the last. */

import type { WaitDecision } from '../model/decision.ts';
import type { EnginePolicy } from './policy.ts';

/** Pace of one run; made anew for each. */
export interface Pacing {
  /** Pause in milliseconds before the next look. `outage`: neither side takes writes. */
  afterWait(decision: WaitDecision, outage: boolean): number;
  /** Something was done: the next waits start short again. */
  reset(): void;
}

/** Growth of the pause while nothing changes. */
const GROWTH = 1.5;

/** Phases in which the servers move quickly and an operator looks on. */
const BRISK: ReadonlySet<WaitDecision['phase']> = new Set([
  'synchronise',
  'fence',
  'switch',
  'verify',
  'abort',
]);

/** Makes the pace of a run. */
export function makePacing(policy: EnginePolicy): Pacing {
  let pause = policy.pollMinMs;
  let last = '';
  return {
    afterWait(decision, outage) {
      if (outage) return policy.pollOutageMs;
      const mark = [decision.rule, decision.because, ...decision.blockers].join('\n');
      const limit = decision.phase === 'seed' ? policy.pollSeedingMs : policy.pollMaxMs;
      pause =
        mark !== last || BRISK.has(decision.phase)
          ? policy.pollMinMs
          : Math.min(limit, pause * GROWTH);
      last = mark;
      return pause;
    },
    reset() {
      pause = policy.pollMinMs;
      last = '';
    },
  };
}
