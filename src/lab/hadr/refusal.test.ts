import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accepted,
  addDatabase,
  alter,
  createDistributed,
  createEndpoint,
  createGroup,
  database,
  flowing,
  members,
  newInstance,
  source,
  synchronized,
  target,
  twoServers,
  version2022,
  withGroups,
} from '../../../tests/support/hadr-scenario.ts';
import type { GroupOptions } from '../tsql/ast.ts';
import type { NewInstance } from './event.ts';
import { emptyState } from './initial.ts';
import { messageTemplate } from '../tsql/message.ts';
import { VirtualTime } from './virtual-time.ts';

/** The number, which must have a text. */
function number(outcome: ReturnType<VirtualTime['statement']>): number | null | undefined {
  if (outcome !== null && outcome !== undefined) {
    const template = messageTemplate(outcome.number);
    assert.ok(template, `message ${outcome.number}`);
    const holders = template.text.match(/%[^ ]*?(?:ls|d|s|S_MSG|S_LSN)/gu) ?? [];
    assert.ok(outcome.parameters.length <= holders.length, `parameters of ${outcome.number}`);
    if (!template.text.includes('S_LSN'))
      assert.equal(outcome.parameters.length, holders.length, `parameters of ${outcome.number}`);
  }
  return outcome === null ? null : outcome?.number;
}

const oneServer = (change: Partial<NewInstance> = {}): VirtualTime => {
  const world = new VirtualTime(emptyState());
  world.apply({ kind: 'add-instance', instance: newInstance(source, change) });
  addDatabase(world, database);
  return world;
};

test('local groups: what CREATE AVAILABILITY GROUP refuses, and with which number', () => {
  const group = (
    world: VirtualTime,
    change: Partial<Parameters<typeof createGroup>[1]> = {},
  ): number | null | undefined =>
    number(createGroup(world, { instance: source, group: 'AG', ...change }));
  const options = (change: GroupOptions): { readonly options: GroupOptions } => ({
    options: { clusterType: 'NONE', ...change },
  });
  const version2016 = { ...version2022, year: 2016, major: 13 } as const;
  assert.equal(group(oneServer(), { options: {} }), 35_220, 'WSFC is the default');
  assert.equal(group(oneServer({ hadrEnabled: false })), 47_105);
  assert.equal(group(oneServer({ hadrEnabled: false, version: version2016 })), 35_221);
  assert.equal(group(oneServer({ version: version2016 })), 102, 'no CLUSTER_TYPE in 2016');
  assert.equal(group(oneServer({ edition: 'Standard' })), 41_199);
  assert.equal(group(oneServer({ edition: 'Standard' }), options({ basic: true })), null);
  assert.equal(group(oneServer(), options({ distributed: true })), 19_497);
  assert.equal(group(oneServer(), options({ clusterType: 'EXTERNAL' })), 49_901);
  assert.equal(group(oneServer(), { server: 'Elsewhere' }), 35_237);
  assert.equal(group(oneServer(), { replica: { failoverMode: 'AUTOMATIC' } }), 47_101);
  assert.equal(group(oneServer(), { replica: { endpointUrl: 'nonsense' } }), 35_232);
  const world = oneServer();
  assert.equal(group(world), null);
  assert.equal(group(world), 41_042);
});

test('local groups: every reason why a database may not enter', () => {
  const cases = [
    ['master', {}, 35_249],
    ['unknown', {}, 35_238],
    [database, { recoveryModel: 'SIMPLE' }, 1465],
    [database, { readOnly: true }, 1466],
    [database, { autoClose: true }, 1469],
    [database, { fullBackupTaken: false }, 1475],
    [database, { userAccess: 'SINGLE_USER' }, 1488],
  ] as const;
  for (const [name, change, inner] of cases) {
    const world = oneServer();
    world.apply({
      kind: 'set-database',
      instance: 'onpremnode',
      database: database.toLowerCase(),
      options: change,
    });
    const outcome = createGroup(world, { instance: source, group: 'AG', databases: [name] });
    assert.equal(number(outcome), 41_152);
    assert.equal(number(world.informed.at(-1)), inner);
    assert.equal(world.state.instances['onpremnode']?.groups['ag'], undefined, 'rolled back');
  }
  const world = oneServer();
  accepted(createGroup(world, { instance: source, group: 'AG', databases: [database] }));
  accepted(createGroup(world, { instance: source, group: 'Other' }));
  const again = alter(world, source, { kind: 'add-database', databases: [database] }, 'Other');
  assert.equal(number(again), 35_244);
});

test('DAG: what CREATE and JOIN refuse, and with which number', () => {
  const [left, right] = members();
  const world = withGroups(twoServers());
  const create = (first: object, second: object = right): number | null | undefined =>
    number(
      createDistributed(world, source, [
        { ...left, ...first },
        { ...right, ...second },
      ] as unknown as ReturnType<typeof members>),
    );
  assert.equal(create({ listenerUrl: 'host:5022' }), 19_499);
  assert.equal(create({ failoverMode: 'AUTOMATIC' }), 35_277);
  assert.equal(create({ availabilityMode: undefined }), 41_198);
  assert.equal(create({ failoverMode: undefined }), 41_197);
  assert.equal(create({ availabilityGroup: 'None' }, { availabilityGroup: 'Neither' }), 19_501);
  const statement = (group: string, options: GroupOptions): number | null | undefined =>
    number(
      world.statement(source, {
        kind: 'create-distributed-availability-group',
        group,
        options,
        members: members(),
      }),
    );
  assert.equal(statement('DAG', {}), 19_498);
  assert.equal(statement('DAG', { distributed: true, dbFailover: true }), 19_497);
  assert.equal(statement('OnPremAG', { distributed: true }), 19_509);
  assert.equal(create({}), null);
  assert.equal(create({}), 19_502);
  assert.equal(statement('DAG2', { distributed: true }), 19_507);
  const join = { kind: 'join-distributed', members: members() } as const;
  assert.equal(number(alter(world, source, join, 'Third')), 19_507);
});

test('DAG: BASIC and CONTAINED groups, and Standard edition, cannot be members', () => {
  const over = (options: GroupOptions): VirtualTime => {
    const world = twoServers();
    accepted(
      createGroup(world, {
        instance: source,
        group: 'OnPremAG',
        options: { clusterType: 'NONE', ...options },
      }),
    );
    return world;
  };
  assert.equal(number(createDistributed(over({ basic: true }))), 19_513);
  assert.equal(number(createDistributed(over({ contained: true }))), 47_129);
  assert.equal(number(createDistributed(oneServer({ edition: 'Standard' }))), 41_199);
});

test('DAG: JOIN needs an empty group (19511); a secondary member starts no other DAG (19503)', () => {
  const world = withGroups(twoServers());
  const swapped = twoServers();
  accepted(createGroup(swapped, { instance: source, group: 'AzureAG', databases: [database] }));
  const join = { kind: 'join-distributed', members: members() } as const;
  assert.equal(number(alter(swapped, source, join)), 19_511);
  accepted(alter(world, target, join));
  const [left, right] = members();
  const other = [{ ...left, availabilityGroup: 'Third' }, right] as unknown as ReturnType<
    typeof members
  >;
  const second = world.statement(target, {
    kind: 'create-distributed-availability-group',
    group: 'DAG2',
    options: { distributed: true },
    members: other,
  });
  assert.equal(number(second), 19_503);
});

test('role changes: what is refused in which role', () => {
  const world = synchronized();
  const refuse = (
    instance: string,
    kind: 'failover' | 'set-role-secondary' | 'force-failover-allow-data-loss',
  ) => number(alter(world, instance, { kind }));
  assert.equal(refuse(source, 'failover'), 19_504);
  assert.equal(refuse(source, 'force-failover-allow-data-loss'), 41_122);
  assert.equal(refuse(target, 'set-role-secondary'), 41_195);
  assert.equal(number(alter(world, source, { kind: 'set-role-secondary' }, 'OnPremAG')), 19_512);
  assert.equal(number(alter(world, source, { kind: 'failover' }, 'OnPremAG')), 47_122);
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  accepted(alter(world, target, { kind: 'force-failover-allow-data-loss' }));
  assert.equal(refuse(target, 'force-failover-allow-data-loss'), 41_113);
  assert.equal(refuse(target, 'set-role-secondary'), 41_190);
  world.advance(3_000);
  assert.equal(refuse(target, 'force-failover-allow-data-loss'), 41_122);
});

test('a latched demotion fails with 41104 as often as the switch says', () => {
  const world = flowing({}, { latchedDemotions: 2 });
  const demote = (): number | null | undefined =>
    number(alter(world, source, { kind: 'set-role-secondary' }));
  assert.deepEqual([demote(), demote(), demote()], [41_104, 41_104, null]);
});

test('RSSTC: only with synchronous members, and asynchronous again only without it', () => {
  const required = (value: number) =>
    ({ kind: 'set-options', options: { requiredSynchronizedSecondariesToCommit: value } }) as const;
  assert.equal(number(alter(flowing(), source, required(1))), 35_248);
  const world = synchronized();
  assert.equal(number(alter(world, source, required(2))), 35_248);
  accepted(alter(world, source, required(1)));
  const back = { kind: 'modify-distributed', members: members() } as const;
  assert.equal(number(alter(world, source, back)), 19_530);
});

test('unknown names: 15151 for groups, 19510 for a DAG that MODIFY names', () => {
  const world = withGroups(twoServers());
  assert.equal(number(alter(world, source, { kind: 'grant-create-any-database' }, 'x')), 15_151);
  assert.equal(
    number(alter(world, source, { kind: 'modify-distributed', members: members() }, 'x')),
    19_510,
  );
  assert.equal(
    number(world.statement(source, { kind: 'drop-availability-group', group: 'x' })),
    15_151,
  );
  const action = { kind: 'join', group: 'DAG' } as const;
  const set = (name: string, change: typeof action | { readonly kind: 'suspend' | 'off' }) =>
    number(
      world.statement(target, { kind: 'alter-database-hadr', database: name, action: change }),
    );
  assert.equal(set('none', action), 41_148);
  assert.equal(set('none', { kind: 'suspend' }), 911);
});

test('SET HADR: not on the primary, not for what is not restored, not without connection', () => {
  const world = flowing();
  const set = (instance: string, group: string): number | null | undefined =>
    number(
      world.statement(instance, {
        kind: 'alter-database-hadr',
        database,
        action: { kind: 'join', group },
      }),
    );
  assert.equal(set(source, 'DAG'), 35_240);
  assert.equal(set(source, 'OnPremAG'), 35_240);
  const off = world.statement(source, {
    kind: 'alter-database-hadr',
    database,
    action: { kind: 'off' },
  });
  assert.equal(number(off), 35_240);
  addDatabase(world, 'Loose');
  const loose = world.statement(source, {
    kind: 'alter-database-hadr',
    database: 'Loose',
    action: { kind: 'resume' },
  });
  assert.equal(number(loose), 35_239);
});

test('databases enter and leave on the primary only; a member of a DAG is not dropped', () => {
  const world = flowing();
  const change = (instance: string, group: string, kind: 'add-database' | 'remove-database') =>
    number(alter(world, instance, { kind, databases: [database] }, group));
  assert.equal(change(target, 'AzureAG', 'add-database'), 41_190);
  assert.equal(change(target, 'AzureAG', 'remove-database'), 41_190);
  assert.equal(
    number(world.statement(source, { kind: 'drop-availability-group', group: 'OnPremAG' })),
    41_190,
  );
  assert.equal(change(source, 'OnPremAG', 'remove-database'), null);
  world.advance(100);
  const copy = world.state.instances['sqlvm']?.databases['adventureworks'];
  assert.equal(copy?.state, 'RESTORING');
  assert.equal(copy?.group, null);
});

test('one mirroring endpoint per instance (7862); STOPPED unless STARTED is written', () => {
  const world = twoServers();
  createEndpoint(world, source);
  const again = world.statement(source, {
    kind: 'create-endpoint',
    endpoint: 'Another',
    state: null,
    tcp: { listenerPort: 5023, listenerIp: null },
    mirroring: { authentication: null, encryption: null, role: 'ALL' },
  });
  assert.equal(number(again), 7862);
  const other = world.statement(target, {
    kind: 'create-endpoint',
    endpoint: 'Quiet',
    state: null,
    tcp: { listenerPort: 5022, listenerIp: null },
    mirroring: { authentication: null, encryption: null, role: 'ALL' },
  });
  assert.equal(number(other), null);
  assert.equal(world.state.instances['sqlvm']?.endpoint?.state, 'STOPPED');
  assert.equal(number(world.statement(target, { kind: 'drop-endpoint', endpoint: 'x' })), 15_151);
});
