/**
 * Availability groups that exist when a lab is ready: made by the statements a DBA would send, then
 * waited for until every copy is in step.
 */

import { assert, required } from '../base/assert.ts';
import type { Clock } from '../ports/clock.ts';
import {
  hostFqdn,
  type LabDefinition,
  type LabGroupDefinition,
  type LabInstanceDefinition,
} from './definition.ts';
import type { HadrStatement } from './hadr/event.ts';
import { nameKey } from './hadr/state.ts';
import type { World } from './world/world.ts';

const ENDPOINT_PORT = 5022;
const SUBNET_MASK = '255.255.255.0';
/** Pace of seeding while the lab is set up: as if the copies had been there. */
const SETUP_BYTES_PER_SECOND = 1e12;
const LOOK_MS = 10;
/** Far above what seeding at the pace above takes. */
const READY_LIMIT_MS = 30_000;

/** Where the listeners of a lab are, by lower-case name. */
export type ListenerPlaces = ReadonlyMap<
  string,
  { readonly address: string; readonly port: number }
>;

/** Makes the groups of a definition; resolves when they are healthy. */
export async function makeInitialGroups(
  world: World,
  definition: LabDefinition,
  ground: { readonly places: ListenerPlaces; readonly clock: Clock },
): Promise<void> {
  const groups = definition.groups ?? [];
  if (groups.length === 0) return;
  world.setLinkBandwidth(SETUP_BYTES_PER_SECOND);
  for (const group of groups) await makeGroup(world, definition, { group, places: ground.places });
  const end = ground.clock.monotonic() + READY_LIMIT_MS;
  while (!groups.every((group) => isInStep(world, group))) {
    assert(
      ground.clock.monotonic() < end,
      'the availability groups of the lab are in step in time',
    );
    await ground.clock.sleep(LOOK_MS);
  }
  world.setLinkBandwidth(definition.link.bandwidth);
}

async function makeGroup(
  world: World,
  definition: LabDefinition,
  made: { readonly group: LabGroupDefinition; readonly places: ListenerPlaces },
): Promise<void> {
  const { group, places } = made;
  const members = group.replicas.map((name) =>
    required(
      definition.instances.find((each) => nameKey(each.name) === nameKey(name)),
      `instance ${name} of group ${group.name}`,
    ),
  );
  const [primary, ...others] = members;
  const { name } = required(primary, 'a primary replica');
  const clusterType = (primary?.cluster ?? null) === null ? 'NONE' : 'WSFC';
  const run = async (server: string, statement: HadrStatement): Promise<void> => {
    const error = await world.run(server, statement);
    assert(error === null, `${statement.kind} on ${server}: ${error?.number} ${error?.text}`);
  };
  for (const member of members) await run(member.name, endpointStatement);
  await run(name, createStatement({ group, members, places, clusterType }));
  for (const other of others)
    await run(other.name, {
      kind: 'alter-availability-group',
      group: group.name,
      action: { kind: 'join', clusterType },
    });
  for (const member of members)
    await run(member.name, {
      kind: 'alter-availability-group',
      group: group.name,
      action: { kind: 'grant-create-any-database' },
    });
}

const endpointStatement: HadrStatement = {
  kind: 'create-endpoint',
  endpoint: 'Hadr_endpoint',
  state: 'STARTED',
  tcp: { listenerPort: ENDPOINT_PORT, listenerIp: null },
  mirroring: { authentication: null, encryption: null, role: 'ALL' },
};

function createStatement(of: {
  readonly group: LabGroupDefinition;
  readonly members: readonly LabInstanceDefinition[];
  readonly places: ListenerPlaces;
  readonly clusterType: 'NONE' | 'WSFC';
}): HadrStatement {
  const { group, members, places, clusterType } = of;
  const place = places.get(nameKey(group.listener ?? ''));
  return {
    kind: 'create-availability-group',
    group: group.name,
    options: { clusterType },
    databases: group.databases,
    replicas: members.map((member) => ({
      server: member.name,
      options: {
        endpointUrl: `TCP://${hostFqdn(member)}:${ENDPOINT_PORT}`,
        availabilityMode: 'SYNCHRONOUS_COMMIT',
        failoverMode: clusterType === 'WSFC' ? 'AUTOMATIC' : 'MANUAL',
        seedingMode: 'AUTOMATIC',
        secondaryAllowConnections: 'ALL',
      },
    })),
    listener:
      group.listener === null || place === undefined
        ? null
        : {
            name: group.listener,
            addresses: [{ ip: place.address, mask: SUBNET_MASK }],
            dhcp: false,
            port: place.port,
          },
  };
}

/** Every other replica has every database, SYNCHRONIZED. */
function isInStep(world: World, group: LabGroupDefinition): boolean {
  const [primary = ''] = group.replicas;
  const instance = world.state().instances[nameKey(primary)];
  const links = Object.values(instance?.replicaLinks ?? {}).filter(
    (link) => link.localGroup === nameKey(group.name),
  );
  return (
    links.length === group.replicas.length - 1 &&
    links.every((link) =>
      group.databases.every(
        (name) => link.databases[nameKey(name)]?.synchronizationState === 'SYNCHRONIZED',
      ),
    )
  );
}
