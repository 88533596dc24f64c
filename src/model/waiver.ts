/** Findings that somebody accepts, by name, with a reason and an end: the key `waivers` of the migration file. */

/** One waiver. */
export interface Waiver {
  /** Id of a rule of the assessment. */
  readonly rule: string;
  /** Only for this database; null: for all. */
  readonly database: string | null;
  /** Only on this instance; null: on all. */
  readonly instance: string | null;
  readonly reason: string;
  /** Last day it counts, `YYYY-MM-DD` in UTC. */
  readonly expires: string;
}

/** What became of a waiver in one assessment. */
export interface WaiverUse extends Waiver {
  /** `expired` and `matches-nothing` have no effect and should leave the file. */
  readonly state: 'counts' | 'expired' | 'matches-nothing';
  /** Findings it covers that are not in order; also told for an expired one. */
  readonly findings: number;
}
