/** Databases of the instance, their files and their backup history. */

import type {
  BackupFacts,
  DatabaseFacts,
  DatabaseParts,
  FileFacts,
} from '../../../model/assess-database.ts';
import { known, unknown, type Fact } from '../../../model/fact.ts';
import type { RawRow } from '../../batch.ts';
import { attempt, bit, lsnOrNull, number, numberOrNull, text, textOrNull } from '../cell.ts';
import { databaseDetailParts } from './database-detail.ts';
import { onInstance, type PartAnswer, type PartsOf } from './part.ts';

const DATABASE_QUERY = `SELECT 1 AS part_databases, d.name, d.database_id, d.state_desc, d.recovery_model_desc,
  d.user_access_desc, d.is_read_only, d.is_auto_close_on, d.is_in_standby, d.compatibility_level,
  d.collation_name, d.containment_desc, d.is_encrypted, d.is_trustworthy_on, d.is_db_chaining_on,
  d.is_broker_enabled, d.is_cdc_enabled, d.is_published, d.is_merge_published, d.is_subscribed,
  d.is_distributor, d.delayed_durability_desc, d.log_reuse_wait_desc, d.source_database_id,
  SUSER_SNAME(d.owner_sid) AS owner_name,
  CASE WHEN d.group_database_id IS NULL THEN 0 ELSE 1 END AS in_availability_group,
  ag.name AS availability_group,
  CASE WHEN m.mirroring_guid IS NULL THEN 0 ELSE 1 END AS is_mirrored
FROM sys.databases AS d
LEFT JOIN sys.availability_replicas AS ar ON ar.replica_id = d.replica_id
LEFT JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
LEFT JOIN sys.database_mirroring AS m ON m.database_id = d.database_id
WHERE d.name NOT IN (N'master', N'tempdb', N'model', N'msdb');`;

const KEY_QUERY = `SELECT 1 AS part_encryption_keys, DB_NAME(k.database_id) AS database_name,
  CONVERT(varchar(50), k.encryptor_thumbprint, 1) AS encryptor_thumbprint
FROM sys.dm_database_encryption_keys AS k;`;

// A backup of another recovery fork belongs to a history this database no longer has.
const BACKUP_QUERY = `SELECT 1 AS part_backups, d.name AS database_name,
  CONVERT(varchar(33), MAX(CASE WHEN b.type = 'D' AND b.is_copy_only = 0 THEN b.backup_finish_date END), 126) AS last_full_finish,
  CONVERT(varchar(33), MAX(CASE WHEN b.type = 'D' AND b.is_copy_only = 1 THEN b.backup_finish_date END), 126) AS last_copy_only_finish,
  CONVERT(varchar(33), MAX(CASE WHEN b.type = 'L' THEN b.backup_finish_date END), 126) AS last_log_finish,
  MAX(CONVERT(varchar(30), r.last_log_backup_lsn)) AS last_log_backup_lsn
FROM sys.databases AS d
LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
LEFT JOIN msdb.dbo.backupset AS b ON b.database_name = d.name
  AND (r.recovery_fork_guid IS NULL OR b.last_recovery_fork_guid IS NULL OR b.last_recovery_fork_guid = r.recovery_fork_guid)
WHERE d.name NOT IN (N'master', N'tempdb', N'model', N'msdb')
GROUP BY d.name;`;

const FILE_QUERY = `SELECT 1 AS part_files, d.name AS database_name, f.type_desc, f.name, f.physical_name,
  CONVERT(bigint, f.size) * 8192 AS size_bytes, f.state_desc, f.max_size, f.growth, f.is_percent_growth
FROM sys.master_files AS f
INNER JOIN sys.databases AS d ON d.database_id = f.database_id
WHERE d.name NOT IN (N'master', N'tempdb', N'model', N'msdb');`;

/** The parts of this family. */
export const databaseParts: PartsOf<DatabaseParts> = {
  databases: onInstance({
    needs: ['viewAnyDatabase'],
    rowsetNeeds: { part_backups: ['readBackupHistory'] },
    queries: {
      part_databases: DATABASE_QUERY,
      part_encryption_keys: KEY_QUERY,
      part_backups: BACKUP_QUERY,
    },
    decode: decodeDatabases,
  }),
  files: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_files: FILE_QUERY },
    decode: decodeFiles,
  }),
  ...databaseDetailParts,
};

function decodeDatabases(answer: PartAnswer): readonly DatabaseFacts[] {
  const files = attempt(() => decodeFiles(answer));
  const sizes = files.known ? sizesOf(files.value) : null;
  const keys = byDatabase(answer.fact('part_encryption_keys'));
  const history = answer.fact('part_backups');
  const backups = byDatabase(history);
  return answer.rows('part_databases').map((row) => {
    const name = text(row, 'name');
    const key = keys.get(name);
    return {
      ...decodeDatabase(row),
      sizeBytes: sizes?.get(name) ?? null,
      encryptorThumbprint: key === undefined ? null : textOrNull(key, 'encryptor_thumbprint'),
      backup: history.known ? decodeBackup(backups.get(name)) : history,
    };
  });
}

function decodeFiles(answer: PartAnswer): readonly FileFacts[] {
  return answer.rows('part_files').map((row) => ({
    database: text(row, 'database_name'),
    typeDesc: textOrNull(row, 'type_desc') ?? '',
    logicalName: text(row, 'name'),
    physicalName: text(row, 'physical_name'),
    sizeBytes: number(row, 'size_bytes'),
    stateDesc: textOrNull(row, 'state_desc') ?? '',
    maxSizePages: number(row, 'max_size'),
    growth: number(row, 'growth'),
    isPercentGrowth: bit(row, 'is_percent_growth'),
  }));
}

/** Bytes by database; a login that may not see the files gets no rows and so no sizes. */
function sizesOf(files: readonly FileFacts[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const file of files) {
    sizes.set(file.database, (sizes.get(file.database) ?? 0) + file.sizeBytes);
  }
  return sizes;
}

function byDatabase(rows: Fact<readonly RawRow[]>): ReadonlyMap<string, RawRow> {
  const entries = rows.known ? rows.value : [];
  return new Map(entries.map((row) => [textOrNull(row, 'database_name') ?? '', row]));
}

function decodeDatabase(
  row: RawRow,
): Omit<DatabaseFacts, 'sizeBytes' | 'encryptorThumbprint' | 'backup'> {
  return {
    name: text(row, 'name'),
    databaseId: number(row, 'database_id'),
    stateDesc: text(row, 'state_desc'),
    recoveryModelDesc: textOrNull(row, 'recovery_model_desc') ?? '',
    userAccessDesc: textOrNull(row, 'user_access_desc') ?? '',
    isReadOnly: bit(row, 'is_read_only'),
    isAutoCloseOn: bit(row, 'is_auto_close_on'),
    isInStandby: bit(row, 'is_in_standby'),
    compatibilityLevel: number(row, 'compatibility_level'),
    collationName: textOrNull(row, 'collation_name'),
    containmentDesc: textOrNull(row, 'containment_desc') ?? 'NONE',
    isEncrypted: bit(row, 'is_encrypted'),
    isTrustworthyOn: bit(row, 'is_trustworthy_on'),
    isDbChainingOn: bit(row, 'is_db_chaining_on'),
    isBrokerEnabled: bit(row, 'is_broker_enabled'),
    isCdcEnabled: bit(row, 'is_cdc_enabled'),
    isPublished: bit(row, 'is_published'),
    isMergePublished: bit(row, 'is_merge_published'),
    isSubscribed: bit(row, 'is_subscribed'),
    isDistributor: bit(row, 'is_distributor'),
    delayedDurabilityDesc: textOrNull(row, 'delayed_durability_desc') ?? 'DISABLED',
    logReuseWaitDesc: textOrNull(row, 'log_reuse_wait_desc') ?? '',
    sourceDatabaseId: numberOrNull(row, 'source_database_id'),
    ownerName: textOrNull(row, 'owner_name'),
    inAvailabilityGroup: bit(row, 'in_availability_group'),
    availabilityGroup: textOrNull(row, 'availability_group'),
    isMirrored: bit(row, 'is_mirrored'),
  };
}

function decodeBackup(row: RawRow | undefined): Fact<BackupFacts> {
  if (row === undefined) return unknown('the backup history shows no row for this database');
  return known({
    lastFullFinish: textOrNull(row, 'last_full_finish'),
    lastCopyOnlyFinish: textOrNull(row, 'last_copy_only_finish'),
    lastLogFinish: textOrNull(row, 'last_log_finish'),
    lastLogBackupLsn: lsnOrNull(row, 'last_log_backup_lsn'),
  });
}
