/** `sp_getapplock` and `sp_releaseapplock` of one instance (Microsoft Learn, sp_getapplock). */

import type { Clock } from '../../ports/clock.ts';
import type { ApplicationLockRequest } from '../instance.ts';
import type { ApplicationLockRecord } from './record.ts';

type Mode = ApplicationLockRequest['mode'];
type Named = Pick<ApplicationLockRequest, 'database' | 'principal' | 'resource' | 'owner'>;

/** Modes that may be held beside each mode. */
const compatible: Readonly<Record<Mode, readonly Mode[]>> = {
  IntentShared: ['IntentShared', 'Shared', 'Update', 'IntentExclusive'],
  Shared: ['IntentShared', 'Shared', 'Update'],
  Update: ['IntentShared', 'Shared'],
  IntentExclusive: ['IntentShared', 'IntentExclusive'],
  Exclusive: [],
};

interface Held {
  readonly sessionId: number;
  readonly owner: Named['owner'];
  readonly mode: Mode;
  count: number;
}

interface Waiter {
  readonly sessionId: number;
  readonly request: ApplicationLockRequest;
  readonly answer: (code: number) => void;
}

interface Resource {
  readonly name: Named;
  held: Held[];
  waiting: Waiter[];
}

const maxWaiters = 1_000;
const granted = 0;
const grantedAfterWaiting = 1;
const timedOut = -1;
const cancelled = -2;
const badCall = -999;

/** The application locks of one instance. */
export class ApplicationLocks {
  readonly #clock: Clock;
  readonly #resources = new Map<string, Resource>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0 granted, 1 after waiting, -1 timeout, -2 cancelled, -999 bad call. */
  acquire(
    sessionId: number,
    request: ApplicationLockRequest,
    signal: AbortSignal,
  ): Promise<number> {
    const resource = this.#resource(request);
    // Whoever holds it already does not queue behind those who wait for him.
    const holder = resource.held.some((each) => each.sessionId === sessionId);
    const first = holder || resource.waiting.length === 0;
    if (first && this.#grants(resource, sessionId, request.mode)) {
      this.#take(resource, sessionId, request);
      return Promise.resolve(granted);
    }
    if (signal.aborted) return Promise.resolve(cancelled);
    if (request.timeoutMs === 0) return Promise.resolve(timedOut);
    if (resource.waiting.length >= maxWaiters) return Promise.resolve(badCall);
    return new Promise((resolve) => {
      let cancelTimer = (): void => undefined;
      const stop = (): void => finish(cancelled);
      const finish = (code: number): void => {
        cancelTimer();
        signal.removeEventListener('abort', stop);
        resource.waiting = resource.waiting.filter((each) => each !== waiter);
        resolve(code);
        if (code < 0) this.#grantWaiting(resource);
      };
      const waiter: Waiter = { sessionId, request, answer: finish };
      resource.waiting.push(waiter);
      signal.addEventListener('abort', stop, { once: true });
      if (request.timeoutMs > 0)
        cancelTimer = this.#clock.schedule(request.timeoutMs, () => finish(timedOut));
    });
  }

  /** 0, or -999 when the session does not hold it. */
  release(sessionId: number, name: Named): number {
    const resource = this.#resources.get(keyOf(name));
    const held = resource?.held.find(
      (each) => each.sessionId === sessionId && each.owner === name.owner,
    );
    if (resource === undefined || held === undefined) return badCall;
    held.count -= 1;
    if (held.count === 0) {
      resource.held = resource.held.filter((each) => each !== held);
      this.#grantWaiting(resource);
    }
    return granted;
  }

  /** Frees what a session holds: everything, or what its transaction owns. */
  releaseAll(sessionId: number, which: 'all' | 'transaction'): void {
    for (const resource of this.#resources.values()) {
      const keep = (each: Held): boolean =>
        each.sessionId !== sessionId || (which === 'transaction' && each.owner === 'Session');
      if (resource.held.every(keep)) continue;
      resource.held = resource.held.filter(keep);
      this.#grantWaiting(resource);
    }
  }

  /** Rows for `sys.dm_tran_locks`. */
  records(): readonly ApplicationLockRecord[] {
    return [...this.#resources.values()].flatMap(({ name, held, waiting }) => [
      ...held.map((each) => ({
        ...name,
        owner: each.owner,
        mode: each.mode,
        status: 'GRANT' as const,
        sessionId: each.sessionId,
      })),
      ...waiting.map((each) => ({
        ...name,
        owner: each.request.owner,
        mode: each.request.mode,
        status: 'WAIT' as const,
        sessionId: each.sessionId,
      })),
    ]);
  }

  #resource(request: Named): Resource {
    const key = keyOf(request);
    const { database, principal, resource, owner } = request;
    const found = this.#resources.get(key) ?? {
      name: { database, principal, resource, owner },
      held: [],
      waiting: [],
    };
    this.#resources.set(key, found);
    return found;
  }

  #grants(resource: Resource, sessionId: number, mode: Mode): boolean {
    return resource.held.every(
      (each) => each.sessionId === sessionId || compatible[mode].includes(each.mode),
    );
  }

  #take(resource: Resource, sessionId: number, { mode, owner }: ApplicationLockRequest): void {
    const same = resource.held.find(
      (each) => each.sessionId === sessionId && each.owner === owner && each.mode === mode,
    );
    if (same === undefined) resource.held.push({ sessionId, owner, mode, count: 1 });
    else same.count += 1;
  }

  #grantWaiting(resource: Resource): void {
    for (const waiter of resource.waiting) {
      if (!this.#grants(resource, waiter.sessionId, waiter.request.mode)) break;
      this.#take(resource, waiter.sessionId, waiter.request);
      waiter.answer(grantedAfterWaiting);
    }
    if (resource.held.length === 0 && resource.waiting.length === 0)
      this.#resources.delete(keyOf(resource.name));
  }
}

/** Resources are compared byte by byte, databases and principals without regard to case. */
function keyOf({ database, principal, resource }: Named): string {
  return JSON.stringify([database.toLowerCase(), principal.toLowerCase(), resource]);
}
