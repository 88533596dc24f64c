/** Decoders of what databases are set to, use and contain; the queries themselves run in the lab cases. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { articleMigration } from '../../../../tests/support/observation.ts';
import type { RawRow, RawSet } from '../../batch.ts';
import { unknown } from '../../../model/fact.ts';
import type { Side } from '../../../model/side.ts';
import { assessBatch } from '../assess-batch.ts';
import type { PartAnswer } from './part.ts';
import { databaseDetailParts } from './database-detail.ts';
import { contentParts } from './database-content.ts';

const HOSTILE = "a]b'c\n🚚";

/** An answer of these rowsets. */
function answer(...sets: readonly RawSet[]): PartAnswer {
  const rows = (name: string): readonly RawRow[] =>
    sets.find(({ columns }) => columns[0] === name)?.rows ?? [];
  return { rows, fact: (name) => ({ known: true, value: rows(name) }) };
}

function contents(...rows: readonly RawRow[]) {
  const database = { name: HOSTILE, because: null, remedy: null };
  const [found] = contentParts.contents.decode(answer(), [
    { ...database, ...answer({ columns: ['part_contents'], rows }) },
  ]);
  return found;
}

test('settings are read as they are, with null for what the version does not have', () => {
  const [options] = databaseDetailParts.databaseOptions.decode(
    answer({
      columns: ['part_database_options'],
      rows: [
        {
          database_name: HOSTILE,
          is_auto_shrink_on: null,
          page_verify_option_desc: 'TORN_PAGE_DETECTION',
          is_query_store_on: true,
          is_master_key_encrypted_by_server: true,
          is_remote_data_archive_enabled: null,
          is_ledger_on: null,
          service_broker_guid: null,
          owner_sid: null,
          hours_since_checkdb: null,
        },
      ],
    }),
    [],
  );
  assert.deepEqual(options, {
    database: HOSTILE,
    isAutoShrinkOn: false,
    pageVerifyOptionDesc: 'TORN_PAGE_DETECTION',
    isQueryStoreOn: true,
    isMasterKeyEncryptedByServer: true,
    isRemoteDataArchiveEnabled: false,
    isLedgerOn: null,
    serviceBrokerGuid: '',
    ownerSid: null,
    hoursSinceCheckDb: null,
  });
});

test('a distributed transaction without a session is known by its database and age', () => {
  const [transaction] = databaseDetailParts.openTransactions.decode(
    answer({
      columns: ['part_open_transactions'],
      rows: [
        {
          database_name: HOSTILE,
          session_id: null,
          login_name: null,
          program_name: null,
          minutes_open: 90,
          is_distributed: 1,
        },
      ],
    }),
    [],
  );
  assert.deepEqual(transaction, {
    database: HOSTILE,
    sessionId: null,
    loginName: null,
    programName: null,
    minutesOpen: 90,
    isDistributed: true,
  });
});

test('things inside a database keep their names, whatever is in them', () => {
  const found = contents({ kind: 'assembly', name: HOSTILE, detail: null, amount: '3' });
  assert.deepEqual(found, {
    name: HOSTILE,
    inside: { known: true, value: [{ kind: 'assembly', name: HOSTILE, detail: '', amount: 3 }] },
  });
});

test('a kind that nobody asked for makes the contents unknown, not wrong', () => {
  const found = contents({ kind: 'spaceship', name: 'a', detail: '', amount: 1 });
  assert.ok(found?.inside.known === false);
  assert.match(found.inside.because, /spaceship/u);
});

test('dependencies that may not be read are unknown with the grant in the database, not on the server', () => {
  const database = { name: 'D', because: null, remedy: null };
  const refused = unknown('the server answered error 229', 'GRANT VIEW ANY DEFINITION TO [x];');
  const [found] = contentParts.dependencies.decode(answer(), [
    { ...database, rows: () => [], fact: () => refused },
  ]);
  assert.ok(found?.inside.known === false);
  assert.match(found.inside.remedy ?? '', /GRANT SELECT ON sys\.sql_expression_dependencies/u);
});

test('features and memory come from one rowset; no tables in memory is nothing', () => {
  const database = { name: 'D', because: null, remedy: null };
  const rows = [
    { kind: 'feature', name: 'Compression', amount: 1 },
    { kind: 'memory-kb', name: '', amount: null },
  ];
  const [found] = contentParts.databaseState.decode(answer(), [
    { ...database, ...answer({ columns: ['part_database_state'], rows }) },
  ]);
  assert.deepEqual(found?.inside, {
    known: true,
    value: { skuFeatures: ['Compression'], memoryTableBytes: 0, queryStore: null },
  });
});

test('ledgers are asked of 2022 and later, and each side only what is needed of it', () => {
  const batch = (versionMajor: number, side: Side): string =>
    assessBatch({ migration: articleMigration, side, versionMajor });
  const holds = (text: string, part: string): boolean => text.includes(part);
  assert.ok(!holds(batch(15, 'source'), 'ledger_type'));
  assert.ok(holds(batch(16, 'source'), 'ledger_type'));
  for (const part of ['part_contents', 'part_log_stats', 'part_log_shipping']) {
    assert.ok(holds(batch(16, 'source'), part), part);
    assert.ok(!holds(batch(16, 'target'), part), part);
  }
  assert.ok(holds(batch(16, 'target'), 'part_login_sids'));
});
