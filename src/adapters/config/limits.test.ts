import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { defaultWaitingLimits } from '../../model/waiting.ts';
import { loadMigrationOnly } from './load-migration.ts';

const file = `version: 1
name: contoso-erp
databases: [Adventureworks]
distributedAvailabilityGroup: DAG
source:
  availabilityGroup: OnPremAG
  instances: [{name: OnPremNode, fqdn: OnPremNode.contoso.com}]
target:
  availabilityGroup: AzureAG
  instances: [{name: SQLVM, fqdn: SQLVM.contoso.com}]
auth:
  source: {kind: sql-login, user: sa, password: {env: SOURCE_PASSWORD}}
  target: {kind: sql-login, user: sa, password: {env: TARGET_PASSWORD}}
`;

function read(t: TestContext, limits: string): ReturnType<typeof loadMigrationOnly> {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-limits-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'sqlferry.yaml');
  writeFileSync(path, `${file}${limits}`);
  return loadMigrationOnly(path);
}

test('a file without limits has those the code runs with', (t) => {
  const loaded = read(t, '');
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.value.limits, defaultWaitingLimits);
});

test('a limit that is named counts, and the others stay', (t) => {
  const loaded = read(t, 'limits: {connect: 2m, logUsed: 90}\n');
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.value.limits, {
    ...defaultWaitingLimits,
    connectMs: 120_000,
    logUsedPercent: 90,
  });
});

test('a limit without a unit, out of range or unknown is refused at its place', (t) => {
  for (const [limits, wanted] of [
    ['limits: {connect: 10}\n', /14:19.*duration such as 500ms/u],
    ['limits: {logUsed: 0}\n', /14:19/u],
    ['limits: {logUsed: 101}\n', /14:19/u],
    ['limits: {conect: 10s}\n', /14:10.*conect.*connect/u],
  ] as const) {
    const loaded = read(t, limits);
    assert.ok(!loaded.ok, limits);
    const said = loaded.error.map(({ summary, because, remedy }) =>
      [summary, ...because, remedy].join(' '),
    );
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', wanted);
  }
});
