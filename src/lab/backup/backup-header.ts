/**
 * What a backup set says about itself: the facts that RESTORE HEADERONLY, FILELISTONLY and msdb show.
 *
 * Facts: Microsoft Learn, "RESTORE HEADERONLY" and "backupset". Not here: bytes (`media-file.ts`),
 * the rules of a restore (`restore-rule.ts`).
 */

import type { Lsn } from '../../base/lsn.ts';
import { parseLsn } from '../../base/lsn.ts';
import type { ProductVersion, RecoveryFork } from '../hadr/state.ts';

/** `type` of `msdb.dbo.backupset`: D, I or L. */
export type BackupKind = 'full' | 'differential' | 'log';

/** One file of the database as it was when it was backed up. */
export interface BackedUpFile {
  readonly fileId: number;
  readonly type: 'ROWS' | 'LOG';
  readonly logicalName: string;
  readonly physicalName: string;
  readonly bytes: number;
}

/** One backup set without its data. */
export interface BackupHeader {
  readonly kind: BackupKind;
  readonly name: string | null;
  readonly description: string | null;
  readonly database: string;
  /** `backup_set_uuid`. */
  readonly setId: string;
  readonly familyId: string;
  readonly forks: readonly RecoveryFork[];
  /** First log record in the set. */
  readonly firstLsn: Lsn;
  /** Next log record behind the set: where a restored copy stands. */
  readonly lastLsn: Lsn;
  readonly checkpointLsn: Lsn;
  /** `checkpoint_lsn` of the last full backup that counts; 0 when there is none. */
  readonly databaseBackupLsn: Lsn;
  /** Full backup that a differential one is based on. */
  readonly base: { readonly setId: string; readonly lsn: Lsn } | null;
  /** Log bytes up to `lastLsn`, from the birth of the database. */
  readonly totalBytes: number;
  readonly recoveryModel: 'FULL' | 'BULK_LOGGED' | 'SIMPLE';
  readonly version: ProductVersion;
  readonly serverName: string;
  readonly userName: string;
  readonly copyOnly: boolean;
  readonly compressed: boolean;
  /** A log backup holds transactions; where some are gone, and in every other backup: the whole state at its end. */
  readonly content: 'state' | 'transactions';
  /** WITH CHECKSUM. */
  readonly checksums: boolean;
  /** BACKUP LOG WITH NORECOVERY. */
  readonly isTail: boolean;
  readonly beginsLogChain: boolean;
  /** Thumbprint of the certificate the database is encrypted with, `0x...`; null without TDE. */
  readonly encryptor: string | null;
  readonly databaseCreatedAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly files: readonly BackedUpFile[];
  /** Bytes of all stripes before and after compression. */
  readonly bytes: number;
  readonly compressedBytes: number;
}

const LSN_FIELDS = ['firstLsn', 'lastLsn', 'checkpointLsn', 'databaseBackupLsn'] as const;

/** The header as JSON text: LSNs are decimal strings. */
export function headerText(header: BackupHeader): string {
  return JSON.stringify(header, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

type Plain = Record<string, unknown>;

/** Reads what `headerText` wrote; undefined when it is something else. */
export function readHeader(text: string): BackupHeader | undefined {
  let plain: Plain;
  try {
    plain = JSON.parse(text) as Plain;
  } catch {
    return undefined;
  }
  const forks = plain['forks'];
  if (!Array.isArray(forks)) return undefined;
  const lsns = LSN_FIELDS.map((field) => [field, lsnOf(plain[field])] as const);
  const base = plain['base'] as { readonly setId: string; readonly lsn: unknown } | null;
  const baseLsn = base === null ? null : lsnOf(base.lsn);
  if (lsns.some(([, lsn]) => lsn === undefined) || baseLsn === undefined) return undefined;
  return {
    ...(plain as unknown as BackupHeader),
    ...(Object.fromEntries(lsns) as Record<(typeof LSN_FIELDS)[number], Lsn>),
    base: base === null || baseLsn === null ? null : { setId: base.setId, lsn: baseLsn },
    forks: (forks as { readonly id: string; readonly start: unknown }[]).map((fork) => ({
      id: fork.id,
      start: lsnOf(fork.start) ?? (0n as Lsn),
    })),
  };
}

function lsnOf(value: unknown): Lsn | undefined {
  return typeof value === 'string' ? parseLsn(value) : undefined;
}
