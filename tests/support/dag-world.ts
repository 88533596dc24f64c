/** The statements of a distributed availability group over two standalone servers, for tests that set it up their own way. */

import type { World } from '../../src/lab/world/world.ts';
import { until } from './two-server-world.ts';
import type { Client } from './two-server-world.ts';

export const SOURCE = 'OnPremNode';
export const TARGET = 'SQLVM';
export const DATABASE = 'Adventureworks';

/** CREATE ENDPOINT as the article has it. */
export const endpointStatement = `CREATE ENDPOINT [Hadr_endpoint] STATE=STARTED
  AS TCP (LISTENER_PORT = 5022, LISTENER_IP = ALL)
  FOR DATA_MIRRORING (ROLE = ALL, AUTHENTICATION = WINDOWS NEGOTIATE, ENCRYPTION = REQUIRED ALGORITHM AES)`;

/** A group of one replica; `connections` is ALLOW_CONNECTIONS of its secondary role. */
export function groupStatement(
  name: string,
  host: string,
  given: { readonly databases: string; readonly connections?: 'ALL' | 'READ_ONLY' | 'NO' },
): string {
  return `CREATE AVAILABILITY GROUP [${name}] WITH (CLUSTER_TYPE = NONE) FOR ${given.databases}
   REPLICA ON N'${host}' WITH (ENDPOINT_URL = N'TCP://${host}.contoso.com:5022', FAILOVER_MODE = MANUAL,
   AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, SEEDING_MODE = AUTOMATIC,
   SECONDARY_ROLE(ALLOW_CONNECTIONS = ${given.connections ?? 'ALL'}))`;
}

/** The two members of the DAG. */
export function dagMembers(mode: 'ASYNCHRONOUS' | 'SYNCHRONOUS', seeding = 'AUTOMATIC'): string {
  const member = (group: string, host: string): string =>
    `'${group}' WITH (LISTENER_URL = 'tcp://${host}.contoso.com:5022', AVAILABILITY_MODE = ${mode}_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = ${seeding})`;
  return `AVAILABILITY GROUP ON ${member('OnPremAG', SOURCE)}, ${member('AzureAG', TARGET)}`;
}

/** Endpoints, groups and the DAG; resolves when both sides are connected. */
export async function makeDag(
  world: World,
  [left, right]: readonly [Client, Client],
  given: {
    readonly seeding: 'AUTOMATIC' | 'MANUAL';
    readonly connections?: 'ALL' | 'READ_ONLY' | 'NO';
  },
): Promise<void> {
  await left.run(endpointStatement);
  await right.run(endpointStatement);
  await left.run(
    groupStatement('OnPremAG', SOURCE, { ...given, databases: `DATABASE [${DATABASE}]` }),
  );
  await right.run(groupStatement('AzureAG', TARGET, { ...given, databases: '' }));
  await right.run('ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE');
  const members = dagMembers('ASYNCHRONOUS', given.seeding);
  await left.run(`CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) ${members}`);
  await right.run(`ALTER AVAILABILITY GROUP [DAG] JOIN ${members}`);
  await until('connected', () => linkOf(world, TARGET)?.link.connected === true);
}

/** SYNCHRONOUS_COMMIT on both sides. */
export async function makeSynchronous(clients: readonly Client[]): Promise<void> {
  for (const client of clients)
    await client.run(`ALTER AVAILABILITY GROUP [DAG] MODIFY ${dagMembers('SYNCHRONOUS')}`);
}

/** The DAG as an instance has it. */
export function linkOf(
  world: World,
  instance: string,
): ReturnType<World['state']>['instances'][string]['distributed'][string] | undefined {
  return world.state().instances[instance.toLowerCase()]?.distributed['dag'];
}

/** State of the forwarder's copy as the global primary has it. */
export function copyState(world: World, on = SOURCE): string | undefined {
  return linkOf(world, on)?.databases[DATABASE.toLowerCase()]?.synchronizationState;
}
