/** Rows of the backup and restore history in msdb (Microsoft Learn, the page of each table). */

import { numberedId } from '../../backup/backup-result.ts';
import type { BackupKind } from '../../backup/backup-header.ts';
import { internalVersion } from '../../backup/restore-rule.ts';
import type { BackupRecord } from '../../world/backup-history.ts';
import type { PlainRow } from '../cell.ts';
import type { ViewContext, ViewTable } from '../view.ts';

/** `software_vendor_id` and layout numbers that SQL Server writes. */
const VENDOR = 4608;
const TIME_ZONE_UTC = 0;
const SORT_ORDER = 52;
const CODE_PAGE = 0;
const PAGE = 8192;
const SECTOR = 4096;

/** Tables of msdb. */
export const backupViews: ViewTable = {
  'msdb.dbo.backupset': { visibility: 'backups', rows: setRows },
  'msdb.dbo.backupmediafamily': { visibility: 'backups', rows: familyRows },
  'msdb.dbo.backupmediaset': { visibility: 'backups', rows: mediaSetRows },
  'msdb.dbo.backupfile': { visibility: 'backups', rows: fileRows },
  'msdb.dbo.restorehistory': { visibility: 'backups', rows: restoreRows },
  'msdb.dbo.restorefile': { visibility: 'backups', rows: restoreFileRows },
};

const TYPES: Readonly<Record<BackupKind, string>> = { full: 'D', differential: 'I', log: 'L' };

function* setRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const backup of record.backups) {
    const { header } = backup;
    const { version } = header;
    yield {
      backup_set_id: backup.id,
      backup_set_uuid: header.setId,
      media_set_id: backup.mediaSet,
      first_family_number: 1,
      first_media_number: 1,
      last_family_number: backup.devices.length,
      last_media_number: 1,
      catalog_family_number: 1,
      catalog_media_number: 1,
      position: backup.position,
      software_vendor_id: VENDOR,
      name: header.name,
      description: header.description,
      user_name: header.userName,
      software_major_version: version.major,
      software_minor_version: version.minor,
      software_build_version: version.build,
      time_zone: TIME_ZONE_UTC,
      mtf_minor_version: 0,
      first_lsn: header.firstLsn,
      last_lsn: header.lastLsn,
      checkpoint_lsn: header.checkpointLsn,
      database_backup_lsn: header.databaseBackupLsn,
      database_creation_date: header.databaseCreatedAt,
      backup_start_date: header.startedAt,
      backup_finish_date: header.finishedAt,
      type: TYPES[header.kind],
      sort_order: SORT_ORDER,
      code_page: CODE_PAGE,
      compatibility_level: version.major * 10,
      database_version: internalVersion(version.major),
      backup_size: header.bytes,
      compressed_backup_size: header.compressedBytes,
      database_name: header.database,
      server_name: header.serverName,
      machine_name: header.serverName.split('\\')[0],
      collation_name: 'SQL_Latin1_General_CP1_CI_AS',
      recovery_model: header.recoveryModel,
      ...setSwitches(backup),
      ...forkColumns(backup),
      database_guid: header.familyId,
      family_guid: header.familyId,
      differential_base_lsn: header.base?.lsn,
      differential_base_guid: header.base?.setId,
      compression_algorithm: header.compressed ? 'MS_XPRESS' : null,
      last_valid_restore_time: header.finishedAt,
    };
  }
}

function setSwitches({ header }: BackupRecord): PlainRow {
  return {
    is_password_protected: false,
    has_bulk_logged_data: false,
    is_snapshot: false,
    is_readonly: false,
    is_single_user: false,
    has_backup_checksums: header.checksums,
    is_damaged: false,
    begins_log_chain: header.beginsLogChain,
    has_incomplete_metadata: false,
    is_force_offline: header.isTail,
    is_copy_only: header.copyOnly,
  };
}

function forkColumns({ header: { forks } }: BackupRecord): PlainRow {
  const last = forks.at(-1);
  return {
    first_recovery_fork_guid: forks[0]?.id,
    last_recovery_fork_guid: last?.id,
    fork_point_lsn: forks.length > 1 ? last?.start : null,
  };
}

/** The first backup set of each media set. */
function mediaSets({ record }: ViewContext): readonly BackupRecord[] {
  return record.backups.filter(
    (backup, index, all) => all.findIndex((each) => each.mediaSet === backup.mediaSet) === index,
  );
}

function* familyRows(context: ViewContext): Iterable<PlainRow> {
  for (const { mediaSet, mediaSetId, devices, deviceType } of mediaSets(context)) {
    for (const [index, device] of devices.entries()) {
      yield {
        media_set_id: mediaSet,
        family_sequence_number: index + 1,
        media_family_id: numberedId(mediaSetId, index + 1),
        media_count: 1,
        physical_device_name: device,
        device_type: deviceType,
        physical_block_size: 65_536,
        mirror: 0,
      };
    }
  }
}

function* mediaSetRows(context: ViewContext): Iterable<PlainRow> {
  for (const { mediaSet, mediaSetId, devices, header } of mediaSets(context)) {
    yield {
      media_set_id: mediaSet,
      media_uuid: mediaSetId,
      media_family_count: devices.length,
      software_name: 'Microsoft SQL Server',
      software_vendor_id: VENDOR,
      MTF_major_version: 1,
      mirror_count: 1,
      is_password_protected: false,
      is_compressed: header.compressed,
      is_encrypted: false,
    };
  }
}

function* fileRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const { id, header } of record.backups) {
    for (const file of header.files) {
      const isLog = file.type === 'LOG';
      const moved = isLog === (header.kind === 'log') ? header.bytes : 0;
      yield {
        backup_set_id: id,
        first_family_number: 1,
        first_media_number: 1,
        filegroup_name: isLog ? null : 'PRIMARY',
        page_size: isLog ? 512 : PAGE,
        file_number: file.fileId,
        backed_up_page_count: Math.ceil(moved / PAGE),
        file_type: isLog ? 'L' : 'D',
        source_file_block_size: SECTOR,
        file_size: file.bytes,
        logical_name: file.logicalName,
        physical_drive: file.physicalName.slice(0, 2),
        physical_name: file.physicalName,
        state: 0,
        state_desc: 'ONLINE',
        create_lsn: 0,
        drop_lsn: 0,
        file_guid: numberedId(header.familyId, file.fileId),
        read_only_lsn: 0,
        read_write_lsn: 0,
        differential_base_lsn: header.base?.lsn,
        differential_base_guid: header.base?.setId,
        backup_size: moved,
        is_readonly: false,
        is_present: true,
      };
    }
  }
}

function* restoreRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const restore of record.restores) {
    const backup = record.backups.find((each) => each.id === restore.backupId);
    yield {
      restore_history_id: restore.id,
      restore_date: restore.at,
      destination_database_name: restore.database,
      user_name: restore.userName,
      backup_set_id: restore.backupId,
      restore_type: restore.type,
      replace: restore.replace,
      recovery: restore.recovery,
      restart: false,
      device_count: backup?.devices.length ?? 1,
    };
  }
}

function* restoreFileRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const { id, files } of record.restores) {
    for (const file of files) {
      yield {
        restore_history_id: id,
        file_number: file.fileId,
        destination_phys_drive: file.physicalName.slice(0, 2),
        destination_phys_name: file.physicalName,
      };
    }
  }
}
