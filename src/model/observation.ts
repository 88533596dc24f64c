/**
 * What was seen on both servers in one pass: the only input of every decision.
 *
 * Immutable. Every part is a `Fact`: known with its value, or unknown with the reason. The queries
 * and decoders that fill it are in `sql/view/`; what follows from it is decided in `reconcile/`.
 */

import type { Lsn } from '../base/lsn.ts';
import type { Circumstances } from './circumstance.ts';
import type { Fact } from './fact.ts';
import type { Problem } from './problem.ts';
import type { ControlState, DeadManState, Leadership } from './register.ts';
import type { GroupDetails } from './group-details.ts';
import type { Side } from './side.ts';

/** Both sides, read in parallel. */
export interface Observation {
  readonly source: SideObservation;
  readonly target: SideObservation;
}

/** One instance as one batch saw it. */
export interface SideObservation {
  readonly side: Side;
  /** Name from the migration file; of several instances the one that acts for the side. */
  readonly instance: string;
  /** Counts the sessions opened to this instance; a reconnect makes older observations void. */
  readonly generation: number;
  readonly connection:
    | { readonly kind: 'connected' }
    | { readonly kind: 'unreachable'; readonly problem: Problem };
  /** The server's own clock, ISO 8601 UTC. */
  readonly serverUtc: Fact<string>;
  readonly server: Fact<ServerObservation>;
  /** The database mirroring endpoint; `null` when the instance has none. */
  readonly endpoint: Fact<EndpointObservation | null>;
  /** The side's own availability group named in the migration file; `null` when it does not exist. */
  readonly availabilityGroup: Fact<AvailabilityGroupObservation | null>;
  /** The DAG as this side stores and sees it; `null` when it does not exist here. */
  readonly distributed: Fact<DistributedObservation | null>;
  /** One entry per selected database that exists on this instance. */
  readonly databases: Fact<readonly DatabaseObservation[]>;
  /** Windows logins and groups of the instance: who a peer's service account may come in as. */
  readonly windowsLogins: Fact<readonly WindowsLoginObservation[]>;
  /** One entry per login named in `cutover.fence.logins` that exists here. */
  readonly fenceLogins: Fact<readonly LoginObservation[]>;
  /** User sessions, other than sqlferry's own, whose current database is a selected one. */
  readonly sessions: Fact<readonly SessionObservation[]>;
  /**
   * Sessions of sqlferry, other than those of this observation, that act on the same DAG: another
   * operator, or what is left of a broken connection. Sessions that only read (`status`, `assess`)
   * do not mark themselves and are not listed, or a watcher would stop a cutover.
   */
  readonly operators: Fact<readonly SessionObservation[]>;
  /** The commit register and the refused epoch of this DAG on this instance. */
  readonly control: Fact<ControlState>;
  /** The dead-man of this DAG on this instance: job or watcher. */
  readonly deadMan: Fact<DeadManState>;
  /** Who holds the leadership lock; a run that only looks never shows `ours`. */
  readonly leadership: Fact<Leadership>;
  /** Time the look waited for the wire, its server time taken off, in milliseconds; null when not measured. */
  readonly roundTripMs: number | null;
  /** Log space and times that explain a wait; absent when not looked at. Only shown, never decided on. */
  readonly circumstances?: Fact<Circumstances>;
  /** Availability-group path only: replicas, listeners and cluster as this instance shows them. */
  readonly group?: Fact<GroupDetails>;
  /** Availability-group path only: the side's other instances, each as its own batch saw it. */
  readonly others?: readonly SideObservation[];
}

/** Identity and build of an instance (`SERVERPROPERTY`). */
export interface ServerObservation {
  /** `@@SERVERNAME`. */
  readonly serverName: string;
  /** `SERVERPROPERTY('MachineName')`: with the domain, who a virtual service account is on the network. */
  readonly machineName: string;
  /** `DEFAULT_DOMAIN()`; `null` outside a domain. */
  readonly defaultDomain: string | null;
  readonly versionMajor: number;
  /** Full build, for example `16.0.4135.4`. */
  readonly productVersion: string;
  readonly edition: string;
  /** `SERVERPROPERTY('EngineEdition')`; 3 is Enterprise, Developer and Evaluation. */
  readonly engineEdition: number;
  readonly isHadrEnabled: boolean;
  /** Service account of the engine, for example `CONTOSO\sqlservice`; `null` when not shown. */
  readonly serviceAccount: string | null;
}

/** `sys.database_mirroring_endpoints` joined with `sys.tcp_endpoints`. */
export interface EndpointObservation {
  readonly name: string;
  /** `STARTED`, `STOPPED` or `DISABLED`. */
  readonly stateDesc: string;
  readonly port: number;
  /** Address the endpoint is bound to; `null` means `LISTENER_IP = ALL`. */
  readonly ipAddress: string | null;
  /** Server principals that hold CONNECT on it. */
  readonly connectGrantees: readonly string[];
}

/** A local availability group with its local replica. */
export interface AvailabilityGroupObservation {
  readonly name: string;
  readonly clusterTypeDesc: string;
  /** Role of the local replica: `PRIMARY`, `SECONDARY` or `RESOLVING`; `null` when no state row exists. */
  readonly localRoleDesc: string | null;
  readonly synchronizationHealthDesc: string | null;
  /** `SYNCHRONOUS_COMMIT` or `ASYNCHRONOUS_COMMIT` of the local replica. */
  readonly localAvailabilityModeDesc: string;
  readonly localSeedingModeDesc: string;
  /** The instance may create databases for this group (`GRANT CREATE ANY DATABASE`); `null` when not shown. */
  readonly canCreateAnyDatabase: boolean | null;
  /** Names of the databases that belong to the group, from `sys.availability_databases_cluster`. */
  readonly databases: readonly string[];
  /** Distributed groups that this group is a member of, other than the migration's own. */
  readonly otherDistributed: readonly string[];
}

/** The DAG as one side stores it (options are per side) and sees it (states). */
export interface DistributedObservation {
  readonly name: string;
  /** Role of the local member: `PRIMARY` on the global primary, `SECONDARY` on the forwarder, or `RESOLVING`. */
  readonly localRoleDesc: string | null;
  readonly localOperationalStateDesc: string | null;
  readonly localConnectedStateDesc: string | null;
  /** State row of the other member; only the global primary shows one. */
  readonly remote: {
    readonly connectedStateDesc: string | null;
    readonly synchronizationHealthDesc: string | null;
    readonly lastConnectErrorNumber: number | null;
    readonly lastConnectErrorDescription: string | null;
  } | null;
  /** Both members with this side's copy of their options. */
  readonly members: readonly DagMemberObservation[];
  /** 2022 and later; 0 when the column does not exist. */
  readonly requiredSynchronizedSecondariesToCommit: number;
}

/** One member of the DAG in `sys.availability_replicas` (`replica_server_name` holds the AG's name). */
export interface DagMemberObservation {
  readonly availabilityGroup: string;
  readonly endpointUrl: string;
  readonly availabilityModeDesc: string;
  readonly seedingModeDesc: string;
}

/** One selected database on one instance. */
export interface DatabaseObservation {
  readonly name: string;
  /** `sys.databases.state_desc`. */
  readonly stateDesc: string;
  /** `sys.databases.recovery_model_desc`. */
  readonly recoveryModelDesc: string;
  /** `sys.database_recovery_status.last_log_backup_lsn` is set: a full backup counts; `null` when not shown. */
  readonly hasLogChain: boolean | null;
  /** Row of the local availability group; `null` when the database is in none. */
  readonly local: DatabaseReplicaObservation | null;
  /** Row of the DAG; the global primary alone has one. */
  readonly distributed: DatabaseReplicaObservation | null;
  /** Newest row of the seeding views; `null` when seeding never touched this database. */
  readonly seeding: SeedingObservation | null;
  /** How this copy's log came to be; `null` when not looked at. Only shown, never decided on. */
  readonly history: DatabaseHistory | null;
}

/** What tells two copies apart that were written after they had parted. */
export interface DatabaseHistory {
  /** `sys.database_recovery_status.recovery_fork_guid`; `null` while the database is not open. */
  readonly recoveryForkGuid: string | null;
  /** `fork_point_lsn`: where the current fork began; `null` when it is the first one. */
  readonly forkPointLsn: Lsn | null;
  /** `last_commit_time` of the local row, ISO 8601 UTC; `null` when not shown. */
  readonly lastCommitUtc: string | null;
}

/** `sys.dm_hadr_database_replica_states`, one row. LSNs travel as varchar and are bigint here. */
export interface DatabaseReplicaObservation {
  readonly synchronizationStateDesc: string;
  readonly synchronizationHealthDesc: string;
  readonly isSuspended: boolean;
  readonly suspendReasonDesc: string | null;
  readonly databaseStateDesc: string | null;
  /** `null` is never equal to anything. */
  readonly lastHardenedLsn: Lsn | null;
  readonly endOfLogLsn: Lsn | null;
  readonly lastCommitLsn: Lsn | null;
  /** Kilobytes not yet sent; `null` on the sending side's own row. */
  readonly logSendQueueKb: number | null;
  /** Kilobytes per second. */
  readonly logSendRateKb: number | null;
  readonly redoQueueKb: number | null;
  readonly redoRateKb: number | null;
  readonly secondaryLagSeconds: number | null;
}

/** Progress of automatic seeding, from both seeding views. */
export interface SeedingObservation {
  /** `current_state` of the newest history row: `PENDING`, `SEEDING`, `COMPLETED`, `FAILED`... */
  readonly stateDesc: string;
  readonly failureStateDesc: string | null;
  readonly errorCode: number | null;
  readonly attempts: number;
  /** `null` when no stream was ever shown. */
  readonly transferredBytes: number | null;
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number | null;
}

/** A Windows login or group in `sys.server_principals`. */
export interface WindowsLoginObservation {
  readonly name: string;
  /** Member of sysadmin: needs no CONNECT on the endpoint. */
  readonly isSysadmin: boolean;
}

/** A login of the fence list. */
export interface LoginObservation {
  readonly name: string;
  readonly isDisabled: boolean;
}

/** One row of `sys.dm_exec_sessions`. */
export interface SessionObservation {
  readonly sessionId: number;
  readonly loginName: string;
  readonly hostName: string | null;
  readonly programName: string | null;
  readonly database: string | null;
  readonly loginTimeUtc: string;
  readonly openTransactions: number;
}

/** The observation of one side. */
export function sideOf(observation: Observation, side: Side): SideObservation {
  return side === 'source' ? observation.source : observation.target;
}
