/** Lab cases of the rules about databases. */

import type { DeclaredCatalog } from '../../../src/lab/declared.ts';
import type { LabDefinition } from '../../../src/lab/definition.ts';
import { all, type AssessCase, type Exemptions } from './case.ts';
import { databases, instances } from './definition.ts';

const ORDINARY = [
  'DB-EXISTS',
  'DB-ONLINE',
  'DB-READ-WRITE',
  'DB-MULTI-USER',
  'DB-AUTO-CLOSE',
  'DB-RECOVERY-FULL',
  'DB-FULL-BACKUP',
  'DB-OTHER-GROUP',
  'DB-MIRRORING',
  'DB-ENCRYPTION',
  'DB-ENCRYPTION-SCAN',
  'DB-BACKUP-ENCRYPTION',
  'DB-REPLICATION',
  'DB-CDC',
  'DB-CHANGE-TRACKING',
  'DB-CONTAINMENT',
  'DB-CONTAINED-USERS',
  'DB-TRUSTWORTHY',
  'DB-BROKER',
  'DB-BROKER-ID',
  'DB-DELAYED-DURABILITY',
  'DB-OWNER',
  'DB-OWNER-TARGET',
  'DB-SNAPSHOTS',
  'DB-FILESTREAM',
  'DB-FILETABLE',
  'DB-LOG-REUSE',
  'DB-LOG-FILES',
  'DB-LOG-ROOM',
  'DB-LOG-SIZE',
  'DB-LOG-SHIPPING',
  'DB-LOG-BACKUPS-RUNNING',
  'DB-VLF-COUNT',
  'DB-LONG-TRANSACTION',
  'DB-DISTRIBUTED-TRANSACTION',
  'DB-COLLATION',
  'DB-COLLATION-CASE',
  'DB-COMPATIBILITY',
  'DB-SYSTEM',
  'DB-COMPONENT',
  'DB-STANDBY',
  'DB-NAME-CHARACTERS',
  'DB-NAME-CASE',
  'DB-FILE-STATE',
  'DB-FILE-GROWTH',
  'DB-FILE-LIMIT',
  'DB-FILE-NAMES',
  'DB-FILES-FREE',
  'DB-READ-ONLY-FILEGROUP',
  'DB-SEEDING-TIME',
  'DB-AUTO-SHRINK',
  'DB-PAGE-VERIFY',
  'DB-CHECKDB',
  'DB-STRETCH',
  'DB-LEDGER',
  'DB-LEDGER-TABLES',
  'DB-TEMPORAL',
  'DB-ORPHANS',
  'DB-USER-LOGINS',
  'DB-MASTER-KEY',
  'DB-SCOPED-CREDENTIALS',
  'DB-CLR',
  'DB-AUDIT',
  'DB-CROSS-DATABASE',
  'DB-TOGETHER',
  'DB-LINKED-SERVERS',
  'DB-EXTERNAL-SOURCES',
  'DB-EDITION-FEATURES',
  'DB-MEMORY-TABLES',
  'DB-FULL-TEXT',
  'DB-QUERY-STORE',
  'TGT-DATABASE-NAME',
];

/** What the source's database states about itself. */
function stated(catalog: DeclaredCatalog): (definition: LabDefinition) => LabDefinition {
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
const UNTIDY: DeclaredCatalog = {
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
      backup_size: 9_000_000_000_000,
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
const RICH: DeclaredCatalog = {
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
  'sys.database_audit_specifications': [{ name: 'Reads' }],
  'sys.dm_db_persisted_sku_features': [{ feature_name: 'Compression' }],
  'sys.dm_db_xtp_table_memory_stats': [{ memory_allocated_for_table_kb: 100_000_000 }],
};

const BROKER = '6F9619FF-8B86-D011-B42D-00C04FC964FF';
const SALES = { sample: 'none', recoveryModel: 'FULL', fullBackup: true } as const;

/** The cases. */
export const databaseCases: readonly AssessCase[] = [
  {
    title: 'an ordinary database with a full backup',
    wire: true,
    expect: all('success', ORDINARY),
  },
  {
    title: 'a log backup an hour ago',
    source: ["BACKUP LOG [Adventureworks] TO DISK = N'NUL'"],
    expect: all('success', ['DB-LOG-BACKUP-AGE']),
  },
  {
    title: 'an untidy database: odd settings, files, log and open transactions',
    lab: stated(UNTIDY),
    expect: [
      ...all('warning', [
        'DB-AUTO-SHRINK',
        'DB-PAGE-VERIFY',
        'DB-COMPATIBILITY',
        'DB-COLLATION',
        'DB-COLLATION-CASE',
        'DB-TRUSTWORTHY',
        'DB-DELAYED-DURABILITY',
        'DB-LOG-REUSE',
        'DB-LEDGER',
        'DB-OWNER',
        'DB-OWNER-TARGET',
        'DB-QUERY-STORE',
        'DB-FILE-GROWTH',
        'DB-FILE-LIMIT',
        'DB-FILE-NAMES',
        'DB-LOG-FILES',
        'DB-LOG-SIZE',
        'DB-LOG-ROOM',
        'DB-READ-ONLY-FILEGROUP',
        'DB-LOG-BACKUPS-RUNNING',
        'DB-BACKUP-ENCRYPTION',
        'DB-LONG-TRANSACTION',
        'DB-DISTRIBUTED-TRANSACTION',
      ]),
      ...all('error', ['DB-STRETCH', 'DB-FILE-STATE']),
      { rule: 'DB-CHECKDB', outcome: 'warning', evidence: /960 h/u },
      { rule: 'DB-VLF-COUNT', outcome: 'warning', evidence: /4321/u },
    ],
  },
  {
    title: 'a database that uses many features of SQL Server',
    lab: (definition) => instances('target', { edition: 'Standard' })(stated(RICH)(definition)),
    wire: true,
    expect: [
      ...all('error', [
        'DB-ENCRYPTION',
        'DB-CONTAINMENT',
        'DB-CLR',
        'DB-EDITION-FEATURES',
        'DB-MEMORY-TABLES',
        'DB-REPLICATION',
      ]),
      ...all('warning', [
        'DB-ENCRYPTION-SCAN',
        'DB-LOG-SHIPPING',
        'DB-CHANGE-TRACKING',
        'DB-CONTAINED-USERS',
        'DB-FILETABLE',
        'DB-FULL-TEXT',
        'DB-TEMPORAL',
        'DB-LEDGER-TABLES',
        'DB-MASTER-KEY',
        'DB-SCOPED-CREDENTIALS',
        'DB-AUDIT',
        'DB-EXTERNAL-SOURCES',
      ]),
      { rule: 'DB-CDC', outcome: 'warning', evidence: /capture, cleanup/u },
      { rule: 'DB-BROKER', outcome: 'warning', evidence: /\[Orders\].*1 open/u },
      { rule: 'DB-ORPHANS', outcome: 'warning', evidence: /\[lost\]/u },
      { rule: 'DB-CROSS-DATABASE', outcome: 'warning', evidence: /\[Ledger\].*\[Archive\]/u },
      { rule: 'DB-LINKED-SERVERS', outcome: 'warning', evidence: /\[ERP\]/u },
    ],
  },
  {
    title: 'the target has the certificate of an encrypted database, with its private key',
    lab: (definition) =>
      instances('target', {
        catalog: {
          'sys.certificates': [
            { name: 'TdeCert', thumbprint: '0xAB01', pvt_key_encryption_type: 'MK' },
          ],
        },
      })(
        stated({
          'sys.dm_database_encryption_keys': [
            { encryption_state: 3, encryptor_thumbprint: '0xAB01' },
          ],
        })(definition),
      ),
    expect: [{ rule: 'DB-ENCRYPTION', outcome: 'success', evidence: /\[TdeCert\]/u }],
  },
  {
    title: 'two databases name each other, and one has a login that the target does not have',
    lab: (definition) => ({
      ...definition,
      instances: definition.instances.map((instance) =>
        instance.side === 'target'
          ? { ...instance, logins: [] }
          : {
              ...instance,
              logins: [
                {
                  user: 'app',
                  roles: [],
                  permissions: [],
                  disabled: false,
                  users: [{ database: 'Sales', roles: [] }],
                },
              ],
              databases: [
                { ...SALES, name: 'Sales' },
                {
                  ...SALES,
                  name: 'Stock',
                  catalog: {
                    'sys.sql_expression_dependencies': [
                      {
                        referencing_id: 1,
                        referenced_database_name: 'sales',
                        referenced_entity_name: 't',
                      },
                    ],
                  },
                },
              ],
            },
      ),
    }),
    expect: [
      { rule: 'DB-TOGETHER', outcome: 'warning', database: 'Stock' },
      { rule: 'DB-CROSS-DATABASE', outcome: 'success' },
      { rule: 'DB-USER-LOGINS', outcome: 'warning', database: 'Sales', evidence: /\[app\]/u },
    ],
  },
  {
    title: 'the target has a database with the same files and the same broker id',
    lab: (definition) => ({
      ...definition,
      instances: definition.instances.map((instance) => ({
        ...instance,
        databases:
          instance.side === 'source'
            ? instance.databases.map((database) => ({
                ...database,
                catalog: { 'sys.databases': [{ service_broker_guid: BROKER }] },
              }))
            : [
                {
                  ...SALES,
                  name: 'Copy',
                  catalog: {
                    'sys.databases': [{ service_broker_guid: BROKER }],
                    'sys.master_files': [
                      { name: 'Copy', physical_name: 'F:\\SQLData\\Adventureworks.mdf' },
                    ],
                  },
                },
              ],
      })),
    }),
    expect: [
      { rule: 'DB-FILES-FREE', outcome: 'error', evidence: /\[Copy\]/u },
      { rule: 'DB-BROKER-ID', outcome: 'warning', evidence: /\[Copy\]/u },
    ],
  },
  ...['SUSPECT', 'EMERGENCY', 'OFFLINE', 'RESTORING', 'RECOVERY_PENDING'].map(
    (state): AssessCase => ({
      title: `a database is ${state}`,
      lab: stated({
        'sys.databases': [{ state_desc: state, is_in_standby: state === 'RESTORING' }],
      }),
      expect: [
        { rule: 'DB-ONLINE', outcome: 'error', evidence: new RegExp(state, 'u') },
        ...(state === 'RESTORING' ? all('error', ['DB-STANDBY']) : []),
        { rule: 'DB-FULL-TEXT', outcome: 'skipped' },
      ],
    }),
  ),
  {
    title: 'databases of SQL Server itself and of components, with odd names',
    lab: (definition) => ({
      ...definition,
      instances: definition.instances.map((instance) =>
        instance.side === 'target'
          ? instance
          : {
              ...instance,
              logins: [],
              databases: [
                { ...SALES, name: 'SSISDB' },
                {
                  ...SALES,
                  name: "dis[t]'ribution",
                  catalog: { 'sys.databases': [{ is_distributor: true }] },
                },
              ],
            },
      ),
    }),
    expect: [
      { rule: 'DB-COMPONENT', outcome: 'warning', database: 'SSISDB' },
      { rule: 'DB-SYSTEM', outcome: 'error', database: "dis[t]'ribution" },
      { rule: 'DB-NAME-CHARACTERS', outcome: 'warning', database: "dis[t]'ribution" },
    ],
  },
  {
    title: 'a database in the SIMPLE model',
    lab: databases({ recoveryModel: 'SIMPLE' }),
    expect: [{ rule: 'DB-RECOVERY-FULL', outcome: 'error', evidence: /SIMPLE/u }],
  },
  {
    title: 'a database that was never backed up',
    lab: databases({ fullBackup: false }),
    expect: [{ rule: 'DB-FULL-BACKUP', outcome: 'error', evidence: /never/u }],
  },
  {
    title: 'the migration file names a database that is not there',
    migration: (migration) => ({ ...migration, databases: { kind: 'named', names: ['Absent'] } }),
    expect: all('error', ['DB-EXISTS']),
  },
];

const NOT_YET = 'no definition of the lab sets it yet';

/** Rules without such cases. */
export const databaseExempt: Exemptions = {
  'TGT-PATHS': { passes: NOT_YET },
};
