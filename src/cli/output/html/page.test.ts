import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';

import { reportOf } from '../../../../tests/support/assess-report.ts';
import { makeFinding } from '../../../../tests/support/finding.ts';
import { assessHtml } from './page.ts';

/** The page whose every text from outside is the given one. */
function pageOf(text: string): string {
  const finding = makeFinding('DB-X', 'error', {
    title: text,
    instance: text,
    database: text,
    evidence: text,
    remedy: text,
    notScripted: text,
    waived: { reason: text, expires: '2026-12-31' },
  });
  const waiver = {
    rule: 'DB-X',
    database: text,
    instance: text,
    reason: text,
    expires: '2026-12-31',
    state: 'counts' as const,
    findings: 1,
  };
  const open = { ...finding, waived: null };
  return assessHtml(
    reportOf([finding, open, { ...open, outcome: 'success' }], {
      waivers: [waiver],
      comparison: { file: text, at: text, fixed: [finding], appeared: [], changed: [], gone: [] },
      local: text,
    }),
  );
}

/** Tags with the names of their attributes: what the browser builds. */
function skeletonOf(html: string): readonly string[] {
  const body = html.slice(html.indexOf('</style>'));
  return [...body.matchAll(/<[^>]*>/gu)].map(([tag]) => tag.replaceAll(/"[^"]*"/gu, '""'));
}

test('no text from a server or a file adds a tag or an attribute to the page', () => {
  const plain = skeletonOf(pageOf('x'));
  assert.ok(plain.length > 100);
  const anyText = fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc
      .array(fc.constantFrom('<', '>', '"', "'", '&', '`', '=', '/', '-->', ']]>', 'b', ' '), {
        minLength: 1,
      })
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      assert.deepEqual(skeletonOf(pageOf(text)), plain);
    }),
    { numRuns: 60 },
  );
});

test('times, versions and both sides stand at the top', () => {
  const html = assessHtml(reportOf([]));
  const top = html.slice(html.indexOf('<header>'), html.indexOf('</header>'));
  for (const text of [
    '2026-11-22T03:04:05.000Z',
    '22 Nov 2026, 04:04:05 CET',
    'sqlferry 0.1.0',
    'OnPremNode to SQLVM',
  ])
    assert.ok(top.includes(text), text);
  assert.match(html, /<strong>Ready<\/strong>/u);
});
