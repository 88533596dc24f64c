import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError, assert as demand, required } from './assert.ts';

test('stops the program when a rule of its own is broken', () => {
  assert.throws(() => demand([].length > 0, 'an empty list is not empty'), AssertionError);
  assert.doesNotThrow(() => demand([1].length > 0, 'a list of one is empty'));
});

test('tells a missing value from one that is merely falsy', () => {
  assert.equal(required(0, 'count'), 0);
  assert.equal(required('', 'name'), '');
  assert.throws(() => required(undefined, 'name'), /missing: name/u);
  assert.throws(() => required(null, 'name'), /missing: name/u);
});
