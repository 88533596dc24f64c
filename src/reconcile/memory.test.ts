import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  articleMigration,
  changed,
  driven,
  freshObservation,
  lsnAt,
} from '../../tests/support/observation.ts';
import { known } from '../model/fact.ts';
import { isQuiet } from './look.ts';
import { actKey, emptyMemory, rememberAct, rememberObservation } from './memory.ts';
import { predict } from './predict.ts';

const ready = driven(freshObservation(), { goal: 'migrate' });
const demoted = predict(
  ready,
  {
    kind: 'demote',
    side: 'source',
    databases: ['Adventureworks'],
    fromEpoch: 0n,
    budgetMs: 30_000,
    targetLsns: [],
    refuseEpoch: 0n,
  },
  articleMigration,
);
const ok = { outcome: 'ok', elapsedMs: 1 } as const;

test('two equal looks on the same sessions are the proof of quiet, a reconnect voids it', () => {
  const once = rememberObservation(emptyMemory, ready, 0);
  assert.equal(isQuiet(once), false);
  const twice = rememberObservation(once, ready, 100);
  assert.equal(isQuiet(twice), true);
  const reconnected = changed(ready, 'target', { generation: 2 });
  assert.equal(isQuiet(rememberObservation(twice, reconnected, 100)), false);
});

test('a commit between two looks is not quiet', () => {
  const databases = ready.source.databases;
  assert.ok(databases.known);
  const later = changed(ready, 'source', {
    databases: known(
      databases.value.map((database) => ({
        ...database,
        local: database.local === null ? null : { ...database.local, lastCommitLsn: lsnAt(9n) },
      })),
    ),
  });
  const memory = rememberObservation(rememberObservation(emptyMemory, ready, 0), later, 100);
  assert.equal(isQuiet(memory), false);
});

test('the final LSNs of the demotion count on unchanged sessions only', () => {
  const finalLsns = [{ database: 'Adventureworks', lsn: lsnAt(5n) }];
  const act = {
    kind: 'demote',
    side: 'source',
    databases: ['Adventureworks'],
    fromEpoch: 0n,
    budgetMs: 30_000,
    targetLsns: [],
    refuseEpoch: 0n,
  } as const;
  const seen = rememberObservation(emptyMemory, ready, 0);
  const memory = rememberAct(seen, act, { ...ok, finalLsns });
  assert.deepEqual(rememberObservation(memory, demoted, 10).finalLsns, finalLsns);
  const reconnected = changed(demoted, 'source', { generation: 2 });
  assert.equal(rememberObservation(memory, reconnected, 10).finalLsns, null);
});

test('the outage is counted while nobody is primary', () => {
  const first = rememberObservation(emptyMemory, demoted, 0);
  assert.equal(first.outageMs, 0);
  const second = rememberObservation(first, demoted, 700);
  assert.equal(second.outageMs, 700);
  assert.equal(rememberObservation(second, ready, 100).outageMs, null);
});

test('a role change without a reply is unsettled until no other session of sqlferry is seen', () => {
  const act = { kind: 'promote', side: 'target', epoch: 1n, finalLsns: [], waitMs: 1 } as const;
  const problem = { code: 'SF-NET-001', summary: 's', because: [], remedy: 'r' } as const;
  const memory = rememberAct(emptyMemory, act, { outcome: 'unknown', elapsedMs: 1, problem });
  assert.equal(memory.unsettledRoleChange, true);
  const ghost = {
    sessionId: 60,
    loginName: 'sa',
    hostName: null,
    programName: 'sqlferry',
    database: 'master',
    loginTimeUtc: '',
    openTransactions: 0,
  };
  const haunted = changed(demoted, 'target', { operators: known([ghost]) });
  assert.equal(rememberObservation(memory, haunted, 10).unsettledRoleChange, true);
  assert.equal(rememberObservation(memory, demoted, 10).unsettledRoleChange, false);
});

test('logins that were disabled are remembered until they are enabled', () => {
  const disable = { kind: 'disable-login', side: 'source', login: 'app_writer' } as const;
  const fenced = rememberAct(emptyMemory, disable, ok);
  assert.deepEqual(fenced.fencedLogins, ['app_writer']);
  const lifted = rememberAct(fenced, { ...disable, kind: 'enable-login' }, ok);
  assert.deepEqual(lifted.fencedLogins, []);
});

test('acts are counted by kind, side and object', () => {
  const act = { kind: 'resume-database', side: 'target', database: 'A' } as const;
  const memory = rememberAct(rememberAct(emptyMemory, act, ok), act, ok);
  assert.deepEqual(memory.attempts, { [actKey(act)]: 2 });
});

test('the stillness of a seeding is measured from the last change', () => {
  const first = rememberObservation(emptyMemory, ready, 0);
  const second = rememberObservation(first, ready, 400);
  assert.equal(second.seedingStillMs, 400);
  const moved = changed(ready, 'target', { databases: known([]) });
  assert.equal(rememberObservation(second, moved, 400).seedingStillMs, 0);
});
