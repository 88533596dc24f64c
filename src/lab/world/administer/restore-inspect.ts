/** RESTORE HEADERONLY, FILELISTONLY, LABELONLY and VERIFYONLY: the result sets and the messages. */

import { assert, unreachable } from '../../../base/assert.ts';
import { fileListResult, headerResult, labelResult } from '../../backup/backup-result.ts';
import type { MediaLabel } from '../../backup/media-file.ts';
import { readSets } from '../../backup/media-rule.ts';
import type { Device } from '../../backup/media-rule.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { BackupStatement } from '../../tsql/ast.ts';
import { serverMessage } from '../../tsql/message.ts';
import { messageOf } from '../engine-host.ts';
import { stateOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';
import { isError, openDevices, placeDevices } from './backup-device.ts';
import { refuseSet } from './restore.ts';

type Inspect = Extract<BackupStatement, { readonly kind: 'restore-inspect' }>;

/** The error that ended the statement, or null. */
export function inspect(
  parts: InstanceParts,
  request: RequestContext,
  statement: Inspect,
): ServerMessage | null {
  if (
    parts.security.hasServerPermission(request.identity.loginName, 'CREATE ANY DATABASE') !== true
  )
    return serverMessage(262, 'CREATE DATABASE', 'master');
  const devices = placeDevices(parts, statement.devices);
  if (isError(devices)) return devices;
  const opened = openDevices(parts, devices, 'read');
  if (isError(opened)) return opened;
  const sets = readSets(opened, statement.what === 'verifyonly' ? 'data' : 'headers');
  if ('number' in sets) return messageOf(sets);
  const chosen = sets.find((each) => each.position === (statement.file ?? 1));
  if (chosen === undefined) return serverMessage(4038, statement.file ?? 1, devices[0]?.path ?? '');
  const path = devices[0]?.path ?? '';
  const { major } = stateOf(parts).version;
  switch (statement.what) {
    case 'headeronly': {
      const wanted = sets.filter(
        (set) => statement.file === null || set.position === statement.file,
      );
      const isUrl = statement.devices[0]?.medium === 'URL';
      request.result(headerResult(wanted, { isUrl, major }));
      return null;
    }
    case 'filelistonly':
      request.result(fileListResult(chosen, major));
      return null;
    case 'labelonly':
      request.result(labelResult(labelOf(opened), major));
      return null;
    case 'verifyonly': {
      const error = refuseSet(chosen, { checksum: statement.checksum, path });
      if (error === null) request.inform(serverMessage(3262, chosen.position));
      return error;
    }
  }
  return unreachable(statement.what);
}

/** The label of the first device, which was readable when its sets were. */
function labelOf([first]: readonly Device[]): MediaLabel {
  const found = first?.found;
  assert(typeof found === 'object', 'a device whose sets were read has a label');
  return found.label;
}
