/** What one database has to send, and what its log does meanwhile, from the circumstances of its instance. Pure. */

import { bytes } from '../base/quantity.ts';
import { parseUtc } from '../base/utc.ts';
import type { DatabaseCircumstance } from '../model/circumstance.ts';
import type { DatabaseToCopy } from '../model/estimate.ts';

/** Least share of the data files that is filled; assumed. */
const LEAST_FILLED = 0.5;
const MS = 1000;

/** What is known of the database on its source. */
export interface SizeInput {
  readonly name: string;
  readonly circumstance: DatabaseCircumstance | null;
  /** Start of the instance and its clock, ISO 8601 UTC. */
  readonly startedUtc: string | null;
  readonly nowUtc: string | null;
}

/** The database as it is before anything of it has travelled. */
export function copyOf({ name, circumstance, startedUtc, nowUtc }: SizeInput): DatabaseToCopy {
  const data = circumstance?.dataBytes ?? null;
  const used = circumstance?.logUsedBytes ?? null;
  const size = circumstance?.logBytes ?? null;
  const limit = circumstance?.logLimitBytes ?? null;
  const flushed = circumstance?.logFlushedBytes ?? null;
  const seconds = secondsBetween(startedUtc, nowUtc);
  return {
    name,
    left: data === null ? null : { low: data * LEAST_FILLED, high: data + (used ?? 0) },
    sizeRestsOn:
      data === null
        ? 'The size of a database is not shown.'
        : 'Sizes of the data files; only filled pages travel, assumed at least half of them.',
    logBytesPerSecond: flushed === null || seconds === null ? null : flushed / seconds,
    logRestsOn:
      flushed === null || seconds === null
        ? 'The log that was written is not shown.'
        : `${bytes(flushed)} of log since the instance started.`,
    logFree: size === null || used === null ? null : Math.max(0, size - used),
    logGrowth: size === null || limit === null ? null : Math.max(0, limit - size),
  };
}

function secondsBetween(from: string | null, to: string | null): number | null {
  const start = from === null ? null : parseUtc(from);
  const end = to === null ? null : parseUtc(to);
  return start === null || end === null || end <= start ? null : (end - start) / MS;
}
