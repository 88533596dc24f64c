/** Machine, services, volumes and tempdb of the instance. */

import type { CapacityParts, ServiceFacts, VolumeFacts } from '../../../model/assess-capacity.ts';
import type { RawRow } from '../../batch.ts';
import { bitOrNull, DecodeError, number, text, textOrNull } from '../cell.ts';
import {
  onInstance,
  type AssessOptions,
  type NotHere,
  type PartAnswer,
  type PartsOf,
} from './part.ts';

const MACHINE_QUERY = `SELECT 1 AS part_machine, i.cpu_count, i.scheduler_count, i.physical_memory_kb, i.committed_kb,
  i.max_workers_count, i.sql_memory_model_desc, i.virtual_machine_type_desc
FROM sys.dm_os_sys_info AS i;`;

const MEMORY_QUERY = `SELECT 1 AS part_memory, m.system_low_memory_signal_state
FROM sys.dm_os_sys_memory AS m;`;

const SERVICES_QUERY = `SELECT 1 AS part_services, s.servicename, s.service_account, s.startup_type_desc, s.status_desc
FROM sys.dm_server_services AS s;`;

// One row per volume that a file of this instance lies on; system databases count as well.
const VOLUME_QUERY = `SELECT DISTINCT 1 AS part_volumes, v.volume_mount_point, v.logical_volume_name, v.total_bytes,
  v.available_bytes
FROM sys.master_files AS f
CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v
WHERE v.volume_mount_point IS NOT NULL;`;

const TEMPDB_QUERY = `SELECT 1 AS part_tempdb_files, f.name, f.type_desc, f.physical_name, CONVERT(bigint, f.size) * 8192 AS size_bytes
FROM sys.master_files AS f
WHERE f.database_id = 2;`;

const SUSPECT_QUERY = `SELECT 1 AS part_suspect_pages, DB_NAME(p.database_id) AS database_name, COUNT(*) AS pages,
  CONVERT(varchar(33), MAX(p.last_update_date), 126) AS latest
FROM msdb.dbo.suspect_pages AS p
WHERE p.event_type IN (1, 2, 3)
GROUP BY p.database_id;`;

const KB = 1024;

function platformQuery({ versionMajor }: AssessOptions): string | NotHere {
  return versionMajor >= 14
    ? 'SELECT 1 AS part_platform, h.host_platform FROM sys.dm_os_host_info AS h;'
    : { none: 'SQL Server 2016 runs on Windows only' };
}

function driveQuery({ versionMajor }: AssessOptions): string | NotHere {
  return versionMajor >= 14
    ? `SELECT 1 AS part_drives, d.fixed_drive_path, d.free_space_in_bytes
FROM sys.dm_os_enumerate_fixed_drives AS d;`
    : { none: 'sys.dm_os_enumerate_fixed_drives exists since SQL Server 2017' };
}

function fixedDriveQuery({ versionMajor }: AssessOptions): string | NotHere {
  return versionMajor >= 14
    ? 'SELECT 1 AS part_fixed_drives, d.fixed_drive_path FROM sys.dm_os_enumerate_fixed_drives AS d;'
    : { none: 'sys.dm_os_enumerate_fixed_drives exists since SQL Server 2017' };
}

/** The parts of this family. */
export const capacityParts: PartsOf<CapacityParts> = {
  machine: onInstance({
    needs: ['viewServerState'],
    queries: {
      part_machine: MACHINE_QUERY,
      part_memory: MEMORY_QUERY,
      part_platform: platformQuery,
    },
    decode: decodeMachine,
  }),
  services: onInstance({
    needs: ['viewServerState'],
    queries: { part_services: SERVICES_QUERY },
    decode: (answer) => answer.rows('part_services').map(decodeService),
  }),
  volumes: onInstance({
    needs: ['viewServerState', 'viewAnyDefinition'],
    queries: { part_volumes: VOLUME_QUERY, part_drives: driveQuery },
    decode: decodeVolumes,
  }),
  fixedDrives: onInstance({
    needs: ['viewServerState'],
    queries: { part_fixed_drives: fixedDriveQuery },
    decode: (answer) =>
      answer.rows('part_fixed_drives').map((row) => text(row, 'fixed_drive_path')),
  }),
  tempdbFiles: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_tempdb_files: TEMPDB_QUERY },
    decode: (answer) =>
      answer.rows('part_tempdb_files').map((row) => ({
        name: text(row, 'name'),
        typeDesc: textOrNull(row, 'type_desc') ?? '',
        physicalName: text(row, 'physical_name'),
        sizeBytes: number(row, 'size_bytes'),
      })),
  }),
  suspectPages: onInstance({
    needs: ['readMsdb'],
    queries: { part_suspect_pages: SUSPECT_QUERY },
    decode: (answer) =>
      answer.rows('part_suspect_pages').map((row) => ({
        database: textOrNull(row, 'database_name'),
        pages: number(row, 'pages'),
        latest: text(row, 'latest'),
      })),
  }),
};

function decodeMachine(answer: PartAnswer): CapacityParts['machine'] {
  const [row] = answer.rows('part_machine');
  if (row === undefined) throw new DecodeError('sys.dm_os_sys_info shows no row');
  const memory = answer.fact('part_memory');
  const platform = answer.fact('part_platform');
  const [signal] = memory.known ? memory.value : [];
  const [host] = platform.known ? platform.value : [];
  return {
    cpuCount: number(row, 'cpu_count'),
    schedulerCount: number(row, 'scheduler_count'),
    physicalMemoryBytes: number(row, 'physical_memory_kb') * KB,
    committedBytes: number(row, 'committed_kb') * KB,
    maxWorkersCount: number(row, 'max_workers_count'),
    memoryModelDesc: textOrNull(row, 'sql_memory_model_desc') ?? 'CONVENTIONAL',
    virtualMachineTypeDesc: textOrNull(row, 'virtual_machine_type_desc') ?? 'NONE',
    isMemoryLow: signal === undefined ? null : bitOrNull(signal, 'system_low_memory_signal_state'),
    platform: host === undefined ? 'Windows' : text(host, 'host_platform'),
  };
}

function decodeService(row: RawRow): ServiceFacts {
  const name = text(row, 'servicename');
  return {
    kind: /^sql server \(/iu.test(name) ? 'engine' : /agent/iu.test(name) ? 'agent' : 'other',
    name,
    account: textOrNull(row, 'service_account') ?? '',
    startupTypeDesc: textOrNull(row, 'startup_type_desc') ?? '',
    statusDesc: textOrNull(row, 'status_desc') ?? '',
  };
}

/** Volumes with files first; fixed drives add those that nothing lies on yet. */
function decodeVolumes(answer: PartAnswer): readonly VolumeFacts[] {
  const used = answer.rows('part_volumes').map((row): VolumeFacts => ({
    mountPoint: text(row, 'volume_mount_point'),
    label: textOrNull(row, 'logical_volume_name'),
    totalBytes: number(row, 'total_bytes'),
    availableBytes: number(row, 'available_bytes'),
  }));
  const drives = answer.fact('part_drives');
  const others = (drives.known ? drives.value : []).map((row): VolumeFacts => ({
    mountPoint: text(row, 'fixed_drive_path'),
    label: null,
    totalBytes: null,
    availableBytes: number(row, 'free_space_in_bytes'),
  }));
  return [
    ...used,
    ...others.filter(
      (drive) =>
        !used.some((volume) => volume.mountPoint.toLowerCase() === drive.mountPoint.toLowerCase()),
    ),
  ];
}
