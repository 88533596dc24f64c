import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manyNames } from '../../../../tests/support/assess-report.ts';
import { makeFinding } from '../../../../tests/support/finding.ts';
import { matrices } from './matrix.ts';

test('a cell shows the worst of its findings, and both sides share a row', () => {
  const html = matrices([
    makeFinding('SRC-VERSION', 'success'),
    makeFinding('TGT-VERSION', 'error', { side: 'target', instance: 'SQLVM' }),
    makeFinding('SRC-VERSION', 'warning'),
    makeFinding('PAIR-BUILD', 'unknown', { side: null, instance: null }),
  ]);
  assert.match(html, /<tr><th scope="row">VERSION<td class=w>!<td class=e>✗<td>/u);
  assert.match(html, /<tr><th scope="row">PAIR-BUILD<td><td><td class=u>\?/u);
});

test('of more databases than anybody reads, those with the most trouble are shown, and how many there are', () => {
  const names = manyNames(900);
  const html = matrices(
    names.map((database, at) =>
      makeFinding('DB-X', at === 777 ? 'error' : at % 2 === 0 ? 'warning' : 'success', {
        database,
      }),
    ),
  );
  assert.match(html, /against 300 databases, those with the most trouble of 900/u);
  assert.equal(html.match(/<td class=/gu)?.length, 300);
  assert.match(html, /<tr><th scope="row">DB-X<td class=e>✗/u);
  assert.ok(html.includes('title="Sales 778"'));
});
