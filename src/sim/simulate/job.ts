/** A piece of a campaign as data, so that a thread can be told to carry it out. */

import { guardNames, type GuardName } from '../semantics/guard.ts';
import { campaign, seeded, Tally, type Campaign } from './campaign.ts';
import { runPairs } from './cells.ts';

/** Neighbouring runs. */
export interface Job {
  /** Seeds, or places in the list of ordered pairs. */
  readonly of: 'seeds' | 'pairs';
  readonly from: number;
  readonly runs: number;
  readonly removed: readonly GuardName[];
  /** The piece ends at its first failing run. */
  readonly endsAtFirst: boolean;
}

/** Carries it out. */
export async function carryOut(job: Job): Promise<Campaign> {
  const removed = new Set(guardNames.filter((name) => job.removed.includes(name)));
  const to = job.from + job.runs;
  if (job.of === 'pairs') {
    const tally = new Tally();
    await runPairs({ from: job.from, to }, tally, { removed });
    return tally.result();
  }
  return await campaign(seeded(job.from, job.runs), {
    removed,
    enough: (failed) => job.endsAtFirst && failed > 0,
  });
}
