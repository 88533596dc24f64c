/**
 * `npm run sim -- --seed N --runs N`: simulated migrations with faults on virtual time.
 *
 * `--trace` prints the events of one seed, `--cells` strikes every fault at every act and point,
 * `--ways` runs the ways without chance, `--pairs` strikes every ordered pair in the outage steps,
 * `--guards` takes each guard away in turn, `--without <guard>` takes a guard away and ends at the first run that shows it, `--workers <n>` says
 * in how many threads. Ctrl-C ends it after the pieces that are under way, with what was found. The
 * nightly command is `npm run sim -- --runs 1000000`. Exit code 1 when an invariant fell or a cell is a hole.
 */

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isGuardName } from './option.ts';
import { failureText, type Campaign } from './campaign.ts';
import { pairCount, runCells } from './cells.ts';
import { everyGuard } from './guards.ts';
import { runOrder, type Order } from './pool.ts';
import { drawScenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { simulate, type RunReport, type SimulateOptions } from './simulate.ts';
import { ways } from './way.ts';

const DEFAULT_RUNS = 2_000;
/** Below this one thread is quicker than starting more. */
const RUNS_FOR_WORKERS = 500;
const NANOSECONDS = 1_000_000_000;
const MICROSECONDS = 1_000_000;
const PROGRESS_EVERY_S = 10;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: String(DEFAULT_RUNS) },
    workers: { type: 'string' },
    trace: { type: 'boolean', default: false },
    cells: { type: 'boolean', default: false },
    pairs: { type: 'boolean', default: false },
    from: { type: 'string', default: '0' },
    ways: { type: 'boolean', default: false },
    guards: { type: 'boolean', default: false },
    without: { type: 'string', multiple: true, default: [] },
  },
});

const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** A whole number; null when the text is none. */
function whole(text: string): number | null {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : null;
}

async function showTrace(seed: number, options: SimulateOptions): Promise<number> {
  const report = await simulate(drawScenario(seed), { ...options, keepsLines: true });
  out(JSON.stringify(report.scenario, null, 2));
  for (const line of report.lines) out(line);
  out(`${report.outcome}, trace ${report.hash}`);
  return report.violations.length === 0 ? 0 : 1;
}

/** How the ways without chance end, and what they send: an oracle for mutants. */
async function showWays(options: SimulateOptions): Promise<number> {
  let broken = 0;
  for (const way of ways) {
    const report = await simulate(way, options);
    broken += report.violations.length;
    out(`${report.outcome}: ${[...report.acts].join(' ')}`);
    for (const violation of report.violations) out(`  ${violation.invariant} ${violation.what}`);
  }
  return broken === 0 ? 0 : 1;
}

async function showFailures(
  failures: readonly RunReport[],
  options: SimulateOptions,
): Promise<void> {
  for (const failure of failures) out(failureText(failure));
  const [first] = failures;
  if (first === undefined) return;
  const small = await shrink(first, options);
  out('The first one, shrunk:');
  out(failureText(small));
  const { lines } = await simulate(small.scenario, { ...options, keepsLines: true });
  for (const line of lines) out(`  ${line}`);
}

function summary(result: Campaign, seconds: number): readonly string[] {
  const { user, system } = process.cpuUsage();
  const processor = (user + system) / MICROSECONDS;
  const ends = [...result.outcomes].sort((left, right) => right[1] - left[1]);
  return [
    `${result.runs} simulated migrations in ${seconds.toFixed(1)} s (${(result.runs / seconds).toFixed(0)} per second; ${processor.toFixed(1)} s of processor time, ${(result.runs / processor).toFixed(0)} per second of it, ${Math.round(result.events / processor)} events), ${result.events} events, ${(result.virtualMs / 3_600_000).toFixed(1)} virtual hours, ${result.acknowledged} acknowledged commits`,
    `${result.cells.size} different faults at an act and a point, ${result.rules.size} rules decided something, traces ${result.hash.slice(0, 16)}`,
    ...holeLines(result.holes),
    ...ends.map(([end, count]) => `  ${count} times ${end}`),
  ];
}

/** Holes, those with the same first fault in one line. */
function holeLines(holes: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const hole of holes) {
    const [first = '', second = ''] = hole.split(', then ');
    groups.set(first, [...(groups.get(first) ?? []), second]);
  }
  return [...groups].map(([first, seconds]) => `hole: ${first}, then ${seconds.join('; ')}`);
}

/** Runs the order in threads, says how it goes, and what it came to. */
async function show(order: Order, options: SimulateOptions, workers: number): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const started = process.hrtime.bigint();
  const seconds = (): number => Number(process.hrtime.bigint() - started) / NANOSECONDS;
  let told = 0;
  const result = await runOrder(order, {
    workers,
    signal: stop.signal,
    progress: (runs, failed) => {
      if (seconds() - told < PROGRESS_EVERY_S) return;
      told = seconds();
      process.stderr.write(
        `${runs} of ${order.runs} runs, ${failed} failed, ${(runs / told).toFixed(0)} per second\n`,
      );
    },
  });
  for (const line of summary(result, seconds())) out(line);
  if (order.of === 'pairs')
    out(
      `${result.met} of ${result.met + result.holes.length} ordered pairs (first fault, then second fault) struck`,
    );
  await showFailures(result.failures, options);
  if (stop.signal.aborted) out(`Ended by a signal after ${result.runs} runs.`);
  out(
    result.failed === 0
      ? '0 lost acknowledged commits, 0 double writers, 0 stuck runs'
      : `${result.failed} runs broke an invariant`,
  );
  return result.failed === 0 && !stop.signal.aborted ? 0 : 1;
}

async function showCells(options: SimulateOptions): Promise<number> {
  const started = process.hrtime.bigint();
  const table = await runCells(() => true, options);
  const seconds = Number(process.hrtime.bigint() - started) / NANOSECONDS;
  out(
    `${table.struck} of ${table.cells} cells (fault x act x point) struck in ${table.runs} runs, ${seconds.toFixed(1)} s`,
  );
  for (const hole of table.holes) out(`hole: ${hole}`);
  await showFailures(table.failures, options);
  return table.holes.length + table.failures.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const removed = values.without.filter((name) => isGuardName(name));
  const unknown = values.without.find((name) => !isGuardName(name));
  if (unknown !== undefined) {
    out(`There is no guard ${unknown}.`);
    return 2;
  }
  const options: SimulateOptions = { removed: new Set(removed) };
  const [seed, runs] = [whole(values.seed), whole(values.runs)];
  const workers =
    values.workers === undefined
      ? (runs ?? 0) < RUNS_FOR_WORKERS
        ? 1
        : availableParallelism()
      : whole(values.workers);
  if (seed === null || runs === null || workers === null || workers === 0) {
    out('--seed, --runs and --workers want whole numbers.');
    return 2;
  }
  if (values.guards) return (await everyGuard(runs, out)) === 0 ? 0 : 1;
  if (values.ways) return await showWays(options);
  if (values.trace) return await showTrace(seed, options);
  if (values.cells) return await showCells(options);
  const endsAtFirst = removed.length > 0;
  if (values.pairs) {
    const from = whole(values.from) ?? 0;
    const count = values.runs === String(DEFAULT_RUNS) ? pairCount - from : runs;
    const order = { of: 'pairs', from, runs: count, removed, endsAtFirst } as const;
    return await show(order, options, workers);
  }
  const order = { of: 'seeds', from: seed, runs, removed, endsAtFirst } as const;
  return await show(order, options, workers);
}

// A reader that has seen enough closes the pipe; what it has not read is of no interest.
process.stdout.on('error', () => process.exit(1));
process.exitCode = await main();
