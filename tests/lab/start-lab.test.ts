/** A lab in this process behind real sockets, seen by the ordinary driver with full certificate checks. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { Connection, Request } from 'tedious';

import { systemClock } from '../../src/adapters/clock.ts';
import { loadMigration } from '../../src/adapters/config/load-migration.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import type { LabDefinition } from '../../src/lab/definition.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { standalonePreset } from '../../src/lab/preset/standalone.ts';

/** Microsoft's query of the article, word for word. */
const MONITOR = `SELECT ag.name 
       , drs.database_id 
       , db_name(drs.database_id) as database_name 
       , drs.group_id 
       , drs.replica_id 
       , drs.synchronization_state_desc 
       , drs.last_hardened_lsn   
FROM sys.dm_hadr_database_replica_states drs  
INNER JOIN sys.availability_groups ag on drs.group_id = ag.group_id; `;

async function lab(t: TestContext, definition: LabDefinition = standalonePreset): Promise<Lab> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-lab-'));
  const bugs: unknown[] = [];
  const started = await startLab({
    definition,
    directory,
    addresses: { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
  });
  t.after(async () => {
    await started.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(bugs, []);
  });
  return started;
}

function without(name: 'databases'): LabDefinition {
  return {
    ...standalonePreset,
    instances: standalonePreset.instances.map((instance) => ({
      ...instance,
      [name]: instance[name].map((database) => ({ ...database, sample: 'none' as const })),
    })),
  };
}

interface LoginOptions {
  readonly user?: string;
  readonly password?: string;
  readonly serverName?: string;
  readonly ca?: string;
}

async function connect(started: Lab, at: number, login: LoginOptions = {}): Promise<Connection> {
  const instance = started.instances[at];
  assert.ok(instance !== undefined);
  const { user = 'sa' } = login;
  const connection = new Connection({
    server: instance.address,
    authentication: {
      type: 'default',
      options: { userName: user, password: login.password ?? started.password(user).reveal() },
    },
    options: {
      port: instance.port,
      encrypt: true,
      trustServerCertificate: false,
      serverName: login.serverName ?? instance.fqdn,
      cryptoCredentialsDetails: { ca: login.ca ?? started.authority },
      connectTimeout: 5000,
      maxRetriesOnTransientErrors: 0,
    },
  });
  connection.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => {
      if (error) {
        connection.close();
        reject(error);
      } else resolve();
    });
  });
  return connection;
}

function query(connection: Connection, text: string): Promise<readonly (readonly unknown[])[]> {
  return new Promise((resolve, reject) => {
    const rows: unknown[][] = [];
    const request = new Request(text, (error) => (error ? reject(error) : resolve(rows)));
    request.on('row', (columns: readonly { readonly value: unknown }[]) => {
      rows.push(columns.map((column) => column.value));
    });
    connection.execSqlBatch(request);
  });
}

test('serves both instances with certificates of its own authority', async (t) => {
  const started = await lab(t, without('databases'));
  for (const [at, name] of ['OnPremNode', 'SQLVM'].entries()) {
    const connection = await connect(started, at);
    const [row] = await query(
      connection,
      `SELECT @@SERVERNAME, encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID`,
    );
    assert.deepEqual(row, [name, 'TRUE']);
    assert.deepEqual(await query(connection, MONITOR), []);
    connection.close();
  }
});

test('is refused by a client that checks: another name, another authority', async (t) => {
  const started = await lab(t, without('databases'));
  await assert.rejects(connect(started, 0, { serverName: 'elsewhere.contoso.com' }), /altnames/iu);
  const other = await lab(t, without('databases'));
  await assert.rejects(connect(started, 0, { ca: other.authority }), /certificate/iu);
});

test('refuses a wrong password and lets the application in on the source only', async (t) => {
  const started = await lab(t);
  await assert.rejects(connect(started, 0, { password: 'wrong' }), /Login failed/u);
  const writer = await connect(started, 0, { user: 'app_writer' });
  await query(writer, 'USE Adventureworks');
  const [count] = await query(writer, 'SELECT COUNT(*) FROM sales.orders');
  assert.equal(count?.[0], 10_400);
  await query(
    writer,
    `INSERT INTO sales.web_order (web_order_id, customer_id, product_id, quantity, amount)
     VALUES (NEWID(), 1, 1, 2, 20)`,
  );
  const [row] = await query(
    writer,
    'SELECT COUNT(*), DATEDIFF(minute, MAX(placed_at), SYSUTCDATETIME()) FROM sales.web_order',
  );
  assert.deepEqual(row, [1, 0]);
  writer.close();
  const target = await connect(started, 1, { user: 'app_writer' });
  await assert.rejects(query(target, 'USE Adventureworks'), /911|does not exist/u);
  target.close();
  const sids = await Promise.all(
    [0, 1].map(async (at) => {
      const connection = await connect(started, at);
      const rows = await query(
        connection,
        `SELECT CONVERT(varchar(100), sid, 1) FROM sys.server_principals WHERE name = 'app_writer'`,
      );
      connection.close();
      return rows[0]?.[0];
    }),
  );
  assert.match(String(sids[0]), /^0x[0-9A-F]{32}$/u);
  assert.equal(sids[0], sids[1]);
});

test('writes the files of the contract, secrets for their owner alone', async (t) => {
  const started = await lab(t, without('databases'));
  const { file } = started;
  assert.deepEqual(
    file.instances.map(({ name, fqdn, version, databases }) => ({
      name,
      fqdn,
      version,
      databases,
    })),
    [
      {
        name: 'OnPremNode',
        fqdn: 'OnPremNode.contoso.com',
        version: '16.0.4135.4',
        databases: ['Adventureworks'],
      },
      { name: 'SQLVM', fqdn: 'SQLVM.contoso.com', version: '16.0.4135.4', databases: [] },
    ],
  );
  assert.deepEqual(
    file.logins.map(({ user }) => user),
    ['sa', 'app_writer', 'visitor'],
  );
  for (const path of [...file.logins.map((login) => login.passwordFile), file.control.tokenFile]) {
    assert.equal(statSync(path).mode & 0o777, 0o600, path);
  }
  assert.equal(readFileSync(file.ca, 'utf8'), started.authority);
  const hosts = readFileSync(join(file.ca, '..', 'hosts'), 'utf8');
  assert.match(hosts, /^127\.0\.0\.1 OnPremNode\.contoso\.com OnPremNode$/mu);
  assert.ok(file.migrationFile !== null);
});

test('writes a migration file that sqlferry reads', async (t) => {
  const started = await lab(t, without('databases'));
  const { migrationFile } = started.file;
  assert.ok(migrationFile !== null);
  const loaded = loadMigration({ path: migrationFile, env: {} });
  assert.ok(loaded.ok, JSON.stringify(loaded));
});

test('comes back to its start by a reset, on the same ports with the same passwords', async (t) => {
  const started = await lab(t, without('databases'));
  const before = await connect(started, 0);
  await query(before, 'CREATE DATABASE scratch');
  assert.ok(started.fault({ fault: 'crash', instance: 'SQLVM' }).ok);
  await assert.rejects(connect(started, 1));
  await started.reset();
  const after = await connect(started, 0);
  assert.deepEqual(await query(after, `SELECT name FROM sys.databases WHERE name = 'scratch'`), []);
  const target = await connect(started, 1);
  assert.deepEqual(await query(target, 'SELECT 1'), [[1]]);
  for (const connection of [before, after, target]) connection.close();
});

test('cuts the clients of a crashed instance and serves them again after the restart', async (t) => {
  const started = await lab(t, without('databases'));
  const connection = await connect(started, 0);
  const ended = new Promise<void>((resolve) => {
    connection.once('end', () => resolve());
  });
  assert.ok(started.fault({ fault: 'crash', instance: 'OnPremNode' }).ok);
  await ended;
  assert.equal(started.status().instances[0]?.up, false);
  assert.ok(started.fault({ fault: 'restart', instance: 'OnPremNode' }).ok);
  const again = await connect(started, 0);
  assert.deepEqual(await query(again, 'SELECT 1'), [[1]]);
  again.close();
});

test('leaves neither marker nor data behind', async (t) => {
  const started = await lab(t, without('databases'));
  const folder = join(started.file.ca, '..');
  assert.ok(existsSync(join(folder, 'lab.json')));
  await started.close();
  assert.ok(!existsSync(join(folder, 'lab.json')));
  assert.ok(!existsSync(join(folder, 'data')));
  await started.closed;
});

test('offers no encryption where the definition says so', async (t) => {
  const plain: LabDefinition = {
    ...standalonePreset,
    instances: without('databases').instances.map((instance) => ({
      ...instance,
      encryption: 'not-supported' as const,
    })),
  };
  const started = await lab(t, plain);
  const connection = await connect(started, 0).catch((error: unknown) => error);
  // tedious goes on in plain text without a word; sqlferry must not (tests/e2e).
  if (connection instanceof Connection) {
    const [row] = await query(
      connection,
      'SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID',
    );
    assert.deepEqual(row, ['FALSE']);
    connection.close();
  } else assert.match(String(connection), /encrypt/iu);
});
