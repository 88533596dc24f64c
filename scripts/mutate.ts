/**
 * Mutants of guards and rules, and whether each layer notices them by itself.
 *
 *     node scripts/mutate.ts                       every layer; exit code 1 when one finds less than 95 %
 *     node scripts/mutate.ts --layer sql           one of: reconcile, conditions, sql, conformance, explorer, simulator
 *     node scripts/mutate.ts --layer sql --only "demote: THROW 58102"
 *     node scripts/mutate.ts --every 5             each fifth mutant
 *     node scripts/mutate.ts --list                names only
 *
 * What the layers and the columns are is in docs/mutation.md.
 */

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { layerNames, mutantsOf, tryLayer, type Fate, type LayerName } from './mutate-layer.ts';

const ENOUGH = 95;
const MOST_PROCESSES = 2;
const usageExit = 64;

interface Row {
  readonly layer: LayerName;
  readonly fates: readonly Fate[];
  readonly seconds: number;
}

const TITLES: Readonly<Record<LayerName, string>> = {
  reconcile: 'reconcile tests, rules',
  conditions: 'reconcile tests, single conditions (no threshold)',
  sql: 'sql tests, T-SQL guards',
  conformance: 'conformance, T-SQL guards',
  explorer: 'explorer, guards of the model',
  simulator: 'simulator, guards of the model',
};

const out = (text: string): void => void process.stdout.write(`${text}\n`);

function count(row: Row, fate: Fate['fate']): number {
  return row.fates.filter((each) => each.fate === fate).length;
}

function percent(row: Row): number {
  const real = row.fates.length - count(row, 'equivalent');
  return real === 0 ? 100 : (100 * count(row, 'killed')) / real;
}

function table(rows: readonly Row[]): readonly string[] {
  return [
    '| layer | mutants | equivalent | killed | alive | percent | seconds |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) =>
      [
        '',
        TITLES[row.layer],
        row.fates.length,
        count(row, 'equivalent'),
        count(row, 'killed'),
        count(row, 'alive'),
        percent(row).toFixed(1),
        row.seconds.toFixed(0),
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ];
}

/** The reasons, each with how many mutants it is about. */
function reasons(row: Row): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { mutant, fate, because } of row.fates) {
    if (fate !== 'equivalent') continue;
    const reason = because.replace(/^asked again by ".*"/u, 'asked again by another condition');
    groups.set(reason, [...(groups.get(reason) ?? []), mutant]);
  }
  return [...groups].map(
    ([reason, names]) => `  ${names.length} equivalent: ${reason}; for example ${names[0]}`,
  );
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      layer: { type: 'string', multiple: true, default: [...layerNames] },
      only: { type: 'string', default: '' },
      every: { type: 'string', default: '1' },
      list: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      processes: { type: 'string', default: String(MOST_PROCESSES) },
    },
  });
  const layers = layerNames.filter((name) => values.layer.includes(name));
  const processes = Number(values.processes);
  const every = Number(values.every);
  const isWrong = values.layer.some((name) => !layerNames.some((known) => known === name));
  if (isWrong || !(every >= 1) || !(processes >= 1 && processes <= MOST_PROCESSES)) {
    out(`--layer is one of ${layerNames.join(', ')}; --processes is 1 or ${MOST_PROCESSES}.`);
    return usageExit;
  }
  const rows: Row[] = [];
  for (const layer of layers) {
    if (values.list) {
      for (const name of mutantsOf(layer)) out(`${layer}: ${name}`);
      continue;
    }
    const began = performance.now();
    const told = ({ mutant, fate, because }: Fate): void => {
      if (fate === 'alive') out(`ALIVE ${layer}: ${mutant} ${because}`);
      else if (values.verbose) out(`${fate} ${layer}: ${mutant} (${because})`);
    };
    const fates = await tryLayer(layer, { only: values.only, every, processes, told });
    const row: Row = { layer, fates, seconds: (performance.now() - began) / 1000 };
    rows.push(row);
    for (const text of [`${TITLES[layer]}: ${percent(row).toFixed(1)} %`, ...reasons(row)])
      out(text);
  }
  if (!values.list) for (const text of table(rows)) out(text);
  return rows.every((row) => row.layer === 'conditions' || percent(row) >= ENOUGH) ? 0 : 1;
}

process.exitCode = await main();
