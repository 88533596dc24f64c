import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Estimate } from '../../model/estimate.ts';
import { estimateLines } from './estimate-text.ts';
import { displayWidth } from './format.ts';
import { makeStyle } from './style.ts';

const layout = { width: 80, style: makeStyle(false) };
const total: Estimate = {
  id: 'EST-SEEDING-TOTAL',
  database: null,
  unit: 'milliseconds',
  low: 1000,
  high: 4000,
  words: 'The seeding takes 1.0 s to 4.0 s.',
  restsOn: ['Measured.'],
  warning: null,
};
const log: Estimate = {
  ...total,
  id: 'EST-LOG-GROWTH',
  database: 'a',
  unit: 'bytes',
  words: 'The log grows.',
  restsOn: ['Measured.', 'Counter.'],
};

test('an estimate is said with what it rests on, each reason once', () => {
  assert.deepEqual(estimateLines([total, log], layout), [
    'estimate The seeding takes 1.0 s to 4.0 s.',
    'estimate The log grows.',
    'rests on Measured. Counter.',
  ]);
});

test('of many databases the ones with a warning come first, and the rest are counted', () => {
  const many = Array.from({ length: 20 }, (_, at) => ({ ...log, database: `db${at}`, high: at }));
  const warned = { ...log, words: 'This one.', high: 0, warning: 'It may run full.' };
  const lines = estimateLines([...many, warned], layout);
  assert.deepEqual(lines.slice(0, 2), ['estimate This one.', 'careful  It may run full.']);
  assert.match(lines.join('\n'), /And 18 more of other databases/u);
});

test('what is not known is said once, for the whole', () => {
  const unknown = { low: null, high: null };
  const lines = estimateLines(
    [
      { ...log, ...unknown },
      { ...total, ...unknown },
    ],
    layout,
  );
  assert.deepEqual(lines, ['estimate The seeding takes 1.0 s to 4.0 s.', 'rests on Measured.']);
  assert.deepEqual(estimateLines([], layout), []);
});

test('no line is wider than the terminal', () => {
  const long = { ...total, words: `${'word '.repeat(60)}end.` };
  for (const line of estimateLines([long], layout)) assert.ok(displayWidth(line) <= 80, line);
});
