/** Transactions of log backups: they come back as they were, and a copy takes what it lacks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../../../tests/support/backup-header.ts';
import { decodeLog, encodeLog, rollForward } from './log-content.ts';
import type { LoggedTransaction } from './log-content.ts';

function transaction(from: number, change: Partial<LoggedTransaction> = {}): LoggedTransaction {
  return {
    start: at(from),
    end: at(from + 1),
    totalBytes: from * 512,
    committedAt: from,
    payload: null,
    ...change,
  };
}

const log = [transaction(100), transaction(101), transaction(102)];
const copyAt = (block: number) => ({ end: at(block), totalBytes: block * 10 });

test('every kind of value comes back as it was', () => {
  const after = [
    null,
    true,
    1.5,
    -(2n ** 63n),
    'a]b\'c"\n\u{1F600}',
    Uint8Array.of(0, 255),
    { kind: 'decimal', unscaled: 10n ** 30n, scale: 4 },
    { kind: 'datetime', days: 739_940, ticks: 432_001_230_000, offsetMinutes: -60 },
  ] as const;
  const payload = {
    bytes: 60,
    operations: [
      { kind: 'insert', table: 1, row: 2, after },
      { kind: 'update', table: 1, row: 2, before: after, after: [] },
      { kind: 'delete', table: 1, row: 2, before: after },
      { kind: 'schema', change: { key: 'x', list: [1n] }, inverse: null },
    ],
  } as const;
  const whole = [transaction(1), transaction(2, { payload })];
  assert.deepEqual(decodeLog(encodeLog(whole)), whole);
  assert.deepEqual(decodeLog(encodeLog([])), []);
});

test('a copy takes what lies behind its end, and stands behind the last of it', () => {
  assert.deepEqual(rollForward(log, copyAt(100), null), {
    apply: log,
    end: at(103),
    totalBytes: 102 * 512,
    isReached: false,
  });
  assert.deepEqual(rollForward(log, copyAt(102), null).apply, log.slice(2));
  assert.deepEqual(rollForward(log, copyAt(103), null), {
    apply: [],
    ...copyAt(103),
    isReached: false,
  });
});

test('a point in time leaves out what was committed later, and nothing else', () => {
  for (const [stopAt, count, isReached] of [
    [99, 0, true],
    [100, 1, true],
    [101, 2, true],
    [102, 3, false],
    [500, 3, false],
  ] as const) {
    const forward = rollForward(log, copyAt(100), stopAt);
    assert.equal(forward.apply.length, count, `until ${stopAt}`);
    assert.equal(forward.isReached, isReached, `until ${stopAt}`);
    assert.equal(forward.end, at(100 + count), `until ${stopAt}`);
  }
});
