/**
 * Faults that lie in wait: when a request reaches a named point, once, something happens there.
 *
 * A point is before or after a whole batch, a statement about the server, or the commit of a
 * transaction. `hold` keeps the request there until it is released or its client is gone; what else
 * happens (a crash, a late writer) is given as a function by the world.
 */

import type { FaultPoint, RequestContext } from '../instance.ts';

/** Which request is waited for. */
export interface TrapPoint {
  readonly when: FaultPoint['when'];
  readonly what: FaultPoint['what'];
  /** Part of the batch's text, name of the statement, or name of the database; without regard to case. */
  readonly pattern: string;
}

/** A trap that was set. */
export interface Trap {
  readonly point: TrapPoint;
  /** Resolves when a request has come to the point. */
  readonly reached: Promise<void>;
  readonly isReached: () => boolean;
  /** Lets the request go on, or takes the trap away when none has come. */
  release(): void;
}

interface ArmedTrap extends TrapPoint {
  /** Runs at the point; the request goes on when it has resolved. */
  readonly spring: (request: RequestContext) => Promise<void>;
}

const MAX_TRAPS = 100;

/** The traps of one instance. */
export class Traps {
  readonly #set = new Set<ArmedTrap>();

  /** Something happens when the next request reaches the point; the returned function takes it away. */
  set(point: TrapPoint, happens: (request: RequestContext) => Promise<void>): () => void {
    if (this.#set.size >= MAX_TRAPS) throw new RangeError(`more than ${MAX_TRAPS} traps`);
    const trap: ArmedTrap = { ...point, spring: happens };
    this.#set.add(trap);
    return () => void this.#set.delete(trap);
  }

  /** Holds the next request that reaches the point. */
  hold(point: TrapPoint): Trap {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    let isReached = false;
    const forget = this.set(point, async (request) => {
      isReached = true;
      reached.resolve();
      await untilAborted(released.promise, request.signal);
    });
    return {
      point,
      reached: reached.promise,
      isReached: () => isReached,
      release: () => {
        forget();
        released.resolve();
      },
    };
  }

  /** Called by running requests; null when nothing waits for them. */
  reach(request: RequestContext, point: FaultPoint): Promise<void> | null {
    return this.#set.size === 0 ? null : this.#spring(request, point);
  }

  async #spring(request: RequestContext, point: FaultPoint): Promise<void> {
    for (const trap of this.#set) {
      if (trap.when !== point.when || trap.what !== point.what) continue;
      if (!matches(trap, point.name)) continue;
      this.#set.delete(trap);
      await trap.spring(request);
    }
  }
}

function matches(trap: TrapPoint, name: string): boolean {
  const [wanted, found] = [trap.pattern.toLowerCase(), name.toLowerCase()];
  return trap.what === 'batch' ? found.includes(wanted) : found === wanted;
}

function untilAborted(released: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
    void released.then(end);
  });
}
