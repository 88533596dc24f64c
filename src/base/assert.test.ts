import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError, assert as demand, required } from './assert.ts';

test('stops the program when a rule of its own is broken', () => {
  assert.throws(() => demand(1 > 2, 'one is more than two'), AssertionError);
  assert.doesNotThrow(() => demand(2 > 1, 'two is more than one'));
});

test('tells a missing value from one that is merely falsy', () => {
  assert.equal(required(0, 'count'), 0);
  assert.equal(required('', 'name'), '');
  assert.throws(() => required(undefined, 'name'), /missing: name/u);
  assert.throws(() => required(null, 'name'), /missing: name/u);
});
