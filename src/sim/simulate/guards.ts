/** What simulated runs say about each guard when it is taken away. */

import { guardNames, type GuardName } from '../semantics/guard.ts';
import { campaign, seeded } from './campaign.ts';
import type { RunReport } from './simulate.ts';

/** Guards whose absence no run can show, because something else does the same. */
export const doubled: Readonly<Partial<Record<GuardName, string>>> = {
  'demote-role':
    'a side without the role shows no rows of the group, so demote-synchronized refuses; the server refuses too (41195)',
  'promote-role':
    'the server itself refuses FORCE_FAILOVER on PRIMARY (41122) and RESOLVING (41113)',
  'promote-lsns':
    'committing is decided only when the other side holds the whole log, and logs only grow',
  leadership: 'a courtesy: the register alone has to hold, and half of the runs have no lock',
};

/** What came of one guard. */
export interface GuardFinding {
  readonly guard: GuardName;
  readonly runs: number;
  /** The first run that broke an invariant; null: none did. */
  readonly failure: RunReport | null;
}

/** Takes the guard away and runs until an invariant falls, or so many times. */
export async function withoutGuard(guard: GuardName, runs: number): Promise<GuardFinding> {
  const enough = (failed: number): boolean => failed > 0;
  const found = await campaign(seeded(1, runs), { removed: new Set([guard]), enough });
  return { guard, runs: found.runs, failure: found.failures[0] ?? null };
}

/** Goes through all of them; `tell` gets a line for each. How many that should be found were not. */
export async function everyGuard(runs: number, tell: (line: string) => void): Promise<number> {
  let missed = 0;
  let found = 0;
  for (const guard of guardNames) {
    const finding = await withoutGuard(guard, runs);
    const [violation] = finding.failure?.violations ?? [];
    const because = doubled[guard];
    if (violation !== undefined) found += 1;
    else if (because === undefined) missed += 1;
    const end =
      violation === undefined
        ? `nothing fell in ${finding.runs} runs${because === undefined ? '' : `: ${because}`}`
        : `${violation.invariant} after ${finding.runs} runs: ${violation.what}`;
    tell(`${guard.padEnd(26)} ${end}`);
  }
  tell(
    `${found} of ${found + missed} guards that runs can tell from the shipping protocol are found`,
  );
  return missed;
}
