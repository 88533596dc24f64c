/** What each layer is asked, and how it answers: its mutants, its tests, what it cannot see. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { unreachable } from '../src/base/assert.ts';
import { guardNames } from '../src/sim/semantics/guard.ts';
import { tryMutants } from './mutate-crew.ts';
import { doubled, equivalentBecause, simulatorEquivalents } from './mutate-equivalent.ts';
import { guardMutants } from './mutate-list.ts';
import type { Order, Verdict } from './mutate-run.ts';

const root = join(import.meta.dirname, '..');

/** The layers, in the order of the table. */
export const layerNames = [
  'reconcile',
  'conditions',
  'sql',
  'conformance',
  'explorer',
  'simulator',
] as const;

/** Name of a layer. */
export type LayerName = (typeof layerNames)[number];

/** What became of one mutant in one layer. */
export interface Fate {
  readonly mutant: string;
  readonly fate: 'killed' | 'equivalent' | 'alive';
  /** Who killed it, or why nobody can. */
  readonly because: string;
}

/** What the layers are told. */
export interface Asked {
  /** Only mutants with this text in their name. */
  readonly only: string;
  /** Each so many-th mutant; 1: all of them. */
  readonly every: number;
  /** Processes at once. */
  readonly processes: number;
  readonly told: (fate: Fate) => void;
}

/** Mutants of a rule as a whole; the others are single conditions. */
const WHOLE_RULE = /: (?:skipped|without its when)$/u;

/** Every mutant of a layer by name. */
export function mutantsOf(layer: LayerName): readonly string[] {
  switch (layer) {
    case 'reconcile':
      return ruleMutants().filter((name) => WHOLE_RULE.test(name));
    case 'conditions':
      return ruleMutants().filter((name) => !WHOLE_RULE.test(name));
    case 'sql':
      return guardMutants();
    case 'conformance':
      return guardMutants().filter((name) => !/^(?:fence-split-brain|force-promote)/u.test(name));
    case 'explorer':
    case 'simulator':
      return guardNames;
  }
  return unreachable(layer);
}

/** Tries every mutant of a layer. */
export async function tryLayer(layer: LayerName, asked: Asked): Promise<readonly Fate[]> {
  const named = mutantsOf(layer).filter((name) => name.includes(asked.only));
  const wanted = named.filter((_, index) => index % asked.every === 0);
  switch (layer) {
    case 'reconcile':
    case 'conditions':
    case 'sql':
    case 'conformance':
      return await tryTests(layer, wanted, asked);
    case 'explorer':
      return tryExplorer(wanted, asked);
    case 'simulator':
      return trySimulator(wanted, asked);
  }
  return unreachable(layer);
}

/** Layers whose mutants are tried by tests in this process. */
type TestLayer = 'reconcile' | 'conditions' | 'sql' | 'conformance';

const RULE_FILES = [
  'decide',
  'protocol',
  'decide-mutation',
  'finish',
  'owed',
  'recovery',
  'outage-prediction',
].map((name) => `src/reconcile/${name}.test.ts`);

/** Test files of a layer, quickest first. */
const FILES: Readonly<Record<TestLayer, readonly string[]>> = {
  reconcile: RULE_FILES,
  conditions: RULE_FILES,
  sql: ['tests/sql/guard.test.ts', 'tests/sql/dead-man-step.test.ts'],
  conformance: ['tests/sim/guard-conformance.test.ts'],
};

async function tryTests(
  layer: TestLayer,
  names: readonly string[],
  asked: Asked,
): Promise<readonly Fate[]> {
  const fates: Fate[] = [];
  const tell = (fate: Fate): void => {
    fates.push(fate);
    asked.told(fate);
  };
  const equal = names.filter((name) => equivalentBecause(layer, name) !== undefined);
  for (const mutant of equal)
    tell({ mutant, fate: 'equivalent', because: equivalentBecause(layer, mutant) ?? '' });
  const order = (mutants: Order['mutants']): Order => ({
    files: FILES[layer].map((file) => join(root, file)),
    mutants,
    reload: layer === 'reconcile' || layer === 'conditions',
  });
  const survivors: string[] = [];
  const take = ({ mutants, killer }: Verdict): void => {
    const [mutant = ''] = mutants;
    if (killer === null) survivors.push(mutant);
    else tell({ mutant, fate: 'killed', because: killer });
  };
  const rest = names.filter((name) => !equal.includes(name));
  await tryMutants(order(rest.map((name) => [name])), asked.processes, take);
  // What another guard asks again is nothing by itself; both away have to be found.
  const pairs = survivors.flatMap((name) => {
    const other = doubled(layer, name, names);
    return other === undefined ? [] : [[name, other]];
  });
  const lost = await tryMutants(order(pairs), asked.processes, () => {});
  for (const mutant of survivors) {
    const pair = lost.find((each) => each.mutants[0] === mutant);
    if (pair !== undefined && pair.killer !== null)
      tell({
        mutant,
        fate: 'equivalent',
        because: `asked again by "${pair.mutants[1]}"; found when both are away`,
      });
    else tell({ mutant, fate: 'alive', because: pair === undefined ? '' : 'the pair lives too' });
  }
  return fates;
}

/** The names of the rules' mutants are found as the rules are loaded, behind the doors. */
function ruleMutants(): readonly string[] {
  const result = spawnSync(
    process.execPath,
    [
      '--import',
      join(import.meta.dirname, 'mutate-preload.ts'),
      join(import.meta.dirname, 'mutate-rule-list.ts'),
    ],
    { encoding: 'utf8', maxBuffer: 10_000_000 },
  );
  return JSON.parse(result.stdout) as readonly string[];
}

/** The explorer's own table: which invariant falls without each guard. */
function tryExplorer(names: readonly string[], asked: Asked): readonly Fate[] {
  const { stdout } = spawnSync(
    process.execPath,
    [
      'src/sim/explore/main.ts',
      '--guards',
      '--threads',
      String(asked.processes),
      ...(asked.only === '' ? [] : ['--only', asked.only]),
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 100_000_000, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const rows = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  return names.map((mutant) => {
    const row = rows.find((cells) => cells[1] === mutant);
    const [, , falls = '', events = '', what = ''] = row ?? [];
    const fate: Fate = falls.startsWith('INV-')
      ? { mutant, fate: 'killed', because: `${falls} after ${events} events` }
      : what.startsWith('EQUIVALENT')
        ? { mutant, fate: 'equivalent', because: what.replace(/^EQUIVALENT: /u, '') }
        : { mutant, fate: 'alive', because: row === undefined ? 'no row' : what };
    asked.told(fate);
    return fate;
  });
}

/** Runs until one shows it, at most so many. */
const SIMULATED_RUNS = '4000';

function trySimulator(names: readonly string[], asked: Asked): readonly Fate[] {
  return names.map((mutant) => {
    const because = simulatorEquivalents[mutant];
    const fate: Fate =
      because === undefined ? simulated(mutant) : { mutant, fate: 'equivalent', because };
    asked.told(fate);
    return fate;
  });
}

function simulated(mutant: string): Fate {
  const result = spawnSync(
    process.execPath,
    ['src/sim/simulate/main.ts', '--without', mutant, '--runs', SIMULATED_RUNS, '--workers', '1'],
    { cwd: root, encoding: 'utf8', maxBuffer: 100_000_000, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const invariant = /INV-\d+/u.exec(result.stdout)?.[0];
  if (result.status === 1 && invariant !== undefined)
    return { mutant, fate: 'killed', because: invariant };
  return { mutant, fate: 'alive', because: `not found in ${SIMULATED_RUNS} runs` };
}
