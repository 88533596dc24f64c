/** Backups of databases in groups, and restored databases that join them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { World } from '../../src/lab/world/world.ts';
import {
  copyState,
  DATABASE,
  dagMembers,
  makeDag,
  makeSynchronous,
  SOURCE,
  TARGET,
} from '../support/dag-world.ts';
import { connect, startWorld, until } from '../support/two-server-world.ts';
import type { Client } from '../support/two-server-world.ts';

const SHARE = '\\\\files\\migration';
const to = (file: string): string => `TO DISK = N'${SHARE}\\${file}' WITH INIT`;
const restoreFull = `RESTORE DATABASE ${DATABASE} FROM DISK = N'${SHARE}\\full.bak' WITH NORECOVERY`;
const restoreLog = (file: string): string =>
  `RESTORE LOG ${DATABASE} FROM DISK = N'${SHARE}\\${file}' WITH NORECOVERY`;
const join = `ALTER DATABASE ${DATABASE} SET HADR AVAILABILITY GROUP = [DAG]`;

/** A busy machine is no lost link. */
const patient = { seedingMs: 100, tickMs: 50, sessionTimeoutMs: 10_000 };

async function withRows(world: World): Promise<readonly [Client, Client]> {
  const clients = [await connect(world, SOURCE), await connect(world, TARGET)] as const;
  await clients[0].run(`CREATE TABLE ${DATABASE}.dbo.t (id int PRIMARY KEY)`);
  return clients;
}

/** So many commits of their own. */
async function write(client: Client, first: number, count: number): Promise<void> {
  for (let id = first; id < first + count; id += 1)
    await client.run(`INSERT INTO ${DATABASE}.dbo.t VALUES (${id})`);
}

function isEqual(world: World): boolean {
  return world.store(TARGET, DATABASE)?.digest() === world.store(SOURCE, DATABASE)?.digest();
}

test('a copy joins when every log backup is restored: 1412 while log is gone, 1478 while it is only backed up', async (t) => {
  const world = startWorld(t, { settings: patient });
  const clients = await withRows(world);
  const [left, right] = clients;
  await makeDag(world, clients, { seeding: 'MANUAL' });
  await left.run(`BACKUP DATABASE ${DATABASE} ${to('full.bak')}`);
  await write(left, 1, 3);
  await left.run(`BACKUP LOG ${DATABASE} ${to('1.trn')}`);
  await right.run(restoreFull);
  assert.deepEqual(await right.fail(join), [1478], 'the log is still there, the chain is not');
  await write(left, 10, 100);
  await left.run(`BACKUP LOG ${DATABASE} ${to('2.trn')}`);
  await write(left, 200, 1);
  assert.deepEqual(await right.fail(join), [1412], 'the log is gone');
  await right.run(restoreLog('1.trn'));
  assert.deepEqual(await right.fail(join), [1412]);
  await right.run(restoreLog('2.trn'));
  await right.run(join);
  await until('joined', () => isEqual(world));
  assert.deepEqual(await right.run(`SELECT COUNT(*) FROM ${DATABASE}.dbo.t`), [[104]]);
  assert.deepEqual(await right.fail(restoreFull), [3104, 3013]);
});

test('with automatic seeding a restored database joins without being copied', async (t) => {
  const world = startWorld(t, { settings: patient });
  const clients = await withRows(world);
  const [left, right] = clients;
  await left.run(`BACKUP DATABASE ${DATABASE} ${to('full.bak')}`);
  await write(left, 1, 2);
  await right.run(restoreFull);
  await makeDag(world, clients, { seeding: 'AUTOMATIC' });
  await until('it flows', () => copyState(world) === 'SYNCHRONIZING');
  await until('the rows are there', () => isEqual(world));
  for (const client of clients) {
    const rows = await client.run(
      'SELECT current_state, performed_seeding FROM sys.dm_hadr_automatic_seeding',
    );
    assert.deepEqual(rows, [['COMPLETED', false]]);
    assert.deepEqual(await client.run('SELECT * FROM sys.dm_hadr_physical_seeding_stats'), []);
  }
});

test('a restored database that lacks a log backup is not seeded over, and stays', async (t) => {
  const world = startWorld(t, {
    settings: {
      seedingMs: 100,
      tickMs: 20,
      sessionTimeoutMs: 10_000,
      seedingRetryMs: 20,
      seedingAttempts: 2,
    },
  });
  const clients = await withRows(world);
  const [left, right] = clients;
  await left.run(`BACKUP DATABASE ${DATABASE} ${to('full.bak')}`);
  await write(left, 1, 2);
  await left.run(`BACKUP LOG ${DATABASE} ${to('1.trn')}`);
  await right.run(restoreFull);
  await makeDag(world, clients, { seeding: 'AUTOMATIC' });
  await until('given up', () =>
    world.record(SOURCE).errorLog.some((entry) => entry.number === 19_495),
  );
  assert.deepEqual(
    await right.run(`SELECT state_desc FROM sys.databases WHERE name = N'${DATABASE}'`),
    [['RESTORING']],
  );
  await until('every try is a failed row on the target', () => {
    const rows = world.state().instances[TARGET.toLowerCase()]?.seedingHistory ?? [];
    return rows.length === 2 && rows.every((row) => row.failure?.text === 'Seeding');
  });
  await right.run(restoreLog('1.trn'));
  for (const client of clients)
    await client.run(`ALTER AVAILABILITY GROUP [DAG] MODIFY ${dagMembers('ASYNCHRONOUS')}`);
  await until('it flows now', () => copyState(world) === 'SYNCHRONIZING');
  assert.deepEqual(await right.run(`SELECT COUNT(*) FROM ${DATABASE}.dbo.t`), [[2]]);
});

test('a forwarder backs up its log and copy-only, a suspended one nothing, and the chain goes on after the switch', async (t) => {
  const world = startWorld(t, { settings: patient });
  const clients = await withRows(world);
  const [left, right] = clients;
  await makeDag(world, clients, { seeding: 'AUTOMATIC' });
  await until('it flows', () => copyState(world) === 'SYNCHRONIZING');
  const full = `BACKUP DATABASE ${DATABASE} ${to('target.bak')}`;
  assert.deepEqual(await right.fail(full), [3059, 3013]);
  assert.deepEqual(await right.fail(`${full}, DIFFERENTIAL`), [3059, 3013]);
  await right.run(`${full}, COPY_ONLY`);
  await left.run(`BACKUP LOG ${DATABASE} ${to('a.trn')}`);
  await write(left, 1, 1);
  await until('the row is there', () => isEqual(world));
  assert.deepEqual(
    await right.fail(`BACKUP LOG ${DATABASE} ${to('b.trn')}, COPY_ONLY`),
    [3059, 3013],
  );
  await right.run(`BACKUP LOG ${DATABASE} ${to('b.trn')}`);
  assert.deepEqual(
    await left.fail(`BACKUP LOG ${DATABASE} ${to('c.trn')}, NORECOVERY`),
    [1468, 3013],
  );
  await right.run(`ALTER DATABASE ${DATABASE} SET HADR SUSPEND`);
  await until('suspended', () => copyState(world) === 'NOT SYNCHRONIZING');
  assert.deepEqual(await right.fail(`BACKUP LOG ${DATABASE} ${to('d.trn')}`), [3062, 3013]);
  await right.run(`ALTER DATABASE ${DATABASE} SET HADR RESUME`);
  await makeSynchronous(clients);
  await until('in step', () => copyState(world) === 'SYNCHRONIZED');
  await left.run('ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)');
  await right.run('ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
  await until('switched', () => copyState(world, TARGET) === 'SYNCHRONIZED');
  await write(right, 2, 1);
  await right.run(`BACKUP LOG ${DATABASE} ${to('e.trn')}`);
  // One chain over both servers: full from the target, then a (already in it), b and e.
  const third = `RESTORE DATABASE third FROM DISK = N'${SHARE}\\target.bak' WITH NORECOVERY, MOVE N'${DATABASE}' TO N'X:\\d', MOVE N'${DATABASE}_log' TO N'X:\\l'`;
  await right.run(third);
  for (const file of ['a.trn', 'b.trn', 'e.trn'])
    await right.run(`RESTORE LOG third FROM DISK = N'${SHARE}\\${file}' WITH NORECOVERY`);
  await right.run('RESTORE DATABASE third WITH RECOVERY');
  assert.deepEqual(await right.run('SELECT id FROM third.dbo.t ORDER BY id'), [[1], [2]]);
});
