/** The one stream of events that terminal, JSON lines and journal are made from. */

import type { Observation } from './observation.ts';
import type { OutageParts, OutagePrediction } from './outage.ts';
import type { Problem } from './problem.ts';
import type { WaitingAnswer } from './waiting.ts';

/** An event without its time; `at` is stamped by whoever writes it out. */
export type EngineEvent =
  | { readonly kind: 'observed'; readonly observation: Observation; readonly message: string }
  | {
      readonly kind: 'decided';
      readonly rule: string;
      readonly message: string;
    }
  | {
      readonly kind: 'acted';
      readonly rule: string;
      readonly instance: string;
      readonly act: string;
      readonly message: string;
      /** Time between sending the batch and its reply, in milliseconds. */
      readonly elapsedMs: number;
      readonly outcome: 'ok' | 'failed' | 'unknown';
    }
  | {
      readonly kind: 'waiting';
      /** Rule of the decision, or judge of the wait. */
      readonly rule: string;
      readonly message: string;
      /** Why it waits, once that is worth a word; absent on waits of a rule. */
      readonly answer?: WaitingAnswer;
    }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly message: string }
  | {
      readonly kind: 'progress';
      readonly databases: readonly SeedingProgress[];
      readonly message: string;
    }
  | { readonly kind: 'result'; readonly message: string; readonly result: RunResult };

/** Seeding of one database, for the progress bar. */
export interface SeedingProgress {
  readonly database: string;
  /** 0 to 100; `null` while the size is not known. */
  readonly percent: number | null;
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
  readonly bytesPerSecond: number | null;
  readonly etaSeconds: number | null;
  readonly state: string;
}

/** How a run ended. */
export interface RunResult {
  readonly outcome:
    | 'done'
    | 'ready-for-cutover'
    | 'needs-human'
    | 'refused'
    | 'problem'
    | 'outage-open';
  /** Rule that ended the run. */
  readonly rule: string;
  /** Acts sent in this run. */
  readonly acts: number;
  /** Time without a writable copy, in milliseconds; only for a cutover that reached the outage. */
  readonly outageMs?: number;
  /** Requests that had to wait for one another during the outage. */
  readonly serialRoundTrips?: number;
  /** Time the batches of the outage took on the servers, by their own clocks, in milliseconds. */
  readonly serverMs?: number;
  /** Outage expected when the demotion was decided, in milliseconds. */
  readonly predictedOutageMs?: number;
  /** The same in parts. */
  readonly prediction?: OutagePrediction;
  /** The outage as it was, in the same parts. */
  readonly measurement?: OutageParts;
  readonly databases?: readonly string[];
  /** Commits that were acknowledged and are missing; only when measured. */
  readonly lostCommits?: number;
}
