/** What an instance remembers of backups and restores: the source of the history tables in msdb. */

import type { BackedUpFile, BackupHeader } from '../backup/backup-header.ts';

/** One row of `backupset` with its media set. */
export interface BackupRecord {
  /** `backup_set_id`. */
  readonly id: number;
  /** `media_set_id`; backup sets on one media set share it. */
  readonly mediaSet: number;
  readonly mediaSetId: string;
  /** `position`: number of the set on its media, from 1. */
  readonly position: number;
  readonly header: BackupHeader;
  /** `physical_device_name` of each family. */
  readonly devices: readonly string[];
  /** 2 disk, 9 URL. */
  readonly deviceType: 2 | 9;
}

/** One row of `restorehistory` with its files. */
export interface RestoreRecord {
  readonly id: number;
  /** `backup_set_id` of the set that was restored. */
  readonly backupId: number;
  /** `destination_database_name`. */
  readonly database: string;
  readonly at: number;
  readonly userName: string;
  /** D full, I differential, L log. */
  readonly type: 'D' | 'I' | 'L';
  readonly replace: boolean;
  readonly recovery: boolean;
  readonly files: readonly BackedUpFile[];
}

const KEPT = 10_000;

/** The history of one instance; the oldest rows go when there are too many. */
export class BackupHistory {
  readonly #backups: BackupRecord[] = [];
  readonly #restores: RestoreRecord[] = [];
  #lastBackup = 0;
  #lastRestore = 0;

  /** Oldest first. */
  get backups(): readonly BackupRecord[] {
    return this.#backups;
  }

  /** Oldest first. */
  get restores(): readonly RestoreRecord[] {
    return this.#restores;
  }

  /** Adds a backup set, which a restore finds again by its `setId`; returns `backup_set_id`. */
  addBackup(record: Omit<BackupRecord, 'id' | 'mediaSet'>): number {
    const known = this.#backups.find((each) => each.header.setId === record.header.setId);
    if (known !== undefined) return known.id;
    this.#lastBackup += 1;
    const id = this.#lastBackup;
    const same = this.#backups.find((each) => each.mediaSetId === record.mediaSetId);
    this.#backups.push({ id, mediaSet: same?.mediaSet ?? id, ...record });
    if (this.#backups.length > KEPT) this.#backups.shift();
    return id;
  }

  /** Adds a restore. */
  addRestore(record: Omit<RestoreRecord, 'id'>): void {
    this.#lastRestore += 1;
    this.#restores.push({ id: this.#lastRestore, ...record });
    if (this.#restores.length > KEPT) this.#restores.shift();
  }

  /** The last full backup of a family that differential backups are based on; undefined without one. */
  base(familyId: string): BackupHeader | undefined {
    return this.#backups.findLast(
      ({ header }) => header.kind === 'full' && !header.copyOnly && header.familyId === familyId,
    )?.header;
  }
}
