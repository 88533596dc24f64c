/** A piece of a campaign as data, so that a thread can be told to carry it out. */

import { unreachable } from '../../base/assert.ts';
import { guardNames, type GuardName } from '../semantics/guard.ts';
import { campaign, seeded, type Campaign } from './campaign.ts';
import { pairScenarios } from './cells.ts';
import type { Scenario } from './scenario.ts';

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
  return await campaign(scenariosOf(job), {
    removed,
    enough: (failed) => job.endsAtFirst && failed > 0,
  });
}

function scenariosOf(job: Job): Iterable<Scenario> {
  const to = job.from + job.runs;
  switch (job.of) {
    case 'seeds':
      return seeded(job.from, job.runs);
    case 'pairs':
      return pairScenarios(job.from, to);
  }
  return unreachable(job.of);
}
