/** Where an exploration begins: the article's two servers, seeded, in synchronous mode, in step. */

import { assert } from '../../base/assert.ts';
import { emptyState } from '../../lab/hadr/initial.ts';
import type { HadrState, HadrSwitches, ProductVersion } from '../../lab/hadr/state.ts';
import { step } from '../../lab/hadr/step.ts';
import { VirtualTime } from '../../lab/hadr/virtual-time.ts';
import type { GroupAction } from '../../lab/tsql/ast.ts';
import type { CommitMode } from '../../model/prior-state.ts';
import type { Migration, MigrationInstance } from '../../model/migration.ts';
import { endpointUrl, primaryInstance } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';

/** The one database of the small world. */
export const database = 'Adventureworks';

/** The migration file of the small world. */
export const migration: Migration = {
  name: 'explored',
  databases: { kind: 'named', names: [database] },
  distributedAvailabilityGroup: 'DAG',
  seeding: { kind: 'automatic' },
  source: sideOf('source', 'OnPremNode', 'OnPremAG'),
  target: sideOf('target', 'SQLVM', 'AzureAG'),
  cutover: {
    maxOutageMs: 30_000,
    fenceLogins: [],
    killSessionsAfterMs: 0,
    deadMan: 'agent',
    hooks: { beforeFence: null, afterPromote: null },
  },
};

const versions = {
  2019: { year: 2019, major: 15, minor: 0, build: 4355, revision: 3 },
  2022: { year: 2022, major: 16, minor: 0, build: 4135, revision: 4 },
} as const satisfies Record<number, ProductVersion>;

/** Release of SQL Server on both sides; REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT exists from 2022 on. */
export type Release = keyof typeof versions;

/** The servers' state with everything created and flowing. */
export function readyServers(
  release: Release,
  switches: Partial<HadrSwitches>,
  mode: CommitMode,
): HadrState {
  const world = new VirtualTime(emptyState({}, switches));
  for (const side of ['source', 'target'] as const) addServer(world, side, release);
  addDatabase(world);
  for (const side of ['source', 'target'] as const) {
    createEndpoint(world, primaryInstance(migration[side]).name);
    createGroup(world, side, [primaryInstance(migration[side])]);
  }
  return distribute(world, mode);
}

/** A DAG over both groups, seeded, in this mode and in step. */
export function distribute(world: VirtualTime, mode: CommitMode): HadrState {
  alter(world, { side: 'target', group: 'AzureAG' }, { kind: 'grant-create-any-database' });
  ran(
    world.statement('OnPremNode', {
      kind: 'create-distributed-availability-group',
      group: 'DAG',
      options: { distributed: true },
      members: members('ASYNCHRONOUS_COMMIT'),
    }),
    'create',
  );
  const join = { kind: 'join-distributed', members: members('ASYNCHRONOUS_COMMIT') } as const;
  alter(world, { side: 'target', group: 'DAG' }, join);
  const seedingMs = 8_000;
  world.advance(seedingMs);
  for (const side of ['source', 'target'] as const)
    alter(world, { side, group: 'DAG' }, { kind: 'modify-distributed', members: members(mode) });
  const settlingMs = 3_000;
  world.advance(settlingMs);
  return world.state;
}

const slowBytesPerSecond = 1_000_000;

/** The servers with a redo of one record at a time, on both sides: each record may take any time. */
export function withSlowRedo(state: HadrState): HadrState {
  let next = state;
  for (const instance of Object.keys(state.instances))
    next = step(next, {
      kind: 'set-redo-rate',
      at: 0,
      instance,
      bytesPerSecond: slowBytesPerSecond,
    }).state;
  return next;
}

function sideOf(side: Side, name: string, availabilityGroup: string): Migration['source'] {
  return {
    side,
    availabilityGroup,
    instances: [
      { name, fqdn: `${name}.contoso.com`, endpoint: { name: 'Hadr_endpoint', port: 5022 } },
    ],
    listener: null,
  };
}

/** A server of the article. */
export function addServer(world: VirtualTime, side: Side, release: Release): void {
  addInstance(world, primaryInstance(migration[side]), release);
}

/** A server of any name. */
export function addInstance(
  world: VirtualTime,
  { name, fqdn }: Pick<MigrationInstance, 'name' | 'fqdn'>,
  release: Release,
): void {
  world.apply({
    kind: 'add-instance',
    instance: {
      serverName: name,
      hostNames: [name.toLowerCase(), fqdn.toLowerCase()],
      version: versions[release],
      edition: 'Enterprise',
      domain: 'CONTOSO',
      serviceAccount: 'CONTOSO\\sqlservice',
      hadrEnabled: true,
    },
  });
}

/** The database, on the source. */
export function addDatabase(world: VirtualTime): void {
  world.apply({
    kind: 'add-database',
    instance: primaryInstance(migration.source).name.toLowerCase(),
    database: {
      name: database,
      recoveryModel: 'FULL',
      fullBackupTaken: true,
      sizeBytes: 1_000_000,
      owner: 'sa',
      familyId: 'family',
      forkId: 'first fork',
    },
  });
}

const endpointPort = 5022;

/** The endpoint, as on every server of the small world. */
export function createEndpoint(world: VirtualTime, server: string): void {
  ran(
    world.statement(server, {
      kind: 'create-endpoint',
      endpoint: 'Hadr_endpoint',
      state: 'STARTED',
      tcp: { listenerPort: endpointPort, listenerIp: null },
      mirroring: { authentication: null, encryption: null, role: 'ALL' },
    }),
    'endpoint',
  );
}

/** The local group of a side; the first replica is the primary. */
export function createGroup(
  world: VirtualTime,
  side: Side,
  replicas: readonly Pick<MigrationInstance, 'name' | 'fqdn'>[],
): void {
  ran(
    world.statement(primaryInstance(migration[side]).name, {
      kind: 'create-availability-group',
      group: migration[side].availabilityGroup,
      options: { clusterType: 'NONE' },
      databases: side === 'source' ? [database] : [],
      replicas: replicas.map(({ name, fqdn }) => ({
        server: name,
        options: {
          endpointUrl: `TCP://${fqdn}:${endpointPort}`,
          availabilityMode: 'SYNCHRONOUS_COMMIT',
          failoverMode: 'MANUAL',
          seedingMode: 'AUTOMATIC',
          secondaryAllowConnections: 'ALL',
        },
      })),
      listener: null,
    }),
    'group',
  );
}

function members(mode: CommitMode) {
  const member = (side: Side) =>
    ({
      availabilityGroup: migration[side].availabilityGroup,
      listenerUrl: endpointUrl(primaryInstance(migration[side])),
      availabilityMode: mode,
      failoverMode: 'MANUAL',
      seedingMode: 'AUTOMATIC',
    }) as const;
  return [member('source'), member('target')] as const;
}

function alter(
  world: VirtualTime,
  { side, group }: { readonly side: Side; readonly group: string },
  action: GroupAction,
): void {
  const { name } = primaryInstance(migration[side]);
  ran(
    world.statement(name, { kind: 'alter-availability-group', group, action }),
    `${side} ${action.kind}`,
  );
}

/** A statement of the start was accepted. */
export function ran(error: unknown, what: string): void {
  assert(error === null, `${what} is accepted: ${JSON.stringify(error)}`);
}
