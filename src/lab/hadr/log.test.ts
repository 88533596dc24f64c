import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLsn, lsnParts } from '../../base/lsn.ts';
import {
  advance,
  append,
  emptyLog,
  firstPosition,
  makeRecord,
  recordsFrom,
  rewind,
  truncate,
} from './log.ts';
import type { Log } from './log.ts';

function filled(count: number): Log {
  let log = emptyLog(firstPosition(42), 0);
  for (let id = 1; id <= count; id += 1)
    log = append(log, makeRecord(log, { bytes: 700, payload: { id }, committedAt: id }));
  return log;
}

test('positions are block starts with slot 1, commits lie inside their block', () => {
  const log = filled(1);
  const [record] = recordsFrom(log, log.start, 1);
  assert.equal(formatLsn(firstPosition(42)), '42000000001600001');
  assert.equal(formatLsn(log.end), '42000000001800001', '700 bytes fill two blocks of 512');
  assert.equal(record === undefined ? '' : formatLsn(record.lsn), '42000000001600003');
});

test('a full virtual log file is followed by the next', () => {
  let position = firstPosition(1);
  for (let count = 0; count < 3; count += 1) position = advance(position, 40_000_000);
  assert.deepEqual(lsnParts(position), { vlf: 2n, block: 78_141n, slot: 1n });
});

test('reading from any position gives what lies behind it, whatever the chunks', () => {
  const log = filled(200);
  const all = recordsFrom(log, log.start, Number.POSITIVE_INFINITY);
  assert.equal(all.length, 200);
  for (const [index, record] of all.entries())
    assert.equal(recordsFrom(log, record.start, 1)[0], all[index]);
  assert.deepEqual(recordsFrom(log, log.end, 10), []);
});

test('truncation drops whole chunks below the position and nothing above', () => {
  const log = filled(200);
  const position = recordsFrom(log, log.start, 100)[99]?.end;
  assert.ok(position !== undefined);
  const shorter = truncate(log, position);
  assert.ok(shorter.length < 200 && shorter.length >= 100);
  assert.ok(shorter.start <= position);
  assert.equal(recordsFrom(shorter, position, Number.POSITIVE_INFINITY).length, 100);
});

test('rewinding gives the records behind the position newest first and ends exactly there', () => {
  const log = filled(50);
  const position = recordsFrom(log, log.start, 40)[39]?.end;
  assert.ok(position !== undefined);
  const { log: shorter, undone } = rewind(log, position);
  assert.deepEqual(
    undone.map((record) => record.payload?.id),
    [50, 49, 48, 47, 46, 45, 44, 43, 42, 41],
  );
  assert.equal(shorter.end, position);
  assert.equal(shorter.totalBytes, 40 * 700);
});
