import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardNames, type GuardName } from '../semantics/guard.ts';
import type { InvariantId } from './breach.ts';
import { configuration, type Configuration } from './configuration.ts';
import { exploreAll } from './crew.ts';
import { explore } from './explore.ts';
import { guardCases } from './guard-cases.ts';
import { main } from './main.ts';
import { isProven, line, summary } from './report.ts';
import { missingPositions } from './switch-coverage.ts';
import { timeline } from './timeline.ts';
import { largeWorlds, quickWorlds } from './worlds.ts';

/** One operator and a dead-man; nothing goes wrong. */
const tiny: Partial<Configuration> = { look: 'one-instant', faults: 0, commits: 0 };

const rivals: Partial<Configuration> = {
  look: 'one-instant',
  commits: 0,
  operators: [['cutover'], ['abort']],
  limit: 100_000,
};

function without(...removed: readonly GuardName[]): ReturnType<typeof explore> {
  return explore(configuration({ ...rivals, removed: new Set(removed) }));
}

/** What has to occur in a world, or nothing was proven about it. */
const everything = ['aborted', 'committing', 'done', 'fenced', 'idle', 'served by target'];

test('a small world is seen completely, and nothing falls in it', () => {
  const found = explore(configuration(tiny));
  assert.equal(found.counterExample, null);
  assert.equal(found.isComplete, true);
  assert.ok(found.states > 1000, `${found.states} states`);
  assert.ok(found.calls.decided > 100, 'the shipping rules were asked');
  assert.ok(found.asked.fenced > 10, 'abandoned fences were asked who lifts them');
  assert.ok(found.asked.alone > 100, 'lonely operators were asked whether they end');
  assert.ok(found.asked.again > 0, 'what was done was asked for again');
  assert.ok(found.replayed > 100, 'batches arrived again');
  assert.equal(found.restless, 0);
  assert.deepEqual(found.reached, everything);
});

test('the same world is explored the same way twice', () => {
  const [first, second] = [explore(configuration(tiny)), explore(configuration(tiny))];
  assert.deepEqual(
    [first.states, first.transitions, first.depth, first.parts],
    [second.states, second.transitions, second.depth, second.parts],
  );
});

test('a commit that comes late is never lost', () => {
  const found = explore(configuration({ ...tiny, commits: 1, operators: [['cutover']] }));
  assert.equal(found.counterExample, null);
  assert.equal(found.isComplete, true);
  assert.deepEqual(found.reached, everything);
});

test('without the act lock a demotion takes effect after its epoch was taken back', () => {
  const found = without('act-lock');
  assert.equal(found.counterExample?.invariant, 'INV-5');
});

test('without its compare-and-set, commit-epoch overrules an abort', () => {
  assert.equal(without('commit-epoch-cas').counterExample?.invariant, 'INV-3');
});

test('without its compare-and-set and the leadership locks, give-back overrules a commit', () => {
  const removed = new Set<GuardName>(['give-back-cas']);
  const found = explore(configuration({ ...rivals, leadership: false, removed }));
  assert.equal(found.counterExample?.invariant, 'INV-3');
});

test('an engine that does not wait for committing promotes what was never decided', () => {
  const example = without('promote-after-committing').counterExample;
  assert.equal(example?.invariant, 'INV-4');
  const text = timeline(example, 'promote too early');
  assert.match(text, /FORCE_FAILOVER_ALLOW_DATA_LOSS/u);
  assert.match(text, /^1\. operator /mu);
});

test('an engine that takes a committing epoch back without a refusal breaks the decision', () => {
  assert.equal(without('revoke-after-refusal').counterExample?.invariant, 'INV-3');
});

/** Guards whose absence breaks a promise that is not about roles, with the world of the table. */
const promises: readonly (readonly [GuardName, InvariantId])[] = [
  ['in-batch-equality', 'INV-2'],
  ['demote-synchronized', 'INV-5'],
  ['commit-epoch-deadline', 'INV-6'],
  ['register-cas', 'INV-8'],
  ['reconnect-voids', 'INV-9'],
  ['leadership', 'INV-10'],
  ['dead-man-deadline', 'INV-17'],
  ['dead-man-phase', 'INV-3'],
  ['refuse-role', 'INV-4'],
];

for (const [guard, invariant] of promises) {
  test(`without ${guard} alone, ${invariant} falls`, () => {
    const single = guardCases.find(({ removed }) => removed.join() === guard);
    assert.ok(single !== undefined, 'the table has a row');
    const removed = new Set([...single.world.removed, guard]);
    const { counterExample } = explore({ ...single.world, removed, limit: 300_000 });
    assert.equal(counterExample?.invariant, invariant);
    assert.ok(counterExample.trace.length > 0, 'with a way to it');
  });
}

test('every guard stands in the table alone', () => {
  const alone = guardCases.filter(({ removed }) => removed.length === 1);
  assert.deepEqual(
    alone.flatMap(({ removed }) => removed),
    guardNames,
  );
});

test('every position of a switch that a cutover can touch is explored', () => {
  assert.deepEqual(missingPositions([...quickWorlds, ...largeWorlds]), []);
});

test('worlds on threads are told as they end and summed in their order', async () => {
  const small = configuration({ ...tiny, name: 'small', limit: 50 });
  const whole = configuration({ ...tiny, name: 'whole' });
  const told: string[] = [];
  const results = await exploreAll([whole, small], 2, ({ world }) => told.push(world.name));
  assert.deepEqual(
    results.map(({ world }) => world.name),
    ['whole', 'small'],
  );
  assert.deepEqual(told.toSorted(), ['small', 'whole']);
  assert.equal(results[0]?.exploration?.states, explore(whole).states);
  const text = summary(results, 1000).join('\n');
  assert.match(text, /in 1 complete worlds/u);
  assert.match(text, /NOT PROVEN: small/u);
});

test('a world that breaks off is not proven, and says why', async () => {
  const broken = configuration({ ...tiny, name: 'broken' });
  const [result] = await exploreAll([{ ...broken, release: 1999 as 2019 }], 1, () => undefined);
  assert.ok(result !== undefined);
  assert.equal(isProven(result), false);
  assert.match(line(result), /NOT COMPLETE/u);
});

test('the limit of states ends an exploration, and is not taken for a proof', () => {
  const found = explore(configuration({ ...tiny, limit: 100 }));
  assert.equal(found.isComplete, false);
});

test('a guard that does not exist is refused, with the names of those that do', async () => {
  const told: string[] = [];
  assert.equal(await main(['--without', 'hope'], (text) => told.push(text)), 64);
  assert.match(told.join('\n'), /act-lock/u);
});
