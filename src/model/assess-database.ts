/** Facts of `assess` about the databases of one instance. */

import type { Lsn } from '../base/lsn.ts';
import type { DatabaseDetailParts } from './assess-database-detail.ts';
import type { Fact } from './fact.ts';

/** One database. */
export interface DatabaseFacts {
  readonly name: string;
  readonly databaseId: number;
  readonly stateDesc: string;
  /** `FULL`, `BULK_LOGGED` or `SIMPLE`. */
  readonly recoveryModelDesc: string;
  /** `MULTI_USER`, `SINGLE_USER` or `RESTRICTED_USER`. */
  readonly userAccessDesc: string;
  readonly isReadOnly: boolean;
  readonly isAutoCloseOn: boolean;
  readonly isInStandby: boolean;
  readonly compatibilityLevel: number;
  /** Null while the database is not open. */
  readonly collationName: string | null;
  /** `NONE` or `PARTIAL`. */
  readonly containmentDesc: string;
  readonly isEncrypted: boolean;
  /** `sys.dm_database_encryption_keys.encryptor_thumbprint` as 0x...; null without a key. */
  readonly encryptorThumbprint: string | null;
  readonly isTrustworthyOn: boolean;
  readonly isDbChainingOn: boolean;
  readonly isBrokerEnabled: boolean;
  readonly isCdcEnabled: boolean;
  readonly isPublished: boolean;
  readonly isMergePublished: boolean;
  readonly isSubscribed: boolean;
  readonly isDistributor: boolean;
  readonly delayedDurabilityDesc: string;
  readonly logReuseWaitDesc: string;
  /** Database this one is a snapshot of; null for an ordinary database. */
  readonly sourceDatabaseId: number | null;
  /** `SUSER_SNAME(owner_sid)`; null when the owner has no login here. */
  readonly ownerName: string | null;
  /** Sum of the data and log files in bytes; null when not shown. */
  readonly sizeBytes: number | null;
  /** `group_database_id` is set: the database is in an availability group. */
  readonly inAvailabilityGroup: boolean;
  /** Name of that group; null when in none or not shown. */
  readonly availabilityGroup: string | null;
  /** `sys.database_mirroring.mirroring_guid` is set. */
  readonly isMirrored: boolean;
  readonly backup: Fact<BackupFacts>;
}

/** Backup history of one database. */
export interface BackupFacts {
  /** Newest full backup (type D) that is not copy-only and of this database's recovery fork; ISO 8601, server-local time. */
  readonly lastFullFinish: string | null;
  /** Newest copy-only full backup. */
  readonly lastCopyOnlyFinish: string | null;
  /** Newest log backup (type L). */
  readonly lastLogFinish: string | null;
  /** `sys.database_recovery_status.last_log_backup_lsn`: null while no log backup is possible (no full backup since the switch to FULL). */
  readonly lastLogBackupLsn: Lsn | null;
}

/** One file. */
export interface FileFacts {
  readonly database: string;
  /** `ROWS`, `LOG` or `FILESTREAM`. */
  readonly typeDesc: string;
  readonly logicalName: string;
  readonly physicalName: string;
  readonly sizeBytes: number;
  readonly stateDesc: string;
  /** `max_size` in pages of 8 KB; -1 has no limit, 268435456 is the 2 TB of a log. */
  readonly maxSizePages: number;
  /** Pages, or percent when `isPercentGrowth`; 0 does not grow. */
  readonly growth: number;
  readonly isPercentGrowth: boolean;
}

/** The parts of this family. */
export interface DatabaseParts extends DatabaseDetailParts {
  /** Every database of the instance that is not a system one, `sys.databases` and joins. */
  readonly databases: readonly DatabaseFacts[];
  /** Files of every user database, `sys.master_files`. */
  readonly files: readonly FileFacts[];
}
