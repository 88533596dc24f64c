/** Facts on which one rule about databases is not satisfied, or cannot say; `goodFacts` satisfies them all. */

import type {
  ContentFacts,
  DatabaseOptionFacts,
  DependencyFacts,
} from '../../../src/model/assess-database-detail.ts';
import type { DatabaseFacts, FileFacts } from '../../../src/model/assess-database.ts';
import type { VolumeFacts } from '../../../src/model/assess-capacity.ts';
import type { AssessFacts, SideFacts } from '../../../src/model/assess-facts.ts';
import { known, unknown } from '../../../src/model/fact.ts';
import type { Outcome } from '../../../src/model/finding.ts';
import type { Migration } from '../../../src/model/migration.ts';
import type { Side } from '../../../src/model/side.ts';
import { articleMigration } from '../observation.ts';
import { goodDatabase, goodFacts, goodServer } from '../facts.ts';
import { goodFile, goodFiles } from './database.ts';

/** What one rule says about some facts. */
export interface RuleCase {
  readonly id: string;
  readonly facts: AssessFacts;
  readonly outcome: Outcome;
  readonly evidence?: RegExp;
  readonly remedy?: RegExp;
  readonly migration?: Migration;
}

const name = 'Adventureworks';
const THUMBPRINT = '0xAB01';

function altered(side: Side, change: Partial<SideFacts>, facts = goodFacts): AssessFacts {
  return { ...facts, [side]: { ...facts[side], ...change } };
}

const source = (change: Partial<SideFacts>, facts = goodFacts): AssessFacts =>
  altered('source', change, facts);
const target = (change: Partial<SideFacts>, facts = goodFacts): AssessFacts =>
  altered('target', change, facts);
const database = (change: Partial<DatabaseFacts>, facts = goodFacts): AssessFacts =>
  source({ databases: known([{ ...goodDatabase, ...change }]) }, facts);
const alsoThere = (...others: readonly Partial<DatabaseFacts>[]): AssessFacts =>
  source({
    databases: known([goodDatabase, ...others.map((other) => ({ ...goodDatabase, ...other }))]),
  });
const files = (...changes: readonly Partial<FileFacts>[]): AssessFacts =>
  source({ files: known(changes.map((change) => ({ ...goodFile, ...change }))) });
const options = (change: Partial<DatabaseOptionFacts>): AssessFacts =>
  source({
    databaseOptions: known(
      (goodFacts.source.databaseOptions.known ? goodFacts.source.databaseOptions.value : []).map(
        (row) => ({ ...row, ...change }),
      ),
    ),
  });
const contents = (...things: readonly (Pick<ContentFacts, 'kind'> & Partial<ContentFacts>)[]) =>
  source({
    contents: known([
      {
        name,
        inside: known(things.map((thing) => ({ name: 'a', detail: '', amount: 1, ...thing }))),
      },
    ]),
  });
const outside = (
  ...things: readonly (Pick<DependencyFacts, 'kind' | 'name'> & Partial<DependencyFacts>)[]
): AssessFacts =>
  source({
    dependencies: known([
      { name, inside: known(things.map((thing) => ({ amount: 1, ...thing }))) },
    ]),
  });
const queryStore = (actualStateDesc: string, currentStorageSizeMb: number): AssessFacts =>
  source({
    databaseState: known([
      {
        name,
        inside: known({
          skuFeatures: [],
          memoryTableBytes: 0,
          queryStore: { actualStateDesc, currentStorageSizeMb },
        }),
      },
    ]),
  });
const key = {
  database: name,
  encryptionState: 3,
  percentComplete: 0,
  encryptorThumbprint: THUMBPRINT,
  encryptorType: 'CERTIFICATE',
};
const encrypted = source({ databaseKeys: known([key]) });
const encryptor = (hasPrivateKey: boolean, facts: AssessFacts): AssessFacts =>
  target(
    { encryptors: known([{ name: 'TdeCert', thumbprint: THUMBPRINT, hasPrivateKey }]) },
    facts,
  );
const transaction = {
  database: name,
  sessionId: 51,
  loginName: 'app]x',
  programName: 'batch',
  minutesOpen: 120,
  isDistributed: false,
};
const clr = (valueInUse: number): AssessFacts =>
  target(
    { settings: known([{ name: 'clr enabled', value: valueInUse, valueInUse }]) },
    contents({ kind: 'assembly', name: 'Geo', detail: 'UNSAFE_ACCESS' }),
  );
const fullText = (isFullTextInstalled: boolean | null): AssessFacts =>
  target(
    {
      properties: known({
        isIntegratedSecurityOnly: false,
        isSingleUser: false,
        isFullTextInstalled,
        isPolyBaseInstalled: false,
      }),
    },
    contents({ kind: 'fulltext-catalog' }),
  );
const inMemory = (megabytes: number): AssessFacts =>
  target(
    {
      settings: known([
        { name: 'max server memory (MB)', value: megabytes, valueInUse: megabytes },
      ]),
    },
    source(
      {
        databaseState: known([
          {
            name,
            inside: known({ skuFeatures: [], memoryTableBytes: 8 * 1024 ** 3, queryStore: null }),
          },
        ]),
      },
      contents({ kind: 'memory-filegroup' }),
    ),
  );
const edition = (engineEdition: number): AssessFacts =>
  target(
    {
      server: known({
        ...goodServer('target'),
        engineEdition,
        edition: `Edition ${engineEdition}`,
      }),
    },
    source({
      databaseState: known([
        {
          name,
          inside: known({ skuFeatures: ['Compression'], memoryTableBytes: 0, queryStore: null }),
        },
      ]),
    }),
  );
const logs = (backups: number, bytes: number, minutesSinceLast: number | null): AssessFacts =>
  source({
    logBackups: known([
      { database: name, backups, bytes, minutesSinceLast, minutesSinceFull: 20_000 },
    ]),
  });
const filestream = (here: number, there: number): AssessFacts => {
  const level = (valueInUse: number) => ({
    settings: known([{ name: 'filestream access level', value: valueInUse, valueInUse }]),
  });
  return target(level(there), source(level(here), files({ typeDesc: 'FILESTREAM' })));
};
const volume = (mountPoint: string, gigabytes: number): VolumeFacts => ({
  mountPoint,
  label: null,
  totalBytes: 1024 ** 4,
  availableBytes: gigabytes * 1024 ** 3,
});
const busyLog = (volumes: readonly VolumeFacts[]): AssessFacts =>
  source(
    { volumes: known(volumes) },
    database({ sizeBytes: 1024 ** 4 }, logs(96, 500 * 1024 ** 3, 5)),
  );
const both: Migration = {
  ...articleMigration,
  databases: { kind: 'named', names: [name, 'Sales'] },
};

/** The cases, by rule. */
export const databaseRuleCases: readonly RuleCase[] = [
  { id: 'DB-SYSTEM', facts: database({ isDistributor: true }), outcome: 'error' },
  { id: 'DB-SYSTEM', facts: database({ databaseId: 4 }), outcome: 'error' },
  {
    id: 'DB-COMPONENT',
    facts: database({ name: 'SSISDB' }),
    migration: { ...articleMigration, databases: { kind: 'all', except: [] } },
    outcome: 'warning',
    remedy: /master key/u,
  },
  { id: 'DB-STANDBY', facts: database({ isInStandby: true }), outcome: 'error' },
  {
    id: 'DB-LOG-SHIPPING',
    facts: source({ logShipping: known([{ database: name, role: 'primary' }]) }),
    outcome: 'warning',
    remedy: /sp_delete_log_shipping_primary_database @database = N'Adventureworks'/u,
  },
  {
    id: 'DB-LOG-SHIPPING',
    facts: source({ logShipping: known([{ database: 'ADVENTUREWORKS', role: 'secondary' }]) }),
    outcome: 'error',
  },
  ...['a/b', 'a ', ' a', 'a.', "a'b", 'a]b', 'a\nb'].map((odd): RuleCase => ({
    id: 'DB-NAME-CHARACTERS',
    facts: database({ name: odd }),
    migration: { ...articleMigration, databases: { kind: 'all', except: [] } },
    outcome: 'warning',
  })),
  {
    id: 'DB-NAME-CASE',
    facts: alsoThere({ name: 'ADVENTUREWORKS' }),
    outcome: 'error',
    remedy: /MODIFY NAME/u,
  },
  {
    id: 'DB-FILE-STATE',
    facts: files({}, { logicalName: 'old', stateDesc: 'RECOVERY_PENDING' }),
    outcome: 'error',
    evidence: /\[old\] is RECOVERY_PENDING/u,
  },
  { id: 'DB-AUTO-SHRINK', facts: options({ isAutoShrinkOn: true }), outcome: 'warning' },
  {
    id: 'DB-PAGE-VERIFY',
    facts: options({ pageVerifyOptionDesc: 'NONE' }),
    outcome: 'warning',
    remedy: /SET PAGE_VERIFY CHECKSUM/u,
  },
  {
    id: 'DB-COMPATIBILITY',
    facts: database({ compatibilityLevel: 170 }),
    outcome: 'error',
    evidence: /170; the target has 100 to 160/u,
  },
  { id: 'DB-COMPATIBILITY', facts: database({ compatibilityLevel: 90 }), outcome: 'warning' },
  { id: 'DB-CHECKDB', facts: options({ hoursSinceCheckDb: 200 }), outcome: 'warning' },
  {
    id: 'DB-CHECKDB',
    facts: options({ hoursSinceCheckDb: 1_100_000 }),
    outcome: 'warning',
    evidence: /never checked/u,
  },
  { id: 'DB-CHECKDB', facts: options({ hoursSinceCheckDb: null }), outcome: 'unknown' },
  {
    id: 'DB-COLLATION-CASE',
    facts: database({ collationName: 'Latin1_General_CS_AS' }),
    outcome: 'warning',
    evidence: /sensitive here and insensitive there/u,
  },
  {
    id: 'DB-COLLATION-CASE',
    facts: database({ collationName: 'Turkish_100_CI_AS' }),
    outcome: 'warning',
    evidence: /Turkish i/u,
  },
  { id: 'DB-COLLATION-CASE', facts: database({ collationName: null }), outcome: 'unknown' },
  { id: 'DB-STRETCH', facts: options({ isRemoteDataArchiveEnabled: true }), outcome: 'error' },
  { id: 'DB-LEDGER', facts: options({ isLedgerOn: true }), outcome: 'warning' },
  { id: 'DB-LEDGER', facts: options({ isLedgerOn: null }), outcome: 'success' },
  {
    id: 'DB-BROKER-ID',
    facts: target({
      databaseOptions: known(
        (goodFacts.source.databaseOptions.known ? goodFacts.source.databaseOptions.value : []).map(
          (row) => ({ ...row, database: 'Copy' }),
        ),
      ),
    }),
    outcome: 'warning',
    remedy: /ALTER DATABASE \[Copy\] SET NEW_BROKER/u,
  },
  {
    id: 'DB-LOG-FILES',
    facts: files(
      {},
      { typeDesc: 'LOG', logicalName: 'l1' },
      { typeDesc: 'LOG', logicalName: 'l2' },
    ),
    outcome: 'warning',
    remedy: /REMOVE FILE \[l2\]/u,
  },
  {
    id: 'DB-FILE-GROWTH',
    facts: files({ growth: 10, isPercentGrowth: true }),
    outcome: 'warning',
    evidence: /10 %/u,
  },
  {
    id: 'DB-FILE-LIMIT',
    facts: files({ maxSizePages: 131_072 }),
    outcome: 'warning',
    evidence: /1\.0 GB of 1\.0 GB/u,
  },
  { id: 'DB-FILE-LIMIT', facts: files({ typeDesc: 'LOG', growth: 0 }), outcome: 'warning' },
  { id: 'DB-FILE-LIMIT', facts: files({ maxSizePages: 268_435_456 }), outcome: 'success' },
  ...['D:\\Data \\a.mdf', 'D:\\Data\\a.mdf ', 'D:\\Data\\a:b', 'D:\\Data.\\a.mdf'].map(
    (physicalName): RuleCase => ({
      id: 'DB-FILE-NAMES',
      facts: files({ physicalName }),
      outcome: 'warning',
    }),
  ),
  {
    id: 'DB-FILE-NAMES',
    facts: files({ physicalName: '\\\\nas\\share\\a b.mdf' }),
    outcome: 'success',
  },
  {
    id: 'DB-FILES-FREE',
    facts: target({
      files: known([
        { ...goodFile, database: 'Other', physicalName: 'd:\\data\\ADVENTUREWORKS.mdf' },
      ]),
    }),
    outcome: 'error',
    evidence: /\[Other\]/u,
  },
  { id: 'DB-FILES-FREE', facts: target({ files: known(goodFiles) }), outcome: 'success' },
  { id: 'DB-FILESTREAM', facts: filestream(2, 0), outcome: 'error', remedy: /level', 2/u },
  { id: 'DB-FILESTREAM', facts: filestream(2, 1), outcome: 'warning' },
  { id: 'DB-FILESTREAM', facts: filestream(1, 1), outcome: 'success' },
  {
    id: 'DB-READ-ONLY-FILEGROUP',
    facts: contents({ kind: 'read-only-filegroup' }),
    outcome: 'warning',
  },
  {
    id: 'DB-SEEDING-TIME',
    facts: database({ sizeBytes: 20 * 1024 ** 4 }),
    outcome: 'warning',
    evidence: /20\.0 TB: about 97 h/u,
  },
  { id: 'DB-SEEDING-TIME', facts: database({ sizeBytes: null }), outcome: 'unknown' },
  {
    id: 'DB-LOG-REUSE',
    facts: database({ logReuseWaitDesc: 'REPLICATION' }),
    outcome: 'warning',
    remedy: /sp_repldone/u,
  },
  {
    id: 'DB-VLF-COUNT',
    facts: source({
      logStats: known([
        { database: name, totalVlfCount: 5000, totalLogBytes: 1, activeLogBytes: 1 },
      ]),
    }),
    outcome: 'warning',
    evidence: /5000/u,
  },
  {
    id: 'DB-LOG-SIZE',
    facts: files({}, { typeDesc: 'LOG', sizeBytes: 3 * 1024 ** 3 }),
    outcome: 'warning',
    evidence: /log 3\.0 GB, data 1\.0 GB/u,
  },
  {
    id: 'DB-LOG-ROOM',
    facts: busyLog([]),
    outcome: 'warning',
    evidence: /500 GB.*not shown/u,
  },
  {
    id: 'DB-LOG-ROOM',
    facts: busyLog([volume('E:\\', 10), volume('E:\\Log\\', 50)]),
    outcome: 'warning',
    evidence: /50\.0 GB on E:\\Log\\/u,
  },
  { id: 'DB-LOG-ROOM', facts: busyLog([volume('E:\\', 900)]), outcome: 'success' },
  { id: 'DB-LOG-ROOM', facts: database({ sizeBytes: null }), outcome: 'unknown' },
  {
    id: 'DB-LOG-BACKUP-AGE',
    facts: logs(0, 0, 3000),
    outcome: 'warning',
    evidence: /2 days old/u,
  },
  { id: 'DB-LOG-BACKUP-AGE', facts: logs(0, 0, null), outcome: 'warning' },
  {
    id: 'DB-LOG-BACKUP-AGE',
    facts: source({
      logBackups: known([
        { database: name, backups: 0, bytes: 0, minutesSinceLast: null, minutesSinceFull: 60 },
      ]),
    }),
    outcome: 'success',
    evidence: /no log backup yet/u,
  },
  {
    id: 'DB-LOG-BACKUPS-RUNNING',
    facts: logs(96, 1, 5),
    outcome: 'warning',
    evidence: /96 log backups in the last 24 hours, one every 15 min/u,
  },
  {
    id: 'DB-LONG-TRANSACTION',
    facts: source({ openTransactions: known([transaction]) }),
    outcome: 'warning',
    evidence: /2 h 00 min \(session 51, login \[app\]\]x\], batch\)/u,
  },
  {
    id: 'DB-LONG-TRANSACTION',
    facts: source({ openTransactions: known([{ ...transaction, sessionId: null }]) }),
    outcome: 'warning',
    evidence: /without a session/u,
  },
  {
    id: 'DB-LONG-TRANSACTION',
    facts: source({ openTransactions: known([{ ...transaction, minutesOpen: 1 }]) }),
    outcome: 'success',
  },
  {
    id: 'DB-DISTRIBUTED-TRANSACTION',
    facts: source({ openTransactions: known([{ ...transaction, isDistributed: true }]) }),
    outcome: 'warning',
  },
  { id: 'DB-ENCRYPTION', facts: encrypted, outcome: 'error', evidence: /not in master/u },
  {
    id: 'DB-ENCRYPTION',
    facts: source(
      { encryptors: known([{ name: 'T]de', thumbprint: THUMBPRINT, hasPrivateKey: true }]) },
      encrypted,
    ),
    outcome: 'error',
    remedy: /BACKUP CERTIFICATE \[T\]\]de\] TO FILE.*CREATE CERTIFICATE \[T\]\]de\] FROM FILE/u,
  },
  {
    id: 'DB-ENCRYPTION',
    facts: encryptor(false, encrypted),
    outcome: 'error',
    evidence: /\[TdeCert\].*without its private key/u,
  },
  { id: 'DB-ENCRYPTION', facts: encryptor(true, encrypted), outcome: 'success' },
  {
    id: 'DB-ENCRYPTION',
    facts: target({ encryptors: unknown('blind') }, encrypted),
    outcome: 'unknown',
  },
  {
    id: 'DB-ENCRYPTION-SCAN',
    facts: source({ databaseKeys: known([{ ...key, encryptionState: 2, percentComplete: 40 }]) }),
    outcome: 'warning',
    evidence: /40 % done/u,
  },
  {
    id: 'DB-BACKUP-ENCRYPTION',
    facts: source({
      encryptedBackups: known([{ database: name, encryptorThumbprint: THUMBPRINT }]),
    }),
    outcome: 'warning',
  },
  {
    id: 'DB-BACKUP-ENCRYPTION',
    facts: encryptor(
      true,
      source({ encryptedBackups: known([{ database: name, encryptorThumbprint: THUMBPRINT }]) }),
    ),
    outcome: 'success',
  },
  {
    id: 'DB-OWNER-TARGET',
    facts: target({ loginSids: known([]) }),
    outcome: 'warning',
    evidence: /no login with SID 0x01/u,
  },
  { id: 'DB-OWNER-TARGET', facts: options({ ownerSid: null }), outcome: 'unknown' },
  {
    id: 'DB-ORPHANS',
    facts: contents({ kind: 'orphan-user', name: 'lost]one' }),
    outcome: 'warning',
    remedy: /ALTER USER \[lost\]\]one\]/u,
  },
  {
    id: 'DB-USER-LOGINS',
    facts: contents({ kind: 'user', name: 'u', detail: '0xFF' }),
    outcome: 'warning',
    evidence: /1 of 1 users .*\[u\]/u,
  },
  {
    id: 'DB-MASTER-KEY',
    facts: {
      ...contents({ kind: 'master-key' }, { kind: 'key-certificate', amount: 3 }),
      source: {
        ...contents({ kind: 'master-key' }, { kind: 'key-certificate', amount: 3 }).source,
        databaseOptions: options({ isMasterKeyEncryptedByServer: true }).source.databaseOptions,
      },
    },
    outcome: 'warning',
    evidence: /3 certificate/u,
    remedy: /ADD ENCRYPTION BY SERVICE MASTER KEY/u,
  },
  {
    id: 'DB-MASTER-KEY',
    facts: contents({ kind: 'master-key' }),
    outcome: 'success',
    evidence: /password/u,
  },
  {
    id: 'DB-SCOPED-CREDENTIALS',
    facts: contents({ kind: 'scoped-credential', detail: 'SHARED ACCESS SIGNATURE' }),
    outcome: 'warning',
  },
  { id: 'DB-CONTAINED-USERS', facts: contents({ kind: 'contained-user' }), outcome: 'warning' },
  { id: 'DB-CLR', facts: clr(0), outcome: 'warning', evidence: /\[Geo\] \(UNSAFE_ACCESS\)/u },
  { id: 'DB-CLR', facts: clr(1), outcome: 'warning' },
  { id: 'DB-AUDIT', facts: contents({ kind: 'audit', detail: 'GUID' }), outcome: 'warning' },
  {
    id: 'DB-CROSS-DATABASE',
    facts: outside({ kind: 'database', name: 'Sales', amount: 7 }),
    outcome: 'warning',
    evidence: /\[Sales\] \(7\)/u,
  },
  {
    id: 'DB-CROSS-DATABASE',
    facts: outside({ kind: 'synonym', name: '[Sa]]les].[dbo].[t]' }),
    outcome: 'warning',
    evidence: /\[Sa\]\]les\] \(1\)/u,
  },
  {
    id: 'DB-CROSS-DATABASE',
    facts: outside(
      { kind: 'database', name: 'master' },
      { kind: 'database', name: 'ADVENTUREWORKS' },
    ),
    outcome: 'success',
  },
  {
    id: 'DB-TOGETHER',
    facts: {
      ...alsoThere({ name: 'Sales', databaseId: 6 }),
      source: {
        ...alsoThere({ name: 'Sales', databaseId: 6 }).source,
        dependencies: outside({ kind: 'database', name: 'sales' }).source.dependencies,
      },
    },
    migration: both,
    outcome: 'warning',
  },
  {
    id: 'DB-LINKED-SERVERS',
    facts: outside({ kind: 'server', name: 'ERP' }),
    outcome: 'warning',
    evidence: /\[ERP\]/u,
  },
  {
    id: 'DB-LINKED-SERVERS',
    facts: outside({ kind: 'synonym', name: '[ERP].[db].[dbo].[t]' }),
    outcome: 'warning',
    evidence: /\[ERP\]/u,
  },
  { id: 'DB-EXTERNAL-SOURCES', facts: contents({ kind: 'external-source' }), outcome: 'warning' },
  {
    id: 'DB-EDITION-FEATURES',
    facts: edition(2),
    outcome: 'error',
    evidence: /Compression.*Edition 2/u,
  },
  { id: 'DB-EDITION-FEATURES', facts: edition(3), outcome: 'success' },
  {
    id: 'DB-MEMORY-TABLES',
    facts: inMemory(4096),
    outcome: 'warning',
    evidence: /8\.0 GB.*4\.0 GB/u,
  },
  { id: 'DB-MEMORY-TABLES', facts: inMemory(2_147_483_647), outcome: 'warning' },
  { id: 'DB-MEMORY-TABLES', facts: inMemory(65_536), outcome: 'success' },
  { id: 'DB-FILETABLE', facts: contents({ kind: 'filetable' }), outcome: 'warning' },
  {
    id: 'DB-CHANGE-TRACKING',
    facts: source({ changeTracking: known(['adventureworks']) }),
    outcome: 'warning',
  },
  {
    id: 'DB-CDC',
    facts: source(
      { cdcJobs: known([{ database: name, jobType: 'capture' }]) },
      database({ isCdcEnabled: true }),
    ),
    outcome: 'warning',
    evidence: /jobs in msdb: capture/u,
    remedy: /sp_cdc_add_job @job_type = N'capture'/u,
  },
  {
    id: 'DB-CDC',
    facts: source({ cdcJobs: unknown('no right') }, database({ isCdcEnabled: true })),
    outcome: 'unknown',
  },
  {
    id: 'DB-BROKER',
    facts: database(
      { isBrokerEnabled: true },
      contents({ kind: 'queue', name: 'Orders' }, { kind: 'conversation', amount: 12 }),
    ),
    outcome: 'warning',
    evidence: /1 queue\(s\) \(\[Orders\]\), 12 open/u,
  },
  { id: 'DB-BROKER', facts: database({ isBrokerEnabled: true }), outcome: 'success' },
  { id: 'DB-FULL-TEXT', facts: fullText(false), outcome: 'warning' },
  { id: 'DB-FULL-TEXT', facts: fullText(true), outcome: 'success', evidence: /has Full-Text/u },
  { id: 'DB-FULL-TEXT', facts: fullText(null), outcome: 'unknown' },
  {
    id: 'DB-QUERY-STORE',
    facts: queryStore('READ_ONLY', 100),
    outcome: 'warning',
  },
  {
    id: 'DB-QUERY-STORE',
    facts: queryStore('READ_WRITE', 5000),
    outcome: 'warning',
    evidence: /4\.9 GB/u,
  },
  { id: 'DB-QUERY-STORE', facts: options({ isQueryStoreOn: false }), outcome: 'success' },
  { id: 'DB-TEMPORAL', facts: contents({ kind: 'temporal-table', amount: 2 }), outcome: 'warning' },
  {
    id: 'DB-LEDGER-TABLES',
    facts: contents({ kind: 'ledger-table', amount: 2 }),
    outcome: 'warning',
  },
];

/** The part that a rule cannot do without, where it is not the list of databases itself. */
export const neededParts: Readonly<Record<string, readonly [Side, keyof SideFacts]>> = {
  'DB-LOG-SHIPPING': ['source', 'logShipping'],
  'DB-FILE-STATE': ['source', 'files'],
  'DB-AUTO-SHRINK': ['source', 'databaseOptions'],
  'DB-PAGE-VERIFY': ['source', 'databaseOptions'],
  'DB-COMPATIBILITY': ['target', 'server'],
  'DB-CHECKDB': ['source', 'databaseOptions'],
  'DB-COLLATION-CASE': ['target', 'server'],
  'DB-STRETCH': ['source', 'databaseOptions'],
  'DB-LEDGER': ['source', 'databaseOptions'],
  'DB-BROKER-ID': ['target', 'databaseOptions'],
  'DB-LOG-FILES': ['source', 'files'],
  'DB-FILE-GROWTH': ['source', 'files'],
  'DB-FILE-LIMIT': ['source', 'files'],
  'DB-FILE-NAMES': ['source', 'files'],
  'DB-FILES-FREE': ['target', 'files'],
  'DB-READ-ONLY-FILEGROUP': ['source', 'contents'],
  'DB-VLF-COUNT': ['source', 'logStats'],
  'DB-LOG-SIZE': ['source', 'files'],
  'DB-LOG-ROOM': ['source', 'logStats'],
  'DB-LOG-BACKUP-AGE': ['source', 'logBackups'],
  'DB-LOG-BACKUPS-RUNNING': ['source', 'logBackups'],
  'DB-LONG-TRANSACTION': ['source', 'openTransactions'],
  'DB-DISTRIBUTED-TRANSACTION': ['source', 'openTransactions'],
  'DB-ENCRYPTION': ['source', 'databaseKeys'],
  'DB-ENCRYPTION-SCAN': ['source', 'databaseKeys'],
  'DB-BACKUP-ENCRYPTION': ['source', 'encryptedBackups'],
  'DB-OWNER-TARGET': ['target', 'loginSids'],
  'DB-ORPHANS': ['source', 'contents'],
  'DB-USER-LOGINS': ['target', 'loginSids'],
  'DB-MASTER-KEY': ['source', 'contents'],
  'DB-SCOPED-CREDENTIALS': ['source', 'contents'],
  'DB-CONTAINED-USERS': ['source', 'contents'],
  'DB-CLR': ['source', 'contents'],
  'DB-AUDIT': ['source', 'contents'],
  'DB-CROSS-DATABASE': ['source', 'dependencies'],
  'DB-TOGETHER': ['source', 'dependencies'],
  'DB-LINKED-SERVERS': ['source', 'dependencies'],
  'DB-EXTERNAL-SOURCES': ['source', 'contents'],
  'DB-EDITION-FEATURES': ['source', 'databaseState'],
  'DB-MEMORY-TABLES': ['source', 'databaseState'],
  'DB-FILETABLE': ['source', 'contents'],
  'DB-CHANGE-TRACKING': ['source', 'changeTracking'],
  'DB-FULL-TEXT': ['source', 'contents'],
  'DB-QUERY-STORE': ['source', 'databaseState'],
  'DB-TEMPORAL': ['source', 'contents'],
  'DB-LEDGER-TABLES': ['source', 'contents'],
};
