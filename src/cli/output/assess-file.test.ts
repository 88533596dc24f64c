/** What the assessment writes into files: JUnit, JSON, the fix script. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';

import {
  hostileNames,
  hostileReport,
  ordinaryReport,
  reportOf,
} from '../../../tests/support/assess-report.ts';
import { makeFinding } from '../../../tests/support/finding.ts';
import { sqlcmdBatches } from '../../../tests/support/sqlcmd.ts';
import { parseBatch } from '../../lab/tsql/parse.ts';
import { assessFixScript } from './assess-fix-script.ts';
import { assessDocument } from './assess-json.ts';
import { assessJunit } from './assess-junit.ts';
import type { AssessReport } from './assess-report.ts';
import { jsonDocument } from './json.ts';

const mixed = reportOf([
  makeFinding('A', 'success'),
  makeFinding('B', 'error', { database: '<b>&"x' }),
  makeFinding('C', 'skipped'),
  makeFinding('D', 'unknown'),
  makeFinding('E', 'warning'),
  makeFinding('F', 'error', { waived: { reason: 'agreed "so"', expires: '2026-12-31' } }),
]);

test('JUnit counts errors as failures, unknown as errors, waived as skipped, and escapes names', () => {
  const xml = assessJunit(mixed.assessment, 'erp');
  assert.match(xml, /tests="6" failures="1" errors="1" skipped="2"/u);
  assert.equal(xml.match(/<failure /gu)?.length, 1);
  assert.match(xml, /<skipped message="waived until 2026-12-31: agreed &quot;so&quot;; error: /u);
  assert.match(xml, /&lt;b&gt;&amp;&quot;x/u);
  assert.ok(!xml.includes('<b>'));
});

function documentOf(report: AssessReport): Readonly<Record<string, unknown>> {
  const { assessment, waivers, comparison, estimates, at, migration } = report;
  const document = assessDocument({
    assessment,
    waivers,
    comparison,
    estimates,
    at,
    migration: migration.name,
  });
  return JSON.parse(jsonDocument(document)) as Readonly<Record<string, unknown>>;
}

test('the JSON document keeps every promised key and only adds to them', () => {
  const document = documentOf(ordinaryReport());
  assert.deepEqual(Object.keys(document), [
    'migration',
    'at',
    'verdict',
    'counts',
    'findings',
    'waivers',
    'estimates',
  ]);
  assert.equal(document['verdict'], 'not-ready');
  assert.deepEqual(Object.keys(Object(document['counts'])).toSorted(), [
    'error',
    'skipped',
    'success',
    'unknown',
    'warning',
  ]);
  const findings = document['findings'] as readonly Readonly<Record<string, unknown>>[];
  assert.deepEqual(Object.keys(findings[0] ?? {}), [
    'id',
    'title',
    'outcome',
    'side',
    'instance',
    'database',
    'evidence',
    'remedy',
    'reference',
    'family',
    'seed',
    'waived',
    'fix',
    'notScripted',
  ]);
  const waived = findings.find(({ id }) => id === 'DB-OWNER');
  assert.equal(waived?.['outcome'], 'error');
  assert.deepEqual(waived?.['waived'], {
    reason: 'The owner is mended after the move (CHG-1).',
    expires: '2026-12-31',
  });
  const fixed = findings.find(({ id }) => id === 'DB-RECOVERY-FULL');
  assert.deepEqual(fixed?.['fix'], {
    instance: 'OnPremNode',
    sql: 'ALTER DATABASE [Sales 001] SET RECOVERY FULL WITH NO_WAIT;',
  });
});

function scriptOf(report: AssessReport): string {
  return assessFixScript({
    assessment: report.assessment,
    migration: report.migration.name,
    at: report.at,
    connectName: (instance) => instance,
  });
}

test('the fix script connects once per instance and has each fix below its finding', () => {
  const script = scriptOf(ordinaryReport());
  assert.deepEqual(script.match(/^:CONNECT .*$/gmu), [':CONNECT OnPremNode']);
  assert.equal(script.match(/^ALTER DATABASE /gmu)?.length, 87);
  assert.match(
    script,
    /-- DB-RECOVERY-FULL \(error\) \[OnPremNode\] \[Sales 087\]: The recovery model is FULL\n-- found: \[Sales 087\] is in the SIMPLE model\.\nALTER DATABASE \[Sales 087\] SET RECOVERY FULL WITH NO_WAIT;\nGO\n/u,
  );
});

test('what no script mends is listed with its reason: the rule, a waiver, a decision, what was not seen', () => {
  const script = scriptOf(ordinaryReport());
  const left = script.slice(script.indexOf('-- Not scripted'));
  assert.match(left, /TGT-EP-ADDRESS[\s\S]*?-- not scripted: The sessions of every group/u);
  assert.match(left, /DB-OWNER[\s\S]*?-- not scripted: waived until 2026-12-31/u);
  assert.match(left, /PAIR-COLLATION[\s\S]*?-- not scripted: it needs a decision/u);
  assert.match(left, /TGT-LOGIN[\s\S]*?-- not scripted: it could not be seen/u);
  assert.doesNotMatch(left, /^(?!--)./mu);
});

test('hostile names leave neither comment nor literal nor batch, and every batch parses', () => {
  const script = scriptOf(hostileReport());
  const batches = sqlcmdBatches(script).flatMap((part) => part.batches);
  const statements = batches.flatMap((batch) => {
    const parsed = parseBatch(batch);
    assert.ok(parsed.ok, `${batch}\n${parsed.ok ? '' : parsed.error.text}`);
    return batch.split('\n').filter((line) => line !== '' && !line.startsWith('--'));
  });
  const expected = hostileNames.filter((name) => !/\p{Cc}/u.test(name));
  assert.deepEqual(statements, [
    'USE [master];',
    ...expected.map(
      (name) => `ALTER DATABASE [${name.replaceAll(']', ']]')}] SET RECOVERY FULL WITH NO_WAIT;`,
    ),
  ]);
  assert.match(script, /not scripted: a name in it holds a line break/u);
  // Without the detour sqlcmd would put its own variables into the names.
  assert.doesNotMatch(script, /\$\((?!sqlferry_dollar\)\()/u);
});

test('the name of an instance stays on its :CONNECT line and brings no variable', () => {
  const instance = 'SQL$(PATH)\n!!echo gone\nGO';
  const fix = {
    instance,
    changes: [{ kind: 'start-endpoint' as const, endpoint: 'Hadr_endpoint' }],
  };
  const script = scriptOf(reportOf([makeFinding('EP-STARTED', 'warning', { instance, fix })]));
  assert.doesNotMatch(script, /^!!/mu);
  assert.deepEqual(
    sqlcmdBatches(script).map(({ batches }) => batches.length),
    [2],
  );
  assert.match(script, /^:CONNECT SQL\$\(sqlferry_dollar\)\(PATH\) !!echo gone GO$/mu);
});

test('whatever a database is called, the script changes that database or says that it cannot', () => {
  const anyName = fc.string({ minLength: 1, maxLength: 60, unit: 'binary' });
  fc.assert(
    fc.property(fc.oneof(anyName, fc.constantFrom(...hostileNames)), (database) => {
      const changes = [
        { kind: 'database-option' as const, database, option: 'AUTO_SHRINK OFF' as const },
      ];
      const finding = makeFinding('DB-X', 'warning', {
        database,
        title: database,
        evidence: database,
        fix: { instance: 'OnPremNode', changes },
      });
      const batches = sqlcmdBatches(scriptOf(reportOf([finding]))).flatMap((part) => part.batches);
      const statements = batches.flatMap((batch) =>
        batch.split('\n').filter((line) => line !== '' && !line.startsWith('--')),
      );
      const own = `ALTER DATABASE [${database.replaceAll(']', ']]')}] SET AUTO_SHRINK OFF WITH NO_WAIT;`;
      const cannot = /[\p{Cc}\u2028\u2029]/u.test(database);
      assert.deepEqual(statements, cannot ? [] : ['USE [master];', own]);
    }),
  );
});
