/** Rows about machine, settings, logins and server objects, and what becomes of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { articleMigration } from '../../../tests/support/observation.ts';
import { serverObjectKinds } from '../../model/assess-server-object.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { assessBatch } from './assess-batch.ts';
import { decodeFacts } from './assess-decode.ts';
import { objectQueries } from './assess/server-object-query.ts';

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

function facts(
  sets: Readonly<Record<string, readonly RawRow[]>>,
  rights: RawRow = permissions,
): ReturnType<typeof decodeFacts> {
  const reply: RawReply = {
    sets: Object.entries({ part_permissions: [rights], ...sets }).map(([name, rows]) => ({
      columns: [name],
      rows,
    })),
    errors: [],
  };
  return decodeFacts(reply, options);
}

const machine: RawRow = {
  cpu_count: 8,
  scheduler_count: 8,
  physical_memory_kb: '33554432',
  committed_kb: '1048576',
  max_workers_count: 576,
  sql_memory_model_desc: 'LOCK_PAGES',
  virtual_machine_type_desc: 'HYPERVISOR',
};

test('a machine is read in bytes; memory signal and platform may be missing', () => {
  const full = facts({
    part_machine: [machine],
    part_memory: [{ system_low_memory_signal_state: true }],
    part_platform: [{ host_platform: 'Linux' }],
  }).machine;
  assert.ok(full.known);
  assert.deepEqual(full.value, {
    cpuCount: 8,
    schedulerCount: 8,
    physicalMemoryBytes: 32 * 1024 ** 3,
    committedBytes: 1024 ** 3,
    maxWorkersCount: 576,
    memoryModelDesc: 'LOCK_PAGES',
    virtualMachineTypeDesc: 'HYPERVISOR',
    isMemoryLow: true,
    platform: 'Linux',
  });
  const old = facts({ part_machine: [machine] }).machine;
  assert.ok(old.known);
  assert.deepEqual([old.value.isMemoryLow, old.value.platform], [null, 'Windows']);
});

test('volumes with files come before drives that nothing lies on, each once', () => {
  const { volumes } = facts({
    part_volumes: [
      {
        volume_mount_point: 'F:\\',
        logical_volume_name: 'Data',
        total_bytes: '100',
        available_bytes: '40',
      },
    ],
    part_drives: [
      { fixed_drive_path: 'f:\\', free_space_in_bytes: '40' },
      { fixed_drive_path: 'T:\\', free_space_in_bytes: '7' },
    ],
  });
  assert.deepEqual(volumes, {
    known: true,
    value: [
      { mountPoint: 'F:\\', label: 'Data', totalBytes: 100, availableBytes: 40 },
      { mountPoint: 'T:\\', label: null, totalBytes: null, availableBytes: 7 },
    ],
  });
});

test('services are told apart by name', () => {
  const row = (servicename: string): RawRow => ({
    servicename,
    service_account: 'CONTOSO\\svc',
    startup_type_desc: 'Automatic',
    status_desc: 'Running',
  });
  const { services } = facts({
    part_services: [
      row('SQL Server (PROD)'),
      row('SQL Server Agent (PROD)'),
      row('SQL Full-text Filter Daemon Launcher (PROD)'),
    ],
  });
  assert.ok(services.known);
  assert.deepEqual(
    services.value.map(({ kind }) => kind),
    ['engine', 'agent', 'other'],
  );
});

test('logins and objects of hostile names are kept as they are', () => {
  const name = "it's ]one\n💥";
  const read = facts({
    part_logins: [
      {
        name,
        sid: '0x01',
        type: 'S',
        is_disabled: false,
        default_database_name: null,
        default_language_name: 'us_english',
        is_policy_checked: true,
        password_mark: null,
      },
    ],
    part_linked_servers: [{ name, detail: null, is_on: null }],
    part_jobs: [{ name, detail: '1 step(s), 7', is_on: 1 }],
  });
  assert.ok(read.logins.known && read.linkedServers.known && read.jobs.known);
  assert.equal(read.logins.value[0]?.name, name);
  assert.deepEqual(read.linkedServers.value, [{ name, detail: '', isEnabled: null }]);
  assert.deepEqual(read.jobs.value, [{ name, detail: '1 step(s), 7', isEnabled: true }]);
});

test('every kind without its right is unknown with the right, never an empty list', () => {
  const poor = { ...permissions, is_sysadmin: 0, view_server_state: 0, view_any_definition: 0 };
  const rows = Object.fromEntries(
    serverObjectKinds.map((kind) => [
      `part_${kind.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`)}`,
      [],
    ]),
  );
  const read = facts(rows, { ...poor, read_msdb: 0 });
  for (const kind of serverObjectKinds) {
    const fact = read[kind];
    assert.ok(!fact.known, kind);
    assert.match(fact.because, /VIEW|SELECT/u, kind);
    assert.match(fact.remedy ?? '', /GRANT|ALTER ROLE/u, kind);
  }
});

test('no query asks for a password or a secret', () => {
  for (const { select, from } of Object.values(objectQueries)) {
    assert.doesNotMatch(`${select} ${from}`, /password|secret|provider_string|\*\s+FROM/iu);
  }
});

test('2016 is not asked for what came with 2017', () => {
  const batch = assessBatch({ ...options, versionMajor: 13 });
  assert.doesNotMatch(batch, /dm_os_host_info|dm_os_enumerate_fixed_drives|STRING_AGG/u);
});
