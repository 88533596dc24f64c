import assert from 'node:assert/strict';
import test from 'node:test';

import type { RawReply, RawRow } from '../batch.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import { observeBatch } from './observe-batch.ts';
import { decodeObservation } from './observe-decode.ts';

const options = { migration: articleMigration, side: 'source', generation: 3 } as const;

const rights = { view_server_state: 1, view_server_performance_state: 1, view_any_definition: 1 };

const parts: Readonly<Record<string, readonly RawRow[]>> = {
  part_rights: [rights],
  part_server: [
    {
      server_name: 'OnPremNode',
      server_property_name: 'OnPremNode',
      machine_name: 'ONPREMNODE',
      default_domain: 'CONTOSO',
      product_version: '16.0.4135.4',
      edition: 'Enterprise Edition (64-bit)',
      engine_edition: 3,
      is_hadr_enabled: 1,
      utc_now: '2026-11-21T12:00:00.1234567',
    },
  ],
  part_service: [{ service_account: 'CONTOSO\\svc' }],
  part_endpoint: [{ name: 'Hadr_endpoint', state_desc: 'STARTED', port: 5022, ip_address: null }],
  part_endpoint_grants: [{ name: 'CONTOSO\\peer' }],
  part_groups: [
    group('OnPremAG', true, 'PRIMARY'),
    group('DAG', true, 'PRIMARY'),
    {
      ...group('DAG', false, 'SECONDARY'),
      connected_state_desc: 'DISCONNECTED',
      last_connect_error_number: 35_250,
    },
  ],
  part_members: [
    member('OnPremAG', 'OnPremNode', 1),
    member('DAG', 'OnPremAG', 0),
    member('DAG', 'AzureAG', 0),
  ],
  part_group_databases: [{ database_name: 'Adventureworks' }],
  part_create_database: [{ granted: 1 }],
  part_other_distributed: [],
  part_databases: [
    {
      name: 'Adventureworks',
      state_desc: 'ONLINE',
      recovery_model_desc: 'FULL',
      has_log_chain: 1,
      recovery_fork_guid: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
      fork_point_lsn: '37000000011000001',
    },
  ],
  part_replica_states: [
    state({ is_distributed: false, is_local: true, last_hardened_lsn: null }),
    state({ is_distributed: true, is_local: false, last_hardened_lsn: '37000000012300001' }),
  ],
  part_seeding: [
    {
      database_name: 'Adventureworks',
      current_state: 'FAILED',
      failure_state_desc: 'Seeding Check Message Timeout',
      error_code: 0,
      number_of_attempts: 2,
    },
    {
      database_name: 'Adventureworks',
      current_state: 'SEEDING',
      failure_state_desc: null,
      error_code: null,
      number_of_attempts: 1,
    },
  ],
  part_physical_seeding: [
    {
      database_name: 'Adventureworks',
      internal_state_desc: 'ReadingAndSendingData',
      transfer_rate_bytes_per_second: '1000',
      transferred_size_bytes: '4000',
      database_size_bytes: '8000',
      failure_code: null,
      failure_message: null,
    },
  ],
  part_windows_logins: [{ name: 'CONTOSO\\peer', is_sysadmin: 0 }],
  part_fence_logins: [{ name: 'app_writer', is_disabled: false }],
  part_sessions: [],
  part_operators: [],
};

function group(name: string, local: boolean, role: string): RawRow {
  return {
    name,
    is_distributed: name === 'DAG',
    cluster_type_desc: 'none',
    required_synchronized_secondaries_to_commit: 0,
    is_local: local,
    role_desc: role,
    operational_state_desc: local ? 'ONLINE' : null,
    connected_state_desc: 'CONNECTED',
    synchronization_health_desc: 'HEALTHY',
    last_connect_error_number: null,
    last_connect_error_description: null,
  };
}

function member(groupName: string, server: string, isThis: number): RawRow {
  return {
    group_name: groupName,
    replica_server_name: server,
    endpoint_url: `TCP://${server}:5022`,
    availability_mode_desc: 'SYNCHRONOUS_COMMIT',
    seeding_mode_desc: 'AUTOMATIC',
    is_this_server: isThis,
  };
}

function state(change: RawRow): RawRow {
  return {
    database_name: 'Adventureworks',
    synchronization_state_desc: 'SYNCHRONIZED',
    synchronization_health_desc: 'HEALTHY',
    is_suspended: false,
    suspend_reason_desc: null,
    database_state_desc: 'ONLINE',
    end_of_log_lsn: '37000000012300002',
    last_commit_lsn: '37000000012200003',
    last_commit_utc: '2026-11-22T08:30:00.123',
    log_send_queue_size: '0',
    log_send_rate: null,
    redo_queue_size: '12',
    redo_rate: null,
    secondary_lag_seconds: '0',
    ...change,
  };
}

function reply(change: Readonly<Record<string, readonly RawRow[] | null>> = {}): RawReply {
  const sets = Object.entries({ ...parts, ...change }).flatMap(([name, rows]) =>
    rows === null ? [] : [{ columns: [name], rows }],
  );
  return { sets, errors: [] };
}

test('an answer of a global primary becomes an observation with exact LSNs', () => {
  const seen = decodeObservation(reply(), options);
  assert.ok(seen.databases.known && seen.distributed.known && seen.server.known);
  const database = seen.databases.value[0];
  assert.equal(database?.distributed?.lastHardenedLsn, 37_000_000_012_300_001n);
  assert.equal(database?.local?.lastHardenedLsn, null);
  assert.equal(database?.local?.endOfLogLsn, 37_000_000_012_300_002n);
  assert.equal(database?.local?.redoQueueKb, 12);
  assert.equal(seen.distributed.value?.localRoleDesc, 'PRIMARY');
  assert.equal(seen.distributed.value?.remote?.lastConnectErrorNumber, 35_250);
  assert.deepEqual(
    seen.distributed.value?.members.map((one) => one.availabilityGroup),
    ['OnPremAG', 'AzureAG'],
  );
  assert.equal(seen.server.value.versionMajor, 16);
  assert.equal(seen.generation, 3);
  assert.deepEqual(seen.serverUtc, { known: true, value: '2026-11-21T12:00:00.1234567Z' });
});

test('the newest history row and the running stream are one seeding', () => {
  const seen = decodeObservation(reply(), options);
  assert.ok(seen.databases.known);
  assert.deepEqual(seen.databases.value[0]?.seeding, {
    stateDesc: 'FAILED',
    failureStateDesc: 'Seeding Check Message Timeout',
    errorCode: 0,
    attempts: 2,
    transferredBytes: 4000,
    totalBytes: 8000,
    bytesPerSecond: 1000,
  });
});

test('where a copy forked and when it last committed is read for people, in UTC', () => {
  const seen = decodeObservation(reply({}), options);
  assert.ok(seen.databases.known);
  assert.deepEqual(seen.databases.value[0]?.history, {
    recoveryForkGuid: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
    forkPointLsn: 37_000_000_011_000_001n,
    lastCommitUtc: '2026-11-22T08:30:00.123Z',
  });
});

test('no row of a group is a known absence, not an unknown', () => {
  const seen = decodeObservation(reply({ part_groups: [] }), options);
  assert.deepEqual(seen.availabilityGroup, { known: true, value: null });
  assert.deepEqual(seen.distributed, { known: true, value: null });
});

test('without VIEW ANY DEFINITION empty catalog views are unknown, never absent', () => {
  const seen = decodeObservation(
    reply({
      part_rights: [{ ...rights, view_any_definition: 0 }],
      part_groups: [],
      part_endpoint: [],
    }),
    options,
  );
  for (const fact of [seen.availabilityGroup, seen.distributed, seen.endpoint, seen.databases]) {
    assert.equal(fact.known, false);
  }
  assert.ok(seen.server.known);
  assert.ok(seen.sessions.known);
});

test('without VIEW SERVER STATE roles and sessions are unknown', () => {
  const seen = decodeObservation(
    reply({
      part_rights: [{ ...rights, view_server_state: 0, view_server_performance_state: 0 }],
      part_sessions: null,
    }),
    options,
  );
  assert.equal(seen.sessions.known, false);
  assert.equal(seen.distributed.known, false);
  assert.equal(seen.endpoint.known, true);
});

test('a part that the server refused is unknown with the number of its error', () => {
  const refused: RawReply = {
    ...reply({ part_replica_states: null }),
    errors: [{ number: 300, state: 1, class: 14, message: 'VIEW SERVER STATE', serverName: 'x' }],
  };
  const seen = decodeObservation(refused, options);
  assert.ok(!seen.databases.known && seen.databases.because.includes('300'));
});

test('a cell of another kind is unknown, not a wrong value', () => {
  const seen = decodeObservation(
    reply({
      part_replica_states: [
        state({ is_distributed: false, is_local: true, last_hardened_lsn: 3.7e16 }),
      ],
    }),
    options,
  );
  assert.ok(!seen.databases.known && seen.databases.because.includes('last_hardened_lsn'));
});

test('columns that a version does not have are left out of its batch', () => {
  const batch = (versionMajor: number): string =>
    observeBatch({
      migration: articleMigration,
      side: 'source',
      versionMajor,
      marker: 'ab'.repeat(16),
      acting: false,
    });
  assert.doesNotMatch(batch(13), /ag\.cluster_type_desc|PERFORMANCE STATE/u);
  assert.match(batch(16), /ag\.cluster_type_desc/u);
  assert.match(batch(16), /VIEW SERVER PERFORMANCE STATE/u);
  assert.doesNotMatch(batch(16), /SET CONTEXT_INFO/u);
});

test('no LSN travels as a number', () => {
  const batch = observeBatch({
    migration: articleMigration,
    side: 'target',
    versionMajor: 16,
    marker: 'ab'.repeat(16),
    acting: true,
  });
  for (const use of batch.matchAll(/drs\.\w+_lsn/gu)) {
    const before = batch.slice(Math.max(0, use.index - 21), use.index);
    assert.equal(before, 'CONVERT(varchar(30), ', use[0]);
  }
  assert.match(batch, /SET CONTEXT_INFO 0xabab/u);
});
