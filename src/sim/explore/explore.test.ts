import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardName } from '../semantics/guard.ts';
import { configuration, type Configuration } from './configuration.ts';
import { explore } from './explore.ts';
import { main } from './main.ts';
import { timeline } from './timeline.ts';

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

test('without its compare-and-set, give-back overrules a commit', () => {
  assert.equal(without('give-back-cas').counterExample?.invariant, 'INV-3');
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

test('the limit of states ends an exploration, and is not taken for a proof', () => {
  const found = explore(configuration({ ...tiny, limit: 100 }));
  assert.equal(found.isComplete, false);
});

test('a guard that does not exist is refused, with the names of those that do', () => {
  const told: string[] = [];
  assert.equal(
    main(['--without', 'hope'], (text) => told.push(text)),
    64,
  );
  assert.match(told.join('\n'), /act-lock/u);
});
