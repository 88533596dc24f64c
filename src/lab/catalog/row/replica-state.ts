/**
 * Rows of the dynamic views about replicas and groups.
 *
 * A distributed group shows two rows on the global primary and one on the forwarder; on both sides
 * the local member is the row with `is_local` 1 (captured; docs/lab-fidelity/catalog.md).
 */

import { unreachable } from '../../../base/assert.ts';
import { localMember, remoteMember } from '../../hadr/route.ts';
import { isEffectivelySynchronous } from '../../hadr/synchronize.ts';
import { replicaLinksOver } from '../../hadr/turn.ts';
import type {
  DistributedState,
  GroupState,
  InstanceState,
  PartnerDatabase,
  ReplicaState,
} from '../../hadr/state.ts';
import { nameKey } from '../../hadr/state.ts';
import type { PlainRow } from '../cell.ts';
import {
  connectedCode,
  healthCode,
  operationalCode,
  recoveryCode,
  roleCode,
  worstHealth,
  type Health,
} from '../code.ts';
import { emptyView, type ViewContext, type ViewTable } from '../view.ts';
import { groupDatabases, linkTo, ownHealth, primaryLink } from './copy-state.ts';

/** `write_lease_remaining_ticks` of a replica without lease. */
const NO_LEASE = 9_223_372_036_854_775_807n;
const JOINED_STANDALONE = 1;

/** Dynamic views about replicas, groups and clusters. */
export const replicaStateViews: ViewTable = {
  'sys.dm_hadr_availability_replica_states': { visibility: 'performance', rows: stateRows },
  'sys.dm_hadr_availability_group_states': { visibility: 'performance', rows: groupStateRows },
  'sys.dm_hadr_availability_replica_cluster_states': {
    visibility: 'performance',
    rows: clusterStateRows,
  },
  'sys.dm_hadr_cluster_networks': emptyView('performance'),
  'sys.dm_hadr_auto_page_repair': emptyView('performance'),
  'sys.dm_hadr_ag_threads': emptyView('performance'),
  'sys.dm_hadr_db_threads': emptyView('performance'),
};

function* stateRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) yield* groupReplicaRows(instance, group);
  for (const dag of Object.values(instance.distributed)) {
    yield localMemberRow(instance, dag);
    if (dag.role === 'PRIMARY') yield remoteMemberRow(dag);
  }
}

function* groupReplicaRows(instance: InstanceState, group: GroupState): Iterable<PlainRow> {
  for (const replica of group.replicas) {
    const local = nameKey(replica.serverName) === instance.key;
    const ids = { replica_id: replica.replicaId, group_id: group.groupId };
    if (local) {
      yield {
        ...ids,
        ...localColumns({
          role: group.role,
          operational: group.operationalState,
          connected: group.role === 'PRIMARY' || primaryLink(instance, group) !== undefined,
          health: groupHealth(instance, group),
        }),
        ...recovery(instance, group),
        ...(group.role === 'PRIMARY' ? {} : lastError(instance, group)),
      };
    } else if (group.role === 'PRIMARY') {
      yield { ...ids, ...otherReplica(instance, group, replica) };
    }
  }
}

/** What the primary knows of another replica. */
function otherReplica(instance: InstanceState, group: GroupState, replica: ReplicaState): PlainRow {
  const link = linkTo(instance, group, replica);
  if (link === undefined) return remoteColumns(false, 'NOT_HEALTHY');
  return {
    ...remoteColumns(link.link.connected, replicaHealth(group, link)),
    ...connectError(link),
  };
}

/** The last connection error of a secondary that misses its primary. */
function lastError(instance: InstanceState, group: GroupState): PlainRow {
  const found = replicaLinksOver(instance, group.key).find(({ link }) => link.lastError !== null);
  return found === undefined || primaryLink(instance, group) !== undefined
    ? {}
    : connectError(found);
}

function localMemberRow(instance: InstanceState, dag: DistributedState): PlainRow {
  const group = instance.groups[dag.localGroup];
  return {
    replica_id: localMember(dag).replicaId,
    group_id: dag.groupId,
    ...localColumns({
      role: dag.role,
      operational: dag.operationalState,
      connected: dag.role === 'PRIMARY' || dag.link.connected,
      health: localMemberHealth(instance, dag),
    }),
    ...(group === undefined ? {} : recovery(instance, group)),
    ...(dag.role === 'PRIMARY' ? {} : connectError(dag)),
  };
}

function remoteMemberRow(dag: DistributedState): PlainRow {
  return {
    replica_id: remoteMember(dag).replicaId,
    group_id: dag.groupId,
    ...remoteColumns(dag.link.connected, remoteMemberHealth(dag)),
    ...connectError(dag),
  };
}

/** Health of the local member; a broken link alone leaves it green (captured on a forwarder). */
export function localMemberHealth(instance: InstanceState, dag: DistributedState): Health {
  if (dag.role === 'PRIMARY') {
    const partners = Object.values(dag.databases);
    return dag.link.connected && partners.some((partner) => !partner.joined)
      ? 'NOT_HEALTHY'
      : 'HEALTHY';
  }
  if (!dag.link.connected && (!dag.link.everConnected || dag.selfDemoted || dag.partnerDemoted)) {
    return 'NOT_HEALTHY';
  }
  const seeding = instance.seedingStreams.some(
    (stream) => stream.endedAt === null && nameKey(stream.distributedGroup) === dag.key,
  );
  const group = instance.groups[dag.localGroup];
  const databases = group === undefined ? [] : groupDatabases(instance, group);
  const stopped = databases.some(
    (database) => database.suspended !== null || database.state === 'RESTORING',
  );
  return seeding || stopped ? 'NOT_HEALTHY' : 'HEALTHY';
}

/** Health of the other member, as the global primary sees it. */
export function remoteMemberHealth(dag: DistributedState): Health {
  if (!dag.link.connected) return 'NOT_HEALTHY';
  return worstHealth(Object.values(dag.databases).map((partner) => partnerHealth(dag, partner)));
}

/** Health of the other member's copy of one database. */
export function partnerHealth(dag: DistributedState, partner: PartnerDatabase): Health {
  switch (partner.synchronizationState) {
    case 'SYNCHRONIZED':
      return 'HEALTHY';
    case 'SYNCHRONIZING':
      return isEffectivelySynchronous(dag) ? 'PARTIALLY_HEALTHY' : 'HEALTHY';
    case 'NOT SYNCHRONIZING':
    case 'REVERTING':
    case 'INITIALIZING':
      return 'NOT_HEALTHY';
  }
  return unreachable(partner.synchronizationState);
}

function groupHealth(instance: InstanceState, group: GroupState): Health {
  return worstHealth(
    groupDatabases(instance, group).map((database) => ownHealth(instance, group, database)),
  );
}

/** The worst of all replicas, as far as this one knows them. */
function wholeHealth(instance: InstanceState, group: GroupState): Health {
  const others =
    group.role === 'PRIMARY'
      ? group.replicas
          .filter((replica) => nameKey(replica.serverName) !== instance.key)
          .map((replica) => replicaHealth(group, linkTo(instance, group, replica)))
      : [];
  return worstHealth([groupHealth(instance, group), ...others]);
}

/** Health of another replica: every database of the group has to be there. */
function replicaHealth(group: GroupState, link: DistributedState | undefined): Health {
  const isWhole = group.databases.every((database) => link?.databases[database] !== undefined);
  return link === undefined || !isWhole ? 'NOT_HEALTHY' : remoteMemberHealth(link);
}

interface LocalColumns {
  readonly role: string;
  readonly operational: string;
  readonly connected: boolean;
  readonly health: Health;
}

function localColumns(columns: LocalColumns): PlainRow {
  const operational = operationalCode(columns.operational);
  return {
    is_local: true,
    ...roleAndHealth(columns.role, columns.connected, columns.health),
    operational_state: operational.code,
    operational_state_desc: operational.text,
    write_lease_remaining_ticks: NO_LEASE,
  };
}

function remoteColumns(connected: boolean, health: Health): PlainRow {
  return { is_local: false, ...roleAndHealth('SECONDARY', connected, health) };
}

function roleAndHealth(roleName: string, isConnected: boolean, healthName: Health): PlainRow {
  const role = roleCode(roleName);
  const connected = connectedCode(isConnected ? 'CONNECTED' : 'DISCONNECTED');
  const health = healthCode(healthName);
  return {
    role: role.code,
    role_desc: role.text,
    connected_state: connected.code,
    connected_state_desc: connected.text,
    synchronization_health: health.code,
    synchronization_health_desc: health.text,
  };
}

function recovery(instance: InstanceState, group: GroupState): PlainRow {
  const online = groupDatabases(instance, group).every((database) => database.state === 'ONLINE');
  const code = recoveryCode(online ? 'ONLINE' : 'ONLINE_IN_PROGRESS');
  return { recovery_health: code.code, recovery_health_desc: code.text };
}

function connectError(dag: DistributedState): PlainRow {
  const { lastError } = dag.link;
  return lastError === null
    ? {}
    : {
        last_connect_error_number: lastError.number,
        last_connect_error_description: lastError.text,
        last_connect_error_timestamp: lastError.at,
      };
}

function* groupStateRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    yield {
      group_id: group.groupId,
      primary_replica:
        group.role === 'PRIMARY'
          ? instance.serverName
          : (primaryLink(instance, group)?.members[1].group ?? null),
      ...sideRecovery(group.role === 'PRIMARY', recovery(instance, group)),
      ...healthColumns(wholeHealth(instance, group)),
    };
  }
  for (const dag of Object.values(instance.distributed)) {
    const group = instance.groups[dag.localGroup];
    const primary = dag.role === 'PRIMARY';
    yield {
      group_id: dag.groupId,
      primary_replica: primary ? localMember(dag).group : remoteMember(dag).group,
      ...(group === undefined ? {} : sideRecovery(primary, recovery(instance, group))),
      ...healthColumns(primary ? remoteMemberHealth(dag) : localMemberHealth(instance, dag)),
    };
  }
}

function sideRecovery(primary: boolean, row: PlainRow): PlainRow {
  const side = primary ? 'primary' : 'secondary';
  return {
    [`${side}_recovery_health`]: row['recovery_health'],
    [`${side}_recovery_health_desc`]: row['recovery_health_desc'],
  };
}

function healthColumns(name: Health): PlainRow {
  const health = healthCode(name);
  return { synchronization_health: health.code, synchronization_health_desc: health.text };
}

/** A primary knows every replica, a secondary itself; a replica that never connected has not joined. */
function* clusterStateRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    for (const replica of group.replicas) {
      const isLocal = nameKey(replica.serverName) === instance.key;
      if (!isLocal && group.role !== 'PRIMARY') continue;
      const hasJoined = isLocal || linkTo(instance, group, replica)?.link.everConnected === true;
      yield {
        replica_id: replica.replicaId,
        replica_server_name: replica.serverName,
        group_id: group.groupId,
        join_state: hasJoined ? JOINED_STANDALONE : 0,
        join_state_desc: hasJoined ? 'JOINED_STANDALONE_INSTANCE' : 'NOT_JOINED',
      };
    }
  }
}
