/**
 * A clock that jumps to the next appointment when everybody waits: hours of servers in milliseconds.
 *
 * Sessions in this process only wait for promises, so when the event loop has nothing left to run,
 * everybody waits for time, and time may go on. Appointments of the same instant come in the order in
 * which they were made. Nothing moves before `stop`, and nothing after it.
 */

import type { Clock } from '../../src/ports/clock.ts';

interface Appointment {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Appointments one test may take: far above any, so that a loop without end is found. */
const MOST_APPOINTMENTS = 100_000;

/** Time that passes only when nobody is busy. */
export class JumpingClock implements Clock {
  readonly #start: number;
  #elapsed = 0;
  #order = 0;
  #taken = 0;
  #isPumping = false;
  #isStopped = false;
  #queue: Appointment[] = [];

  /** `start`: milliseconds since 1970 UTC. */
  constructor(start = 1_795_219_200_000) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const cancel = this.schedule(delayMs, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      if (signal?.aborted === true) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  }

  schedule(delayMs: number, run: () => void): () => void {
    this.#order += 1;
    const appointment = { at: this.#elapsed + Math.max(0, delayMs), order: this.#order, run };
    const later = this.#queue.findIndex((each) => each.at > appointment.at);
    if (later === -1) this.#queue.push(appointment);
    else this.#queue.splice(later, 0, appointment);
    this.#pump();
    return () => {
      this.#queue = this.#queue.filter((each) => each !== appointment);
    };
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#isStopped = true;
    this.#queue = [];
  }

  #pump(): void {
    if (this.#isPumping || this.#isStopped) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#taken += 1;
      if (this.#taken > MOST_APPOINTMENTS) {
        this.stop();
        throw new RangeError('a test that never ends');
      }
      this.#elapsed = next.at;
      next.run();
      this.#pump();
    });
  }
}
