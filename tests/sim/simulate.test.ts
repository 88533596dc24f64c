/** The simulator: deterministic, able to fail, and without a finding on what ships. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { campaign, failureText, seeded, Tally } from '../../src/sim/simulate/campaign.ts';
import { runCells, runPairs } from '../../src/sim/simulate/cells.ts';
import { faultKinds, faultPoints, outageActs, type Fault } from '../../src/sim/simulate/fault.ts';
import { doubled, withoutGuard } from '../../src/sim/simulate/guards.ts';
import { runOrder } from '../../src/sim/simulate/pool.ts';
import { drawScenario, type Scenario } from '../../src/sim/simulate/scenario.ts';
import { shrink } from '../../src/sim/simulate/shrink.ts';
import { simulate } from '../../src/sim/simulate/simulate.ts';
import { actsOfWays, ways } from '../../src/sim/simulate/way.ts';
import { guardNames, type GuardName } from '../../src/sim/semantics/guard.ts';
import { everyAct } from '../support/every-act.ts';

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

test('every fault at every point of the outage acts, every third of them, is struck and survived', async () => {
  // The whole table takes minutes: `npm run sim -- --cells`.
  const acts: readonly string[] = outageActs;
  const table = await runCells(
    ({ act, kind, point }) =>
      acts.includes(act) &&
      (acts.indexOf(act) + faultKinds.indexOf(kind) + faultPoints.indexOf(point)) % 3 === 0,
  );
  assert.deepEqual(table.holes, []);
  assert.equal(table.cells, table.struck);
  assert.ok(table.cells >= 3 * 4 * 15, `${table.cells} cells`);
  assert.equal(table.failures.map((each) => failureText(each)).join('\n'), '');
});

test('the same order gives the same results and the same hash in one thread and in two', async () => {
  const order = { of: 'seeds', from: 30_000, runs: 130, removed: [], endsAtFirst: false } as const;
  const { signal } = new AbortController();
  const told: number[] = [];
  const progress = (runs: number): void => void told.push(runs);
  const one = await runOrder(order, { workers: 1, signal, progress });
  assert.deepEqual(told, [100, 130]);
  const two = await runOrder(order, { workers: 2, signal, progress });
  assert.equal(one.runs, 130);
  assert.equal(two.hash, one.hash);
  assert.deepEqual(new Map(two.outcomes), new Map(one.outcomes));
  assert.deepEqual(new Set(two.cells), new Set(one.cells));
  assert.deepEqual([two.events, two.acknowledged], [one.events, one.acknowledged]);
});

test('a campaign that is told to stop says what it has done so far', async () => {
  const order = { of: 'seeds', from: 1, runs: 10_000, removed: [], endsAtFirst: false } as const;
  const stop = new AbortController();
  const progress = (): void => stop.abort();
  const result = await runOrder(order, { workers: 1, signal: stop.signal, progress });
  assert.equal(result.runs, 100);
});

/** Only groups of several replicas need them, and the simulator's sides have one each. */
const onTheGroupPathOnly = [
  'join-availability-group',
  'create-listener',
  'set-failover-mode',
] as const;

test('every act of the path between single servers is sent on one of the ways', async () => {
  const sent = new Set((await actsOfWays()).flatMap((acts) => [...acts]));
  const kinds = everyAct('any').map((act) => act.kind);
  assert.deepEqual(
    [...new Set(kinds)].filter((kind) => !sent.has(kind)),
    onTheGroupPathOnly,
  );
});

test('both faults of ordered pairs strike, the second one after the first', async () => {
  const tally = new Tally();
  await runPairs({ from: 5_000, to: 5_040 }, tally, {});
  const { runs, holes, failures } = tally.result();
  assert.ok(runs >= 40);
  assert.deepEqual(holes, []);
  assert.equal(failures.map((each) => failureText(each)).join('\n'), '');
});

const [straight] = ways;
assert.ok(straight !== undefined);

/** The lines of one run without chance. */
async function linesOf(change: Partial<Scenario>): Promise<readonly string[]> {
  const report = await simulate({ ...straight, ...change } as Scenario, { keepsLines: true });
  assert.deepEqual(report.violations, []);
  return report.lines;
}

/** What was sent or decided before everything was healed. */
function unhealed(lines: readonly string[]): readonly string[] {
  return lines.slice(
    0,
    lines.findIndex((line) => line.includes('everything is healed')),
  );
}

for (const behaviour of ['fails', 'hangs'] as const) {
  test(`a program that ${behaviour} after the promotion takes nothing back`, async () => {
    const lines = await linesOf({ hooks: { beforeFence: null, afterPromote: behaviour } });
    const own = unhealed(lines);
    assert.ok(own.some((line) => line.includes(`hook afterPromote ${behaviour}`)));
    assert.ok(own.some((line) => line.includes('first ends done R-CUTOVER-DONE')));
    assert.ok(!own.some((line) => line.includes('give-back') || line.includes('refuse-epoch')));
  });

  test(`a program that ${behaviour} before the fence stops the cutover with the source serving`, async () => {
    const lines = await linesOf({ hooks: { beforeFence: behaviour, afterPromote: null } });
    const own = unhealed(lines);
    assert.ok(own.some((line) => line.includes(`hook beforeFence ${behaviour}`)));
    assert.ok(!own.some((line) => line.includes('sends disable-login')));
    assert.ok(!own.some((line) => line.includes('SET (ROLE = SECONDARY)')));
  });
}

for (const kind of [
  'rights-source',
  'register-tampered',
  'register-newer',
  'register-foreign',
  'register-away',
] as const) {
  test(`with ${kind} nothing is demoted, promoted or taken back`, async () => {
    const fault = { kind, act: 'kill-sessions', nth: 0, point: 'before', durationMs: 200_000 };
    const lines = unhealed(await linesOf({ faults: [fault as Fault] }));
    const from = lines.findIndex((line) => line.includes(`FAULT ${kind}`));
    assert.ok(from > 0, 'the fault struck');
    const roles = /SET \(ROLE|FORCE|register \d/u;
    assert.deepEqual(
      lines.slice(from).filter((line) => roles.test(line)),
      [],
    );
  });
}

test('a watcher gives the writes back when nobody finishes; without a dead-man they wait for an operator', async () => {
  const gone: Fault = { kind: 'kill', act: 'promote', nth: 0, point: 'before', durationMs: 10 };
  const cut: Fault = {
    kind: 'late-commit-cut',
    act: 'demote',
    nth: 0,
    point: 'arrived',
    durationMs: 200_000,
  };
  const killed: Fault = { ...gone, act: 'await-lsns', point: 'arrived' };
  const abandoned = { faults: [cut, killed], restartAfterMs: 25_000 } as const;
  const given = (lines: readonly string[]): boolean => {
    const again = lines.findLastIndex((line) => line.endsWith('first starts cutover'));
    return lines.slice(0, again).some((line) => line.endsWith('source FORCE'));
  };
  for (const deadMan of ['agent', 'watcher', 'off'] as const) {
    const lines = await linesOf({
      ...abandoned,
      shape: { ...straight.shape, deadMan },
      rival: null,
    });
    assert.equal(given(lines), deadMan !== 'off', deadMan);
  }
});

/** A small scenario for each guard: without it the invariant falls, with it the same run holds. */
interface GuardSeed {
  readonly guard: GuardName;
  readonly invariant: string;
  readonly scenario: Scenario;
}

const guardSeeds = new URL('guard-seeds.json', import.meta.url);

/** Looks for such a scenario and makes it small. */
async function seedFor(guard: GuardName): Promise<GuardSeed> {
  const { failure, runs } = await withoutGuard(guard, 4_000);
  assert.ok(failure !== null, `${guard} is not found in ${runs} runs`);
  const small = await shrink(failure, { removed: new Set([guard]) });
  return { guard, invariant: small.violations[0]?.invariant ?? '', scenario: small.scenario };
}

test('each guard that something else does not double is missed by a small run of its own', async () => {
  const guards = guardNames.filter((guard) => doubled[guard] === undefined);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    const found: GuardSeed[] = [];
    for (const guard of guards) found.push(await seedFor(guard));
    writeFileSync(guardSeeds, `${JSON.stringify(found, null, 2)}\n`);
  }
  const seeds = JSON.parse(readFileSync(guardSeeds, 'utf8')) as readonly GuardSeed[];
  assert.deepEqual(
    seeds.map((seed) => seed.guard),
    guards,
  );
  for (const { guard, invariant, scenario } of seeds) {
    const broken = await simulate(scenario, { removed: new Set([guard]) });
    assert.equal(broken.violations[0]?.invariant, invariant, guard);
    assert.deepEqual((await simulate(scenario)).violations, [], guard);
  }
});

test('a run that fails without a guard shrinks to one that still does', async () => {
  const guard = 'refuse-role';
  const { failure } = await withoutGuard(guard, 400);
  assert.ok(failure !== null);
  const small = await shrink(failure, { removed: new Set([guard]) });
  assert.ok(small.scenario.faults.length <= failure.scenario.faults.length);
  assert.equal(small.violations[0]?.invariant, failure.violations[0]?.invariant);
});
