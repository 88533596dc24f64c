/**
 * Column lists in the form of `../column-table.ts`; facts: the Microsoft Learn page of each view.
 *
 * Views about what a database uses. The lab acts none of it out: their rows are those that the
 * definition states (`../../declared.ts`).
 */

import type { ColumnTable } from '../column-table.ts';

const OBJECT = `
    name:sysname! object_id:int! principal_id:int schema_id:int! parent_object_id:int!
    type:char(2) type_desc:nvarchar(60) create_date:datetime! modify_date:datetime!
    is_ms_shipped:bit! is_published:bit! is_schema_published:bit!`;

/** Columns of views that show the database they are read in. */
const OF_ONE_DATABASE: ColumnTable = {
  'sys.filegroups': `
    name:sysname! data_space_id:int! type:char(2)! type_desc:nvarchar(60) is_default:bit
    is_system:bit filegroup_guid:uniqueidentifier log_filegroup_id:int is_read_only:bit
    is_autogrow_all_files:bit
  `,
  'sys.database_query_store_options': `
    desired_state:smallint! desired_state_desc:nvarchar(60) actual_state:smallint!
    actual_state_desc:nvarchar(60) readonly_reason:int current_storage_size_mb:bigint
    flush_interval_seconds:bigint interval_length_minutes:bigint max_storage_size_mb:bigint
    stale_query_threshold_days:bigint max_plans_per_query:bigint query_capture_mode:smallint!
    query_capture_mode_desc:nvarchar(60) size_based_cleanup_mode:smallint!
    size_based_cleanup_mode_desc:nvarchar(60) wait_stats_capture_mode:smallint@14
    wait_stats_capture_mode_desc:nvarchar(60)@14
  `,
  'sys.assemblies': `
    name:sysname! principal_id:int assembly_id:int! clr_name:nvarchar(4000)
    permission_set:tinyint permission_set_desc:nvarchar(60) is_visible:bit!
    create_date:datetime! modify_date:datetime! is_user_defined:bit
  `,
  'sys.external_data_sources': `
    data_source_id:int! name:sysname! location:nvarchar(4000)! type_desc:nvarchar(255)
    type:tinyint! resource_manager_location:nvarchar(4000) credential_id:int
    database_name:sysname shard_map_name:sysname connection_options:nvarchar(4000)@15
    pushdown:nvarchar(256)@15
  `,
  'sys.database_scoped_credentials': `
    name:sysname! principal_id:int credential_id:int! credential_identity:nvarchar(4000)
    create_date:datetime! modify_date:datetime! target_type:nvarchar(100) target_id:int
  `,
  'sys.database_scoped_configurations': `
    configuration_id:int! name:nvarchar(60)! value:sql_variant value_for_secondary:sql_variant
    is_value_default:bit@14
  `,
  'sys.fulltext_catalogs': `
    fulltext_catalog_id:int! name:sysname! path:nvarchar(260) is_default:bit!
    is_accent_sensitivity_on:bit! data_space_id:int file_id:int principal_id:int
    is_importing:bit!
  `,
  'sys.service_queues': `${OBJECT}
    max_readers:smallint activation_procedure:nvarchar(776) execute_as_principal_id:int
    is_activation_enabled:bit! is_receive_enabled:bit! is_enqueue_enabled:bit!
    is_retention_enabled:bit! is_poison_message_handling_enabled:bit
  `,
  'sys.conversation_endpoints': `
    conversation_handle:uniqueidentifier! conversation_id:uniqueidentifier! is_initiator:tinyint
    service_contract_id:int! conversation_group_id:uniqueidentifier! service_id:int!
    lifetime:datetime! state:char(2)! state_desc:nvarchar(60) far_service:nvarchar(256)
    far_broker_instance:nvarchar(128)
  `,
  'sys.sql_expression_dependencies': `
    referencing_id:int! referencing_minor_id:int! referencing_class:tinyint
    referencing_class_desc:nvarchar(60) is_schema_bound_reference:bit! referenced_class:tinyint
    referenced_class_desc:nvarchar(60) referenced_server_name:sysname
    referenced_database_name:sysname referenced_schema_name:sysname referenced_entity_name:sysname!
    referenced_id:int referenced_minor_id:int! is_caller_dependent:bit! is_ambiguous:bit!
  `,
  'sys.synonyms': `${OBJECT}
    base_object_name:nvarchar(1035)
  `,
  'sys.database_audit_specifications': `
    database_specification_id:int! name:sysname! create_date:datetime! modify_date:datetime!
    audit_guid:uniqueidentifier is_state_enabled:bit
  `,
  'sys.filetables': `
    object_id:int! is_enabled:bit! directory_name:nvarchar(255) filename_collation_id:int!
    filename_collation_name:sysname
  `,
  'sys.asymmetric_keys': `
    name:sysname! principal_id:int asymmetric_key_id:int! pvt_key_encryption_type:char(2)!
    pvt_key_encryption_type_desc:nvarchar(60) thumbprint:varbinary(32)! algorithm:char(2)!
    algorithm_desc:nvarchar(60) key_length:int! sid:varbinary(85) string_sid:nvarchar(128)
    public_key:varbinary(max)! attested_by:nvarchar(260) provider_type:nvarchar(120)
    cryptographic_provider_guid:uniqueidentifier cryptographic_provider_algid:sql_variant
  `,
  'sys.dm_db_xtp_table_memory_stats': `
    object_id:int memory_allocated_for_table_kb:bigint memory_used_by_table_kb:bigint
    memory_allocated_for_indexes_kb:bigint memory_used_by_indexes_kb:bigint
  `,
};

/** Columns of views that show every database of the instance. */
const OF_ALL_DATABASES: ColumnTable = {
  'sys.change_tracking_databases': `
    database_id:int! is_auto_cleanup_on:tinyint retention_period:int retention_period_units:tinyint
    retention_period_units_desc:nvarchar(60)
  `,
  'msdb.dbo.cdc_jobs': `
    database_id:int! job_type:nvarchar(20)! job_id:uniqueidentifier maxtrans:int maxscans:int
    continuous:bit pollinginterval:bigint retention:bigint threshold:bigint
  `,
  'msdb.dbo.log_shipping_primary_databases': `
    primary_id:uniqueidentifier! primary_database:sysname! backup_directory:nvarchar(500)!
    backup_share:nvarchar(500)! backup_retention_period:int! backup_job_id:uniqueidentifier!
    monitor_server:sysname! user_specified_monitor:bit monitor_server_security_mode:bit!
    last_backup_file:nvarchar(500) last_backup_date:datetime backup_compression:tinyint!
  `,
  'msdb.dbo.log_shipping_secondary_databases': `
    secondary_database:sysname! secondary_id:uniqueidentifier! restore_delay:int!
    restore_all:bit! restore_mode:bit! disconnect_users:bit! block_size:int buffer_count:int
    max_transfer_size:int last_restored_file:nvarchar(500) last_restored_date:datetime
  `,
};

/** Columns of the views of features. */
export const DATABASE_FEATURE_COLUMNS: ColumnTable = { ...OF_ONE_DATABASE, ...OF_ALL_DATABASES };

/** Views of which each database has its own rows; all others show the whole instance. */
export const databaseScopedViews: ReadonlySet<string> = new Set([
  ...Object.keys(OF_ONE_DATABASE),
  'sys.certificates',
  'sys.columns',
  'sys.database_files',
  'sys.database_principals',
  'sys.dm_db_log_space_usage',
  'sys.dm_db_persisted_sku_features',
  'sys.objects',
  'sys.symmetric_keys',
  'sys.tables',
]);
