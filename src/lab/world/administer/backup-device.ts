/** Devices of BACKUP and RESTORE: from the paths of a statement to files, and the errors on the way. */

import { parsePath } from '../../backup/device-path.ts';
import type { DevicePath } from '../../backup/device-path.ts';
import { decodeMediaFile } from '../../backup/media-file.ts';
import type { Device } from '../../backup/media-rule.ts';
import { rootPath } from '../../catalog/row/system-database.ts';
import { nameKey } from '../../hadr/state.ts';
import type { ServerMessage } from '../../session.ts';
import type { BackupDevice } from '../../tsql/ast.ts';
import { serverMessage } from '../../tsql/message.ts';
import { stateOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';
import { NO_SUCH_FILE } from '../storage.ts';
import type { FilePlace, SystemError } from '../storage.ts';

/** Most files one media set may have (Microsoft Learn, BACKUP). */
const MOST_DEVICES = 64;
const IN_USE: SystemError =
  '32(The process cannot access the file because it is being used by another process.)';

/** A device of a statement with its place. */
export interface PlacedDevice {
  readonly path: string;
  readonly place: FilePlace;
}

/** The places of the devices, or the error that a server prints. */
export function placeDevices(
  parts: InstanceParts,
  devices: readonly BackupDevice[],
): readonly PlacedDevice[] | ServerMessage {
  if (devices.length > MOST_DEVICES) return serverMessage(3205, MOST_DEVICES);
  const placed: PlacedDevice[] = [];
  for (const { medium, path } of devices) {
    const parsed = medium === 'URL' ? urlPath(path) : parsePath(path, backupFolder(parts));
    if (parsed === undefined) return serverMessage(3038, path);
    if (placed.some((each) => nameKey(each.path) === nameKey(path)))
      return serverMessage(3201, path, IN_USE);
    placed.push({ path, place: { instance: parts.key, path: parsed } });
  }
  return placed;
}

/** Blobs are one place for all instances, as shares are; credentials are not looked at. */
function urlPath(url: string): DevicePath | undefined {
  const match = /^https:\/\/([^/]+)\/(.+)$/iu.exec(url);
  const [, host, rest] = match ?? [];
  if (host === undefined || rest === undefined) return undefined;
  return {
    isShare: true,
    segments: ['url', host, ...rest.split('/').filter((part) => part !== '')],
  };
}

/** `InstanceDefaultBackupPath`. */
function backupFolder(parts: InstanceParts): string {
  return `${rootPath(stateOf(parts))}Backup`;
}

/** What lies on the devices, or the error of the first that cannot be opened. */
export function openDevices(
  parts: InstanceParts,
  devices: readonly PlacedDevice[],
  use: 'read' | 'write',
): readonly Device[] | ServerMessage {
  const opened: Device[] = [];
  for (const { path, place } of devices) {
    const content = parts.storage.read(place);
    const refused = use === 'write' ? parts.storage.error(place, 'write') : null;
    if (refused !== null) return serverMessage(3201, path, refused);
    if (content === 'absent') {
      if (use === 'read') return serverMessage(3201, path, NO_SUCH_FILE);
      opened.push({ path, found: 'absent' });
    } else if ('error' in content) return serverMessage(3201, path, content.error);
    else opened.push({ path, found: decodeMediaFile(content) ?? 'foreign' });
  }
  return opened;
}

/** The union of a list and an error is told apart by this. */
export function isError(value: readonly unknown[] | ServerMessage): value is ServerMessage {
  return 'severity' in value;
}
