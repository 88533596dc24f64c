/** Many runs, one after the other: what they came to, and what is printed about them. */

import { createHash } from 'node:crypto';

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
  /** Runs that broke an invariant. */
  readonly failed: number;
  /** The first of them, in the order of their scenarios. */
  readonly failures: readonly RunReport[];
  /** How many pairs struck, both in one run. */
  readonly met: number;
  /** What was to be struck and was not, by name. */
  readonly holes: readonly string[];
  /** SHA-256 over the traces of all runs, in the order of their scenarios. */
  readonly hash: string;
}

/** Failing runs that are kept; the campaign goes on counting. */
const MOST_FAILURES = 20;

/** Scenarios of consecutive seeds. */
export function* seeded(from: number, runs: number): Iterable<Scenario> {
  for (let seed = from; seed < from + runs; seed += 1) yield drawScenario(seed);
}

/** How a campaign is carried out. */
export interface CampaignOptions extends SimulateOptions {
  /** Asked after every run; true ends the campaign. */
  readonly enough?: (failed: number) => boolean;
}

/** Adds up runs, or campaigns of neighbouring scenarios. */
export class Tally {
  readonly #hash = createHash('sha256');
  readonly #cells = new Set<string>();
  readonly #rules = new Set<string>();
  readonly #outcomes = new Map<string, number>();
  #failures: RunReport[] = [];
  readonly #holes: string[] = [];
  #met = 0;
  runs = 0;
  failed = 0;
  #events = 0;
  #virtualMs = 0;
  #acknowledged = 0;

  /** One run. */
  run(report: RunReport): void {
    this.runs += 1;
    this.#events += report.events;
    this.#virtualMs += report.virtualMs;
    this.#acknowledged += report.acknowledged;
    for (const cell of report.cells) this.#cells.add(cell);
    for (const rule of report.rules) this.#rules.add(rule);
    this.#count(report.outcome, 1);
    this.#hash.update(report.hash);
    if (report.violations.length === 0) return;
    this.failed += 1;
    if (this.#failures.length < MOST_FAILURES) this.#failures.push(report);
  }

  /** A pair that struck. */
  meet(): void {
    this.#met += 1;
  }

  /** Something that was to be struck and was not. */
  hole(name: string): void {
    this.#holes.push(name);
  }

  /** A part of the campaign, in whatever order parts end; `chain` is called in the order of the scenarios. */
  part(part: Campaign): void {
    this.runs += part.runs;
    this.#events += part.events;
    this.#virtualMs += part.virtualMs;
    this.#acknowledged += part.acknowledged;
    for (const cell of part.cells) this.#cells.add(cell);
    for (const rule of part.rules) this.#rules.add(rule);
    for (const [outcome, count] of part.outcomes) this.#count(outcome, count);
    this.failed += part.failed;
    this.#met += part.met;
    this.#holes.push(...part.holes);
    this.#failures = [...this.#failures, ...part.failures]
      .sort((left, right) => left.scenario.seed - right.scenario.seed)
      .slice(0, MOST_FAILURES);
  }

  /** The hash of the next part, in the order of the scenarios. */
  chain(hash: string): void {
    this.#hash.update(hash);
  }

  /** What was added so far. */
  result(): Campaign {
    return {
      runs: this.runs,
      events: this.#events,
      virtualMs: this.#virtualMs,
      acknowledged: this.#acknowledged,
      cells: this.#cells,
      rules: this.#rules,
      outcomes: this.#outcomes,
      failed: this.failed,
      failures: this.#failures,
      met: this.#met,
      holes: this.#holes,
      hash: this.#hash.copy().digest('hex'),
    };
  }

  #count(outcome: string, count: number): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + count);
  }
}

/** Carries out every scenario; stops early when `enough` says so. */
export async function campaign(
  scenarios: Iterable<Scenario>,
  options: CampaignOptions = {},
): Promise<Campaign> {
  const tally = new Tally();
  for (const scenario of scenarios) {
    tally.run(await simulate(scenario, options));
    if (options.enough?.(tally.failed) === true) break;
  }
  return tally.result();
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
