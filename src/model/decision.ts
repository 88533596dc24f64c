/** What `decide()` answers. */

import type { Act, FinalLsn } from './act.ts';

/** What the operator asked for. */
export type Intent =
  | { readonly goal: 'migrate' }
  | { readonly goal: 'cutover' }
  | { readonly goal: 'abort' }
  | { readonly goal: 'finish'; readonly distributed: 'keep' | 'drop' };

/** What earlier passes left behind: hints that make a decision faster or more polite, never less safe. */
export interface Memory {
  /** Final LSNs answered by this run's own demote batch, on sessions that are still the same. */
  readonly finalLsns: readonly FinalLsn[] | null;
  /** Fence logins that were enabled before sqlferry disabled them, from the journal. */
  readonly fencedLogins: readonly string[];
  /** A batch that changes roles was sent and its end is not known. */
  readonly unsettledRoleChange: boolean;
  /** Time the source has been without the primary role as the source's clock counts, in milliseconds; null when it is not fenced. */
  readonly outageMs: number | null;
}

/** The answer for one observation. */
export type Decision =
  | {
      readonly kind: 'act';
      readonly rule: string;
      readonly because: string;
      readonly act: Act;
    }
  | {
      readonly kind: 'wait';
      readonly rule: string;
      readonly because: string;
      readonly blockers: readonly string[];
    }
  | {
      readonly kind: 'needs-human';
      readonly rule: string;
      readonly because: string;
      /** Command or statement that goes on from here. */
      readonly remedy: string;
      /** Neither side is writable: exit code 5. */
      readonly outageOpen: boolean;
    }
  | { readonly kind: 'done'; readonly rule: string; readonly because: string };
