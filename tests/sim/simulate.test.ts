/** The simulator: deterministic, able to fail, and without a finding on what ships. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { campaign, failureText, seeded } from '../../src/sim/simulate/campaign.ts';
import { runCells } from '../../src/sim/simulate/cells.ts';
import { outageActs } from '../../src/sim/simulate/fault.ts';
import { drawScenario, type Scenario } from '../../src/sim/simulate/scenario.ts';
import { shrink } from '../../src/sim/simulate/shrink.ts';
import { simulate } from '../../src/sim/simulate/simulate.ts';
import type { GuardName } from '../../src/sim/semantics/guard.ts';

const main = fileURLToPath(new URL('../../src/sim/simulate/main.ts', import.meta.url));
const kept = new URL('seeds.json', import.meta.url);

function hashInProcess(seed: number): string {
  const printed = execFileSync(process.execPath, [main, '--seed', String(seed), '--trace'], {
    encoding: 'utf8',
    maxBuffer: 50_000_000,
  });
  return /trace (?<hash>[0-9a-f]{64})/u.exec(printed)?.groups?.['hash'] ?? 'no hash';
}

test('one seed gives one trace, in this process and in another', async () => {
  const seed = 4711;
  const first = await simulate(drawScenario(seed));
  const again = await simulate(drawScenario(seed));
  assert.equal(again.hash, first.hash);
  assert.equal(hashInProcess(seed), first.hash);
  assert.notEqual((await simulate(drawScenario(seed + 1))).hash, first.hash);
});

test('150 migrations with faults lose nothing, never write twice and never get stuck', async () => {
  const result = await campaign(seeded(20_000, 150));
  assert.equal(result.failures.map((each) => failureText(each)).join('\n'), '');
  assert.ok(result.acknowledged > 1_000, `${result.acknowledged} acknowledged commits`);
  assert.ok(result.cells.size > 50, `${result.cells.size} faults struck`);
});

test('runs that failed once hold', async () => {
  const scenarios = (
    JSON.parse(readFileSync(kept, 'utf8')) as { readonly scenario: Scenario }[]
  ).map((each) => each.scenario);
  assert.ok(scenarios.length > 0);
  const result = await campaign(scenarios);
  assert.equal(result.failures.map((each) => failureText(each)).join('\n'), '');
});

test('every fault at every point of the outage acts is struck and survived', async () => {
  const acts: readonly string[] = outageActs;
  const table = await runCells((cell) => acts.includes(cell.act));
  assert.deepEqual(table.holes, []);
  assert.equal(table.cells, table.struck);
  assert.ok(table.cells >= 7 * 4 * 18, `${table.cells} cells`);
  assert.equal(table.failures.map((each) => failureText(each)).join('\n'), '');
});

/** Guards whose loss single runs find quickly; `scripts/mutate.ts` goes through all of them. */
const found: readonly (readonly [GuardName, string])[] = [
  ['commit-epoch-cas', 'INV-3'],
  ['promote-refused', 'INV-4'],
];

for (const [guard, invariant] of found) {
  test(`without ${guard} ${invariant} falls, and the failing run shrinks`, async () => {
    const removed = new Set([guard]);
    const result = await campaign(seeded(1, 400), { removed, enough: (failures) => failures > 0 });
    const [failure] = result.failures;
    assert.ok(failure !== undefined, `not found in ${result.runs} runs`);
    assert.equal(failure.violations[0]?.invariant, invariant);
    const small = await shrink(failure, { removed });
    assert.ok(small.scenario.faults.length <= failure.scenario.faults.length);
    assert.equal(small.violations[0]?.invariant, invariant);
    assert.deepEqual((await simulate(small.scenario)).violations, []);
  });
}
