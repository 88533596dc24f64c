import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matchExpected } from '../e2e/golden.ts';
import { hostileReport, ordinaryReport, reportOf } from '../support/assess-report.ts';
import { makeFinding } from '../support/finding.ts';
import type { AssessReport } from '../../src/cli/output/assess-report.ts';
import { assessScreen } from '../../src/cli/output/assess-screen.ts';
import { displayWidth } from '../../src/cli/output/format.ts';
import { makeStyle } from '../../src/cli/output/style.ts';

const GOLDEN = new URL('./golden/', import.meta.url).pathname;

function screenOf(
  report: AssessReport,
  more: { readonly width?: number; readonly all?: boolean; readonly color?: boolean } = {},
): string {
  const { assessment, waivers, comparison, estimates, migration } = report;
  return assessScreen({
    assessment,
    waivers,
    comparison,
    estimates,
    migration: migration.name,
    between: 'OnPremNode to SQLVM',
    width: more.width ?? 100,
    style: makeStyle(more.color === true),
    all: more.all === true,
  });
}

for (const width of [80, 120, 200]) {
  test(`the screen at ${width} columns is the one that was looked at, and no line is wider`, () => {
    const screen = screenOf(ordinaryReport(), { width });
    for (const line of screen.split('\n')) assert.ok(displayWidth(line) <= width, line);
    matchExpected(`${GOLDEN}assess-${width}.txt`, screen);
  });
}

test('the verdict comes first, then what blocks, then what to do, and the verdict ends a long screen', () => {
  const screen = screenOf(ordinaryReport());
  const order = ['not ready', 'what blocks', 'what could not be seen', 'next', '-> ALTER'];
  const places = order.map((text) => screen.indexOf(text));
  assert.ok(!places.includes(-1), screen);
  assert.deepEqual(
    places,
    places.toSorted((left, right) => left - right),
  );
  assert.ok(screen.lastIndexOf('not ready') > (places.at(-1) ?? 0));
});

test('87 databases with one trouble take one entry with a count, names and one example', () => {
  const screen = screenOf(ordinaryReport());
  assert.match(screen, /87 of 100 databases/u);
  assert.equal(screen.match(/is in the SIMPLE model/gu)?.length, 1);
  assert.match(screen, /and 86 more like this/u);
});

test('families with trouble come first, and the articles bullets first among equals', () => {
  const screen = screenOf(
    reportOf([
      makeFinding('A-FINE', 'success', { family: 'instance' }),
      makeFinding('B-OWN', 'error', { family: 'databases' }),
      makeFinding('C-SEED', 'error', { family: 'databases', seed: 'SEED-SRC-X' }),
      makeFinding('D-DOUBT', 'warning', { family: 'endpoint' }),
    ]),
  );
  const below = screen.slice(screen.indexOf('\ndatabases\n'));
  const order = ['C-SEED', 'B-OWN', '\nendpoint\n', 'D-DOUBT', '\ninstance\n'];
  const places = order.map((text) => below.indexOf(text));
  assert.ok(!places.includes(-1), screen);
  assert.deepEqual(
    places,
    places.toSorted((left, right) => left - right),
    screen,
  );
  assert.match(below, /C-SEED {2}what must hold \(article\)/u);
});

test('what is in order takes one line per family, and one per rule with --all', () => {
  const report = ordinaryReport();
  assert.doesNotMatch(screenOf(report), /DB-ONLINE/u);
  assert.match(screenOf(report), /✓ 2 rules in order \(113 places\)/u);
  assert.match(
    screenOf(report, { all: true }),
    /✓ DB-ONLINE {2}The database is ONLINE {2}100 databases/u,
  );
});

test('without colour every standing has a mark of its own, and colour changes no text', () => {
  const plain = screenOf(ordinaryReport());
  for (const mark of [
    '✗ DB-RECOVERY-FULL',
    '? TGT-LOGIN',
    '~ DB-OWNER',
    '! PAIR-COLLATION',
    '- NET-FIREWALL',
    '· 1 rule',
    '✓ 1 rule',
  ])
    assert.ok(plain.includes(mark), mark);
  // oxlint-disable-next-line no-control-regex -- the escape codes are what is taken out
  const painted = screenOf(ordinaryReport(), { color: true }).replaceAll(/\u001B\[\d+m/gu, '');
  assert.equal(painted, plain);
});

test('a waived blocker is shown with its reason, and an expired waiver is named', () => {
  const screen = screenOf(ordinaryReport(), { width: 200 });
  assert.match(
    screen,
    /~ DB-OWNER[^\n]*\n[^\n]*\n\s+waived until 2026-12-31: The owner is mended/u,
  );
  assert.match(
    screen,
    /waivers without effect \(1\)\n {2}! DB-RECOVERY-FULL {2}expired on 2026-08-31/u,
  );
  assert.match(screen, /1 of these waived/u);
});

test('a comparison says what was fixed and what is new, with places', () => {
  const { assessment } = ordinaryReport();
  const [one, two, three] = assessment.findings;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const comparison = {
    file: 'before.json',
    at: null,
    fixed: [one],
    appeared: [two],
    changed: [],
    gone: [three],
  };
  const screen = screenOf(reportOf(assessment.findings, { comparison }));
  assert.match(screen, /✓ fixed \(1\): SRC-VERSION \[OnPremNode\]/u);
  assert.match(screen, /\+ new \(1\): TGT-EP-ADDRESS \[SQLVM\]/u);
  assert.match(screen, /· not asked any more \(1\): TGT-LOGIN/u);
  const nothing = screenOf(
    reportOf([], { comparison: { ...comparison, fixed: [], appeared: [], gone: [] } }),
  );
  assert.match(nothing, /nothing was fixed and nothing is new/u);
});

test('no name moves the cursor or starts a line of its own', () => {
  const screen = screenOf(hostileReport(), { width: 80, all: true });
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  assert.doesNotMatch(screen, /[\u0000-\u0009\u000B-\u001F\u202E]/u);
  assert.doesNotMatch(screen, /^GO$/mu);
});
