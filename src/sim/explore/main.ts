/**
 * `npm run explore`: every state of small worlds, with the shipping rules, batches and the lab's engine.
 *
 *     --quick             the worlds of npm run check
 *     --guards            each guard taken away: which invariant falls, and after how many events
 *     --without <guard>   one guard taken away; prints the counter-example (repeatable)
 *     --layer register    without the leadership locks; --layer locks: without the register's guards
 *     --limit <states>    give an exploration up after so many states
 */

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { guardNames, guardTexts, type GuardName } from '../semantics/guard.ts';
import { configuration, type Configuration } from './configuration.ts';
import { explore } from './explore.ts';
import { line, number, type Timed } from './report.ts';
import { timeline } from './timeline.ts';
import { guardCases, largeWorlds, layers, quickWorlds, type GuardCase } from './worlds.ts';

const usageExit = 64;

/** Runs what the arguments ask for; the exit code is 0 when everything was as it has to be. */
export function main(args: readonly string[], write: (text: string) => void): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      guards: { type: 'boolean', default: false },
      without: { type: 'string', multiple: true, default: [] },
      layer: { type: 'string' },
      limit: { type: 'string', default: '60000000' },
    },
  });
  const limit = Number(values.limit);
  const removed = new Set<GuardName>(layerGuards(values.layer));
  for (const name of values.without) {
    const guard = guardNames.find((each) => each === name);
    if (guard === undefined) {
      write(`There is no guard ${name}. Guards: ${guardNames.join(', ')}.`);
      return usageExit;
    }
    removed.add(guard);
  }
  if (!Number.isSafeInteger(limit) || limit < 1) {
    write('--limit needs a number of states above 0.');
    return usageExit;
  }
  if (values.guards) return printGuards(limit, write);
  const worlds = removed.size > 0 ? rivalWorlds : quickWorlds;
  const all = values.quick || removed.size > 0 ? worlds : [...worlds, ...largeWorlds];
  return printWorlds(
    all.map((world) => ({ ...world, removed, limit })),
    write,
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

function layerGuards(layer: string | undefined): readonly GuardName[] {
  return layer === 'register' || layer === 'locks' ? [...layers[layer]] : [];
}

function timed(world: Configuration): Timed {
  const started = performance.now();
  const exploration = explore(world);
  return { exploration, elapsedMs: performance.now() - started };
}

function printWorlds(worlds: readonly Configuration[], write: (text: string) => void): number {
  let states = 0;
  let isProven = true;
  for (const world of worlds) {
    const result = timed(world);
    const { exploration } = result;
    write(line(result));
    states += exploration.states;
    isProven &&= exploration.isComplete && exploration.counterExample === null;
    if (exploration.counterExample !== null)
      write(timeline(exploration.counterExample, world.name));
  }
  write(`${number(states)} distinct states in ${worlds.length} worlds.`);
  return isProven ? 0 : 1;
}

function printGuards(limit: number, write: (text: string) => void): number {
  write('| without | falls | events | what |');
  write('|---|---|---|---|');
  let isAsExpected = true;
  for (const each of guardCases) {
    const { text, expected } = guardRow(each, limit);
    write(text);
    isAsExpected &&= expected;
  }
  return isAsExpected ? 0 : 1;
}

function guardRow(each: GuardCase, limit: number): { text: string; expected: boolean } {
  const { exploration } = timed({ ...each.world, removed: new Set(each.removed), limit });
  const name = each.removed.join(' + ');
  const text = each.removed.map((guard) => guardTexts[guard]).join(' ');
  const example = exploration.counterExample;
  if (example !== null) {
    return {
      text: `| ${name} | ${example.invariant} | ${example.trace.length} | ${example.what}. (${text}) |`,
      expected: each.redundant === null,
    };
  }
  const how = exploration.isComplete ? 'complete' : 'limit reached';
  return {
    text: `| ${name} | nothing | ${number(exploration.states)} states, ${how} | redundant: ${each.redundant ?? 'NOT EXPLAINED'}. |`,
    expected: each.redundant !== null && exploration.isComplete,
  };
}

if (import.meta.main) {
  process.exitCode = main(process.argv.slice(2), (text) => process.stdout.write(`${text}\n`));
}
