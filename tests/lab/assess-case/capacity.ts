/** Lab cases of the rules about power, disks, builds and services. */

import type { LabDatabaseDefinition } from '../../../src/lab/definition.ts';
import { all, bothSides, type AssessCase } from './case.ts';
import { everyInstance, instances } from './definition.ts';

const GB = 1024 ** 3;
const GB_KB = 1024 ** 2;
const PAGES_OF_GB = 131_072;
const OTHER_DATABASES = 100;

const database = (name: string): LabDatabaseDefinition => ({
  name,
  sample: 'none',
  recoveryModel: 'FULL',
  fullBackup: true,
});

/** A migration of these databases only. */
const onlyAdventureworks: NonNullable<AssessCase['migration']> = (migration) => ({
  ...migration,
  databases: { kind: 'named', names: ['Adventureworks'] },
});

const powerCases: readonly AssessCase[] = [
  {
    title: 'two machines of one size with room on their disks',
    expect: [
      ...bothSides('success', [
        'WORKERS',
        'DATABASE-COUNT',
        'MEMORY-LIMIT',
        'MEMORY-SIGNAL',
        'SCHEDULERS',
        'SUPPORT',
        'UPDATES',
        'KNOWN-BUILD',
        'AGENT',
        'SERVICE-START',
        'SERVICE-IDENTITY',
        'SINGLE-USER',
        'TRACE-FLAGS',
        'SUSPECT-PAGES',
      ]),
      ...all('success', [
        'CAP-CORES',
        'CAP-MEMORY',
        'CAP-MEMORY-HELD',
        'CAP-LOCK-PAGES',
        'CAP-MAX-WORKERS',
        'CAP-TEMPDB',
        'PAIR-BUILD-MIX',
        'PAIR-AUTH-MODE',
        'PAIR-FULL-TEXT',
        'PAIR-POLYBASE',
        'PAIR-TRACE-FLAGS',
        'PAIR-PLATFORM',
        'SRC-LOG-SPACE',
        'TGT-SPACE',
        'TGT-DRIVES',
        'TGT-TEMP-DISK',
        'TGT-TEMPDB-FILES',
        'TGT-VIRTUAL-MACHINE',
      ]),
    ],
    wire: true,
  },
  {
    title: 'the target is weaker than the source in everything',
    lab: (definition) =>
      instances('source', {
        catalog: {
          'sys.dm_os_sys_info': [{ committed_kb: 24 * GB_KB, sql_memory_model_desc: 'LOCK_PAGES' }],
          'sys.master_files': [{ database_id: 2, name: 'tempdev', size: PAGES_OF_GB }],
          serverproperty: [
            { property: 'IsFullTextInstalled', value: 1 },
            { property: 'IsPolyBaseInstalled', value: 1 },
          ],
        },
      })(
        instances('target', {
          catalog: {
            'sys.dm_os_sys_info': [
              {
                cpu_count: 4,
                scheduler_count: 4,
                physical_memory_kb: 16 * GB_KB,
                virtual_machine_type_desc: 'NONE',
              },
            ],
            'sys.dm_os_host_info': [{ host_platform: 'Linux' }],
            'sys.configurations': [
              { name: 'max server memory (MB)', value: 8192, value_in_use: 8192 },
              { name: 'max worker threads', value: 256, value_in_use: 256 },
            ],
            serverproperty: [{ property: 'IsIntegratedSecurityOnly', value: 1 }],
          },
        })(definition),
      ),
    source: ['DBCC TRACEON (3226, -1)'],
    expect: [
      ...all('warning', [
        'CAP-CORES',
        'CAP-MEMORY',
        'CAP-MEMORY-HELD',
        'CAP-LOCK-PAGES',
        'CAP-MAX-WORKERS',
        'CAP-TEMPDB',
        'PAIR-FULL-TEXT',
        'PAIR-POLYBASE',
        'PAIR-PLATFORM',
        'TGT-VIRTUAL-MACHINE',
      ]),
      { rule: 'PAIR-AUTH-MODE', outcome: 'error', evidence: /Windows only/u },
      { rule: 'PAIR-TRACE-FLAGS', outcome: 'warning', evidence: /3226/u },
    ],
  },
  {
    title: 'both machines are in trouble: memory, processors, workers, services, trace flags',
    lab: everyInstance({
      catalog: {
        'sys.dm_os_sys_info': [{ scheduler_count: 4, max_workers_count: 64 }],
        'sys.dm_os_sys_memory': [{ system_low_memory_signal_state: true }],
        'msdb.dbo.suspect_pages': [
          { database_id: 4, file_id: 1, page_id: 77, event_type: 2, last_update_date: 'now-1d' },
          { database_id: 4, file_id: 1, page_id: 78, event_type: 5, last_update_date: 'now-1d' },
        ],
        'sys.configurations': [
          { name: 'max server memory (MB)', value: 2_147_483_647, value_in_use: 2_147_483_647 },
        ],
        'sys.dm_server_services': [
          {
            servicename: 'SQL Server (MSSQLSERVER)',
            service_account: 'LocalSystem',
            startup_type_desc: 'Manual',
            instant_file_initialization_enabled: 'N',
          },
          { servicename: 'SQL Server Agent (MSSQLSERVER)', status_desc: 'Stopped' },
        ],
        serverproperty: [
          { property: 'IsSingleUser', value: 1 },
          { property: 'IsClustered', value: 0 },
        ],
      },
    }),
    source: ['DBCC TRACEON (9571, -1)'],
    target: ['DBCC TRACEON (1462, -1)'],
    expect: [
      ...bothSides('warning', [
        'WORKERS',
        'MEMORY-LIMIT',
        'MEMORY-SIGNAL',
        'SCHEDULERS',
        'AGENT',
        'SERVICE-START',
        'SERVICE-IDENTITY',
        'TRACE-FLAGS',
      ]),
      ...bothSides('error', ['SINGLE-USER', 'SUSPECT-PAGES']),
      ...all('warning', ['TGT-IFI']),
    ],
  },
  {
    title: `${OTHER_DATABASES} databases of each server are in availability groups already`,
    lab: everyInstance({
      catalog: {
        'sys.databases': Array.from({ length: OTHER_DATABASES }, (_each, index) => ({
          database_id: 1000 + index,
          name: `D${index}`,
          state_desc: 'ONLINE',
          recovery_model_desc: 'FULL',
          group_database_id: '11111111-1111-1111-1111-111111111111',
        })),
      },
    }),
    expect: bothSides('warning', ['DATABASE-COUNT']),
  },
  {
    title: 'the files of the source lie outside its default folders',
    expect: [
      {
        rule: 'TGT-PATHS',
        outcome: 'warning',
        evidence: /\[F:\\SQLData\], \[G:\\SQLLog\]/u,
        remedy: /sys\.dm_os_file_exists\(N'F:\\SQLData'\)/u,
      },
    ],
  },
];

const diskCases: readonly AssessCase[] = [
  {
    title: 'the target lacks a drive, another is full, the default folder is on the temporary disk',
    lab: instances('target', {
      catalog: {
        'sys.dm_os_volume_stats': [
          { volume_mount_point: 'F:\\', total_bytes: 0 },
          { volume_mount_point: 'G:\\', available_bytes: 1024 },
          {
            volume_mount_point: 'C:\\',
            logical_volume_name: 'Temporary Storage',
          },
        ],
        'sys.master_files': [{ database_id: 2, name: 'temp2', size: PAGES_OF_GB }],
      },
    }),
    expect: [
      { rule: 'TGT-DRIVES', outcome: 'error', evidence: /no drive F:\\/u },
      { rule: 'TGT-SPACE', outcome: 'error', evidence: /G:\\ needs 8\.0 MB/u },
      { rule: 'TGT-TEMP-DISK', outcome: 'error' },
      ...all('warning', ['TGT-TEMPDB-FILES']),
    ],
  },
  {
    title: 'files in the default folder of the source come to the system disk of the target',
    lab: instances('source', {
      catalog: {
        serverproperty: [{ property: 'InstanceDefaultDataPath', value: 'F:\\SQLData\\' }],
      },
    }),
    expect: [
      {
        rule: 'TGT-SYSTEM-DISK',
        outcome: 'warning',
        evidence: /1 of 2 file\(s\) come to drive C/u,
      },
    ],
  },
  {
    title: 'the volumes of the logs are nearly full on both sides',
    lab: (definition) =>
      everyInstance({
        catalog: {
          'sys.dm_os_volume_stats': [{ volume_mount_point: 'G:\\', available_bytes: 20 * GB }],
        },
      })(instances('target', { databases: [database('Archive')] })(definition)),
    migration: onlyAdventureworks,
    expect: bothSides('warning', ['LOG-SPACE']),
  },
  {
    title: 'the target has a database of its own, and data disks for the others',
    lab: instances('target', {
      databases: [database('Archive')],
      catalog: {
        serverproperty: [
          { property: 'InstanceDefaultDataPath', value: 'F:\\SQLData\\' },
          { property: 'InstanceDefaultLogPath', value: 'G:\\SQLLog\\' },
        ],
      },
    }),
    migration: onlyAdventureworks,
    expect: all('success', ['TGT-LOG-SPACE', 'TGT-SYSTEM-DISK', 'TGT-PATHS']),
  },
];

const versions = (source: string, target: string): NonNullable<AssessCase['lab']> => {
  const property = (value: string) => ({
    release: 2019 as const,
    catalog: { serverproperty: [{ property: 'ProductVersion', value }] },
  });
  return (definition) =>
    instances('source', property(source))(instances('target', property(target))(definition));
};

const buildCases: readonly AssessCase[] = [
  {
    title: 'SQL Server 2019 is before CU20 on one side only',
    lab: versions('15.0.4298.1', '15.0.4312.2'),
    expect: [
      { rule: 'PAIR-BUILD-MIX', outcome: 'warning', evidence: /no database is concerned/u },
      { rule: 'PAIR-BUILD', outcome: 'warning' },
    ],
  },
  {
    title: 'SQL Server 2019 has a cumulative update that was taken back',
    lab: versions('15.0.4063.15', '15.0.4063.15'),
    expect: bothSides('warning', ['KNOWN-BUILD']),
  },
  {
    title: 'SQL Server 2019 has no cumulative update',
    lab: versions('15.0.2000.5', '15.0.2000.5'),
    expect: bothSides('warning', ['UPDATES']),
  },
];

/** The cases. */
export const capacityCases: readonly AssessCase[] = [...powerCases, ...diskCases, ...buildCases];
