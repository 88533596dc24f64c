/**
 * How long neither side takes writes, as the operator sees it: from sending the demotion to the reply
 * of the promotion (or of the act that gives the role back), and how many requests waited for one another.
 */

import type { Act, ActReply } from '../model/act.ts';
import type { ProblemCode } from '../model/problem.ts';
import type { Clock } from '../ports/clock.ts';

/** What was measured. */
export interface OutageMeasure {
  readonly outageMs: number;
  readonly serialRoundTrips: number;
  /** Time the batches took on the servers by their own clocks, in milliseconds; 0 where they did not say. */
  readonly serverMs: number;
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
  let measure: OutageMeasure | null = null;
  const end = (): void => {
    if (start === null) return;
    measure = {
      outageMs: Math.round(clock.monotonic() - start),
      serialRoundTrips: trips,
      serverMs,
    };
    start = null;
  };
  return {
    sent(request) {
      if (request !== 'observe' && request.kind === 'demote') {
        start = clock.monotonic();
        trips = 0;
        serverMs = 0;
      }
      if (start !== null) trips += 1;
    },
    replied(act, reply) {
      if (start !== null && reply.outcome === 'ok') serverMs += reply.serverMs ?? 0;
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
