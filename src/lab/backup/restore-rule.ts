/**
 * May this backup set be restored onto what is there, and where does the database stand afterwards?
 *
 * Pure. The rules are those of "RESTORE", "Restore and recovery overview" and "Recovery paths"
 * (Microsoft Learn) and the texts of 3117, 3136, 3154, 3159, 3169, 4305, 4326 and 4330.
 */

import { unreachable } from '../../base/assert.ts';
import type { Lsn } from '../../base/lsn.ts';
import { commonPoint } from '../hadr/copy.ts';
import type { EngineError } from '../hadr/effect.ts';
import { engineError as error } from '../hadr/turn.ts';
import type { DatabaseState, ProductVersion } from '../hadr/state.ts';
import type { BackupHeader } from './backup-header.ts';

/** The database that is already there. */
export type ExistingDatabase = Pick<
  DatabaseState,
  'name' | 'state' | 'familyId' | 'forks' | 'recoveryModel' | 'group'
> & {
  /** End of its log. */
  readonly end: Lsn;
  /** `backup_set_uuid` of the full backup it was restored from; null when it was not. */
  readonly baseId: string | null;
};

/** What RESTORE wants. */
export interface RestoreWish {
  readonly what: 'database' | 'log';
  readonly database: string;
  readonly replace: boolean;
  readonly version: ProductVersion;
  readonly existing: ExistingDatabase | null;
  readonly header: BackupHeader;
  /** The device, for messages. */
  readonly device: string;
}

/** Internal version of databases by major version of the server. */
export function internalVersion(major: number): number {
  const versions: Readonly<Record<number, number | undefined>> = {
    13: 852,
    14: 869,
    15: 904,
    16: 957,
    17: 998,
  };
  return versions[major] ?? 0;
}

/** The error that refuses the restore, or null. */
export function refuseRestore(wish: RestoreWish): EngineError | null {
  const { header, version, existing } = wish;
  if (header.version.major > version.major)
    return error(3169, internalVersion(header.version.major), internalVersion(version.major));
  if (wish.what === 'log' && header.kind !== 'log')
    return error(3135, wish.device, createdBy(header));
  if (wish.what === 'database' && header.kind === 'log')
    return error(3135, wish.device, createdBy(header));
  if (existing !== null && existing.group !== null) return error(3104, existing.name);
  switch (header.kind) {
    case 'full':
      return refuseFull(wish);
    case 'differential':
      return refuseDifferential(wish);
    case 'log':
      return refuseLog(wish);
  }
  return unreachable(header.kind);
}

function createdBy({ kind }: BackupHeader): string {
  if (kind === 'log') return 'BACKUP LOG';
  return kind === 'full' ? 'BACKUP DATABASE' : 'BACKUP DATABASE WITH DIFFERENTIAL';
}

function refuseFull({ existing, header, replace }: RestoreWish): EngineError | null {
  if (existing === null || replace) return null;
  if (existing.familyId !== header.familyId) return error(3154, existing.name);
  if (existing.state === 'RESTORING') return null;
  // Only WITH NORECOVERY backs up the tail, and that leaves the database RESTORING.
  return existing.recoveryModel === 'SIMPLE' ? null : error(3159, existing.name);
}

function refuseDifferential(wish: RestoreWish): EngineError | null {
  const refused = refuseRollForward(wish);
  if (refused !== null) return refused;
  const { existing, header } = wish;
  return existing?.baseId === header.base?.setId ? null : error(3136);
}

/** What holds for everything that needs a database in the middle of a restore. */
function refuseRollForward({ existing, header, database }: RestoreWish): EngineError | null {
  if (existing === null) return error(3118, database);
  if (existing.familyId !== header.familyId) return error(3154, existing.name);
  return existing.state === 'RESTORING' ? null : error(3117);
}

function refuseLog(wish: RestoreWish): EngineError | null {
  const refused = refuseRollForward(wish);
  const { existing, header } = wish;
  if (refused !== null || existing === null) return refused;
  const { firstLsn, lastLsn, forks } = header;
  if (firstLsn > existing.end) return error(4305, firstLsn.toString(), existing.end.toString());
  if (lastLsn < existing.end) return error(4326, lastLsn.toString(), existing.end.toString());
  const common = commonPoint({ forks, end: lastLsn }, existing);
  return common === existing.end ? null : error(4330);
}
