/** RESTORE DATABASE and LOG: permission, media, chain, files, and the database it leaves. */

import type { BackedUpFile, BackupHeader } from '../../backup/backup-header.ts';
import { placeFiles } from '../../backup/file-rule.ts';
import { parsePath } from '../../backup/device-path.ts';
import { readSets } from '../../backup/media-rule.ts';
import type { ReadSet } from '../../backup/media-rule.ts';
import { refuseRestore } from '../../backup/restore-rule.ts';
import type { ExistingDatabase } from '../../backup/restore-rule.ts';
import { nameKey } from '../../hadr/state.ts';
import type { DatabaseState } from '../../hadr/state.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { BackupStatement } from '../../tsql/ast.ts';
import { serverMessage } from '../../tsql/message.ts';
import { pace } from '../backup-pace.ts';
import { filesOf, ownerOf, setFiles } from '../database-files.ts';
import { messageOf } from '../engine-host.ts';
import { databaseOf, stateOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';
import { isError, openDevices, placeDevices } from './backup-device.ts';
import { hasEncryptor, stateEncryptor } from './encryptor.ts';
import { tellPages } from './page-message.ts';
import { bring, refuseStopAt, stopAtOf } from './restore-apply.ts';

type Restore = Extract<BackupStatement, { readonly kind: 'restore' }>;

/** The error that ended the statement, or null. */
export async function restore(
  parts: InstanceParts,
  request: RequestContext,
  statement: Restore,
): Promise<ServerMessage | null> {
  const name = statement.database;
  const existing = databaseOf(parts, name);
  if (!mayRestore(parts, request, existing)) return serverMessage(3110, name);
  if (existing !== undefined && existing.group !== null) return serverMessage(3104, existing.name);
  const inUse = refuseInUse(parts, request, name);
  if (inUse !== null) return inUse;
  if (statement.devices.length === 0) return recover(parts, existing, statement);
  const set = chooseSet(parts, statement);
  if ('severity' in set) return set;
  const end = parts.running.begin(nameKey(name), 'restore');
  if (end === null) return serverMessage(3101);
  try {
    return await run(parts, request, { statement, set });
  } finally {
    end();
  }
}

/** CREATE ANY DATABASE makes new databases; dbcreator and the owner restore over old ones. */
function mayRestore(
  parts: InstanceParts,
  { identity }: RequestContext,
  existing: DatabaseState | undefined,
): boolean {
  const { loginName } = identity;
  if (parts.security.hasServerPermission(loginName, 'CREATE ANY DATABASE') === true) return true;
  return existing !== undefined && nameKey(existing.owner) === nameKey(loginName);
}

function refuseInUse(
  parts: InstanceParts,
  { identity }: RequestContext,
  name: string,
): ServerMessage | null {
  const sessions = parts.sessions.inDatabase(name);
  if (sessions.some((each) => each.identity.sessionId === identity.sessionId))
    return serverMessage(3102, 'RESTORE', name);
  return sessions.length > 0 ? serverMessage(3101) : null;
}

/** The backup set the statement means, whole and undamaged. */
function chooseSet(parts: InstanceParts, statement: Restore): ReadSet | ServerMessage {
  const devices = placeDevices(parts, statement.devices);
  if (isError(devices)) return devices;
  const opened = openDevices(parts, devices, 'read');
  if (isError(opened)) return opened;
  const sets = readSets(opened, 'data');
  if ('number' in sets) return messageOf(sets);
  const position = statement.options.file ?? 1;
  const set = sets.find((each) => each.position === position);
  const path = devices[0]?.path ?? '';
  if (set === undefined) return serverMessage(4038, position, path);
  return refuseSet(set, { checksum: statement.options.checksum, path }) ?? set;
}

/** Damage, and checksums that are asked for and are not there. */
export function refuseSet(
  set: ReadSet,
  { checksum, path }: { readonly checksum: boolean; readonly path: string },
): ServerMessage | null {
  if (checksum && !set.header.checksums) return serverMessage(3187);
  if (set.damage === 'cut') return serverMessage(3287, set.position, path);
  return set.damage === null ? null : serverMessage(3189);
}

async function run(
  parts: InstanceParts,
  request: RequestContext,
  { statement, set }: { readonly statement: Restore; readonly set: ReadSet },
): Promise<ServerMessage | null> {
  const { header } = set;
  const stopAt = stopAtOf(statement);
  if (typeof stopAt === 'object' && stopAt !== null) return stopAt;
  const planned = plan(parts, request, { statement, set });
  if (!('files' in planned)) return planned.error;
  const early = refuseStopAt(set, stopAt);
  if (early !== null) return early;
  const startedAt = parts.clock.now();
  const isNew = databaseOf(parts, statement.database) === undefined;
  // The database is there, RESTORING, as soon as its files are.
  if (isNew) bring(parts, request, { statement, set, stopAt, unfinished: true });
  const command = `RESTORE ${statement.what.toUpperCase()}`;
  const work = { command, bytes: header.bytes, stats: statement.options.stats };
  const inTime = await pace(parts, request, work);
  const found = databaseOf(parts, statement.database);
  if (!inTime || found === undefined) {
    if (isNew && found !== undefined && found.group === null)
      parts.host.apply({ kind: 'drop-database', instance: parts.key, database: found.key });
    return found === undefined ? serverMessage(3204) : null;
  }
  setFiles(parts, statement.database, { familyId: header.familyId, files: planned.files });
  bring(parts, request, { statement, set, stopAt, unfinished: false });
  if (header.encryptor !== null) stateEncryptor(parts, statement.database, header.encryptor);
  remember(parts, request, { statement, set, files: planned.files });
  const { database } = statement;
  const elapsedMs = parts.clock.now() - startedAt;
  tellPages(request, { header, command, database, position: set.position, elapsedMs });
  return null;
}

/** Where the files go, or the error; errors before the last are told at once. */
function plan(
  parts: InstanceParts,
  request: RequestContext,
  { statement, set }: { readonly statement: Restore; readonly set: ReadSet },
): { readonly files: readonly BackedUpFile[] } | { readonly error: ServerMessage } {
  const { header } = set;
  const error = refuseRestore({
    what: statement.what,
    database: statement.database,
    replace: statement.options.replace,
    version: stateOf(parts).version,
    existing: existingOf(parts, statement.database),
    header,
    device: statement.devices[0]?.path ?? '',
  });
  if (error !== null) return { error: messageOf(error) };
  if (header.encryptor !== null && !hasEncryptor(parts, header.encryptor))
    return { error: serverMessage(33_111, 'certificate', header.encryptor) };
  const placed = placeFiles(
    {
      database: statement.database,
      files: filesBefore(parts, statement, header),
      moves: statement.options.moves,
    },
    {
      folderError: (path) => folderError(parts, path),
      owner: (path) => ownerOf(parts, path, statement.database),
    },
  );
  const messages = placed.errors.map(messageOf);
  const last = messages.at(-1);
  if (last === undefined) return { files: placed.files };
  for (const message of messages.slice(0, -1)) request.inform(message);
  return { error: last };
}

/** A database of the same family that is there keeps its files where they are. */
function filesBefore(
  parts: InstanceParts,
  { database }: Restore,
  header: BackupHeader,
): readonly BackedUpFile[] {
  const isSame = databaseOf(parts, database)?.familyId === header.familyId;
  return isSame ? filesOf(parts, database) : header.files;
}

function folderError(parts: InstanceParts, path: string): string | null {
  const parsed = parsePath(path, 'C:\\');
  if (parsed === undefined)
    return '123(The filename, directory name, or volume label syntax is incorrect.)';
  const place = { instance: parts.key, path: parsed };
  if (parts.storage.isFull(place)) return '112(There is not enough space on the disk.)';
  return parts.storage.error(place, 'write');
}

function existingOf(parts: InstanceParts, name: string): ExistingDatabase | null {
  const database = databaseOf(parts, name);
  if (database === undefined) return null;
  return {
    name: database.name,
    state: database.state,
    familyId: database.familyId,
    forks: database.forks,
    recoveryModel: database.recoveryModel,
    group: database.group,
    end: database.log.end,
    baseId: parts.bases.get(database.key) ?? null,
  };
}

function remember(
  parts: InstanceParts,
  { identity }: RequestContext,
  done: {
    readonly statement: Restore;
    readonly set: ReadSet;
    readonly files: readonly BackedUpFile[];
  },
): void {
  const { statement, set, files } = done;
  const { options } = statement;
  const backupId = parts.history.addBackup({
    mediaSetId: set.label.mediaSetId,
    position: set.position,
    header: set.header,
    devices: statement.devices.map(({ path }) => path),
    deviceType: statement.devices[0]?.medium === 'URL' ? 9 : 2,
  });
  parts.history.addRestore({
    backupId,
    database: statement.database,
    at: parts.clock.now(),
    userName: identity.loginName,
    type: { full: 'D', differential: 'I', log: 'L' }[set.header.kind] as 'D' | 'I' | 'L',
    replace: options.replace,
    recovery: options.recovery === 'RECOVERY',
    files,
  });
}

/** RESTORE DATABASE ... WITH RECOVERY without a file: ends a chain of restores. */
function recover(
  parts: InstanceParts,
  existing: DatabaseState | undefined,
  { database: name, options }: Restore,
): ServerMessage | null {
  if (existing === undefined) return serverMessage(3118, name);
  if (existing.state !== 'RESTORING') return serverMessage(3153);
  if (options.recovery === 'NORECOVERY') return null;
  parts.host.apply({
    kind: 'restore-database',
    instance: parts.key,
    database: {
      name: existing.name,
      recoveryModel: existing.recoveryModel,
      sizeBytes: existing.sizeBytes,
      owner: existing.owner,
      familyId: existing.familyId,
      state: 'ONLINE',
      forks: [...existing.forks, { id: parts.random.guid(), start: existing.log.end }],
      position: existing.log.end,
      totalBytes: existing.log.totalBytes,
      fullBackupTaken: existing.fullBackupTaken,
      lastLogBackupLsn: existing.lastLogBackupLsn,
    },
  });
  return null;
}
