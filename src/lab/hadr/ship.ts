/**
 * Log on its way: sending with a window, hardening and redo on the forwarder, progress back.
 *
 * Sending is go-back-N: when nothing moves for two ticks, it starts again at the reported position.
 */

import type { Lsn } from '../../base/lsn.ts';
import { copyOf } from './copy.ts';
import { append, recordsFrom, truncate } from './log.ts';
import type { LogRecord } from './log.ts';
import type { Progress } from './message.ts';
import { sendToPartner } from './route.ts';
import type { DatabaseState, PartnerDatabase } from './state.ts';
import {
  changeDatabase,
  changePartner,
  databaseAt,
  distributedAt,
  distributedOver,
  instanceAt,
  linksOver,
  partnerAt,
  replicaLinksOver,
} from './turn.ts';
import type { CopyPlace, DatabasePlace, Turn } from './turn.ts';

/** Bytes of log that may be under way to one copy. */
const windowBytes = 4 * 1024 * 1024;
const recordsPerMessage = 64;
/** Messages of one pump; the rest follows with the next progress. */
const messagesPerPump = 64;
/** Fewer records than this are not worth a truncation. */
const trimAbove = 64;
/** Records kept for a manual seeding from the last full backup; more than this is given up. */
const maxHeldForBackup = 20_000;

/** Sends what the copy does not have yet, as far as the window allows; `flush` ignores the window. */
export function pump(turn: Turn, place: CopyPlace, flush = false): void {
  const partner = partnerAt(turn, place);
  const distributed = distributedAt(turn, place);
  const database = databaseAt(turn, place);
  if (partner === undefined || database === undefined || distributed?.link.connected !== true)
    return;
  if (!partner.joined || partner.suspended !== null || distributed.role !== 'PRIMARY') return;
  let { sentLsn, sentBytes } = partner;
  const limit = flush ? Number.POSITIVE_INFINITY : messagesPerPump;
  for (let count = 0; count < limit; count += 1) {
    if (sentLsn >= database.log.end) break;
    if (!flush && sentBytes - partner.hardenedBytes > windowBytes) break;
    const records = recordsFrom(database.log, sentLsn, recordsPerMessage);
    const last = records.at(-1);
    if (last === undefined) break;
    sendToPartner(turn, place, { kind: 'log', database: place.database, from: sentLsn, records });
    sentLsn = last.end;
    sentBytes = last.totalBytes;
  }
  if (sentLsn !== partner.sentLsn)
    changePartner(turn, place, {
      sentLsn,
      sentBytes,
      sentAt: turn.at,
      sendRate: rateOf(
        sentBytes - partner.sentBytes,
        turn.at - (partner.sentAt ?? turn.at),
        partner.sendRate,
      ),
    });
}

function rateOf(bytes: number, elapsedMs: number, before: number): number {
  if (elapsedMs <= 0 || elapsedMs > 5_000) return Math.max(before, bytes);
  return Math.round(0.8 * before + 0.2 * ((bytes / elapsedMs) * 1000));
}

/** Log arrives on a forwarder: what fits is hardened, redone as fast as it may, and reported. */
export function receiveLog(
  turn: Turn,
  place: CopyPlace,
  message: { readonly from: Lsn; readonly records: readonly LogRecord[] },
): void {
  const database = databaseAt(turn, place);
  if (database === undefined || database.reverting) return;
  if (database.suspended !== null || !database.joined) {
    // What this side said about its copy was lost on the way.
    sayAgain(turn, place, database);
    return;
  }
  let log = database.log;
  let last: LogRecord | undefined;
  for (const record of message.records) {
    if (record.start !== log.end) continue;
    log = append(log, record);
    last = record;
  }
  const gap = last === undefined && message.from > log.end;
  if (last !== undefined) {
    const immediate = instanceAt(turn, place.instance).redoBytesPerSecond === null;
    changeDatabase(turn, place, { log, lastReceivedAt: turn.at, lastHardenedAt: turn.at });
    if (immediate) redoAll(turn, place);
    else scheduleRedo(turn, place);
    feedReplicas(turn, place, database.group);
  }
  reportProgress(turn, place, gap);
}

/** A forwarder ships on what it received to the other replicas of its local group. */
function feedReplicas(turn: Turn, place: CopyPlace, group: string | null): void {
  if (group === null) return;
  for (const link of replicaLinksOver(instanceAt(turn, place.instance), group))
    if (link.role === 'PRIMARY') pump(turn, { ...place, group: link.key });
}

function sayAgain(turn: Turn, place: CopyPlace, database: DatabaseState): void {
  if (database.group === null) return;
  sendToPartner(
    turn,
    place,
    database.suspended === null
      ? { kind: 'join', copy: copyOf(database) }
      : { kind: 'suspended', database: place.database, reason: database.suspended },
  );
}

/** Tells the primary how far this copy is. */
export function reportProgress(turn: Turn, place: CopyPlace, gap = false): void {
  const database = databaseAt(turn, place);
  if (database === undefined) return;
  const everywhere = hardenedEverywhere(turn, place, database);
  sendToPartner(turn, place, {
    kind: 'progress',
    progress: progressOf(database, everywhere, gap),
  });
}

interface Hardened {
  readonly hardened: Lsn;
  readonly hardenedBytes: number;
}

/** What is on disk here and on every synchronous replica this copy feeds: a forwarder acknowledges no more. */
function hardenedEverywhere(turn: Turn, place: DatabasePlace, database: DatabaseState): Hardened {
  let found: Hardened = { hardened: database.log.end, hardenedBytes: database.log.totalBytes };
  if (database.group === null) return found;
  for (const link of replicaLinksOver(instanceAt(turn, place.instance), database.group)) {
    const copy = link.databases[place.database];
    if (link.role !== 'PRIMARY' || copy === undefined || !makesCommitsWait(copy)) continue;
    const { hardenedLsn: hardened, hardenedBytes } = copy;
    if (hardened !== null && hardened < found.hardened) found = { hardened, hardenedBytes };
  }
  return found;
}

/** The copy is SYNCHRONIZED or so near to it that commits wait for it. */
export function makesCommitsWait(copy: PartnerDatabase): boolean {
  return copy.synchronizationState === 'SYNCHRONIZED' || copy.catchUpTarget !== null;
}

/** A replica this copy feeds has moved: what this side may acknowledge upwards has moved too. */
export function relayProgress(turn: Turn, place: CopyPlace): void {
  const link = distributedAt(turn, place);
  if (link?.between !== 'replicas' || link.role !== 'PRIMARY') return;
  for (const each of distributedOver(instanceAt(turn, place.instance), link.localGroup))
    if (each.role === 'SECONDARY' && databaseAt(turn, place)?.joined === true)
      reportProgress(turn, { ...place, group: each.key });
}

function progressOf(database: DatabaseState, everywhere: Hardened, gap: boolean): Progress {
  return {
    database: database.key,
    ...everywhere,
    redone: database.lastRedoneLsn,
    redonePosition: database.redonePosition,
    redoneBytes: database.redoneBytes,
    redoRate: database.redoRate,
    lastCommit: database.lastCommitLsn,
    lastCommitAt: database.lastCommitAt,
    gap,
  };
}

/** Applies everything that is hardened. */
export function redoAll(turn: Turn, place: DatabasePlace): void {
  const database = databaseAt(turn, place);
  if (database === undefined) return;
  redo(turn, place, recordsFrom(database.log, database.redonePosition, Number.POSITIVE_INFINITY));
}

function redo(turn: Turn, place: DatabasePlace, records: readonly LogRecord[]): void {
  const last = records.at(-1);
  if (last === undefined) return;
  for (const { payload, lsn } of records) {
    if (payload !== null) turn.effects.push({ kind: 'redo', ...bare(place), payload, lsn });
  }
  const database = changeDatabase(turn, place, {
    redonePosition: last.end,
    redoneBytes: last.totalBytes,
    lastRedoneLsn: last.lsn,
    lastRedoneAt: turn.at,
    lastCommitLsn: last.lsn,
    lastCommitAt: last.committedAt,
  });
  if (database.log.length > trimAbove) trim(turn, place);
}

function bare(place: DatabasePlace): DatabasePlace {
  return { instance: place.instance, database: place.database };
}

/** Starts the redo timer of a slow copy unless it runs. */
export function scheduleRedo(turn: Turn, place: DatabasePlace): void {
  const instance = instanceAt(turn, place.instance);
  const database = databaseAt(turn, place);
  if (database === undefined || database.redoScheduled) return;
  const [next] = recordsFrom(database.log, database.redonePosition, 1);
  if (next === undefined) return;
  const rate = instance.redoBytesPerSecond;
  changeDatabase(turn, place, { redoScheduled: true, redoRate: rate ?? database.redoRate });
  turn.effects.push({
    kind: 'timer',
    delayMs: rate === null ? 0 : Math.ceil((next.bytes / rate) * 1000),
    timer: { kind: 'redo', ...bare(place), incarnation: instance.incarnation },
  });
}

/** One record of a slow redo is due. */
export function redoStep(turn: Turn, place: DatabasePlace): void {
  const database = databaseAt(turn, place);
  if (database === undefined) return;
  changeDatabase(turn, place, { redoScheduled: false });
  const slow = instanceAt(turn, place.instance).redoBytesPerSecond !== null;
  redo(
    turn,
    place,
    recordsFrom(database.log, database.redonePosition, slow ? 1 : Number.POSITIVE_INFINITY),
  );
  scheduleRedo(turn, place);
  for (const each of linksOver(instanceAt(turn, place.instance), database.group ?? '')) {
    if (each.role === 'SECONDARY' && database.joined)
      reportProgress(turn, { ...place, group: each.key });
  }
}

/** The primary hears how far the copy is; true when the copy moved. */
export function noteProgress(turn: Turn, place: CopyPlace, progress: Progress): boolean {
  const partner = partnerAt(turn, place);
  if (partner?.joined !== true) return false;
  const moved = partner.hardenedLsn === null || progress.hardened > partner.hardenedLsn;
  changePartner(turn, place, {
    receivedLsn: progress.hardened,
    receivedAt: turn.at,
    hardenedLsn: progress.hardened,
    hardenedAt: moved ? turn.at : partner.hardenedAt,
    hardenedBytes: progress.hardenedBytes,
    redoneLsn: progress.redone,
    redoneAt: turn.at,
    redoneBytes: progress.redoneBytes,
    redoRate: progress.redoRate,
    lastCommitLsn: progress.lastCommit,
    lastCommitAt: progress.lastCommitAt,
    stalledTicks: 0,
    holdLsn: null,
    ...(progress.gap ? { sentLsn: progress.hardened, sentBytes: progress.hardenedBytes } : {}),
  });
  pump(turn, place);
  return moved;
}

/** Starts again at the reported position when nothing moved for two ticks. */
export function resendStalled(turn: Turn, place: CopyPlace): void {
  const partner = partnerAt(turn, place);
  if (partner?.joined !== true || partner.suspended !== null || partner.hardenedLsn === null)
    return;
  if (partner.sentLsn <= partner.hardenedLsn) return;
  if (partner.stalledTicks < 1) {
    changePartner(turn, place, { stalledTicks: partner.stalledTicks + 1 });
    return;
  }
  changePartner(turn, place, {
    stalledTicks: 0,
    sentLsn: partner.hardenedLsn,
    sentBytes: partner.hardenedBytes,
  });
  pump(turn, place);
}

/** Drops log that no copy, no redo and no backup needs. */
export function trim(turn: Turn, place: DatabasePlace): void {
  const database = databaseAt(turn, place);
  if (database === undefined || database.log.length <= trimAbove) return;
  const log = truncate(database.log, neededFrom(turn, place, database));
  if (log !== database.log) changeDatabase(turn, place, { log });
}

/** A log backup frees the log behind it that nobody else needs, whole stretches of it only. */
export function freeBackedUpLog(turn: Turn, place: DatabasePlace): void {
  const database = databaseAt(turn, place);
  // The stretch that is being written stays, as the active virtual log file does.
  const active = database?.log.chunks.at(-1)?.[0]?.start;
  if (database?.backupHoldLsn === null || database === undefined || active === undefined) return;
  const needed = neededFrom(turn, place, database);
  const log = truncate(database.log, needed < active ? needed : active);
  if (log !== database.log) changeDatabase(turn, place, { log });
}

/** Oldest position somebody still needs. */
function neededFrom(turn: Turn, place: DatabasePlace, database: DatabaseState): Lsn {
  let needed = database.redonePosition;
  const keep = (position: Lsn | null): void => {
    if (position !== null && position < needed) needed = position;
  };
  if (database.log.length <= maxHeldForBackup) keep(database.backupHoldLsn);
  // A secondary keeps what a forwarder or another replica may ask it for after a failover.
  const role = instanceAt(turn, place.instance).groups[database.group ?? '']?.role;
  if (role === 'SECONDARY' && database.log.length <= maxHeldForBackup) keep(database.log.start);
  for (const each of linksOver(instanceAt(turn, place.instance), database.group ?? '')) {
    const partner = each.databases[place.database];
    if (partner !== undefined) keep(partner.holdLsn ?? partner.hardenedLsn);
  }
  return needed;
}
