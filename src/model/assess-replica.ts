/** Facts of `assess` about replicas and copies, and about jobs that take backups. */

import type { InDatabase } from './in-database.ts';

/** A replica of a local group, or a member of a distributed one, as this instance stores and sees it. */
export interface ReplicaFacts {
  readonly group: string;
  /** The group is distributed, and the replica is an availability group. */
  readonly isDistributed: boolean;
  /** Instance, or availability group. */
  readonly replicaServerName: string;
  /** ENDPOINT_URL, or LISTENER_URL of a member. */
  readonly endpointUrl: string;
  /** `SYNCHRONOUS_COMMIT`, `ASYNCHRONOUS_COMMIT` or `CONFIGURATION_ONLY`. */
  readonly availabilityModeDesc: string;
  /** `AUTOMATIC`, `MANUAL` or `EXTERNAL`. */
  readonly failoverModeDesc: string;
  /** Seconds. */
  readonly sessionTimeout: number;
  /** `AUTOMATIC` or `MANUAL`. */
  readonly seedingModeDesc: string;
  /** `NO`, `READ_ONLY` or `ALL`. */
  readonly secondaryRoleAllowConnectionsDesc: string;
  /** Null when the replica takes no routed readers. */
  readonly readOnlyRoutingUrl: string | null;
  /** Replicas in its READ_ONLY_ROUTING_LIST. */
  readonly routingTargets: number;
  /** This instance; null without a state row. */
  readonly isLocal: boolean | null;
  /** Null without a state row: a secondary sees itself alone. */
  readonly roleDesc: string | null;
  readonly connectedStateDesc: string | null;
  /** Null when the last attempt to connect succeeded. */
  readonly lastConnectErrorNumber: number | null;
  readonly lastConnectErrorDescription: string | null;
}

/** A copy of a database in a group, `sys.dm_hadr_database_replica_states`. */
export interface CopyFacts {
  readonly group: string;
  readonly isDistributed: boolean;
  readonly database: string;
  readonly replicaServerName: string;
  readonly isLocal: boolean;
  readonly isPrimaryReplica: boolean;
  readonly synchronizationStateDesc: string;
  /** Null for a copy elsewhere. */
  readonly databaseStateDesc: string | null;
  readonly isSuspended: boolean;
}

/** A step of an Agent job that takes backups. */
export interface BackupStepFacts {
  readonly job: string;
  readonly isEnabled: boolean;
  readonly stepId: number;
  /** For example `TSQL`, `CmdExec` or `PowerShell`. */
  readonly subsystem: string;
  /** The first 4,000 characters. */
  readonly command: string;
}

/** The parts of this family. */
export interface ReplicaParts {
  readonly groupReplicas: readonly ReplicaFacts[];
  readonly copies: readonly CopyFacts[];
  readonly backupSteps: readonly BackupStepFacts[];
  /** Users of each database whose SID no login of the target has; asked of the target only. */
  readonly orphans: readonly InDatabase<readonly string[]>[];
}
