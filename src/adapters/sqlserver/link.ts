/** The way to one instance: one session at a time, counted, opened again when it is gone. */

import { fail, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConnectionSettings } from '../config/load-migration.ts';
import { openSession, type SqlSession } from './session.ts';

/** A session and the number it was opened under. */
export interface OpenedSession {
  readonly session: SqlSession;
  readonly generation: number;
}

/** The way to one instance. */
export interface InstanceLink {
  /** The live session, or a new one. */
  open(signal: AbortSignal): Promise<Result<OpenedSession, Problem>>;
  /** The live session, or `null`; never opens one. */
  current(): OpenedSession | null;
  /** Number of the newest session; 0 before the first. */
  generation(): number;
  close(): void;
}

/** Makes the way to one instance; nothing is opened yet. */
export function makeLink(settings: ConnectionSettings, clock: Clock): InstanceLink {
  let session: SqlSession | null = null;
  let generation = 0;
  const current = (): OpenedSession | null =>
    session !== null && session.isAlive() ? { session, generation } : null;
  return {
    current,
    generation: () => generation,
    async open(signal) {
      const live = current();
      if (live !== null) return ok(live);
      const opened = await openSession(settings, clock, signal);
      if (!opened.ok) return fail(opened.error);
      generation += 1;
      session = opened.value;
      return ok({ session, generation });
    },
    close() {
      session?.close();
      session = null;
    },
  };
}
