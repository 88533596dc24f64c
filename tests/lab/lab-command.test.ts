/** `sqlferry lab ...` as child processes. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { connect, execute } from '../../src/cli/demo/connection.ts';
import type { LabFile } from '../../src/lab/folder.ts';
import { startCli } from '../e2e/harness.ts';

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-lab-cli-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'lab');
}

async function cli(...args: readonly string[]) {
  return await startCli(args).ended;
}

function labFile(directory: string): LabFile {
  return JSON.parse(readFileSync(join(directory, 'lab.json'), 'utf8')) as LabFile;
}

async function selectOne(directory: string, at: number): Promise<unknown> {
  const file = labFile(directory);
  const instance = file.instances[at];
  assert.ok(instance !== undefined);
  const connection = await connect(
    {
      address: instance.address,
      port: instance.port,
      serverName: instance.fqdn,
      user: 'sa',
      passwordFile: join(directory, 'passwords', 'sa'),
      caFile: file.ca,
      database: 'master',
    },
    'test',
  );
  const rows = await execute(connection, 'SELECT 1');
  connection.close();
  return rows;
}

test('lab up prints a line per instance and ready last, and ends cleanly on SIGTERM', async (t) => {
  const directory = folder(t);
  const up = startCli(['lab', 'up', '--dir', directory]);
  await up.sees(/^ready$/mu);
  assert.deepEqual(await selectOne(directory, 0), [[1]]);
  assert.deepEqual(await selectOne(directory, 1), [[1]]);
  up.child.kill('SIGTERM');
  const ended = await up.ended;
  assert.equal(ended.code, 0, ended.stderr);
  const lines = ended.stdout.trim().split('\n');
  assert.match(
    lines[0] ?? '',
    /^OnPremNode at 127\.\d+\.\d+\.\d+:\d+, SQL Server 16\.0\.\d+\.\d+, Adventureworks$/u,
  );
  assert.match(lines[1] ?? '', /^SQLVM at 127\./u);
  assert.equal(lines[2], 'ready');
  assert.ok(!existsSync(join(directory, 'lab.json')));
});

test('lab up --detach returns when the lab is ready; status, fault, reset and down reach it', async (t) => {
  const directory = folder(t);
  const dir = ['--dir', directory];
  const up = await cli('lab', 'up', '--detach', '--base-port', '0', ...dir);
  assert.equal(up.code, 0, up.stderr);
  assert.match(up.stdout, /ready\n$/u);
  assert.deepEqual(await selectOne(directory, 1), [[1]]);
  const again = await cli('lab', 'up', ...dir);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /runs in .* already/u);
  assert.equal((await cli('lab', 'fault', 'crash', 'SQLVM', ...dir)).code, 0);
  await assert.rejects(selectOne(directory, 1));
  const status = await cli('lab', 'status', '--json', ...dir);
  const document = JSON.parse(status.stdout) as {
    readonly instances: readonly { readonly name: string; readonly up: boolean }[];
  };
  assert.deepEqual(
    document.instances.map(({ name, up }) => ({ name, up })),
    [
      { name: 'OnPremNode', up: true },
      { name: 'SQLVM', up: false },
    ],
  );
  assert.match((await cli('lab', 'status', ...dir)).stdout, /SQLVM at 127\.0\.0\.1:\d+ down/u);
  assert.equal((await cli('lab', 'reset', ...dir)).code, 0);
  assert.deepEqual(await selectOne(directory, 1), [[1]]);
  const wrong = await cli('lab', 'fault', 'flood', ...dir);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /partition <instance> <instance>/u);
  const down = await cli('lab', 'down', ...dir);
  assert.equal(down.code, 0, down.stderr);
  assert.ok(!existsSync(join(directory, 'lab.json')));
  assert.equal((await cli('lab', 'down', ...dir)).code, 1);
});

test('several labs run side by side', async (t) => {
  const folders = [folder(t), folder(t)];
  const ups = folders.map((directory) => startCli(['lab', 'up', '--dir', directory]));
  await Promise.all(ups.map((up) => up.sees(/^ready$/mu)));
  for (const directory of folders) assert.deepEqual(await selectOne(directory, 0), [[1]]);
  for (const up of ups) up.child.kill('SIGINT');
  for (const up of ups) assert.equal((await up.ended).code, 0);
});

test('a lab of a file has the instances of the file', async (t) => {
  const directory = folder(t);
  const file = `${directory}.yaml`;
  writeFileSync(
    file,
    `version: 1
instances:
  - {name: 'HOST\\ONE', side: source, version: 2019, edition: Standard, alwaysOn: disabled}
`,
  );
  const up = startCli(['-f', file, 'lab', 'up', '--dir', directory, '--base-port', '0']);
  await up.sees(/^ready$/mu);
  assert.deepEqual(
    labFile(directory).instances.map(({ name, fqdn, version }) => ({ name, fqdn, version })),
    [{ name: 'HOST\\ONE', fqdn: 'HOST', version: '15.0.4322.2' }],
  );
  up.child.kill('SIGINT');
  assert.equal((await up.ended).code, 0);
});

test('what cannot be started is refused with a reason', async (t) => {
  const directory = folder(t);
  const unknown = await cli('lab', 'up', '--preset', 'mainframe', '--dir', directory);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /standalone/u);
  const missing = await cli('-f', join(directory, 'none.yaml'), 'lab', 'up', '--dir', directory);
  assert.equal(missing.code, 2);
  const port = await cli('lab', 'up', '--base-port', 'x', '--dir', directory);
  assert.equal(port.code, 2);
  const high = await cli('lab', 'up', '--base-port', '65535', '--dir', directory);
  assert.equal(high.code, 2);
  assert.match(high.stderr, /0 to 65534/u);
  const file = `${directory}.txt`;
  writeFileSync(file, 'not a folder');
  for (const detach of [[], ['--detach']]) {
    const blocked = await cli('lab', 'up', ...detach, '--dir', file);
    assert.equal(blocked.code, 1, blocked.stderr);
    assert.match(blocked.stderr, /SF-LAB-001/u);
  }
  const bad = `${directory}.yaml`;
  writeFileSync(bad, 'version: 1\ninstances:\n  - {name: A, side: left}\n');
  const wrong = await cli('-f', bad, 'lab', 'up', '--dir', directory);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /:3:21: instances\.0\.side: found "left", allowed:\s+source, target/u);
});

test('a lab that was killed is started again in the same folder', async (t) => {
  const directory = folder(t);
  const first = startCli(['lab', 'up', '--dir', directory, '--base-port', '0']);
  await first.sees(/^ready$/mu);
  // The program is a shell script around Node: the process that matters is named by the lab itself.
  process.kill(labFile(directory).pid, 'SIGKILL');
  await first.ended;
  assert.ok(existsSync(join(directory, 'lab.json')));
  const second = startCli(['lab', 'up', '--dir', directory, '--base-port', '0']);
  await second.sees(/^ready$/mu);
  assert.deepEqual(await selectOne(directory, 0), [[1]]);
  second.child.kill('SIGTERM');
  await second.ended;
});
