/** What a fault can do to an operator, and where it strikes one. */

import type { Act } from '../../model/act.ts';
import type { Side } from '../../model/side.ts';
import type { FaultPoint } from './fault.ts';

/** An operator as a fault sees it. */
export interface Victim {
  /** Sides it cannot reach until then, in virtual milliseconds. */
  readonly awayUntil: Record<Side, number>;
  /** Lines in its journal. */
  readonly journalLines: number;
  /** The process is gone; the servers notice after a while. */
  kill(noticedAfterMs: number): void;
  /** The process stands still; its sockets stay open. */
  pause(durationMs: number): void;
  /** The server ends its session on one side. */
  drop(side: Side): void;
  /** The process dies, and only so many lines of its journal are left. */
  loseStore(kept: number, noticedAfterMs: number): void;
  /** The network delivers one of its requests a second time. */
  deliverAgain(act: Act, delayMs: number): void;
}

/** One request at one point. */
export interface Struck {
  readonly operator: Victim;
  /** What is on its way; null for a look. */
  readonly act: Act | null;
  readonly point: FaultPoint;
}
