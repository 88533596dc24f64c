import assert from 'node:assert/strict';
import { test } from 'node:test';

import { articleMigration } from '../../../tests/support/observation.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { circumstanceQueries, decodeCircumstances } from './observe-circumstance.ts';

const rows: Readonly<Record<string, readonly RawRow[]>> = {
  part_circumstances: [
    {
      name: 'Sales',
      log_reuse_wait_desc: 'LOG_BACKUP',
      data_pages: '1280',
      log_limit_pages: '268435456',
      log_kb: '1024',
      log_used_kb: '512',
      log_flushed_bytes: '4096',
    },
    {
      name: 'Limited',
      log_reuse_wait_desc: null,
      data_pages: null,
      log_limit_pages: 128,
      log_kb: null,
      log_used_kb: null,
      log_flushed_bytes: null,
    },
  ],
  part_seeding_times: [
    {
      database_name: null,
      group_database_id: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
      is_source: false,
      current_state: 'FAILED',
      failure_state: 203,
      failure_state_desc: 'Request Denied',
      error_code: 19_506,
      started_utc: '2026-11-21T12:00:00.000',
      ended_utc: '2026-11-21T12:00:01.000',
    },
  ],
  part_streams: [
    {
      role_desc: 'Source',
      remote_machine_name: 'SQLVM.contoso.com',
      transferred_size_bytes: '1048576',
      transfer_rate_bytes_per_second: '524288',
      started_utc: '2026-11-21T12:00:00.000',
      ended_utc: null,
    },
    {
      role_desc: 'Source',
      remote_machine_name: 'SQLVM.contoso.com',
      transferred_size_bytes: '0',
      transfer_rate_bytes_per_second: '0',
      started_utc: '2026-11-21T12:00:00.000',
      ended_utc: null,
    },
  ],
  part_moments: [{ started_utc: '2026-11-20T08:00:00.000', connect_error_utc: null }],
};

function reply(without?: string): RawReply {
  return {
    sets: Object.entries(rows)
      .filter(([name]) => name !== without)
      .map(([name, set]) => ({ columns: [name], rows: set })),
    errors: [],
  };
}

test('log, seedings, streams and moments are read with their units', () => {
  const read = decodeCircumstances(reply());
  assert.ok(read.known);
  const [sales, limited] = read.value.databases;
  assert.equal(sales?.dataBytes, 10 * 1024 ** 2);
  assert.equal(sales.logLimitBytes, null, '2 TB is no limit');
  assert.equal(sales.logUsedBytes, 512 * 1024);
  assert.equal(limited?.logLimitBytes, 1024 ** 2);
  assert.equal(limited.logBytes, null);
  assert.equal(read.value.startedUtc, '2026-11-20T08:00:00.000Z');
});

test('a try that the instance cannot name keeps the id of its database', () => {
  const read = decodeCircumstances(reply());
  assert.ok(read.known);
  const [seeding] = read.value.seedings;
  assert.equal(seeding?.database, null);
  assert.equal(seeding.groupDatabaseId, '6F9619FF-8B86-D011-B42D-00C04FC964FF');
  assert.equal(seeding.failureState, 203);
});

test('a stream that has sent nothing is left out', () => {
  const read = decodeCircumstances(reply());
  assert.ok(read.known);
  assert.equal(read.value.streams.length, 1);
});

test('one part that did not come makes the circumstances unknown, with the reason', () => {
  for (const name of Object.keys(rows)) {
    const read = decodeCircumstances(reply(name));
    assert.ok(!read.known, name);
    assert.match(read.because, new RegExp(name, 'u'));
  }
});

test('hostile names reach the queries as literals', () => {
  const migration = { ...articleMigration, distributedAvailabilityGroup: "D'AG" };
  const { part_moments: text } = circumstanceQueries(migration, '1 = 1');
  assert.ok(text.includes("N'D''AG'"));
});
