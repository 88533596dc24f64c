import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseUtc } from '../base/utc.ts';
import type { Waiver } from '../model/waiver.ts';
import { makeFinding } from '../../tests/support/finding.ts';
import { applyWaivers, assessmentOf } from './waiver.ts';

const now = parseUtc('2026-11-22T12:00:00Z') ?? 0;

const waiver = (more: Partial<Waiver> = {}): Waiver => ({
  rule: 'DB-OWNER',
  database: null,
  instance: null,
  reason: 'The owner is mended after the move (CHG-1).',
  expires: '2026-12-31',
  ...more,
});

const blocked = makeFinding('DB-OWNER', 'error', { database: 'Sales' });
const fine = makeFinding('DB-ONLINE', 'success', { database: 'Sales' });

test('a waived blocker stays an error and turns the verdict into a condition, never into ready', () => {
  const { assessment, waivers } = applyWaivers(assessmentOf([blocked, fine]), [waiver()], now);
  assert.equal(assessment.verdict, 'ready-with-conditions');
  assert.equal(assessment.findings[0]?.outcome, 'error');
  assert.deepEqual(assessment.findings[0]?.waived, {
    reason: 'The owner is mended after the move (CHG-1).',
    expires: '2026-12-31',
  });
  assert.equal(assessment.counts.error, 1);
  assert.equal(waivers[0]?.state, 'counts');
  assert.equal(waivers[0]?.findings, 1);
});

test('the last day of a waiver counts and the day after does not', () => {
  const on = (expires: string) => applyWaivers(assessmentOf([blocked]), [waiver({ expires })], now);
  assert.equal(on('2026-11-22').assessment.verdict, 'ready-with-conditions');
  const late = on('2026-11-21');
  assert.equal(late.assessment.verdict, 'not-ready');
  assert.equal(late.assessment.findings[0]?.waived, null);
  assert.deepEqual([late.waivers[0]?.state, late.waivers[0]?.findings], ['expired', 1]);
});

test('a waiver for one database leaves the others refused, and names match without case', () => {
  const other = makeFinding('DB-OWNER', 'error', { database: 'HR' });
  const one = applyWaivers(assessmentOf([blocked, other]), [waiver({ database: 'SALES' })], now);
  assert.equal(one.assessment.verdict, 'not-ready');
  assert.deepEqual(
    one.assessment.findings.map(({ waived }) => waived !== null),
    [true, false],
  );
});

test('a waiver for an instance does not cover a finding about the pair', () => {
  const pair = makeFinding('DB-OWNER', 'error', { instance: null, side: null });
  const { waivers, assessment } = applyWaivers(
    assessmentOf([pair]),
    [waiver({ instance: 'OnPremNode' })],
    now,
  );
  assert.equal(assessment.verdict, 'not-ready');
  assert.equal(waivers[0]?.state, 'matches-nothing');
});

test('what could not be seen can be waived, what is in order or skipped cannot', () => {
  const unseen = makeFinding('DB-OWNER', 'unknown');
  assert.equal(
    applyWaivers(assessmentOf([unseen]), [waiver()], now).assessment.verdict,
    'ready-with-conditions',
  );
  for (const outcome of ['success', 'skipped'] as const) {
    const { waivers, assessment } = applyWaivers(
      assessmentOf([makeFinding('DB-OWNER', outcome)]),
      [waiver()],
      now,
    );
    assert.equal(assessment.verdict, 'ready');
    assert.equal(assessment.findings[0]?.waived, null);
    assert.equal(waivers[0]?.state, 'matches-nothing');
  }
});

test('an error beside a waived one still refuses', () => {
  const other = makeFinding('DB-ONLINE', 'error');
  const { assessment } = applyWaivers(assessmentOf([blocked, other]), [waiver()], now);
  assert.equal(assessment.verdict, 'not-ready');
});
