/** BACKUP DATABASE and LOG: who may, what runs beside it, the chain, and the file it leaves. */

import type { BackupKind } from '../../backup/backup-header.ts';
import { planWrite } from '../../backup/media-rule.ts';
import type { Lsn } from '../../../base/lsn.ts';
import type { DatabaseState } from '../../hadr/state.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { BackupStatement } from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import { serverMessage } from '../../tsql/message.ts';
import { pace } from '../backup-pace.ts';
import { describeBackup, writeBackup } from '../backup-writer.ts';
import type { BackupFacts } from '../backup-writer.ts';
import { messageOf } from '../engine-host.ts';
import { databaseOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';
import { systemDatabaseIds } from '../row-keeper.ts';
import { isError, openDevices, placeDevices } from './backup-device.ts';
import { chainEnd, refuseBackup } from './backup-refusal.ts';
import { tellPages } from './page-message.ts';

type Backup = Extract<BackupStatement, { readonly kind: 'backup' }>;

const CHUNK = 65_536;

/** The error that ended the statement, or null. */
export async function backup(
  parts: InstanceParts,
  request: RequestContext,
  statement: Backup,
): Promise<ServerMessage | null> {
  const name = statement.database.toLowerCase();
  if (name === 'tempdb') return serverMessage(3147);
  if (systemDatabaseIds[name] !== undefined)
    return serverMessage(NOT_SIMULATED, 'BACKUP of system databases');
  const database = databaseOf(parts, statement.database);
  if (database === undefined) return serverMessage(911, statement.database);
  const error = refuseBackup(parts, request, { statement, database });
  if (error !== null) return error;
  const end = parts.running.begin(database.key, statement.what === 'log' ? 'log' : 'data');
  if (end === null) return serverMessage(3023);
  try {
    return await run(parts, request, { statement, database });
  } finally {
    end();
  }
}

interface Given {
  readonly statement: Backup;
  readonly database: DatabaseState;
}

async function run(
  parts: InstanceParts,
  request: RequestContext,
  { statement, database }: Given,
): Promise<ServerMessage | null> {
  const devices = placeDevices(parts, statement.devices);
  if (isError(devices)) return devices;
  const opened = openDevices(parts, devices, 'write');
  if (isError(opened)) return opened;
  const { format, init, compression } = statement.options;
  const plan = planWrite(opened, { format, init, compressed: compression });
  if (plan.kind === 'refused') return messageOf(plan.error);
  const startedAt = parts.clock.now();
  const kind = kindOf(statement);
  const from = kind === 'log' ? chainEnd(parts, database) : database.log.end;
  const bytes = bytesOf(parts, database, kind);
  const command = commandOf(statement);
  if (!(await pace(parts, request, { command, bytes, stats: statement.options.stats })))
    return null;
  // What the server was asked long ago need not hold any more.
  const now = databaseOf(parts, statement.database);
  if (now?.familyId !== database.familyId) return serverMessage(3204);
  const late = refuseBackup(parts, request, { statement, database: now });
  if (late !== null) return late;
  const facts = factsOf(parts, request, { statement, database: now, kind, from, startedAt });
  const header = describeBackup(parts, now, facts);
  const error = writeBackup(parts, now, { header, devices, opened, plan });
  if (error !== null) return error;
  parts.host.apply({
    kind: 'backup',
    instance: parts.key,
    database: now.key,
    what: kind === 'log' ? 'log' : 'database',
    copyOnly: statement.options.copyOnly || kind === 'differential',
  });
  if (header.isTail) leaveRestoring(parts, now.key);
  tellPages(request, { header, command, elapsedMs: parts.clock.now() - startedAt });
  return null;
}

function kindOf({ what, options }: Backup): BackupKind {
  if (what === 'log') return 'log';
  return options.differential ? 'differential' : 'full';
}

/** The name that progress and messages carry. */
function commandOf({ what, options }: Backup): string {
  if (what === 'log') return 'BACKUP LOG';
  return options.differential ? 'BACKUP DATABASE WITH DIFFERENTIAL' : 'BACKUP DATABASE';
}

/** A full backup moves the data; the others what was logged since the backup they build on. */
function bytesOf(parts: InstanceParts, database: DatabaseState, kind: BackupKind): number {
  const place = { instance: parts.key, database: database.key };
  const whole = parts.rows.store(place)?.dataBytes() ?? 0;
  if (kind === 'full') return whole;
  const before = parts.history.backups.findLast(
    ({ header }) =>
      header.familyId === database.familyId &&
      (kind === 'log' ? header.kind === 'log' : header.kind === 'full' && !header.copyOnly),
  );
  return Math.max(CHUNK, database.log.totalBytes - (before?.header.totalBytes ?? 0));
}

function factsOf(
  parts: InstanceParts,
  { identity }: RequestContext,
  made: Given & { readonly kind: BackupKind; readonly from: Lsn; readonly startedAt: number },
): BackupFacts {
  const { statement, database, kind, from, startedAt } = made;
  const { options } = statement;
  return {
    kind,
    name: options.name,
    description: options.description,
    from,
    startedAt,
    userName: identity.loginName,
    copyOnly: options.copyOnly && kind !== 'differential',
    compressed: options.compression,
    // A compressed backup has checksums by default (Microsoft Learn, BACKUP).
    checksums: options.checksum || options.compression,
    isTail: options.noRecovery,
    bytes: bytesOf(parts, database, kind),
  };
}

/** BACKUP LOG WITH NORECOVERY leaves the database in the middle of a restore. */
function leaveRestoring(parts: InstanceParts, key: string): void {
  const database = databaseOf(parts, key);
  if (database === undefined) return;
  parts.host.apply({
    kind: 'restore-database',
    instance: parts.key,
    database: {
      name: database.name,
      state: 'RESTORING',
      recoveryModel: database.recoveryModel,
      sizeBytes: database.sizeBytes,
      owner: database.owner,
      familyId: database.familyId,
      forks: database.forks,
      position: database.log.end,
      totalBytes: database.log.totalBytes,
      fullBackupTaken: true,
      lastLogBackupLsn: database.log.end,
    },
  });
}
