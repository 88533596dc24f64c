/**
 * Backup files: a folder per media with one description and one image per backup set.
 *
 * Paths are those of the simulated server: a UNC path is one file for all instances, any other path
 * belongs to one instance. A log backup holds the whole image at its end, which restores to the same.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lsn } from '../../base/lsn.ts';
import { parseLsn } from '../../base/lsn.ts';
import type { RecoveryFork } from '../hadr/state.ts';
import type { StoreImage } from '../store/database-store.ts';

/** What a backup set says about itself. */
export interface BackupHeader {
  readonly what: 'database' | 'log';
  readonly database: string;
  readonly familyId: string;
  readonly forks: readonly RecoveryFork[];
  readonly position: Lsn;
  readonly totalBytes: number;
  readonly firstLsn: Lsn;
  readonly recoveryModel: 'FULL' | 'BULK_LOGGED' | 'SIMPLE';
  readonly versionMajor: number;
  readonly serverName: string;
  readonly finishedAt: number;
}

/** One backup set. */
export interface BackupSet {
  readonly header: BackupHeader;
  readonly image: StoreImage;
}

/** Backup files of all instances. */
export class BackupMedia {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Adds a backup set; `overwrite` (INIT, FORMAT) removes the older ones first. */
  write(
    at: { readonly instance: string; readonly path: string },
    set: BackupSet,
    overwrite: boolean,
  ): void {
    const folder = this.#folder(at);
    if (overwrite) rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const number = readdirSync(folder).filter((name) => name.endsWith('.json')).length + 1;
    const { header, image } = set;
    const forks = header.forks.map((fork) => ({ ...fork, start: fork.start.toString() }));
    const text = JSON.stringify({
      ...header,
      forks,
      position: header.position.toString(),
      firstLsn: header.firstLsn.toString(),
    });
    writeFileSync(join(folder, `${number}.bin`), image.bytes);
    writeFileSync(join(folder, `${number}.json`), text);
  }

  /** The newest backup set of a media; undefined when there is no such file. */
  read(at: { readonly instance: string; readonly path: string }): BackupSet | undefined {
    const folder = this.#folder(at);
    if (!existsSync(folder)) return undefined;
    const number = readdirSync(folder).filter((name) => name.endsWith('.json')).length;
    const text = readFileSync(join(folder, `${number}.json`), 'utf8');
    return {
      header: decodeHeader(JSON.parse(text) as StoredHeader),
      image: { bytes: new Uint8Array(readFileSync(join(folder, `${number}.bin`))) },
    };
  }

  #folder(at: { readonly instance: string; readonly path: string }): string {
    const path = at.path.toLowerCase().replaceAll('/', '\\');
    const owner = path.startsWith('\\\\') ? '' : at.instance;
    const name = createHash('sha256').update(`${owner}|${path}`).digest('hex').slice(0, 32);
    return join(this.#directory, name);
  }
}

interface StoredHeader extends Omit<BackupHeader, 'forks' | 'position' | 'firstLsn'> {
  readonly forks: readonly { readonly id: string; readonly start: string }[];
  readonly position: string;
  readonly firstLsn: string;
}

function decodeHeader(stored: StoredHeader): BackupHeader {
  return {
    ...stored,
    forks: stored.forks.map((fork) => ({ id: fork.id, start: lsn(fork.start) })),
    position: lsn(stored.position),
    firstLsn: lsn(stored.firstLsn),
  };
}

function lsn(text: string): Lsn {
  const value = parseLsn(text);
  if (value === undefined) throw new RangeError(`backup header: LSN ${text}`);
  return value;
}
