/** Which rows the catalog shows on the four replicas of two groups and a distributed group over them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { catalogViews } from '../../src/lab/catalog/catalog.ts';
import { until } from '../support/article-world.ts';
import {
  fourInstances,
  inStep,
  listenerMembers,
  makeReplicated,
  type Node,
  type ReplicatedWorld,
} from '../support/replicated-world.ts';
import type { WorldSession } from '../support/world-session.ts';

const nodes: readonly Node[] = ['OnPremNode1', 'OnPremNode2', 'SQLVM1', 'SQLVM2'];

async function lines(session: WorldSession, query: string): Promise<readonly string[]> {
  const rows = await session.rows(query);
  return rows.map((row) =>
    Object.values(row)
      .map((value) => String(value ?? '-'))
      .join(' '),
  );
}

const REPLICAS = `SELECT ag.name, ar.replica_server_name, ars.is_local, ars.role_desc,
  ars.operational_state_desc, ars.connected_state_desc, ars.synchronization_health_desc
FROM sys.availability_groups ag
JOIN sys.availability_replicas ar ON ar.group_id = ag.group_id
JOIN sys.dm_hadr_availability_replica_states ars ON ars.replica_id = ar.replica_id
ORDER BY ag.is_distributed, ars.is_local DESC`;

const DATABASES = `SELECT ag.name, ar.replica_server_name, drs.is_local, drs.is_primary_replica,
  drs.synchronization_state_desc, drs.database_state_desc
FROM sys.dm_hadr_database_replica_states drs
JOIN sys.availability_groups ag ON ag.group_id = drs.group_id
JOIN sys.availability_replicas ar ON ar.replica_id = drs.replica_id
ORDER BY ag.is_distributed, drs.is_local DESC`;

async function withDistributed(given: ReplicatedWorld): Promise<void> {
  await makeReplicated(given, 'OnPremAG');
  await inStep(given.sessions.OnPremNode1, 2);
  await makeReplicated(given, 'AzureAG');
  const { OnPremNode1, SQLVM1 } = given.sessions;
  await OnPremNode1.run(
    `CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) ${listenerMembers('ASYNCHRONOUS')}`,
  );
  await SQLVM1.run(`ALTER AVAILABILITY GROUP [DAG] JOIN ${listenerMembers('ASYNCHRONOUS')}`);
  await inStep(SQLVM1, 2);
  for (const each of [OnPremNode1, SQLVM1])
    await each.run(`ALTER AVAILABILITY GROUP [DAG] MODIFY ${listenerMembers('SYNCHRONOUS')}`);
  await inStep(OnPremNode1, 3);
  for (const secondary of [given.sessions.OnPremNode2, given.sessions.SQLVM2])
    await inStep(secondary, 1);
}

test('a primary shows every replica, a secondary itself alone', async (t) => {
  const given = await fourInstances(t);
  await makeReplicated(given, 'OnPremAG');
  const { OnPremNode1, OnPremNode2 } = given.sessions;
  await inStep(OnPremNode1, 2);
  await inStep(OnPremNode2, 1);
  assert.deepEqual(await lines(OnPremNode1, REPLICAS), [
    'OnPremAG OnPremNode1 true PRIMARY ONLINE CONNECTED HEALTHY',
    'OnPremAG OnPremNode2 false SECONDARY - CONNECTED HEALTHY',
  ]);
  assert.deepEqual(await lines(OnPremNode2, REPLICAS), [
    'OnPremAG OnPremNode2 true SECONDARY ONLINE CONNECTED HEALTHY',
  ]);
  assert.deepEqual(await lines(OnPremNode1, DATABASES), [
    'OnPremAG OnPremNode1 true true SYNCHRONIZED ONLINE',
    'OnPremAG OnPremNode2 false false SYNCHRONIZED -',
  ]);
  assert.deepEqual(await lines(OnPremNode2, DATABASES), [
    'OnPremAG OnPremNode2 true false SYNCHRONIZED ONLINE',
  ]);
  const ready = `SELECT is_failover_ready, is_database_joined
    FROM sys.dm_hadr_database_replica_cluster_states`;
  assert.deepEqual(await lines(OnPremNode1, ready), ['true true', 'true true']);
  const primary = 'SELECT primary_replica FROM sys.dm_hadr_availability_group_states';
  assert.deepEqual(await lines(OnPremNode2, primary), ['OnPremNode1']);
  const ids =
    'SELECT group_id, replica_id, group_database_id FROM sys.dm_hadr_database_replica_states WHERE is_local = 0';
  const own = ids.replace('is_local = 0', 'is_local = 1');
  assert.deepEqual(await lines(OnPremNode1, ids), await lines(OnPremNode2, own));
});

test('a replica that has not joined is NOT_JOINED, a lost one DISCONNECTED and NOT SYNCHRONIZING', async (t) => {
  const given = await fourInstances(t);
  const { OnPremNode1, OnPremNode2 } = given.sessions;
  const joined = 'SELECT join_state_desc FROM sys.dm_hadr_availability_replica_cluster_states';
  await makeReplicated(given, 'OnPremAG');
  await inStep(OnPremNode1, 2);
  assert.deepEqual(await lines(OnPremNode1, joined), [
    'JOINED_STANDALONE_INSTANCE',
    'JOINED_STANDALONE_INSTANCE',
  ]);
  given.world.partition('OnPremNode1', 'OnPremNode2');
  await until('the secondary is missed', async () =>
    (await lines(OnPremNode1, REPLICAS)).includes(
      'OnPremAG OnPremNode2 false SECONDARY - DISCONNECTED NOT_HEALTHY',
    ),
  );
  assert.ok(
    (await lines(OnPremNode1, DATABASES)).includes(
      'OnPremAG OnPremNode2 false false NOT SYNCHRONIZING -',
    ),
  );
  await until('the secondary misses its primary', async () =>
    (await lines(OnPremNode2, REPLICAS)).includes(
      'OnPremAG OnPremNode2 true SECONDARY ONLINE DISCONNECTED NOT_HEALTHY',
    ),
  );
});

test('cluster, members, nodes and the listener are shown on nodes of a cluster', async (t) => {
  const given = await fourInstances(t);
  await makeReplicated(given, 'OnPremAG');
  const { OnPremNode2, SQLVM1 } = given.sessions;
  await inStep(given.sessions.OnPremNode1, 2);
  assert.deepEqual(
    await lines(OnPremNode2, 'SELECT cluster_name, quorum_state_desc FROM sys.dm_hadr_cluster'),
    ['ONPREMCLUSTER NORMAL_QUORUM'],
  );
  const members =
    'SELECT member_name, member_type_desc, member_state_desc FROM sys.dm_hadr_cluster_members';
  assert.deepEqual(await lines(OnPremNode2, members), [
    'OnPremNode1 CLUSTER_NODE UP',
    'OnPremNode2 CLUSTER_NODE UP',
    'Cloud Witness CLOUD_WITNESS UP',
  ]);
  const listener = `SELECT l.dns_name, l.port, i.ip_address, i.network_subnet_ip,
      i.network_subnet_prefix_length, i.state_desc
    FROM sys.availability_group_listeners l
    JOIN sys.availability_group_listener_ip_addresses i ON i.listener_id = l.listener_id`;
  assert.deepEqual(await lines(OnPremNode2, listener), [
    'OnPremAG_LST 1433 10.0.0.50 10.0.0.0 24 ONLINE',
  ]);
  assert.deepEqual(await lines(SQLVM1, listener), []);
});

test('two plus two: every role shows its rows, and the DAG is seen from the primaries alone', async (t) => {
  const given = await fourInstances(t);
  await withDistributed(given);
  const { OnPremNode1, OnPremNode2, SQLVM1, SQLVM2 } = given.sessions;
  assert.deepEqual(await lines(OnPremNode1, REPLICAS), [
    'OnPremAG OnPremNode1 true PRIMARY ONLINE CONNECTED HEALTHY',
    'OnPremAG OnPremNode2 false SECONDARY - CONNECTED HEALTHY',
    'DAG OnPremAG true PRIMARY ONLINE CONNECTED HEALTHY',
    'DAG AzureAG false SECONDARY - CONNECTED HEALTHY',
  ]);
  assert.deepEqual(await lines(SQLVM1, REPLICAS), [
    'AzureAG SQLVM1 true PRIMARY ONLINE CONNECTED HEALTHY',
    'AzureAG SQLVM2 false SECONDARY - CONNECTED HEALTHY',
    'DAG AzureAG true SECONDARY ONLINE CONNECTED HEALTHY',
  ]);
  assert.deepEqual(await lines(OnPremNode1, DATABASES), [
    'OnPremAG OnPremNode1 true true SYNCHRONIZED ONLINE',
    'OnPremAG OnPremNode2 false false SYNCHRONIZED -',
    'DAG AzureAG false false SYNCHRONIZED -',
  ]);
  assert.deepEqual(await lines(SQLVM1, DATABASES), [
    'AzureAG SQLVM1 true true SYNCHRONIZED ONLINE',
    'AzureAG SQLVM2 false false SYNCHRONIZED -',
  ]);
  assert.deepEqual(await lines(SQLVM2, DATABASES), [
    'AzureAG SQLVM2 true false SYNCHRONIZED ONLINE',
  ]);
  assert.deepEqual(await lines(OnPremNode2, 'SELECT name FROM sys.availability_groups'), [
    'OnPremAG',
  ]);
  const end = `SELECT DISTINCT CONVERT(varchar(30), end_of_log_lsn) AS lsn
    FROM sys.dm_hadr_database_replica_states`;
  const seen = await Promise.all(nodes.map((node) => lines(given.sessions[node], end)));
  assert.equal(new Set(seen.flat()).size, 1, 'end_of_log_lsn is the same in all seven rows');
});

test('rows written on the primary are read on every replica, and again after a local failover', async (t) => {
  const given = await fourInstances(t);
  await withDistributed(given);
  const { OnPremNode1, OnPremNode2 } = given.sessions;
  await OnPremNode1.run(
    'CREATE TABLE Adventureworks.dbo.kept (id int PRIMARY KEY); INSERT INTO Adventureworks.dbo.kept VALUES (1)',
  );
  const count = 'SELECT COUNT(*) AS n FROM Adventureworks.dbo.kept';
  for (const node of nodes) assert.deepEqual(await lines(given.sessions[node], count), ['1'], node);
  await OnPremNode2.run('ALTER AVAILABILITY GROUP [OnPremAG] FAILOVER');
  await until('the second node is the primary', async () =>
    (await lines(OnPremNode2, REPLICAS)).includes(
      'DAG OnPremAG true PRIMARY ONLINE CONNECTED HEALTHY',
    ),
  );
  await inStep(OnPremNode2, 3);
  await OnPremNode2.run('INSERT INTO Adventureworks.dbo.kept VALUES (2)');
  for (const node of nodes) assert.deepEqual(await lines(given.sessions[node], count), ['2'], node);
});

test('every view can be read on all four servers', async (t) => {
  const given = await fourInstances(t);
  await withDistributed(given);
  for (const node of nodes) {
    for (const name of Object.keys(catalogViews)) {
      const from = name.startsWith('sys.') ? name : name.replace(/^(\w+)\.(\w+)\./u, '[$1].[$2].');
      await given.sessions[node].rows(`SELECT * FROM ${from}`);
    }
  }
});
