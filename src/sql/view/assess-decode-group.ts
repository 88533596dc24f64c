/** Availability groups of the assess batch. */

import type { GroupFacts } from '../../model/assess-facts.ts';
import type { Fact } from '../../model/fact.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { bit, decodePart, part, text, textOrNull } from './cell.ts';

/** Every group of the instance, local and distributed. */
export function decodeGroupFacts(reply: RawReply): Fact<readonly GroupFacts[]> {
  const replicas = part(reply, 'part_replicas');
  const databases = part(reply, 'part_group_databases');
  const listeners = part(reply, 'part_group_listeners');
  if (!replicas.known) return replicas;
  if (!databases.known) return databases;
  if (!listeners.known) return listeners;
  return decodePart(part(reply, 'part_groups'), (rows): readonly GroupFacts[] =>
    rows.map((row) => {
      const name = text(row, 'name');
      const ownReplicas = ofGroup(replicas.value, name);
      const ownDatabases = ofGroup(databases.value, name);
      return {
        name,
        isDistributed: bit(row, 'is_distributed'),
        clusterTypeDesc: (textOrNull(row, 'cluster_type_desc') ?? 'wsfc').toUpperCase(),
        isBasic: bit(row, 'basic_features'),
        isContained: bit(row, 'is_contained'),
        localRoleDesc: textOrNull(row, 'role_desc'),
        synchronizationHealthDesc: textOrNull(row, 'synchronization_health_desc'),
        replicas: names(ownReplicas, 'replica_server_name'),
        disconnectedReplicas: names(
          ownReplicas.filter(
            (replica) => textOrNull(replica, 'connected_state_desc') === 'DISCONNECTED',
          ),
          'replica_server_name',
        ),
        databases: names(ownDatabases, 'database_name'),
        suspendedDatabases: names(
          ownDatabases.filter((database) => bit(database, 'is_suspended')),
          'database_name',
        ),
        listeners: names(ofGroup(listeners.value, name), 'dns_name'),
      };
    }),
  );
}

function ofGroup(rows: readonly RawRow[], group: string): readonly RawRow[] {
  return rows.filter((row) => text(row, 'group_name') === group);
}

function names(rows: readonly RawRow[], column: string): readonly string[] {
  return rows.map((row) => textOrNull(row, column) ?? '');
}
