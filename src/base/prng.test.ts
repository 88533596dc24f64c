import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePrng } from './prng.ts';

function draw(seed: number, count: number): number[] {
  const prng = makePrng(seed);
  return Array.from({ length: count }, () => prng.next());
}

test('gives the same numbers for the same seed and others for another', () => {
  assert.deepEqual(draw(7, 100), draw(7, 100));
  assert.notDeepEqual(draw(7, 100), draw(8, 100));
});

test('stays inside [0, 1) and fills it evenly', () => {
  const numbers = draw(1, 10_000);
  assert.ok(numbers.every((value) => value >= 0 && value < 1));
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const inside = numbers.filter((value) => Math.floor(value * 10) === tenth).length;
    assert.ok(inside > 850 && inside < 1150, `tenth ${tenth}: ${inside}`);
  }
});

test('a child does not depend on how often the parent was asked', () => {
  const fresh = makePrng(3);
  const used = makePrng(3);
  used.next();
  assert.equal(fresh.split('rows').next(), used.split('rows').next());
  assert.notEqual(fresh.split('rows').next(), fresh.split('names').next());
});
