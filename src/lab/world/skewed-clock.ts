/** The clock of one server: as fast as that of the lab, but it may be wrong by some time. */

import type { Clock } from '../../ports/clock.ts';

/** A clock with an offset that a fault sets. */
export class SkewedClock implements Clock {
  readonly #clock: Clock;
  /** Added to the lab's time, in milliseconds. */
  offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.offsetMs;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(delayMs, signal);
  }

  schedule(delayMs: number, callback: () => void): () => void {
    return this.#clock.schedule(delayMs, callback);
  }
}
