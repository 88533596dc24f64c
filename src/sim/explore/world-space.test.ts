import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { NumberList } from './number-list.ts';
import { WorldSpace } from './world-space.ts';

test('a state gets one index, however often it is added', () => {
  const word = fc.integer({ min: 0, max: 5 });
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word, word, word), { maxLength: 300 }), (states) => {
      const space = new WorldSpace();
      const seen = new Map<string, number>();
      for (const state of states) {
        const index = space.add(...state, null);
        const key = state.join();
        assert.equal(index, seen.get(key) ?? seen.size);
        seen.set(key, index);
        assert.deepEqual(
          state.map((_value, field) => space.field(index, field)),
          state,
        );
      }
      assert.equal(space.size, seen.size);
    }),
  );
});

test('the store grows and keeps parents', () => {
  const space = new WorldSpace();
  const count = 200_000;
  for (let value = 0; value < count; value += 1)
    space.add(value, value * 7, 3, value % 5, 1, value === 0 ? null : value - 1);
  assert.equal(space.size, count);
  assert.equal(space.parent(0), null);
  assert.equal(space.parent(count - 1), count - 2);
  assert.equal(space.add(100, 700, 3, 0, 1, 5), 100);
});

test('a list of numbers grows', () => {
  const list = new NumberList();
  for (let value = 0; value < 600_000; value += 1) list.push(value);
  assert.equal(list.length, 600_000);
  assert.equal(list.at(0), 0);
  assert.equal(list.at(599_999), 599_999);
  assert.equal(list.at(1 << 18), 1 << 18);
});
