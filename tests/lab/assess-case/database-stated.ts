/** What databases of the lab cases state about themselves, in the words of the catalog. */

import type { DeclaredCatalog } from '../../../src/lab/declared.ts';
import type { LabDefinition } from '../../../src/lab/definition.ts';

/** What the source's database states about itself. */
export function stated(catalog: DeclaredCatalog): (definition: LabDefinition) => LabDefinition {
  return (definition) => ({
    ...definition,
    instances: definition.instances.map((instance) => ({
      ...instance,
      databases: instance.databases.map((database) =>
        instance.side === 'source' ? { ...database, catalog } : database,
      ),
    })),
  });
}

/** Settings and files that ought to be mended. */
export const UNTIDY: DeclaredCatalog = {
  'sys.databases': [
    {
      is_auto_shrink_on: true,
      page_verify_option: 0,
      page_verify_option_desc: 'NONE',
      compatibility_level: 90,
      collation_name: 'Turkish_CS_AS',
      is_trustworthy_on: true,
      delayed_durability: 1,
      delayed_durability_desc: 'ALLOWED',
      log_reuse_wait: 4,
      log_reuse_wait_desc: 'ACTIVE_TRANSACTION',
      is_remote_data_archive_enabled: true,
      is_ledger_on: true,
      owner_sid: '0xABCDEF',
      is_query_store_on: true,
    },
  ],
  databasepropertyex: [{ property: 'LastGoodCheckDbTime', value: 'now-40d' }],
  'sys.master_files': [
    {
      name: 'Adventureworks',
      growth: 10,
      is_percent_growth: true,
      physical_name: 'F:\\SQL Data \\a.mdf',
    },
    { name: 'Adventureworks_log', max_size: 1024, size: 400_000 },
    {
      file_id: 3,
      type: 1,
      type_desc: 'LOG',
      name: 'log 2',
      physical_name: 'H:\\second.ldf',
      state: 6,
      state_desc: 'OFFLINE',
    },
  ],
  'sys.dm_db_log_stats': [{ total_vlf_count: 4321, active_log_size_mb: 7.9 }],
  'sys.filegroups': [{ name: 'Archive', data_space_id: 2, type: 'FG', is_read_only: true }],
  'sys.database_query_store_options': [
    { actual_state: 1, actual_state_desc: 'READ_ONLY', current_storage_size_mb: 1000 },
  ],
  'msdb.dbo.backupset': [
    {
      backup_set_id: 900,
      database_name: 'Adventureworks',
      type: 'L',
      backup_size: 900_000_000_000_000,
      backup_finish_date: 'now-2h',
      encryptor_thumbprint: '0xAB',
    },
    {
      backup_set_id: 901,
      database_name: 'Adventureworks',
      type: 'L',
      backup_size: 1,
      backup_finish_date: 'now-1h',
    },
  ],
  'sys.dm_tran_database_transactions': [{ transaction_id: 900 }],
  'sys.dm_tran_active_transactions': [
    { transaction_id: 900, transaction_begin_time: 'now-3h', transaction_type: 4 },
  ],
};

/** Things inside the database that need care. */
export const RICH: DeclaredCatalog = {
  'sys.databases': [
    {
      is_cdc_enabled: true,
      is_broker_enabled: true,
      is_master_key_encrypted_by_server: true,
      containment: 1,
      containment_desc: 'PARTIAL',
      is_published: true,
    },
  ],
  'sys.dm_database_encryption_keys': [
    {
      encryption_state: 2,
      percent_complete: 40,
      encryptor_thumbprint: '0xAB01',
      encryptor_type: 'CERTIFICATE',
    },
  ],
  'sys.change_tracking_databases': [{ retention_period: 2 }],
  'msdb.dbo.cdc_jobs': [{ job_type: 'capture' }, { job_type: 'cleanup' }],
  'msdb.dbo.log_shipping_primary_databases': [{ primary_database: 'Adventureworks' }],
  'sys.database_principals': [
    {
      name: 'lost',
      principal_id: 20,
      type: 'S',
      sid: '0x0BAD',
      authentication_type: 1,
    },
    { name: 'inside', principal_id: 21, type: 'S', sid: '0x0CAD', authentication_type: 2 },
  ],
  'sys.sql_expression_dependencies': [
    { referencing_id: 1, referenced_database_name: 'Ledger', referenced_entity_name: 't' },
    {
      referencing_id: 2,
      referenced_server_name: 'ERP',
      referenced_database_name: 'x',
      referenced_entity_name: 't',
    },
  ],
  'sys.synonyms': [{ name: 's', object_id: 9, base_object_name: '[Archive].[dbo].[t]' }],
  'sys.assemblies': [
    {
      name: 'Geo',
      assembly_id: 65_536,
      permission_set_desc: 'UNSAFE_ACCESS',
      is_user_defined: true,
    },
  ],
  'sys.external_data_sources': [{ name: 'Lake', location: 'abs://lake' }],
  'sys.database_scoped_credentials': [
    { name: 'Sas', credential_identity: 'SHARED ACCESS SIGNATURE' },
  ],
  'sys.fulltext_catalogs': [{ name: 'Texts' }],
  'sys.service_queues': [{ name: 'Orders', object_id: 11 }],
  'sys.conversation_endpoints': [{ state: 'CO' }],
  'sys.filegroups': [{ name: 'Memory', data_space_id: 3, type: 'FX' }],
  'sys.tables': [
    { name: 'Documents', object_id: 12, is_filetable: true },
    { name: 'History', object_id: 13, temporal_type: 2 },
    { name: 'Bookings', object_id: 14, ledger_type: 2 },
  ],
  'sys.symmetric_keys': [{ name: '##MS_DatabaseMasterKey##', symmetric_key_id: 101 }],
  'sys.certificates': [{ name: 'Signing', certificate_id: 256, pvt_key_encryption_type: 'MK' }],
  'sys.database_audit_specifications': [
    { name: 'Reads', audit_guid: '6F9619FF-8B86-D011-B42D-00C04FC964F1' },
  ],
  'sys.dm_db_persisted_sku_features': [{ feature_name: 'Compression' }],
  'sys.dm_db_xtp_table_memory_stats': [{ memory_allocated_for_table_kb: 100_000_000 }],
};

/** What is mirrored, too big for a day and has FILESTREAM files. */
export const BIG: DeclaredCatalog = {
  'sys.database_mirroring': [{ mirroring_guid: '6F9619FF-8B86-D011-B42D-00C04FC964F0' }],
  'sys.master_files': [
    { name: 'Adventureworks', size: 2_000_000_000 },
    {
      file_id: 4,
      type: 2,
      type_desc: 'FILESTREAM',
      name: 'docs',
      physical_name: 'F:\\Docs',
      state_desc: 'ONLINE',
    },
  ],
};

/** A broker id that two databases share. */
export const BROKER = '6F9619FF-8B86-D011-B42D-00C04FC964FF';
/** A database without anything special. */
export const SALES = { sample: 'none', recoveryModel: 'FULL', fullBackup: true } as const;
