/**
 * Everything the simulated servers know about availability groups, as immutable data.
 *
 * The pure engine (`step.ts`) makes a new state from an old one; the catalog reads it. Rows and
 * payloads are not here: the log carries references, the world owns what they refer to.
 * Records are keyed by `nameKey(name)`; the values keep the name as it was written.
 * Times are milliseconds since 1970 UTC. LSNs are those of the source on every copy.
 */

import type { Lsn } from '../../base/lsn.ts';
import type { DistributedState } from './distributed-state.ts';
import type { EndpointCertificate, TrustedCertificate } from './endpoint-certificate.ts';
import type { Log } from './log.ts';
import type { SeedingHistoryRow, SeedingStream } from './seeding-state.ts';
import type {
  AvailabilityMode,
  ByName,
  OperationalState,
  Role,
  SeedingMode,
  SuspendReason,
} from './vocabulary.ts';

export { nameKey } from './vocabulary.ts';
export type {
  AvailabilityMode,
  ByName,
  OperationalState,
  Role,
  SeedingMode,
  SuspendReason,
  SynchronizationState,
} from './vocabulary.ts';

export type {
  DistributedMember,
  DistributedState,
  PartnerDatabase,
  PartnerLink,
  PartnerOptions,
  PartnerSeeding,
} from './distributed-state.ts';

/** All instances of the lab and the network between them. */
export interface HadrState {
  readonly settings: HadrSettings;
  readonly switches: HadrSwitches;
  readonly instances: ByName<InstanceState>;
  /** Faults and shape of the network per direction; key from `linkKey`; absent: perfect. */
  readonly links: ByName<LinkState>;
}

/** Pace of the simulated servers. */
export interface HadrSettings {
  /** Time without a sign of life after which a link counts as lost; SQL Server's default is 10,000. */
  readonly sessionTimeoutMs: number;
  /** Period of pings, of reconnecting and of looking for a timeout. */
  readonly tickMs: number;
  /** From FORCE_FAILOVER_ALLOW_DATA_LOSS to the primary role. */
  readonly roleChangeMs: number;
  /** From RECOVERING to ONLINE, beside the redo that is left. */
  readonly recoveryMs: number;
  /** Bytes per second of automatic seeding; null: every database takes about `seedingMs`. */
  readonly seedingBytesPerSecond: number | null;
  /** Duration of one seeding while no bandwidth is set. */
  readonly seedingMs: number;
  /** Pause between two tries of a seeding. */
  readonly seedingRetryMs: number;
  /** Tries of one seeding before the server gives up (19495). */
  readonly seedingAttempts: number;
  /** Every seeding that is asked for fails on its receiver with this; absent and null: as it comes. */
  readonly seedingFailure?: PlantedFailure | null;
  /** Log records one database may hold back for a copy before it is full (9002). */
  readonly maxHeldRecords: number;
}

/** A failure of seedings that a fault plants. */
export interface PlantedFailure {
  /** `failure_state` of sys.dm_hadr_automatic_seeding. */
  readonly state: number;
  /** SQL Server error behind it; null: none shown. */
  readonly errorCode: number | null;
}

/** Assumed behaviours that matter for safety: tests run with every position. */
export interface HadrSwitches {
  /** Copy on the side where a DAG is dropped while it is SECONDARY: open for writes, or RESTORING. */
  readonly dropOnSecondarySide: 'writable' | 'restoring';
  /** Commits while REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT cannot be met: wait, or 988. */
  readonly requiredSecondariesMissing: 'hang' | 'refuse';
  /** Seeding towards a replica without GRANT CREATE ANY DATABASE. */
  readonly seedingWithoutGrant: 'fails' | 'works';
  /** Log backup during a seeding makes its catch-up fail (1412), or the log is kept. */
  readonly logBackupDuringSeeding: 'breaks' | 'harmless';
  /** FORCE_FAILOVER_ALLOW_DATA_LOSS on the demoted primary while RSSTC is 1: accepted, or 41190. */
  readonly giveBackWithRequiredSecondaries: 'accepted' | 'refused';
  /** The forwarder shows a FAILED row (21) although the seeding succeeded. */
  readonly seedingFalseAlarm: boolean;
  /** SET (ROLE = SECONDARY) on a primary that came back after its partner was promoted fails with 41104 this many times. */
  readonly latchedDemotions: number;
}

/** One direction of the network between two instances. */
export interface LinkState {
  readonly from: string;
  readonly to: string;
  readonly delayMs: number;
  /** null: no limit. */
  readonly bytesPerSecond: number | null;
  /** Messages vanish. */
  readonly cut: boolean;
}

/** Key of one direction in `HadrState.links`. */
export function linkKey(from: string, to: string): string {
  return `${from}>${to}`;
}

/** `16.0.4135.4` and the year it is sold under. */
export interface ProductVersion {
  readonly year: 2016 | 2017 | 2019 | 2022 | 2025;
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number;
}

/** Editions that differ in what the availability-group statements allow. */
export type ProductEdition = 'Enterprise' | 'Standard' | 'Developer' | 'Evaluation';

/** One instance. */
export interface InstanceState {
  /** `nameKey(serverName)`. */
  readonly key: string;
  /** `@@SERVERNAME`. */
  readonly serverName: string;
  /** Lower-case names and addresses that reach this host: short name, fully qualified name, IP address. */
  readonly hostNames: readonly string[];
  readonly version: ProductVersion;
  readonly edition: ProductEdition;
  /** NetBIOS-style domain such as CONTOSO; null in a workgroup. */
  readonly domain: string | null;
  /** Account the service runs as, `DOMAIN\name`. */
  readonly serviceAccount: string;
  readonly up: boolean;
  /** `SERVERPROPERTY('IsHadrEnabled')`. */
  readonly hadrEnabled: boolean;
  /** Grows with every start: what was planned before a crash is void. */
  readonly incarnation: number;
  readonly startedAt: number;
  /** The one DATABASE_MIRRORING endpoint. */
  readonly endpoint: EndpointState | null;
  /** Lower-case accounts that may connect to the endpoint (GRANT CONNECT, sysadmin, owner). */
  readonly endpointAccounts: readonly string[];
  /** Certificate of the endpoint with its private key; null where it authenticates otherwise. */
  readonly endpointCertificate: EndpointCertificate | null;
  /** Public parts of peers' certificates in master. */
  readonly trustedCertificates: readonly TrustedCertificate[];
  readonly databases: ByName<DatabaseState>;
  readonly groups: ByName<GroupState>;
  /** DAGs whose local member has its primary replica here. */
  readonly distributed: ByName<DistributedState>;
  /** Links to the other replicas of the local groups; keys from `replicaLinkKey`. */
  readonly replicaLinks: ByName<DistributedState>;
  /** Name of the Windows cluster this host is a node of; null outside. */
  readonly cluster: string | null;
  /** Append-only, oldest first. */
  readonly seedingHistory: readonly SeedingHistoryRow[];
  /** Running and last streams, one per database and partner. */
  readonly seedingStreams: readonly SeedingStream[];
  /** Slow redo; null: redo keeps up. */
  readonly redoBytesPerSecond: number | null;
}

/** Database mirroring endpoint. */
export interface EndpointState {
  readonly name: string;
  readonly id: number;
  readonly owner: string;
  readonly state: 'STARTED' | 'STOPPED' | 'DISABLED';
  readonly port: number;
  /** null: LISTENER_IP = ALL. */
  readonly ip: string | null;
  readonly authentication: {
    readonly windows: 'NTLM' | 'KERBEROS' | 'NEGOTIATE' | null;
    readonly certificate: string | null;
    readonly certificateFirst: boolean;
  };
  readonly encryption: {
    readonly mode: 'DISABLED' | 'SUPPORTED' | 'REQUIRED';
    readonly algorithm: 'AES' | 'RC4' | 'AES RC4' | 'RC4 AES' | null;
  };
  readonly role: 'WITNESS' | 'PARTNER' | 'ALL';
}

/** `sys.databases.state_desc` as far as the lab goes. */
export type DatabaseStateName = 'ONLINE' | 'RESTORING' | 'RECOVERING' | 'RECOVERY_PENDING';

/** One stretch of a database's history; a forced failover starts a new one. */
export interface RecoveryFork {
  readonly id: string;
  /** First LSN that belongs to this fork. */
  readonly start: Lsn;
}

/** One user database on one instance. */
export interface DatabaseState {
  readonly key: string;
  readonly name: string;
  readonly id: number;
  readonly state: DatabaseStateName;
  readonly recoveryModel: 'FULL' | 'BULK_LOGGED' | 'SIMPLE';
  readonly userAccess: 'MULTI_USER' | 'SINGLE_USER' | 'RESTRICTED_USER';
  readonly readOnly: boolean;
  readonly autoClose: boolean;
  /** A full backup was taken since FULL was set: the log chain has begun. */
  readonly fullBackupTaken: boolean;
  readonly createdAt: number;
  /** Login that owns the database. */
  readonly owner: string;
  /** `database_guid`: equal on every copy. */
  readonly familyId: string;
  readonly sizeBytes: number;
  /** Key of the local availability group; null outside. */
  readonly group: string | null;
  /** `sys.databases.group_database_id`; null outside. */
  readonly groupDatabaseId: string | null;
  /** Data movement is suspended on this copy. */
  readonly suspended: SuspendReason | null;
  /** Lost the primary role and has not found a new primary yet. */
  readonly orphaned: boolean;
  /** This copy receives log from the global primary (joined through the DAG). */
  readonly joined: boolean;
  /** RESUME was given after SUSPEND_FROM_PARTNER: a divergent tail may be taken back. */
  readonly mayRevert: boolean;
  /** Request of a SET HADR AVAILABILITY GROUP that waits for the primary's answer. */
  readonly pendingJoin: number | null;
  /** Taking back log the new primary never had. */
  readonly reverting: boolean;
  /** As secondary: caught up and in effective synchronous mode, as the primary told. */
  readonly synchronized: boolean;
  readonly log: Log;
  readonly forks: readonly RecoveryFork[];
  /** End of the log when this copy last recovered: `recovery_lsn`. */
  readonly recoveryLsn: Lsn;
  /** LSN of the last redone record, on a secondary. */
  readonly lastRedoneLsn: Lsn | null;
  readonly lastRedoneAt: number | null;
  readonly lastReceivedAt: number | null;
  readonly lastHardenedAt: number | null;
  readonly lastCommitLsn: Lsn | null;
  readonly lastCommitAt: number | null;
  /** Where redo stands: everything below is applied; end of log when idle. */
  readonly redonePosition: Lsn;
  /** Cumulative log bytes that are applied. */
  readonly redoneBytes: number;
  /** A redo timer is running. */
  readonly redoScheduled: boolean;
  /** Bytes per second of the last active redo. */
  readonly redoRate: number;
  /** Commits on the primary that wait for the forwarder, oldest first. */
  readonly waiting: readonly WaitingCommit[];
  /** Log backups read up to here; null before the first. */
  readonly lastLogBackupLsn: Lsn | null;
  /** Log from here is kept for a manual seeding; null: not kept. */
  readonly backupHoldLsn: Lsn | null;
  /** Major version whose format the database still has; absent: that of its server. It cannot be opened before the upgrade. */
  readonly formatMajor?: number | undefined;
  /** The primary has a newer format than this server reads: no log comes any more, and the role is out of reach (41191). */
  readonly newerPrimary?: boolean;
}

/** A commit whose client still waits. */
export interface WaitingCommit {
  readonly commit: number;
  /** Hardened position the forwarder has to report. */
  readonly until: Lsn;
}

/** A local availability group as one instance stores it. */
export interface GroupState {
  readonly key: string;
  readonly name: string;
  readonly groupId: string;
  readonly clusterType: 'WSFC' | 'EXTERNAL' | 'NONE';
  readonly automatedBackupPreference: 'PRIMARY' | 'SECONDARY_ONLY' | 'SECONDARY' | 'NONE';
  readonly failureConditionLevel: number;
  readonly healthCheckTimeoutMs: number;
  readonly dbFailover: boolean;
  readonly dtcSupport: boolean;
  readonly basic: boolean;
  readonly contained: boolean;
  readonly requiredSynchronizedSecondariesToCommit: number;
  /** High word: configuration epoch, low word: counter. */
  readonly sequenceNumber: bigint;
  /** Role of this instance's replica. */
  readonly role: Role;
  readonly operationalState: OperationalState;
  /** In the order written; the local one has `serverName` of the instance. */
  readonly replicas: readonly ReplicaState[];
  /** Keys of the member databases, in the order they came. */
  readonly databases: readonly string[];
  /** GRANT CREATE ANY DATABASE was given, by this login. */
  readonly createAnyDatabase: string | null;
  readonly listeners: readonly ListenerState[];
  /** On a secondary replica: the DAGs over this group, as the primary last told; no connection. */
  readonly distributed: ByName<DistributedState>;
  /** Request of a planned FAILOVER that waits for the primary to give the role away. */
  readonly pendingFailover: number | null;
}

/** A listener of a local group. */
export interface ListenerState {
  readonly listenerId: string;
  readonly dnsName: string;
  readonly port: number;
  readonly addresses: readonly { readonly ip: string; readonly mask: string | null }[];
}

/** One replica of a local group. */
export interface ReplicaState {
  readonly replicaId: string;
  readonly metadataId: number;
  readonly serverName: string;
  readonly endpointUrl: string;
  readonly availabilityMode: AvailabilityMode | 'CONFIGURATION_ONLY';
  readonly failoverMode: 'AUTOMATIC' | 'MANUAL' | 'EXTERNAL';
  readonly seedingMode: SeedingMode;
  readonly sessionTimeoutSeconds: number;
  readonly backupPriority: number;
  readonly primaryAllowConnections: 'READ_WRITE' | 'ALL';
  readonly secondaryAllowConnections: 'NO' | 'READ_ONLY' | 'ALL';
  readonly readOnlyRoutingUrl: string | null;
  readonly readOnlyRoutingList: readonly string[];
  readonly readWriteRoutingUrl: string | null;
  readonly createdAt: number;
  readonly modifiedAt: number;
}
