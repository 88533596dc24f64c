/** The lab with availability groups from the start, through the real driver: listeners follow the primary. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { Connection, Request } from 'tedious';

import { systemClock } from '../../src/adapters/clock.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { loadMigrationOnly } from '../../src/adapters/config/load-migration.ts';
import { memberUrl } from '../../src/model/migration.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { availabilityGroupPreset } from '../../src/lab/preset/availability-group.ts';
import { until } from '../support/article-world.ts';

async function start(t: TestContext): Promise<{ readonly lab: Lab; readonly directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-lab-'));
  const bugs: unknown[] = [];
  const lab = await startLab({
    definition: availabilityGroupPreset,
    directory,
    addresses: { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
  });
  t.after(async () => {
    await lab.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(bugs, []);
  });
  return { lab, directory };
}

interface Place {
  readonly fqdn: string;
  readonly address: string;
  readonly port: number;
}

async function connect(lab: Lab, place: Place | undefined): Promise<Connection> {
  assert.ok(place !== undefined);
  const connection = new Connection({
    server: place.address,
    authentication: {
      type: 'default',
      options: { userName: 'sa', password: lab.password('sa').reveal() },
    },
    options: {
      port: place.port,
      encrypt: true,
      trustServerCertificate: false,
      serverName: place.fqdn,
      cryptoCredentialsDetails: { ca: lab.authority },
      connectTimeout: 5000,
      maxRetriesOnTransientErrors: 0,
    },
  });
  connection.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return connection;
}

function query(connection: Connection, text: string): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const found: unknown[] = [];
    const request = new Request(text, (error) => (error ? reject(error) : resolve(found)));
    request.on('row', (columns: readonly { readonly value: unknown }[]) => {
      found.push(...columns.map((column) => column.value));
    });
    connection.execSqlBatch(request);
  });
}

async function ask(lab: Lab, place: Place | undefined, text: string): Promise<readonly unknown[]> {
  const connection = await connect(lab, place);
  try {
    return await query(connection, text);
  } finally {
    connection.close();
  }
}

test('the availability-group preset is healthy when it is ready, and its rows are on both replicas', async (t) => {
  const { lab, directory } = await start(t);
  const count = 'SELECT COUNT(*) FROM Adventureworks.sales.orders';
  const [first] = await ask(lab, lab.instances[0], count);
  const [second] = await ask(lab, lab.instances[1], count);
  assert.ok(Number(first) > 1000);
  assert.equal(second, first);
  const health = 'SELECT synchronization_health_desc FROM sys.dm_hadr_availability_group_states';
  assert.deepEqual(await ask(lab, lab.instances[0], health), ['HEALTHY']);
  assert.deepEqual(await ask(lab, lab.instances[2], health), []);
  const migration = loadMigrationOnly(lab.file.migrationFile ?? '');
  assert.ok(migration.ok);
  assert.equal(memberUrl(migration.value.target), 'TCP://AzureAG_LST.contoso.com:5022');
  assert.ok(readFileSync(join(directory, 'hosts'), 'utf8').includes('OnPremAG_LST.contoso.com'));
});

test('connections to a listener reach the current primary; a listener without a group is refused', async (t) => {
  const { lab } = await start(t);
  const [source, target] = lab.file.listeners;
  const name = 'SELECT @@SERVERNAME';
  assert.deepEqual(await ask(lab, source, name), ['OnPremNode1']);
  await assert.rejects(ask(lab, target, name));
  await ask(lab, lab.instances[1], 'ALTER AVAILABILITY GROUP [OnPremAG] FAILOVER');
  await until('the listener leads to the other node', async () => {
    const reached = await ask(lab, source, name).catch(() => []);
    return reached[0] === 'OnPremNode2';
  });
  await ask(lab, source, 'CREATE TABLE Adventureworks.dbo.after_failover (id int)');
  await lab.reset();
  assert.deepEqual(await ask(lab, source, name), ['OnPremNode1']);
});
