/** The files of databases on an instance: where a restore put them, or where the lab puts new ones. */

import type { BackedUpFile } from '../backup/backup-header.ts';
import { nameKey } from '../hadr/state.ts';
import { databaseOf, stateOf } from './instance-parts.ts';
import type { InstanceParts } from './instance-parts.ts';
import type { DatabaseFileRecord } from './record.ts';
import { systemDatabaseIds } from './row-keeper.ts';

const logFileBytes = 8 * 1024 * 1024;
const systemFileBytes = 8 * 1024 * 1024;

/** Data and log file of a database with their sizes now; none when there is no such database. */
export function filesOf(parts: InstanceParts, name: string): readonly DatabaseFileRecord[] {
  const database = databaseOf(parts, name);
  const known = database?.name ?? nameKey(name);
  if (database === undefined && systemDatabaseIds[nameKey(name)] === undefined) return [];
  const bytes =
    parts.rows.store({ instance: parts.key, database: known })?.dataBytes() ?? systemFileBytes;
  const placed = parts.files.get(nameKey(name));
  if (placed !== undefined && placed.familyId === database?.familyId)
    return placed.files.map((file) => ({
      ...file,
      bytes: file.type === 'LOG' ? file.bytes : bytes,
    }));
  return [
    {
      fileId: 1,
      type: 'ROWS',
      logicalName: known,
      physicalName: `F:\\SQLData\\${known}.mdf`,
      bytes,
    },
    {
      fileId: 2,
      type: 'LOG',
      logicalName: `${known}_log`,
      physicalName: `G:\\SQLLog\\${known}_log.ldf`,
      bytes: logFileBytes,
    },
  ];
}

/** Remembers where a restore put the files of a database. */
export function setFiles(
  parts: InstanceParts,
  name: string,
  placed: { readonly familyId: string; readonly files: readonly BackedUpFile[] },
): void {
  parts.files.set(nameKey(name), placed);
}

/** The other database of the instance that has a file with this path; null when none has. */
export function ownerOf(parts: InstanceParts, path: string, besides: string): string | null {
  for (const { key, name } of Object.values(stateOf(parts).databases)) {
    if (key === nameKey(besides)) continue;
    if (filesOf(parts, name).some((file) => nameKey(file.physicalName) === nameKey(path)))
      return name;
  }
  return null;
}
