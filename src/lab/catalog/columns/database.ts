/** Column lists in the form of `../column-table.ts`; facts: the Microsoft Learn page of each view. */

import type { ColumnTable } from '../column-table.ts';

/** Columns of the views about databases, files and backups. */
export const DATABASE_COLUMNS: ColumnTable = {
  'sys.databases': `
    name:sysname! database_id:int! source_database_id:int owner_sid:varbinary(85)
    create_date:datetime! compatibility_level:tinyint! collation_name:sysname
    user_access:tinyint user_access_desc:nvarchar(60) is_read_only:bit is_auto_close_on:bit!
    is_auto_shrink_on:bit state:tinyint state_desc:nvarchar(60) is_in_standby:bit
    is_cleanly_shutdown:bit is_supplemental_logging_enabled:bit snapshot_isolation_state:tinyint
    snapshot_isolation_state_desc:nvarchar(60) is_read_committed_snapshot_on:bit
    recovery_model:tinyint recovery_model_desc:nvarchar(60) page_verify_option:tinyint
    page_verify_option_desc:nvarchar(60) is_auto_create_stats_on:bit
    is_auto_create_stats_incremental_on:bit is_auto_update_stats_on:bit
    is_auto_update_stats_async_on:bit is_ansi_null_default_on:bit is_ansi_nulls_on:bit
    is_ansi_padding_on:bit is_ansi_warnings_on:bit is_arithabort_on:bit
    is_concat_null_yields_null_on:bit is_numeric_roundabort_on:bit is_quoted_identifier_on:bit
    is_recursive_triggers_on:bit is_cursor_close_on_commit_on:bit is_local_cursor_default:bit
    is_fulltext_enabled:bit is_trustworthy_on:bit is_db_chaining_on:bit
    is_parameterization_forced:bit is_master_key_encrypted_by_server:bit! is_query_store_on:bit
    is_published:bit! is_subscribed:bit! is_merge_published:bit! is_distributor:bit!
    is_sync_with_backup:bit! service_broker_guid:uniqueidentifier! is_broker_enabled:bit!
    log_reuse_wait:tinyint log_reuse_wait_desc:nvarchar(60) is_date_correlation_on:bit!
    is_cdc_enabled:bit! is_encrypted:bit is_honor_broker_priority_on:bit
    replica_id:uniqueidentifier group_database_id:uniqueidentifier resource_pool_id:int
    default_language_lcid:smallint default_language_name:nvarchar(128)
    default_fulltext_language_lcid:int default_fulltext_language_name:nvarchar(128)
    is_nested_triggers_on:bit is_transform_noise_words_on:bit two_digit_year_cutoff:smallint
    containment:tinyint containment_desc:nvarchar(60) target_recovery_time_in_seconds:int
    delayed_durability:int delayed_durability_desc:nvarchar(60)
    is_memory_optimized_elevate_to_snapshot_on:bit is_federation_member:bit
    is_remote_data_archive_enabled:bit is_mixed_page_allocation_on:bit
    is_temporal_history_retention_enabled:bit catalog_collation_type:int!
    catalog_collation_type_desc:nvarchar(60) physical_database_name:nvarchar(128)
    is_result_set_caching_on:bit is_accelerated_database_recovery_on:bit@15
    is_tempdb_spill_to_remote_store:bit is_stale_page_detection_on:bit
    is_memory_optimized_enabled:bit is_data_retention_enabled:bit@15 is_ledger_on:bit@16
    is_change_feed_enabled:bit@16
  `,
  'sys.master_files': `
    database_id:int! file_id:int! file_guid:uniqueidentifier type:tinyint!
    type_desc:nvarchar(60) data_space_id:int! name:sysname physical_name:nvarchar(260)!
    state:tinyint state_desc:nvarchar(60) size:int! max_size:int! growth:int!
    is_media_read_only:bit! is_read_only:bit! is_sparse:bit! is_percent_growth:bit!
    is_name_reserved:bit! is_persistent_log_buffer:bit! create_lsn:numeric(25,0)
    drop_lsn:numeric(25,0) read_only_lsn:numeric(25,0) read_write_lsn:numeric(25,0)
    differential_base_lsn:numeric(25,0) differential_base_guid:uniqueidentifier
    differential_base_time:datetime redo_start_lsn:numeric(25,0)
    redo_start_fork_guid:uniqueidentifier redo_target_lsn:numeric(25,0)
    redo_target_fork_guid:uniqueidentifier backup_lsn:numeric(25,0) credential_id:int
  `,
  'sys.database_files': `
    file_id:int! file_guid:uniqueidentifier type:tinyint! type_desc:nvarchar(60)
    data_space_id:int! name:sysname physical_name:nvarchar(260) state:tinyint
    state_desc:nvarchar(60) size:int! max_size:int! growth:int! is_media_read_only:bit!
    is_read_only:bit! is_sparse:bit! is_percent_growth:bit! is_name_reserved:bit!
    is_persistent_log_buffer:bit! create_lsn:numeric(25,0) drop_lsn:numeric(25,0)
    read_only_lsn:numeric(25,0) read_write_lsn:numeric(25,0) differential_base_lsn:numeric(25,0)
    differential_base_guid:uniqueidentifier differential_base_time:datetime
    redo_start_lsn:numeric(25,0) redo_start_fork_guid:uniqueidentifier
    redo_target_lsn:numeric(25,0) redo_target_fork_guid:uniqueidentifier
    backup_lsn:numeric(25,0)
  `,
  'sys.database_recovery_status': `
    database_id:int! database_guid:uniqueidentifier family_guid:uniqueidentifier
    last_log_backup_lsn:numeric(25,0) recovery_fork_guid:uniqueidentifier
    first_recovery_fork_guid:uniqueidentifier fork_point_lsn:numeric(25,0)
  `,
  'sys.database_mirroring': `
    database_id:int! mirroring_guid:uniqueidentifier mirroring_state:tinyint
    mirroring_state_desc:nvarchar(60) mirroring_role:tinyint mirroring_role_desc:nvarchar(60)
    mirroring_role_sequence:int mirroring_safety_level:tinyint
    mirroring_safety_level_desc:nvarchar(60) mirroring_safety_sequence:int
    mirroring_partner_name:nvarchar(128) mirroring_partner_instance:nvarchar(128)
    mirroring_witness_name:nvarchar(128) mirroring_witness_state:tinyint
    mirroring_witness_state_desc:nvarchar(60) mirroring_failover_lsn:numeric(25,0)
    mirroring_connection_timeout:int mirroring_redo_queue:int
    mirroring_redo_queue_type:nvarchar(60) mirroring_end_of_log_lsn:numeric(25,0)
    mirroring_replication_lsn:numeric(25,0)
  `,
  'sys.dm_db_log_space_usage': `
    database_id:int total_log_size_in_bytes:bigint used_log_space_in_bytes:bigint
    used_log_space_in_percent:real log_space_in_bytes_since_last_backup:bigint
  `,
  'sys.dm_db_persisted_sku_features': `
    feature_name:nvarchar(4000) feature_id:int!
  `,
  'sys.dm_database_encryption_keys': `
    database_id:int encryption_state:int create_date:datetime regenerate_date:datetime
    modify_date:datetime set_date:datetime opened_date:datetime key_algorithm:nvarchar(128)
    key_length:int encryptor_thumbprint:varbinary(20) encryptor_type:nvarchar(128)
    percent_complete:real encryption_state_desc:nvarchar(128)@15 encryption_scan_state:int@15
    encryption_scan_state_desc:nvarchar(128)@15 encryption_scan_modify_date:datetime@15
  `,
};
