/** Who may back up what, and where: permissions, replica roles, recovery models (Microsoft Learn, BACKUP). */

import type { Lsn } from '../../../base/lsn.ts';
import { accessTo, receivingRole } from '../../hadr/access.ts';
import { nameKey } from '../../hadr/state.ts';
import type { DatabaseState } from '../../hadr/state.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { BackupStatement } from '../../tsql/ast.ts';
import { serverMessage } from '../../tsql/message.ts';
import { messageOf } from '../engine-host.ts';
import { stateOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';
import { hasPermission } from '../permission.ts';

type Backup = Extract<BackupStatement, { readonly kind: 'backup' }>;

interface Given {
  readonly statement: Backup;
  readonly database: DatabaseState;
}

/** SQL Server 2025 takes full and differential backups on every secondary. */
const FULL_ON_SECONDARY = 2025;

/** The error that refuses the backup, or null. */
export function refuseBackup(
  parts: InstanceParts,
  request: RequestContext,
  given: Given,
): ServerMessage | null {
  const { statement, database } = given;
  const permission = `BACKUP ${statement.what.toUpperCase()}`;
  const securable = { name: database.name, securableClass: 'DATABASE' };
  if (hasPermission(parts, request.identity, { securable, permission }) !== 1)
    return serverMessage(262, permission, database.name);
  const instance = stateOf(parts);
  const role = receivingRole(instance, database);
  if (role === null) return refuseOnPrimary(parts, request, given);
  if (role === 'RESOLVING' || database.state !== 'ONLINE') {
    const access = accessTo(
      parts.host.state,
      { instance: parts.key, database: database.key },
      true,
    );
    return access.kind === 'refused' ? messageOf(access.error) : serverMessage(3062);
  }
  const { what, options } = statement;
  const isAllowed =
    what === 'log'
      ? !options.copyOnly && !options.noRecovery
      : instance.version.year >= FULL_ON_SECONDARY || (options.copyOnly && !options.differential);
  if (!isAllowed) return serverMessage(3059);
  if (database.suspended !== null || database.orphaned || !database.joined)
    return serverMessage(3062);
  return what === 'log' ? refuseLog(database) : null;
}

function refuseOnPrimary(
  parts: InstanceParts,
  request: RequestContext,
  { statement, database }: Given,
): ServerMessage | null {
  const { what, options } = statement;
  const access = accessTo(parts.host.state, { instance: parts.key, database: database.key }, false);
  if (access.kind === 'refused') return messageOf(access.error);
  if (what === 'log') {
    return (
      refuseLog(database) ?? (options.noRecovery ? refuseTail(parts, request, database) : null)
    );
  }
  if (options.differential && parts.history.base(database.familyId) === undefined)
    return serverMessage(3035, database.name);
  return isSeeded(parts, database) && !options.copyOnly ? serverMessage(3023) : null;
}

function refuseLog(database: DatabaseState): ServerMessage | null {
  if (database.recoveryModel === 'SIMPLE') return serverMessage(4208, 'BACKUP LOG');
  return database.fullBackupTaken ? null : serverMessage(4214);
}

/** The tail of a member of a group is never cut off; otherwise nobody may be in the database. */
function refuseTail(
  parts: InstanceParts,
  { identity }: RequestContext,
  database: DatabaseState,
): ServerMessage | null {
  if (database.group !== null) return serverMessage(1468, database.name);
  const sessions = parts.sessions.inDatabase(database.key);
  if (sessions.some((each) => each.identity.sessionId === identity.sessionId))
    return serverMessage(3102, 'BACKUP', database.name);
  return sessions.length > 0 ? serverMessage(3101) : null;
}

/** Automatic seeding reads the database as a backup does. */
function isSeeded(parts: InstanceParts, database: DatabaseState): boolean {
  return stateOf(parts).seedingStreams.some(
    (stream) =>
      stream.role === 'Source' &&
      stream.endedAt === null &&
      nameKey(stream.database) === database.key,
  );
}

/** Where the next log backup begins: the chain is one for all copies of a database, wherever it is backed up. */
export function chainEnd(parts: InstanceParts, database: DatabaseState): Lsn {
  let end = database.lastLogBackupLsn ?? database.log.start;
  if (database.group === null) return end;
  for (const instance of Object.values(parts.host.state.instances)) {
    const copy = instance.databases[database.key];
    const last = copy?.familyId === database.familyId ? copy.lastLogBackupLsn : null;
    if (last !== null && last !== undefined && last > end && last <= database.log.end) end = last;
  }
  return end;
}
