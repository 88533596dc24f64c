/**
 * The availability groups of one instance as its catalog holds them: what `export` scripts.
 *
 * Field names are the columns of `sys.availability_groups`, `sys.availability_replicas`,
 * `sys.availability_group_listeners`, `sys.database_mirroring_endpoints` in camelCase.
 */

import type { Side } from './side.ts';

/** One instance. */
export interface InstanceInventory {
  readonly side: Side;
  /** `@@SERVERNAME`; the name that replicas go by. */
  readonly instance: string;
  /** 13 is 2016, 14 is 2017, 16 is 2022. */
  readonly versionMajor: number;
  /** Null when the instance has no endpoint for database mirroring. */
  readonly endpoint: EndpointInventory | null;
  /** Local groups, by name. */
  readonly groups: readonly GroupInventory[];
  /** Distributed groups, by name. */
  readonly distributed: readonly DistributedInventory[];
}

/** The database mirroring endpoint. */
export interface EndpointInventory {
  readonly name: string;
  readonly stateDesc: string;
  readonly roleDesc: string;
  readonly port: number;
  /** Null is `LISTENER_IP = ALL`. */
  readonly ipAddress: string | null;
  /** For example `NEGOTIATE` or `CERTIFICATE, NEGOTIATE`. */
  readonly connectionAuthDesc: string;
  /** `NONE` among them: encryption is not required. For example `AES` or `NONE, AES`. */
  readonly encryptionAlgorithmDesc: string;
  /** Name in master; null when no certificate is used. */
  readonly certificate: string | null;
  /** Logins with CONNECT. */
  readonly grantees: readonly Grantee[];
}

/** A login with CONNECT on the endpoint. */
export interface Grantee {
  readonly name: string;
  /** `U` and `G` are Windows, `S` SQL, `C` mapped to a certificate (`sys.server_principals.type`). */
  readonly type: string;
}

/** A local availability group as this replica stores it. */
export interface GroupInventory {
  readonly name: string;
  /** `PRIMARY`, `SECONDARY` or `RESOLVING`; null without a state row. */
  readonly localRoleDesc: string | null;
  /** `WSFC`, `EXTERNAL` or `NONE`. */
  readonly clusterTypeDesc: string;
  readonly failureConditionLevel: number | null;
  /** Milliseconds. */
  readonly healthCheckTimeout: number | null;
  readonly automatedBackupPreferenceDesc: string;
  readonly isBasic: boolean;
  readonly isContained: boolean;
  readonly dtcSupport: boolean;
  readonly dbFailover: boolean;
  readonly requiredSynchronizedSecondariesToCommit: number;
  /** The instance may create databases for the group: the grant that seeding needs. */
  readonly canCreateAnyDatabase: boolean;
  readonly replicas: readonly ReplicaInventory[];
  readonly databases: readonly string[];
  readonly listeners: readonly ListenerInventory[];
}

/** One replica of a local group. */
export interface ReplicaInventory {
  readonly server: string;
  readonly endpointUrl: string;
  readonly availabilityModeDesc: string;
  readonly failoverModeDesc: string;
  readonly seedingModeDesc: string;
  readonly backupPriority: number | null;
  /** Seconds. */
  readonly sessionTimeout: number | null;
  readonly primaryAllowConnectionsDesc: string | null;
  readonly secondaryAllowConnectionsDesc: string | null;
  readonly readOnlyRoutingUrl: string | null;
  readonly readWriteRoutingUrl: string | null;
  /** Replicas by priority; replicas of one priority share the load. */
  readonly readOnlyRoutingList: readonly (readonly string[])[];
}

/** A listener. */
export interface ListenerInventory {
  readonly name: string;
  readonly port: number | null;
  readonly isDistributedNetworkName: boolean;
  readonly addresses: readonly ListenerAddress[];
}

/** One address of a listener. */
export interface ListenerAddress {
  readonly ip: string;
  /** Null for IPv6. */
  readonly mask: string | null;
  readonly isDhcp: boolean;
}

/** A distributed group as this side stores it. */
export interface DistributedInventory {
  readonly name: string;
  readonly localRoleDesc: string | null;
  readonly requiredSynchronizedSecondariesToCommit: number;
  readonly members: readonly DistributedMemberInventory[];
}

/** One member of a distributed group; options are this side's copy. */
export interface DistributedMemberInventory {
  readonly group: string;
  readonly listenerUrl: string;
  readonly availabilityModeDesc: string;
  readonly seedingModeDesc: string;
}
