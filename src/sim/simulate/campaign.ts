/** Many runs, one after the other: what they came to, and what is printed about them. */

import { drawScenario, type Scenario } from './scenario.ts';
import { simulate, type RunReport, type SimulateOptions } from './simulate.ts';

/** What a campaign came to. */
export interface Campaign {
  readonly runs: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly acknowledged: number;
  /** Faults that struck, by fault, act and point. */
  readonly cells: ReadonlySet<string>;
  readonly rules: ReadonlySet<string>;
  /** How often each end was reached. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly failures: readonly RunReport[];
}

/** Failing runs that are kept; the campaign goes on counting. */
const MOST_FAILURES = 20;

/** Scenarios of consecutive seeds. */
export function* seeded(from: number, runs: number): Iterable<Scenario> {
  for (let seed = from; seed < from + runs; seed += 1) yield drawScenario(seed);
}

/** Carries out every scenario; stops early when `enough` says so. */
export async function campaign(
  scenarios: Iterable<Scenario>,
  options: SimulateOptions & { readonly enough?: (failures: number) => boolean } = {},
): Promise<Campaign> {
  const cells = new Set<string>();
  const rules = new Set<string>();
  const outcomes = new Map<string, number>();
  const failures: RunReport[] = [];
  let [runs, events, virtualMs, acknowledged] = [0, 0, 0, 0];
  for (const scenario of scenarios) {
    const report = await simulate(scenario, options);
    runs += 1;
    events += report.events;
    virtualMs += report.virtualMs;
    acknowledged += report.acknowledged;
    for (const cell of report.cells) cells.add(cell);
    for (const rule of report.rules) rules.add(rule);
    outcomes.set(report.outcome, (outcomes.get(report.outcome) ?? 0) + 1);
    if (report.violations.length > 0 && failures.length < MOST_FAILURES) failures.push(report);
    if (options.enough?.(failures.length) === true) break;
  }
  return { runs, events, virtualMs, acknowledged, cells, rules, outcomes, failures };
}

/** The scenario of a failing run and its first violation, in a few lines. */
export function failureText(report: RunReport): string {
  const [violation] = report.violations;
  return [
    `seed ${report.scenario.seed}: ${violation?.invariant ?? ''} ${violation?.what ?? ''}`,
    `  trace ${report.hash}`,
    `  scenario ${JSON.stringify(report.scenario)}`,
  ].join('\n');
}
