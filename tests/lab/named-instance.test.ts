/** Two named instances of one host: names, ports, paths, and groups between them. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Connection, Request } from 'tedious';

import { systemClock } from '../../src/adapters/clock.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { readDefinition } from '../../src/lab/definition-file.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import type { LabFileInstance } from '../../src/lab/folder.ts';
import { until } from '../support/article-world.ts';

const text = `
version: 1
instances:
  - name: SQLHOST\\ONE
    side: source
    domain: contoso.com
    version: 2022
    databases: [{ name: Sales, sample: none }]
  - name: SQLHOST\\TWO
    side: target
    domain: contoso.com
    version: 2022
`;

async function ask(lab: Lab, place: LabFileInstance, batch: string): Promise<readonly unknown[]> {
  const connection = new Connection({
    server: place.address,
    authentication: {
      type: 'default',
      options: { userName: 'sa', password: lab.password('sa').reveal() },
    },
    options: {
      port: place.port,
      encrypt: true,
      serverName: place.fqdn,
      cryptoCredentialsDetails: { ca: lab.authority },
      connectTimeout: 5000,
    },
  });
  connection.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  try {
    return await new Promise((resolve, reject) => {
      const found: unknown[] = [];
      const request = new Request(batch, (error) => (error ? reject(error) : resolve(found)));
      request.on('row', (columns: readonly { readonly value: unknown }[]) => {
        found.push(...columns.map((column) => column.value));
      });
      connection.execSqlBatch(request);
    });
  } finally {
    connection.close();
  }
}

const endpoint = (port: number): string => `CREATE ENDPOINT [Hadr_endpoint] STATE = STARTED
  AS TCP (LISTENER_PORT = ${port}, LISTENER_IP = ALL) FOR DATABASE_MIRRORING (ROLE = ALL)`;
const replica = (name: string, port: number): string =>
  `N'${name}' WITH (ENDPOINT_URL = N'TCP://sqlhost.contoso.com:${port}', FAILOVER_MODE = MANUAL, AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, SEEDING_MODE = AUTOMATIC)`;

test('named instances share their host, differ by port, and are replicas of one group', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-lab-'));
  const definition = readDefinition(text, 'lab.yaml');
  assert.ok(definition.ok, JSON.stringify(definition));
  const bugs: unknown[] = [];
  const lab = await startLab({
    definition: definition.value,
    directory,
    addresses: process.platform === 'linux' ? { kind: 'loopback' } : { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
    settings: { seedingMs: 50, tickMs: 20 },
  });
  t.after(async () => {
    await lab.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(bugs, []);
  });
  const [one, two] = lab.instances;
  assert.ok(one !== undefined && two !== undefined);
  assert.equal(one.address, two.address);
  assert.notEqual(one.port, two.port);
  assert.equal(
    readFileSync(join(directory, 'hosts'), 'utf8').match(/SQLHOST\.contoso\.com/giu)?.length,
    1,
  );
  const names = `SELECT @@SERVERNAME, SERVERPROPERTY('InstanceName'), SERVERPROPERTY('MachineName'),
    SERVERPROPERTY('InstanceDefaultDataPath'), SERVERPROPERTY('InstanceDefaultBackupPath')`;
  const root = 'C:\\Program Files\\Microsoft SQL Server\\MSSQL16.TWO\\MSSQL\\';
  assert.deepEqual(await ask(lab, two, names), [
    'SQLHOST\\TWO',
    'TWO',
    'SQLHOST',
    `${root}DATA\\`,
    `${root}Backup`,
  ]);
  await ask(lab, one, endpoint(5022));
  await ask(lab, two, endpoint(5023));
  await ask(
    lab,
    one,
    `CREATE AVAILABILITY GROUP [AG] WITH (CLUSTER_TYPE = NONE) FOR DATABASE [Sales]
    REPLICA ON ${replica('SQLHOST\\ONE', 5022)}, ${replica('SQLHOST\\TWO', 5023)}`,
  );
  await ask(lab, two, 'ALTER AVAILABILITY GROUP [AG] JOIN WITH (CLUSTER_TYPE = NONE)');
  await ask(lab, two, 'ALTER AVAILABILITY GROUP [AG] GRANT CREATE ANY DATABASE');
  await until('both are in step', async () => {
    const rows = await ask(
      lab,
      one,
      `SELECT synchronization_state_desc FROM sys.dm_hadr_database_replica_states`,
    );
    return rows.join() === 'SYNCHRONIZED,SYNCHRONIZED';
  });
  // A bare file name lies in the backup folder of its own instance.
  await ask(lab, one, `BACKUP DATABASE Sales TO DISK = N'sales.bak' WITH COPY_ONLY`);
  assert.equal(
    (
      await ask(
        lab,
        one,
        `RESTORE LABELONLY FROM DISK = N'${root.replace('TWO', 'ONE')}Backup\\sales.bak'`,
      )
    ).length,
    13,
  );
  await assert.rejects(ask(lab, two, `RESTORE LABELONLY FROM DISK = N'sales.bak'`), (error) => {
    assert.ok(error instanceof AggregateError);
    const numbers = error.errors.map((each: { readonly number: number }) => each.number);
    assert.deepEqual(numbers, [3201, 3013]);
    return true;
  });
});
