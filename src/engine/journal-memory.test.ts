import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JournalEntry } from '../ports/journal.ts';
import { measuredRoleChange } from './journal-memory.ts';

function outcome(kind: string, data: Readonly<Record<string, unknown>> = {}): JournalEntry {
  return {
    at: '2026-11-21T12:00:00.000Z',
    kind: 'outcome',
    rule: 'R-DEMOTE',
    message: '',
    data: { kind, goal: 'cutover', outcome: 'ok', serverMs: 20, ...data },
  };
}

const demoted = (data: Readonly<Record<string, unknown>> = {}): JournalEntry =>
  outcome('demote', { databases: ['a', 'b'], ...data });

test('the newest switch with two answered role changes is the measure', () => {
  const measure = measuredRoleChange([
    demoted({ serverMs: 10 }),
    outcome('promote', { serverMs: 11 }),
    demoted({ serverMs: 12, goal: 'failback' }),
    outcome('commit-epoch', { serverMs: 99 }),
    outcome('promote', { serverMs: 13, goal: 'failback' }),
  ]);
  assert.deepEqual(measure, {
    demoteMs: 12,
    promoteMs: 13,
    databases: 2,
    by: 'failback',
    at: '2026-11-21T12:00:00.000Z',
  });
});

test('a role that was taken back measured both role changes too', () => {
  const measure = measuredRoleChange([demoted(), outcome('give-back', { goal: 'abort' })]);
  assert.equal(measure?.by, 'abort');
});

test('half a switch, a refused one, a lost answer or a strange line measure nothing', () => {
  for (const entries of [
    [],
    [demoted()],
    [outcome('promote')],
    [demoted({ outcome: 'failed' }), outcome('promote')],
    [demoted({ outcome: 'unknown' }), outcome('promote')],
    [demoted(), outcome('promote', { outcome: 'unknown' })],
    [demoted({ serverMs: 'x' }), outcome('promote')],
    [demoted({ serverMs: -1 }), outcome('promote')],
    [demoted({ databases: 7 }), outcome('promote')],
    [demoted(), outcome('promote', { serverMs: undefined })],
    [demoted(), outcome('promote', { goal: 'finish' })],
    [{ ...demoted(), kind: 'intent' as const }, outcome('promote')],
  ]) {
    assert.equal(measuredRoleChange(entries), null, JSON.stringify(entries));
  }
});

test('an unfinished switch leaves the measure of the one before', () => {
  const measure = measuredRoleChange([demoted({ serverMs: 5 }), outcome('promote'), demoted()]);
  assert.equal(measure?.demoteMs, 5);
});
