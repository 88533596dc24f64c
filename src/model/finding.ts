/** Results of `assess`. */

import type { Fix } from './fix.ts';
import type { Side } from './side.ts';

/** What a prerequisite rule found; `unknown` when the login may not look. */
export type Outcome = 'error' | 'warning' | 'success' | 'skipped' | 'unknown';

/** Groups of rules as reports show them, in their order. */
export const ruleFamilies = [
  'reach',
  'permissions',
  'instance',
  'pair',
  'settings',
  'capacity',
  'authentication',
  'endpoint',
  'network',
  'groups',
  'listener',
  'databases',
  'server objects',
  'target',
  'after the cutover',
  'by hand',
] as const;

/** One of `ruleFamilies`. */
export type RuleFamily = (typeof ruleFamilies)[number];

/** A finding that somebody has accepted in the migration file. */
export interface Waived {
  readonly reason: string;
  /** Last day it counts, `YYYY-MM-DD` in UTC. */
  readonly expires: string;
}

/** One finding of one rule on one side, instance or database. */
export interface Finding {
  /** Stable id of the rule, for example `SRC-VERSION`. Never reused. */
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly side: Side | null;
  readonly instance: string | null;
  readonly database: string | null;
  /** What was seen, in one sentence. */
  readonly evidence: string;
  /** What to do; empty when nothing is to be done. */
  readonly remedy: string;
  /** Title or address of the text that asks for it. */
  readonly reference: string;
  readonly family: RuleFamily;
  /** Bullet of the articles that asks for it; null for a rule of our own. */
  readonly seed: string | null;
  /** What mends it as T-SQL; null where no script may. */
  readonly fix: Fix | null;
  /** Why no script may mend it, where the rule says so. */
  readonly notScripted: string | null;
  /** Set by a waiver that has not expired; the outcome stays what it was. */
  readonly waived: Waived | null;
}

/** The verdict over all findings. */
export type Verdict = 'ready' | 'ready-with-conditions' | 'not-ready' | 'unknown';

/** The whole assessment. */
export interface Assessment {
  readonly verdict: Verdict;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly findings: readonly Finding[];
}
