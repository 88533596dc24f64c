/** Rows about the instance and its host: services, configuration, counters, messages. */

import { groupMessages } from '../../tsql/message-table-group.ts';
import { engineMessages } from '../../tsql/message-table.ts';
import type { PlainRow } from '../cell.ts';
import type { ViewContext, ViewTable } from '../view.ts';
import { counterRows } from './counter.ts';
import { settingRows } from './setting.ts';
import { instanceId, rootPath } from './system-database.ts';
import { driveRows } from './volume.ts';

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
  'sys.configurations': { visibility: 'everyone', rows: settingRows },
  'sys.dm_os_performance_counters': { visibility: 'performance', rows: counterRows },
  'sys.dm_os_host_info': { visibility: 'performance', since: SQL_SERVER_2017, rows: hostRows },
  'sys.dm_os_sys_info': { visibility: 'performance', unmeasured: 'zero', rows: systemRows },
  'sys.dm_os_sys_memory': { visibility: 'performance', unmeasured: 'zero', rows: memoryRows },
  'sys.dm_os_enumerate_fixed_drives': {
    visibility: 'performance',
    since: SQL_SERVER_2017,
    rows: driveRows,
  },
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
