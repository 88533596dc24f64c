/** The query shapes that Microsoft's pages publish for distributed groups, run on both sides. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  createDistributed,
  joinAndSeed,
  makeGroups,
  synchronise,
  twoInstances,
} from '../support/article-world.ts';

interface Shape {
  readonly name: string;
  readonly text: string;
  /** Rows on the global primary and on the forwarder, when both are synchronous. */
  readonly rows: readonly [number, number];
}

const SHAPES: readonly Shape[] = [
  {
    name: 'groups and members',
    text: `SELECT ag.[name] AS [AG Name], ag.is_distributed, ar.replica_server_name AS [Replica Name]
      FROM sys.availability_groups AS ag
      INNER JOIN sys.availability_replicas AS ar ON ag.group_id = ar.group_id;`,
    rows: [3, 3],
  },
  {
    name: 'health of the distributed group',
    text: `SELECT ag.name AS [AG Name], ag.is_distributed, ar.replica_server_name AS [Underlying AG],
        ars.role_desc AS [Role], ars.synchronization_health_desc AS [Sync Status]
      FROM sys.availability_groups AS ag
      INNER JOIN sys.availability_replicas AS ar ON ag.group_id = ar.group_id
      INNER JOIN sys.dm_hadr_availability_replica_states AS ars ON ar.replica_id = ars.replica_id
      WHERE ag.is_distributed = 1`,
    rows: [2, 1],
  },
  {
    name: 'throughput',
    text: `SELECT ag.name, d.name AS DB, drs.log_send_queue_size, drs.log_send_rate,
        drs.redo_queue_size, drs.redo_rate
      FROM sys.databases AS d
      INNER JOIN sys.dm_hadr_database_replica_states AS drs ON d.database_id = drs.database_id
      INNER JOIN sys.availability_groups AS ag ON drs.group_id = ag.group_id
      INNER JOIN sys.dm_hadr_availability_replica_states AS ars ON ars.replica_id = drs.replica_id
      INNER JOIN sys.availability_replicas AS ar ON ar.replica_id = ars.replica_id
      WHERE ag.is_distributed = 1`,
    rows: [1, 0],
  },
  {
    name: 'health of all groups',
    text: `SELECT ag.name, ag.is_distributed, ar.replica_server_name, d.name, ars.role_desc,
        drs.synchronization_state_desc, drs.synchronization_health_desc, drs.suspend_reason_desc,
        drs.last_sent_time, drs.last_received_time, drs.last_hardened_time, drs.last_redone_time,
        drs.last_commit_time, drs.secondary_lag_seconds
      FROM sys.databases d
      INNER JOIN sys.dm_hadr_database_replica_states drs ON d.database_id = drs.database_id
      INNER JOIN sys.availability_groups ag ON drs.group_id = ag.group_id
      INNER JOIN sys.dm_hadr_availability_replica_states ars ON ars.replica_id = drs.replica_id
      INNER JOIN sys.availability_replicas ar ON ar.replica_id = ars.replica_id
      ORDER BY ag.name`,
    rows: [2, 1],
  },
  {
    name: 'endpoints and modes',
    text: `SELECT ar.endpoint_url, ar.availability_mode_desc, ar.failover_mode_desc,
        ar.primary_role_allow_connections_desc, ar.secondary_role_allow_connections_desc,
        ar.seeding_mode_desc, ag.name
      FROM sys.availability_replicas ar INNER JOIN sys.availability_groups ag ON ar.group_id = ag.group_id`,
    rows: [3, 3],
  },
  {
    name: 'seeding',
    text: `SELECT r.current_state, r.failure_state_desc, r.error_code, r.performed_seeding, r.start_time,
        r.completion_time, r.number_of_attempts, ag.name, ar.replica_server_name, d.name
      FROM sys.dm_hadr_automatic_seeding r
      JOIN sys.availability_groups ag ON ag.group_id = r.ag_id
      JOIN sys.availability_replicas ar ON ar.replica_id = r.ag_remote_replica_id
      LEFT JOIN sys.databases d ON d.group_database_id = r.ag_db_id`,
    rows: [1, 1],
  },
  {
    name: 'counters of the distributed group',
    text: `SELECT object_name, counter_name, instance_name, cntr_value
      FROM sys.dm_os_performance_counters WHERE instance_name LIKE '%DAG%'`,
    rows: [1, 0],
  },
  {
    name: 'commit modes',
    text: `SELECT ag.name, ag.is_distributed, ar.replica_server_name, ar.availability_mode_desc,
        ars.connected_state_desc, ars.role_desc, ars.operational_state_desc,
        ars.synchronization_health_desc
      FROM sys.availability_groups ag
      JOIN sys.availability_replicas ar ON ag.group_id = ar.group_id
      LEFT JOIN sys.dm_hadr_availability_replica_states ars
        ON ars.replica_id = ar.replica_id AND ars.group_id = ar.group_id
      WHERE ag.is_distributed = 1`,
    rows: [2, 2],
  },
  {
    name: 'local groups are synchronous',
    text: `SELECT ag.name, ar.availability_mode_desc
      FROM sys.availability_replicas ar
      JOIN sys.availability_groups ag ON ag.group_id = ar.group_id
      JOIN sys.dm_hadr_database_replica_states drs
        ON drs.group_id = ar.group_id AND drs.replica_id = ar.replica_id
      WHERE ag.name IN ('OnPremAG', 'AzureAG') AND drs.is_primary_replica = 1
        AND ar.replica_server_name = @@SERVERNAME`,
    rows: [1, 1],
  },
  {
    name: 'readiness from 2022 on',
    text: `SELECT ag.name, drs.database_id, drs.synchronization_state_desc, drs.last_hardened_lsn
      FROM sys.dm_hadr_database_replica_states drs
      JOIN sys.availability_groups ag ON drs.group_id = ag.group_id WHERE ag.name = 'dag'`,
    rows: [1, 0],
  },
  {
    name: 'readiness before 2022',
    text: `SELECT ag.name, drs.database_id, drs.synchronization_state_desc,
        CONVERT(varchar(30), drs.last_hardened_lsn) AS lsn
      FROM sys.dm_hadr_database_replica_states drs
      JOIN sys.availability_groups ag ON drs.group_id = ag.group_id
      WHERE ag.name IN ('OnPremAG', 'AzureAG')`,
    rows: [1, 1],
  },
  {
    name: 'primary or not',
    text: `IF sys.fn_hadr_is_primary_replica('Adventureworks') = 1 SELECT 'primary' AS role`,
    rows: [1, 0],
  },
  {
    name: 'last full backups',
    text: `SELECT TOP (1) bs.database_name, bs.backup_finish_date, bmf.physical_device_name, bmf.device_type
      FROM msdb.dbo.backupset bs
      JOIN msdb.dbo.backupmediafamily bmf ON bmf.media_set_id = bs.media_set_id
      WHERE bs.database_name = 'Adventureworks' AND bs.type = 'D' AND bs.is_copy_only = 0
      ORDER BY bs.backup_finish_date DESC`,
    rows: [1, 0],
  },
  {
    name: 'who may connect to the endpoint',
    text: `SELECT sp.name, p.permission_name, p.state_desc FROM sys.server_permissions p
      JOIN sys.server_principals sp ON sp.principal_id = p.grantee_principal_id
      JOIN sys.endpoints e ON e.endpoint_id = p.major_id
      WHERE p.class = 105 AND p.type = 'CO' AND e.name = 'Hadr_endpoint'`,
    rows: [1, 1],
  },
  {
    name: 'groups that may create databases',
    text: `SELECT ag.name FROM sys.server_permissions sp
      JOIN sys.availability_replicas ar ON ar.replica_metadata_id = sp.major_id
      JOIN sys.availability_groups ag ON ag.group_id = ar.group_id
      WHERE sp.class = 108 AND sp.permission_name = N'CREATE ANY DATABASE' AND sp.state = 'G'`,
    rows: [1, 1],
  },
  {
    name: 'listening ports',
    text: `SELECT port, type_desc, state_desc FROM sys.dm_tcp_listener_states
      WHERE type_desc = 'DATABASE_MIRRORING' AND is_ipv4 = 1`,
    rows: [1, 1],
  },
];

test('every published shape runs on both sides and finds the rows of its side', async (t) => {
  const pair = await twoInstances(t);
  await makeGroups(pair);
  await createDistributed(pair);
  await joinAndSeed(pair);
  await synchronise(pair);
  for (const { name, text, rows } of SHAPES) {
    const found = [(await pair.source.rows(text)).length, (await pair.target.rows(text)).length];
    assert.deepEqual(found, rows, name);
  }
});
