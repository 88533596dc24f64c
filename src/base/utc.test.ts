import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { formatUtc, parseUtc } from './utc.ts';

test('prints what Date prints, and reads it back, from 1600 to 9999', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1600, 0, 1), max: Date.UTC(9999, 11, 31) }), (at) => {
      assert.equal(formatUtc(at), new Date(at).toISOString());
      assert.equal(parseUtc(formatUtc(at)), at);
    }),
  );
});

test('takes an offset into account', () => {
  assert.equal(parseUtc('2026-11-21T22:30+01:00'), Date.UTC(2026, 10, 21, 21, 30));
});

test('the hour that a clock change doubles or drops is unambiguous with its offset', () => {
  assert.equal(parseUtc('2026-10-25T02:30+02:00'), Date.UTC(2026, 9, 25, 0, 30));
  assert.equal(parseUtc('2026-10-25T02:30+01:00'), Date.UTC(2026, 9, 25, 1, 30));
  assert.equal(parseUtc('2026-03-29T02:30+01:00'), Date.UTC(2026, 2, 29, 1, 30));
});

test('cuts off what a server writes below a millisecond', () => {
  assert.equal(parseUtc('2026-11-21T12:00:00.1239999Z'), Date.UTC(2026, 10, 21, 12, 0, 0, 123));
  assert.equal(parseUtc('2026-11-21T12:00:00.5Z'), Date.UTC(2026, 10, 21, 12, 0, 0, 500));
  assert.equal(parseUtc('2026-11-21T12:00:00.12345678Z'), null);
});

test('refuses a time without a zone, a day that does not exist and anything else', () => {
  for (const text of [
    '2026-11-21T22:30',
    '2026-02-30T00:00Z',
    '2026-13-01T00:00Z',
    'tomorrow',
    '2026-11-21T24:00Z',
    '2026-11-21T22:30+99:00',
    '2026-11-21T22:30+14:01',
    '2026-11-21T22:30+01:60',
  ]) {
    assert.equal(parseUtc(text), null, text);
  }
});
