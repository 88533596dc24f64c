/**
 * The part of the syntax tree that the lab's world runs: administrative statements.
 *
 * Made by `grammar/`, handed to `lab/world/`; reachable through `ast.ts` as well. Options that were not
 * written are absent or null: defaults are the business of execution.
 */

/** A name of one to four parts; missing parts are null (`server.database.schema.object`). */
export interface ObjectName {
  readonly database: string | null;
  readonly schema: string | null;
  readonly name: string;
}

/** Statements about the server: run by `lab/world/`, most of them through `lab/hadr/`. */
export type AdminStatement =
  | AvailabilityGroupStatement
  | EndpointStatement
  | SecurityStatement
  | DatabaseStatement
  | BackupStatement
  | { readonly kind: 'kill'; readonly sessionId: number }
  | {
      readonly kind: 'dbcc';
      readonly command: string;
      readonly arguments: readonly (string | number)[];
      readonly options: readonly string[];
    }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'reconfigure' }
  | ConfigureStatement
  | { readonly kind: 'shutdown'; readonly noWait: boolean };

/** What `sp_configure` does with a name and a value; the grammar does not make it. */
export interface ConfigureStatement {
  readonly kind: 'configure';
  /** As `sys.configurations` prints it. */
  readonly name: string;
  readonly value: number;
  /** RECONFIGURE takes it over; otherwise the next restart would. */
  readonly isDynamic: boolean;
}

/** CLUSTER_TYPE. */
export type ClusterType = 'WSFC' | 'EXTERNAL' | 'NONE';

/** Options in WITH (...) of CREATE AVAILABILITY GROUP and SET (...); absent means not written. */
export interface GroupOptions {
  readonly automatedBackupPreference?: 'PRIMARY' | 'SECONDARY_ONLY' | 'SECONDARY' | 'NONE';
  readonly failureConditionLevel?: number;
  readonly healthCheckTimeoutMs?: number;
  readonly dbFailover?: boolean;
  readonly dtcSupport?: 'PER_DB' | 'NONE';
  readonly basic?: boolean;
  readonly contained?: boolean;
  readonly distributed?: boolean;
  readonly requiredSynchronizedSecondariesToCommit?: number;
  readonly clusterType?: ClusterType;
}

/** WITH (...) of a replica. */
export interface ReplicaOptions {
  readonly endpointUrl?: string;
  readonly availabilityMode?: 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT' | 'CONFIGURATION_ONLY';
  readonly failoverMode?: 'AUTOMATIC' | 'MANUAL' | 'EXTERNAL';
  readonly seedingMode?: 'AUTOMATIC' | 'MANUAL';
  readonly backupPriority?: number;
  readonly sessionTimeoutSeconds?: number;
  readonly secondaryAllowConnections?: 'NO' | 'READ_ONLY' | 'ALL';
  readonly readOnlyRoutingUrl?: string;
  readonly primaryAllowConnections?: 'READ_WRITE' | 'ALL';
  readonly readOnlyRoutingList?: readonly string[];
  readonly readWriteRoutingUrl?: string;
}

/** `'server\instance' WITH (...)`. */
export interface ReplicaSpecification {
  readonly server: string;
  readonly options: ReplicaOptions;
}

/** `'AG' WITH (LISTENER_URL = ...)` of a DAG. */
export interface DagMemberSpecification {
  readonly availabilityGroup: string;
  readonly listenerUrl?: string;
  readonly availabilityMode?: 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT';
  readonly failoverMode?: 'AUTOMATIC' | 'MANUAL' | 'EXTERNAL';
  readonly seedingMode?: 'AUTOMATIC' | 'MANUAL';
}

/** `LISTENER 'dns' (WITH IP (...), PORT = n)`. */
export interface ListenerSpecification {
  readonly name: string;
  readonly addresses: readonly { readonly ip: string; readonly mask: string | null }[];
  readonly dhcp: boolean;
  readonly port: number | null;
}

/** Availability groups and DAGs. */
export type AvailabilityGroupStatement =
  | {
      readonly kind: 'create-availability-group';
      readonly group: string;
      readonly options: GroupOptions;
      readonly databases: readonly string[];
      readonly replicas: readonly ReplicaSpecification[];
      readonly listener: ListenerSpecification | null;
    }
  | {
      readonly kind: 'create-distributed-availability-group';
      readonly group: string;
      readonly options: GroupOptions;
      readonly members: readonly DagMemberSpecification[];
    }
  | {
      readonly kind: 'alter-availability-group';
      readonly group: string;
      readonly action: GroupAction;
    }
  | { readonly kind: 'drop-availability-group'; readonly group: string };

/** ALTER AVAILABILITY GROUP. */
export type GroupAction =
  | { readonly kind: 'join'; readonly clusterType: ClusterType | null }
  | { readonly kind: 'join-distributed'; readonly members: readonly DagMemberSpecification[] }
  | { readonly kind: 'modify-distributed'; readonly members: readonly DagMemberSpecification[] }
  | { readonly kind: 'grant-create-any-database' | 'deny-create-any-database' }
  | { readonly kind: 'add-database' | 'remove-database'; readonly databases: readonly string[] }
  | { readonly kind: 'add-replica' | 'modify-replica'; readonly replica: ReplicaSpecification }
  | { readonly kind: 'remove-replica'; readonly server: string }
  | { readonly kind: 'add-listener'; readonly listener: ListenerSpecification }
  | {
      readonly kind: 'modify-listener';
      readonly listener: string;
      readonly addIp: { readonly ip: string; readonly mask: string | null } | null;
      readonly port: number | null;
    }
  | { readonly kind: 'restart-listener' | 'remove-listener'; readonly listener: string }
  | { readonly kind: 'set-options'; readonly options: GroupOptions }
  /** SET (ROLE = SECONDARY). */
  | { readonly kind: 'set-role-secondary' }
  | { readonly kind: 'failover' }
  | { readonly kind: 'force-failover-allow-data-loss' }
  | { readonly kind: 'offline' };

/** Database mirroring endpoints. */
export type EndpointStatement =
  | {
      readonly kind: 'create-endpoint';
      readonly endpoint: string;
      readonly state: EndpointState | null;
      readonly tcp: TcpOptions;
      readonly mirroring: MirroringOptions;
    }
  | {
      readonly kind: 'alter-endpoint';
      readonly endpoint: string;
      readonly state: EndpointState | null;
      readonly tcp: TcpOptions | null;
      readonly mirroring: MirroringOptions | null;
    }
  | { readonly kind: 'drop-endpoint'; readonly endpoint: string };

/** STATE of an endpoint. */
export type EndpointState = 'STARTED' | 'STOPPED' | 'DISABLED';

/** AS TCP (...). `listenerIp` null stands for ALL. */
export interface TcpOptions {
  readonly listenerPort: number | null;
  readonly listenerIp: string | null;
}

/** FOR DATABASE_MIRRORING (...). */
export interface MirroringOptions {
  readonly authentication: {
    readonly windows: 'NTLM' | 'KERBEROS' | 'NEGOTIATE' | null;
    readonly certificate: string | null;
    readonly certificateFirst: boolean;
  } | null;
  readonly encryption: {
    readonly mode: 'DISABLED' | 'SUPPORTED' | 'REQUIRED';
    readonly algorithm: 'AES' | 'RC4' | 'AES RC4' | 'RC4 AES' | null;
  } | null;
  readonly role: 'WITNESS' | 'PARTNER' | 'ALL' | null;
}

/** Logins, certificates and permissions. */
export type SecurityStatement =
  | { readonly kind: 'create-master-key'; readonly password: string }
  | {
      readonly kind: 'create-certificate';
      readonly name: string;
      readonly authorization: string | null;
      readonly subject: string | null;
      readonly startDate: string | null;
      readonly expiryDate: string | null;
      readonly fromFile: string | null;
      readonly fromBinary: Uint8Array | null;
    }
  | { readonly kind: 'backup-certificate'; readonly name: string; readonly file: string }
  | { readonly kind: 'drop-certificate'; readonly name: string }
  | {
      readonly kind: 'create-login';
      readonly login: string;
      readonly source:
        | { readonly kind: 'windows' }
        | {
            readonly kind: 'password';
            readonly password: string;
            readonly sid: Uint8Array | null;
            readonly checkPolicy: boolean | null;
          };
      readonly defaultDatabase: string | null;
    }
  | {
      readonly kind: 'alter-login';
      readonly login: string;
      readonly change:
        | { readonly kind: 'enable' | 'disable' }
        | { readonly kind: 'password'; readonly password: string }
        | { readonly kind: 'default-database'; readonly database: string };
    }
  | { readonly kind: 'drop-login'; readonly login: string }
  | {
      readonly kind: 'alter-server-role';
      readonly role: string;
      readonly change: 'add' | 'drop';
      readonly member: string;
    }
  /** GRANT, DENY, REVOKE on the server, an endpoint, a login or a database object. */
  | {
      readonly kind: 'permission';
      readonly action: 'grant' | 'deny' | 'revoke';
      readonly permissions: readonly string[];
      readonly on: {
        readonly class:
          | 'SERVER'
          | 'ENDPOINT'
          | 'LOGIN'
          | 'DATABASE'
          | 'SCHEMA'
          | 'OBJECT'
          | 'AVAILABILITY GROUP';
        readonly name: ObjectName | null;
      };
      readonly to: readonly string[];
    };

/** Whole databases. */
export type DatabaseStatement =
  | { readonly kind: 'create-database'; readonly database: string }
  | {
      readonly kind: 'drop-database';
      readonly databases: readonly string[];
      readonly ifExists: boolean;
    }
  | {
      readonly kind: 'alter-database-hadr';
      readonly database: string;
      readonly action:
        | { readonly kind: 'join'; readonly group: string }
        | { readonly kind: 'off' | 'suspend' | 'resume' };
    }
  /** SET RECOVERY FULL, SINGLE_USER, READ_ONLY, OFFLINE...; values upper case. */
  | {
      readonly kind: 'alter-database-set';
      readonly database: string;
      readonly option: string;
      readonly value: string | null;
      readonly rollback: 'none' | 'immediate' | 'no-wait';
    };

/** BACKUP and RESTORE. */
export type BackupStatement =
  | {
      readonly kind: 'backup';
      readonly what: 'database' | 'log';
      readonly database: string;
      /** The variable that holds the name; absent: it was written. */
      readonly databaseVariable?: string;
      readonly devices: readonly BackupDevice[];
      readonly options: BackupOptions;
    }
  | {
      readonly kind: 'restore';
      readonly what: 'database' | 'log';
      readonly database: string;
      /** The variable that holds the name; absent: it was written. */
      readonly databaseVariable?: string;
      readonly devices: readonly BackupDevice[];
      readonly options: RestoreOptions;
    }
  | {
      readonly kind: 'restore-inspect';
      readonly what: 'filelistonly' | 'headeronly' | 'verifyonly' | 'labelonly';
      readonly devices: readonly BackupDevice[];
      /** FILE: number of the backup set on its media; null: all, or the first. */
      readonly file: number | null;
      readonly checksum: boolean;
    };

/** TO DISK = '...'. */
export interface BackupDevice {
  readonly medium: 'DISK' | 'URL';
  readonly path: string;
  /** The variable that holds the path; absent: it was written. */
  readonly variable?: string;
}

/** WITH of BACKUP. */
export interface BackupOptions {
  readonly format: boolean;
  readonly init: boolean;
  readonly compression: boolean;
  readonly checksum: boolean;
  readonly copyOnly: boolean;
  readonly differential: boolean;
  readonly noRecovery: boolean;
  /** NAME and DESCRIPTION of the backup set. */
  readonly name: string | null;
  readonly description: string | null;
  readonly stats: number | null;
}

/** WITH of RESTORE. */
export interface RestoreOptions {
  readonly recovery: 'RECOVERY' | 'NORECOVERY';
  readonly replace: boolean;
  readonly moves: readonly { readonly from: string; readonly to: string }[];
  /** STOPAT, a date and time; null: to the end. */
  readonly stopAt: string | null;
  /** FILE: number of the backup set on its media; null: the first. */
  readonly file: number | null;
  readonly checksum: boolean;
  readonly stats: number | null;
}
