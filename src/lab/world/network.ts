/** Timers and messages of the engine on the Clock: in order per direction, and void after `stop`. */

import type { Clock } from '../../ports/clock.ts';

interface Arrival {
  readonly at: number;
  readonly deliver: () => void;
}

/** Calls back later; owns every timer of a world. */
export class Network {
  readonly #clock: Clock;
  readonly #pending = new Set<() => void>();
  readonly #ways = new Map<string, Arrival[]>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back once after the delay. */
  after(delayMs: number, callback: () => void): void {
    if (this.#stopped) return;
    const forget = (): void => {
      cancel();
      this.#pending.delete(forget);
    };
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#pending.delete(forget);
      if (!this.#stopped) callback();
    });
    this.#pending.add(forget);
  }

  /** Delivers behind everything sent before in the same direction. */
  deliver(way: string, delayMs: number, deliver: () => void): void {
    const queue = this.#ways.get(way) ?? [];
    this.#ways.set(way, queue);
    const now = this.#clock.monotonic();
    const at = Math.max(now + delayMs, queue.at(-1)?.at ?? 0);
    queue.push({ at, deliver });
    // Timers may fire out of order by a fraction of a millisecond: each takes the oldest message.
    this.after(at - now, () => queue.shift()?.deliver());
  }

  /** Cancels everything. */
  stop(): void {
    this.#stopped = true;
    for (const forget of this.#pending) forget();
    this.#ways.clear();
  }
}
