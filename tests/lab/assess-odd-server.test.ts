/** Servers that answer in part, stop answering, are newer than known, or are no SQL Server at all. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { assess } from '../../src/assess/assess.ts';
import type { SideFacts } from '../../src/model/assess-facts.ts';
import { startAssessLab, type AssessLab } from '../support/assess-lab.ts';
import { lookAtOddServer, type Oddity } from '../support/odd-server.ts';

async function facts(
  t: TestContext,
  lab: AssessLab,
  { oddity, limitMs = 20_000 }: { readonly oddity: Oddity; readonly limitMs?: number },
): Promise<SideFacts> {
  const { migration } = lab;
  return lookAtOddServer(t, {
    endpoint: lab.world.endpoint(migration.source.instances[0].name),
    oddity,
    migration,
    user: 'sa',
    password: 'a test world has one password',
    limitMs,
  });
}

test('what a server does not answer well costs one fact, or the server, and is named', async (t) => {
  const lab = await startAssessLab(t, { title: 'odd server', stage: 'endpoints', expect: [] });

  await t.test('an error in one rowset makes its part unknown and no other', async () => {
    const seen = await facts(t, lab, { oddity: { failsIn: 'part_files' } });
    assert.equal(seen.connection.kind, 'connected');
    assert.ok(!seen.files.known && /50000|part_files/u.test(seen.files.because));
    assert.ok(seen.databases.known && seen.endpoints.known && seen.availabilityGroups.known);
    assert.equal(seen.databases.value[0]?.sizeBytes, null);
  });

  await t.test(
    'a server that hangs keeps what it said, and the part it was busy with is named',
    async () => {
      const seen = await facts(t, lab, {
        oddity: { hangsBefore: 'part_endpoints' },
        limitMs: 2500,
      });
      assert.equal(seen.connection.kind, 'broken');
      assert.equal(seen.connection.during, 'part_endpoints');
      assert.match(seen.connection.problem.because.join(), /within 2500 ms/u);
      assert.ok(seen.server.known && seen.databases.known);
      assert.ok(!seen.endpoints.known);
      assert.match(
        seen.endpoints.because,
        /broke off before part_endpoint.* busy with part_endpoints/u,
      );
      const target = (await lab.facts('sa', lab.migration)).target;
      const { findings } = assess({ source: seen, target, replicas: [] }, lab.migration);
      const outcome = (id: string): string | undefined =>
        findings.find((finding) => finding.id === id)?.outcome;
      assert.equal(outcome('SRC-REACH'), 'error');
      assert.equal(outcome('SRC-VERSION'), 'success');
      assert.equal(outcome('SRC-EP-EXISTS'), 'unknown');
    },
  );

  await t.test('a version that is not known yet is asked like the newest known one', async () => {
    const claims = { product_version: '18.0.1000.1' };
    const seen = await facts(t, lab, { oddity: { major: 18, claims } });
    assert.ok(seen.server.known && seen.databases.known && seen.endpoints.known);
    assert.equal(seen.server.value.versionMajor, 18);
    const target = (await lab.facts('sa', lab.migration)).target;
    const { findings } = assess({ source: seen, target, replicas: [] }, lab.migration);
    const known = findings.find(({ id }) => id === 'SRC-VERSION-KNOWN');
    assert.equal(known?.outcome, 'warning');
    assert.match(known.evidence, /18\.0\.1000\.1/u);
  });

  for (const [engine, name, instead] of [
    [5, 'Azure SQL Database', /BACPAC/u],
    [8, 'Azure SQL Managed Instance', /Managed Instance link/u],
  ] as const) {
    await t.test(`${name} is refused with what to use instead`, async () => {
      const claims = {
        engine_edition: engine,
        edition: 'SQL Azure',
        product_version: '12.0.2000.8',
      };
      const seen = await facts(t, lab, { oddity: { claims } });
      assert.equal(seen.connection.kind, 'unreachable');
      const { problem } = seen.connection;
      assert.equal(problem.code, 'SF-NET-006');
      assert.match(problem.summary, new RegExp(`is ${name}, not an instance of SQL Server`, 'u'));
      assert.match(problem.remedy, instead);
      assert.ok(!seen.databases.known);
    });
  }
});
