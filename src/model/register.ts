/**
 * The commit register: the single durable decision of a cutover, kept on the servers.
 *
 * One row per DAG in `sqlferry_control.dbo.commit_register` on the side that gives the role away, and
 * one in `sqlferry_control.dbo.refused_epoch` on the side that takes it. Both tables exist on both
 * sides, because a failback runs the same protocol the other way round. An operator, a second one, or
 * the dead-man may act only through a compare-and-set of this row; that is what makes a tool that
 * died, or one that wakes up too late, harmless.
 */

import type { PriorState } from './prior-state.ts';

/** Version of this protocol; a register with a higher one is read-only for us (INV-24). */
export const registerProtocol = 1;

/** Name of the database that holds the register. */
export const controlDatabase = 'sqlferry_control';

/** Where an epoch stands. `idle` is what a register begins with. */
export type RegisterPhase = 'idle' | 'fenced' | 'committing' | 'aborted' | 'done';

/** The row of the demoting side. */
export interface CommitRegister {
  readonly protocol: number;
  /** Number of the newest attempt; grows by one with each fence. */
  readonly epoch: bigint;
  readonly phase: RegisterPhase;
  /**
   * While fenced: server time after which the dead-man may abort. While aborted: set as long as this
   * side is owed its role, null once it has it again. ISO 8601 UTC; null in every other phase.
   */
  readonly deadlineUtc: string | null;
  /** The server's clock at reading is past the deadline. */
  readonly isExpired: boolean;
  /** Login and host of who wrote it last. */
  readonly owner: string;
  /** `@@SERVERNAME` of the side that is to be promoted. */
  readonly targetId: string;
  /** null before `record-prior-state`. */
  readonly prior: PriorState | null;
  /** The row's seal (a hash over its fields and its place, written by every batch of ours) matches, and its group is here. */
  readonly isIntact: boolean;
  /** Why it is not intact, for words only. */
  readonly flaw?: RegisterFlaw;
}

/** Why a row may not be acted on. */
export type RegisterFlaw =
  /** Somebody edited it: its seal does not match. */
  | 'changed'
  /** It was written in another copy of the control database: a restore, a copy, an attached file. */
  | 'restored'
  /** Its epoch was begun in an earlier distributed group of the same name. */
  | 'other-group';

/** The row of the promoting side. */
export interface RefusedEpoch {
  readonly protocol: number;
  /** Highest epoch that may not promote; 0 at first. */
  readonly epoch: bigint;
  /** `@@SERVERNAME` of the side that demotes. */
  readonly sourceId: string;
  readonly isIntact: boolean;
  /** Why it is not intact, for words only. */
  readonly flaw?: RegisterFlaw;
}

/** What one side's control database holds for this DAG. */
export type ControlState =
  /** No database `sqlferry_control`. */
  | { readonly kind: 'missing' }
  /** The database exists; our tables or this DAG's rows do not. */
  | { readonly kind: 'no-row' }
  /** A row exists that was written by a newer sqlferry: do not touch anything. */
  | { readonly kind: 'newer-protocol'; readonly protocol: number }
  | { readonly kind: 'present'; readonly register: CommitRegister; readonly refused: RefusedEpoch };

/** The dead-man as an instance shows it. */
export interface DeadManState {
  /** The job exists and is enabled. */
  readonly jobExists: boolean;
  /** SQL Server Agent runs; null when not shown. */
  readonly agentRunning: boolean | null;
  /** The job is running now. */
  readonly jobRunning: boolean;
  /** A session of `sqlferry watch` for this DAG is connected. */
  readonly watcherConnected: boolean;
  /** The dummy epoch was taken back by it, ISO 8601 UTC; null: never tried. */
  readonly rehearsedUtc: string | null;
}

/** Who holds the session-owned leadership lock on an instance. */
export type Leadership =
  | { readonly kind: 'free' }
  | { readonly kind: 'ours' }
  | {
      readonly kind: 'other';
      readonly sessionId: number;
      readonly loginName: string;
      readonly hostName: string | null;
      readonly loginTimeUtc: string;
    };
