/** The effect of a RESTORE: rows and state of the database as the backup set has them, up to a point in time. */

import { inflateRawSync } from 'node:zlib';
import { decodeLog, rollForward } from '../../backup/log-content.ts';
import type { ReadSet } from '../../backup/media-rule.ts';
import type { Lsn } from '../../../base/lsn.ts';
import { nameKey } from '../../hadr/state.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { BackupStatement } from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import { serverMessage } from '../../tsql/message.ts';
import { fromUnixMilliseconds, utcTicks } from '../../tsql/value/calendar.ts';
import { parseDateText } from '../../tsql/value/date-text.ts';
import { databaseOf, stateOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';

type Restore = Extract<BackupStatement, { readonly kind: 'restore' }>;

const ODBC_STYLE = 121;
const TICKS_PER_MS = 10_000n;

/** STOPAT in milliseconds since 1970 UTC, null without one, or the error. */
export function stopAtOf({ options }: Restore): number | null | ServerMessage {
  if (options.stopAt === null) return null;
  const value = parseDateText(options.stopAt, ODBC_STYLE);
  if (typeof value === 'string') return serverMessage(3217, 'STOPAT');
  return Number((utcTicks(value) - utcTicks(fromUnixMilliseconds(0))) / TICKS_PER_MS);
}

/** What a point in time has against a backup set, or null. */
export function refuseStopAt({ header }: ReadSet, stopAt: number | null): ServerMessage | null {
  if (stopAt === null || stopAt >= header.finishedAt) return null;
  if (header.kind !== 'log') return serverMessage(4338);
  return header.content === 'transactions'
    ? null
    : serverMessage(NOT_SIMULATED, 'STOPAT in a log backup whose transactions are gone');
}

/** What is restored, and whether this only makes room for it. */
export interface Bringing {
  readonly statement: Restore;
  readonly set: ReadSet;
  readonly stopAt: number | null;
  /** The restore has begun: the database is there, without content. */
  readonly unfinished: boolean;
}

/** Makes or changes the database. */
export function bring(parts: InstanceParts, { identity }: RequestContext, made: Bringing): void {
  const { statement, set, unfinished, stopAt } = made;
  const { header } = set;
  const place = { instance: parts.key, database: nameKey(statement.database) };
  const existing = databaseOf(parts, statement.database);
  const store = parts.rows.store(place) ?? parts.rows.create(place);
  const reached = unfinished
    ? { end: header.lastLsn, totalBytes: header.totalBytes, isReached: false }
    : bringRows(parts, made);
  // Before the point in time is reached, the restore is not over.
  const waits = stopAt !== null && !reached.isReached && stopAt > header.finishedAt;
  const stays = unfinished || waits || statement.options.recovery === 'NORECOVERY';
  if (header.kind === 'full' && !unfinished) parts.bases.set(place.database, header.setId);
  const forks = header.forks.filter((fork, index) => index === 0 || fork.start < reached.end);
  parts.host.apply({
    kind: 'restore-database',
    instance: parts.key,
    database: {
      name: existing?.name ?? statement.database,
      state: stays ? 'RESTORING' : 'ONLINE',
      recoveryModel: header.recoveryModel,
      sizeBytes: store.dataBytes(),
      owner: header.kind === 'full' ? identity.loginName : (existing?.owner ?? identity.loginName),
      familyId: header.familyId,
      // Recovered at once, the database leaves the path of its backups (Microsoft Learn, "Recovery Paths").
      forks: stays ? forks : [...forks, { id: parts.random.guid(), start: reached.end }],
      position: reached.end,
      totalBytes: reached.totalBytes,
      ...(stays && header.version.major < stateOf(parts).version.major
        ? { formatMajor: header.version.major }
        : {}),
      fullBackupTaken: header.recoveryModel !== 'SIMPLE',
      lastLogBackupLsn: reached.end,
    },
  });
}

interface Reached {
  readonly end: Lsn;
  readonly totalBytes: number;
  readonly isReached: boolean;
}

/** Puts the rows in: the whole state, or the transactions the copy lacks. */
function bringRows(parts: InstanceParts, { statement, set, stopAt }: Bringing): Reached {
  const { header } = set;
  const place = { instance: parts.key, database: nameKey(statement.database) };
  const store = parts.rows.store(place) ?? parts.rows.create(place);
  const bytes = header.compressed ? new Uint8Array(inflateRawSync(set.data)) : set.data;
  const copy = databaseOf(parts, statement.database);
  if (header.content === 'state' || copy === undefined) {
    store.restore({ bytes });
    return { end: header.lastLsn, totalBytes: header.totalBytes, isReached: false };
  }
  const { end, totalBytes } = copy.log;
  const forward = rollForward(decodeLog(bytes), { end, totalBytes }, stopAt);
  for (const { payload } of forward.apply) if (payload !== null) store.redo(payload);
  return forward;
}
