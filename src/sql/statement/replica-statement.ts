/**
 * Statements that only a group of several replicas needs: created in its cluster, joined, given a listener,
 * failover modes.
 *
 * A cluster is the default of CREATE AVAILABILITY GROUP, so CLUSTER_TYPE, which 2016 does not know, is left
 * out. Microsoft Learn, CREATE and ALTER AVAILABILITY GROUP.
 */

import type { Act } from '../../model/act.ts';
import type { FailoverMode } from '../../model/prior-state.ts';
import { endpointUrl, type MigrationSide } from '../../model/migration.ts';
import { bracket, integer, nliteral } from '../quote.ts';

/** SEEDING_MODE. */
export type SeedingMode = 'AUTOMATIC' | 'MANUAL';

/** Replicas that may commit synchronously and fail over by themselves in every version since 2016. */
const MOST_SYNCHRONOUS = 3;

/** CREATE AVAILABILITY GROUP with every replica of the file: the first three synchronous and automatic. */
export function createGroupOfReplicas(
  own: MigrationSide,
  options: { readonly databases: readonly string[]; readonly seedingMode: SeedingMode },
): string {
  const { databases, seedingMode } = options;
  const members =
    databases.length === 0
      ? 'FOR'
      : `FOR DATABASE ${databases.map((name) => bracket(name)).join(', ')}`;
  const replicas = own.instances.map((instance, index) => {
    const isNear = index < MOST_SYNCHRONOUS;
    return `${nliteral(instance.name)} WITH (
    ENDPOINT_URL = ${nliteral(endpointUrl(instance))},
    AVAILABILITY_MODE = ${isNear ? 'SYNCHRONOUS_COMMIT' : 'ASYNCHRONOUS_COMMIT'},
    FAILOVER_MODE = ${isNear ? 'AUTOMATIC' : 'MANUAL'},
    BACKUP_PRIORITY = 50,
    SECONDARY_ROLE (ALLOW_CONNECTIONS = NO),
    SEEDING_MODE = ${seedingMode}
  )`;
  });
  return `CREATE AVAILABILITY GROUP ${bracket(own.availabilityGroup)}
  WITH (AUTOMATED_BACKUP_PREFERENCE = PRIMARY, DB_FAILOVER = OFF, DTC_SUPPORT = NONE)
  ${members}
  REPLICA ON ${replicas.join(',\n  ')};`;
}

/** ALTER AVAILABILITY GROUP ... JOIN, on a further replica. */
export function joinAvailabilityGroup(own: MigrationSide): string {
  return `ALTER AVAILABILITY GROUP ${bracket(own.availabilityGroup)} JOIN;`;
}

/** ADD LISTENER with an address in every subnet. */
export function addListener(
  own: MigrationSide,
  { listener, port, addresses }: Extract<Act, { kind: 'create-listener' }>,
): string {
  const places = addresses.map(({ ip, mask }) => `(${nliteral(ip)}, ${nliteral(mask)})`);
  return `ALTER AVAILABILITY GROUP ${bracket(own.availabilityGroup)}
  ADD LISTENER ${nliteral(listener)} (WITH IP (${places.join(', ')}), PORT = ${integer(port)});`;
}

/** REMOVE LISTENER. */
export function removeListener(own: MigrationSide, listener: string): string {
  return `ALTER AVAILABILITY GROUP ${bracket(own.availabilityGroup)} REMOVE LISTENER ${nliteral(listener)};`;
}

/** MODIFY REPLICA ... FAILOVER_MODE, on the primary of the group. */
export function setFailoverMode(own: MigrationSide, replica: string, mode: FailoverMode): string {
  return `ALTER AVAILABILITY GROUP ${bracket(own.availabilityGroup)}
  MODIFY REPLICA ON ${nliteral(replica)} WITH (FAILOVER_MODE = ${mode});`;
}
