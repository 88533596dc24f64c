/** The support bundle against a lab: complete, without a secret, also when a server is away. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { startCliLab } from '../support/cli-lab.ts';

const PARTS = [
  'versions',
  'migration',
  'problems',
  'diagnosis',
  'observation',
  'assessment',
  'plan',
  'journal',
];

test('the support bundle holds every part and no secret', async (t) => {
  const lab = await startCliLab(t, { databases: ['Adventureworks', 'Payroll'] });
  const { directory, loaded } = lab.small;
  const file = join(directory, 'sqlferry.yaml');
  // A secret that only the file's text holds, and one that only the environment holds.
  writeFileSync(file, `${readFileSync(file, 'utf8')}# old: Password=in-a-comment-7\n`);
  const environment = { SQLFERRY_TEST_TOKEN: 'in-the-environment-7' };
  const secrets = [
    loaded.connections.source.password.reveal(),
    loaded.connections.target.password.reveal(),
    environment.SQLFERRY_TEST_TOKEN,
  ];
  assert.ok(secrets.every((secret) => secret.length > 5));
  await lab.run('migrate', { options: { yes: true, wait: false }, json: true });
  // What an operator once noted by hand, with a password in it.
  const journal = join(directory, '.sqlferry', `${loaded.migration.name}.journal.ndjson`);
  const planted = secrets.map((secret) =>
    JSON.stringify({
      previous: '',
      at: '2026-11-22T00:00:00.000Z',
      kind: 'note',
      rule: 'R-X',
      message: `ALTER LOGIN [a] WITH PASSWORD = N'${secret}'; Server=x;Pwd=${secret};`,
      data: { sql: `connect ${secret}` },
    }),
  );
  writeFileSync(journal, `${readFileSync(journal, 'utf8')}${planted.join('\n')}\n`);
  const out = join(directory, 'bundle.txt');

  await t.test('it opens with what is inside, has every part, and no secret in any', async () => {
    const ran = await lab.run('bundle', { options: { out }, environment });
    assert.equal(ran.code, 0, ran.stderr);
    const text = readFileSync(out, 'utf8');
    assert.ok(text.startsWith('sqlferry support bundle\n'));
    for (const part of PARTS) {
      assert.match(text, new RegExp(`^ {2}line +\\d+ {2}${part} `, 'mu'));
      assert.match(text, new RegExp(`^==== ${part} =`, 'mu'));
    }
    for (const secret of [...secrets, 'in-a-comment-7']) assert.ok(!text.includes(secret), secret);
    assert.match(text, /create-availability-group|CREATE AVAILABILITY GROUP/u);
    assert.match(text, /"verdict": "/u);
    assert.match(text, /\[Payroll\]/u);
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    assert.doesNotMatch(text, /[\u0000-\u0009\u000B-\u001F]/u);
  });

  await t.test('with --redact-names no server, host, domain or database is named', async () => {
    const ran = await lab.run('bundle', { options: { out, redactNames: true }, json: true });
    assert.equal(ran.code, 0, ran.stderr);
    const text = readFileSync(out, 'utf8');
    assert.doesNotMatch(text, /OnPremNode|SQLVM|contoso|Adventureworks|Payroll|OnPremAG|AzureAG/iu);
    assert.match(text, /instance-1/u);
    assert.match(text, /database-1/u);
  });

  await t.test('a server that is away is part of the bundle, not its end', async () => {
    assert.ok(lab.small.lab.fault({ fault: 'crash', instance: 'SQLVM' }).ok);
    const ran = await lab.run('bundle', { options: { out } });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /! .*SQLVM.* \(it is in the bundle\)/u);
    const text = readFileSync(out, 'utf8');
    for (const part of PARTS) assert.match(text, new RegExp(`^==== ${part} =`, 'mu'));
    assert.match(text, /target SQLVM: not shown/u);
  });

  await t.test('a folder that is not there is a problem with its path', async () => {
    const ran = await lab.run('bundle', { options: { out: join(directory, 'no', 'x.txt') } });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /SF-CLI-009/u);
  });
});
