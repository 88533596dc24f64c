import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makeFinding } from '../../../tests/support/finding.ts';
import { compareFindings, readBaseline } from './assess-baseline.ts';
import { jsonDocument } from './json.ts';

const ids = (findings: readonly { readonly id: string }[]): readonly string[] =>
  findings.map(({ id }) => id);

test('what was mended, what is new, what changed and what is not asked any more are told apart', () => {
  const before = [
    makeFinding('A', 'error'),
    makeFinding('B', 'success'),
    makeFinding('C', 'error', { evidence: 'SIMPLE' }),
    makeFinding('D', 'warning', { database: 'Gone' }),
    makeFinding('E', 'unknown'),
    makeFinding('F', 'warning'),
    makeFinding('G', 'error'),
  ];
  const now = [
    makeFinding('A', 'success'),
    makeFinding('B', 'warning'),
    makeFinding('C', 'error', { evidence: 'BULK_LOGGED' }),
    makeFinding('E', 'skipped'),
    makeFinding('F', 'warning'),
    makeFinding('G', 'error', { waived: { reason: 'agreed', expires: '2027-01-01' } }),
    makeFinding('H', 'error', { database: 'New' }),
    makeFinding('I', 'success', { database: 'New' }),
  ];
  const { fixed, appeared, changed, gone } = compareFindings(before, now);
  assert.deepEqual(ids(fixed), ['A', 'E']);
  assert.deepEqual(ids(appeared), ['B', 'H']);
  assert.deepEqual(
    changed.map((pair) => [pair.before.evidence, pair.now.id]),
    [
      ['SIMPLE', 'C'],
      ['Seen for G: a value.', 'G'],
    ],
  );
  assert.deepEqual(ids(gone), ['D']);
});

test('an assessment compared with itself shows nothing, whatever names it holds', () => {
  const same = ["a'b", 'a]b', 'a\nb', '😀', 'A'.repeat(128)].map((database) =>
    makeFinding('DB-OWNER', 'error', { database }),
  );
  const read = readBaseline(jsonDocument({ findings: same }));
  assert.ok(read.ok);
  assert.deepEqual(compareFindings(read.value.findings, same), {
    fixed: [],
    appeared: [],
    changed: [],
    gone: [],
  });
});

test('the same rule on both sides and in two databases are different findings', () => {
  const before = [makeFinding('A', 'error', { side: 'source', database: 'x' })];
  const now = [
    makeFinding('A', 'error', { side: 'target', database: 'x' }),
    makeFinding('A', 'success', { side: 'source', database: 'x' }),
  ];
  const { fixed, appeared } = compareFindings(before, now);
  assert.deepEqual([ids(fixed), ids(appeared)], [['A'], ['A']]);
});

test('a file that is no assessment is refused with the place', () => {
  const finding = { ...makeFinding('A', 'error') };
  const cases: readonly [string, RegExp][] = [
    ['', /not JSON/u],
    ['[]', /not one JSON object/u],
    ['{"problem":{}}', /did not end/u],
    ['{}', /^findings: expected a list/u],
    ['{"findings":[7]}', /^findings\[0\]\.id/u],
    [
      jsonDocument({ findings: [finding, { ...finding, outcome: 'bad' }] }),
      /^findings\[1\]\.outcome: found "bad"; allowed: error, warning/u,
    ],
    [jsonDocument({ findings: [{ ...finding, side: 3 }] }), /^findings\[0\]\.side/u],
  ];
  for (const [text, expected] of cases) {
    const read = readBaseline(text);
    assert.ok(!read.ok, text);
    assert.match(read.error, expected);
  }
});

test('a document of the version before, without times and waivers, is still read', () => {
  const { waived: _, family: __, ...old } = makeFinding('A', 'error');
  const read = readBaseline(jsonDocument({ verdict: 'not-ready', findings: [old] }));
  assert.ok(read.ok);
  assert.deepEqual([read.value.migration, read.value.at], [null, null]);
  assert.equal(read.value.findings[0]?.waived, null);
});
