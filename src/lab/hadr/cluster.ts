/**
 * Windows clusters as far as availability groups show them: nodes, votes, quorum.
 *
 * A cluster is the instances that name it, and a witness that is always there; a node is up while its
 * instance is. Partitions between nodes are not modelled: the cluster sees what the lab sees.
 */

import type { GroupState, HadrState, InstanceState } from './state.ts';

/** The instances that are nodes of this instance's cluster, itself among them; none without a cluster. */
export function clusterNodes(state: HadrState, instance: InstanceState): readonly InstanceState[] {
  return instance.cluster === null
    ? []
    : Object.values(state.instances).filter((each) => each.cluster === instance.cluster);
}

/** More than half of the votes of nodes and witness are there. */
export function hasQuorum(state: HadrState, instance: InstanceState): boolean {
  const nodes = clusterNodes(state, instance);
  const up = nodes.filter((node) => node.up).length;
  return nodes.length > 0 && 2 * (up + 1) > nodes.length + 1;
}

/**
 * Another node that has the primary role of a clustered group, or takes it at this moment; undefined
 * when none does. A node that is down keeps the role if it had it last: the cluster remembers.
 */
export function otherOwner(
  state: HadrState,
  instance: InstanceState,
  group: GroupState,
): InstanceState | undefined {
  return clusterNodes(state, instance).find((node) => {
    const other = node.groups[group.key];
    if (node.key === instance.key || other === undefined || other.role === 'SECONDARY')
      return false;
    return (
      node.up ||
      (other.role === 'PRIMARY' && other.sequenceNumber >> 32n > group.sequenceNumber >> 32n)
    );
  });
}
