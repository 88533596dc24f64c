import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countOutcomes, verdictOf } from '../../assess/assess.ts';
import type { Assessment, Finding, Outcome } from '../../model/finding.ts';
import { assessHtml } from './assess-html.ts';
import { assessJunit } from './assess-junit.ts';
import { assessScreen } from './assess-screen.ts';
import { makeStyle } from './style.ts';

const finding = (id: string, outcome: Outcome, more: Partial<Finding> = {}): Finding => ({
  id,
  title: 'what must hold',
  outcome,
  side: 'source',
  instance: 'OnPremNode',
  database: null,
  evidence: `Seen for ${id}: a value.`,
  remedy: outcome === 'error' ? 'ALTER DATABASE [x] SET RECOVERY FULL;' : '',
  reference: 'https://learn.microsoft.com/',
  family: 'databases',
  seed: null,
  fix: null,
  notScripted: null,
  waived: null,
  ...more,
});

function assessment(findings: readonly Finding[]): Assessment {
  const counts = countOutcomes(findings);
  return { verdict: verdictOf(counts), counts, findings };
}

const mixed = assessment([
  finding('SRC-VERSION', 'success', { title: 'SQL Server 2017 or later' }),
  finding('DB-RECOVERY-FULL', 'error', { database: '<b>&"x' }),
  finding('NET-VPN', 'skipped', { side: null, instance: null, remedy: 'Ask the network team.' }),
  finding('TGT-LOGIN', 'unknown', { side: 'target', instance: 'SQLVM' }),
  finding('SRC-EDITION', 'warning'),
]);

test('what must be mended comes first, with its remedy, and the verdict last', () => {
  const screen = assessScreen({
    assessment: mixed,
    migration: 'erp',
    width: 100,
    style: makeStyle(false),
  });
  const order = [
    'DB-RECOVERY-FULL',
    'TGT-LOGIN',
    'SRC-EDITION',
    'NET-VPN',
    '2017 or later',
    'not ready',
  ];
  const places = order.map((text) => screen.indexOf(text));
  assert.deepEqual(
    places,
    places.toSorted((left, right) => left - right),
    screen,
  );
  assert.ok(!places.includes(-1));
  assert.match(screen, /-> ALTER DATABASE \[x\] SET RECOVERY FULL;/u);
  for (const line of screen.split('\n')) assert.ok(line.length <= 100, line);
});

test('a rule that holds in many places takes one line', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((database) =>
    finding('DB-STATE', 'success', { database: `a database with a long name ${database}` }),
  );
  const screen = assessScreen({
    assessment: assessment(many),
    migration: 'erp',
    width: 100,
    style: makeStyle(false),
  });
  assert.equal(screen.match(/what must hold/gu)?.length, 1);
  assert.match(screen, /5 places/u);
});

test('JUnit counts errors as failures and unknown as errors, and escapes names', () => {
  const xml = assessJunit(mixed, 'erp');
  assert.match(xml, /tests="5" failures="1" errors="1" skipped="1"/u);
  assert.match(xml, /&lt;b&gt;&amp;&quot;x/u);
  assert.ok(!xml.includes('<b>'));
});

test('the page escapes names and needs nothing from outside', () => {
  const html = assessHtml({
    assessment: mixed,
    migration: 'erp',
    source: 'OnPremNode',
    target: 'SQLVM',
    at: '2026-11-21T21:00:00.000Z',
  });
  assert.ok(!html.includes('<b>&"x'));
  assert.ok(!/<(?:script|link|img)\b/u.test(html));
});
