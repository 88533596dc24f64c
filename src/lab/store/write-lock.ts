/** The lock behind which one transaction at a time changes a database; waiters are served in order. */

import type { Clock } from '../../ports/clock.ts';

/** Why a lock was not granted. */
export type LockRefusal = 'timeout' | 'cancelled' | 'too-many';

/** How long to wait and when to stop. */
export interface LockRequest {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds; -1 waits until the signal, 0 does not wait. */
  readonly timeoutMs: number;
}

const MAX_WAITERS = 10_000;

/** A fair asynchronous lock. */
export class WriteLock {
  #held = false;
  readonly #waiters: (() => void)[] = [];

  /** Somebody holds the lock. */
  get held(): boolean {
    return this.#held;
  }

  /** Takes the lock when nobody has it. */
  tryAcquire(): boolean {
    if (this.#held) return false;
    this.#held = true;
    return true;
  }

  /** Waits for the lock; null when it is ours. */
  async acquire(request: LockRequest): Promise<LockRefusal | null> {
    if (this.tryAcquire()) return null;
    if (request.signal.aborted) return 'cancelled';
    if (request.timeoutMs === 0) return 'timeout';
    if (this.#waiters.length >= MAX_WAITERS) return 'too-many';
    return new Promise((resolve) => {
      let cancelTimer: (() => void) | null = null;
      const settle = (outcome: LockRefusal | null): void => {
        cancelTimer?.();
        request.signal.removeEventListener('abort', abort);
        const place = this.#waiters.indexOf(grant);
        if (place !== -1) this.#waiters.splice(place, 1);
        resolve(outcome);
      };
      const grant = (): void => settle(null);
      const abort = (): void => settle('cancelled');
      request.signal.addEventListener('abort', abort, { once: true });
      if (request.timeoutMs > 0) {
        cancelTimer = request.clock.schedule(request.timeoutMs, () => settle('timeout'));
      }
      this.#waiters.push(grant);
    });
  }

  /** Gives the lock to the next waiter, or frees it. */
  release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#held = false;
    else next();
  }
}
