/** Servers that are not as they should be: what the commands say, and their exit codes. */

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { documentOf, expectCli, startLab } from './harness.ts';

/** A database name that tries everything: brackets, quotes, spaces, emoji, up to 128 characters. */
const HOSTILE = `a]b[c]]"d' e😀 ${'x'.repeat(110)}`.slice(0, 128);

test('reaching a server goes wrong in ways that are told apart', async (t) => {
  const lab = await startLab(t);
  const original = readFileSync(lab.file, 'utf8');
  const restore = (): void => writeFileSync(lab.file, original);

  await t.test('wrong port: 1, and the address is named', async () => {
    const [instance] = lab.lab.instances;
    assert.ok(instance);
    lab.edit((text) => text.replace(`port: ${instance.port}`, 'port: 1'));
    const { stderr } = await lab.cli(1, 'assess');
    restore();
    assert.ok(stderr.includes(instance.address), stderr);
    assert.match(stderr, /SF-NET-/u);
  });

  await t.test('something that is not a SQL Server: 1', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.0 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const [instance] = lab.lab.instances;
    assert.ok(instance);
    lab.edit((text) =>
      text
        .replace(`port: ${instance.port}`, `port: ${port}`)
        .replace(instance.address, '127.0.0.1'),
    );
    await lab.cli(1, 'assess');
    restore();
    server.close();
  });

  await t.test('wrong password: 1, error 18456, and the password is not repeated', async () => {
    const wrong = join(lab.folder, 'wrong-password');
    writeFileSync(wrong, 'Wrong-but-s3cret', { mode: 0o600 });
    lab.edit((text) => text.replaceAll(/^ {6}file: .*$/gmu, `      file: ${wrong}`));
    const { stderr, stdout } = await lab.cli(1, 'assess', '--json');
    restore();
    assert.match(stderr, /18456/u);
    assert.ok(!`${stdout}${stderr}`.includes('Wrong-but-s3cret'));
  });

  await t.test('a certificate nobody vouches for: 1', async () => {
    lab.edit((text) => text.replace(/^ {2}ca: .*\n/mu, ''));
    const { stderr } = await lab.cli(1, 'assess');
    restore();
    assert.match(stderr, /SF-TDS-/u);
  });

  await t.test('a database that is not there is found before anything is changed', async () => {
    lab.edit((text) => text.replace(/^databases:\n(?: {2}- .*\n)+/mu, 'databases: [Nowhere]\n'));
    const result = await lab.cli(4, 'assess', '--json');
    const findings = documentOf(result)['findings'] as readonly Record<string, unknown>[];
    assert.ok(
      findings.some(({ outcome, database }) => outcome === 'error' && database === 'Nowhere'),
      result.stdout,
    );
    await lab.cli(4, 'migrate', '--yes');
    restore();
    assert.deepEqual(await lab.sql('OnPremNode', 'SELECT name FROM sys.availability_groups'), []);
  });

  await t.test('a login without rights gives unknown, never success', async () => {
    const visitor = lab.lab.logins.find(({ user }) => user === 'visitor');
    assert.ok(visitor);
    lab.edit((text) =>
      text
        .replaceAll('user: sa', 'user: visitor')
        .replaceAll(/^ {6}file: .*$/gmu, `      file: ${visitor.passwordFile}`),
    );
    const result = await lab.cli(3, 'assess', '--json');
    restore();
    const document = documentOf(result);
    assert.equal(document['verdict'], 'unknown');
    assert.ok(Number((document['counts'] as Record<string, number>)['unknown']) > 0);
  });

  await t.test('--only takes the rules it names, and refuses what is none', async () => {
    const { stdout } = await lab.cli(0, 'assess', '--only', 'src-version', '--json');
    const findings = (JSON.parse(stdout) as { findings: readonly { id: string }[] }).findings;
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['SRC-VERSION'],
    );
    await lab.cli(2, 'assess', '--only', 'SRC-VERSION,NOPE');
    await lab.cli(2, 'assess', '--side', 'left');
    assert.match((await lab.cli(0, 'assess', '--quiet')).stdout, /^ready\S*\n$/u);
  });

  await t.test('a server that is down: status shows the other side and ends with 1', async () => {
    await lab.fault('crash', 'SQLVM');
    const result = await lab.cli(1, 'status', '--json');
    const document = documentOf(result);
    assert.equal((document['target'] as Record<string, unknown>)['connected'], false);
    assert.equal((document['source'] as Record<string, unknown>)['connected'], true);
    assert.equal(document['phase'], 'unknown');
    await lab.fault('restart', 'SQLVM');
    await lab.cli(0, 'status');
  });
});

/** A lab whose source differs from what a migration needs. */
function labYaml(source: string, database = 'Shop', target = 'databases: []'): string {
  return `version: 1
name: bad
instances:
  - name: OnPremNode
    side: source
    domain: contoso.com
    serviceAccount: 'CONTOSO\\sqlservice'
    ${source}
  - name: SQLVM
    side: target
    domain: contoso.com
    serviceAccount: 'CONTOSO\\sqlservice'
    ${target}
`.replaceAll('DATABASE', JSON.stringify(database));
}

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    'Always On is off',
    labYaml('alwaysOn: disabled\n    databases: [{name: DATABASE}]'),
    /HADR|ALWAYS/iu,
  ],
  ['Standard edition', labYaml('edition: Standard\n    databases: [{name: DATABASE}]'), /EDITION/u],
  ['no full backup', labYaml('databases: [{name: DATABASE, fullBackup: false}]'), /BACKUP/u],
  [
    'recovery model SIMPLE',
    labYaml('databases: [{name: DATABASE, recoveryModel: SIMPLE}]'),
    /RECOVERY/u,
  ],
  [
    'the database is already on the target',
    labYaml('databases: [{name: DATABASE}]', 'Shop', 'databases: [{name: Shop}]'),
    /TGT-DATABASE-NAME/u,
  ],
];

for (const [title, yaml, rule] of REFUSED) {
  test(`${title}: assess and migrate end with 4 and say how to mend it`, async (t) => {
    const lab = await startLab(t, { yaml });
    const result = await lab.cli(4, 'assess', '--json');
    const document = documentOf(result);
    assert.equal(document['verdict'], 'not-ready');
    const errors = (document['findings'] as readonly Record<string, unknown>[]).filter(
      ({ outcome }) => outcome === 'error',
    );
    assert.ok(
      errors.some(({ id }) => rule.test(String(id))),
      JSON.stringify(errors),
    );
    for (const error of errors) assert.notEqual(error['remedy'], '', String(error['id']));
    await lab.cli(4, 'migrate', '--yes');
    assert.deepEqual(await lab.sql('OnPremNode', 'SELECT name FROM sys.availability_groups'), []);
  });
}

test('a server that offers no encryption gets no password: 1', async (t) => {
  const lab = await startLab(t, {
    yaml: labYaml('encryption: not-supported\n    databases: [{name: DATABASE}]'),
  });
  const { stderr } = await lab.cli(1, 'assess');
  assert.match(stderr, /encrypt/iu);
});

test('a hostile database name travels the whole way', async (t) => {
  const lab = await startLab(t, { yaml: labYaml('databases: [{name: DATABASE}]', HOSTILE) });
  lab.edit((text) =>
    text.replace(/^databases:.*(?:\n[ -].*)*/mu, `databases: [${JSON.stringify(HOSTILE)}]`),
  );
  await lab.cli(0, 'assess');
  await lab.cli(0, 'migrate', '--yes');
  const document = documentOf(await lab.cli(0, 'status', '--json'));
  assert.equal((document['databases'] as readonly { name: string }[])[0]?.name, HOSTILE);
  await lab.cli(0, 'cutover', '--confirm', 'DAG');
  await expectCli(0, ['finish', '--drop', '--confirm', 'DAG'], { cwd: lab.folder });
});
