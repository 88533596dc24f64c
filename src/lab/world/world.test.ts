import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Client,
  connect,
  instanceDefinition,
  login,
  loginRequest,
  password,
  startWorld,
  until,
} from '../../../tests/support/two-server-world.ts';
import type { World } from './world.ts';

const source = 'OnPremNode';
const target = 'SQLVM';
const database = 'Adventureworks';

const member = (group: string, host: string, mode: string): string =>
  `'${group}' WITH (LISTENER_URL = 'tcp://${host}.contoso.com:5022', AVAILABILITY_MODE = ${mode}, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;
const members = (mode: string): string =>
  `${member('OnPremAG', source, mode)}, ${member('AzureAG', target, mode)}`;

const endpoint = `CREATE ENDPOINT [Hadr_endpoint] STATE=STARTED
  AS TCP (LISTENER_PORT = 5022, LISTENER_IP = ALL)
  FOR DATA_MIRRORING (ROLE = ALL, AUTHENTICATION = WINDOWS NEGOTIATE, ENCRYPTION = REQUIRED ALGORITHM AES)`;

const group = (name: string, host: string, databases: string): string =>
  `CREATE AVAILABILITY GROUP [${name}] WITH (AUTOMATED_BACKUP_PREFERENCE = PRIMARY, DB_FAILOVER = OFF, CLUSTER_TYPE = NONE)
   FOR ${databases} REPLICA ON N'${host}' WITH (ENDPOINT_URL = N'TCP://${host}.contoso.com:5022', FAILOVER_MODE = MANUAL,
   AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, SEEDING_MODE = AUTOMATIC, SECONDARY_ROLE(ALLOW_CONNECTIONS = ALL))`;

function copyState(world: World, on: string): string | undefined {
  return world.state().instances[on.toLowerCase()]?.distributed['dag']?.databases[
    database.toLowerCase()
  ]?.synchronizationState;
}

function digest(world: World, on: string): string | undefined {
  return world.store(on, database)?.digest();
}

/** Everything of the article, seeded. */
async function migrate(world: World): Promise<readonly [Client, Client]> {
  const left = await connect(world, source);
  const right = await connect(world, target);
  await left.run(
    `USE ${database}; CREATE TABLE dbo.t (id int PRIMARY KEY, name nvarchar(50)); USE master`,
  );
  await left.run(`INSERT INTO ${database}.dbo.t VALUES (1, N'one'), (2, N'two')`);
  await left.run(endpoint);
  await right.run(endpoint);
  await left.run(group('OnPremAG', source, `DATABASE [${database}]`));
  await right.run(group('AzureAG', target, ''));
  await right.run('ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE');
  await left.run(
    `CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) AVAILABILITY GROUP ON ${members('ASYNCHRONOUS_COMMIT')}`,
  );
  await right.run(
    `ALTER AVAILABILITY GROUP [DAG] JOIN AVAILABILITY GROUP ON ${members('ASYNCHRONOUS_COMMIT')}`,
  );
  await until('seeded', () => copyState(world, source) === 'SYNCHRONIZING');
  return [left, right];
}

async function synchronous(world: World, clients: readonly Client[]): Promise<void> {
  for (const client of clients)
    await client.run(
      `ALTER AVAILABILITY GROUP [DAG] MODIFY AVAILABILITY GROUP ON ${members('SYNCHRONOUS_COMMIT')}`,
    );
  await until('synchronized', () => copyState(world, source) === 'SYNCHRONIZED');
}

test('the article from end to end: seeded, synchronous, cut over, and rows flow back', async (t) => {
  const world = startWorld(t);
  const [left, right] = await migrate(world);
  assert.equal(digest(world, target), digest(world, source));
  assert.deepEqual(await right.run(`SELECT COUNT(*) FROM ${database}.dbo.t`), [[2]]);
  await synchronous(world, [left, right]);
  await left.run(`INSERT INTO ${database}.dbo.t VALUES (3, N'three')`);
  assert.deepEqual(await right.run(`SELECT COUNT(*) FROM ${database}.dbo.t`), [[3]]);
  const writer = await connect(world, source, { database });
  await left.run('ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)');
  assert.equal(writer.ended, null, 'the session in the database is cut without a word');
  assert.deepEqual(await left.fail(`SELECT * FROM ${database}.dbo.t`), [976]);
  assert.deepEqual(await right.fail(`INSERT INTO ${database}.dbo.t VALUES (4, N'four')`), [3906]);
  await until('all log arrived', () => digest(world, target) === digest(world, source));
  await right.run('ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
  await until('roles reversed', () => copyState(world, target) === 'SYNCHRONIZED');
  await right.run(`INSERT INTO ${database}.dbo.t VALUES (4, N'four')`);
  assert.equal(digest(world, target), digest(world, source));
  assert.deepEqual(await left.run(`SELECT COUNT(*) FROM ${database}.dbo.t`), [[4]]);
});

test('a partition releases the commit after the session timeout; healing catches up', async (t) => {
  const world = startWorld(t);
  const clients = await migrate(world);
  await synchronous(world, clients);
  const [left] = clients;
  world.partition(source, target);
  await left.run(`UPDATE ${database}.dbo.t SET name = N'eins' WHERE id = 1`);
  assert.equal(copyState(world, source), 'NOT SYNCHRONIZING');
  assert.notEqual(digest(world, target), digest(world, source));
  world.heal();
  await until('caught up', () => copyState(world, source) === 'SYNCHRONIZED');
  assert.equal(digest(world, target), digest(world, source));
});

test('a crash cuts its clients and refuses new ones; the restart brings roles and rows back', async (t) => {
  const world = startWorld(t);
  const clients = await migrate(world);
  await synchronous(world, clients);
  const [left, right] = clients;
  let changes = 0;
  world.endpoint(target).onLinkChanged(() => {
    changes += 1;
  });
  world.crash(target);
  assert.equal(right.ended, null);
  assert.equal(world.endpoint(target).link().state, 'refuse');
  await left.run(`DELETE FROM ${database}.dbo.t WHERE id = 2`);
  world.restart(target);
  assert.equal(changes, 2);
  assert.equal(world.endpoint(target).link().state, 'open');
  await until('back', () => copyState(world, source) === 'SYNCHRONIZED');
  assert.equal(digest(world, target), digest(world, source));
});

test('split brain: the loser takes its own rows back after RESUME', async (t) => {
  const world = startWorld(t);
  const [left, right] = await migrate(world);
  world.partition(source, target);
  await right.run('ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
  await until(
    'promoted',
    () =>
      world.state().instances['sqlvm']?.distributed['dag']?.operationalState === 'ONLINE' &&
      world.state().instances['sqlvm']?.distributed['dag']?.role === 'PRIMARY',
  );
  await left.run(`INSERT INTO ${database}.dbo.t VALUES (100, N'left')`);
  await left.run(`UPDATE ${database}.dbo.t SET name = N'left' WHERE id = 1`);
  await left.run(`USE ${database}; CREATE TABLE dbo.only_left (id int); USE master`);
  await right.run(`INSERT INTO ${database}.dbo.t VALUES (200, N'right')`);
  world.heal();
  await left.run('ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)');
  await until(
    'suspended',
    () =>
      world.state().instances['onpremnode']?.databases['adventureworks']?.suspended ===
      'SUSPEND_FROM_PARTNER',
  );
  await left.run(`ALTER DATABASE ${database} SET HADR RESUME`);
  await until('undone', () => copyState(world, target) === 'SYNCHRONIZING');
  await until('equal', () => digest(world, target) === digest(world, source));
  assert.deepEqual(await left.run(`SELECT id FROM ${database}.dbo.t ORDER BY id`), [
    [1],
    [2],
    [200],
  ]);
});

test('a lost commit is acknowledged and missing: what a proof must find', async (t) => {
  const world = startWorld(t);
  const clients = await migrate(world);
  await synchronous(world, clients);
  const [left, right] = clients;
  world.loseCommit(target, database);
  await left.run(`INSERT INTO ${database}.dbo.t VALUES (7, N'lost')`);
  await left.run(`INSERT INTO ${database}.dbo.t VALUES (8, N'kept')`);
  assert.deepEqual(await right.run(`SELECT id FROM ${database}.dbo.t WHERE id > 2`), [[8]]);
  assert.notEqual(digest(world, target), digest(world, source));
});

test('logins: the client learns little, the error log everything', async (t) => {
  const world = startWorld(t);
  const attempts = [
    [{ user: 'nobody' }, [18_456], 5],
    [{ password: 'wrong' }, [18_456], 8],
    [{ user: 'off', password: 'wrong' }, [18_456], 7],
    [{ user: 'off' }, [18_470], 1],
    [{ database: 'nowhere' }, [4060, 18_456], 38],
    [{ user: 'app_writer', database }, [4060, 18_456], 38],
  ] as const;
  for (const [change, numbers, state] of attempts) {
    const outcome = await world.endpoint(source).login(loginRequest(change));
    assert.equal(outcome.kind, 'refused');
    assert.deepEqual(
      outcome.kind === 'refused' && outcome.messages.map((each) => each.number),
      numbers,
    );
    if (outcome.kind === 'refused')
      assert.ok(outcome.messages.every((message) => message.state === 1));
    assert.equal(world.record(source).errorLog.at(-1)?.state, state);
  }
});

test('a login into a database that serves nobody on a secondary is told why', async (t) => {
  const world = startWorld(t);
  const [, right] = await migrate(world);
  const numbers = async (readOnlyIntent: boolean): Promise<readonly number[]> => {
    const outcome = await world.endpoint(target).login(loginRequest({ database, readOnlyIntent }));
    return outcome.kind === 'refused' ? outcome.messages.map((each) => each.number) : [];
  };
  const allow = (who: string): Promise<unknown> =>
    right.run(
      `ALTER AVAILABILITY GROUP [AzureAG] MODIFY REPLICA ON N'${target}' WITH (SECONDARY_ROLE (ALLOW_CONNECTIONS = ${who}))`,
    );
  assert.deepEqual(await numbers(false), []);
  await allow('READ_ONLY');
  assert.deepEqual(await numbers(false), [978, 4060, 18_456]);
  assert.deepEqual(await numbers(true), []);
  await allow('NO');
  assert.deepEqual(await numbers(true), [976, 4060, 18_456]);
});

test('disabling a login keeps new sessions out and running ones in', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, source);
  const writer = await connect(world, source, { user: 'app_writer' });
  await sa.run('ALTER LOGIN [app_writer] DISABLE');
  assert.deepEqual(await writer.run('SELECT 1'), [[1]]);
  const again = await world.endpoint(source).login(loginRequest({ user: 'app_writer' }));
  assert.equal(again.kind === 'refused' && again.messages[0]?.number, 18_470);
  await sa.run('ALTER LOGIN [app_writer] ENABLE');
  await connect(world, source, { user: 'app_writer' });
  await sa.run(`KILL ${writer.session.sessionId}`);
  assert.equal(writer.ended?.number, 596);
});

test('an application lock is exclusive, is waited for, and goes with its session', async (t) => {
  const world = startWorld(t);
  const first = await connect(world, source);
  const second = await connect(world, source);
  const lock = (timeout: number): string =>
    `DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'sqlferry', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = ${timeout}; SELECT @r`;
  assert.deepEqual(await first.run(lock(0)), [[0]]);
  assert.deepEqual(await second.run(lock(0)), [[-1]]);
  assert.deepEqual(await second.run(lock(30)), [[-1]]);
  const waiting = second.run(lock(5_000));
  await until('waiting', () =>
    world.record(source).applicationLocks.some((each) => each.status === 'WAIT'),
  );
  // The holder asks again and does not queue behind who waits for him; it needs two releases then.
  assert.deepEqual(await first.run(lock(1_000)), [[0]]);
  first.session.close();
  assert.deepEqual(await waiting, [[1]]);
  assert.deepEqual(
    await second.run(
      `DECLARE @r int; EXEC @r = sp_releaseapplock @Resource = N'sqlferry', @LockOwner = N'Session'; SELECT @r`,
    ),
    [[0]],
  );
});

test('rights decide: a login without any is refused and sees what is public', async (t) => {
  const world = startWorld(t);
  const visitor = await connect(world, source, { user: 'app_writer' });
  assert.deepEqual(await visitor.fail(endpoint), [15_247]);
  assert.deepEqual(await visitor.fail('CREATE DATABASE x'), [262]);
  assert.deepEqual(await visitor.fail('DROP AVAILABILITY GROUP [none]'), [15_151]);
  assert.deepEqual(await visitor.fail(`KILL 60`), [6102]);
  assert.deepEqual(
    await visitor.run(
      `SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE'), IS_SRVROLEMEMBER('sysadmin')`,
    ),
    [[0, 0]],
  );
  const sa = await connect(world, source);
  await sa.run('GRANT VIEW SERVER STATE TO [app_writer]');
  assert.deepEqual(
    await visitor.run(`SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER PERFORMANCE STATE')`),
    [[1]],
  );
});

test('a member of a group refuses SINGLE_USER, DROP and RESTORE', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, source);
  await sa.run(group('OnPremAG', source, `DATABASE [${database}]`));
  assert.deepEqual(
    await sa.fail(`ALTER DATABASE ${database} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`),
    [1468, 5069],
  );
  assert.deepEqual(await sa.fail(`DROP DATABASE ${database}`), [3752]);
  assert.deepEqual(await sa.fail(`USE ${database}; DROP AVAILABILITY GROUP [OnPremAG]`), [35_208]);
});

test('a database without a full backup may not enter a group: 1475, and the group is rolled back', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, source);
  await sa.run('CREATE DATABASE fresh');
  assert.deepEqual(await sa.fail(group('OnPremAG', source, 'DATABASE [fresh]')), [1475, 41_152]);
  assert.equal(world.state().instances['onpremnode']?.groups['onpremag'], undefined);
  await sa.run(
    `BACKUP DATABASE fresh TO DISK = N'F:\\Backup\\fresh.bak' WITH INIT, COMPRESSION, CHECKSUM`,
  );
  await sa.run(group('OnPremAG', source, 'DATABASE [fresh]'));
  assert.deepEqual(
    world.record(source).backups.map(({ header }) => [header.database, header.kind]),
    [
      [database, 'full'],
      ['fresh', 'full'],
    ],
  );
});

test('manual seeding over a share: backup, restore WITH NORECOVERY, log, join', async (t) => {
  const world = startWorld(t);
  const left = await connect(world, source);
  const right = await connect(world, target);
  const manual = members('ASYNCHRONOUS_COMMIT').replaceAll(
    'SEEDING_MODE = AUTOMATIC',
    'SEEDING_MODE = MANUAL',
  );
  await left.run(`CREATE TABLE ${database}.dbo.t (id int PRIMARY KEY)`);
  await left.run(`INSERT INTO ${database}.dbo.t VALUES (1)`);
  await left.run(endpoint);
  await right.run(endpoint);
  await left.run(group('OnPremAG', source, `DATABASE [${database}]`));
  await right.run(group('AzureAG', target, ''));
  await left.run(
    `CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) AVAILABILITY GROUP ON ${manual}`,
  );
  await right.run(`ALTER AVAILABILITY GROUP [DAG] JOIN AVAILABILITY GROUP ON ${manual}`);
  await until(
    'connected',
    () => world.state().instances['sqlvm']?.distributed['dag']?.link.connected === true,
  );
  await left.run(`BACKUP DATABASE ${database} TO DISK = N'\\\\share\\b\\full.bak' WITH INIT`);
  await left.run(`INSERT INTO ${database}.dbo.t VALUES (2)`);
  await left.run(`BACKUP LOG ${database} TO DISK = N'\\\\share\\b\\log.trn' WITH INIT`);
  await left.run(`INSERT INTO ${database}.dbo.t VALUES (3)`);
  await right.run(
    `RESTORE DATABASE ${database} FROM DISK = N'\\\\share\\b\\full.bak' WITH NORECOVERY`,
  );
  assert.deepEqual(await right.fail(`SELECT * FROM ${database}.dbo.t`), [927]);
  await right.run(`RESTORE LOG ${database} FROM DISK = N'\\\\share\\b\\log.trn' WITH NORECOVERY`);
  await right.run(`ALTER DATABASE ${database} SET HADR AVAILABILITY GROUP = [DAG]`);
  await until('joined', () => digest(world, target) === digest(world, source));
  assert.deepEqual(await right.run(`SELECT COUNT(*) FROM ${database}.dbo.t`), [[3]]);
  assert.deepEqual(
    await right.fail(`RESTORE DATABASE gone FROM DISK = N'F:\\none.bak'`),
    [3201, 3013],
  );
});

test('peers with their own accounts connect only after GRANT CONNECT ON ENDPOINT', async (t) => {
  const world = startWorld(t, {
    instances: [
      instanceDefinition(source, {
        serviceAccount: 'CONTOSO\\left',
        databases: [{ name: database, recoveryModel: 'FULL', fullBackupTaken: true, load: null }],
      }),
      instanceDefinition(target, { serviceAccount: 'CONTOSO\\right' }),
    ],
  });
  const left = await connect(world, source);
  const right = await connect(world, target);
  await left.run(endpoint);
  await right.run(endpoint);
  await left.run(group('OnPremAG', source, `DATABASE [${database}]`));
  await right.run(group('AzureAG', target, ''));
  await right.run('ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE');
  await left.run(
    `CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) AVAILABILITY GROUP ON ${members('ASYNCHRONOUS_COMMIT')}`,
  );
  await right.run(
    `ALTER AVAILABILITY GROUP [DAG] JOIN AVAILABILITY GROUP ON ${members('ASYNCHRONOUS_COMMIT')}`,
  );
  await until('refused', () =>
    world.record(source).errorLog.some((each) => each.number === 28_034),
  );
  assert.deepEqual(
    await left.fail('GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [CONTOSO\\right]'),
    [15_151],
  );
  for (const [client, peer] of [
    [left, 'CONTOSO\\right'],
    [right, 'CONTOSO\\left'],
  ] as const) {
    await client.run(`CREATE LOGIN [${peer}] FROM WINDOWS`);
    await client.run(`GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [${peer}]`);
  }
  await until('seeded', () => copyState(world, source) === 'SYNCHRONIZING');
});

test('Always On switched off refuses groups with 47105; a restart brings a pending switch into force', async (t) => {
  const world = startWorld(t, {
    instances: [instanceDefinition(source, { alwaysOn: 'restart-pending', logins: [login('sa')] })],
  });
  const sa = await connect(world, source);
  assert.deepEqual(await sa.fail(group('OnPremAG', source, '')), [47_105]);
  world.crash(source);
  world.restart(source);
  const again = await connect(world, source, { password });
  await again.run(group('OnPremAG', source, ''));
});
