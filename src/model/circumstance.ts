/**
 * What surrounds a wait: shown and explained with, never decided on.
 *
 * Read in the same batch as the observation. Times are the server's, turned to UTC there.
 */

/** Circumstances on one instance. */
export interface Circumstances {
  /** One entry per selected database that exists on this instance. */
  readonly databases: readonly DatabaseCircumstance[];
  /** Newest seedings of the selected databases, newest first (`sys.dm_hadr_automatic_seeding`). */
  readonly seedings: readonly SeedingHistory[];
  /** Streams of seedings that run or were the last (`sys.dm_hadr_physical_seeding_stats`), newest first. */
  readonly streams: readonly SeedingStream[];
  /** `last_connect_error_timestamp` of the DAG's other member, ISO 8601 UTC; `null` when none is shown. */
  readonly lastConnectErrorUtc: string | null;
  /** `sys.dm_os_sys_info.sqlserver_start_time`, ISO 8601 UTC: since then the counters count. */
  readonly startedUtc: string;
}

/** Files and log of one database. A `null` was not shown. */
export interface DatabaseCircumstance {
  readonly name: string;
  /** `sys.databases.log_reuse_wait_desc`. */
  readonly logReuseWaitDesc: string | null;
  /** Data files together, in bytes (`sys.master_files.size`). */
  readonly dataBytes: number | null;
  /** Log files together, in bytes (counter `Log File(s) Size (KB)`). */
  readonly logBytes: number | null;
  /** Of it in use, in bytes (counter `Log File(s) Used Size (KB)`). */
  readonly logUsedBytes: number | null;
  /** What the log files may grow to, in bytes (`sys.master_files.max_size`); `null`: no limit but the disk. */
  readonly logLimitBytes: number | null;
  /** Log written since the instance started, in bytes (counter `Log Bytes Flushed/sec`, cumulative). */
  readonly logFlushedBytes: number | null;
}

/** One try of a seeding. */
export interface SeedingHistory {
  /** `null` where the instance cannot name it: a database that was refused is in none of its groups. */
  readonly database: string | null;
  /** `ag_db_id`: the database in the distributed group, the same on both sides. */
  readonly groupDatabaseId: string;
  /** This instance sends. */
  readonly isSource: boolean;
  readonly stateDesc: string;
  /** `failure_state`: three digits begin with 1 on the source and with 2 on the target. */
  readonly failureState: number | null;
  readonly failureStateDesc: string | null;
  /** SQL Server error behind it; 0 and `null`: none shown. */
  readonly errorCode: number | null;
  /** ISO 8601 UTC. */
  readonly startedUtc: string;
  /** ISO 8601 UTC; `null` while it runs. */
  readonly endedUtc: string | null;
}

/** One stream of a seeding: the measure of the link. */
export interface SeedingStream {
  /** This instance sends. */
  readonly isSource: boolean;
  /** `remote_machine_name`: the LISTENER_URL of the other side, or a replica of its own group. */
  readonly remote: string;
  readonly transferredBytes: number;
  /** At this moment; `null` when not shown. */
  readonly bytesPerSecond: number | null;
  /** ISO 8601 UTC. */
  readonly startedUtc: string;
  /** ISO 8601 UTC; `null` while it runs. */
  readonly endedUtc: string | null;
}
