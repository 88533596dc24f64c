/** Which rows the catalog shows on which side in which phase: the matrix of the reference. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { catalogViews } from '../../src/lab/catalog/catalog.ts';
import {
  createDistributed,
  joinAndSeed,
  makeGroups,
  members,
  synchronise,
  twoInstances,
  until,
  type TwoInstances,
} from '../support/article-world.ts';
import type { WorldSession } from '../support/world-session.ts';

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

const REPLICAS = `SELECT ag.name AS ag, ar.replica_server_name AS member, ars.is_local, ars.role_desc AS role,
  ars.operational_state_desc AS operational, ars.connected_state_desc AS connected,
  ars.synchronization_health_desc AS health
FROM sys.availability_groups ag
JOIN sys.availability_replicas ar ON ar.group_id = ag.group_id
JOIN sys.dm_hadr_availability_replica_states ars ON ars.replica_id = ar.replica_id
ORDER BY ag.is_distributed, ars.is_local DESC`;

async function replicas(session: WorldSession): Promise<readonly string[]> {
  const rows = await session.rows(REPLICAS);
  return rows.map((row) =>
    [
      `${String(row['ag'])}/${String(row['member'])}`,
      row['is_local'] === true ? 'local' : 'remote',
      row['role'],
      row['operational'] ?? '-',
      row['connected'],
      row['health'],
    ]
      .map(String)
      .join(' '),
  );
}

async function databases(session: WorldSession): Promise<readonly string[]> {
  const rows = await session.rows(MONITOR);
  return rows.map((row) =>
    [row['name'], row['database_name'], row['synchronization_state_desc']].map(String).join(' '),
  );
}

const SOURCE_LOCAL = 'OnPremAG/OnPremNode local PRIMARY ONLINE CONNECTED HEALTHY';
const TARGET_LOCAL = 'AzureAG/SQLVM local PRIMARY ONLINE CONNECTED HEALTHY';

async function seeded(pair: TwoInstances): Promise<void> {
  await makeGroups(pair);
  await createDistributed(pair);
  await joinAndSeed(pair);
}

test('before the join the source shows both members, and nothing on the target', async (t) => {
  const pair = await twoInstances(t);
  await makeGroups(pair);
  assert.deepEqual(await replicas(pair.source), [SOURCE_LOCAL]);
  assert.deepEqual(await replicas(pair.target), [TARGET_LOCAL]);
  assert.deepEqual(await databases(pair.source), ['OnPremAG Adventureworks SYNCHRONIZED']);
  assert.deepEqual(await databases(pair.target), []);
  await createDistributed(pair);
  assert.deepEqual(await replicas(pair.source), [
    SOURCE_LOCAL,
    'DAG/OnPremAG local PRIMARY ONLINE CONNECTED HEALTHY',
    'DAG/AzureAG remote SECONDARY - DISCONNECTED NOT_HEALTHY',
  ]);
  assert.deepEqual(await databases(pair.source), ['OnPremAG Adventureworks SYNCHRONIZED']);
  assert.deepEqual(await replicas(pair.target), [TARGET_LOCAL]);
});

test('in steady state the source shows two members and a DAG row, the target one and none', async (t) => {
  const pair = await twoInstances(t);
  await seeded(pair);
  assert.deepEqual(await replicas(pair.source), [
    SOURCE_LOCAL,
    'DAG/OnPremAG local PRIMARY ONLINE CONNECTED HEALTHY',
    'DAG/AzureAG remote SECONDARY - CONNECTED HEALTHY',
  ]);
  assert.deepEqual(await replicas(pair.target), [
    TARGET_LOCAL,
    'DAG/AzureAG local SECONDARY ONLINE CONNECTED HEALTHY',
  ]);
  assert.deepEqual(await databases(pair.source), [
    'OnPremAG Adventureworks SYNCHRONIZED',
    'DAG Adventureworks SYNCHRONIZING',
  ]);
  assert.deepEqual(await databases(pair.target), ['AzureAG Adventureworks SYNCHRONIZED']);
});

test('the remote row has no database_state, and every LSN is numeric(25,0) and equal at rest', async (t) => {
  const pair = await twoInstances(t);
  await seeded(pair);
  await synchronise(pair);
  assert.deepEqual(await databases(pair.source), [
    'OnPremAG Adventureworks SYNCHRONIZED',
    'DAG Adventureworks SYNCHRONIZED',
  ]);
  const text = `SELECT is_local, is_primary_replica, database_state_desc, end_of_log_lsn, last_hardened_lsn
    FROM sys.dm_hadr_database_replica_states ORDER BY is_local DESC`;
  const { rowsets } = await pair.source.batch(text);
  assert.deepEqual(rowsets[0]?.columns[4]?.type, { kind: 'numeric', precision: 25, scale: 0 });
  const [own, remote] = rowsets[0]?.rows ?? [];
  const [copy] = await pair.target.rows(text);
  const lsn = own?.['end_of_log_lsn'];
  assert.equal(typeof lsn, 'bigint');
  assert.equal(BigInt(lsn ?? 0) % 100_000n, 1n, 'the start of a log block');
  assert.deepEqual(own, {
    is_local: true,
    is_primary_replica: true,
    database_state_desc: 'ONLINE',
    end_of_log_lsn: lsn,
    last_hardened_lsn: lsn,
  });
  assert.deepEqual(remote, {
    is_local: false,
    is_primary_replica: false,
    database_state_desc: null,
    end_of_log_lsn: lsn,
    last_hardened_lsn: lsn,
  });
  // A forwarder looks like a primary in its own group.
  assert.deepEqual(copy, own);
});

test('a broken link leaves the forwarder green: only connected_state tells', async (t) => {
  const pair = await twoInstances(t);
  await seeded(pair);
  pair.world.partition('OnPremNode', 'SQLVM');
  await until('the source notices', async () =>
    (await replicas(pair.source)).includes(
      'DAG/AzureAG remote SECONDARY - DISCONNECTED NOT_HEALTHY',
    ),
  );
  assert.deepEqual(await databases(pair.source), [
    'OnPremAG Adventureworks SYNCHRONIZED',
    'DAG Adventureworks NOT SYNCHRONIZING',
  ]);
  await until('the target notices', async () =>
    (await replicas(pair.target)).includes(
      'DAG/AzureAG local SECONDARY ONLINE DISCONNECTED HEALTHY',
    ),
  );
  const [error] = await pair.source.rows(
    `SELECT last_connect_error_number AS number FROM sys.dm_hadr_availability_replica_states
     WHERE is_local = 0`,
  );
  assert.equal(typeof error?.['number'], 'number');
});

test('after SET (ROLE = SECONDARY) no DAG row is left, and the promotion swaps the two pictures', async (t) => {
  const pair = await twoInstances(t);
  await seeded(pair);
  await synchronise(pair);
  await pair.source.run('ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)');
  await until('the source is fenced', async () =>
    (await databases(pair.source)).includes('OnPremAG Adventureworks NOT SYNCHRONIZING'),
  );
  assert.deepEqual(await databases(pair.source), ['OnPremAG Adventureworks NOT SYNCHRONIZING']);
  assert.equal((await replicas(pair.source)).filter((row) => row.startsWith('DAG')).length, 1);
  assert.equal((await replicas(pair.target)).filter((row) => row.startsWith('DAG')).length, 1);
  const lsn = 'SELECT end_of_log_lsn AS lsn FROM sys.dm_hadr_database_replica_states';
  assert.deepEqual(await pair.source.rows(lsn), await pair.target.rows(lsn));
  await pair.target.run('ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
  await until('the promotion is over', async () => {
    const rows = await replicas(pair.target);
    return (
      rows.includes(TARGET_LOCAL) &&
      rows.some((row) => row.includes('PRIMARY ONLINE') && row.startsWith('DAG'))
    );
  });
  await until('the target sends', async () =>
    (await databases(pair.target)).some((row) => row.startsWith('DAG Adventureworks SYNCHRONI')),
  );
  assert.deepEqual(await replicas(pair.target), [
    TARGET_LOCAL,
    'DAG/AzureAG local PRIMARY ONLINE CONNECTED HEALTHY',
    'DAG/OnPremAG remote SECONDARY - CONNECTED HEALTHY',
  ]);
  assert.deepEqual(await databases(pair.source), ['OnPremAG Adventureworks SYNCHRONIZED']);
  assert.deepEqual(await replicas(pair.source), [
    SOURCE_LOCAL,
    'DAG/OnPremAG local SECONDARY ONLINE CONNECTED HEALTHY',
  ]);
});

test('groups outside a cluster have the ids and the lower-case texts that were captured', async (t) => {
  const pair = await twoInstances(t);
  await pair.source.run(`CREATE ENDPOINT [Hadr_endpoint] STATE = STARTED
    AS TCP (LISTENER_PORT = 5022) FOR DATABASE_MIRRORING (ROLE = ALL)`);
  await pair.source.run(`CREATE AVAILABILITY GROUP [AG1] WITH (CLUSTER_TYPE = NONE)
    FOR REPLICA ON N'OnPremNode' WITH (ENDPOINT_URL = N'TCP://OnPremNode.contoso.com:5022',
    FAILOVER_MODE = MANUAL, AVAILABILITY_MODE = SYNCHRONOUS_COMMIT)`);
  const [row] = await pair.source.rows('SELECT * FROM sys.availability_groups');
  assert.equal(row?.['group_id'], 'BE9BE8C9-6E17-1132-BFBA-8B7D2C28AFDB');
  assert.equal(row['resource_id'], '{BE9BE8C9-6E17-1132-BFBA-8B7D2C28AFDB}');
  assert.equal(row['cluster_type_desc'], 'none');
  assert.equal(row['automated_backup_preference_desc'], 'secondary');
  assert.equal(row['failure_condition_level'], 0);
  assert.ok(!('cluster_connection_options' in row));
});

test('every view can be read in every phase on both sides', async (t) => {
  const pair = await twoInstances(t);
  const readAll = async (): Promise<void> => {
    for (const session of [pair.source, pair.target]) {
      for (const name of Object.keys(catalogViews)) {
        const answer = await session.batch(`SELECT * FROM ${name}`);
        assert.deepEqual(answer.errors, [], name);
        for (const row of answer.rowsets[0]?.rows ?? []) {
          for (const column of answer.rowsets[0]?.columns ?? []) {
            assert.ok(row[column.name] !== null || column.nullable, `${name}.${column.name}`);
          }
        }
      }
    }
  };
  await readAll();
  await makeGroups(pair);
  await createDistributed(pair);
  await readAll();
  await joinAndSeed(pair);
  await readAll();
  await pair.source.run(`ALTER DATABASE [Adventureworks] SET HADR SUSPEND`);
  await readAll();
});

test('seeding leaves history on both sides, with the same operation', async (t) => {
  const pair = await twoInstances(t);
  await seeded(pair);
  const history = (session: WorldSession) =>
    session.rows(
      `SELECT current_state, is_source, failure_state, operation_id FROM sys.dm_hadr_automatic_seeding`,
    );
  const [sent] = await history(pair.source);
  const [received] = await history(pair.target);
  assert.deepEqual(
    [sent?.['current_state'], sent?.['is_source'], sent?.['failure_state']],
    ['COMPLETED', true, null],
  );
  assert.equal(received?.['is_source'], false);
  const [stream] = await pair.source.rows(
    `SELECT role_desc, internal_state_desc, remote_machine_name FROM sys.dm_hadr_physical_seeding_stats`,
  );
  assert.deepEqual(stream, {
    role_desc: 'Source',
    internal_state_desc: 'Success',
    remote_machine_name: 'tcp://SQLVM.contoso.com:5022',
  });
});

test('the functions of distributed groups lead to the local ids', async (t) => {
  const pair = await twoInstances(t);
  await seeded(pair);
  for (const session of [pair.source, pair.target]) {
    const rows = await session.rows(
      `SELECT lag.name AS ag, f.group_id AS id, lag.group_id AS expected
       FROM sys.availability_groups dag
       JOIN sys.availability_replicas ar ON ar.group_id = dag.group_id
       JOIN sys.availability_groups lag ON lag.name = ar.replica_server_name
       CROSS APPLY sys.fn_hadr_distributed_ag_replica(dag.group_id, ar.replica_id) f
       WHERE dag.is_distributed = 1`,
    );
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.['id'], rows[0]?.['expected']);
  }
  const rows = await pair.source.rows(
    `SELECT f.group_database_id AS id, d.group_database_id AS expected
     FROM sys.availability_groups ag
     JOIN sys.dm_hadr_database_replica_states drs ON drs.group_id = ag.group_id
     JOIN sys.databases d ON d.database_id = drs.database_id
     CROSS APPLY sys.fn_hadr_distributed_ag_database_replica(ag.group_id, drs.group_database_id) f
     WHERE ag.is_distributed = 1`,
  );
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.['id'], rows[0]?.['expected']);
});

test('a login without rights gets fewer rows of catalog views and an error of dynamic ones', async (t) => {
  const pair = await twoInstances(t);
  await makeGroups(pair);
  const visitor = await pair.session('OnPremNode', 'visitor');
  assert.deepEqual(await visitor.rows('SELECT name FROM sys.availability_groups'), []);
  assert.deepEqual(await visitor.rows('SELECT name FROM sys.master_files'), []);
  const names = await visitor.rows('SELECT name FROM sys.databases ORDER BY database_id');
  assert.deepEqual(
    names.map((row) => row['name']),
    ['master', 'tempdb', 'model', 'msdb', 'Adventureworks'],
  );
  const logins = await visitor.rows(`SELECT name FROM sys.server_principals WHERE type = 'S'`);
  assert.deepEqual(
    logins.map((row) => String(row['name'])).toSorted((a, b) => a.localeCompare(b)),
    ['sa', 'visitor'],
  );
  const sessions = await visitor.rows('SELECT login_name FROM sys.dm_exec_sessions');
  assert.deepEqual(sessions, [{ login_name: 'visitor' }]);
  const refused = await visitor.batch('SELECT * FROM sys.dm_hadr_database_replica_states');
  assert.equal(refused.errors[0]?.number, 300);
  assert.match(refused.errors[0].text, /^VIEW SERVER PERFORMANCE STATE permission was denied/u);
  const backups = await visitor.batch('SELECT * FROM msdb.dbo.backupset');
  assert.equal(backups.errors[0]?.number, 229);
});

test('an instance of 2017 has not the columns of later versions, and asks for the older permission', async (t) => {
  const pair = await twoInstances(t, { both: { release: 2017 } });
  const missing = await pair.source.batch('SELECT is_contained FROM sys.availability_groups');
  assert.equal(missing.errors[0]?.number, 207);
  const visitor = await pair.session('OnPremNode', 'visitor');
  const refused = await visitor.batch('SELECT * FROM sys.dm_hadr_availability_replica_states');
  assert.match(refused.errors[0]?.text ?? '', /^VIEW SERVER STATE permission was denied/u);
  const [row] = await pair.source.rows(
    `SELECT SERVERPROPERTY('ProductMajorVersion') AS major, SERVERPROPERTY('InstanceDefaultBackupPath') AS backups`,
  );
  assert.deepEqual(row, { major: '14', backups: null });
});

test('the server says what it is: a lab', async (t) => {
  const pair = await twoInstances(t);
  const [row] = await pair.source.rows(
    `SELECT @@VERSION AS version, SERVERPROPERTY('Edition') AS edition,
       SERVERPROPERTY('EngineEdition') AS engine, SERVERPROPERTY('InstanceName') AS instance,
       SERVERPROPERTY('nothing') AS nothing, SERVERPROPERTY('ServerName') AS server,
       DATABASEPROPERTYEX('Adventureworks', 'Updateability') AS updateability`,
  );
  assert.match(String(row?.['version']), /^Microsoft SQL Server 2022 \(sqlferry lab\) - 16\.0\./u);
  assert.match(String(row?.['edition']), /^Enterprise Edition \(64-bit\).*sqlferry lab$/u);
  assert.deepEqual(
    [row?.['engine'], row?.['instance'], row?.['nothing'], row?.['server'], row?.['updateability']],
    [3, null, null, 'OnPremNode', 'READ_WRITE'],
  );
});

test('a forwarder is READ_ONLY by DATABASEPROPERTYEX although sys.databases says otherwise', async (t) => {
  const pair = await twoInstances(t);
  await seeded(pair);
  const [row] = await pair.target.rows(
    `SELECT DATABASEPROPERTYEX('Adventureworks', 'Updateability') AS updateability,
       DATABASEPROPERTYEX('Adventureworks', 'Status') AS status,
       (SELECT is_read_only FROM sys.databases WHERE name = 'Adventureworks') AS is_read_only`,
  );
  assert.deepEqual(row, { updateability: 'READ_ONLY', status: 'ONLINE', is_read_only: false });
});

test('the options of a distributed group are per side', async (t) => {
  const pair = await twoInstances(t);
  await seeded(pair);
  await pair.source.run(
    `ALTER AVAILABILITY GROUP [DAG] MODIFY AVAILABILITY GROUP ON
     'OnPremAG' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT),
     'AzureAG' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT)`,
  );
  const modes = (session: WorldSession) =>
    session.rows(
      `SELECT ar.availability_mode_desc AS mode, ar.failover_mode_desc AS failover
       FROM sys.availability_replicas ar JOIN sys.availability_groups ag ON ag.group_id = ar.group_id
       WHERE ag.is_distributed = 1`,
    );
  const synchronous = { mode: 'SYNCHRONOUS_COMMIT', failover: 'MANUAL' };
  const asynchronous = { mode: 'ASYNCHRONOUS_COMMIT', failover: 'MANUAL' };
  assert.deepEqual(await modes(pair.source), [synchronous, synchronous]);
  assert.deepEqual(await modes(pair.target), [asynchronous, asynchronous]);
  assert.deepEqual(await databases(pair.source), [
    'OnPremAG Adventureworks SYNCHRONIZED',
    'DAG Adventureworks SYNCHRONIZING',
  ]);
  assert.ok(members('ASYNCHRONOUS').includes('OnPremAG'));
});

test('application locks and open transactions are seen', async (t) => {
  const pair = await twoInstances(t);
  await pair.source.run(
    `EXEC sp_getapplock @Resource = 'sqlferry', @LockMode = 'Exclusive', @LockOwner = 'Session'`,
  );
  const locks = await pair.source.rows(
    `SELECT request_mode, request_status, request_session_id FROM sys.dm_tran_locks
     WHERE resource_type = 'APPLICATION'`,
  );
  assert.equal(locks.length, 1);
  assert.deepEqual([locks[0]?.['request_mode'], locks[0]?.['request_status']], ['X', 'GRANT']);
  await pair.source.run('BEGIN TRANSACTION');
  const [open] = await pair.source.rows(
    'SELECT open_transaction_count AS count FROM sys.dm_exec_sessions WHERE session_id = @@SPID',
  );
  assert.equal(open?.['count'], 1);
  await pair.source.run('ROLLBACK');
});
