/** Rows about the instance and its host: services, configuration, counters, messages. */

import { groupMessages } from '../../tsql/message-table-group.ts';
import { engineMessages } from '../../tsql/message-table.ts';
import type { PlainRow } from '../cell.ts';
import type { ViewContext, ViewTable } from '../view.ts';
import { counterRows } from './counter.ts';
import { instanceId, rootPath } from './system-database.ts';

const ENGLISH = 1033;
const SQL_SERVER_2017 = 14;
const GB_KB = 1_048_576;
const PROCESSORS = 8;
/** `status` of a service. */
const STOPPED = 1;
const RUNNING = 4;
const WORKERS = 576;
const MEMORY_KB = 32 * GB_KB;

/** Views about the instance and its host. */
export const serverViews: ViewTable = {
  'sys.dm_server_services': { visibility: 'security', rows: serviceRows },
  'sys.configurations': { visibility: 'everyone', rows: configurationRows },
  'sys.dm_os_performance_counters': { visibility: 'performance', rows: counterRows },
  'sys.dm_os_host_info': { visibility: 'performance', since: SQL_SERVER_2017, rows: hostRows },
  'sys.dm_os_sys_info': { visibility: 'performance', unmeasured: 'zero', rows: systemRows },
  'sys.dm_os_sys_memory': { visibility: 'performance', unmeasured: 'zero', rows: memoryRows },
  'sys.messages': { visibility: 'everyone', rows: messageRows },
};

function* serviceRows({ instance, record }: ViewContext): Iterable<PlainRow> {
  const id = instanceId(instance);
  const services = [
    {
      name: `SQL Server (${id})`,
      account: instance.serviceAccount,
      file: 'sqlservr.exe',
      running: true,
    },
    {
      name: `SQL Server Agent (${id})`,
      account: instance.serviceAccount,
      file: 'SQLAGENT.EXE',
      running: record.agent.running,
    },
  ];
  for (const service of services) {
    yield {
      servicename: service.name,
      startup_type: 2,
      startup_type_desc: 'Automatic',
      status: service.running ? RUNNING : STOPPED,
      status_desc: service.running ? 'Running' : 'Stopped',
      process_id: service.running ? 4242 : null,
      last_startup_time: service.running ? instance.startedAt : null,
      service_account: service.account,
      filename: `"${rootPath(instance)}Binn\\${service.file}" -s${id}`,
      is_clustered: 'N',
      instant_file_initialization_enabled: 'Y',
    };
  }
}

interface Setting {
  readonly id: number;
  readonly name: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly advanced: boolean;
}

const MAX_INT = 2_147_483_647;

const SETTINGS: readonly Setting[] = [
  { id: 124, name: 'default language', value: 0, minimum: 0, maximum: 9999, advanced: false },
  { id: 503, name: 'max worker threads', value: 0, minimum: 128, maximum: 65_535, advanced: true },
  {
    id: 1538,
    name: 'cost threshold for parallelism',
    value: 5,
    minimum: 0,
    maximum: 32_767,
    advanced: true,
  },
  {
    id: 1539,
    name: 'max degree of parallelism',
    value: 8,
    minimum: 0,
    maximum: 32_767,
    advanced: true,
  },
  {
    id: 1544,
    name: 'max server memory (MB)',
    value: 28_672,
    minimum: 128,
    maximum: MAX_INT,
    advanced: true,
  },
  { id: 1562, name: 'clr enabled', value: 0, minimum: 0, maximum: 1, advanced: false },
  { id: 1576, name: 'remote admin connections', value: 0, minimum: 0, maximum: 1, advanced: false },
  {
    id: 1579,
    name: 'backup compression default',
    value: 0,
    minimum: 0,
    maximum: 1,
    advanced: false,
  },
  { id: 1580, name: 'filestream access level', value: 0, minimum: 0, maximum: 2, advanced: false },
  { id: 16_390, name: 'xp_cmdshell', value: 0, minimum: 0, maximum: 1, advanced: true },
  {
    id: 16_391,
    name: 'Ad Hoc Distributed Queries',
    value: 0,
    minimum: 0,
    maximum: 1,
    advanced: true,
  },
  {
    id: 16_393,
    name: 'contained database authentication',
    value: 0,
    minimum: 0,
    maximum: 1,
    advanced: false,
  },
];

function* configurationRows(): Iterable<PlainRow> {
  for (const setting of SETTINGS) {
    yield {
      configuration_id: setting.id,
      name: setting.name,
      value: variantInt(setting.value),
      minimum: variantInt(setting.minimum),
      maximum: variantInt(setting.maximum),
      value_in_use: variantInt(setting.value),
      description: setting.name,
      is_dynamic: true,
      is_advanced: setting.advanced,
    };
  }
}

function variantInt(value: number) {
  return { kind: 'variant', type: { kind: 'int' }, value } as const;
}

function* hostRows(): Iterable<PlainRow> {
  yield {
    host_platform: 'Windows',
    host_distribution: 'Windows Server 2022 Standard (sqlferry lab)',
    host_release: '10.0',
    host_service_pack_level: '',
    host_sku: 7,
    os_language_version: ENGLISH,
    host_architecture: 'X64',
  };
}

function* systemRows({ instance, now }: ViewContext): Iterable<PlainRow> {
  yield {
    ms_ticks: Math.round(now - instance.startedAt),
    cpu_count: PROCESSORS,
    hyperthread_ratio: PROCESSORS,
    physical_memory_kb: MEMORY_KB,
    virtual_memory_kb: MEMORY_KB,
    committed_kb: GB_KB,
    committed_target_kb: MEMORY_KB,
    visible_target_kb: MEMORY_KB,
    max_workers_count: WORKERS,
    scheduler_count: PROCESSORS,
    scheduler_total_count: PROCESSORS,
    sqlserver_start_time: instance.startedAt,
    affinity_type: 2,
    affinity_type_desc: 'AUTO',
    time_source_desc: 'QUERY_PERFORMANCE_COUNTER',
    virtual_machine_type: 1,
    virtual_machine_type_desc: 'HYPERVISOR',
    softnuma_configuration_desc: 'OFF',
    sql_memory_model: 1,
    sql_memory_model_desc: 'CONVENTIONAL',
    socket_count: 1,
    cores_per_socket: PROCESSORS,
    numa_node_count: 1,
    container_type_desc: 'NONE',
  };
}

function* memoryRows(): Iterable<PlainRow> {
  yield {
    total_physical_memory_kb: MEMORY_KB,
    available_physical_memory_kb: MEMORY_KB / 2,
    total_page_file_kb: MEMORY_KB,
    available_page_file_kb: MEMORY_KB,
    system_high_memory_signal_state: true,
    system_memory_state_desc: 'Available physical memory is high',
  };
}

function* messageRows(): Iterable<PlainRow> {
  for (const table of [engineMessages, groupMessages]) {
    for (const [number, template] of Object.entries(table)) {
      if (template !== undefined) {
        yield {
          message_id: Number(number),
          language_id: ENGLISH,
          severity: template.severity,
          is_event_logged: false,
          text: template.text,
        };
      }
    }
  }
}
