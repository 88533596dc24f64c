/** Two local groups of two replicas each in virtual time, and a distributed group over them. */

import assert from 'node:assert/strict';
import { emptyState } from '../../src/lab/hadr/initial.ts';
import type {
  DatabaseState,
  GroupState,
  HadrSettings,
  HadrSwitches,
  PartnerDatabase,
} from '../../src/lab/hadr/state.ts';
import { VirtualTime } from '../../src/lab/hadr/virtual-time.ts';
import type {
  ClusterType,
  GroupAction,
  ListenerSpecification,
  ReplicaOptions,
} from '../../src/lab/tsql/ast.ts';
import { accepted, addDatabase, alter, createEndpoint, newInstance } from './hadr-scenario.ts';

export const database = 'Adventureworks';
/** Global primary and its secondary, forwarder and its secondary. */
export const servers = ['OnPremNode', 'OnPremNode2', 'SQLVM1', 'SQLVM2'] as const;
/** One of the four. */
export type Server = (typeof servers)[number];

/** How the groups are made. */
export interface ReplicaWorld {
  readonly clusterType?: ClusterType;
  /** Mode of the secondaries. */
  readonly mode?: 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT';
  readonly failoverMode?: 'AUTOMATIC' | 'MANUAL';
  readonly settings?: Partial<HadrSettings>;
  readonly switches?: Partial<HadrSwitches>;
}

/** Four instances with endpoints; the database is on the first. */
export function fourServers(given: ReplicaWorld = {}): VirtualTime {
  const world = new VirtualTime(emptyState(given.settings, given.switches));
  const isClustered = given.clusterType === 'WSFC';
  for (const [index, name] of servers.entries())
    world.apply({
      kind: 'add-instance',
      instance: newInstance(
        name,
        isClustered ? { cluster: index < 2 ? 'ONPREMCLUSTER' : 'AZURECLUSTER' } : {},
      ),
    });
  addDatabase(world, database);
  for (const from of servers)
    for (const to of servers)
      if (from !== to)
        world.apply({
          kind: 'set-link',
          from: from.toLowerCase(),
          to: to.toLowerCase(),
          change: { delayMs: 1 },
        });
  for (const name of servers) createEndpoint(world, name);
  return world;
}

/** Options of a replica. */
export function replica(server: Server, change: Partial<ReplicaOptions> = {}) {
  return {
    server,
    options: {
      endpointUrl: `TCP://${server}.contoso.com:5022`,
      availabilityMode: 'SYNCHRONOUS_COMMIT',
      failoverMode: 'MANUAL',
      seedingMode: 'AUTOMATIC',
      secondaryAllowConnections: 'ALL',
      ...change,
    },
  } as const;
}

const listeners = {
  OnPremAG: { name: 'OnPremAG_LST', ip: '10.0.0.50' },
  AzureAG: { name: 'AzureAG_LST', ip: '10.1.0.50' },
} as const;

/** The listener of a group. */
export function listenerOf(group: keyof typeof listeners): ListenerSpecification {
  const { name, ip } = listeners[group];
  return { name, addresses: [{ ip, mask: '255.255.255.0' }], dhcp: false, port: 1433 };
}

/** CREATE on the first server, JOIN and GRANT on the second. */
export function createReplicated(
  world: VirtualTime,
  group: keyof typeof listeners,
  given: ReplicaWorld = {},
): void {
  const [primary, secondary] =
    group === 'OnPremAG'
      ? (['OnPremNode', 'OnPremNode2'] as const)
      : (['SQLVM1', 'SQLVM2'] as const);
  const clusterType = given.clusterType ?? 'NONE';
  const failoverMode = given.failoverMode ?? 'MANUAL';
  accepted(
    world.statement(primary, {
      kind: 'create-availability-group',
      group,
      options: { clusterType },
      databases: group === 'OnPremAG' ? [database] : [],
      replicas: [
        replica(primary, { failoverMode }),
        replica(secondary, {
          failoverMode,
          availabilityMode: given.mode ?? 'SYNCHRONOUS_COMMIT',
        }),
      ],
      listener: clusterType === 'WSFC' ? listenerOf(group) : null,
    }),
  );
  accepted(alter(world, secondary, { kind: 'join', clusterType }, group));
  for (const each of [primary, secondary])
    accepted(alter(world, each, { kind: 'grant-create-any-database' }, group));
}

/** The source's group of two replicas, seeded and in step. */
export function localPair(given: ReplicaWorld = {}): VirtualTime {
  const world = fourServers(given);
  createReplicated(world, 'OnPremAG', given);
  world.advance(6_000);
  assert.deepEqual(contents(world).slice(0, 2), [[], []]);
  return world;
}

/** Members of the DAG: listeners in a cluster, the first server's own name without. */
export function memberSpecifications(
  mode: 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT',
  clusterType: ClusterType = 'NONE',
) {
  const host = (group: keyof typeof listeners): string => {
    if (clusterType === 'WSFC') return `${listeners[group].name}.contoso.com`;
    return group === 'OnPremAG' ? 'OnPremNode.contoso.com' : 'SQLVM1.contoso.com';
  };
  const member = (group: keyof typeof listeners) =>
    ({
      availabilityGroup: group,
      listenerUrl: `TCP://${host(group)}:5022`,
      availabilityMode: mode,
      failoverMode: 'MANUAL',
      seedingMode: 'AUTOMATIC',
    }) as const;
  return [member('OnPremAG'), member('AzureAG')] as const;
}

/** Two plus two replicas with a synchronous DAG, everything in step. */
export function twoPlusTwo(given: ReplicaWorld = {}): VirtualTime {
  const world = localPair(given);
  createReplicated(world, 'AzureAG', given);
  const clusterType = given.clusterType ?? 'NONE';
  const asynchronous = memberSpecifications('ASYNCHRONOUS_COMMIT', clusterType);
  accepted(
    world.statement('OnPremNode', {
      kind: 'create-distributed-availability-group',
      group: 'DAG',
      options: { distributed: true },
      members: asynchronous,
    }),
  );
  accepted(alter(world, 'SQLVM1', { kind: 'join-distributed', members: asynchronous }));
  world.advance(15_000);
  const members = memberSpecifications('SYNCHRONOUS_COMMIT', clusterType);
  for (const each of ['OnPremNode', 'SQLVM1'])
    accepted(alter(world, each, { kind: 'modify-distributed', members }));
  world.advance(2_000);
  return world;
}

/** Rows of the database on the four servers. */
export function contents(world: VirtualTime): readonly (readonly number[])[] {
  return servers.map((each) => world.contentOf(each, database));
}

/** A local group on a server. */
export function groupOn(world: VirtualTime, server: Server, group: string): GroupState {
  const found = world.state.instances[server.toLowerCase()]?.groups[group.toLowerCase()];
  assert.ok(found, `${group} on ${server}`);
  return found;
}

/** The copy on a server. */
export function copyOn(world: VirtualTime, server: Server): DatabaseState {
  const found = world.state.instances[server.toLowerCase()]?.databases[database.toLowerCase()];
  assert.ok(found, `${database} on ${server}`);
  return found;
}

/** What a primary replica knows of another replica's copy. */
export function rowFor(
  world: VirtualTime,
  primary: Server,
  secondary: Server,
): PartnerDatabase | undefined {
  const links = Object.values(world.state.instances[primary.toLowerCase()]?.replicaLinks ?? {});
  const link = links.find((each) => each.members[1].group === secondary);
  return link?.databases[database.toLowerCase()];
}

/** ALTER AVAILABILITY GROUP of a local group. */
export function alterLocal(world: VirtualTime, server: Server, action: GroupAction): unknown {
  const group = server.startsWith('OnPrem') ? 'OnPremAG' : 'AzureAG';
  const error = alter(world, server, action, group);
  return error === null || error === undefined ? error : error.number;
}

/** Cuts or heals the network between two servers. */
export function cutBetween(
  world: VirtualTime,
  pair: readonly [Server, Server],
  isCut: boolean,
): void {
  const [left, right] = pair.map((each) => each.toLowerCase());
  for (const [from = '', to = ''] of [
    [left, right],
    [right, left],
  ])
    world.apply({ kind: 'set-link', from, to, change: { cut: isCut } });
}
