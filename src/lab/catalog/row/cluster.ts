/**
 * Rows about Windows clusters and listeners; none without a cluster, and a DAG never appears.
 *
 * The lab's clusters have a cloud witness that is always up (`hadr/cluster.ts`).
 */

import { clusterNodes, hasQuorum } from '../../hadr/cluster.ts';
import { nameKey } from '../../hadr/state.ts';
import type { GroupState, InstanceState, ListenerState } from '../../hadr/state.ts';
import { splitServerName } from '../../definition.ts';
import type { PlainRow } from '../cell.ts';
import { codes } from '../code.ts';
import type { ViewContext, ViewTable } from '../view.ts';

const quorumType = codes(
  'NODE_MAJORITY',
  'NODE_AND_DISK_MAJORITY',
  'NODE_AND_FILE_SHARE_MAJORITY',
  'NO_MAJORITY:_DISK_ONLY',
  'UNKNOWN_QUORUM',
  'CLOUD_WITNESS',
);
const quorumState = codes('UNKNOWN_QUORUM_STATE', 'NORMAL_QUORUM', 'FORCED_QUORUM');
const memberType = codes('CLUSTER_NODE', 'DISK_WITNESS', 'FILE_SHARE_WITNESS', 'CLOUD_WITNESS');
const memberState = codes('DOWN', 'UP');
const listenerState = codes('OFFLINE', 'ONLINE', 'ONLINE_PENDING', 'FAILED');

/** Views about clusters, their nodes, and listeners. */
export const clusterViews: ViewTable = {
  'sys.dm_hadr_cluster': { visibility: 'performance', rows: clusterRows },
  'sys.dm_hadr_cluster_members': { visibility: 'performance', rows: memberRows },
  'sys.dm_hadr_availability_replica_cluster_nodes': { visibility: 'performance', rows: nodeRows },
  'sys.dm_hadr_name_id_map': { visibility: 'performance', rows: nameRows },
  'sys.dm_hadr_instance_node_map': { visibility: 'performance', rows: instanceRows },
  'sys.availability_group_listeners': { visibility: 'definition', rows: listenerRows },
  'sys.availability_group_listener_ip_addresses': { visibility: 'definition', rows: addressRows },
};

function* clusterRows({ state, instance }: ViewContext): Iterable<PlainRow> {
  if (!hasQuorum(state, instance)) return;
  const type = quorumType('CLOUD_WITNESS');
  const quorum = quorumState('NORMAL_QUORUM');
  yield {
    cluster_name: instance.cluster,
    quorum_type: type.code,
    quorum_type_desc: type.text,
    quorum_state: quorum.code,
    quorum_state_desc: quorum.text,
  };
}

function* memberRows({ state, instance }: ViewContext): Iterable<PlainRow> {
  if (!hasQuorum(state, instance)) return;
  for (const node of clusterNodes(state, instance))
    yield member(splitServerName(node.serverName).host, 'CLUSTER_NODE', node.up);
  yield member('Cloud Witness', 'CLOUD_WITNESS', true);
}

function member(name: string, kind: string, up: boolean): PlainRow {
  const type = memberType(kind);
  const shown = memberState(up ? 'UP' : 'DOWN');
  return {
    member_name: name,
    member_type: type.code,
    member_type_desc: type.text,
    member_state: shown.code,
    member_state_desc: shown.text,
    number_of_quorum_votes: 1,
    number_of_current_votes: up ? 1 : 0,
  };
}

function clustered(instance: InstanceState): readonly GroupState[] {
  return Object.values(instance.groups).filter((group) => group.clusterType === 'WSFC');
}

function* nodeRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of clustered(instance)) {
    for (const replica of group.replicas)
      yield {
        group_name: group.name,
        replica_server_name: replica.serverName,
        node_name: splitServerName(replica.serverName).host,
      };
  }
}

function* nameRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of clustered(instance))
    yield {
      ag_name: group.name,
      ag_id: group.groupId,
      ag_resource_id: group.groupId,
      ag_group_id: group.groupId,
    };
}

function* instanceRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of clustered(instance)) {
    for (const replica of group.replicas)
      yield {
        ag_resource_id: group.groupId,
        instance_name: replica.serverName,
        node_name: splitServerName(replica.serverName).host,
      };
  }
}

function* listenerRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    for (const listener of group.listeners)
      yield {
        group_id: group.groupId,
        listener_id: listener.listenerId,
        dns_name: listener.dnsName,
        port: listener.port,
        is_conformant: true,
        ip_configuration_string_from_cluster: configurationText(listener),
        is_distributed_network_name: false,
      };
  }
}

function configurationText(listener: ListenerState): string {
  return listener.addresses.map(({ ip }) => `('IP Address: ${ip}')`).join(' or ');
}

/** Of several addresses the one in the subnet of the primary is online; the lab takes the first. */
function* addressRows({ state, instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    const isServed = clusterNodes(state, instance).some(
      (node) => node.up && node.groups[nameKey(group.name)]?.role === 'PRIMARY',
    );
    for (const listener of group.listeners) {
      for (const [index, { ip, mask }] of listener.addresses.entries()) {
        const shown = listenerState(isServed && index === 0 ? 'ONLINE' : 'OFFLINE');
        yield {
          listener_id: listener.listenerId,
          ip_address: ip,
          ip_subnet_mask: mask,
          is_dhcp: false,
          network_subnet_ip: mask === null ? null : subnetOf(ip, mask),
          network_subnet_prefix_length: mask === null ? null : prefixOf(mask),
          network_subnet_ipv4_mask: mask,
          state: shown.code,
          state_desc: shown.text,
        };
      }
    }
  }
}

function octets(address: string): readonly number[] {
  return address.split('.').map(Number);
}

function subnetOf(ip: string, mask: string): string {
  const masked = octets(mask);
  return octets(ip)
    .map((octet, index) => octet & (masked[index] ?? 0))
    .join('.');
}

function prefixOf(mask: string): number {
  return octets(mask)
    .map((octet) => octet.toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0);
}
