/** A clock that jumps to the next appointment whenever somebody sleeps: runs of hours in milliseconds. */

import type { Clock } from '../../src/ports/clock.ts';

/** A clock moved by hand. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** Makes a clock; sleeping passes the time at once, in order, and yields to others. */
export function manualClock(start = 1_763_760_000_000): ManualClock {
  let elapsed = 0;
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    advance(ms) {
      elapsed += ms;
    },
    async sleep(delayMs, signal) {
      signal?.throwIfAborted();
      elapsed += delayMs;
      await Promise.resolve();
      signal?.throwIfAborted();
    },
    schedule: () => () => {},
  };
}
