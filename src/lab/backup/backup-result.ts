/**
 * The result sets of RESTORE HEADERONLY, FILELISTONLY and LABELONLY.
 *
 * Columns and their order: Microsoft Learn, the page of each statement. What the lab has not is NULL,
 * or zero where a server says so for an ordinary backup.
 */

import { cell } from '../catalog/cell.ts';
import type { PlainRow } from '../catalog/cell.ts';
import { columnsOfVersion, parseColumns } from '../catalog/column-table.ts';
import type { CatalogRowset } from '../instance.ts';
import type { BackupHeader, BackupKind } from './backup-header.ts';
import type { MediaLabel } from './media-file.ts';
import type { ReadSet } from './media-rule.ts';
import { internalVersion } from './restore-rule.ts';

const COLUMNS = {
  header: `
    BackupName:nvarchar(128) BackupDescription:nvarchar(255) BackupType:smallint
    ExpirationDate:datetime Compressed:tinyint Position:smallint DeviceType:tinyint
    UserName:nvarchar(128) ServerName:nvarchar(128) DatabaseName:nvarchar(128) DatabaseVersion:int
    DatabaseCreationDate:datetime BackupSize:numeric(20,0) FirstLSN:numeric(25,0)
    LastLSN:numeric(25,0) CheckpointLSN:numeric(25,0) DatabaseBackupLSN:numeric(25,0)
    BackupStartDate:datetime BackupFinishDate:datetime SortOrder:smallint CodePage:smallint
    UnicodeLocaleId:int UnicodeComparisonStyle:int CompatibilityLevel:tinyint SoftwareVendorId:int
    SoftwareVersionMajor:int SoftwareVersionMinor:int SoftwareVersionBuild:int
    MachineName:nvarchar(128) Flags:int BindingID:uniqueidentifier RecoveryForkID:uniqueidentifier
    Collation:nvarchar(128) FamilyGUID:uniqueidentifier HasBulkLoggedData:bit IsSnapshot:bit
    IsReadOnly:bit IsSingleUser:bit HasBackupChecksums:bit IsDamaged:bit BeginsLogChain:bit
    HasIncompleteMetaData:bit IsForceOffline:bit IsCopyOnly:bit FirstRecoveryForkID:uniqueidentifier
    ForkPointLSN:numeric(25,0) RecoveryModel:nvarchar(60) DifferentialBaseLSN:numeric(25,0)
    DifferentialBaseGUID:uniqueidentifier BackupTypeDescription:nvarchar(60)
    BackupSetGUID:uniqueidentifier CompressedBackupSize:bigint Containment:tinyint
    KeyAlgorithm:nvarchar(32) EncryptorThumbprint:varbinary(20) EncryptorType:nvarchar(32)
    LastValidRestoreTime:datetime@16 TimeZone:nvarchar(255)@16 CompressionAlgorithm:nvarchar(32)@16
  `,
  files: `
    LogicalName:nvarchar(128) PhysicalName:nvarchar(260) Type:char(1) FileGroupName:nvarchar(128)
    Size:numeric(20,0) MaxSize:numeric(20,0) FileId:bigint CreateLSN:numeric(25,0)
    DropLSN:numeric(25,0) UniqueId:uniqueidentifier ReadOnlyLSN:numeric(25,0)
    ReadWriteLSN:numeric(25,0) BackupSizeInBytes:bigint SourceBlockSize:int FileGroupId:int
    LogGroupGUID:uniqueidentifier DifferentialBaseLSN:numeric(25,0)
    DifferentialBaseGUID:uniqueidentifier IsReadOnly:bit IsPresent:bit TDEThumbprint:varbinary(32)
    SnapshotUrl:nvarchar(360)
  `,
  label: `
    MediaName:nvarchar(128) MediaSetId:uniqueidentifier FamilyCount:int FamilySequenceNumber:int
    MediaFamilyId:uniqueidentifier MediaSequenceNumber:int MediaLabelPresent:tinyint
    MediaDescription:nvarchar(255) SoftwareName:nvarchar(128) SoftwareVendorId:int
    MediaDate:datetime MirrorCount:int IsCompressed:bit
  `,
} as const;

const VENDOR = 4608;
const SORT_ORDER = 52;
const LOCALE = 1033;
const COMPARISON_STYLE = 196_609;
const FILE_LIMIT = 35_184_372_080_640n;
const SECTOR = 4096;
const DEVICE = { disk: 2, url: 9 } as const;

const TYPES: Readonly<Record<BackupKind, { readonly number: number; readonly text: string }>> = {
  full: { number: 1, text: 'Database' },
  log: { number: 2, text: 'Transaction Log' },
  differential: { number: 5, text: 'Database Differential' },
};

/** Rows of HEADERONLY, one per backup set. */
export function headerResult(
  sets: readonly ReadSet[],
  given: { readonly isUrl: boolean; readonly major: number },
): CatalogRowset {
  return rowset(
    'header',
    given.major,
    sets.map((set) => headerRow(set, given.isUrl)),
  );
}

/** Rows of FILELISTONLY: the files of the database in one backup set. */
export function fileListResult({ header }: ReadSet, major: number): CatalogRowset {
  return rowset(
    'files',
    major,
    header.files.map((file) => fileRow(header, file)),
  );
}

/** The row of LABELONLY. */
export function labelResult(label: MediaLabel, major: number): CatalogRowset {
  const row = {
    MediaSetId: label.mediaSetId,
    FamilyCount: label.families,
    FamilySequenceNumber: label.family,
    MediaFamilyId: numberedId(label.mediaSetId, label.family),
    MediaSequenceNumber: 1,
    MediaLabelPresent: 0,
    SoftwareName: 'Microsoft SQL Server',
    SoftwareVendorId: VENDOR,
    MirrorCount: 1,
    IsCompressed: label.compressed,
  };
  return rowset('label', major, [row]);
}

function rowset(
  what: keyof typeof COLUMNS,
  major: number,
  rows: readonly PlainRow[],
): CatalogRowset {
  const columns = columnsOfVersion(parseColumns(COLUMNS[what]), major);
  return {
    columns,
    rows: () => rows.map((row) => columns.map((column) => cell(column.type, row[column.name]))),
  };
}

function headerRow({ header, position, damage }: ReadSet, isUrl: boolean): PlainRow {
  const [first] = header.forks;
  const last = header.forks.at(-1);
  return {
    BackupName: header.name,
    BackupDescription: header.description,
    BackupType: TYPES[header.kind].number,
    BackupTypeDescription: TYPES[header.kind].text,
    Compressed: header.compressed ? 1 : 0,
    Position: position,
    DeviceType: isUrl ? DEVICE.url : DEVICE.disk,
    UserName: header.userName,
    ServerName: header.serverName,
    DatabaseName: header.database,
    DatabaseVersion: internalVersion(header.version.major),
    DatabaseCreationDate: header.databaseCreatedAt,
    BackupSize: header.bytes,
    FirstLSN: header.firstLsn,
    LastLSN: header.lastLsn,
    CheckpointLSN: header.checkpointLsn,
    DatabaseBackupLSN: header.databaseBackupLsn,
    BackupStartDate: header.startedAt,
    BackupFinishDate: header.finishedAt,
    SortOrder: SORT_ORDER,
    CodePage: 0,
    UnicodeLocaleId: LOCALE,
    UnicodeComparisonStyle: COMPARISON_STYLE,
    CompatibilityLevel: header.version.major * 10,
    SoftwareVendorId: VENDOR,
    SoftwareVersionMajor: header.version.major,
    SoftwareVersionMinor: header.version.minor,
    SoftwareVersionBuild: header.version.build,
    MachineName: header.serverName.split('\\')[0],
    Flags: header.checksums ? 528 : 512,
    BindingID: header.familyId,
    RecoveryForkID: last?.id,
    Collation: 'SQL_Latin1_General_CP1_CI_AS',
    FamilyGUID: header.familyId,
    ...switches(header),
    IsDamaged: damage !== null,
    FirstRecoveryForkID: first?.id,
    ForkPointLSN: header.forks.length > 1 ? last?.start : null,
    RecoveryModel: header.recoveryModel,
    DifferentialBaseLSN: header.base?.lsn,
    DifferentialBaseGUID: header.base?.setId,
    BackupSetGUID: header.setId,
    CompressedBackupSize: header.compressedBytes,
    Containment: 0,
    LastValidRestoreTime: header.finishedAt,
    TimeZone: '0',
    CompressionAlgorithm: header.compressed ? 'MS_XPRESS' : null,
  };
}

function switches(header: BackupHeader): PlainRow {
  return {
    HasBulkLoggedData: false,
    IsSnapshot: false,
    IsReadOnly: false,
    IsSingleUser: false,
    HasBackupChecksums: header.checksums,
    BeginsLogChain: header.beginsLogChain,
    HasIncompleteMetaData: false,
    IsForceOffline: header.isTail,
    IsCopyOnly: header.copyOnly,
  };
}

function fileRow(header: BackupHeader, file: BackupHeader['files'][number]): PlainRow {
  const isLog = file.type === 'LOG';
  return {
    LogicalName: file.logicalName,
    PhysicalName: file.physicalName,
    Type: isLog ? 'L' : 'D',
    FileGroupName: isLog ? null : 'PRIMARY',
    Size: file.bytes,
    MaxSize: FILE_LIMIT,
    FileId: file.fileId,
    CreateLSN: 0,
    DropLSN: 0,
    UniqueId: numberedId(header.familyId, file.fileId),
    ReadOnlyLSN: 0,
    ReadWriteLSN: 0,
    BackupSizeInBytes: isLog ? 0 : header.bytes,
    SourceBlockSize: SECTOR,
    FileGroupId: isLog ? 0 : 1,
    DifferentialBaseLSN: header.base?.lsn ?? 0,
    DifferentialBaseGUID: header.base?.setId,
    IsReadOnly: false,
    IsPresent: true,
    TDEThumbprint: header.encryptor === null ? null : binary(header.encryptor),
  };
}

function binary(thumbprint: string): Uint8Array {
  return new Uint8Array(Buffer.from(thumbprint.replace(/^0x/iu, ''), 'hex'));
}

/** A GUID of its own for each part of a whole. */
export function numberedId(id: string, number: number): string {
  return id.slice(0, 24) + number.toString(16).padStart(12, '0').toUpperCase();
}
