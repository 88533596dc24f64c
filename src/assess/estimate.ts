/**
 * Estimates of a migration from sizes, rates and what was measured. Pure.
 *
 * Every figure is a range with the words what it rests on. Where nothing was measured nothing is made up:
 * the seeding time is then told for two usual lines.
 */

import { shownName } from '../base/name.ts';
import { bytes, duration } from '../base/quantity.ts';
import type { BandwidthEstimate, DatabaseToCopy, Estimate } from '../model/estimate.ts';

/** Databases seeded at the same time (Microsoft Learn, automatic seeding: up to five). */
const AT_ONCE = 5;
/** A busy hour writes this many times the average; assumed. */
const BUSY_FACTOR = 4;
const MS = 1000;
/** Lines for which the time is told while nothing is measured: name, bytes per second that seeding gets of it. */
const LINES: readonly (readonly [string, number])[] = [
  ['100 Mbit/s', 10 * 1024 ** 2],
  ['1 Gbit/s', 100 * 1024 ** 2],
];

/** What estimates are made from. */
export interface EstimateInput {
  readonly bandwidth: BandwidthEstimate;
  /** Databases that have not arrived yet. */
  readonly databases: readonly DatabaseToCopy[];
}

interface Range {
  readonly low: number;
  /** `null`: no end is known. */
  readonly high: number | null;
}

/** The estimates: the link, each database, all of them, and the log that grows meanwhile. */
export function estimateSeeding({ bandwidth, databases }: EstimateInput): readonly Estimate[] {
  if (databases.length === 0) return [];
  const total = totalTime(bandwidth, databases);
  const logs = databases.map((database) =>
    logGrowth(database, databases.length === 1 ? timeOf(bandwidth, database, 1) : total),
  );
  return [
    bandwidthEstimate(bandwidth),
    ...(databases.length === 1
      ? []
      : databases.map((database) =>
          seedingEstimate(bandwidth, database, Math.min(AT_ONCE, databases.length)),
        )),
    totalEstimate(bandwidth, databases, total),
    ...logs,
  ];
}

function bandwidthEstimate({ low, high, restsOn }: BandwidthEstimate): Estimate {
  return {
    id: 'EST-BANDWIDTH',
    database: null,
    unit: 'bytes per second',
    low,
    high,
    words:
      low === null
        ? 'The bandwidth between the sides is not known before something has travelled.'
        : `Between the sides travel ${rangeWords({ low, high }, (value) => `${bytes(value)}/s`)}.`,
    restsOn,
    warning: null,
  };
}

/** Alone on the fastest line, or one of several on the slowest. */
function timeOf(
  { low, high }: BandwidthEstimate,
  { left }: DatabaseToCopy,
  sharers: number,
): Range | null {
  if (left === null || low === null || low <= 0) return null;
  const least = high === null ? 0 : (MS * left.low) / high;
  return { low: least, high: (MS * left.high * sharers) / low };
}

function totalTime(
  bandwidth: BandwidthEstimate,
  databases: readonly DatabaseToCopy[],
): Range | null {
  const known = databases.flatMap(({ left }) => (left === null ? [] : [left]));
  if (known.length < databases.length) return null;
  const sum = (pick: 'low' | 'high'): number => known.reduce((all, left) => all + left[pick], 0);
  const { low, high } = bandwidth;
  if (low === null || low <= 0) return null;
  return { low: high === null ? 0 : (MS * sum('low')) / high, high: (MS * sum('high')) / low };
}

function seedingEstimate(
  bandwidth: BandwidthEstimate,
  database: DatabaseToCopy,
  sharers: number,
): Estimate {
  const time = timeOf(bandwidth, database, sharers);
  return {
    id: 'EST-SEEDING',
    database: database.name,
    unit: 'milliseconds',
    low: time?.low ?? null,
    high: time?.high ?? null,
    words:
      time === null
        ? `How long ${shownName(database.name)} takes is not known${sizeWords(database)}.`
        : `${shownName(database.name)} takes ${rangeWords(time, duration)}${sizeWords(database)}.`,
    restsOn: [
      database.sizeRestsOn,
      `Least: it has the line for itself. Most: ${sharers} databases share it.`,
      ...bandwidth.restsOn,
    ],
    warning: null,
  };
}

function sizeWords({ left }: DatabaseToCopy): string {
  return left === null ? '' : ` (${rangeWords(left, bytes)} to send)`;
}

function totalEstimate(
  bandwidth: BandwidthEstimate,
  databases: readonly DatabaseToCopy[],
  total: Range | null,
): Estimate {
  const all = databases.reduce((sum, { left }) => sum + (left?.high ?? 0), 0);
  const what =
    databases.length === 1
      ? `The seeding of ${shownName(databases[0]?.name ?? '')}`
      : `The seeding of all ${databases.length} databases`;
  const sized = databases.every(({ left }) => left !== null);
  const lines = LINES.map(
    ([name, rate]) => `${duration((MS * all) / rate)} over ${name} (${bytes(rate)}/s)`,
  );
  const words =
    total !== null
      ? `${what} takes ${rangeWords(total, duration)} (at most ${bytes(all)} to send).`
      : sized
        ? `${what} would take at most ${lines.join(', ')}; ${bytes(all)} to send, the bandwidth is not known.`
        : `How long ${what.charAt(0).toLowerCase()}${what.slice(1)} takes is not known: not every size is shown.`;
  return {
    id: 'EST-SEEDING-TOTAL',
    database: null,
    unit: 'milliseconds',
    low: total?.low ?? null,
    high: total?.high ?? null,
    words,
    restsOn: [
      ...new Set(databases.map(({ sizeRestsOn }) => sizeRestsOn)),
      ...bandwidth.restsOn,
      'Assumes that nothing interrupts it: a seeding begins again from zero.',
    ],
    warning: null,
  };
}

function logGrowth(database: DatabaseToCopy, time: Range | null): Estimate {
  const { name, logBytesPerSecond: rate, logFree, logGrowth: room, logRestsOn } = database;
  const restsOn = [
    logRestsOn,
    `Most: ${BUSY_FACTOR} times the average all the time, for the longest seeding; log is kept until the copy is in step.`,
  ];
  const base = { id: 'EST-LOG-GROWTH', database: name, unit: 'bytes' } as const;
  if (rate === null || time === null || time.high === null) {
    const words =
      rate === null
        ? `How much log ${shownName(name)} writes meanwhile is not known.`
        : `${shownName(name)} writes ${bytes(rate * 3600)} of log an hour on average; how long the seeding takes is not known.`;
    return { ...base, low: null, high: null, words, restsOn, warning: null };
  }
  const low = (rate * time.low) / MS;
  const high = (rate * BUSY_FACTOR * time.high) / MS;
  const free = logFree === null ? '' : `; ${bytes(logFree)} of its log are free`;
  return {
    ...base,
    low,
    high,
    words: `The log of ${shownName(name)} grows by ${rangeWords({ low, high }, bytes)} during the seeding${free}.`,
    restsOn,
    warning: roomWarning(name, high, { logFree, room }),
  };
}

function roomWarning(
  name: string,
  high: number,
  { logFree, room }: { readonly logFree: number | null; readonly room: number | null },
): string | null {
  if (logFree === null || high <= logFree) return null;
  if (room !== null && high > logFree + room) {
    return `The log of ${shownName(name)} may run full (9002): at most ${bytes(logFree + room)} fit, up to ${bytes(high)} may come. Give it room, or seed at a quiet time.`;
  }
  return `The log of ${shownName(name)} has to grow by up to ${bytes(high - logFree)}: see that its disk has this.`;
}

/** What the switch will cost. */
export interface OutageInput {
  readonly totalMs: number;
  /** Log that is still to arrive and be redone, in milliseconds. */
  readonly queueMs: number;
  /** The role changes are those of a switch of this migration that was measured. */
  readonly isMeasured: boolean;
  readonly restsOn: readonly string[];
}

/** Share of the role changes by which they differ from one switch to the next, least and most; assumed. */
const SWITCH_SPREAD = { measured: [0.7, 1.5], assumed: [0.2, 3] } as const;
/** The same for queues, whose rate is a moment's. */
const QUEUE_SPREAD = [0.5, 2] as const;

/** The outage as a range. */
export function estimateOutage(input: OutageInput): Estimate {
  const [least, most] = SWITCH_SPREAD[input.isMeasured ? 'measured' : 'assumed'];
  const rest = input.totalMs - input.queueMs;
  const low = rest * least + input.queueMs * QUEUE_SPREAD[0];
  const high = rest * most + input.queueMs * QUEUE_SPREAD[1];
  return {
    id: 'EST-OUTAGE',
    database: null,
    unit: 'milliseconds',
    low,
    high,
    words: `A cutover now would take the writes away for ${rangeWords({ low, high }, duration)}.`,
    restsOn: [
      ...input.restsOn,
      input.isMeasured
        ? 'One switch was measured; the next may take 0.7 to 1.5 times as long.'
        : 'No switch of this migration was measured yet: the role changes may take a fifth or three times what is assumed.',
    ],
    warning: null,
  };
}

function rangeWords(range: Range, print: (value: number) => string): string {
  const { low, high } = range;
  if (high === null) return `at least ${print(low)}`;
  const [from, to] = [print(low), print(high)];
  if (from === to) return `about ${from}`;
  return low <= 0 ? `up to ${to}` : `${from} to ${to}`;
}
