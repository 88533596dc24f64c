/** Column lists in the form of `../column-table.ts`; facts: the Microsoft Learn page of each view. */

import type { ColumnTable } from '../column-table.ts';

const OBJECT = `
    name:sysname! object_id:int! principal_id:int schema_id:int! parent_object_id:int! type:char(2)
    type_desc:nvarchar(60) create_date:datetime! modify_date:datetime! is_ms_shipped:bit!
    is_published:bit! is_schema_published:bit!`;

/** Columns of the views about objects of the server that no database carries along. */
export const SERVER_OBJECT_COLUMNS: ColumnTable = {
  'sys.servers': `
    server_id:int! name:sysname! product:sysname! provider:sysname! data_source:nvarchar(4000)
    location:nvarchar(4000) provider_string:nvarchar(4000) catalog:sysname connect_timeout:int
    query_timeout:int is_linked:bit! is_remote_login_enabled:bit! is_rpc_out_enabled:bit!
    is_data_access_enabled:bit! is_collation_compatible:bit! uses_remote_collation:bit!
    collation_name:sysname lazy_schema_validation:bit! is_system:bit! is_publisher:bit!
    is_subscriber:bit is_distributor:bit is_nonsql_subscriber:bit
    is_remote_proc_transaction_promotion_enabled:bit modify_date:datetime! is_rda_server:bit
  `,
  'sys.linked_logins': `
    server_id:int! local_principal_id:int uses_self_credential:bit! remote_name:sysname
    modify_date:datetime!
  `,
  'sys.credentials': `
    credential_id:int! name:sysname! credential_identity:nvarchar(4000) create_date:datetime!
    modify_date:datetime! target_type:nvarchar(100) target_id:int
  `,
  'sys.cryptographic_providers': `
    provider_id:int! name:sysname! guid:uniqueidentifier version:nvarchar(50)
    dll_path:nvarchar(512) is_enabled:bit
  `,
  'sys.server_triggers': `
    name:sysname! object_id:int! parent_class:tinyint! parent_class_desc:nvarchar(60)
    parent_id:int! type:char(2)! type_desc:nvarchar(60) create_date:datetime!
    modify_date:datetime! is_ms_shipped:bit! is_disabled:bit!
  `,
  'sys.server_audits': `
    audit_id:int! name:sysname! audit_guid:uniqueidentifier create_date:datetime!
    modify_date:datetime! principal_id:int type:char(2)! type_desc:nvarchar(60) on_failure:tinyint
    on_failure_desc:nvarchar(60) is_state_enabled:bit queue_delay:int predicate:nvarchar(3000)
  `,
  'sys.server_audit_specifications': `
    server_specification_id:int! name:sysname! create_date:datetime! modify_date:datetime!
    audit_guid:uniqueidentifier is_state_enabled:bit
  `,
  'sys.server_event_sessions': `
    event_session_id:int! name:sysname! event_retention_mode:nchar(1)
    event_retention_mode_desc:nvarchar(60) max_dispatch_latency:int max_memory:int
    max_event_size:int memory_partition_mode:nchar(1) memory_partition_mode_desc:nvarchar(60)
    track_causality:bit startup_state:bit
  `,
  'sys.resource_governor_configuration': `
    classifier_function_id:int! is_enabled:bit! max_outstanding_io_per_volume:int!
  `,
  'sys.resource_governor_resource_pools': `
    pool_id:int! name:sysname! min_cpu_percent:int! max_cpu_percent:int! min_memory_percent:int!
    max_memory_percent:int! cap_cpu_percent:int! min_iops_per_volume:int! max_iops_per_volume:int!
  `,
  'sys.resource_governor_workload_groups': `
    group_id:int! name:sysname! importance:sysname! request_max_memory_grant_percent:int!
    request_max_cpu_time_sec:int! request_memory_grant_timeout_sec:int! max_dop:int!
    group_max_requests:int! pool_id:int! external_pool_id:int!
  `,
  'sys.backup_devices': `
    name:sysname! type:tinyint! type_desc:nvarchar(60) physical_name:nvarchar(260)!
  `,
  'sys.procedures': `${OBJECT} is_auto_executed:bit! is_execution_replicated:bit
    is_repl_serializable_only:bit skips_repl_constraints:bit
  `,
  'msdb.dbo.sysoperators': `
    id:int! name:sysname! enabled:tinyint! email_address:nvarchar(100) last_email_date:int!
    last_email_time:int! pager_address:nvarchar(100) last_pager_date:int! last_pager_time:int!
    weekday_pager_start_time:int! weekday_pager_end_time:int! saturday_pager_start_time:int!
    saturday_pager_end_time:int! sunday_pager_start_time:int! sunday_pager_end_time:int!
    pager_days:tinyint! netsend_address:nvarchar(100) last_netsend_date:int! last_netsend_time:int!
    category_id:int!
  `,
  'msdb.dbo.sysalerts': `
    id:int! name:sysname! event_source:nvarchar(100)! event_category_id:int event_id:int
    message_id:int! severity:int! enabled:tinyint! delay_between_responses:int!
    last_occurrence_date:int! last_occurrence_time:int! last_response_date:int!
    last_response_time:int! notification_message:nvarchar(512) include_event_description:tinyint!
    database_name:nvarchar(512) event_description_keyword:nvarchar(100) occurrence_count:int!
    count_reset_date:int! count_reset_time:int! job_id:uniqueidentifier! has_notification:int!
    flags:int! performance_condition:nvarchar(512) category_id:int!
  `,
  'msdb.dbo.sysproxies': `
    proxy_id:int! name:sysname! credential_id:int! enabled:tinyint! description:nvarchar(512)
    user_sid:varbinary(85)! credential_date_created:datetime!
  `,
  'msdb.dbo.suspect_pages': `
    database_id:int! file_id:int! page_id:bigint! event_type:int! error_count:int!
    last_update_date:datetime!
  `,
  'msdb.dbo.sysmail_profile': `
    profile_id:int! name:sysname! description:nvarchar(256) last_mod_datetime:datetime!
    last_mod_user:sysname!
  `,
  'msdb.dbo.sysmail_account': `
    account_id:int! name:sysname! description:nvarchar(256) email_address:nvarchar(128)!
    display_name:nvarchar(128) replyto_address:nvarchar(128) last_mod_datetime:datetime!
    last_mod_user:sysname!
  `,
};
