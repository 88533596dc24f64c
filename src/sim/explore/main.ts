/**
 * `npm run explore`: every state of small worlds, with the shipping rules, batches and the lab's engine.
 *
 *     --quick             the worlds of npm run check
 *     --guards            each guard taken away: which invariant falls, and after how many events
 *     --without <guard>   one guard taken away; prints the counter-example (repeatable)
 *     --harm              with --without: past promises about deadlines, locks and refusals to the harm behind
 *     --layer register    without the leadership locks; --layer locks: without the register's guards
 *     --only <text>       the worlds, or rows of guards, whose name contains the text
 *     --limit <states>    give a world up after so many states; it counts as not proven then
 *     --threads <n>       worlds at once
 */

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { guardNames, guardTexts, type GuardName } from '../semantics/guard.ts';
import { configuration, type Configuration } from './configuration.ts';
import { defaultThreads, exploreAll, heapLimitMb, type Result } from './crew.ts';
import { guardCases, type GuardCase } from './guard-cases.ts';
import { isProven, line, number, summary } from './report.ts';
import { switchLines } from './switch-coverage.ts';
import { timeline } from './timeline.ts';
import { layers, largeWorlds, quickWorlds } from './worlds.ts';

const usageExit = 64;

type Write = (text: string) => void;

interface Run {
  readonly limit: number;
  readonly threads: number;
  readonly only: string;
  readonly write: Write;
}

/** Runs what the arguments ask for; the exit code is 0 when everything was as it has to be. */
export async function main(args: readonly string[], write: Write): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      guards: { type: 'boolean', default: false },
      without: { type: 'string', multiple: true, default: [] },
      harm: { type: 'boolean', default: false },
      layer: { type: 'string' },
      only: { type: 'string', default: '' },
      limit: { type: 'string', default: '15000000' },
      threads: { type: 'string', default: String(defaultThreads) },
    },
  });
  const removed = new Set<GuardName>(values.layer === 'locks' ? layers.locks : []);
  for (const name of values.without) {
    const guard = guardNames.find((each) => each === name);
    if (guard === undefined) {
      write(`There is no guard ${name}. Guards: ${guardNames.join(', ')}.`);
      return usageExit;
    }
    removed.add(guard);
  }
  if (values.layer !== undefined && values.layer !== 'register' && values.layer !== 'locks') {
    write(`There is no layer ${values.layer}. Layers: register, locks.`);
    return usageExit;
  }
  const limit = Number(values.limit);
  const threads = Number(values.threads);
  if (![limit, threads].every((value) => Number.isSafeInteger(value) && value >= 1)) {
    write('--limit and --threads need a whole number above 0.');
    return usageExit;
  }
  const run: Run = { limit, threads, only: values.only, write };
  if (values.guards) return await printGuards(run);
  const isRegisterAlone = values.layer === 'register';
  const worlds = removed.size > 0 || isRegisterAlone ? rivalWorlds : quickWorlds;
  const all = values.quick || worlds === rivalWorlds ? worlds : [...largeWorlds, ...quickWorlds];
  const changed = { removed, promises: !values.harm, leadership: !isRegisterAlone };
  const asked = all.filter(({ name }) => name.includes(values.only));
  return await printWorlds(
    worlds === rivalWorlds ? asked.map((world) => configuration({ ...world, ...changed })) : asked,
    run,
  );
}

/** Where one looks for what a missing guard leads to. */
const rivalWorlds: readonly Configuration[] = [
  configuration({
    name: 'two rivals, one fault, a late commit',
    look: 'one-instant',
    operators: [['cutover'], ['abort']],
  }),
];

async function printWorlds(worlds: readonly Configuration[], run: Run): Promise<number> {
  const { write } = run;
  if (worlds.length === 0) {
    write(`No world has a name with "${run.only}" in it.`);
    return usageExit;
  }
  const started = performance.now();
  const limited = worlds.map((world) => ({ ...world, limit: Math.min(world.limit, run.limit) }));
  const results = await exploreAll(limited, run.threads, (result) => {
    write(line(result));
    const example = result.exploration?.counterExample ?? null;
    if (example !== null) write(timeline(example, result.world.name));
  });
  if (worlds.some((world) => largeWorlds.includes(world)))
    for (const text of switchLines(worlds)) write(text);
  write(
    `Memory: at most ${number(heapLimitMb)} MB of heap a world and ${run.threads} worlds at once; ${number(Math.round(process.resourceUsage().maxRSS / 1000))} MB in all at the highest.`,
  );
  for (const text of summary(results, performance.now() - started)) write(text);
  return results.every((result) => isProven(result)) ? 0 : 1;
}

async function printGuards(run: Run): Promise<number> {
  const { write } = run;
  const started = performance.now();
  const cases = guardCases.filter(({ removed }) => removed.join(' + ').includes(run.only));
  write('| without | falls | events | what |');
  write('|---|---|---|---|');
  const worlds = cases.map(({ removed, world }) => ({
    ...world,
    removed: new Set([...world.removed, ...removed]),
    limit: Math.min(world.limit, run.limit),
  }));
  const rows: string[] = [];
  let isAsExpected = true;
  let written = 0;
  const results = await exploreAll(worlds, run.threads, (result, index) => {
    const each = cases[index];
    if (each === undefined) return;
    const { text, expected } = guardRow(each, result);
    rows[index] = text;
    isAsExpected &&= expected;
    for (let row = rows[written]; row !== undefined; row = rows[written]) {
      write(row);
      written += 1;
    }
  });
  for (const text of guardSummary(cases, results, performance.now() - started)) write(text);
  return isAsExpected ? 0 : 1;
}

function guardSummary(
  cases: readonly GuardCase[],
  results: readonly Result[],
  elapsedMs: number,
): readonly string[] {
  const single = cases.flatMap((each, index) => {
    const example = results[index]?.exploration?.counterExample ?? null;
    return each.removed.length === 1 ? [{ ...each, falls: example !== null }] : [];
  });
  const equivalent = single.filter(({ redundant }) => redundant !== null);
  const others = single.filter(({ redundant }) => redundant === null);
  const fallen = others.filter(({ falls }) => falls);
  const share = others.length === 0 ? 100 : (100 * fallen.length) / others.length;
  let busyMs = 0;
  for (const { cpuMs } of results) busyMs += cpuMs;
  return [
    '',
    `${fallen.length} of ${others.length} guards (${share.toFixed(0)} %) fall when they are removed alone; ${equivalent.length} are equivalent, as the table says. ${(elapsedMs / 1000).toFixed(0)} s, ${(busyMs / 1000).toFixed(0)} s of processor.`,
  ];
}

function guardRow(each: GuardCase, result: Result): { text: string; expected: boolean } {
  const { exploration, failure } = result;
  const name = each.removed.join(' + ');
  const text = each.removed.map((guard) => guardTexts[guard]).join(' ');
  if (exploration === null)
    return { text: `| ${name} | ? | | NOT COMPLETE: ${failure ?? ''} |`, expected: false };
  const example = exploration.counterExample;
  if (example !== null) {
    return {
      text: `| ${name} | ${example.invariant} | ${example.trace.length} | ${example.what}. (${text}) |`,
      expected: each.redundant === null,
    };
  }
  const how = exploration.isComplete ? 'complete' : 'limit reached';
  return {
    text: `| ${name} | nothing | ${number(exploration.states)} states, ${how} | ${each.redundant ?? 'NOT EXPLAINED'}. |`,
    expected: each.redundant !== null && exploration.isComplete,
  };
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), (text) => process.stdout.write(`${text}\n`));
}
