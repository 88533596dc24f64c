/** The options of `sp_configure` that have a rule of their own. */

import type { FixConfiguration } from '../../model/fix.ts';
import type { ReferenceName } from '../../model/reference.ts';

/** One option, and when the target is as good as the source. */
export interface SettingRow {
  /** Id of the rule. */
  readonly id: string;
  /** As `sys.configurations` prints it. */
  readonly option: string;
  /** `equal`: the same value; `at-least`: what the source has switched on, the target has too. */
  readonly kind: 'equal' | 'at-least';
  readonly title: string;
  readonly why: string;
  readonly reference: ReferenceName;
  /** Put before the remedy: what has to be done outside SQL Server first. */
  readonly before?: string;
  /** Takes effect with a restart only. */
  readonly restart?: true;
  /** The same option where a script may set it: no restart, nothing opened to anybody. */
  readonly scripted?: FixConfiguration;
  /** Why no script sets it, where there is a special reason. */
  readonly notScripted?: string;
}

const RESTART = 'It takes effect with a restart of the service.';
const SURFACE = 'It opens a way out of the server that somebody has to want.';

/** The options. */
export const settingRows: readonly SettingRow[] = [
  {
    id: 'CFG-MAXDOP',
    option: 'max degree of parallelism',
    scripted: 'max degree of parallelism',
    kind: 'equal',
    title: 'The degree of parallelism is the same',
    why: 'Plans that were parallel become serial or the other way round; it is the first suspect when queries are slow after a move.',
    reference: 'maxdop',
  },
  {
    id: 'CFG-COST-THRESHOLD',
    option: 'cost threshold for parallelism',
    scripted: 'cost threshold for parallelism',
    kind: 'equal',
    title: 'The cost threshold for parallelism is the same',
    why: 'It decides which queries may run in parallel at all; a new installation has 5.',
    reference: 'costThreshold',
  },
  {
    id: 'CFG-ADHOC-PLANS',
    option: 'optimize for ad hoc workloads',
    scripted: 'optimize for ad hoc workloads',
    kind: 'equal',
    title: 'Plans of one-time queries are kept in the same way',
    why: 'Without it plans that are used once fill the plan cache of an application that sends literals.',
    reference: 'serverConfiguration',
  },
  {
    id: 'CFG-CLR',
    option: 'clr enabled',
    kind: 'at-least',
    title: 'CLR code may run on the target when it may on the source',
    why: 'Assemblies travel with the database and fail with 6263 where CLR is not enabled.',
    reference: 'clrEnabled',
  },
  {
    id: 'CFG-CLR-STRICT',
    option: 'clr strict security',
    kind: 'equal',
    title: 'CLR strict security is the same',
    why: 'With strict security assemblies that are not signed by a login with UNSAFE ASSEMBLY do not load (10314).',
    reference: 'clrStrict',
    notScripted: 'Less strict security is a decision, signing the assemblies is the better one.',
  },
  {
    id: 'CFG-CONTAINED',
    option: 'contained database authentication',
    scripted: 'contained database authentication',
    kind: 'at-least',
    title: 'Contained users may log in on the target when they may on the source',
    why: 'Users with a password in the database cannot log in without it, and a contained database cannot be created (12824).',
    reference: 'containedAuthentication',
  },
  {
    id: 'CFG-FILESTREAM',
    option: 'filestream access level',
    kind: 'at-least',
    title: 'FILESTREAM is enabled on the target as far as on the source',
    why: 'FILESTREAM data is not reachable through T-SQL or through Windows below the level that the application uses.',
    reference: 'filestreamLevel',
    before: 'First enable FILESTREAM for the service in SQL Server Configuration Manager. ',
    notScripted: 'Windows has to be told first, in SQL Server Configuration Manager.',
  },
  {
    id: 'CFG-XP-CMDSHELL',
    option: 'xp_cmdshell',
    kind: 'at-least',
    title: 'xp_cmdshell is on where code may depend on it',
    why: 'Jobs and procedures that call the operating system fail with 15281 on a target where it is off.',
    reference: 'xpCmdshell',
    notScripted: SURFACE,
  },
  {
    id: 'CFG-OLE',
    option: 'Ole Automation Procedures',
    kind: 'at-least',
    title: 'OLE Automation is on where code may depend on it',
    why: 'sp_OACreate and its like fail with 15281 on a target where it is off.',
    reference: 'oleAutomation',
    notScripted: SURFACE,
  },
  {
    id: 'CFG-ADHOC-QUERIES',
    option: 'Ad Hoc Distributed Queries',
    kind: 'at-least',
    title: 'OPENROWSET is allowed where code may depend on it',
    why: 'OPENROWSET and OPENDATASOURCE fail with 15281 on a target where it is off.',
    reference: 'adHocQueries',
    notScripted: SURFACE,
  },
  {
    id: 'CFG-CHAINING',
    option: 'cross db ownership chaining',
    kind: 'at-least',
    title: 'Ownership chaining between databases is the same',
    why: 'Procedures that read other databases through their owner fail with 229 where it is off.',
    reference: 'ownershipChaining',
    notScripted:
      'It concerns every database of the target; DB_CHAINING of single databases is narrower.',
  },
  {
    id: 'CFG-DAC',
    option: 'remote admin connections',
    kind: 'at-least',
    title: 'The dedicated administrator connection works from outside',
    why: 'When the server does not answer any more, it is the only way in; on a virtual machine nobody sits at the console.',
    reference: 'remoteAdmin',
  },
  {
    id: 'CFG-LANGUAGE',
    option: 'default language',
    kind: 'equal',
    title: 'New logins get the same language',
    why: 'The language decides how 01/02/2026 is read and which day a week starts on; logins made later get another one.',
    reference: 'defaultLanguage',
  },
  {
    id: 'CFG-FULLTEXT-LANGUAGE',
    option: 'default full-text language',
    kind: 'equal',
    title: 'The language of full-text columns is the same',
    why: 'Word breaking and stemming of columns without a language of their own follow it.',
    reference: 'serverConfiguration',
  },
  {
    id: 'CFG-YEAR-CUTOFF',
    option: 'two digit year cutoff',
    kind: 'equal',
    title: 'Years of two digits are read in the same way',
    why: "'49 becomes 2049 or 1949 by it.",
    reference: 'yearCutoff',
  },
  {
    id: 'CFG-NESTED-TRIGGERS',
    option: 'nested triggers',
    kind: 'equal',
    title: 'Triggers fire triggers in the same way',
    why: 'Business rules in AFTER triggers that rely on each other stop or start to work.',
    reference: 'nestedTriggers',
  },
  {
    id: 'CFG-TRIGGER-RESULTS',
    option: 'disallow results from triggers',
    kind: 'equal',
    title: 'Results of triggers are treated in the same way',
    why: 'A trigger that returns rows fails with 524 where they are disallowed.',
    reference: 'serverConfiguration',
  },
  {
    id: 'CFG-USER-OPTIONS',
    option: 'user options',
    kind: 'equal',
    title: 'Sessions start with the same SET options',
    why: 'ANSI_NULLS, ARITHABORT, XACT_ABORT and others of sessions that set none themselves come from it.',
    reference: 'userOptions',
  },
  {
    id: 'CFG-QUERY-LIMIT',
    option: 'query governor cost limit',
    kind: 'equal',
    title: 'Queries are refused by their cost in the same way',
    why: 'Above the limit a query is refused with 8649 before it starts.',
    reference: 'serverConfiguration',
  },
  {
    id: 'CFG-REMOTE-TIMEOUT',
    option: 'remote query timeout (s)',
    kind: 'equal',
    title: 'Queries to other servers may take as long',
    why: 'Queries over linked servers end with 7399 after it.',
    reference: 'serverConfiguration',
  },
  {
    id: 'CFG-DTC',
    option: 'in-doubt xact resolution',
    kind: 'equal',
    title: 'Distributed transactions in doubt are settled in the same way',
    why: 'After a failover it decides whether such transactions commit, roll back or hold the database; it has to be the same on every replica.',
    reference: 'inDoubt',
  },
  {
    id: 'CFG-TEXT-REPL',
    option: 'max text repl size (B)',
    kind: 'at-least',
    title: 'Large values may be captured or replicated',
    why: 'Writes of larger values to columns under change data capture or replication fail with 7139.',
    reference: 'serverConfiguration',
  },
  {
    id: 'CFG-MAIL',
    option: 'Database Mail XPs',
    kind: 'at-least',
    title: 'Database Mail is switched on where it is on the source',
    why: 'sp_send_dbmail fails with 15281 where it is off; jobs then fail or nobody hears of them.',
    reference: 'databaseMail',
  },
  {
    id: 'CFG-BACKUP-COMPRESSION',
    option: 'backup compression default',
    scripted: 'backup compression default',
    kind: 'equal',
    title: 'Backups are compressed by default as on the source',
    why: 'Backups of the target become several times larger than those that the backup disk was measured for.',
    reference: 'backupCompression',
  },
  {
    id: 'CFG-BACKUP-CHECKSUM',
    option: 'backup checksum default',
    kind: 'at-least',
    title: 'Backups carry checksums by default as on the source',
    why: 'Without checksums a damaged backup is noticed at the restore only.',
    reference: 'serverConfiguration',
  },
  {
    id: 'CFG-BLOCKED-PROCESS',
    option: 'blocked process threshold (s)',
    kind: 'equal',
    title: 'Blocked processes are reported as on the source',
    why: 'Monitoring that listens to blocked process reports hears nothing where it is 0.',
    reference: 'serverConfiguration',
  },
  {
    id: 'CFG-STARTUP-PROCS',
    option: 'scan for startup procs',
    kind: 'at-least',
    title: 'Startup procedures are run where they are on the source',
    why: 'Procedures marked with sp_procoption do not run at the start of the service where it is 0.',
    reference: 'serverConfiguration',
    restart: true,
    notScripted: RESTART,
  },
  {
    id: 'CFG-EKM',
    option: 'EKM provider enabled',
    kind: 'at-least',
    title: 'Keys outside the server can be used where they are on the source',
    why: 'A database that is encrypted with a key in a vault does not open without its provider.',
    reference: 'serverConfiguration',
    before: 'First install the provider of the key vault on the target. ',
    notScripted: 'The provider has to be installed in Windows first.',
  },
  {
    id: 'CFG-EXTERNAL-SCRIPTS',
    option: 'external scripts enabled',
    kind: 'at-least',
    title: 'Scripts in R and Python may run where they may on the source',
    why: 'sp_execute_external_script fails with 39023 where it is off.',
    reference: 'serverConfiguration',
    before: 'First install Machine Learning Services on the target. ',
    notScripted: 'The feature has to be installed first.',
  },
  {
    id: 'CFG-POLYBASE',
    option: 'polybase enabled',
    kind: 'at-least',
    title: 'External tables may be read where they may on the source',
    why: 'Queries of external tables fail where PolyBase is not enabled.',
    reference: 'serverConfiguration',
    before: 'First install PolyBase on the target. ',
    notScripted: 'The feature has to be installed first.',
  },
];
