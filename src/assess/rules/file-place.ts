/** Where a file of the source comes to on the target, and which volume that is. */

import { sameName } from '../../base/name.ts';
import type { VolumeFacts } from '../../model/assess-capacity.ts';
import type { FileFacts } from '../../model/assess-database.ts';
import type { ServerFacts } from '../../model/assess-server.ts';

/** Folder of a Windows or Linux path, without its last separator. */
export function folderOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/u, '');
}

/** A folder without separators at its end. */
export function trimmed(path: string): string {
  return path.replace(/[\\/]+$/u, '');
}

/**
 * Path of the file on the target: what lies in a default folder of the source goes to that of the
 * target, anything else keeps its path (Microsoft Learn, automatic seeding, since 2017).
 */
export function placeOnTarget(file: FileFacts, source: ServerFacts, target: ServerFacts): string {
  const folder = folderOf(file.physicalName);
  const name = file.physicalName.slice(folder.length + 1);
  const pairs = [
    [source.defaultDataPath, target.defaultDataPath],
    [source.defaultLogPath, target.defaultLogPath],
  ] as const;
  const ordered = file.typeDesc === 'LOG' ? pairs.toReversed() : pairs;
  for (const [from, to] of ordered) {
    if (from !== null && to !== null && sameName(trimmed(from), folder)) {
      const separator = to.includes('/') ? '/' : '\\';
      return `${trimmed(to)}${separator}${name}`;
    }
  }
  return file.physicalName;
}

/** The volume with the longest mount point that the path begins with. */
export function volumeOf(volumes: readonly VolumeFacts[], path: string): VolumeFacts | undefined {
  const wanted = path.toLowerCase();
  return volumes
    .filter(({ mountPoint }) => mountPoint !== '' && wanted.startsWith(mountPoint.toLowerCase()))
    .toSorted((left, right) => right.mountPoint.length - left.mountPoint.length)[0];
}
