/** Hardware, operating system, services and disks of one instance, as `assess` reads them. */

/** The machine, `sys.dm_os_sys_info`, `sys.dm_os_sys_memory` and `sys.dm_os_host_info`. */
export interface MachineFacts {
  /** Logical processors, `cpu_count`. */
  readonly cpuCount: number;
  /** Schedulers that run user work, `scheduler_count`. */
  readonly schedulerCount: number;
  readonly physicalMemoryBytes: number;
  /** Memory the instance holds now, `committed_kb`. */
  readonly committedBytes: number;
  /** `max_workers_count`. */
  readonly maxWorkersCount: number;
  /** `CONVENTIONAL`, `LOCK_PAGES` or `LARGE_PAGES`. */
  readonly memoryModelDesc: string;
  /** `HYPERVISOR`, `NONE` and others. */
  readonly virtualMachineTypeDesc: string;
  /** `system_low_memory_signal_state`; null when not shown. */
  readonly isMemoryLow: boolean | null;
  /** `Windows` or `Linux`; SQL Server 2016 runs on Windows only. */
  readonly platform: string;
}

/** A service of the instance, `sys.dm_server_services`. */
export interface ServiceFacts {
  readonly kind: 'engine' | 'agent' | 'other';
  /** For example `SQL Server Agent (MSSQLSERVER)`. */
  readonly name: string;
  readonly account: string;
  /** `Automatic`, `Manual`, `Disabled`. */
  readonly startupTypeDesc: string;
  /** `Running`, `Stopped` and others. */
  readonly statusDesc: string;
}

/** A volume, `sys.dm_os_volume_stats` of the files there and `sys.dm_os_enumerate_fixed_drives`. */
export interface VolumeFacts {
  /** For example `F:\` or `F:\mount\logs\`. */
  readonly mountPoint: string;
  /** Label of the volume; null when not shown. */
  readonly label: string | null;
  /** Null for a volume that no file of this instance lies on. */
  readonly totalBytes: number | null;
  readonly availableBytes: number;
}

/** A file of tempdb, `sys.master_files`. */
export interface TempdbFileFacts {
  readonly name: string;
  /** `ROWS` or `LOG`. */
  readonly typeDesc: string;
  readonly physicalName: string;
  /** Size after a restart. */
  readonly sizeBytes: number;
}

/** Pages of one database that were found damaged, `msdb.dbo.suspect_pages`. */
export interface SuspectPageFacts {
  /** Null when the database is gone. */
  readonly database: string | null;
  readonly pages: number;
  /** Newest `last_update_date`, ISO 8601, server-local time. */
  readonly latest: string;
}

/** The parts of this family. */
export interface CapacityParts {
  readonly machine: MachineFacts;
  /** The engine, the Agent and what else belongs to the instance. */
  readonly services: readonly ServiceFacts[];
  readonly volumes: readonly VolumeFacts[];
  /** Paths of all drives with a letter, `sys.dm_os_enumerate_fixed_drives`; unknown on SQL Server 2016. */
  readonly fixedDrives: readonly string[];
  readonly tempdbFiles: readonly TempdbFileFacts[];
  /** Pages that are still damaged: event types 1 to 3; repaired and restored ones are left out. */
  readonly suspectPages: readonly SuspectPageFacts[];
}
