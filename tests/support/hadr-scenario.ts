/** Two clusterless servers in virtual time, brought to the phase a test starts from. */

import assert from 'node:assert/strict';
import type { NewInstance } from '../../src/lab/hadr/event.ts';
import { emptyState } from '../../src/lab/hadr/initial.ts';
import type { DistributedState, HadrSettings, HadrSwitches } from '../../src/lab/hadr/state.ts';
import { VirtualTime } from '../../src/lab/hadr/virtual-time.ts';
import type { GroupAction, GroupOptions, ReplicaOptions } from '../../src/lab/tsql/ast.ts';

export const source = 'OnPremNode';
export const target = 'SQLVM';
export const database = 'Adventureworks';

export const version2022 = { year: 2022, major: 16, minor: 0, build: 4135, revision: 4 } as const;

export function newInstance(serverName: string, change: Partial<NewInstance> = {}): NewInstance {
  return {
    serverName,
    hostNames: [serverName.toLowerCase(), `${serverName.toLowerCase()}.contoso.com`],
    version: version2022,
    edition: 'Enterprise',
    domain: 'CONTOSO',
    serviceAccount: 'CONTOSO\\sqlservice',
    hadrEnabled: true,
    ...change,
  };
}

/** Two instances, one database with a full backup on the source. */
export function twoServers(
  settings: Partial<HadrSettings> = {},
  switches: Partial<HadrSwitches> = {},
): VirtualTime {
  const world = new VirtualTime(emptyState(settings, switches));
  for (const name of [source, target])
    world.apply({ kind: 'add-instance', instance: newInstance(name) });
  addDatabase(world, database);
  for (const [from, to] of [
    ['onpremnode', 'sqlvm'],
    ['sqlvm', 'onpremnode'],
  ] as const)
    world.apply({ kind: 'set-link', from, to, change: { delayMs: 1 } });
  return world;
}

export function addDatabase(world: VirtualTime, name: string, fullBackupTaken = true): void {
  world.apply({
    kind: 'add-database',
    instance: 'onpremnode',
    database: {
      name,
      recoveryModel: 'FULL',
      fullBackupTaken,
      sizeBytes: 10_000_000,
      owner: 'sa',
      familyId: `family ${name}`,
      forkId: `fork ${name}`,
    },
  });
}

export function createEndpoint(world: VirtualTime, instance: string): void {
  accepted(
    world.statement(instance, {
      kind: 'create-endpoint',
      endpoint: 'Hadr_endpoint',
      state: 'STARTED',
      tcp: { listenerPort: 5022, listenerIp: null },
      mirroring: { authentication: null, encryption: null, role: 'ALL' },
    }),
  );
}

export function accepted(error: unknown): void {
  assert.equal(error, null);
}

export function createGroup(
  world: VirtualTime,
  given: {
    readonly instance: string;
    readonly group: string;
    readonly databases?: readonly string[];
    readonly options?: GroupOptions;
    readonly replica?: Partial<ReplicaOptions>;
    readonly server?: string;
  },
): ReturnType<VirtualTime['statement']> {
  return world.statement(given.instance, {
    kind: 'create-availability-group',
    group: given.group,
    options: given.options ?? { clusterType: 'NONE' },
    databases: given.databases ?? [],
    replicas: [
      {
        server: given.server ?? given.instance,
        options: {
          endpointUrl: `TCP://${given.instance}.contoso.com:5022`,
          availabilityMode: 'SYNCHRONOUS_COMMIT',
          failoverMode: 'MANUAL',
          seedingMode: 'AUTOMATIC',
          secondaryAllowConnections: 'ALL',
          ...given.replica,
        },
      },
    ],
    listener: null,
  });
}

export function members(
  mode: 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT' = 'ASYNCHRONOUS_COMMIT',
  seedingMode: 'AUTOMATIC' | 'MANUAL' = 'AUTOMATIC',
) {
  return [
    {
      availabilityGroup: 'OnPremAG',
      listenerUrl: 'tcp://OnPremNode.contoso.com:5022',
      availabilityMode: mode,
      failoverMode: 'MANUAL',
      seedingMode,
    },
    {
      availabilityGroup: 'AzureAG',
      listenerUrl: 'TCP://SQLVM.contoso.com:5022',
      availabilityMode: mode,
      failoverMode: 'MANUAL',
      seedingMode,
    },
  ] as const;
}

export function createDistributed(
  world: VirtualTime,
  instance = source,
  specification: ReturnType<typeof members> = members(),
): ReturnType<VirtualTime['statement']> {
  return world.statement(instance, {
    kind: 'create-distributed-availability-group',
    group: 'DAG',
    options: { distributed: true },
    members: specification,
  });
}

export function alter(
  world: VirtualTime,
  instance: string,
  action: GroupAction,
  group = 'DAG',
): ReturnType<VirtualTime['statement']> {
  return world.statement(instance, { kind: 'alter-availability-group', group, action });
}

/** Endpoints and both local groups. */
export function withGroups(world: VirtualTime): VirtualTime {
  createEndpoint(world, source);
  createEndpoint(world, target);
  accepted(createGroup(world, { instance: source, group: 'OnPremAG', databases: [database] }));
  accepted(createGroup(world, { instance: target, group: 'AzureAG' }));
  return world;
}

/** Everything created, seeded and flowing asynchronously (P4). */
export function flowing(
  settings: Partial<HadrSettings> = {},
  switches: Partial<HadrSwitches> = {},
): VirtualTime {
  const world = withGroups(twoServers(settings, switches));
  accepted(alter(world, target, { kind: 'grant-create-any-database' }, 'AzureAG'));
  accepted(createDistributed(world));
  accepted(alter(world, target, { kind: 'join-distributed', members: members() }));
  world.advance(6_000);
  assert.equal(copyState(world), 'SYNCHRONIZING');
  return world;
}

/** Synchronous on both sides and caught up (P6). */
export function synchronized(
  settings: Partial<HadrSettings> = {},
  switches: Partial<HadrSwitches> = {},
): VirtualTime {
  const world = flowing(settings, switches);
  for (const instance of [source, target])
    accepted(
      alter(world, instance, {
        kind: 'modify-distributed',
        members: members('SYNCHRONOUS_COMMIT'),
      }),
    );
  world.advance(100);
  assert.equal(copyState(world), 'SYNCHRONIZED');
  return world;
}

export function dag(world: VirtualTime, instance: string): DistributedState {
  const found = world.state.instances[instance.toLowerCase()]?.distributed['dag'];
  assert.ok(found, `DAG on ${instance}`);
  return found;
}

export function copyState(world: VirtualTime, instance = source): string | undefined {
  return dag(world, instance).databases[database.toLowerCase()]?.synchronizationState;
}

export function databaseOn(world: VirtualTime, instance: string, name = database) {
  const found = world.state.instances[instance.toLowerCase()]?.databases[name.toLowerCase()];
  assert.ok(found, `${name} on ${instance}`);
  return found;
}

export function cut(world: VirtualTime, isCut: boolean): void {
  for (const [from, to] of [
    ['onpremnode', 'sqlvm'],
    ['sqlvm', 'onpremnode'],
  ] as const)
    world.apply({ kind: 'set-link', from, to, change: { cut: isCut } });
}

/** Demotes the source and promotes the target, in the right order. */
export function cutOver(world: VirtualTime): void {
  accepted(alter(world, source, { kind: 'set-role-secondary' }));
  world.advance(50);
  accepted(alter(world, target, { kind: 'force-failover-allow-data-loss' }));
  world.advance(3_000);
}
