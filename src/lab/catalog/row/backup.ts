/** Rows of the backup history in msdb. */

import type { PlainRow } from '../cell.ts';
import type { ViewContext, ViewTable } from '../view.ts';

/** `software_vendor_id` and layout numbers that SQL Server writes. */
const VENDOR = 4608;
const TIME_ZONE_UTC = 0;
const SORT_ORDER = 52;
const CODE_PAGE = 0;

/** Views of msdb. */
export const backupViews: ViewTable = {
  'msdb.dbo.backupset': { visibility: 'backups', rows: setRows },
  'msdb.dbo.backupmediafamily': { visibility: 'backups', rows: familyRows },
};

function* setRows({ instance, record }: ViewContext): Iterable<PlainRow> {
  for (const backup of record.backups) {
    yield {
      backup_set_id: backup.id,
      backup_set_uuid: numberedGuid(backup.familyId, backup.id),
      media_set_id: backup.id,
      first_family_number: 1,
      first_media_number: 1,
      last_family_number: 1,
      last_media_number: 1,
      catalog_family_number: 1,
      catalog_media_number: 1,
      position: 1,
      software_vendor_id: VENDOR,
      user_name: backup.userName,
      software_major_version: instance.version.major,
      software_minor_version: instance.version.minor,
      software_build_version: instance.version.build,
      time_zone: TIME_ZONE_UTC,
      mtf_minor_version: 0,
      first_lsn: backup.firstLsn,
      last_lsn: backup.lastLsn,
      checkpoint_lsn: backup.checkpointLsn,
      database_backup_lsn: backup.databaseBackupLsn,
      backup_start_date: backup.startedAt,
      backup_finish_date: backup.finishedAt,
      type: backup.type,
      sort_order: SORT_ORDER,
      code_page: CODE_PAGE,
      compatibility_level: instance.version.major * 10,
      backup_size: backup.bytes,
      compressed_backup_size: backup.bytes,
      database_name: backup.database,
      server_name: backup.serverName,
      machine_name: backup.serverName.split('\\')[0],
      collation_name: 'SQL_Latin1_General_CP1_CI_AS',
      is_password_protected: false,
      recovery_model: backup.recoveryModel,
      has_bulk_logged_data: false,
      is_snapshot: false,
      is_readonly: false,
      is_single_user: false,
      has_backup_checksums: false,
      is_damaged: false,
      begins_log_chain: false,
      has_incomplete_metadata: false,
      is_force_offline: false,
      is_copy_only: backup.copyOnly,
      first_recovery_fork_guid: backup.lastForkId,
      last_recovery_fork_guid: backup.lastForkId,
      database_guid: backup.familyId,
      family_guid: backup.familyId,
    };
  }
}

function* familyRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const backup of record.backups) {
    yield {
      media_set_id: backup.id,
      family_sequence_number: 1,
      media_family_id: numberedGuid(backup.familyId, backup.id),
      media_count: 1,
      physical_device_name: backup.physicalDeviceName,
      device_type: backup.deviceType,
      physical_block_size: 65_536,
      mirror: 0,
    };
  }
}

/** A GUID of its own for each backup of a database. */
function numberedGuid(familyId: string, number: number): string {
  return familyId.slice(0, 24) + number.toString(16).padStart(12, '0').toUpperCase();
}
