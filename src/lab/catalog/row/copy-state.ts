/**
 * The state of a database copy inside its own availability group, and what follows for health.
 *
 * Microsoft Learn, sys.dm_hadr_database_replica_states; a forwarder's copies look like those of an
 * ordinary primary (captured from a real distributed group), so its own rows stay SYNCHRONIZED when
 * the link breaks, and only `connected_state` tells.
 */

import { receivingFrom } from '../../hadr/access.ts';
import { replicaLinksOver } from '../../hadr/turn.ts';
import { nameKey } from '../../hadr/state.ts';
import type {
  DatabaseState,
  DistributedState,
  GroupState,
  InstanceState,
  ReplicaState,
  SynchronizationState,
} from '../../hadr/state.ts';
import type { Health } from '../code.ts';

/** The replica of the group that is this instance. */
export function localReplica(instance: InstanceState, group: GroupState): ReplicaState | undefined {
  return group.replicas.find((replica) => nameKey(replica.serverName) === instance.key);
}

/** Databases of a group that exist here, in the order they joined. */
export function groupDatabases(
  instance: InstanceState,
  group: GroupState,
): readonly DatabaseState[] {
  return group.databases
    .map((key) => instance.databases[key])
    .filter((database) => database !== undefined);
}

/** `synchronization_state_desc` of the own copy. */
export function ownState(
  instance: InstanceState,
  group: GroupState,
  database: DatabaseState,
): SynchronizationState {
  if (database.reverting) return 'REVERTING';
  if (database.suspended !== null || database.orphaned) return 'NOT SYNCHRONIZING';
  if (database.state === 'RESTORING') return 'NOT SYNCHRONIZING';
  if (group.role !== 'PRIMARY') return secondaryState(database);
  const receiving = receivingFrom(instance, database);
  if (receiving !== undefined && (receiving.partnerDemoted || receiving.role === 'RESOLVING')) {
    return 'NOT SYNCHRONIZING';
  }
  // A copy of a lower version cannot recover before the failover: it stays behind for good.
  if (database.state !== 'ONLINE') return 'SYNCHRONIZING';
  const mode = localReplica(instance, group)?.availabilityMode;
  return mode === 'SYNCHRONOUS_COMMIT' ? 'SYNCHRONIZED' : 'SYNCHRONIZING';
}

/** A secondary replica's copy: as the primary told it, NOT SYNCHRONIZING while nothing flows. */
function secondaryState(database: DatabaseState): SynchronizationState {
  if (!database.joined) return 'NOT SYNCHRONIZING';
  return database.synchronized ? 'SYNCHRONIZED' : 'SYNCHRONIZING';
}

/** The link to another replica of the group, by its replica id. */
export function linkTo(
  instance: InstanceState,
  group: GroupState,
  replica: ReplicaState,
): DistributedState | undefined {
  return replicaLinksOver(instance, group.key).find(
    (link) => link.members[1].replicaId === replica.replicaId,
  );
}

/** The link over which a secondary is connected to its primary; undefined while it is not. */
export function primaryLink(
  instance: InstanceState,
  group: GroupState,
): DistributedState | undefined {
  return group.role === 'PRIMARY'
    ? undefined
    : replicaLinksOver(instance, group.key).find(({ link }) => link.connected);
}

/** `synchronization_health_desc` of the own copy. */
export function ownHealth(
  instance: InstanceState,
  group: GroupState,
  database: DatabaseState,
): Health {
  const state = ownState(instance, group, database);
  if (state === 'NOT SYNCHRONIZING') return 'NOT_HEALTHY';
  const synchronous = localReplica(instance, group)?.availabilityMode === 'SYNCHRONOUS_COMMIT';
  return synchronous && state !== 'SYNCHRONIZED' ? 'PARTIALLY_HEALTHY' : 'HEALTHY';
}
