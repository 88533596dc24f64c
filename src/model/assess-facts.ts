/**
 * What `assess` reads: one batch per instance, both sides in parallel.
 *
 * Every part is a `Fact`: a login that may not look gives `unknown(reason)`, never an empty list.
 * The queries and decoders that fill it are in `sql/view/`; what follows from it is in `assess/`.
 * The view or function a field comes from is named beside it. Field names are the columns of the
 * views in camelCase.
 */

import type { Lsn } from '../base/lsn.ts';
import type { Fact } from './fact.ts';
import type { LoginObservation, WindowsLoginObservation } from './observation.ts';
import type { Problem } from './problem.ts';
import type { Side } from './side.ts';

/** Both sides, read in parallel. */
export interface AssessFacts {
  readonly source: SideFacts;
  readonly target: SideFacts;
}

/** One instance as one batch saw it. */
export interface SideFacts {
  readonly side: Side;
  /** Name from the migration file. */
  readonly instance: string;
  /** An unreachable side has every other part unknown. */
  readonly connection:
    | { readonly kind: 'connected' }
    | { readonly kind: 'unreachable'; readonly problem: Problem };
  /** Read first: decides which of the other parts may be trusted. */
  readonly permissions: Fact<PermissionFacts>;
  readonly server: Fact<ServerFacts>;
  /** The session of this very batch, `sys.dm_exec_connections`. */
  readonly session: Fact<SessionFacts>;
  /** Every database of the instance that is not a system one, `sys.databases` and joins. */
  readonly databases: Fact<readonly DatabaseFacts[]>;
  /** Files of every user database, `sys.master_files`. */
  readonly files: Fact<readonly FileFacts[]>;
  /** Database mirroring endpoints (at most one), joined with `sys.tcp_endpoints`. */
  readonly endpoints: Fact<readonly EndpointFacts[]>;
  /** `sys.dm_tcp_listener_states`. */
  readonly listeners: Fact<readonly TcpListenerFacts[]>;
  /** Every availability group, local and distributed. */
  readonly availabilityGroups: Fact<readonly GroupFacts[]>;
  /** Windows logins and groups, `sys.server_principals` type U and G. */
  readonly windowsLogins: Fact<readonly WindowsLoginObservation[]>;
  /** One entry per login of `cutover.fence.logins` that exists here. */
  readonly fenceLogins: Fact<readonly LoginObservation[]>;
  /** `sys.configurations`, `value_in_use` of the options `assess` compares. */
  readonly configuration: Fact<readonly ConfigurationFacts[]>;
}

/** Rights of the login, by HAS_PERMS_BY_NAME and IS_SRVROLEMEMBER. */
export interface PermissionFacts {
  /** `SUSER_SNAME()`. */
  readonly loginName: string;
  readonly isSysadmin: boolean;
  /** `VIEW SERVER STATE` (2022: `VIEW SERVER PERFORMANCE STATE`): the dynamic management views. */
  readonly viewServerState: boolean;
  /** `VIEW ANY DEFINITION`: catalog views show every row. */
  readonly viewAnyDefinition: boolean;
  readonly viewAnyDatabase: boolean;
  readonly alterAnyAvailabilityGroup: boolean;
  readonly createAvailabilityGroup: boolean;
  readonly createEndpoint: boolean;
  readonly alterAnyEndpoint: boolean;
  readonly alterAnyLogin: boolean;
  /** `ALTER ANY CONNECTION`: needed by KILL. */
  readonly alterAnyConnection: boolean;
  readonly createAnyDatabase: boolean;
  /** May read `msdb.dbo.backupset`. */
  readonly readBackupHistory: boolean;
}

/** Identity, build and settings of the instance. */
export interface ServerFacts {
  /** `@@SERVERNAME`; null when sp_dropserver left none. */
  readonly serverName: string | null;
  /** `SERVERPROPERTY('ServerName')`: what Windows says now. */
  readonly serverPropertyName: string;
  /** `SERVERPROPERTY('InstanceName')`; null is the default instance. */
  readonly instanceName: string | null;
  readonly machineName: string;
  readonly versionMajor: number;
  /** For example `16.0.4135.4`. */
  readonly productVersion: string;
  /** For example `Enterprise Edition: Core-based Licensing (64-bit)`. */
  readonly edition: string;
  /** 3 is Enterprise, Developer and Evaluation. */
  readonly engineEdition: number;
  readonly isHadrEnabled: boolean;
  /** `HadrManagerStatus`: 0 not started (restart pending), 1 running, 2 failed; null when not shown. */
  readonly hadrManagerStatus: number | null;
  readonly isClustered: boolean;
  readonly collation: string;
  /** `DEFAULT_DOMAIN()`; null when the machine is in none. */
  readonly defaultDomain: string | null;
  /** `sys.dm_server_services`, the engine's row; null when not shown. */
  readonly serviceAccount: string | null;
  /** Instant file initialization of the engine's account; null when not shown. */
  readonly instantFileInitialization: boolean | null;
  readonly defaultDataPath: string | null;
  readonly defaultLogPath: string | null;
  /** SYSUTCDATETIME(), ISO 8601 with Z. */
  readonly utcNow: string;
  /** `sys.dm_os_sys_info.max_workers_count`; null when not shown. */
  readonly maxWorkersCount: number | null;
}

/** The session the facts were read on. */
export interface SessionFacts {
  /** `encrypt_option`. */
  readonly encrypted: boolean;
  /** `SQL`, `NTLM` or `KERBEROS`. */
  readonly authScheme: string;
  readonly netTransport: string;
  /** `local_tcp_port`; null over shared memory. */
  readonly localTcpPort: number | null;
}

/** One database. */
export interface DatabaseFacts {
  readonly name: string;
  readonly databaseId: number;
  readonly stateDesc: string;
  /** `FULL`, `BULK_LOGGED` or `SIMPLE`. */
  readonly recoveryModelDesc: string;
  /** `MULTI_USER`, `SINGLE_USER` or `RESTRICTED_USER`. */
  readonly userAccessDesc: string;
  readonly isReadOnly: boolean;
  readonly isAutoCloseOn: boolean;
  readonly isInStandby: boolean;
  readonly compatibilityLevel: number;
  /** Null while the database is not open. */
  readonly collationName: string | null;
  /** `NONE` or `PARTIAL`. */
  readonly containmentDesc: string;
  readonly isEncrypted: boolean;
  /** `sys.dm_database_encryption_keys.encryptor_thumbprint` as 0x...; null without a key. */
  readonly encryptorThumbprint: string | null;
  readonly isTrustworthyOn: boolean;
  readonly isDbChainingOn: boolean;
  readonly isBrokerEnabled: boolean;
  readonly isCdcEnabled: boolean;
  readonly isPublished: boolean;
  readonly isMergePublished: boolean;
  readonly isSubscribed: boolean;
  readonly isDistributor: boolean;
  readonly delayedDurabilityDesc: string;
  readonly logReuseWaitDesc: string;
  /** Database this one is a snapshot of; null for an ordinary database. */
  readonly sourceDatabaseId: number | null;
  /** `SUSER_SNAME(owner_sid)`; null when the owner has no login here. */
  readonly ownerName: string | null;
  /** Sum of the data and log files in bytes; null when not shown. */
  readonly sizeBytes: number | null;
  /** `group_database_id` is set: the database is in an availability group. */
  readonly inAvailabilityGroup: boolean;
  /** Name of that group; null when in none or not shown. */
  readonly availabilityGroup: string | null;
  /** `sys.database_mirroring.mirroring_guid` is set. */
  readonly isMirrored: boolean;
  readonly backup: Fact<BackupFacts>;
}

/** Backup history of one database. */
export interface BackupFacts {
  /** Newest full backup (type D) that is not copy-only and of this database's recovery fork; ISO 8601, server-local time. */
  readonly lastFullFinish: string | null;
  /** Newest copy-only full backup. */
  readonly lastCopyOnlyFinish: string | null;
  /** Newest log backup (type L). */
  readonly lastLogFinish: string | null;
  /** `sys.database_recovery_status.last_log_backup_lsn`: null while no log backup is possible (no full backup since the switch to FULL). */
  readonly lastLogBackupLsn: Lsn | null;
}

/** One file. */
export interface FileFacts {
  readonly database: string;
  /** `ROWS`, `LOG` or `FILESTREAM`. */
  readonly typeDesc: string;
  readonly logicalName: string;
  readonly physicalName: string;
  readonly sizeBytes: number;
}

/** The database mirroring endpoint. */
export interface EndpointFacts {
  readonly name: string;
  /** `STARTED`, `STOPPED` or `DISABLED`. */
  readonly stateDesc: string;
  /** `ALL`, `PARTNER` or `WITNESS`. */
  readonly roleDesc: string;
  readonly port: number;
  /** Null means `LISTENER_IP = ALL`. */
  readonly ipAddress: string | null;
  /** For example `NEGOTIATE` or `CERTIFICATE`. */
  readonly connectionAuthDesc: string;
  readonly isEncryptionEnabled: boolean;
  /** For example `AES`, `RC4`, `NONE`. */
  readonly encryptionAlgorithmDesc: string;
  /** Server principals with CONNECT, from `sys.server_permissions` class 105. */
  readonly connectGrantees: readonly string[];
}

/** One TCP listener. */
export interface TcpListenerFacts {
  readonly ipAddress: string;
  readonly port: number;
  /** `TSQL`, `Database Mirroring` or `Service Broker` as the view prints them. */
  readonly typeDesc: string;
  /** `ONLINE` or `PENDING_RESTART`. */
  readonly stateDesc: string;
}

/** One availability group as this instance stores and sees it. */
export interface GroupFacts {
  readonly name: string;
  readonly isDistributed: boolean;
  /** `WSFC`, `EXTERNAL` or `NONE`. */
  readonly clusterTypeDesc: string;
  readonly isBasic: boolean;
  readonly isContained: boolean;
  /** Role of the local replica or member; null without a state row. */
  readonly localRoleDesc: string | null;
  /** `sys.dm_hadr_availability_group_states.synchronization_health_desc` or the local row's; null when not shown. */
  readonly synchronizationHealthDesc: string | null;
  /** Names of the replicas (of the member groups when distributed). */
  readonly replicas: readonly string[];
  /** Replicas whose `connected_state_desc` is DISCONNECTED. */
  readonly disconnectedReplicas: readonly string[];
  readonly databases: readonly string[];
  /** Databases with `is_suspended = 1`. */
  readonly suspendedDatabases: readonly string[];
  readonly listeners: readonly string[];
}

/** One option of `sys.configurations`. */
export interface ConfigurationFacts {
  readonly name: string;
  readonly valueInUse: number;
}

/** The options `assess` compares; the batch reads exactly these. */
export const comparedConfiguration: readonly string[] = [
  'clr enabled',
  'contained database authentication',
  'cost threshold for parallelism',
  'filestream access level',
  'max degree of parallelism',
  'max server memory (MB)',
  'optimize for ad hoc workloads',
  'xp_cmdshell',
];

/** The facts of one side. */
export function factsOf(facts: AssessFacts, side: Side): SideFacts {
  return side === 'source' ? facts.source : facts.target;
}
