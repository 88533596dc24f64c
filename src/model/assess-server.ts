/** Facts of `assess` about one instance: rights, identity, build, settings, the session itself. */

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
  /** May read the jobs, operators and alerts of `msdb` (asked for `msdb.dbo.sysjobs`). */
  readonly readMsdb: boolean;
  /** `CONNECT ANY DATABASE`: may enter databases without a user of its own (SQL Server 2014). */
  readonly connectAnyDatabase: boolean;
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

/** The parts of this family. */
export interface ServerParts {
  readonly server: ServerFacts;
  /** The session of this very batch, `sys.dm_exec_connections`. */
  readonly session: SessionFacts;
}
