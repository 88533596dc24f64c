import assert from 'node:assert/strict';
import test from 'node:test';

import { articleMigration } from '../../../tests/support/observation.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { assessBatch } from './assess-batch.ts';
import { decodeFacts } from './assess-decode.ts';

const options = { migration: articleMigration, side: 'source' } as const;

const permissions: RawRow = {
  login_name: 'sa',
  is_sysadmin: 1,
  view_server_state: 1,
  view_server_performance_state: null,
  view_any_definition: 1,
  view_any_database: 1,
  alter_any_availability_group: 1,
  create_availability_group: 1,
  create_endpoint: 1,
  alter_any_endpoint: 1,
  alter_any_login: 1,
  alter_any_connection: 1,
  create_any_database: 1,
  read_backup_history: 1,
  read_msdb: 1,
  connect_any_database: 1,
};

const database: RawRow = {
  name: 'Adventureworks',
  database_id: 5,
  state_desc: 'ONLINE',
  recovery_model_desc: 'FULL',
  user_access_desc: 'MULTI_USER',
  is_read_only: false,
  is_auto_close_on: false,
  is_in_standby: false,
  compatibility_level: 160,
  collation_name: null,
  containment_desc: 'NONE',
  is_encrypted: true,
  is_trustworthy_on: false,
  is_db_chaining_on: false,
  is_broker_enabled: true,
  is_cdc_enabled: false,
  is_published: false,
  is_merge_published: false,
  is_subscribed: false,
  is_distributor: false,
  delayed_durability_desc: 'DISABLED',
  log_reuse_wait_desc: 'NOTHING',
  source_database_id: null,
  owner_name: 'sa',
  in_availability_group: 0,
  availability_group: null,
  is_mirrored: 0,
};

const parts: Readonly<Record<string, readonly RawRow[]>> = {
  part_permissions: [permissions],
  part_server: [
    {
      server_name: 'OnPremNode',
      server_property_name: 'ONPREMNODE',
      instance_name: null,
      machine_name: 'ONPREMNODE',
      product_version: '14.0.3456.2',
      edition: 'Enterprise Edition (64-bit)',
      engine_edition: 3,
      is_hadr_enabled: 1,
      hadr_manager_status: 1,
      is_clustered: 0,
      collation: 'SQL_Latin1_General_CP1_CI_AS',
      default_domain: 'CONTOSO',
      default_data_path: 'D:\\Data\\',
      default_log_path: null,
      utc_now: '2026-11-21T12:00:00.1234567',
    },
  ],
  part_service: [{ service_account: 'CONTOSO\\svc', instant_file_initialization_enabled: 'Y' }],
  part_workers: [{ max_workers_count: 512 }],
  part_session: [
    { encrypt_option: 'TRUE', auth_scheme: 'SQL', net_transport: 'TCP', local_tcp_port: 1433 },
  ],
  part_databases: [database],
  part_encryption_keys: [{ database_name: 'Adventureworks', encryptor_thumbprint: '0xAB' }],
  part_backups: [
    {
      database_name: 'Adventureworks',
      last_full_finish: '2026-11-20T01:00:00',
      last_copy_only_finish: null,
      last_log_finish: null,
      last_log_backup_lsn: '37000000012300001',
    },
  ],
  part_files: [
    file('ROWS', 'D:\\Data\\aw.mdf', '8192000'),
    file('LOG', 'L:\\Log\\aw.ldf', '1024000'),
  ],
  part_endpoints: [],
  part_endpoint_grants: [],
  part_listeners: [{ ip_address: '::', port: 1433, type_desc: 'TSQL', state_desc: 'ONLINE' }],
  part_groups: [
    {
      name: 'Other',
      is_distributed: false,
      basic_features: false,
      cluster_type_desc: 'wsfc',
      is_contained: false,
      required_secondaries: 0,
      automated_backup_preference_desc: 'secondary',
      dtc_support: false,
      db_failover: true,
      role_desc: 'PRIMARY',
      synchronization_health_desc: 'NOT_HEALTHY',
    },
  ],
  part_replicas: [
    { group_name: 'Other', replica_server_name: 'A', connected_state_desc: 'CONNECTED' },
    { group_name: 'Other', replica_server_name: 'B', connected_state_desc: 'DISCONNECTED' },
  ],
  part_group_databases: [{ group_name: 'Other', database_name: 'X', is_suspended: true }],
  part_group_listeners: [],
  part_windows_logins: [],
  part_fence_logins: [],
};

function file(type: string, path: string, bytes: string): RawRow {
  return {
    database_name: 'Adventureworks',
    type_desc: type,
    name: type,
    physical_name: path,
    size_bytes: bytes,
    state_desc: 'ONLINE',
    max_size: -1,
    growth: 8192,
    is_percent_growth: false,
  };
}

function reply(change: Readonly<Record<string, readonly RawRow[] | null>> = {}): RawReply {
  const sets = Object.entries({ ...parts, ...change }).flatMap(([name, rows]) =>
    rows === null ? [] : [{ columns: [name], rows }],
  );
  return { sets, errors: [] };
}

test('a full answer becomes facts', () => {
  const facts = decodeFacts(reply(), options);
  assert.ok(facts.databases.known && facts.server.known && facts.availabilityGroups.known);
  const [first] = facts.databases.value;
  assert.equal(first?.sizeBytes, 9_216_000);
  assert.equal(first?.encryptorThumbprint, '0xAB');
  assert.ok(first?.backup.known);
  assert.equal(first.backup.value.lastLogBackupLsn, 37_000_000_012_300_001n);
  assert.equal(facts.server.value.versionMajor, 14);
  assert.equal(facts.server.value.instanceName, null);
  assert.equal(facts.server.value.instantFileInitialization, true);
  assert.deepEqual(facts.availabilityGroups.value[0]?.disconnectedReplicas, ['B']);
  assert.deepEqual(facts.availabilityGroups.value[0]?.suspendedDatabases, ['X']);
  assert.equal(facts.availabilityGroups.value[0]?.clusterTypeDesc, 'WSFC');
});

test('a login without rights gives unknown parts with the missing right', () => {
  const nothing = Object.fromEntries(
    Object.entries(permissions).map(([name, value]) => [name, value === 1 ? 0 : value]),
  );
  const facts = decodeFacts(
    reply({ part_permissions: [nothing], part_databases: [], part_endpoints: [], part_groups: [] }),
    options,
  );
  for (const fact of [
    facts.databases,
    facts.files,
    facts.endpoints,
    facts.availabilityGroups,
    facts.session,
    facts.windowsLogins,
  ]) {
    assert.ok(!fact.known && fact.because.includes('VIEW '), JSON.stringify(fact));
  }
  assert.ok(facts.permissions.known && facts.server.known);
});

test('without the right to the backup history only the backups are unknown', () => {
  const facts = decodeFacts(
    reply({ part_permissions: [{ ...permissions, is_sysadmin: 0, read_backup_history: 0 }] }),
    options,
  );
  assert.ok(facts.databases.known);
  assert.equal(facts.databases.value[0]?.backup.known, false);
});

test('a service that is not shown leaves null, not a guess', () => {
  const facts = decodeFacts(reply({ part_service: null, part_workers: null }), options);
  assert.ok(facts.server.known);
  assert.equal(facts.server.value.serviceAccount, null);
  assert.equal(facts.server.value.maxWorkersCount, null);
});

test('columns of later versions are not asked of 2016', () => {
  const batch = assessBatch({ ...options, versionMajor: 13 });
  assert.doesNotMatch(batch, /ag\.cluster_type_desc|ag\.is_contained|PERFORMANCE STATE/u);
});
