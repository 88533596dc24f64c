/** BACKUP DATABASE and LOG to DISK, RESTORE from it, RESTORE VERIFYONLY. */

import { unreachable } from '../../../base/assert.ts';
import { accessTo } from '../../hadr/access.ts';
import { receivingRole } from '../../hadr/access.ts';
import { nameKey } from '../../hadr/state.ts';
import type { DatabaseState } from '../../hadr/state.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { BackupStatement } from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import { serverMessage } from '../../tsql/message.ts';
import type { BackupSet } from '../backup-media.ts';
import { messageOf } from '../engine-host.ts';
import { databaseOf, recordBackup, stateOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';

type Backup = Extract<BackupStatement, { readonly kind: 'backup' }>;
type Restore = Extract<BackupStatement, { readonly kind: 'restore' }>;

/** The error that ended the statement, or null. */
export function backupStatement(
  parts: InstanceParts,
  request: RequestContext,
  statement: BackupStatement,
): ServerMessage | null {
  switch (statement.kind) {
    case 'backup':
      return closing(
        request,
        backup(parts, request, statement),
        `BACKUP ${statement.what.toUpperCase()}`,
      );
    case 'restore':
      return closing(
        request,
        restore(parts, request, statement),
        `RESTORE ${statement.what.toUpperCase()}`,
      );
    case 'restore-inspect': {
      if (statement.what !== 'verifyonly')
        return serverMessage(NOT_SIMULATED, `RESTORE ${statement.what.toUpperCase()}`);
      const path = statement.devices[0]?.path ?? '';
      return parts.media.read({ instance: parts.key, path }) === undefined
        ? closing(request, noSuchFile(path), 'VERIFY DATABASE')
        : null;
    }
  }
  return unreachable(statement);
}

/** A failed backup or restore says why, and then that it ended (3013). */
function closing(
  request: RequestContext,
  error: ServerMessage | null,
  what: string,
): ServerMessage | null {
  if (error === null || error.number === NOT_SIMULATED) return error;
  request.inform(error);
  return serverMessage(3013, what);
}

function noSuchFile(path: string): ServerMessage {
  return serverMessage(3201, path, '2(The system cannot find the file specified.)');
}

function backup(
  parts: InstanceParts,
  request: RequestContext,
  statement: Backup,
): ServerMessage | null {
  const { options, what } = statement;
  const [device] = statement.devices;
  const database = databaseOf(parts, statement.database);
  if (database === undefined) return serverMessage(911, statement.database);
  if (device === undefined || device.medium !== 'DISK')
    return serverMessage(NOT_SIMULATED, 'BACKUP TO URL');
  if (options.differential || options.noRecovery)
    return serverMessage(
      NOT_SIMULATED,
      options.differential ? 'WITH DIFFERENTIAL' : 'WITH NORECOVERY',
    );
  const error = refuseBackup(parts, request, { statement, database });
  if (error !== null) return error;
  const store = parts.rows.store({ instance: parts.key, database: database.key });
  if (store === undefined) return serverMessage(945, database.name);
  const startedAt = parts.clock.now();
  const set: BackupSet = {
    header: {
      what,
      database: database.name,
      familyId: database.familyId,
      forks: database.forks,
      position: database.log.end,
      totalBytes: database.log.totalBytes,
      firstLsn:
        what === 'log' ? (database.lastLogBackupLsn ?? database.log.start) : database.log.end,
      recoveryModel: database.recoveryModel,
      versionMajor: stateOf(parts).version.major,
      serverName: stateOf(parts).serverName,
      finishedAt: startedAt,
    },
    image: store.image(),
  };
  parts.media.write(
    { instance: parts.key, path: device.path },
    set,
    options.init || options.format,
  );
  parts.host.apply({
    kind: 'backup',
    instance: parts.key,
    database: database.key,
    what,
    copyOnly: options.copyOnly,
  });
  remember(parts, request, { set, statement, path: device.path, startedAt });
  if (options.stats !== null) request.inform(serverMessage(3211, 100));
  return null;
}

function refuseBackup(
  parts: InstanceParts,
  { identity }: RequestContext,
  given: { readonly statement: Backup; readonly database: DatabaseState },
): ServerMessage | null {
  const { statement, database } = given;
  if (parts.security.hasServerPermission(identity.loginName, 'CONTROL SERVER') !== true)
    return serverMessage(262, `BACKUP ${statement.what.toUpperCase()}`, database.name);
  const instance = stateOf(parts);
  if (receivingRole(instance, database) !== null) {
    const full = statement.what === 'database' && !statement.options.copyOnly;
    return instance.version.year < 2025 && full ? serverMessage(3059) : null;
  }
  const place = { instance: parts.key, database: database.key };
  const access = accessTo(parts.host.state, place, false);
  if (access.kind === 'refused') return messageOf(access.error);
  if (statement.what === 'database') return null;
  if (database.recoveryModel === 'SIMPLE') return serverMessage(4208);
  return database.fullBackupTaken ? null : serverMessage(4214);
}

function remember(
  parts: InstanceParts,
  { identity }: RequestContext,
  done: {
    readonly set: BackupSet;
    readonly statement: Backup;
    readonly path: string;
    readonly startedAt: number;
  },
): void {
  const { header, image } = done.set;
  recordBackup(parts, {
    database: header.database,
    type: header.what === 'database' ? 'D' : 'L',
    copyOnly: done.statement.options.copyOnly,
    startedAt: done.startedAt,
    finishedAt: parts.clock.now(),
    bytes: image.bytes.byteLength,
    firstLsn: header.firstLsn,
    lastLsn: header.position,
    checkpointLsn: header.position,
    databaseBackupLsn: header.firstLsn,
    deviceType: 2,
    physicalDeviceName: done.path,
    userName: identity.loginName,
    serverName: header.serverName,
    recoveryModel: header.recoveryModel,
    familyId: header.familyId,
    lastForkId: header.forks.at(-1)?.id ?? '',
  });
}

function restore(
  parts: InstanceParts,
  request: RequestContext,
  statement: Restore,
): ServerMessage | null {
  const login = request.identity.loginName;
  const existing = databaseOf(parts, statement.database);
  const [device] = statement.devices;
  if (parts.security.hasServerPermission(login, 'CREATE ANY DATABASE') !== true)
    return serverMessage(3110, statement.database);
  if (existing !== undefined && existing.group !== null) return serverMessage(3104, existing.name);
  if (device === undefined) return recover(parts, existing, statement.database);
  if (device.medium !== 'DISK') return serverMessage(NOT_SIMULATED, 'RESTORE FROM URL');
  const set = parts.media.read({ instance: parts.key, path: device.path });
  if (set === undefined) return noSuchFile(device.path);
  const error = refuseRestore(parts, { statement, existing, set });
  if (error !== null) return error;
  const place = { instance: parts.key, database: nameKey(statement.database) };
  const store = parts.rows.store(place) ?? parts.rows.create(place);
  store.restore(set.image);
  const { header } = set;
  parts.host.apply({
    kind: 'restore-database',
    instance: parts.key,
    database: {
      name: statement.database,
      state: statement.options.recovery === 'NORECOVERY' ? 'RESTORING' : 'ONLINE',
      recoveryModel: header.recoveryModel,
      sizeBytes: store.dataBytes(),
      owner: login,
      familyId: header.familyId,
      // Recovered at once, the database leaves the path of its backups (Microsoft Learn, "Recovery Paths").
      forks:
        statement.options.recovery === 'NORECOVERY'
          ? header.forks
          : [...header.forks, { id: parts.random.guid(), start: header.position }],
      position: header.position,
      totalBytes: header.totalBytes,
    },
  });
  if (statement.options.stats !== null) request.inform(serverMessage(3211, 100));
  return null;
}

/** RESTORE DATABASE ... WITH RECOVERY without a file: ends a chain of restores. */
function recover(
  parts: InstanceParts,
  existing: DatabaseState | undefined,
  name: string,
): ServerMessage | null {
  if (existing?.state !== 'RESTORING')
    return serverMessage(existing === undefined ? 3118 : 3117, name);
  parts.host.apply({
    kind: 'restore-database',
    instance: parts.key,
    database: {
      ...existing,
      state: 'ONLINE',
      forks: [...existing.forks, { id: parts.random.guid(), start: existing.log.end }],
      position: existing.log.end,
      totalBytes: existing.log.totalBytes,
    },
  });
  return null;
}

function refuseRestore(
  parts: InstanceParts,
  given: {
    readonly statement: Restore;
    readonly existing: DatabaseState | undefined;
    readonly set: BackupSet;
  },
): ServerMessage | null {
  const { statement, existing, set } = given;
  const { header } = set;
  const version = stateOf(parts).version.major;
  if (header.versionMajor > version)
    return serverMessage(3169, internalVersion(header.versionMajor), internalVersion(version));
  if (parts.sessions.inDatabase(statement.database).length > 0) return serverMessage(3101);
  if (statement.what === 'log') {
    if (existing === undefined) return serverMessage(3118, statement.database);
    if (existing.state !== 'RESTORING') return serverMessage(3117);
    if (existing.familyId !== header.familyId) return serverMessage(3154, existing.name);
    if (header.firstLsn > existing.log.end)
      return serverMessage(4305, header.firstLsn.toString(), existing.log.end.toString());
    return header.position < existing.log.end
      ? serverMessage(4326, header.position.toString(), existing.log.end.toString())
      : null;
  }
  if (header.what === 'log') return serverMessage(3118, statement.database);
  if (existing === undefined || statement.options.replace) return null;
  if (existing.familyId !== header.familyId) return serverMessage(3154, existing.name);
  return existing.state === 'RESTORING' ? null : serverMessage(3159, existing.name);
}

/** Internal database version by major version of the server. */
function internalVersion(major: number): number {
  const versions: Readonly<Record<number, number | undefined>> = {
    13: 852,
    14: 869,
    15: 904,
    16: 957,
    17: 998,
  };
  return versions[major] ?? 0;
}
