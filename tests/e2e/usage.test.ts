/** What goes wrong before any server is asked: options, files, secrets. Each has its exit code. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

import { documentOf, expectCli, temporaryFolder } from './harness.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

const GOOD = `version: 1
name: contoso-erp
databases: [Adventureworks]
distributedAvailabilityGroup: DAG
source:
  availabilityGroup: OnPremAG
  instances:
    - {name: OnPremNode, fqdn: OnPremNode.contoso.com, connect: {address: 127.0.0.1, port: 1}}
target:
  availabilityGroup: AzureAG
  instances:
    - {name: SQLVM, fqdn: SQLVM.contoso.com, connect: {address: 127.0.0.1, port: 1}}
auth:
  source: {kind: sql-login, user: sa, password: {env: SQLFERRY_TEST_PASSWORD}}
  target: {kind: sql-login, user: sa, password: {env: SQLFERRY_TEST_PASSWORD}}
`;

const PASSWORD = 'S3cret-that-must-not-appear';
const env = { SQLFERRY_TEST_PASSWORD: PASSWORD };

function fileWith(t: TestContext, text: string): string {
  const path = join(temporaryFolder(t), 'sqlferry.yaml');
  writeFileSync(path, text);
  return path;
}

test('a missing migration file ends with 2 and is named', async () => {
  const { stderr, stdout } = await expectCli(2, ['assess', '-f', '/nowhere/sqlferry.yaml']);
  assert.match(stderr, /\/nowhere\/sqlferry\.yaml/u);
  assert.match(stderr, /SF-CFG-001/u);
  assert.equal(stdout, '');
});

test('a migration file that cannot be read ends with 2', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'sqlferry.yaml'));
  await expectCli(2, ['assess'], { cwd: folder });
  const path = fileWith(t, GOOD);
  chmodSync(path, 0o000);
  // root reads everything: the folder above is the case that holds for everybody.
  if (process.getuid?.() !== 0) await expectCli(2, ['assess', '-f', path]);
});

test('broken YAML ends with 2 and names file, line and column', async (t) => {
  const path = fileWith(
    t,
    GOOD.replace('databases: [Adventureworks]', 'databases: [Adventureworks'),
  );
  const { stderr } = await expectCli(2, ['plan', '-f', path]);
  assert.match(stderr, /sqlferry\.yaml:\d+:\d+: /u);
  assert.match(stderr, /SF-CFG-002/u);
});

test('an unknown key ends with 2 and the right one is suggested', async (t) => {
  const path = fileWith(
    t,
    GOOD.replace('distributedAvailabilityGroup', 'distributedAvailabiltyGroup'),
  );
  const { stderr } = await expectCli(2, ['migrate', '-f', path]);
  assert.match(stderr, /sqlferry\.yaml:4:1: /u);
  assert.match(stderr, /did you mean "distributedAvailabilityGroup"/u);
});

test('a literal password ends with 2 and is not repeated anywhere', async (t) => {
  const path = fileWith(t, GOOD.replace('{env: SQLFERRY_TEST_PASSWORD}', PASSWORD));
  const { stdout, stderr } = await expectCli(2, ['assess', '--json', '--debug', '-f', path]);
  assert.match(stderr, /SF-CFG-005/u);
  assert.ok(!`${stdout}${stderr}`.includes(PASSWORD));
});

test('an unknown environment variable ends with 2 and is named', async (t) => {
  const path = fileWith(t, GOOD);
  const { stderr } = await expectCli(2, ['status', '-f', path], { env: {} });
  assert.match(stderr, /SQLFERRY_TEST_PASSWORD/u);
});

test('with --json the problem is a document on stdout', async () => {
  const result = await expectCli(2, ['assess', '--json', '-f', '/nowhere/sqlferry.yaml']);
  const problem = documentOf(result)['problem'] as Record<string, unknown>;
  assert.equal(problem['code'], 'SF-CFG-001');
});

test('an unknown option, command or missing command ends with 2 and suggests', async () => {
  assert.match((await expectCli(2, ['assess', '--jsn'])).stderr, /--json/u);
  assert.match((await expectCli(2, ['asess'])).stderr, /assess/u);
  assert.match((await expectCli(2, [])).stderr, /Commands:/u);
});

test('help of the program and of every command ends with 0', async () => {
  const { stdout } = await expectCli(0, ['--help']);
  const names = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gmu)].map((match) => match[1] ?? '');
  for (const name of [
    'assess',
    'plan',
    'migrate',
    'status',
    'cutover',
    'abort',
    'failback',
    'diagnose',
    'watch',
    'finish',
    'lab',
    'demo',
  ]) {
    assert.ok(names.includes(name), `${name} is in the list of commands`);
  }
  for (const name of names) await expectCli(0, [name, '--help']);
});

test('servers that are not reachable end with 1 and name the address', async (t) => {
  const path = fileWith(t, GOOD);
  const { stderr } = await expectCli(1, ['plan', '-f', path], { env });
  assert.match(stderr, /127\.0\.0\.1/u);
  assert.ok(!stderr.includes(PASSWORD));
});

test('an outage budget that nothing can keep, and a time in the past, are usage errors', async (t) => {
  const path = fileWith(t, GOOD);
  for (const budget of ['0s', '999ms', '-5s', 'soon']) {
    const { stderr } = await expectCli(2, ['cutover', '-f', path, `--max-outage=${budget}`], {
      env,
    });
    assert.match(stderr, /--max-outage/u, budget);
  }
  const { stderr: long } = await expectCli(2, ['cutover', '-f', path, '--max-outage=597h'], {
    env,
  });
  assert.match(long, /--max-outage 597h is too long; allowed: at most 24h/u);
  for (const [at, words] of [
    ['2020-01-01T00:00Z', /in the past: it is 20\d\d-/u],
    ['2099-01-01T00:00Z', /away; allowed: at most 7 days/u],
    ['2026-11-22T03:00', /allowed: a time with its zone/u],
    ['2026-02-30T00:00Z', /allowed: a time with its zone/u],
  ] as const) {
    const { stderr } = await expectCli(2, ['cutover', '-f', path, '--at', at], { env });
    assert.match(stderr, words, at);
  }
  const loss = ['--accept-data-loss', '--at', new Date(Date.now() + 3_600_000).toISOString()];
  await expectCli(2, ['cutover', '-f', path, ...loss], { env });
});

test('resolving a split brain needs a side', async (t) => {
  const path = fileWith(t, GOOD);
  const { stderr } = await expectCli(2, ['diagnose', '-f', path, '--resolve-split-brain', 'left'], {
    env,
  });
  assert.match(stderr, /source or target/u);
});

test('--version runs on Node 24 whatever Node is on the PATH, and through npx', async (t) => {
  const run = promisify(execFile);
  const version = await run('npx', ['--no-install', 'sqlferry', '--version'], { cwd: ROOT });
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/u);
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'node'), '#!/bin/sh\nexit 99\n', { mode: 0o755 });
  const { stdout } = await expectCli(0, ['--version', '--json'], {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
  });
  assert.match((JSON.parse(stdout) as { node: string }).node, /^24\./u);
});
