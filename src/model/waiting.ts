/**
 * Why something waits: the answer a person gets, and the limits after which it is said.
 *
 * The judges that find the answers are in `reconcile/waiting/`.
 */

import type { Side } from './side.ts';

/** Who has to move before it goes on. */
export type WhoseMove =
  /** The next run of sqlferry does it, or another sqlferry is at it. */
  | 'sqlferry'
  /** SQL Server tries again by itself. */
  | 'SQL Server'
  | 'DBA of the source'
  | 'DBA of the target'
  | 'network'
  | 'application'
  /** Everything moves: it only takes time. */
  | 'nobody';

/** How long a state may last, or how far it may go, before it is said unasked. */
export interface WaitingLimits {
  /** The two sides not connected, in milliseconds. */
  readonly connectMs: number;
  /** A seeding that has not begun to send, in milliseconds. */
  readonly seedingStartMs: number;
  /** A seeding that sends nothing more, in milliseconds. */
  readonly seedingStillMs: number;
  /** Databases that do not come into step, in milliseconds. */
  readonly synchronizeMs: number;
  /** Time that a send or redo queue needs at its present rate, in milliseconds. */
  readonly queueMs: number;
  /** Sessions that hold the fence, and roles on their way, in milliseconds. */
  readonly fenceMs: number;
  /** Difference between two clocks, in milliseconds. */
  readonly clockMs: number;
  /** Share of the log in use while it cannot be truncated, in percent. */
  readonly logUsedPercent: number;
}

/** The limits where the migration file names none. */
export const defaultWaitingLimits: WaitingLimits = {
  connectMs: 10_000,
  seedingStartMs: 20_000,
  seedingStillMs: 30_000,
  synchronizeMs: 30_000,
  queueMs: 30_000,
  fenceMs: 2000,
  clockMs: 5000,
  logUsedPercent: 70,
};

/** A cause that follows from another one. */
export interface WaitingConsequence {
  readonly id: string;
  readonly database: string | null;
  readonly cause: string;
}

/** Why something waits. */
export interface WaitingAnswer {
  /** Stable id, for example `WAIT-ENDPOINT-STOPPED`. Never reused. */
  readonly id: string;
  readonly side: Side | null;
  readonly instance: string | null;
  readonly database: string | null;
  /** One sentence. */
  readonly cause: string;
  /** What was seen, one sentence each. */
  readonly evidence: readonly string[];
  readonly whose: WhoseMove;
  /** Exact T-SQL or command, or what to wait for. */
  readonly next: string;
  /** Since when, ISO 8601 UTC by this machine's clock; `null` when only one look was taken and no server tells. */
  readonly since: string | null;
  /** How long it may last before it is said unasked, in milliseconds; 0: at once; `null`: never. */
  readonly limitMs: number | null;
  /** It lasts longer than that. */
  readonly overdue: boolean;
  /** What follows from it and ends with it. */
  readonly consequences: readonly WaitingConsequence[];
}
