/** Results of `assess`. */

import type { Side } from './side.ts';

/** What a prerequisite rule found; `unknown` when the login may not look. */
export type Outcome = 'error' | 'warning' | 'success' | 'skipped' | 'unknown';

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
}

/** The verdict over all findings. */
export type Verdict = 'ready' | 'ready-with-conditions' | 'not-ready' | 'unknown';

/** The whole assessment. */
export interface Assessment {
  readonly verdict: Verdict;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly findings: readonly Finding[];
}
