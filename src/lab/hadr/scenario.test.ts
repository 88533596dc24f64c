import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accepted,
  addDatabase,
  alter,
  copyState,
  createDistributed,
  cut,
  cutOver,
  dag,
  database,
  databaseOn,
  flowing,
  members,
  source,
  synchronized,
  target,
  twoServers,
  withGroups,
} from '../../../tests/support/hadr-scenario.ts';
import { accessTo } from './access.ts';
import type { VirtualTime } from './virtual-time.ts';

const onSource = { instance: source, database };
const onTarget = { instance: target, database };

const forward = (world: VirtualTime, readOnlyIntent = false): unknown =>
  access(world, target, readOnlyIntent);

function access(world: VirtualTime, instance: string, readOnlyIntent = false): unknown {
  const place = { instance: instance.toLowerCase(), database: database.toLowerCase() };
  const found = accessTo(world.state, place, readOnlyIntent);
  return found.kind === 'open' ? (found.writable ? 'write' : 'read') : found.error.number;
}

test('P0 and P1: a group of its own changes nothing for writers, an empty group has no database', () => {
  const world = withGroups(twoServers());
  assert.equal(access(world, source), 'write');
  assert.equal(forward(world), 911);
  assert.equal(world.state.instances['onpremnode']?.groups['onpremag']?.role, 'PRIMARY');
  assert.equal(
    world.state.instances['onpremnode']?.groups['onpremag']?.groupId,
    // MD5 rule: equal for every server that uses the name.
    withGroups(twoServers()).state.instances['onpremnode']?.groups['onpremag']?.groupId,
  );
});

test('P2: created but not joined, the primary shows a connection error and writes go on', () => {
  const world = withGroups(twoServers());
  accepted(createDistributed(world));
  world.advance(2_500);
  const { link, role } = dag(world, source);
  assert.equal(role, 'PRIMARY');
  assert.equal(link.connected, false);
  assert.equal(link.lastError?.number, 35_201);
  assert.equal(access(world, source), 'write');
});

test('P3: seeding shows a RESTORING database on the target and progress on both sides', () => {
  const world = withGroups(twoServers());
  accepted(alter(world, target, { kind: 'grant-create-any-database' }, 'AzureAG'));
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  world.advance(1_000);
  assert.equal(copyState(world), 'NOT SYNCHRONIZING');
  assert.equal(forward(world), 927);
  const [out] = world.state.instances['onpremnode']?.seedingStreams ?? [];
  const [into] = world.state.instances['sqlvm']?.seedingStreams ?? [];
  assert.equal(out?.state, 'ReadingAndSendingData');
  assert.equal(into?.role, 'Destination');
  assert.ok((out?.transferredBytes ?? 0) > 0 && (out?.transferredBytes ?? 0) < 10_000_000);
  world.advance(3_000);
  assert.equal(world.state.instances['onpremnode']?.seedingHistory.at(-1)?.phase, 'COMPLETED');
  assert.equal(copyState(world), 'SYNCHRONIZING');
  assert.equal(databaseOn(world, target).state, 'ONLINE');
});

test('commits made while the image travels arrive through the log', () => {
  const world = withGroups(twoServers());
  world.commit(onSource, 1);
  accepted(alter(world, target, { kind: 'grant-create-any-database' }, 'AzureAG'));
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  for (let id = 2; id <= 100; id += 1) {
    world.advance(50);
    assert.equal(world.commit(onSource, id), 'acknowledged');
  }
  world.advance(3_000);
  assert.deepEqual(world.contentOf(target, database), world.contentOf(source, database));
  assert.equal(databaseOn(world, target).log.end, databaseOn(world, source).log.end);
});

test('P4: asynchronous commits are acknowledged at once and arrive later; the forwarder reads only', () => {
  const world = flowing();
  assert.equal(world.commit(onSource, 1), 'acknowledged');
  assert.deepEqual(world.contentOf(target, database), []);
  world.advance(10);
  assert.deepEqual(world.contentOf(target, database), [1]);
  assert.equal(forward(world), 'read');
});

test('P5: synchronous on one side only stays SYNCHRONIZING', () => {
  const world = flowing();
  const action = { kind: 'modify-distributed', members: members('SYNCHRONOUS_COMMIT') } as const;
  accepted(alter(world, source, action));
  world.advance(100);
  assert.equal(copyState(world), 'SYNCHRONIZING');
  assert.equal(world.commit(onSource, 1), 'acknowledged');
  accepted(alter(world, target, action));
  world.advance(100);
  assert.equal(copyState(world), 'SYNCHRONIZED');
});

test('P6: a synchronous commit waits for the forwarder to harden it', () => {
  const world = synchronized();
  assert.equal(world.commit(onSource, 1), 'waiting');
  world.advance(10);
  assert.equal(world.commits.get(1), 'acknowledged');
  assert.deepEqual(world.contentOf(target, database), [1]);
  assert.equal(databaseOn(world, target).log.end, databaseOn(world, source).log.end);
});

test('a lost link releases a synchronous commit after the session timeout, on the primary only', () => {
  const world = synchronized();
  cut(world, true);
  assert.equal(world.commit(onSource, 1), 'waiting');
  world.advance(8_000);
  assert.equal(world.commits.get(1), 'waiting');
  world.advance(4_000);
  assert.equal(world.commits.get(1), 'acknowledged');
  assert.equal(copyState(world), 'NOT SYNCHRONIZING');
  assert.equal(dag(world, source).link.lastError?.number, 35_206);
  assert.deepEqual(world.contentOf(target, database), []);
  cut(world, false);
  world.advance(5_000);
  assert.deepEqual(world.contentOf(target, database), [1]);
  assert.equal(copyState(world), 'SYNCHRONIZED');
});

test('a cut shorter than the session timeout loses nothing and drops no connection', () => {
  const world = synchronized();
  cut(world, true);
  assert.equal(world.commit(onSource, 1), 'waiting');
  world.advance(5_000);
  cut(world, false);
  world.advance(3_000);
  assert.equal(world.commits.get(1), 'acknowledged');
  assert.equal(copyState(world), 'SYNCHRONIZED');
});

test('P7: with RSSTC = 1 a commit hangs for as long as the forwarder is away', () => {
  const world = synchronized();
  const set = (value: number) =>
    ({ kind: 'set-options', options: { requiredSynchronizedSecondariesToCommit: value } }) as const;
  accepted(alter(world, source, set(1)));
  cut(world, true);
  assert.equal(world.commit(onSource, 1), 'waiting');
  world.advance(60_000);
  assert.equal(world.commits.get(1), 'waiting');
  assert.equal(world.commit(onSource, 2), 'waiting');
  accepted(alter(world, source, set(0)));
  assert.equal(world.commits.get(1), 'acknowledged');
  assert.equal(world.commits.get(2), 'acknowledged');
});

test('P7: the other position of the switch refuses the commit with 988', () => {
  const world = synchronized({}, { requiredSecondariesMissing: 'refuse' });
  accepted(
    alter(world, source, {
      kind: 'set-options',
      options: { requiredSynchronizedSecondariesToCommit: 1 },
    }),
  );
  cut(world, true);
  world.advance(15_000);
  assert.equal(world.commit(onSource, 1), 'refused');
  assert.equal(world.refusals.get(1)?.number, 988);
});

test('P8: after SET (ROLE = SECONDARY) nobody is primary, sessions are cut, nobody writes', () => {
  const world = synchronized();
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  world.advance(3_000);
  assert.equal(dag(world, source).role, 'SECONDARY');
  assert.equal(dag(world, target).role, 'SECONDARY');
  assert.equal(dag(world, source).link.connected, false);
  assert.equal(dag(world, target).link.connected, false);
  assert.deepEqual(world.cuts, ['onpremnode/adventureworks']);
  assert.equal(access(world, source), 976);
  assert.equal(forward(world), 'read');
  assert.equal(world.commit(onSource, 1), 'refused');
});

test('a commit that waits while its primary is demoted ends without an answer but its log is shipped', () => {
  const world = synchronized();
  assert.equal(world.commit(onSource, 1), 'waiting');
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  assert.equal(world.commits.get(1), 'lost');
  world.advance(100);
  assert.equal(databaseOn(world, target).log.end, databaseOn(world, source).log.end);
});

test('P9 and P10: the forced failover goes through RESOLVING and RECOVERING, then the roles are reversed', () => {
  const world = synchronized();
  world.commit(onSource, 1);
  world.advance(10);
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  world.advance(50);
  accepted(alter(world, target, { kind: 'force-failover-allow-data-loss' }));
  assert.equal(dag(world, target).role, 'RESOLVING');
  assert.equal(dag(world, target).operationalState, 'PENDING_FAILOVER');
  assert.equal(forward(world), 983);
  world.advance(15);
  assert.equal(dag(world, target).role, 'PRIMARY');
  assert.equal(dag(world, target).operationalState, 'PENDING');
  assert.equal(forward(world), 922);
  world.advance(50);
  assert.equal(dag(world, target).operationalState, 'ONLINE');
  assert.equal(forward(world), 'write');
  world.advance(3_000);
  assert.equal(copyState(world, target), 'SYNCHRONIZED', 'healthy at once, no RESUME needed');
  assert.equal(dag(world, source).role, 'SECONDARY');
  assert.equal(world.commit(onTarget, 2), 'waiting');
  world.advance(10);
  assert.deepEqual(world.contentOf(source, database), [1, 2]);
  assert.equal(access(world, source), 'read');
});

test('a promotion that overtakes the word of the demotion is still orderly', () => {
  const world = synchronized();
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  accepted(alter(world, target, { kind: 'force-failover-allow-data-loss' }));
  world.advance(3_000);
  assert.equal(databaseOn(world, source).suspended, null);
  assert.equal(copyState(world, target), 'SYNCHRONIZED');
});

test('giving back: the demoted primary takes its role again and loses nothing', () => {
  const world = synchronized();
  cut(world, true);
  world.commit(onSource, 1);
  world.advance(12_000);
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  assert.notEqual(databaseOn(world, target).log.end, databaseOn(world, source).log.end);
  accepted(alter(world, source, { kind: 'force-failover-allow-data-loss' }));
  cut(world, false);
  world.advance(5_000);
  assert.equal(access(world, source), 'write');
  assert.deepEqual(world.contentOf(target, database), [1]);
  assert.equal(copyState(world), 'SYNCHRONIZED');
});

test('giving back: the target that heard of the demotion is in step again afterwards', () => {
  const world = synchronized();
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  world.advance(500);
  assert.equal(dag(world, target).partnerDemoted, true);
  accepted(alter(world, source, { kind: 'force-failover-allow-data-loss' }));
  world.advance(5_000);
  assert.equal(dag(world, target).partnerDemoted, false);
  assert.equal(copyState(world), 'SYNCHRONIZED');
});

test('giving back with RSSTC = 1 is refused in the other position of the switch', () => {
  const world = synchronized({}, { giveBackWithRequiredSecondaries: 'refused' });
  accepted(
    alter(world, source, {
      kind: 'set-options',
      options: { requiredSynchronizedSecondariesToCommit: 1 },
    }),
  );
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  assert.equal(alter(world, source, { kind: 'force-failover-allow-data-loss' })?.number, 41_190);
});

test('a cutover there and back again keeps every commit and both copies equal', () => {
  const world = synchronized();
  world.commit(onSource, 1);
  world.advance(10);
  cutOver(world);
  world.commit(onTarget, 2);
  world.advance(10);
  accepted(alter(world, target, { kind: 'set-role-secondary' }));
  world.advance(50);
  accepted(alter(world, source, { kind: 'force-failover-allow-data-loss' }));
  world.advance(3_000);
  world.commit(onSource, 3);
  world.advance(10);
  assert.deepEqual(world.contentOf(source, database), [1, 2, 3]);
  assert.deepEqual(world.contentOf(target, database), [1, 2, 3]);
});

test('P11: SUSPEND stops the flow for that copy, releases commits, RESUME catches up', () => {
  const world = synchronized();
  const set = (kind: 'suspend' | 'resume', instance: string): void => {
    accepted(
      world.statement(instance, { kind: 'alter-database-hadr', database, action: { kind } }),
    );
    world.advance(100);
  };
  for (const side of [source, target]) {
    set('suspend', side);
    assert.equal(copyState(world), 'NOT SYNCHRONIZING');
    assert.equal(
      dag(world, source).databases['adventureworks']?.suspended,
      'SUSPEND_FROM_USER',
      `suspended on ${side}`,
    );
    assert.equal(forward(world), 976);
    const id = side === source ? 1 : 2;
    assert.equal(world.commit(onSource, id), 'acknowledged');
    set('resume', side);
    assert.equal(copyState(world), 'SYNCHRONIZED');
    assert.equal(world.contentOf(target, database).at(-1), id);
  }
});

test('P15: forcing beside a living primary is split brain; the loser is suspended, then undone', () => {
  const world = flowing();
  world.commit(onSource, 1);
  world.advance(10);
  cut(world, true);
  accepted(alter(world, target, { kind: 'force-failover-allow-data-loss' }));
  world.advance(100);
  world.commit(onSource, 100);
  world.commit(onTarget, 200);
  assert.equal(access(world, source), 'write');
  assert.equal(forward(world), 'write');
  cut(world, false);
  world.advance(15_000);
  assert.equal(dag(world, source).role, 'PRIMARY');
  assert.equal(dag(world, target).role, 'PRIMARY');
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  world.advance(5_000);
  assert.equal(databaseOn(world, source).suspended, 'SUSPEND_FROM_PARTNER');
  assert.deepEqual(world.contentOf(source, database), [1, 100]);
  accepted(
    world.statement(source, { kind: 'alter-database-hadr', database, action: { kind: 'resume' } }),
  );
  world.advance(5);
  assert.equal(databaseOn(world, source).reverting, true);
  assert.equal(alter(world, source, { kind: 'force-failover-allow-data-loss' })?.number, 35_253);
  world.advance(1_000);
  assert.deepEqual(world.contentOf(source, database), [1, 200]);
  assert.equal(copyState(world, target), 'SYNCHRONIZING');
});

test('P13 and P14: a crash disconnects the partner; after the restart roles and flow are back', () => {
  for (const side of [source, target]) {
    const world = synchronized();
    world.apply({ kind: 'crash', instance: side.toLowerCase() });
    world.advance(100);
    const other = side === source ? target : source;
    assert.equal(dag(world, other).link.connected, false);
    if (side === target) assert.equal(world.commit(onSource, 1), 'acknowledged');
    world.apply({ kind: 'restart', instance: side.toLowerCase(), hadrEnabled: true });
    world.advance(5_000);
    assert.equal(dag(world, source).role, 'PRIMARY');
    assert.equal(copyState(world), 'SYNCHRONIZED');
    assert.deepEqual(world.contentOf(target, database), world.contentOf(source, database));
  }
});

test('a commit that waits when its instance crashes gets no answer', () => {
  const world = synchronized();
  cut(world, true);
  world.commit(onSource, 1);
  world.apply({ kind: 'crash', instance: 'onpremnode' });
  assert.equal(world.commits.get(1), 'lost');
});

test('seeding without GRANT CREATE ANY DATABASE fails, gives up, and starts again when told so', () => {
  const world = withGroups(twoServers());
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  world.advance(10_000);
  const rows = world.state.instances['onpremnode']?.seedingHistory ?? [];
  assert.equal(rows.length, 3);
  assert.equal(rows.at(-1)?.failure?.state, 20);
  assert.equal(world.state.instances['sqlvm']?.seedingHistory.at(-1)?.failure?.state, 3);
  assert.ok(world.errorLog.some(({ error }) => error.number === 19_506));
  assert.ok(world.errorLog.some(({ error }) => error.number === 19_495));
  accepted(alter(world, target, { kind: 'grant-create-any-database' }, 'AzureAG'));
  world.advance(5_000);
  assert.equal(copyState(world), 'NOT SYNCHRONIZING');
  for (const instance of [source, target])
    accepted(alter(world, instance, { kind: 'modify-distributed', members: members() }));
  world.advance(5_000);
  assert.equal(copyState(world), 'SYNCHRONIZING');
});

test('seeding without the GRANT works in the other position of the switch', () => {
  const world = withGroups(twoServers({}, { seedingWithoutGrant: 'works' }));
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  world.advance(6_000);
  assert.equal(copyState(world), 'SYNCHRONIZING');
});

test('an interrupted seeding leaves no database behind and starts from zero', () => {
  const world = withGroups(twoServers());
  accepted(alter(world, target, { kind: 'grant-create-any-database' }, 'AzureAG'));
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  world.advance(1_500);
  world.apply({ kind: 'crash', instance: 'sqlvm' });
  world.advance(1_000);
  assert.equal(world.state.instances['sqlvm']?.databases['adventureworks'], undefined);
  assert.equal(world.state.instances['onpremnode']?.seedingHistory.at(-1)?.phase, 'FAILED');
  world.apply({ kind: 'restart', instance: 'sqlvm', hadrEnabled: true });
  world.advance(8_000);
  assert.equal(copyState(world), 'SYNCHRONIZING');
});

test('a log backup during seeding breaks the catch-up, or not, as the switch says', () => {
  for (const position of ['breaks', 'harmless'] as const) {
    const world = withGroups(twoServers({}, { logBackupDuringSeeding: position }));
    accepted(alter(world, target, { kind: 'grant-create-any-database' }, 'AzureAG'));
    accepted(createDistributed(world));
    accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
    world.advance(1_500);
    world.commit(onSource, 1);
    world.apply({
      kind: 'backup',
      instance: 'onpremnode',
      database: 'adventureworks',
      what: 'log',
      copyOnly: false,
    });
    world.advance(12_000);
    const failures = (world.state.instances['onpremnode']?.seedingHistory ?? []).filter(
      (row) => row.failure?.errorCode === 1412,
    );
    assert.equal(failures.length, position === 'breaks' ? 1 : 0);
    assert.deepEqual(world.contentOf(target, database), [1]);
  }
});

test('a database of the same name on the target is never overwritten (23)', () => {
  const world = withGroups(twoServers());
  world.apply({
    kind: 'add-database',
    instance: 'sqlvm',
    database: {
      name: database,
      recoveryModel: 'FULL',
      fullBackupTaken: true,
      sizeBytes: 1,
      owner: 'sa',
      familyId: 'another',
      forkId: 'another',
    },
  });
  accepted(alter(world, target, { kind: 'grant-create-any-database' }, 'AzureAG'));
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  world.advance(8_000);
  assert.equal(world.state.instances['sqlvm']?.seedingHistory.at(-1)?.failure?.state, 23);
  assert.equal(databaseOn(world, target).familyId, 'another');
});

test('SEEDING_MODE = MANUAL cancels, AUTOMATIC starts again', () => {
  const world = withGroups(twoServers());
  accepted(alter(world, target, { kind: 'grant-create-any-database' }, 'AzureAG'));
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  world.advance(1_000);
  const set = (mode: 'AUTOMATIC' | 'MANUAL'): void =>
    accepted(
      alter(world, source, {
        kind: 'modify-distributed',
        members: members('ASYNCHRONOUS_COMMIT', mode),
      }),
    );
  set('MANUAL');
  world.advance(5_000);
  assert.equal(world.state.instances['onpremnode']?.seedingHistory.at(-1)?.failure?.state, 1);
  assert.equal(world.state.instances['sqlvm']?.databases['adventureworks'], undefined);
  set('AUTOMATIC');
  world.advance(5_000);
  assert.equal(copyState(world), 'SYNCHRONIZING');
});

test('a database added later is seeded at once', () => {
  const world = flowing();
  addDatabase(world, 'Second');
  accepted(alter(world, source, { kind: 'add-database', databases: ['Second'] }, 'OnPremAG'));
  world.advance(6_000);
  assert.equal(databaseOn(world, target, 'Second').joined, true);
});

test('manual seeding: a restored copy joins through the DAG and gets the log behind the backup', () => {
  const world = withGroups(twoServers());
  const manual = members('ASYNCHRONOUS_COMMIT', 'MANUAL');
  world.apply({
    kind: 'backup',
    instance: 'onpremnode',
    database: 'adventureworks',
    what: 'database',
    copyOnly: false,
  });
  const before = databaseOn(world, source);
  world.commit(onSource, 1);
  accepted(createDistributed(world, source, manual));
  accepted(alter(world, target, { kind: 'join-distributed', members: manual }));
  world.advance(3_000);
  const join = (): ReturnType<VirtualTime['statement']> =>
    world.statement(target, {
      kind: 'alter-database-hadr',
      database,
      action: { kind: 'join', group: 'DAG' },
    });
  assert.equal(join()?.number, 41_148);
  world.apply({
    kind: 'restore-database',
    instance: 'sqlvm',
    database: {
      name: database,
      state: 'RESTORING',
      recoveryModel: 'FULL',
      sizeBytes: 1,
      owner: 'sa',
      familyId: before.familyId,
      forks: before.forks,
      position: before.log.end,
      totalBytes: before.log.totalBytes,
    },
  });
  assert.equal(join(), undefined, 'the statement waits for the primary');
  world.advance(1_000);
  assert.deepEqual(world.contentOf(target, database), [1]);
  assert.equal(join(), null);
  assert.equal(world.informed.at(-1)?.number, 41_145);
});

test('a join that the primary cannot answer any more ends with 35250', () => {
  const world = withGroups(twoServers());
  const manual = members('ASYNCHRONOUS_COMMIT', 'MANUAL');
  const { log, familyId, forks } = databaseOn(world, source);
  accepted(createDistributed(world, source, manual));
  accepted(alter(world, target, { kind: 'join-distributed', members: manual }));
  world.advance(3_000);
  world.apply({
    kind: 'restore-database',
    instance: 'sqlvm',
    database: {
      name: database,
      state: 'RESTORING',
      recoveryModel: 'FULL',
      sizeBytes: 1,
      owner: 'sa',
      familyId,
      forks,
      position: log.end,
      totalBytes: log.totalBytes,
    },
  });
  cut(world, true);
  const action = { kind: 'join', group: 'DAG' } as const;
  const join = { kind: 'alter-database-hadr', database, action } as const;
  assert.equal(world.statement(target, join), undefined);
  world.advance(20_000);
  assert.equal([...world.statements.values()].at(-1)?.number, 35_250);
  assert.equal(databaseOn(world, target).pendingJoin, null);
});

test('DROP on the forwarder: its copies are writable, or RESTORING, as the switch says', () => {
  for (const [position, expected] of [
    ['writable', 'write'],
    ['restoring', 927],
  ] as const) {
    const world = flowing({}, { dropOnSecondarySide: position });
    accepted(world.statement(target, { kind: 'drop-availability-group', group: 'DAG' }));
    world.advance(3_000);
    assert.equal(forward(world), expected);
    assert.equal(dag(world, source).link.connected, false);
    assert.equal(access(world, source), 'write');
  }
});

test('DROP on the primary side leaves its databases writable and answers waiting commits', () => {
  const world = synchronized();
  cut(world, true);
  world.commit(onSource, 1);
  accepted(world.statement(source, { kind: 'drop-availability-group', group: 'DAG' }));
  assert.equal(world.commits.get(1), 'acknowledged');
  assert.equal(access(world, source), 'write');
});

test('without CONNECT on the endpoint nothing connects and the refusal is in the error log', () => {
  const world = withGroups(twoServers());
  world.state = {
    ...world.state,
    instances: Object.fromEntries(
      Object.entries(world.state.instances).map(([key, instance]) => [
        key,
        { ...instance, serviceAccount: `CONTOSO\\${key}` },
      ]),
    ),
  };
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  world.advance(3_000);
  assert.equal(dag(world, target).link.connected, false);
  assert.equal(dag(world, target).link.lastError?.number, 35_201);
  assert.ok(world.errorLog.some(({ error }) => error.number === 28_034));
  for (const [instance, account] of [
    ['onpremnode', 'contoso\\sqlvm'],
    ['sqlvm', 'contoso\\onpremnode'],
  ] as const)
    world.apply({ kind: 'endpoint-accounts', instance, accounts: [account] });
  world.advance(3_000);
  assert.equal(dag(world, target).link.connected, true);
});

test('a stopped endpoint drops the connection, a started one brings it back', () => {
  const world = flowing();
  const set = (state: 'STARTED' | 'STOPPED'): void =>
    accepted(
      world.statement(target, {
        kind: 'alter-endpoint',
        endpoint: 'Hadr_endpoint',
        state,
        tcp: null,
        mirroring: null,
      }),
    );
  set('STOPPED');
  world.advance(3_000);
  assert.equal(dag(world, source).link.connected, false);
  set('STARTED');
  world.advance(3_000);
  assert.equal(dag(world, source).link.connected, true);
  assert.equal(copyState(world), 'SYNCHRONIZING');
});

test('slow redo: hardened runs ahead of redone, and promotion waits for redo', () => {
  const world = synchronized();
  world.apply({ kind: 'set-redo-rate', instance: 'sqlvm', bytesPerSecond: 1024 });
  for (let id = 1; id <= 4; id += 1) world.commit(onSource, id, 1024);
  world.advance(1_500);
  assert.equal(world.commits.get(4), 'acknowledged', 'hardened is enough');
  assert.deepEqual(world.contentOf(target, database), [1]);
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  world.advance(10);
  accepted(alter(world, target, { kind: 'force-failover-allow-data-loss' }));
  world.advance(100);
  assert.equal(databaseOn(world, target).state, 'RECOVERING');
  world.advance(6_000);
  assert.equal(forward(world), 'write');
  assert.deepEqual(world.contentOf(target, database), [1, 2, 3, 4]);
});

test('the log on both sides stays bounded under load', () => {
  const world = synchronized();
  for (let id = 1; id <= 5_000; id += 1) {
    world.commit(onSource, id);
    world.advance(3);
  }
  assert.ok(databaseOn(world, source).log.length < 200);
  assert.ok(databaseOn(world, target).log.length < 200);
});

test('a forwarder that stays away fills the log (9002) once the limit is reached', () => {
  const world = flowing({ maxHeldRecords: 50 });
  cut(world, true);
  for (let id = 1; id <= 50; id += 1) world.commit(onSource, id);
  assert.equal(world.commit(onSource, 51), 'refused');
  assert.equal(world.refusals.get(51)?.number, 9002);
});

test('a promotion keeps the log that the old primary needs, however much is left of it', () => {
  for (let commits = 60; commits <= 70; commits += 1) {
    const world = synchronized();
    for (let id = 1; id <= commits; id += 1) world.commit(onSource, id);
    world.advance(50);
    cutOver(world);
    assert.equal(databaseOn(world, source).suspended, null, `after ${commits} commits`);
    assert.equal(copyState(world, target), 'SYNCHRONIZED', `after ${commits} commits`);
  }
});
