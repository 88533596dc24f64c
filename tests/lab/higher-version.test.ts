/** A target of a higher version: unreadable until the switch, upgraded by it, and no way back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { World } from '../../src/lab/world/world.ts';
import {
  copyState,
  DATABASE,
  linkOf,
  makeDag,
  makeSynchronous,
  SOURCE,
  TARGET,
} from '../support/dag-world.ts';
import { connect, instanceDefinition, startWorld, until } from '../support/two-server-world.ts';
import type { Client } from '../support/two-server-world.ts';

const version2019 = { year: 2019, major: 15, minor: 0, build: 4322, revision: 2 } as const;
const FILE = "DISK = N'\\\\files\\migration\\full.bak'";

function upgrading(t: Parameters<typeof startWorld>[0]): World {
  return startWorld(t, {
    instances: [
      instanceDefinition(SOURCE, {
        version: version2019,
        databases: [{ name: DATABASE, recoveryModel: 'FULL', fullBackupTaken: true, load: null }],
      }),
      instanceDefinition(TARGET),
    ],
    settings: {
      seedingMs: 50,
      tickMs: 20,
      sessionTimeoutMs: 10_000,
      seedingRetryMs: 20,
      seedingAttempts: 2,
    },
  });
}

async function restored(world: World): Promise<readonly [Client, Client]> {
  const clients = [await connect(world, SOURCE), await connect(world, TARGET)] as const;
  const [left, right] = clients;
  await left.run(
    `CREATE TABLE ${DATABASE}.dbo.t (id int PRIMARY KEY); INSERT INTO ${DATABASE}.dbo.t VALUES (1)`,
  );
  await left.run(`BACKUP DATABASE ${DATABASE} TO ${FILE}`);
  await right.run(`RESTORE DATABASE ${DATABASE} FROM ${FILE} WITH NORECOVERY`);
  await makeDag(world, clients, { seeding: 'MANUAL' });
  await right.run(`ALTER DATABASE ${DATABASE} SET HADR AVAILABILITY GROUP = [DAG]`);
  return clients;
}

test('a restored copy on a newer server receives log, cannot be read, and never is SYNCHRONIZED', async (t) => {
  const world = upgrading(t);
  const clients = await restored(world);
  const [left, right] = clients;
  await until('it flows', () => copyState(world) === 'SYNCHRONIZING');
  await left.run(`INSERT INTO ${DATABASE}.dbo.t VALUES (2)`);
  await until(
    'the row is there',
    () => world.store(TARGET, DATABASE)?.digest() === world.store(SOURCE, DATABASE)?.digest(),
  );
  assert.deepEqual(await right.fail(`SELECT * FROM ${DATABASE}.dbo.t`), [922]);
  assert.deepEqual(
    await right.run(`SELECT state_desc FROM sys.databases WHERE name = N'${DATABASE}'`),
    [['RECOVERING']],
  );
  await makeSynchronous(clients);
  await until('both are synchronous', () => linkOf(world, SOURCE)?.partner?.synchronous === true);
  const health = `SELECT r.synchronization_health_desc FROM sys.dm_hadr_availability_replica_states r
     JOIN sys.availability_groups g ON g.group_id = r.group_id WHERE g.name = N'DAG' AND r.is_local = 0`;
  for (let tries = 0; tries < 3; tries += 1)
    assert.deepEqual(await left.run(health), [['PARTIALLY_HEALTHY']]);
  world.crash(TARGET);
  world.restart(TARGET);
  await until('it flows again', () => copyState(world) === 'SYNCHRONIZING');
  assert.equal(
    world.state().instances[TARGET.toLowerCase()]?.databases[DATABASE.toLowerCase()]?.state,
    'RECOVERING',
  );
});

test('the switch upgrades it, no log goes back, and the old server cannot take the role again (41191)', async (t) => {
  const world = upgrading(t);
  const [left, right] = await restored(world);
  await until('it flows', () => copyState(world) === 'SYNCHRONIZING');
  await left.run('ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)');
  await right.run('ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
  await until(
    'upgraded',
    () =>
      world.state().instances[TARGET.toLowerCase()]?.databases[DATABASE.toLowerCase()]?.state ===
      'ONLINE',
  );
  await right.run(`INSERT INTO ${DATABASE}.dbo.t VALUES (3)`);
  assert.deepEqual(await right.run(`SELECT COUNT(*) FROM ${DATABASE}.dbo.t`), [[2]]);
  await until(
    'the old server knows',
    () =>
      world.state().instances[SOURCE.toLowerCase()]?.databases[DATABASE.toLowerCase()]
        ?.newerPrimary === true,
  );
  assert.equal(copyState(world, TARGET), 'NOT SYNCHRONIZING');
  assert.deepEqual(await left.fail(`SELECT COUNT(*) FROM ${DATABASE}.dbo.t`), [976]);
  await right.run('ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)');
  assert.deepEqual(
    await left.fail('ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS'),
    [41_191],
  );
  await right.run('ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
});

test('given up before the promotion, the role goes back to the old server', async (t) => {
  const world = upgrading(t);
  const [left] = await restored(world);
  await until('it flows', () => copyState(world) === 'SYNCHRONIZING');
  await left.run('ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)');
  await left.run('ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
  await until(
    'open again',
    () =>
      linkOf(world, SOURCE)?.operationalState === 'ONLINE' &&
      linkOf(world, SOURCE)?.role === 'PRIMARY',
  );
  await left.run(`INSERT INTO ${DATABASE}.dbo.t VALUES (2)`);
  await until('it flows on', () => copyState(world) === 'SYNCHRONIZING');
});

test('automatic seeding to a newer server fails with 946 in its log, and says so in its history', async (t) => {
  const world = upgrading(t);
  const clients = [await connect(world, SOURCE), await connect(world, TARGET)] as const;
  await makeDag(world, clients, { seeding: 'AUTOMATIC' });
  await until('given up', () =>
    world.record(SOURCE).errorLog.some((entry) => entry.number === 19_495),
  );
  assert.ok(world.record(TARGET).errorLog.some((entry) => entry.number === 946));
  const rows = await clients[1].run(
    'SELECT DISTINCT failure_state_desc, error_code FROM sys.dm_hadr_automatic_seeding',
  );
  assert.deepEqual(rows, [['Async Task Failure', 946]]);
  assert.deepEqual(
    await clients[1].run(`SELECT 1 FROM sys.databases WHERE name = N'${DATABASE}'`),
    [],
  );
});
