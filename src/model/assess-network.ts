/** Facts of `assess` about clusters, listeners, certificates, and who talks to whom. */

/** The Windows cluster of an instance. */
export interface ClusterFacts {
  readonly clusterName: string;
  /** For example `NODE_MAJORITY` or `CLOUD_WITNESS`. */
  readonly quorumTypeDesc: string;
  /** `NORMAL_QUORUM`, `FORCED_QUORUM` or `UNKNOWN_QUORUM_STATE`. */
  readonly quorumStateDesc: string;
  readonly members: readonly ClusterMemberFacts[];
}

/** A node or a witness of the cluster. */
export interface ClusterMemberFacts {
  readonly memberName: string;
  /** `CLUSTER_NODE`, or a kind of witness. */
  readonly memberTypeDesc: string;
  /** `UP` or `DOWN`. */
  readonly memberStateDesc: string;
  /** Null when not shown. */
  readonly numberOfQuorumVotes: number | null;
}

/** A listener of a local availability group. */
export interface GroupListenerFacts {
  readonly group: string;
  readonly dnsName: string;
  /** Null when it was made outside SQL Server and never told its port. */
  readonly port: number | null;
  /** The cluster resource has the shape SQL Server would give it. */
  readonly isConformant: boolean;
  /** Null on versions that have no distributed network names. */
  readonly isDistributedNetworkName: boolean | null;
  readonly addresses: readonly ListenerAddressFacts[];
}

/** An address of a listener. */
export interface ListenerAddressFacts {
  readonly ipAddress: string;
  /** Null for an address outside the cluster's networks. */
  readonly networkSubnetIp: string | null;
  readonly isDhcp: boolean;
  /** `ONLINE`, `OFFLINE`, `ONLINE_PENDING` or `FAILED`. */
  readonly stateDesc: string;
}

/** A certificate in master. */
export interface CertificateFacts {
  readonly certificateId: number;
  readonly name: string;
  /** As 0x...; equal for the same certificate on every server. */
  readonly thumbprint: string;
  /** `ENCRYPTED_BY_MASTER_KEY`, `ENCRYPTED_BY_PASSWORD` or `NO_PRIVATE_KEY`. */
  readonly pvtKeyEncryptionTypeDesc: string;
  /** ISO 8601, UTC; null when not shown. */
  readonly startDate: string | null;
  readonly expiryDate: string | null;
}

/** A connection of the database mirroring endpoint, `sys.dm_db_mirroring_connections`. */
export interface TransportFacts {
  /** `NEW`, `CONNECTING`, `CONNECTED`, `LOGGED_IN` or `CLOSED`. */
  readonly stateDesc: string;
  /** For example `KERBEROS` or `NTLM`; null with certificates. */
  readonly authenticationMethod: string | null;
  readonly principalName: string | null;
  /** `NONE`, `RC4` or `AES`. */
  readonly encryptionAlgorithmDesc: string;
}

/** Sessions of one login in one database that travels, tools and the Agent aside. */
export interface DatabaseSessionFacts {
  readonly database: string;
  readonly loginName: string;
  readonly programName: string;
  readonly sessions: number;
}

/** The parts of this family. */
export interface NetworkParts {
  /** Null outside a cluster. */
  readonly cluster: ClusterFacts | null;
  readonly groupListeners: readonly GroupListenerFacts[];
  /** Certificates in master that people made, the server's own aside. */
  readonly certificates: readonly CertificateFacts[];
  readonly transport: readonly TransportFacts[];
  readonly databaseSessions: readonly DatabaseSessionFacts[];
}
