import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alterLocal,
  contents,
  copyOn,
  createReplicated,
  cutBetween,
  database,
  fourServers,
  groupOn,
  localPair,
  memberSpecifications,
  replica,
  rowFor,
  twoPlusTwo,
} from '../../../tests/support/hadr-replicas.ts';
import type { Server } from '../../../tests/support/hadr-replicas.ts';
import { accepted, addDatabase, alter, dag } from '../../../tests/support/hadr-scenario.ts';
import { accessTo } from './access.ts';
import { resolveUrl } from './route.ts';
import type { VirtualTime } from './virtual-time.ts';

const onPrimary = { instance: 'OnPremNode', database };
const force = { kind: 'force-failover-allow-data-loss' } as const;
const toSecondary = { kind: 'set-role-secondary' } as const;
const failover = { kind: 'failover' } as const;

function access(world: VirtualTime, server: Server): unknown {
  const place = { instance: server.toLowerCase(), database: database.toLowerCase() };
  const found = accessTo(world.state, place, false);
  return found.kind === 'open' ? (found.writable ? 'write' : 'read') : found.error.number;
}

function hadr(world: VirtualTime, server: Server, action: 'resume' | 'suspend' | 'off'): unknown {
  return world.statement(server, {
    kind: 'alter-database-hadr',
    database,
    action: { kind: action },
  });
}

function modes(server: Server, availabilityMode: 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT') {
  return { kind: 'modify-replica', replica: { server, options: { availabilityMode } } } as const;
}

test('a second replica joins, is seeded, and a commit waits until it is on disk there', () => {
  const world = localPair();
  assert.equal(groupOn(world, 'OnPremNode2', 'OnPremAG').role, 'SECONDARY');
  assert.equal(rowFor(world, 'OnPremNode', 'OnPremNode2')?.synchronizationState, 'SYNCHRONIZED');
  assert.equal(copyOn(world, 'OnPremNode2').synchronized, true);
  assert.equal(
    copyOn(world, 'OnPremNode2').groupDatabaseId,
    copyOn(world, 'OnPremNode').groupDatabaseId,
  );
  assert.equal(world.commit(onPrimary, 1), 'waiting');
  world.advance(10);
  assert.equal(world.commits.get(1), 'acknowledged');
  assert.deepEqual(contents(world).slice(0, 2), [[1], [1]]);
  assert.equal(access(world, 'OnPremNode'), 'write');
  assert.equal(access(world, 'OnPremNode2'), 'read');
  assert.equal(world.commit({ instance: 'OnPremNode2', database }, 2), 'refused');
  assert.equal(world.refusals.get(2)?.number, 3906);
});

test('an asynchronous replica never gets SYNCHRONIZED and no commit waits for it', () => {
  const world = localPair({ mode: 'ASYNCHRONOUS_COMMIT' });
  world.advance(60_000);
  assert.equal(rowFor(world, 'OnPremNode', 'OnPremNode2')?.synchronizationState, 'SYNCHRONIZING');
  assert.equal(world.commit(onPrimary, 1), 'acknowledged');
  assert.equal(alterLocal(world, 'OnPremNode', modes('OnPremNode2', 'SYNCHRONOUS_COMMIT')), null);
  world.advance(100);
  assert.equal(rowFor(world, 'OnPremNode', 'OnPremNode2')?.synchronizationState, 'SYNCHRONIZED');
  // The options travel: the secondary shows them as well.
  const shown = groupOn(world, 'OnPremNode2', 'OnPremAG').replicas[1]?.availabilityMode;
  assert.equal(shown, 'SYNCHRONOUS_COMMIT');
});

test('a primary in asynchronous mode makes every replica asynchronous', () => {
  const world = localPair();
  assert.equal(alterLocal(world, 'OnPremNode', modes('OnPremNode', 'ASYNCHRONOUS_COMMIT')), null);
  world.advance(100);
  assert.equal(rowFor(world, 'OnPremNode', 'OnPremNode2')?.synchronizationState, 'SYNCHRONIZING');
  assert.equal(world.commit(onPrimary, 1), 'acknowledged');
});

test('a lost replica releases commits after its SESSION_TIMEOUT, unless commits need it', () => {
  const timeout = (seconds: number) =>
    ({
      kind: 'modify-replica',
      replica: { server: 'OnPremNode2', options: { sessionTimeoutSeconds: seconds } },
    }) as const;
  for (const [seconds, releasedMs] of [
    [10, 12_000],
    [20, 22_000],
  ] as const) {
    const world = localPair();
    assert.equal(alterLocal(world, 'OnPremNode', timeout(seconds)), null);
    world.advance(100);
    cutBetween(world, ['OnPremNode', 'OnPremNode2'], true);
    assert.equal(world.commit(onPrimary, 1), 'waiting');
    world.advance(releasedMs - 4_000);
    assert.equal(world.commits.get(1), 'waiting');
    world.advance(4_000);
    assert.equal(world.commits.get(1), 'acknowledged');
    const row = rowFor(world, 'OnPremNode', 'OnPremNode2');
    assert.equal(row?.synchronizationState, 'NOT SYNCHRONIZING');
    cutBetween(world, ['OnPremNode', 'OnPremNode2'], false);
    world.advance(5_000);
    assert.deepEqual(contents(world).slice(0, 2), [[1], [1]]);
  }
  assert.equal(alterLocal(localPair(), 'OnPremNode', timeout(4)), 35_214);
});

test('REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT of a local group holds commits, or refuses them', () => {
  const required = (count: number) =>
    ({
      kind: 'set-options',
      options: { requiredSynchronizedSecondariesToCommit: count },
    }) as const;
  const world = localPair();
  assert.equal(alterLocal(world, 'OnPremNode', required(2)), 35_248);
  assert.equal(alterLocal(world, 'OnPremNode', required(1)), null);
  assert.equal(
    alterLocal(world, 'OnPremNode', modes('OnPremNode2', 'ASYNCHRONOUS_COMMIT')),
    19_530,
  );
  cutBetween(world, ['OnPremNode', 'OnPremNode2'], true);
  assert.equal(world.commit(onPrimary, 1), 'waiting');
  world.advance(60_000);
  assert.equal(world.commits.get(1), 'waiting');
  assert.equal(alterLocal(world, 'OnPremNode', required(0)), null);
  assert.equal(world.commits.get(1), 'acknowledged');
  const strict = localPair({ switches: { requiredSecondariesMissing: 'refuse' } });
  assert.equal(alterLocal(strict, 'OnPremNode', required(1)), null);
  cutBetween(strict, ['OnPremNode', 'OnPremNode2'], true);
  strict.advance(15_000);
  assert.equal(strict.commit(onPrimary, 1), 'refused');
  assert.equal(strict.refusals.get(1)?.number, 988);
});

test('statements that only the primary runs, and JOIN where it does not belong, are refused', () => {
  const world = fourServers();
  const join = { kind: 'join', clusterType: 'NONE' } as const;
  assert.equal(alterLocal(world, 'OnPremNode2', join), 47_106);
  createReplicated(world, 'OnPremAG');
  world.advance(6_000);
  assert.equal(alterLocal(world, 'OnPremNode2', join), 41_106);
  assert.equal(alterLocal(world, 'OnPremNode2', { kind: 'join', clusterType: null }), 41_106);
  const add = { kind: 'add-database', databases: [database] } as const;
  assert.equal(alterLocal(world, 'OnPremNode2', add), 41_140);
  assert.equal(alterLocal(world, 'OnPremNode', failover), 47_122);
  assert.equal(alterLocal(world, 'OnPremNode', force), 41_122);
  assert.equal(alterLocal(world, 'OnPremNode2', failover), 47_122);
  assert.equal(alterLocal(world, 'OnPremNode2', toSecondary), 41_195);
  const server = 'OnPremNode2';
  const again = { kind: 'add-replica', replica: replica(server) } as const;
  assert.equal(alterLocal(world, 'OnPremNode', again), 35_282);
  const remove = (name: string) => ({ kind: 'remove-replica', server: name }) as const;
  assert.equal(alterLocal(world, 'OnPremNode', remove('nobody')), 35_283);
  assert.equal(alterLocal(world, 'OnPremNode', remove('OnPremNode')), 35_284);
  const automatic = {
    kind: 'modify-replica',
    replica: { server, options: { failoverMode: 'AUTOMATIC' } },
  } as const;
  assert.equal(alterLocal(world, 'OnPremNode', automatic), 47_101);
  assert.equal(alterLocal(world, 'OnPremNode', modes('SQLVM1', 'SYNCHRONOUS_COMMIT')), 35_210);
  const distributed = world.statement(server, {
    kind: 'create-distributed-availability-group',
    group: 'DAG',
    options: { distributed: true },
    members: memberSpecifications('SYNCHRONOUS_COMMIT'),
  });
  assert.equal(distributed?.number, 41_140);
});

test('JOIN needs both endpoints, the CONNECT right and the cluster type of the primary', () => {
  const world = fourServers();
  createGroupWithoutJoin(world);
  const join = (clusterType: 'NONE' | 'WSFC' | null) => ({ kind: 'join', clusterType }) as const;
  assert.equal(alterLocal(world, 'OnPremNode2', join(null)), 35_220);
  cutBetween(world, ['OnPremNode', 'OnPremNode2'], true);
  assert.equal(alterLocal(world, 'OnPremNode2', join('NONE')), 47_106);
  cutBetween(world, ['OnPremNode', 'OnPremNode2'], false);
  world.statement('OnPremNode2', {
    kind: 'alter-endpoint',
    endpoint: 'Hadr_endpoint',
    state: 'STOPPED',
    tcp: null,
    mirroring: null,
  });
  assert.equal(alterLocal(world, 'OnPremNode2', join('NONE')), 47_106);
  world.statement('OnPremNode2', {
    kind: 'alter-endpoint',
    endpoint: 'Hadr_endpoint',
    state: 'STARTED',
    tcp: null,
    mirroring: null,
  });
  assert.equal(alterLocal(world, 'OnPremNode2', join('NONE')), null);
});

function createGroupWithoutJoin(world: VirtualTime): void {
  accepted(
    world.statement('OnPremNode', {
      kind: 'create-availability-group',
      group: 'OnPremAG',
      options: { clusterType: 'NONE' },
      databases: [database],
      replicas: [replica('OnPremNode'), replica('OnPremNode2')],
      listener: null,
    }),
  );
}

test('without GRANT CREATE ANY DATABASE the replica is not seeded (3, 19506), with it a new try works', () => {
  const world = fourServers();
  createGroupWithoutJoin(world);
  assert.equal(alterLocal(world, 'OnPremNode2', { kind: 'join', clusterType: 'NONE' }), null);
  world.advance(10_000);
  const history = world.state.instances['onpremnode2']?.seedingHistory ?? [];
  assert.equal(history.at(-1)?.failure?.state, 3);
  assert.ok(world.errorLog.some(({ error }) => error.number === 19_506));
  assert.equal(alterLocal(world, 'OnPremNode2', { kind: 'grant-create-any-database' }), null);
  const again = {
    kind: 'modify-replica',
    replica: { server: 'OnPremNode2', options: { seedingMode: 'AUTOMATIC' } },
  } as const;
  assert.equal(alterLocal(world, 'OnPremNode', again), null);
  world.advance(6_000);
  assert.equal(rowFor(world, 'OnPremNode', 'OnPremNode2')?.synchronizationState, 'SYNCHRONIZED');
});

test('a database added later reaches the replica, a removed one stays there RESTORING', () => {
  const world = localPair();
  addDatabase(world, 'Second');
  assert.equal(
    alterLocal(world, 'OnPremNode', { kind: 'add-database', databases: ['Second'] }),
    null,
  );
  world.advance(6_000);
  const second = () => world.state.instances['onpremnode2']?.databases['second'];
  assert.equal(second()?.synchronized, true);
  assert.equal(
    alterLocal(world, 'OnPremNode', { kind: 'remove-database', databases: ['Second'] }),
    null,
  );
  world.advance(100);
  assert.equal(second()?.state, 'RESTORING');
  assert.equal(second()?.group, null);
});

test('a copy restored by hand joins its group with SET HADR on the secondary', () => {
  const world = fourServers();
  createGroupWithoutJoin(world);
  const manual = {
    kind: 'modify-replica',
    replica: { server: 'OnPremNode2', options: { seedingMode: 'MANUAL' } },
  } as const;
  assert.equal(alterLocal(world, 'OnPremNode', manual), null);
  assert.equal(alterLocal(world, 'OnPremNode2', { kind: 'join', clusterType: 'NONE' }), null);
  world.apply({ kind: 'backup', ...lower(onPrimary), what: 'database', copyOnly: false });
  const { log, forks, familyId } = copyOn(world, 'OnPremNode');
  world.commit(onPrimary, 1);
  world.apply({
    kind: 'restore-database',
    instance: 'onpremnode2',
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
  world.advance(3_000);
  const joining = {
    kind: 'alter-database-hadr',
    database,
    action: { kind: 'join', group: 'OnPremAG' },
  } as const;
  assert.equal(world.statement('OnPremNode', joining)?.number, 35_240);
  assert.equal(world.statement('OnPremNode2', joining), undefined, 'waits for the primary');
  world.advance(100);
  assert.equal(rowFor(world, 'OnPremNode', 'OnPremNode2')?.synchronizationState, 'SYNCHRONIZED');
  assert.deepEqual(world.contentOf('OnPremNode2', database), [1]);
});

function lower(place: { readonly instance: string; readonly database: string }) {
  return { instance: place.instance.toLowerCase(), database: place.database.toLowerCase() };
}

test('SUSPEND on the secondary stops that copy alone, RESUME catches up', () => {
  const world = localPair();
  assert.equal(hadr(world, 'OnPremNode2', 'suspend'), null);
  world.advance(10);
  assert.equal(rowFor(world, 'OnPremNode', 'OnPremNode2')?.suspended, 'SUSPEND_FROM_USER');
  assert.equal(world.commit(onPrimary, 1), 'acknowledged');
  assert.equal(access(world, 'OnPremNode2'), 976);
  assert.equal(hadr(world, 'OnPremNode2', 'resume'), null);
  world.advance(10);
  assert.deepEqual(contents(world).slice(0, 2), [[1], [1]]);
});

test('without a cluster: SET (ROLE = SECONDARY), then a forced failover, loses nothing; copies wait for RESUME', () => {
  const world = localPair();
  world.commit(onPrimary, 1);
  world.advance(10);
  assert.equal(alterLocal(world, 'OnPremNode', toSecondary), null);
  assert.equal(access(world, 'OnPremNode'), 976);
  assert.ok(world.cuts.includes('onpremnode/adventureworks'));
  world.advance(10);
  assert.equal(alterLocal(world, 'OnPremNode2', force), null);
  assert.equal(access(world, 'OnPremNode2'), 983);
  world.advance(3_000);
  assert.equal(access(world, 'OnPremNode2'), 'write');
  assert.equal(copyOn(world, 'OnPremNode').suspended, 'SUSPEND_FROM_PARTNER');
  assert.equal(rowFor(world, 'OnPremNode2', 'OnPremNode')?.suspended, 'SUSPEND_FROM_PARTNER');
  assert.equal(hadr(world, 'OnPremNode', 'resume'), null);
  world.advance(100);
  assert.equal(world.commit({ instance: 'OnPremNode2', database }, 2), 'waiting');
  world.advance(10);
  assert.equal(world.commits.get(2), 'acknowledged');
  assert.deepEqual(contents(world).slice(0, 2), [
    [1, 2],
    [1, 2],
  ]);
});

test('forced past a living primary: both write until it is demoted, then its divergent tail is taken back', () => {
  const world = localPair();
  cutBetween(world, ['OnPremNode', 'OnPremNode2'], true);
  world.advance(12_000);
  assert.equal(world.commit(onPrimary, 1), 'acknowledged');
  assert.equal(alterLocal(world, 'OnPremNode2', force), null);
  world.advance(3_000);
  assert.equal(access(world, 'OnPremNode'), 'write');
  assert.equal(access(world, 'OnPremNode2'), 'write');
  world.commit({ instance: 'OnPremNode2', database }, 2);
  cutBetween(world, ['OnPremNode', 'OnPremNode2'], false);
  world.advance(3_000);
  assert.equal(access(world, 'OnPremNode'), 'write', 'nobody demotes it but the operator');
  assert.equal(alterLocal(world, 'OnPremNode', toSecondary), null);
  world.advance(3_000);
  assert.equal(copyOn(world, 'OnPremNode').suspended, 'SUSPEND_FROM_PARTNER');
  assert.equal(hadr(world, 'OnPremNode', 'resume'), null);
  world.advance(100);
  assert.deepEqual(contents(world).slice(0, 2), [[2], [2]]);
});

test('OFFLINE leaves nobody serving until the group is forced or demoted', () => {
  const world = localPair();
  assert.equal(alterLocal(world, 'OnPremNode', { kind: 'offline' }), null);
  world.advance(3_000);
  assert.equal(access(world, 'OnPremNode'), 983);
  assert.equal(alterLocal(world, 'OnPremNode2', force), null);
  world.advance(3_000);
  assert.equal(access(world, 'OnPremNode2'), 'write');
  assert.equal(alterLocal(world, 'OnPremNode', toSecondary), null);
  world.advance(3_000);
  assert.equal(hadr(world, 'OnPremNode', 'resume'), null);
  world.advance(100);
  assert.equal(rowFor(world, 'OnPremNode2', 'OnPremNode')?.synchronizationState, 'SYNCHRONIZED');
});

test('in a cluster a planned failover needs a synchronized copy and loses nothing, without RESUME', () => {
  const world = localPair({ clusterType: 'WSFC' });
  assert.equal(alterLocal(world, 'OnPremNode', failover), 41_122);
  assert.equal(hadr(world, 'OnPremNode2', 'suspend'), null);
  world.advance(10);
  assert.equal(alterLocal(world, 'OnPremNode2', failover), 41_142);
  assert.equal(hadr(world, 'OnPremNode2', 'resume'), null);
  world.advance(100);
  for (let id = 1; id <= 200; id += 1) world.commit(onPrimary, id);
  assert.equal(alterLocal(world, 'OnPremNode2', failover), undefined, 'waits for the primary');
  world.advance(3_000);
  assert.deepEqual([...world.statements.values()].at(-1), null);
  assert.equal(access(world, 'OnPremNode2'), 'write');
  assert.equal(access(world, 'OnPremNode'), 'read');
  assert.equal(contents(world)[0]?.length, 200);
  assert.deepEqual(contents(world)[0], contents(world)[1]);
  assert.equal(rowFor(world, 'OnPremNode2', 'OnPremNode')?.synchronizationState, 'SYNCHRONIZED');
  assert.equal(alterLocal(world, 'OnPremNode', failover), undefined);
  world.advance(3_000);
  assert.equal(access(world, 'OnPremNode'), 'write');
  assert.deepEqual(contents(world)[0], contents(world)[1]);
});

test('a planned failover whose primary does not answer ends with 41163', () => {
  const world = localPair({ clusterType: 'WSFC' });
  cutBetween(world, ['OnPremNode', 'OnPremNode2'], true);
  assert.equal(alterLocal(world, 'OnPremNode2', failover), undefined);
  world.advance(15_000);
  assert.equal([...world.statements.values()].at(-1)?.number, 41_163);
  assert.equal(groupOn(world, 'OnPremNode2', 'OnPremAG').role, 'SECONDARY');
});

test('a node that comes back does not take the role from the one that had it last, though that one is down', () => {
  const world = localPair({ clusterType: 'WSFC', failoverMode: 'AUTOMATIC' });
  world.apply({ kind: 'crash', instance: 'onpremnode' });
  world.advance(3_000);
  assert.equal(world.commit({ instance: 'OnPremNode2', database }, 1), 'acknowledged');
  world.apply({ kind: 'crash', instance: 'onpremnode2' });
  world.apply({ kind: 'restart', instance: 'onpremnode', hadrEnabled: true });
  world.advance(10_000);
  assert.equal(groupOn(world, 'OnPremNode', 'OnPremAG').role, 'SECONDARY');
  world.apply({ kind: 'restart', instance: 'onpremnode2', hadrEnabled: true });
  world.advance(5_000);
  assert.deepEqual(contents(world).slice(0, 2), [[1], [1]]);
});

test('a planned failover is refused when the copy falls out of step before the primary hears of it', () => {
  const world = localPair({ clusterType: 'WSFC' });
  assert.equal(alterLocal(world, 'OnPremNode2', failover), undefined);
  assert.equal(hadr(world, 'OnPremNode', 'suspend'), null);
  assert.equal(world.commit(onPrimary, 1), 'acknowledged');
  world.advance(3_000);
  assert.equal([...world.statements.values()].find((error) => error !== null)?.number, 41_142);
  assert.equal(access(world, 'OnPremNode'), 'write');
  assert.deepEqual(world.contentOf('OnPremNode', database), [1]);
});

test('a planned failover whose new primary dies leaves the role where it was', () => {
  const world = localPair({ clusterType: 'WSFC' });
  world.commit(onPrimary, 1);
  world.advance(10);
  assert.equal(alterLocal(world, 'OnPremNode2', failover), undefined);
  world.apply({ kind: 'crash', instance: 'onpremnode2' });
  world.advance(5_000);
  assert.equal(access(world, 'OnPremNode'), 'write');
  world.apply({ kind: 'restart', instance: 'onpremnode2', hadrEnabled: true });
  world.advance(5_000);
  assert.equal(access(world, 'OnPremNode2'), 'read');
  assert.deepEqual(contents(world).slice(0, 2), [[1], [1]]);
});

test('a change of roles seeds nobody again', () => {
  const world = twoPlusTwo();
  accepted(alter(world, 'OnPremNode', toSecondary));
  world.advance(50);
  accepted(alter(world, 'SQLVM1', force));
  world.advance(20_000);
  for (const server of ['onpremnode', 'onpremnode2', 'sqlvm1', 'sqlvm2'])
    for (const row of world.state.instances[server]?.seedingHistory ?? [])
      assert.equal(row.phase, 'COMPLETED', `${server} ${row.failure?.text}`);
});

test('in a cluster a crash fails over by itself when both replicas are AUTOMATIC and in step', () => {
  for (const failoverMode of ['AUTOMATIC', 'MANUAL'] as const) {
    const world = localPair({ clusterType: 'WSFC', failoverMode });
    world.commit(onPrimary, 1);
    world.advance(10);
    world.apply({ kind: 'crash', instance: 'onpremnode' });
    world.advance(3_000);
    const isOver = failoverMode === 'AUTOMATIC';
    assert.equal(access(world, 'OnPremNode2'), isOver ? 'write' : 'read');
    world.apply({ kind: 'restart', instance: 'onpremnode', hadrEnabled: true });
    world.advance(5_000);
    assert.equal(access(world, isOver ? 'OnPremNode' : 'OnPremNode2'), 'read');
    assert.equal(access(world, isOver ? 'OnPremNode2' : 'OnPremNode'), 'write');
    assert.deepEqual(contents(world).slice(0, 2), [[1], [1]]);
  }
});

test('a cluster has one primary: a forced failover takes the role from a living one', () => {
  const world = localPair({ clusterType: 'WSFC' });
  assert.equal(alterLocal(world, 'OnPremNode2', force), null);
  assert.equal(groupOn(world, 'OnPremNode', 'OnPremAG').role, 'SECONDARY');
  world.advance(3_000);
  assert.equal(access(world, 'OnPremNode2'), 'write');
});

test('WSFC is refused outside a cluster (35220), and a name that the cluster knows (41042)', () => {
  const world = fourServers();
  const create = {
    kind: 'create-availability-group',
    group: 'OnPremAG',
    options: {},
    databases: [],
    listener: null,
  } as const;
  const refused = world.statement('OnPremNode', { ...create, replicas: [replica('OnPremNode')] });
  assert.equal(refused?.number, 35_220);
  const clustered = localPair({ clusterType: 'WSFC' });
  const again = clustered.statement('OnPremNode2', {
    ...create,
    replicas: [replica('OnPremNode2')],
  });
  assert.equal(again?.number, 41_042);
});

test('a listener leads to the current primary', () => {
  const world = localPair({ clusterType: 'WSFC' });
  const found = () => resolveUrl(world.state, 'TCP://OnPremAG_LST.contoso.com:5022')?.instance;
  assert.equal(found(), 'onpremnode');
  assert.equal(alterLocal(world, 'OnPremNode2', failover), undefined);
  world.advance(3_000);
  assert.equal(found(), 'onpremnode2');
  assert.equal(resolveUrl(world.state, 'TCP://10.0.0.50:5022')?.instance, 'onpremnode2');
  const remove = { kind: 'remove-listener', listener: 'OnPremAG_LST' } as const;
  assert.equal(alterLocal(world, 'OnPremNode2', remove), null);
  assert.equal(found(), undefined);
});

test('two plus two: a commit is acknowledged when it is on disk on all four', () => {
  const world = twoPlusTwo();
  assert.equal(world.commit(onPrimary, 1), 'waiting');
  cutBetween(world, ['SQLVM1', 'SQLVM2'], true);
  assert.equal(world.commit(onPrimary, 2), 'waiting');
  world.advance(5_000);
  assert.equal(world.commits.get(2), 'waiting', 'the forwarder waits for its own secondary');
  world.advance(8_000);
  assert.equal(world.commits.get(2), 'acknowledged', 'until its session timeout');
  cutBetween(world, ['SQLVM1', 'SQLVM2'], false);
  world.advance(5_000);
  assert.deepEqual(contents(world), [
    [1, 2],
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
});

test('two plus two: the cutover takes all four copies along, and back again', () => {
  const world = twoPlusTwo();
  world.commit(onPrimary, 1);
  world.advance(10);
  accepted(alter(world, 'OnPremNode', toSecondary));
  world.advance(50);
  accepted(alter(world, 'SQLVM1', force));
  world.advance(5_000);
  const states = () => [
    access(world, 'OnPremNode'),
    access(world, 'OnPremNode2'),
    access(world, 'SQLVM1'),
    access(world, 'SQLVM2'),
  ];
  assert.deepEqual(states(), ['read', 'read', 'write', 'read']);
  assert.equal(world.commit({ instance: 'SQLVM1', database }, 2), 'waiting');
  world.advance(20);
  assert.equal(world.commits.get(2), 'acknowledged');
  assert.deepEqual(new Set(contents(world).map(String)), new Set(['1,2']));
  const forks = new Set(
    (['OnPremNode', 'OnPremNode2', 'SQLVM1', 'SQLVM2'] as const).map((each) =>
      copyOn(world, each)
        .forks.map(({ id }) => id)
        .join(),
    ),
  );
  assert.equal(forks.size, 1, 'every copy knows the same history');
  accepted(alter(world, 'SQLVM1', toSecondary));
  world.advance(50);
  accepted(alter(world, 'OnPremNode', force));
  world.advance(5_000);
  assert.deepEqual(states(), ['write', 'read', 'read', 'read']);
  assert.deepEqual(new Set(contents(world).map(String)), new Set(['1,2']));
});

test('two plus two: the DAG follows a local failover on either side, forwarder first', () => {
  const world = twoPlusTwo({ clusterType: 'WSFC' });
  world.commit(onPrimary, 1);
  world.advance(10);
  assert.equal(alterLocal(world, 'SQLVM2', failover), undefined);
  world.advance(5_000);
  assert.equal(dag(world, 'SQLVM2').role, 'SECONDARY');
  assert.equal(dag(world, 'SQLVM2').link.connected, true);
  assert.equal(world.state.instances['sqlvm1']?.distributed['dag'], undefined);
  world.commit(onPrimary, 2);
  world.advance(20);
  assert.equal(world.commits.get(2), 'acknowledged');
  assert.equal(alterLocal(world, 'OnPremNode2', failover), undefined);
  world.advance(5_000);
  assert.equal(dag(world, 'OnPremNode2').role, 'PRIMARY');
  const copy = dag(world, 'OnPremNode2').databases[database.toLowerCase()];
  assert.equal(copy?.synchronizationState, 'SYNCHRONIZED');
  assert.equal(world.commit({ instance: 'OnPremNode2', database }, 3), 'waiting');
  world.advance(20);
  assert.equal(world.commits.get(3), 'acknowledged');
  assert.deepEqual(new Set(contents(world).map(String)), new Set(['1,2,3']));
});

test('two plus two: a local failover between demotion and promotion leaves the DAG roles as they are', () => {
  const world = twoPlusTwo({ clusterType: 'WSFC' });
  world.commit(onPrimary, 1);
  world.advance(10);
  accepted(alter(world, 'OnPremNode', toSecondary));
  world.advance(50);
  assert.equal(alterLocal(world, 'OnPremNode2', failover), undefined);
  world.advance(3_000);
  assert.equal(dag(world, 'OnPremNode2').role, 'SECONDARY');
  assert.equal(access(world, 'OnPremNode2'), 976);
  accepted(alter(world, 'SQLVM1', force));
  world.advance(5_000);
  assert.equal(access(world, 'SQLVM1'), 'write');
  assert.equal(access(world, 'OnPremNode2'), 'read');
  world.commit({ instance: 'SQLVM1', database }, 2);
  world.advance(50);
  assert.deepEqual(new Set(contents(world).map(String)), new Set(['1,2']));
});

test('two plus two: a divergent tail of a lost source is taken back on both of its replicas', () => {
  const world = twoPlusTwo();
  for (const left of ['OnPremNode', 'OnPremNode2'] as const)
    for (const right of ['SQLVM1', 'SQLVM2'] as const) cutBetween(world, [left, right], true);
  world.advance(12_000);
  world.commit(onPrimary, 1);
  world.advance(20);
  assert.deepEqual(contents(world), [[1], [1], [], []]);
  accepted(alter(world, 'SQLVM1', force));
  world.advance(3_000);
  world.commit({ instance: 'SQLVM1', database }, 2);
  for (const left of ['OnPremNode', 'OnPremNode2'] as const)
    for (const right of ['SQLVM1', 'SQLVM2'] as const) cutBetween(world, [left, right], false);
  accepted(alter(world, 'OnPremNode', toSecondary));
  world.advance(3_000);
  assert.equal(hadr(world, 'OnPremNode', 'resume'), null);
  world.advance(5_000);
  assert.deepEqual(new Set(contents(world).map(String)), new Set(['2']));
  assert.equal(rowFor(world, 'OnPremNode', 'OnPremNode2')?.synchronizationState, 'SYNCHRONIZED');
});

test('a removed replica leaves the group with its copy RESTORING; DROP in a cluster takes it from every node', () => {
  const world = localPair({ clusterType: 'WSFC' });
  const remove = { kind: 'remove-replica', server: 'OnPremNode2' } as const;
  assert.equal(alterLocal(world, 'OnPremNode', remove), null);
  world.advance(100);
  assert.equal(world.state.instances['onpremnode2']?.groups['onpremag'], undefined);
  assert.equal(copyOn(world, 'OnPremNode2').state, 'RESTORING');
  assert.equal(world.commit(onPrimary, 1), 'acknowledged');
  const other = localPair({ clusterType: 'WSFC' });
  const drop = { kind: 'drop-availability-group', group: 'OnPremAG' } as const;
  accepted(other.statement('OnPremNode', drop));
  assert.equal(other.state.instances['onpremnode2']?.groups['onpremag'], undefined);
  assert.equal(access(other, 'OnPremNode'), 'write');
});
