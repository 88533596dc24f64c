/** Column lists in the form of `../column-table.ts`; facts: the Microsoft Learn page of each view. */

import type { ColumnTable } from '../column-table.ts';

/** Columns of the views about sessions, transactions and locks. */
export const ACTIVITY_COLUMNS: ColumnTable = {
  'sys.dm_exec_connections': `
    session_id:int most_recent_session_id:int connect_time:datetime! net_transport:nvarchar(40)!
    protocol_type:nvarchar(40) protocol_version:int endpoint_id:int encrypt_option:nvarchar(40)!
    auth_scheme:nvarchar(40)! node_affinity:smallint! num_reads:int num_writes:int
    last_read:datetime last_write:datetime net_packet_size:int client_net_address:varchar(48)
    client_tcp_port:int local_net_address:varchar(48) local_tcp_port:int
    connection_id:uniqueidentifier! parent_connection_id:uniqueidentifier
    most_recent_sql_handle:varbinary(64)
  `,
  'sys.dm_exec_sessions': `
    session_id:smallint! login_time:datetime! host_name:nvarchar(128) program_name:nvarchar(128)
    host_process_id:int client_version:int client_interface_name:nvarchar(32)
    security_id:varbinary(85)! login_name:nvarchar(128)! nt_domain:nvarchar(128)
    nt_user_name:nvarchar(128) status:nvarchar(30)! context_info:varbinary(128) cpu_time:int!
    memory_usage:int! total_scheduled_time:int! total_elapsed_time:int! endpoint_id:int!
    last_request_start_time:datetime! last_request_end_time:datetime reads:bigint!
    writes:bigint! logical_reads:bigint! is_user_process:bit! text_size:int!
    language:nvarchar(128) date_format:nvarchar(3) date_first:smallint! quoted_identifier:bit!
    arithabort:bit! ansi_null_dflt_on:bit! ansi_defaults:bit! ansi_warnings:bit!
    ansi_padding:bit! ansi_nulls:bit! concat_null_yields_null:bit!
    transaction_isolation_level:smallint! lock_timeout:int! deadlock_priority:int!
    row_count:bigint! prev_error:int! original_security_id:varbinary(85)!
    original_login_name:nvarchar(128)! last_successful_logon:datetime
    last_unsuccessful_logon:datetime unsuccessful_logons:bigint group_id:int!
    database_id:smallint! authenticating_database_id:int open_transaction_count:int!
    page_server_reads:bigint! contained_availability_group_id:uniqueidentifier@16
  `,
  'sys.dm_exec_requests': `
    session_id:smallint! request_id:int! start_time:datetime! status:nvarchar(30)!
    command:nvarchar(32)! sql_handle:varbinary(64) statement_start_offset:int
    statement_end_offset:int plan_handle:varbinary(64) database_id:smallint! user_id:int!
    connection_id:uniqueidentifier blocking_session_id:smallint wait_type:nvarchar(60)
    wait_time:int! last_wait_type:nvarchar(60)! wait_resource:nvarchar(256)!
    open_transaction_count:int! open_resultset_count:int! transaction_id:bigint!
    context_info:varbinary(128) percent_complete:real! estimated_completion_time:bigint!
    cpu_time:int! total_elapsed_time:int! scheduler_id:int task_address:varbinary(8)
    reads:bigint! writes:bigint! logical_reads:bigint! text_size:int! language:nvarchar(128)
    date_format:nvarchar(3) date_first:smallint! quoted_identifier:bit! arithabort:bit!
    ansi_null_dflt_on:bit! ansi_defaults:bit! ansi_warnings:bit! ansi_padding:bit!
    ansi_nulls:bit! concat_null_yields_null:bit! transaction_isolation_level:smallint!
    lock_timeout:int! deadlock_priority:int! row_count:bigint! prev_error:int! nest_level:int!
    granted_query_memory:int! executing_managed_code:bit! group_id:int! query_hash:binary(8)
    query_plan_hash:binary(8) statement_sql_handle:varbinary(64) statement_context_id:bigint
    dop:int! parallel_worker_count:int external_script_request_id:uniqueidentifier
    is_resumable:bit!@14 page_resource:binary(8)@15 page_server_reads:bigint!
    dist_statement_id:uniqueidentifier label:nvarchar(255)
  `,
  'sys.dm_tran_active_transactions': `
    transaction_id:bigint! name:nvarchar(32)! transaction_begin_time:datetime!
    transaction_type:int! transaction_uow:uniqueidentifier transaction_state:int!
    transaction_status:int! transaction_status2:int! dtc_state:int! dtc_status:int!
    dtc_isolation_level:int! filestream_transaction_id:varbinary(128)
  `,
  'sys.dm_tran_session_transactions': `
    session_id:int! transaction_id:bigint! transaction_descriptor:binary(8)! enlist_count:int!
    is_user_transaction:bit! is_local:bit! is_enlisted:bit! is_bound:bit!
    open_transaction_count:int!
  `,
  'sys.dm_tran_database_transactions': `
    transaction_id:bigint! database_id:int! database_transaction_begin_time:datetime
    database_transaction_type:int! database_transaction_state:int!
    database_transaction_status:int! database_transaction_status2:int!
    database_transaction_log_record_count:bigint!
    database_transaction_replicate_record_count:int! database_transaction_log_bytes_used:bigint!
    database_transaction_log_bytes_reserved:bigint!
    database_transaction_log_bytes_used_system:int!
    database_transaction_log_bytes_reserved_system:int!
    database_transaction_begin_lsn:numeric(25,0) database_transaction_last_lsn:numeric(25,0)
    database_transaction_most_recent_savepoint_lsn:numeric(25,0)
    database_transaction_commit_lsn:numeric(25,0)
    database_transaction_last_rollback_lsn:numeric(25,0)
    database_transaction_next_undo_lsn:numeric(25,0)
  `,
  'sys.dm_tran_locks': `
    resource_type:nvarchar(60)! resource_subtype:nvarchar(60)! resource_database_id:int!
    resource_description:nvarchar(256)! resource_associated_entity_id:bigint
    resource_lock_partition:int! request_mode:nvarchar(60)! request_type:nvarchar(60)!
    request_status:nvarchar(60)! request_reference_count:smallint! request_lifetime:int!
    request_session_id:int! request_exec_context_id:int! request_request_id:int!
    request_owner_type:nvarchar(60)! request_owner_id:bigint request_owner_guid:uniqueidentifier
    request_owner_lockspace_id:nvarchar(32)! lock_owner_address:varbinary(8)!
  `,
};
