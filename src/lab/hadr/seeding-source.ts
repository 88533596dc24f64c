/**
 * Automatic seeding, sending side: ask, copy an image in chunks at the link's pace, then the log.
 *
 * An interrupted seeding starts from zero (Microsoft Learn, Managed Instance link; automatic seeding).
 */

import { emptyLog } from './log.ts';
import type { Log } from './log.ts';
import { ensurePartner } from './partner.ts';
import { remoteMember, sendToPartner } from './route.ts';
import {
  addHistory,
  addStream,
  changeHistory,
  changeStream,
  failHistory,
  streamOf,
} from './seeding-row.ts';
import { nameKey } from './state.ts';
import type { DatabaseState, DistributedState, PartnerSeeding } from './state.ts';
import {
  changeDatabase,
  changePartner,
  databaseAt,
  distributedAt,
  engineError,
  instanceAt,
  linksOver,
  logError,
  newId,
  partnerAt,
  replicaLinksOver,
} from './turn.ts';
import type { CopyPlace, DatabasePlace, GroupPlace, Turn } from './turn.ts';

/** Databases seeded at the same time (Microsoft Learn, automatic seeding: up to five). */
const maxConcurrent = 5;
const chunkMs = 50;

type Running = Extract<PartnerSeeding, { readonly operation: string }>;

function running(seeding: PartnerSeeding | undefined): Running | undefined {
  return seeding !== undefined && 'operation' in seeding ? seeding : undefined;
}

function isAutomatic(distributed: DistributedState): boolean {
  const remote = remoteMember(distributed);
  return (
    remote.seedingMode === 'AUTOMATIC' &&
    distributed.partner?.seeding[nameKey(remote.group)] === 'AUTOMATIC'
  );
}

/** Starts the seeding of every database the partner lacks, as many at a time as a server does. */
export function seedWhatIsMissing(turn: Turn, place: GroupPlace): void {
  const distributed = distributedAt(turn, place);
  if (distributed?.role !== 'PRIMARY' || !distributed.link.connected) return;
  const members = instanceAt(turn, place.instance).groups[distributed.localGroup]?.databases ?? [];
  for (const database of members) {
    const copy = { ...place, database };
    const partner = ensurePartner(turn, copy);
    const seeding = partner?.seeding;
    if (partner === undefined || partner.joined || partner.suspended !== null) continue;
    if (seeding?.phase === 'none' && isAutomatic(distributed)) start(turn, copy, 1);
    const active = running(seeding);
    if (active?.phase === 'checking') request(turn, copy, active);
    if (active?.phase === 'catching-up') finish(turn, copy, active);
  }
}

/** A copy has come into a local group: its other replicas that have none are seeded. */
export function seedReplicas(turn: Turn, place: GroupPlace): void {
  for (const link of replicaLinksOver(instanceAt(turn, place.instance), place.group))
    seedWhatIsMissing(turn, { ...place, group: link.key });
}

function start(turn: Turn, place: CopyPlace, attempts: number): void {
  const distributed = distributedAt(turn, place);
  const database = databaseAt(turn, place);
  if (distributed === undefined || database?.state !== 'ONLINE') return;
  const busy = Object.values(distributed.databases).filter((each) => running(each.seeding));
  if (busy.length >= maxConcurrent) return;
  const operation = newId(turn);
  const seeding: Running = {
    phase: 'checking',
    operation,
    attempts,
    imageLsn: null,
    imageBytes: 0,
  };
  const partner = changePartner(turn, place, { seeding });
  addHistory(turn, place.instance, {
    operationId: operation,
    startedAt: turn.at,
    completedAt: null,
    groupId: distributed.groupId,
    groupDatabaseId: partner.groupDatabaseId,
    remoteReplicaId: remoteMember(distributed).replicaId,
    database: database.name,
    isSource: true,
    phase: 'CHECK_IF_SEEDING_NEEDED',
    performedSeeding: false,
    failure: null,
    attempts,
  });
  request(turn, place, seeding);
}

function request(turn: Turn, place: CopyPlace, seeding: Running): void {
  const database = databaseAt(turn, place);
  const partner = partnerAt(turn, place);
  if (database === undefined || partner === undefined) return;
  sendToPartner(turn, place, {
    kind: 'seed-request',
    operation: seeding.operation,
    database: database.name,
    groupDatabaseId: partner.groupDatabaseId,
    familyId: database.familyId,
    bytes: database.sizeBytes,
    attempts: seeding.attempts,
  });
}

/** The partner is ready to restore: the image is taken now, and log is kept from here. */
export function receiveAccepted(
  turn: Turn,
  place: CopyPlace,
  message: { readonly operation: string; readonly streamId: string },
): void {
  const database = databaseAt(turn, place);
  const distributed = distributedAt(turn, place);
  const seeding = running(partnerAt(turn, place)?.seeding);
  if (seeding?.operation !== message.operation || seeding.phase !== 'checking') return;
  if (database === undefined || distributed === undefined) return;
  const at = { instance: place.instance, operation: seeding.operation };
  changePartner(turn, place, {
    seeding: {
      ...seeding,
      phase: 'sending',
      imageLsn: database.log.end,
      imageBytes: database.log.totalBytes,
    },
    holdLsn: database.log.end,
  });
  turn.effects.push({
    kind: 'take-image',
    operation: seeding.operation,
    instance: place.instance,
    database: place.database,
  });
  changeHistory(turn, at, { phase: 'SEEDING', performedSeeding: true });
  const rate = seedingRate(turn, database);
  addStream(turn, place.instance, {
    operationId: seeding.operation,
    localId: newId(turn),
    remoteId: message.streamId,
    distributedGroup: distributed.name,
    database: database.name,
    databaseId: database.id,
    remoteUrl: remoteMember(distributed).listenerUrl,
    role: 'Source',
    state: 'ReadingAndSendingData',
    bytesPerSecond: rate,
    transferredBytes: 0,
    databaseBytes: database.sizeBytes,
    startedAt: turn.at,
    endedAt: null,
    estimatedEndAt: turn.at + Math.ceil((database.sizeBytes / rate) * 1000),
    failure: null,
  });
  chunkTimer(turn, place, seeding.operation);
}

function seedingRate(turn: Turn, database: DatabaseState): number {
  const { seedingBytesPerSecond, seedingMs } = turn.state.settings;
  return Math.max(
    1,
    seedingBytesPerSecond ?? Math.ceil((database.sizeBytes * 1000) / Math.max(1, seedingMs)),
  );
}

function chunkTimer(turn: Turn, place: CopyPlace, operation: string): void {
  const { incarnation } = instanceAt(turn, place.instance);
  turn.effects.push({
    kind: 'timer',
    delayMs: chunkMs,
    timer: { kind: 'seed-chunk', ...place, operation, incarnation },
  });
}

/** The next chunk is due; behind the last one the partner restores the image. */
export function sendChunk(turn: Turn, place: CopyPlace, operation: string): void {
  const database = databaseAt(turn, place);
  const seeding = running(partnerAt(turn, place)?.seeding);
  const at = { instance: place.instance, operation };
  const stream = streamOf(turn, at);
  if (seeding?.operation !== operation || seeding.phase !== 'sending') return;
  if (stream === undefined || database === undefined) return;
  const rate = seedingRate(turn, database);
  const transferred = Math.min(
    stream.databaseBytes,
    stream.transferredBytes + Math.ceil((rate * chunkMs) / 1000),
  );
  const left = stream.databaseBytes - transferred;
  changeStream(turn, at, {
    transferredBytes: transferred,
    bytesPerSecond: rate,
    estimatedEndAt: turn.at + Math.ceil((left / rate) * 1000),
  });
  sendToPartner(turn, place, {
    kind: 'seed-chunk',
    operation,
    database: place.database,
    transferred,
    bytesPerSecond: rate,
  });
  if (left > 0) {
    chunkTimer(turn, place, operation);
    return;
  }
  changeStream(turn, at, { state: 'WaitingForRestoreToFinish' });
  changeHistory(turn, at, { phase: 'CATCHUP' });
  const done = { ...seeding, phase: 'catching-up' } as const;
  changePartner(turn, place, { seeding: done });
  finish(turn, place, done);
}

function finish(turn: Turn, place: CopyPlace, seeding: Running): void {
  const database = databaseAt(turn, place);
  if (database === undefined || seeding.imageLsn === null) return;
  sendToPartner(turn, place, {
    kind: 'seed-done',
    operation: seeding.operation,
    database: place.database,
    position: seeding.imageLsn,
    totalBytes: seeding.imageBytes,
    forks: database.forks,
    lastCommit: database.lastCommitLsn,
    lastCommitAt: database.lastCommitAt,
  });
}

/** The seeded copy has joined: the seeding is over. */
export function copyJoined(turn: Turn, place: CopyPlace): void {
  const seeding = running(partnerAt(turn, place)?.seeding);
  changePartner(turn, place, { seeding: { phase: 'none' }, holdLsn: null });
  if (seeding === undefined) return;
  const at = { instance: place.instance, operation: seeding.operation };
  changeHistory(turn, at, { phase: 'COMPLETED', completedAt: turn.at });
  changeStream(turn, at, { state: 'Success', endedAt: turn.at, estimatedEndAt: turn.at });
  turn.effects.push({ kind: 'discard-image', operation: seeding.operation });
}

/** Why a running seeding ends early. */
export type AbortReason = 'connection-lost' | 'cancelled' | 'refused' | 'log-gone';

/** Ends a running seeding; it starts again from zero unless it was cancelled or gave up. */
export function abortOutgoing(turn: Turn, place: CopyPlace, reason: AbortReason): void {
  const seeding = running(partnerAt(turn, place)?.seeding);
  const database = databaseAt(turn, place);
  const distributed = distributedAt(turn, place);
  if (seeding === undefined || distributed === undefined) return;
  const state = { 'connection-lost': 6, cancelled: 1, refused: 20, 'log-gone': 24 }[reason];
  const at = { instance: place.instance, operation: seeding.operation };
  failHistory(turn, at, { state, errorCode: reason === 'log-gone' ? 1412 : null });
  if (seeding.phase !== 'checking')
    turn.effects.push({ kind: 'discard-image', operation: seeding.operation });
  if (reason === 'cancelled')
    sendToPartner(turn, place, {
      kind: 'seed-cancelled',
      operation: seeding.operation,
      database: place.database,
    });
  const names = [database?.name ?? place.database, distributed.name] as const;
  const { seedingAttempts, seedingRetryMs } = turn.state.settings;
  const again = reason === 'refused' || reason === 'log-gone';
  if (again && seeding.attempts < seedingAttempts) {
    logError(turn, place.instance, engineError(19_494, ...names));
    changePartner(turn, place, {
      seeding: { phase: 'waiting', attempts: seeding.attempts },
      holdLsn: null,
    });
    const { incarnation } = instanceAt(turn, place.instance);
    turn.effects.push({
      kind: 'timer',
      delayMs: seedingRetryMs,
      timer: { kind: 'seed-retry', ...place, incarnation },
    });
    return;
  }
  if (again) logError(turn, place.instance, engineError(19_495, ...names));
  const stopped = again || reason === 'cancelled';
  changePartner(turn, place, {
    seeding: stopped ? { phase: 'gave-up', attempts: seeding.attempts } : { phase: 'none' },
    holdLsn: null,
  });
}

/** The pause after a failed try is over. */
export function retry(turn: Turn, place: CopyPlace): void {
  const seeding = partnerAt(turn, place)?.seeding;
  const connected = distributedAt(turn, place)?.link.connected === true;
  if (seeding?.phase !== 'waiting') return;
  if (connected) start(turn, place, seeding.attempts + 1);
  else changePartner(turn, place, { seeding: { phase: 'none' } });
}

/** SEEDING_MODE was set on this side: MANUAL ends what runs, AUTOMATIC starts again what gave up. */
export function seedingModeSet(turn: Turn, place: GroupPlace): void {
  const distributed = distributedAt(turn, place);
  if (distributed === undefined) return;
  const automatic = remoteMember(distributed).seedingMode === 'AUTOMATIC';
  for (const database of Object.keys(distributed.databases)) {
    const copy = { ...place, database };
    if (!automatic) abortOutgoing(turn, copy, 'cancelled');
    else if (partnerAt(turn, copy)?.seeding.phase === 'gave-up')
      changePartner(turn, copy, { seeding: { phase: 'none' } });
  }
  if (automatic) seedWhatIsMissing(turn, place);
}

/** A log backup while a database is seeded takes away the log its copy needs (1412), as was seen. */
export function logBackedUp(turn: Turn, place: DatabasePlace): void {
  const database = databaseAt(turn, place);
  if (database === undefined || turn.state.switches.logBackupDuringSeeding !== 'breaks') return;
  const seeded = linksOver(instanceAt(turn, place.instance), database.group ?? '').some(
    (each) => each.databases[place.database]?.seeding.phase === 'sending',
  );
  if (!seeded) return;
  const log: Log = emptyLog(database.log.end, database.log.totalBytes);
  changeDatabase(turn, place, { log });
}
