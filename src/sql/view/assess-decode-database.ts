/** Databases and files of the assess batch. */

import type {
  BackupFacts,
  DatabaseFacts,
  FileFacts,
  PermissionFacts,
} from '../../model/assess-facts.ts';
import { known, unknown, type Fact } from '../../model/fact.ts';
import type { RawReply, RawRow } from '../batch.ts';
import {
  bit,
  decodePart,
  lsnOrNull,
  number,
  numberOrNull,
  part,
  text,
  textOrNull,
} from './cell.ts';

/** Every user database; unknown without the right to see them all. */
export function decodeDatabaseFacts(
  reply: RawReply,
  permissions: Fact<PermissionFacts>,
): Fact<readonly DatabaseFacts[]> {
  if (!permissions.known) return permissions;
  const rights = permissions.value;
  if (!rights.viewAnyDatabase && !rights.viewAnyDefinition) {
    return unknown('the login lacks VIEW ANY DATABASE, so databases are left out');
  }
  const files = decodeFileFacts(reply);
  const keys = part(reply, 'part_encryption_keys');
  const backups = rights.readBackupHistory
    ? part(reply, 'part_backups')
    : unknown('the login may not read msdb.dbo.backupset');
  return decodePart(part(reply, 'part_databases'), (rows): readonly DatabaseFacts[] =>
    rows.map((row) => {
      const name = text(row, 'name');
      return {
        ...decodeDatabase(row),
        sizeBytes: files.known && rights.viewAnyDefinition ? sizeOf(files.value, name) : null,
        encryptorThumbprint: keys.known ? thumbprintOf(keys.value, name) : null,
        backup: backups.known ? decodeBackup(backups.value, name) : backups,
      };
    }),
  );
}

/** Files of every user database. */
export function decodeFileFacts(reply: RawReply): Fact<readonly FileFacts[]> {
  return decodePart(part(reply, 'part_files'), (rows): readonly FileFacts[] =>
    rows.map((row) => ({
      database: text(row, 'database_name'),
      typeDesc: textOrNull(row, 'type_desc') ?? '',
      logicalName: text(row, 'name'),
      physicalName: text(row, 'physical_name'),
      sizeBytes: number(row, 'size_bytes'),
    })),
  );
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

function sizeOf(files: readonly FileFacts[], database: string): number {
  return files
    .filter((file) => file.database === database)
    .reduce((sum, file) => sum + file.sizeBytes, 0);
}

function thumbprintOf(keys: readonly RawRow[], database: string): string | null {
  const key = keys.find((row) => textOrNull(row, 'database_name') === database);
  return key === undefined ? null : textOrNull(key, 'encryptor_thumbprint');
}

function decodeBackup(rows: readonly RawRow[], database: string): Fact<BackupFacts> {
  const row = rows.find((candidate) => text(candidate, 'database_name') === database);
  if (row === undefined) return unknown('the backup history shows no row for this database');
  return known({
    lastFullFinish: textOrNull(row, 'last_full_finish'),
    lastCopyOnlyFinish: textOrNull(row, 'last_copy_only_finish'),
    lastLogFinish: textOrNull(row, 'last_log_finish'),
    lastLogBackupLsn: lsnOrNull(row, 'last_log_backup_lsn'),
  });
}
