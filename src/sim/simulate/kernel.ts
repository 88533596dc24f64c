/**
 * Virtual time for whole programs: a heap of appointments, and promises that are run dry between two.
 *
 * A program under the kernel (the engine of one operator) waits at any moment in exactly one of our
 * calls. `park` counts who waits; after an appointment the kernel lets microtasks run until everybody
 * waits again, so the order of events follows from the heap alone and a run repeats bit by bit.
 * The simulated servers keep their own queue; they are brought to the time of each appointment first.
 */

import { createHash, type Hash } from 'node:crypto';

/** What moves along with the kernel's time. */
export interface Followed {
  now: number;
  advance(milliseconds: number): void;
}

interface Appointment {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Lines of the trace that are hashed at once. */
const LINES_AT_ONCE = 64;

/** Microtask rounds one program may take between two of our calls: far above any, to find one that spins. */
const MAX_ROUNDS = 20_000;

/** The kernel of one simulated run. */
export class Kernel {
  readonly #followed: Followed;
  readonly #heap: Appointment[] = [];
  readonly #hash: Hash = createHash('sha256');
  readonly #lines: string[] | null;
  #unhashed: string[] = [];
  #order = 0;
  #running = 0;
  /** Events that were carried out. */
  events = 0;

  /** `keepsLines`: remembers the trace itself, not only its hash. */
  constructor(followed: Followed, keepsLines: boolean) {
    this.#followed = followed;
    this.#lines = keepsLines ? [] : null;
  }

  /** Virtual milliseconds. */
  get now(): number {
    return this.#followed.now;
  }

  /** Lines of the trace; empty when they are not kept. */
  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  /** Writes one line of the trace. */
  trace(line: string): void {
    const text = `${this.now} ${line}`;
    this.#unhashed.push(text);
    if (this.#unhashed.length >= LINES_AT_ONCE) this.#hashLines();
    this.#lines?.push(text);
  }

  #hashLines(): void {
    if (this.#unhashed.length > 0) this.#hash.update(`${this.#unhashed.join('\n')}\n`);
    this.#unhashed = [];
  }

  /** SHA-256 of the trace so far, hexadecimal. */
  hash(): string {
    this.#hashLines();
    return this.#hash.copy().digest('hex');
  }

  /** Makes an appointment; the returned function cancels it. */
  schedule(delayMs: number, run: () => void): () => void {
    this.#order += 1;
    let isCancelled = false;
    this.#push({
      at: this.now + Math.max(0, delayMs),
      order: this.#order,
      run: () => {
        if (!isCancelled) run();
      },
    });
    return () => {
      isCancelled = true;
    };
  }

  /** Starts a program; `ended` is called when it has come to its end. */
  start<T>(
    program: () => Promise<T>,
    ended: (value: T) => void,
    failed: (error: unknown) => void,
  ): void {
    this.#running += 1;
    void this.#follow(program, ended, failed);
  }

  async #follow<T>(
    program: () => Promise<T>,
    ended: (value: T) => void,
    failed: (error: unknown) => void,
  ): Promise<void> {
    try {
      ended(await program());
    } catch (error) {
      failed(error);
    } finally {
      this.#running -= 1;
    }
  }

  /** Lets the calling program wait until `resume` is called; a program that is never resumed is dead. */
  park<T>(arrange: (resume: (value: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve) => {
      this.#running -= 1;
      let isResumed = false;
      arrange((value) => {
        if (isResumed) return;
        isResumed = true;
        this.#running += 1;
        resolve(value);
      });
    });
  }

  /** Carries out appointments until the condition holds, nothing is left, or the time is over; whether it holds. */
  async runUntil(
    condition: () => boolean,
    limit: { readonly at: number; readonly events: number },
  ): Promise<boolean> {
    await this.#drain();
    for (let count = 0; count < limit.events; count += 1) {
      if (condition()) return true;
      const next = this.#heap[0];
      if (next === undefined || next.at > limit.at) return false;
      this.#pop();
      if (next.at > this.now) this.#followed.advance(next.at - this.now);
      this.events += 1;
      next.run();
      // Nobody was woken: there is nothing to run dry.
      if (this.#running > 0) await this.#drain();
    }
    return condition();
  }

  async #drain(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (this.#running === 0) return;
      await Promise.resolve();
    }
    throw new RangeError('a program neither ends nor waits in a call of the kernel');
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap;
    let index = heap.push(appointment) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, appointment)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = appointment;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      if (left === undefined) break;
      const right = heap[2 * index + 2];
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = last;
  }
}

function isBefore(left: Appointment, right: Appointment): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
