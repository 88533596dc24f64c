/**
 * Statements that build the groups, as in the two articles' order: endpoint, rights, groups, DAG.
 *
 * Each is one statement; the server itself refuses to create what exists. AG statements run only in
 * the context of `master` (35208), which is where our sessions stay.
 */

import type { CommitMode } from '../../model/prior-state.ts';
import {
  endpointUrl,
  isGrouped,
  memberUrl,
  primaryInstance,
  type Migration,
  type MigrationInstance,
  type MigrationSide,
} from '../../model/migration.ts';
import { bracket, integer, nliteral } from '../quote.ts';
import { createGroupOfReplicas, type SeedingMode } from './replica-statement.ts';

/** CREATE ENDPOINT; the default state would be STOPPED. */
export function createEndpoint(instance: MigrationInstance): string {
  return `CREATE ENDPOINT ${bracket(instance.endpoint.name)}
  STATE = STARTED
  AS TCP (LISTENER_PORT = ${integer(instance.endpoint.port)}, LISTENER_IP = ALL)
  FOR DATABASE_MIRRORING (
    ROLE = ALL,
    AUTHENTICATION = WINDOWS NEGOTIATE,
    ENCRYPTION = REQUIRED ALGORITHM AES
  );`;
}

/** ALTER ENDPOINT ... STATE = STARTED. */
export function startEndpoint(endpoint: string): string {
  return `ALTER ENDPOINT ${bracket(endpoint)} STATE = STARTED;`;
}

/** CREATE LOGIN ... FROM WINDOWS. */
export function createPeerLogin(login: string): string {
  return `CREATE LOGIN ${bracket(login)} FROM WINDOWS;`;
}

/** GRANT CONNECT ON ENDPOINT. */
export function grantEndpointConnect(endpoint: string, login: string): string {
  return `GRANT CONNECT ON ENDPOINT::${bracket(endpoint)} TO ${bracket(login)};`;
}

/**
 * CREATE AVAILABILITY GROUP; without databases it stays empty, as a forwarder's must. Without a cluster one
 * replica, on the availability-group path every replica of the file in the cluster of its servers.
 */
export function createAvailabilityGroup(
  own: MigrationSide,
  options: { readonly databases: readonly string[]; readonly seedingMode: SeedingMode },
): string {
  if (isGrouped(own)) return createGroupOfReplicas(own, options);
  const instance = primaryInstance(own);
  const { databases, seedingMode } = options;
  const members =
    databases.length === 0
      ? 'FOR'
      : `FOR DATABASE ${databases.map((name) => bracket(name)).join(', ')}`;
  return `CREATE AVAILABILITY GROUP ${bracket(own.availabilityGroup)}
  WITH (AUTOMATED_BACKUP_PREFERENCE = PRIMARY, DB_FAILOVER = OFF, DTC_SUPPORT = NONE, CLUSTER_TYPE = NONE)
  ${members}
  REPLICA ON ${nliteral(instance.name)} WITH (
    ENDPOINT_URL = ${nliteral(endpointUrl(instance))},
    AVAILABILITY_MODE = SYNCHRONOUS_COMMIT,
    FAILOVER_MODE = MANUAL,
    BACKUP_PRIORITY = 50,
    SECONDARY_ROLE (ALLOW_CONNECTIONS = NO),
    SEEDING_MODE = ${seedingMode}
  );`;
}

/** ALTER AVAILABILITY GROUP ... ADD DATABASE. */
export function addDatabase(own: MigrationSide, database: string): string {
  return `ALTER AVAILABILITY GROUP ${bracket(own.availabilityGroup)} ADD DATABASE ${bracket(database)};`;
}

/** ALTER AVAILABILITY GROUP ... GRANT CREATE ANY DATABASE; the articles leave it out for the target. */
export function grantCreateDatabase(own: MigrationSide): string {
  return `ALTER AVAILABILITY GROUP ${bracket(own.availabilityGroup)} GRANT CREATE ANY DATABASE;`;
}

/** ALTER AVAILABILITY GROUP ... MODIFY REPLICA: the local replica commits synchronously. */
export function setReplicaSynchronous(own: MigrationSide): string {
  return `ALTER AVAILABILITY GROUP ${bracket(own.availabilityGroup)}
  MODIFY REPLICA ON ${nliteral(primaryInstance(own).name)} WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT);`;
}

/** The mode that the migration file asks for. */
export function seedingModeOf(migration: Migration): SeedingMode {
  return migration.seeding.kind === 'automatic' ? 'AUTOMATIC' : 'MANUAL';
}

/** CREATE AVAILABILITY GROUP ... WITH (DISTRIBUTED), asynchronous until the cutover. */
export function createDistributed(migration: Migration): string {
  return `CREATE AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)}
  WITH (DISTRIBUTED)
  AVAILABILITY GROUP ON
${bothMembers(migration, (side) => memberOptions(side, seedingModeOf(migration)))};`;
}

/** ALTER AVAILABILITY GROUP ... JOIN AVAILABILITY GROUP ON, with the same members. */
export function joinDistributed(migration: Migration): string {
  return `ALTER AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)}
  JOIN AVAILABILITY GROUP ON
${bothMembers(migration, (side) => memberOptions(side, seedingModeOf(migration)))};`;
}

/** MODIFY AVAILABILITY GROUP ON ... SEEDING_MODE = AUTOMATIC: starts again what gave up. */
export function restartSeeding(migration: Migration): string {
  return modifyMembers(migration, 'SEEDING_MODE = AUTOMATIC');
}

/** MODIFY AVAILABILITY GROUP ON ... AVAILABILITY_MODE for both members in one side's copy. */
export function setDistributedMode(migration: Migration, mode: CommitMode): string {
  return modifyMembers(migration, `AVAILABILITY_MODE = ${mode}`);
}

/** DROP AVAILABILITY GROUP of the DAG: alone in its batch, the server refuses anything beside it. */
export function dropDistributed(migration: Migration): string {
  return `DROP AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)};`;
}

function modifyMembers(migration: Migration, option: string): string {
  return `ALTER AVAILABILITY GROUP ${bracket(migration.distributedAvailabilityGroup)}
  MODIFY AVAILABILITY GROUP ON
${bothMembers(migration, () => option)};`;
}

function bothMembers(migration: Migration, options: (side: MigrationSide) => string): string {
  return [migration.source, migration.target]
    .map((side) => `    ${nliteral(side.availabilityGroup)} WITH (${options(side)})`)
    .join(',\n');
}

/** A listener's own port is not the endpoint's: LISTENER_URL always carries the endpoint port. */
function memberOptions(side: MigrationSide, seedingMode: SeedingMode): string {
  return `LISTENER_URL = ${nliteral(memberUrl(side))}, AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = ${seedingMode}`;
}
