/** Makes a failing run small: fewer faults, no rival, one database, one writer, as long as it still fails. */

import type { Scenario } from './scenario.ts';
import { simulate, type RunReport, type SimulateOptions } from './simulate.ts';

/** Tries of one shrinking; each is a run. */
const MOST_TRIES = 200;

/** The smallest scenario that was found to break the same invariant, with its report. */
export async function shrink(
  failing: RunReport,
  options: SimulateOptions = {},
): Promise<RunReport> {
  const invariant = failing.violations[0]?.invariant;
  let best = failing;
  let tries = 0;
  let isSmaller = true;
  while (isSmaller && tries < MOST_TRIES) {
    isSmaller = false;
    for (const candidate of smaller(best.scenario)) {
      tries += 1;
      const report = await simulate(candidate, options);
      if (report.violations[0]?.invariant !== invariant) continue;
      best = report;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** Every scenario that is one step simpler. */
function* smaller(scenario: Scenario): Iterable<Scenario> {
  for (const fault of scenario.faults)
    yield { ...scenario, faults: scenario.faults.filter((each) => each !== fault) };
  for (const fault of scenario.sequence)
    yield { ...scenario, sequence: scenario.sequence.filter((each) => each !== fault) };
  if (scenario.rival !== null) yield { ...scenario, rival: null };
  if (scenario.goals.length > 1) yield { ...scenario, goals: scenario.goals.slice(0, -1) };
  if (scenario.start === 'bare') yield { ...scenario, start: 'ready' };
  if (scenario.shape.databases > 1)
    yield { ...scenario, shape: { ...scenario.shape, databases: 1 } };
  if (scenario.writers > 1) yield { ...scenario, writers: 1 };
  if (scenario.isRegisterAlone) yield { ...scenario, isRegisterAlone: false };
  if (scenario.latencyMs > 1) yield { ...scenario, latencyMs: 1 };
}
