/** Column lists in the form of `../column-table.ts`; facts: the Microsoft Learn page of each view. */

import type { ColumnTable } from '../column-table.ts';

/** Columns of the views about the instance, its host, its counters and its messages. */
export const SERVER_COLUMNS: ColumnTable = {
  'sys.dm_server_services': `
    servicename:nvarchar(256)! startup_type:int startup_type_desc:nvarchar(256)! status:int
    status_desc:nvarchar(256)! process_id:int last_startup_time:datetimeoffset(7)
    service_account:nvarchar(256)! filename:nvarchar(256)! is_clustered:nvarchar(1)!
    cluster_nodename:nvarchar(256) instant_file_initialization_enabled:nvarchar(1)!
  `,
  'sys.dm_os_performance_counters': `
    object_name:nchar(128)! counter_name:nchar(128)! instance_name:nchar(128) cntr_value:bigint!
    cntr_type:int!
  `,
  'sys.configurations': `
    configuration_id:int! name:nvarchar(35)! value:sql_variant minimum:sql_variant
    maximum:sql_variant value_in_use:sql_variant description:nvarchar(255)! is_dynamic:bit!
    is_advanced:bit!
  `,
  'sys.dm_os_host_info': `
    host_platform:nvarchar(256)!@14 host_distribution:nvarchar(256)!@14
    host_release:nvarchar(256)!@14 host_service_pack_level:nvarchar(256)!@14 host_sku:int@14
    os_language_version:int!@14 host_architecture:nvarchar(256)!
  `,
  'sys.dm_os_sys_info': `
    cpu_ticks:bigint! ms_ticks:bigint! cpu_count:int! hyperthread_ratio:int!
    physical_memory_kb:bigint! virtual_memory_kb:bigint! committed_kb:bigint!
    committed_target_kb:bigint! visible_target_kb:bigint! stack_size_in_bytes:int!
    os_quantum:bigint! os_error_mode:int! os_priority_class:int max_workers_count:int!
    scheduler_count:int! scheduler_total_count:int! deadlock_monitor_serial_number:int!
    sqlserver_start_time_ms_ticks:bigint! sqlserver_start_time:datetime! affinity_type:int!
    affinity_type_desc:nvarchar(60)! process_kernel_time_ms:bigint! process_user_time_ms:bigint!
    time_source:int! time_source_desc:nvarchar(60)! virtual_machine_type:int!
    virtual_machine_type_desc:nvarchar(60)! softnuma_configuration:int!
    softnuma_configuration_desc:nvarchar(60)! process_physical_affinity:nvarchar(3072)!@14
    sql_memory_model:int! sql_memory_model_desc:nvarchar(60)! socket_count:int!
    cores_per_socket:int! numa_node_count:int! container_type:int!@15
    container_type_desc:nvarchar(60)!@15
  `,
  'sys.dm_os_sys_memory': `
    total_physical_memory_kb:bigint! available_physical_memory_kb:bigint!
    total_page_file_kb:bigint! available_page_file_kb:bigint! system_cache_kb:bigint!
    kernel_paged_pool_kb:bigint! kernel_nonpaged_pool_kb:bigint!
    system_high_memory_signal_state:bit! system_low_memory_signal_state:bit!
    system_memory_state_desc:nvarchar(256)!
  `,
  'sys.dm_os_enumerate_fixed_drives': `
    fixed_drive_path:nvarchar(512) drive_type:int drive_type_desc:nvarchar(512)
    free_space_in_bytes:bigint
  `,
  'sys.messages': `
    message_id:int! language_id:smallint! severity:tinyint! is_event_logged:bit!
    text:nvarchar(2048)!
  `,
};
