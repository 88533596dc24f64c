/**
 * Mutants of guards and rules, and what finds them.
 *
 * `node scripts/mutate.ts [--guards] [--rules] [--only <text>]`. A guard is taken away inside the semantics
 * (`--without`); a rule of `decide()` is skipped in a copy of the tree, or asked without its `when`.
 * Layers, each alone: `ways` (the simulator's ways without chance end and act as before), `campaign`
 * (no invariant falls in simulated runs), `table` (the tests of `reconcile/`). Exit code 1 when fewer
 * than 95 % are found by any layer.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { allRules } from '../src/reconcile/table.ts';
import { guardNames, guardTexts } from '../src/sim/semantics/guard.ts';

const root = new URL('..', import.meta.url).pathname;
const CAMPAIGN_RUNS = '600';
const LIMIT_MS = 240_000;
const ENOUGH = 0.95;

const { values } = parseArgs({
  options: {
    guards: { type: 'boolean', default: false },
    rules: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});

/** What a run of a probe came to. */
interface Probe {
  readonly status: number | null;
  readonly output: string;
}

function probe(tree: string, args: readonly string[], mutant = ''): Probe {
  const result = spawnSync(process.execPath, args, {
    cwd: tree,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 100_000_000,
    env: { ...process.env, SQLFERRY_MUTANT: mutant },
  });
  return { status: result.status, output: result.stdout };
}

const SIMULATOR = 'src/sim/simulate/main.ts';

function campaignFinds(tree: string, extra: readonly string[], mutant = ''): boolean {
  return probe(tree, [SIMULATOR, '--runs', CAMPAIGN_RUNS, ...extra], mutant).status !== 0;
}

/** A copy of the tree whose rules obey SQLFERRY_MUTANT. */
function mutableTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'sqlferry-mutants-'));
  for (const part of ['src', 'tests', 'package.json', 'tsconfig.json', 'docs'])
    cpSync(join(root, part), join(tree, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  const file = join(tree, 'src/reconcile/rule.ts');
  const text = readFileSync(file, 'utf8');
  const guard = 'if (spec.when !== undefined && !spec.when(situation)) return null;';
  if (!text.includes(guard)) throw new Error('rule.ts no longer holds the line that is mutated');
  writeFileSync(
    file,
    text.replace(
      guard,
      `if (process.env['SQLFERRY_MUTANT'] === 'skip ' + spec.id) return null;
      if (process.env['SQLFERRY_MUTANT'] !== 'no-when ' + spec.id && spec.when !== undefined && !spec.when(situation)) return null;`,
    ),
  );
  return tree;
}

interface Score {
  readonly mutant: string;
  readonly layers: readonly string[];
}

function show(score: Score): void {
  const killers = score.layers.length === 0 ? 'SURVIVED' : `killed by ${score.layers.join(', ')}`;
  process.stdout.write(`${score.mutant.padEnd(48)} ${killers}\n`);
}

function mutateGuards(): readonly Score[] {
  return guardNames
    .filter((name) => name.includes(values.only))
    .map((name) => {
      const layers = campaignFinds(root, ['--without', name]) ? ['campaign'] : [];
      const score = { mutant: `guard ${name}`, layers };
      show(score);
      if (layers.length === 0) process.stdout.write(`    ${guardTexts[name]}\n`);
      return score;
    });
}

function mutateRules(): readonly Score[] {
  const tree = mutableTree();
  try {
    const healthy = probe(tree, [SIMULATOR, '--ways']);
    const tests = ['--test', 'src/reconcile/decide.test.ts', 'src/reconcile/plan.test.ts'];
    if (healthy.status !== 0 || probe(tree, tests).status !== 0)
      throw new Error('the copy is not green before anything is mutated');
    return allRules
      .filter((rule) => rule.id.includes(values.only))
      .map((rule) => {
        const mutant = `skip ${rule.id}`;
        const ways = probe(tree, [SIMULATOR, '--ways'], mutant);
        const layers = [
          ...(ways.status === 0 && ways.output === healthy.output ? [] : ['ways']),
          ...(probe(tree, tests, mutant).status === 0 ? [] : ['table']),
        ];
        if (layers.length === 0 && campaignFinds(tree, [], mutant)) layers.push('campaign');
        const score = { mutant, layers };
        show(score);
        return score;
      });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

const both = !values.guards && !values.rules;
const scores = [
  ...(both || values.guards ? mutateGuards() : []),
  ...(both || values.rules ? mutateRules() : []),
];
const killed = scores.filter((score) => score.layers.length > 0).length;
const share = scores.length === 0 ? 0 : killed / scores.length;
process.stdout.write(
  `${killed} of ${scores.length} mutants found (${(100 * share).toFixed(1)} %)\n`,
);
process.exitCode = share >= ENOUGH ? 0 : 1;
