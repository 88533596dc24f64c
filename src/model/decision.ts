/** What `decide()` is asked, what it may remember, and what it answers. */

import type { Lsn } from '../base/lsn.ts';
import type { Act, FinalLsn } from './act.ts';
import type { RoleChangeMeasure } from './outage.ts';
import type { Side } from './side.ts';

/** What the operator asked for. */
export type Intent =
  | { readonly goal: 'migrate' }
  | { readonly goal: 'cutover' }
  | { readonly goal: 'abort' }
  /** After a cutover, while the DAG is kept: the same protocol the other way round. */
  | { readonly goal: 'failback' }
  /** Disaster: the other side cannot be seen; the operator typed the DAG's name and accepted the loss. */
  | { readonly goal: 'force'; readonly side: Side }
  /** Split brain: the operator typed which side loses its role. */
  | { readonly goal: 'resolve-split-brain'; readonly loser: Side }
  | {
      readonly goal: 'finish';
      readonly distributed: 'keep' | 'drop';
      /** Before any cutover: the operator typed that the whole migration is given up; only with `drop`. */
      readonly giveUp?: boolean;
    };

/** Where on the way a rule stands. `stopped` is for what belongs to no step. */
export type Phase =
  | 'prepare'
  | 'create'
  | 'seed'
  | 'ready'
  | 'synchronise'
  | 'fence'
  | 'switch'
  | 'verify'
  | 'abort'
  | 'finish'
  | 'stopped';

/** What earlier passes left behind: hints that make a decision faster or more polite, never less safe. */
export interface Memory {
  /**
   * Side that gives the role away. Everything else here is kept as that side's view: where it is
   * `target` (failback), `source` and `target` are exchanged in every field below.
   */
  readonly demoting: Side;
  /** Epoch this run last tried to fence; null when it never did. */
  readonly fencedEpoch: bigint | null;
  /** The server refused to give the role back while REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT was set. */
  readonly giveBackRefused: boolean;
  /** Final LSNs answered by this run's own demote batch, on sessions that are still the same. */
  readonly finalLsns: readonly FinalLsn[] | null;
  /** Fence logins that were enabled before sqlferry disabled them, from the journal. */
  readonly fencedLogins: readonly string[];
  /** A batch that changes roles was sent and its end is not known. Cleared when both servers show no other sqlferry session. */
  readonly unsettledRoleChange: boolean;
  /** Time the source has been without the primary role, in milliseconds; null when it is not fenced. */
  readonly outageMs: number | null;
  /** This run gave the primary role back to the source: it does not try the switch a second time. */
  readonly givenBack: boolean;
  /** Last refusal of a demotion or a promotion in this run, for words only; null after one that was accepted. */
  readonly refusal: { readonly summary: string; readonly remedy: string } | null;
  /** Time since every fence login was first seen disabled, in milliseconds; null when they are not. */
  readonly fencedMs: number | null;
  /** Sample of the newest observation. */
  readonly current: QuietSample | null;
  /** Sample of the observation before it: two equal ones are the proof that nothing is written. */
  readonly previous: QuietSample | null;
  /** How often each act was carried out in this run, by `actKey`. */
  readonly attempts: Readonly<Record<string, number>>;
  /** What the seeding views showed last, to notice that nothing moves. */
  readonly seedingMark: string | null;
  /** Time since they last showed something new, in milliseconds. */
  readonly seedingStillMs: number;
  /** Time since this run last restarted a seeding, in milliseconds; null when it never did. */
  readonly sinceSeedingRestartMs: number | null;
}

/** LSNs of every database on both sides in one observation. */
export interface QuietSample {
  readonly sourceGeneration: number;
  readonly targetGeneration: number;
  readonly databases: readonly QuietDatabase[];
}

/** LSNs of one database; a null is never equal to anything. */
export interface QuietDatabase {
  readonly name: string;
  readonly sourceLastCommit: Lsn | null;
  readonly sourceHardened: Lsn | null;
  readonly targetHardened: Lsn | null;
}

/** Limits of a run that are not part of the migration file. */
export interface Policy {
  /** Seedings that gave up are started again this often per run and side. */
  readonly maxSeedingRestarts: number;
  /** Least time between two rounds of restarts, in milliseconds. */
  readonly seedingRestartPauseMs: number;
  /** A seeding that shows FAILED is given this long to start again by itself, in milliseconds. */
  readonly seedingFailedPauseMs: number;
  /** A seeding that shows nothing new for this long counts as dead, in milliseconds. */
  readonly seedingStillLimitMs: number;
  /** Sessions that come back after a kill are killed this often per run. */
  readonly maxSessionKills: number;
  /** Any other act is repeated this often per run when the servers do not show its effect. */
  readonly maxAttempts: number;
  /** A wait during an outage ends this long after `maxOutage`, in milliseconds. */
  readonly overduePatienceMs: number;
  /** Longest wait inside the promote batch, in milliseconds. */
  readonly maxPromoteWaitMs: number;
  /** End the session of another operator that holds the leadership lock (`--takeover`). */
  readonly takeOver: boolean;
  /** One statement of the articles a step (`--stepwise`): the demotion decides nothing, every step looks anew. */
  readonly stepwise: boolean;
  /** Shortest outage budget that is accepted, in milliseconds. */
  readonly leastBudgetMs: number;
  /** A rehearsal of the dead-man counts this long by the server's clock, in milliseconds. */
  readonly rehearsalValidMs: number;
  /** The same where a switch of this migration was measured, in milliseconds. */
  readonly leastMeasuredBudgetMs: number;
  /** Time a role change of one database is expected to take on one side, in milliseconds, where nothing was measured. */
  readonly roleChangeMs: number;
  /** What every further database adds to it, in milliseconds: databases recover one after another. */
  readonly roleChangePerDatabaseMs: number;
  /** The newest measured switch of this migration; null when there is none. */
  readonly measuredRoleChange: RoleChangeMeasure | null;
  /** Rate of sending and redo where the server shows none, in kilobytes per second. */
  readonly assumedRateKb: number;
}

/** The answer for one observation. */
export type Decision = ActDecision | WaitDecision | HumanDecision | DoneDecision;

/** One batch is due. */
export interface ActDecision {
  readonly kind: 'act';
  readonly rule: string;
  readonly phase: Phase;
  readonly because: string;
  readonly act: Act;
}

/** The servers are on their way; look again. */
export interface WaitDecision {
  readonly kind: 'wait';
  readonly rule: string;
  readonly phase: Phase;
  readonly because: string;
  /** What is not yet so, one sentence each. */
  readonly blockers: readonly string[];
}

/** sqlferry stops here. */
export interface HumanDecision {
  readonly kind: 'needs-human';
  readonly rule: string;
  readonly phase: Phase;
  readonly because: string;
  /** What is missing or wrong, one sentence each; may be empty. */
  readonly blockers: readonly string[];
  /** Command or statement that goes on from here. */
  readonly remedy: string;
  /** Neither side is writable: exit code 5. */
  readonly outageOpen: boolean;
}

/** The goal is reached. */
export interface DoneDecision {
  readonly kind: 'done';
  readonly rule: string;
  readonly phase: Phase;
  readonly because: string;
}
