/**
 * How long neither side takes writes, as the operator sees it: from sending the demotion to the reply
 * of the promotion (or of the act that gives the role back), and how many requests waited for one another.
 */

import type { Act, ActReply } from '../model/act.ts';
import type { OutageParts } from '../model/outage.ts';
import type { ProblemCode } from '../model/problem.ts';
import type { Clock } from '../ports/clock.ts';

/** What was measured. */
export interface OutageMeasure {
  readonly outageMs: number;
  readonly serialRoundTrips: number;
  /** Time the batches took on the servers by their own clocks, in milliseconds; 0 where they did not say. */
  readonly serverMs: number;
  /** The outage in parts; absent unless this run saw both role changes and their server times. */
  readonly measurement?: OutageParts;
}

/** Measures one outage. */
export interface OutageMeter {
  /** Called before a request is sent. */
  sent(request: Act | 'observe'): void;
  /** Called with the reply of an act. */
  replied(act: Act, reply: ActReply): void;
  /** A side was seen as primary: ends an outage whose reply was lost. */
  seenWritable(): void;
  /** An outage was begun, by this run or as the journal says, and its end was not seen. */
  isOpen(): boolean;
  /** The measure; `null` when there was no outage, or it has not ended. */
  result(): OutageMeasure | null;
}

/** Makes a meter. `startedBefore`: milliseconds since 1970 when an earlier run began the outage, or `null`. */
export function makeOutageMeter(clock: Clock, startedBefore: number | null): OutageMeter {
  let start: number | null =
    startedBefore === null ? null : clock.monotonic() - Math.max(0, clock.now() - startedBefore);
  let trips = 0;
  let serverMs = 0;
  let seen: SeenTimes = nothingSeen;
  let measure: OutageMeasure | null = null;
  const end = (): void => {
    if (start === null) return;
    const outageMs = Math.round(clock.monotonic() - start);
    const parts = partsOf(outageMs, seen);
    const figures = { outageMs, serialRoundTrips: trips, serverMs };
    measure = parts === null ? figures : { ...figures, measurement: parts };
    start = null;
  };
  return {
    sent(request) {
      if (request !== 'observe' && request.kind === 'demote') {
        start = clock.monotonic();
        trips = 0;
        serverMs = 0;
        seen = nothingSeen;
      }
      if (start !== null) trips += 1;
    },
    replied(act, reply) {
      if (start !== null && reply.outcome === 'ok') {
        serverMs += reply.serverMs ?? 0;
        seen = withTime(seen, act, reply);
      }
      if (act.kind === 'demote' && reply.outcome === 'failed' && !isAccepted(reply.problem.code)) {
        start = null;
      }
      const taken = act.kind === 'promote' || act.kind === 'give-back';
      if (taken && reply.outcome === 'ok') end();
    },
    seenWritable: end,
    isOpen: () => start !== null,
    result: () => measure,
  };
}

/** The demotion was refused for being late: the role change was accepted and goes on. */
function isAccepted(code: ProblemCode): boolean {
  return code === 'SF-CUT-104';
}

/** Server times of the batches of an outage, in milliseconds; null until one was told. */
interface SeenTimes {
  readonly demoteMs: number | null;
  readonly promoteMs: number | null;
  /** Waits for the log, the decision: all between the two role changes. */
  readonly betweenMs: number;
}

const nothingSeen: SeenTimes = { demoteMs: null, promoteMs: null, betweenMs: 0 };

function withTime(seen: SeenTimes, act: Act, reply: ActReply & { outcome: 'ok' }): SeenTimes {
  // The wait for the log does not tell its server time; it is long against its one round trip.
  const told = reply.serverMs ?? (act.kind === 'await-lsns' ? reply.elapsedMs : null);
  const time = told === null ? null : Math.max(0, told);
  if (act.kind === 'demote') return { ...seen, demoteMs: time };
  if (act.kind === 'promote' || act.kind === 'give-back') return { ...seen, promoteMs: time };
  return { ...seen, betweenMs: seen.betweenMs + (time ?? 0) };
}

/** What the servers did not account for was the way to them, and whatever this side waited for. */
function partsOf(outageMs: number, seen: SeenTimes): OutageParts | null {
  const { demoteMs, promoteMs, betweenMs } = seen;
  if (demoteMs === null || promoteMs === null) return null;
  const roundTripsMs = Math.max(0, outageMs - demoteMs - promoteMs - betweenMs);
  const totalMs = demoteMs + promoteMs + betweenMs + roundTripsMs;
  return { totalMs, queueMs: betweenMs, demoteMs, promoteMs, roundTripsMs };
}
