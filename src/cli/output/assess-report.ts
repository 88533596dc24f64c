/** What every output of the assessment is made from. */

import type { AssessFacts } from '../../model/assess-facts.ts';
import type { Estimate } from '../../model/estimate.ts';
import type { Assessment } from '../../model/finding.ts';
import type { Migration } from '../../model/migration.ts';
import type { WaiverUse } from '../../model/waiver.ts';
import type { Comparison } from './assess-baseline.ts';

/** One assessment with all that reports say about it. */
export interface AssessReport {
  readonly assessment: Assessment;
  readonly waivers: readonly WaiverUse[];
  /** Against an earlier assessment; null without `--baseline`. */
  readonly comparison: Comparison | null;
  /** What seeding will take; empty with a filter. */
  readonly estimates: readonly Estimate[];
  readonly migration: Migration;
  readonly facts: AssessFacts;
  /** When it was read, ISO 8601 UTC. */
  readonly at: string;
  /** The same time where sqlferry runs, with its zone. */
  readonly local: string;
  /** Version of sqlferry. */
  readonly version: string;
}
