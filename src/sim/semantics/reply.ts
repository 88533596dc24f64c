/** Replies of batches that did not go well. */

import type { ActReply } from '../../model/act.ts';

/** A reply that says: the server refused, and the batch has ended. */
export function failedReply(summary: string): ActReply {
  return {
    outcome: 'failed',
    elapsedMs: 0,
    problem: { code: 'SF-SQL-001', summary, because: [], remedy: 'Look at both sides again.' },
  };
}

/** A reply that never came. */
export function lostReply(): ActReply {
  return {
    outcome: 'unknown',
    elapsedMs: 0,
    problem: {
      code: 'SF-NET-001',
      summary: 'The connection broke.',
      because: [],
      remedy: 'Look at both sides again.',
    },
  };
}
