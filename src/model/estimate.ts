/** Estimates: a range, what it rests on and what it assumes; never a bare number. */

/** One estimate. */
export interface Estimate {
  readonly id:
    | 'EST-BANDWIDTH'
    | 'EST-SEEDING'
    | 'EST-SEEDING-TOTAL'
    | 'EST-LOG-GROWTH'
    | 'EST-OUTAGE';
  /** `null` when it is about all databases or about the link. */
  readonly database: string | null;
  readonly unit: 'bytes per second' | 'milliseconds' | 'bytes';
  /** Least and most in that unit; both `null` when it is not known, the most alone when it has no end. */
  readonly low: number | null;
  readonly high: number | null;
  /** In one sentence. */
  readonly words: string;
  /** What it rests on and what it assumes, one sentence each. */
  readonly restsOn: readonly string[];
  /** What may go wrong when it is true; `null` when nothing. */
  readonly warning: string | null;
}

/** How fast data travels between the sides. */
export interface BandwidthEstimate {
  /** Bytes per second; `null` when nothing was measured. */
  readonly low: number | null;
  /** Bytes per second; `null` when the measure is only a least value. */
  readonly high: number | null;
  readonly restsOn: readonly string[];
}

/** What is known of one database that has to travel. */
export interface DatabaseToCopy {
  readonly name: string;
  /** Bytes that are still to be sent, least and most; `null` when the size is not shown. */
  readonly left: { readonly low: number; readonly high: number } | null;
  /** What that rests on. */
  readonly sizeRestsOn: string;
  /** Log written per second, on average, in bytes; `null` when not shown. */
  readonly logBytesPerSecond: number | null;
  /** What that rests on. */
  readonly logRestsOn: string;
  /** Bytes of its log file that are free now; `null` when not shown. */
  readonly logFree: number | null;
  /** Bytes by which the log may still grow, by its MAXSIZE and the disk as far as known; `null`: no limit known. */
  readonly logGrowth: number | null;
}
