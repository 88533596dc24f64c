/** What the availability-group path sees of a side's own group besides its databases. */

/** Replicas, listeners and cluster as one instance shows them. */
export interface GroupDetails {
  /** As this instance knows them; the primary alone sees the state of all. */
  readonly replicas: readonly ReplicaObservation[];
  readonly listeners: readonly ListenerObservation[];
  /** Windows cluster of the instance (`sys.dm_hadr_cluster`); null when it is in none, or it has no quorum. */
  readonly clusterName: string | null;
}

/** One replica of the side's own group: `sys.availability_replicas` with its state. */
export interface ReplicaObservation {
  /** `replica_server_name`. */
  readonly serverName: string;
  readonly availabilityModeDesc: string;
  readonly failoverModeDesc: string;
  readonly seedingModeDesc: string;
  /** Null where this instance does not see the replica's state. */
  readonly roleDesc: string | null;
  readonly connectedStateDesc: string | null;
  readonly synchronizationHealthDesc: string | null;
}

/** One listener of the side's own group: `sys.availability_group_listeners`. */
export interface ListenerObservation {
  readonly dnsName: string;
  readonly port: number | null;
  /** A distributed network name, which a distributed group cannot use; null where the version does not say. */
  readonly isDistributedNetworkName: boolean | null;
  readonly ips: readonly string[];
}
