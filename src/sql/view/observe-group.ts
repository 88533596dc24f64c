/**
 * The parts of the look that only the availability-group path has: replicas, listeners, cluster.
 *
 * Every replica of the side is sent the same batch; a secondary sees its own state only (Microsoft Learn,
 * sys.dm_hadr_availability_replica_states). `is_distributed_network_name` came with cumulative updates
 * that the version number does not tell, so it is read from 2022 on.
 */

import type { Fact } from '../../model/fact.ts';
import type { MigrationSide } from '../../model/migration.ts';
import type { GroupDetails, ReplicaObservation } from '../../model/group-details.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { nliteral } from '../quote.ts';
import { bitOrNull, decodePart, numberOrNull, part, text, textOrNull } from './cell.ts';

/** Version in which every build has the column. */
const HAS_NETWORK_NAME_COLUMN = 16;

/** The queries, for one instance of the side. */
export function groupDetailQueries(own: MigrationSide, versionMajor: number): readonly string[] {
  const group = nliteral(own.availabilityGroup);
  const kind =
    versionMajor >= HAS_NETWORK_NAME_COLUMN
      ? 'l.is_distributed_network_name'
      : 'CONVERT(bit, NULL)';
  return [
    `SELECT 1 AS part_replicas, ar.replica_server_name, ar.availability_mode_desc, ar.failover_mode_desc,
  ar.seeding_mode_desc, rs.role_desc, rs.connected_state_desc, rs.synchronization_health_desc
FROM sys.availability_replicas AS ar
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON rs.replica_id = ar.replica_id
WHERE ag.name = ${group};`,
    `SELECT 1 AS part_listeners, l.listener_id, l.dns_name, l.port, ${kind} AS is_distributed_network_name
FROM sys.availability_group_listeners AS l
INNER JOIN sys.availability_groups AS ag ON ag.group_id = l.group_id
WHERE ag.name = ${group};`,
    `SELECT 1 AS part_listener_addresses, a.listener_id, a.ip_address
FROM sys.availability_group_listener_ip_addresses AS a;`,
    'SELECT 1 AS part_cluster, c.cluster_name FROM sys.dm_hadr_cluster AS c;',
  ];
}

/** What they answered. */
export function decodeGroupDetails(reply: RawReply): Fact<GroupDetails> {
  const replicas = part(reply, 'part_replicas');
  const addresses = part(reply, 'part_listener_addresses');
  const cluster = part(reply, 'part_cluster');
  if (!replicas.known) return replicas;
  if (!addresses.known) return addresses;
  if (!cluster.known) return cluster;
  return decodePart(part(reply, 'part_listeners'), (listeners) => ({
    replicas: replicas.value.map(decodeReplica),
    listeners: listeners.map((row) => ({
      dnsName: text(row, 'dns_name'),
      port: numberOrNull(row, 'port'),
      isDistributedNetworkName: bitOrNull(row, 'is_distributed_network_name'),
      ips: addressesOf(addresses.value, text(row, 'listener_id')),
    })),
    clusterName: decodeCluster(cluster.value[0]),
  }));
}

function decodeReplica(row: RawRow): ReplicaObservation {
  return {
    serverName: text(row, 'replica_server_name'),
    availabilityModeDesc: textOrNull(row, 'availability_mode_desc') ?? '',
    failoverModeDesc: textOrNull(row, 'failover_mode_desc') ?? '',
    seedingModeDesc: textOrNull(row, 'seeding_mode_desc') ?? '',
    roleDesc: textOrNull(row, 'role_desc'),
    connectedStateDesc: textOrNull(row, 'connected_state_desc'),
    synchronizationHealthDesc: textOrNull(row, 'synchronization_health_desc'),
  };
}

/** Without a cluster the view shows no row, or one with an empty name. */
function decodeCluster(row: RawRow | undefined): string | null {
  const name = row === undefined ? null : textOrNull(row, 'cluster_name');
  return name === '' ? null : name;
}

function addressesOf(rows: readonly RawRow[], listener: string): readonly string[] {
  return rows
    .filter((row) => textOrNull(row, 'listener_id') === listener)
    .map((row) => textOrNull(row, 'ip_address') ?? '');
}
