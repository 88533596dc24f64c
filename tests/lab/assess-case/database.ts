/** Lab cases of the rules about databases. */

import { all, type AssessCase, type Exemptions } from './case.ts';
import { BIG, BROKER, RICH, SALES, stated, UNTIDY } from './database-stated.ts';
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
  'DB-LOG-BACKUP-AGE',
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

/** Names that hold what ends an identifier, a literal, a line or a comment, and the longest one. */
const HOSTILE = ["a]b'c", 'line\nGO\n-- 🚚', '*/ DROP', 'x'.repeat(128)];

/** The cases. */
export const databaseCases: readonly AssessCase[] = [
  {
    title: 'an ordinary database with a full backup',
    wire: true,
    expect: all('success', ORDINARY),
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
        'DB-LOG-ROOM',
        'DB-LOG-SIZE',

        'DB-READ-ONLY-FILEGROUP',
        'DB-LOG-BACKUPS-RUNNING',
        'DB-BACKUP-ENCRYPTION',
        'DB-LONG-TRANSACTION',
        'DB-DISTRIBUTED-TRANSACTION',
      ]),
      ...all('error', ['DB-STRETCH', 'DB-FILE-STATE']),
      { rule: 'DB-CHECKDB', outcome: 'warning', evidence: /40 days/u },
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

        'DB-EDITION-FEATURES',

        'DB-REPLICATION',
      ]),
      ...all('warning', [
        'DB-CLR',
        'DB-MEMORY-TABLES',
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
    title: 'databases whose names would break out of a statement or a line',
    lab: (definition) => ({
      ...definition,
      instances: definition.instances.map((instance) =>
        instance.side === 'target'
          ? instance
          : {
              ...instance,
              logins: [],
              databases: HOSTILE.map((name) => ({
                ...SALES,
                name,
                catalog: { 'sys.fulltext_catalogs': [{ name }] },
              })),
            },
      ),
    }),
    expect: HOSTILE.flatMap((database) => [
      { rule: 'DB-FULL-TEXT', outcome: 'warning' as const, database },
      { rule: 'DB-CROSS-DATABASE', outcome: 'success' as const, database },
      { rule: 'DB-EDITION-FEATURES', outcome: 'success' as const, database },
      { rule: 'DB-CHECKDB', outcome: 'success' as const, database },
    ]),
  },
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
    title: 'a database that is read-only, closes by itself and lets few in',
    source: ['READ_ONLY', 'AUTO_CLOSE ON', 'RESTRICTED_USER'].map(
      (option) => `ALTER DATABASE [Adventureworks] SET ${option}`,
    ),
    expect: all('error', ['DB-READ-WRITE', 'DB-AUTO-CLOSE', 'DB-MULTI-USER']),
  },
  {
    title: 'the database is in an availability group that the migration file does not name',
    stage: 'groups',
    migration: (migration) => ({
      ...migration,
      source: { ...migration.source, availabilityGroup: 'NewAG' },
    }),
    expect: [{ rule: 'DB-OTHER-GROUP', outcome: 'error', evidence: /\[OnPremAG\]/u }],
  },
  {
    title:
      'a mirrored database of 15 TB without log backups, with FILESTREAM, a snapshot and a twin in capitals',
    lab: (definition) =>
      instances('source', {
        catalog: {
          'sys.databases': [
            { database_id: 90, name: 'snap', source_database_id: 5, state_desc: 'ONLINE' },
            { database_id: 91, name: 'ADVENTUREWORKS', state_desc: 'ONLINE' },
          ],
        },
      })(stated(BIG)(databases({ fullBackup: false })(definition))),
    expect: [
      ...all('error', ['DB-MIRRORING', 'DB-FILESTREAM', 'DB-NAME-CASE']),
      ...all('warning', ['DB-SEEDING-TIME', 'DB-LOG-BACKUP-AGE', 'DB-SNAPSHOTS']),
    ],
  },
  {
    title: 'the target has a database of that name',
    lab: (definition) => ({
      ...definition,
      instances: definition.instances.map((instance) =>
        instance.side === 'source'
          ? instance
          : { ...instance, databases: [{ ...SALES, name: 'Adventureworks' }] },
      ),
    }),
    expect: all('error', ['TGT-DATABASE-NAME']),
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

/** Rules without such cases. */
export const databaseExempt: Exemptions = {};
