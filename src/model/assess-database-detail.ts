/**
 * Facts of `assess` about what the databases of one instance are set to, use and contain.
 *
 * The view or function a field comes from is named beside it; names are its columns in camelCase.
 * `database` is the name of the database everywhere.
 */

import type { InDatabase } from './in-database.ts';

/** Settings of one database, `sys.databases` and `DATABASEPROPERTYEX`. */
export interface DatabaseOptionFacts {
  readonly database: string;
  readonly isAutoShrinkOn: boolean;
  /** `NONE`, `TORN_PAGE_DETECTION` or `CHECKSUM`. */
  readonly pageVerifyOptionDesc: string;
  readonly isQueryStoreOn: boolean;
  /** The master key of the database is also encrypted by the service master key of this instance. */
  readonly isMasterKeyEncryptedByServer: boolean;
  /** Stretch Database. */
  readonly isRemoteDataArchiveEnabled: boolean;
  /** The whole database is a ledger; null before 2022. */
  readonly isLedgerOn: boolean | null;
  readonly serviceBrokerGuid: string;
  /** `owner_sid` as 0x...; null when not shown. */
  readonly ownerSid: string | null;
  /** Hours since `LastGoodCheckDbTime`; null when the property is not there (before 2016 SP2). */
  readonly hoursSinceCheckDb: number | null;
}

/** One row of `sys.dm_database_encryption_keys`. */
export interface DatabaseKeyFacts {
  readonly database: string;
  /** 1 not encrypted, 2 encrypting, 3 encrypted, 4 key change, 5 decrypting, 6 protection change. */
  readonly encryptionState: number;
  /** 0 when no scan runs. */
  readonly percentComplete: number;
  /** 0x... */
  readonly encryptorThumbprint: string;
  /** `CERTIFICATE` or `ASYMMETRIC KEY`. */
  readonly encryptorType: string;
}

/** A certificate or asymmetric key in master that may protect database encryption keys or backups. */
export interface EncryptorFacts {
  readonly name: string;
  /** 0x... */
  readonly thumbprint: string;
  readonly hasPrivateKey: boolean;
}

/** A database that log shipping knows, `msdb.dbo.log_shipping_*_databases`. */
export interface LogShippingFacts {
  readonly database: string;
  readonly role: 'primary' | 'secondary';
}

/** The newest encrypted backup of a database by one encryptor, `msdb.dbo.backupset`. */
export interface EncryptedBackupFacts {
  readonly database: string;
  /** 0x... */
  readonly encryptorThumbprint: string;
}

/** Log backups of one database in the last 24 hours, `msdb.dbo.backupset` type L. */
export interface LogBackupFacts {
  readonly database: string;
  readonly backups: number;
  readonly bytes: number;
  /** Minutes since the newest one of the last 35 days; null without any. */
  readonly minutesSinceLast: number | null;
  /** Minutes since the newest full backup of the last 35 days that is not copy-only; null without any. */
  readonly minutesSinceFull: number | null;
}

/** One row of `msdb.dbo.cdc_jobs`. */
export interface CdcJobFacts {
  readonly database: string;
  /** `capture` or `cleanup`. */
  readonly jobType: string;
}

/** A user transaction that is open in a database, `sys.dm_tran_database_transactions` and joins. */
export interface OpenTransactionFacts {
  readonly database: string;
  /** Null for a distributed transaction without a session. */
  readonly sessionId: number | null;
  readonly loginName: string | null;
  readonly programName: string | null;
  readonly minutesOpen: number;
  /** `transaction_type` 4, or enlisted. */
  readonly isDistributed: boolean;
}

/** Sizes of one log, `sys.dm_db_log_stats`. */
export interface LogStatFacts {
  readonly database: string;
  readonly totalVlfCount: number;
  readonly totalLogBytes: number;
  readonly activeLogBytes: number;
}

/** Kinds of things that are looked for inside a database. */
export const contentKinds = [
  'assembly',
  'audit',
  'contained-user',
  'conversation',
  'external-source',
  'filetable',
  'fulltext-catalog',
  'key-certificate',
  'ledger-table',
  'master-key',
  'memory-filegroup',
  'orphan-user',
  'queue',
  'read-only-filegroup',
  'scoped-credential',
  'temporal-table',
  'user',
] as const;

/** What a thing inside a database is. */
export type ContentKind = (typeof contentKinds)[number];

/** A thing inside a database. */
export interface ContentFacts {
  readonly kind: ContentKind;
  readonly name: string;
  /** What the kind needs besides the name: permission set, location, SID, state; empty for none. */
  readonly detail: string;
  /** How many there are. */
  readonly amount: number;
}

/** Something outside a database that its modules or synonyms name. */
export interface DependencyFacts {
  /** A database of this server, another server, or the whole base object of a synonym. */
  readonly kind: 'database' | 'server' | 'synonym';
  readonly name: string;
  /** How many modules name it. */
  readonly amount: number;
}

/** What the dynamic management views say inside a database. */
export interface DatabaseStateFacts {
  /** `sys.dm_db_persisted_sku_features`. */
  readonly skuFeatures: readonly string[];
  /** Allocated by memory-optimized tables and their indexes, `sys.dm_db_xtp_table_memory_stats`. */
  readonly memoryTableBytes: number;
  /** `sys.database_query_store_options`; null when it shows no row. */
  readonly queryStore: {
    /** `READ_WRITE`, `READ_ONLY`, `OFF` or `ERROR`. */
    readonly actualStateDesc: string;
    readonly currentStorageSizeMb: number;
  } | null;
}

/** The parts of this family. */
export interface DatabaseDetailParts {
  readonly databaseOptions: readonly DatabaseOptionFacts[];
  readonly databaseKeys: readonly DatabaseKeyFacts[];
  readonly encryptors: readonly EncryptorFacts[];
  readonly logShipping: readonly LogShippingFacts[];
  readonly encryptedBackups: readonly EncryptedBackupFacts[];
  readonly logBackups: readonly LogBackupFacts[];
  readonly cdcJobs: readonly CdcJobFacts[];
  /** Names of databases with change tracking, `sys.change_tracking_databases`. */
  readonly changeTracking: readonly string[];
  readonly openTransactions: readonly OpenTransactionFacts[];
  readonly logStats: readonly LogStatFacts[];
  /** SIDs of every login and Windows group as 0x..., `sys.server_principals`. */
  readonly loginSids: readonly string[];
  readonly contents: readonly InDatabase<readonly ContentFacts[]>[];
  /** `sys.sql_expression_dependencies` and `sys.synonyms`. */
  readonly dependencies: readonly InDatabase<readonly DependencyFacts[]>[];
  readonly databaseState: readonly InDatabase<DatabaseStateFacts>[];
}
