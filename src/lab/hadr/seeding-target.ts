/** Automatic seeding, receiving side: may the database be created, how far is it, and then it joins. */

import type { Lsn } from '../../base/lsn.ts';
import { copyOf } from './copy.ts';
import { emptyLog } from './log.ts';
import { newDatabaseState } from './new-database.ts';
import { localMember, remoteMember, sendToPartner } from './route.ts';
import { addHistory, addStream, changeHistory, changeStream, failHistory } from './seeding-row.ts';
import type { DatabaseState, RecoveryFork } from './state.ts';
import { nameKey } from './state.ts';
import {
  changeDatabase,
  changeInstance,
  databaseAt,
  distributedAt,
  engineError,
  instanceAt,
  logError,
  newId,
  without,
} from './turn.ts';
import type { CopyPlace, GroupPlace, Turn } from './turn.ts';
import type { DistributedState, PlantedFailure } from './state.ts';

/** What the primary offers to seed. */
export interface SeedRequest {
  readonly operation: string;
  readonly database: string;
  readonly groupDatabaseId: string;
  readonly familyId: string;
  readonly bytes: number;
  readonly attempts: number;
}

/** The primary wants to seed a database here. */
export function receiveSeedRequest(turn: Turn, group: GroupPlace, message: SeedRequest): void {
  const place = { ...group, database: nameKey(message.database) };
  const instance = instanceAt(turn, place.instance);
  const distributed = distributedAt(turn, place);
  if (distributed?.role !== 'SECONDARY') return;
  const known = instance.seedingStreams.find((stream) => stream.operationId === message.operation);
  if (known !== undefined) {
    accept(turn, place, { operation: message.operation, streamId: known.localId });
    return;
  }
  const earlier = instance.seedingHistory.find((row) => row.operationId === message.operation);
  if (earlier !== undefined) {
    if (earlier.phase === 'FAILED' && earlier.failure !== null)
      tellFailure(turn, place, { ...earlier.failure, operation: message.operation });
    return;
  }
  const existing = instance.databases[place.database];
  addHistory(turn, place.instance, {
    operationId: message.operation,
    startedAt: turn.at,
    completedAt: null,
    groupId: distributed.groupId,
    groupDatabaseId: message.groupDatabaseId,
    remoteReplicaId: remoteMember(distributed).replicaId,
    database: message.database,
    isSource: false,
    phase: 'CHECK_IF_SEEDING_NEEDED',
    performedSeeding: false,
    failure: null,
    attempts: message.attempts,
  });
  if (existing?.state === 'RESTORING' && existing.familyId === message.familyId) {
    sendToPartner(turn, place, { kind: 'join', copy: copyOf(existing) });
    return;
  }
  const failure = refusal(turn, place, distributed);
  if (failure === null) begin(turn, place, { message, distributed });
  else refuse(turn, place, { ...failure, operation: message.operation });
}

/** Why a seeding is refused: `failure_state`, and the SQL Server error behind it. */
const refusals = {
  denied: { state: 3, errorCode: 19_506 },
  otherVersion: { state: 20, errorCode: 946 },
  nameTaken: { state: 23, errorCode: 1801 },
} as const;

type Refused = PlantedFailure & { readonly operation: string };

function refusal(
  turn: Turn,
  place: CopyPlace,
  distributed: DistributedState,
): PlantedFailure | null {
  const instance = instanceAt(turn, place.instance);
  const source = distributed.partner?.versionMajor ?? instance.version.major;
  // A database of an older version comes by backup and restore only (Microsoft Learn, distributed groups).
  if (source < instance.version.major) {
    logError(turn, place.instance, engineError(946, place.database, source));
    return refusals.otherVersion;
  }
  if (instance.databases[place.database] !== undefined) return refusals.nameTaken;
  if (localMember(distributed).seedingMode !== 'AUTOMATIC') return refusals.denied;
  const group = instance.groups[distributed.localGroup];
  const granted = group?.createAnyDatabase !== null;
  if (granted || turn.state.switches.seedingWithoutGrant === 'works')
    return turn.state.settings.seedingFailure ?? null;
  logError(turn, place.instance, engineError(19_506, group?.name ?? ''));
  return refusals.denied;
}

function refuse(turn: Turn, place: CopyPlace, refused: Refused): void {
  failHistory(turn, { instance: place.instance, operation: refused.operation }, refused);
  tellFailure(turn, place, refused);
}

function tellFailure(turn: Turn, place: CopyPlace, refused: Refused): void {
  sendToPartner(turn, place, {
    kind: 'seed-failed',
    operation: refused.operation,
    database: place.database,
    failure: refused.state,
    errorCode: refused.errorCode,
  });
}

function begin(
  turn: Turn,
  place: CopyPlace,
  seed: { readonly message: SeedRequest; readonly distributed: DistributedState },
): void {
  const { message, distributed } = seed;
  const instance = instanceAt(turn, place.instance);
  const group = instance.groups[distributed.localGroup];
  const database = newDatabaseState(instance, {
    name: message.database,
    owner: group?.createAnyDatabase ?? 'sa',
    familyId: message.familyId,
    sizeBytes: message.bytes,
    createdAt: turn.at,
    state: 'RESTORING',
  });
  changeInstance(turn, place.instance, {
    databases: { ...instance.databases, [place.database]: database },
  });
  turn.effects.push({
    kind: 'create-store',
    instance: place.instance,
    database: place.database,
  });
  const streamId = newId(turn);
  addStream(turn, place.instance, {
    operationId: message.operation,
    localId: streamId,
    remoteId: null,
    distributedGroup: distributed.name,
    database: database.name,
    databaseId: database.id,
    remoteUrl: remoteMember(distributed).listenerUrl,
    role: 'Destination',
    state: 'WaitingForRestoreToStart',
    bytesPerSecond: 0,
    transferredBytes: 0,
    databaseBytes: message.bytes,
    startedAt: turn.at,
    endedAt: null,
    estimatedEndAt: null,
    failure: null,
  });
  changeHistory(
    turn,
    { instance: place.instance, operation: message.operation },
    {
      phase: 'SEEDING',
      performedSeeding: true,
    },
  );
  accept(turn, place, { operation: message.operation, streamId });
}

function accept(
  turn: Turn,
  place: CopyPlace,
  accepted: { readonly operation: string; readonly streamId: string },
): void {
  sendToPartner(turn, place, { kind: 'seed-accepted', database: place.database, ...accepted });
}

/** A chunk came in. */
export function receiveChunk(
  turn: Turn,
  place: CopyPlace,
  message: {
    readonly operation: string;
    readonly transferred: number;
    readonly bytesPerSecond: number;
  },
): void {
  changeStream(
    turn,
    { instance: place.instance, operation: message.operation },
    {
      state: 'ReadingAndSendingData',
      transferredBytes: message.transferred,
      bytesPerSecond: message.bytesPerSecond,
    },
  );
}

/** What comes behind the last chunk. */
export interface SeedDone {
  readonly operation: string;
  readonly position: Lsn;
  readonly totalBytes: number;
  readonly forks: readonly RecoveryFork[];
  readonly lastCommit: Lsn | null;
  readonly lastCommitAt: number | null;
}

/** The image is complete: it is restored, and the copy joins at the image's position. */
export function receiveSeedDone(turn: Turn, place: CopyPlace, message: SeedDone): void {
  const database = databaseAt(turn, place);
  const at = { instance: place.instance, operation: message.operation };
  const stream = instanceAt(turn, place.instance).seedingStreams.find(
    (each) => each.operationId === message.operation,
  );
  if (database?.state !== 'RESTORING' || stream === undefined) return;
  if (stream.endedAt !== null) {
    // The offer to join was lost on the way.
    sendToPartner(turn, place, { kind: 'join', copy: copyOf(database) });
    return;
  }
  turn.effects.push({
    kind: 'install-image',
    operation: message.operation,
    instance: place.instance,
    database: place.database,
  });
  const seeded = changeDatabase(turn, place, {
    log: emptyLog(message.position, message.totalBytes),
    redonePosition: message.position,
    redoneBytes: message.totalBytes,
    recoveryLsn: message.position,
    forks: message.forks,
    fullBackupTaken: true,
    lastCommitLsn: message.lastCommit,
    lastCommitAt: message.lastCommitAt,
    lastRedoneLsn: message.lastCommit,
    lastRedoneAt: turn.at,
    lastHardenedAt: turn.at,
    lastReceivedAt: turn.at,
  });
  changeStream(turn, at, {
    state: 'Success',
    endedAt: turn.at,
    transferredBytes: stream.databaseBytes,
  });
  if (turn.state.switches.seedingFalseAlarm) failHistory(turn, at, { state: 21, errorCode: null });
  else changeHistory(turn, at, { phase: 'COMPLETED', completedAt: turn.at });
  sendToPartner(turn, place, { kind: 'join', copy: copyOf(seeded) });
}

/** Half-received databases of a DAG go: a seeding starts from zero. */
export function abortIncoming(turn: Turn, place: GroupPlace): void {
  const distributed = distributedAt(turn, place);
  for (const stream of instanceAt(turn, place.instance).seedingStreams) {
    if (stream.role !== 'Destination' || stream.distributedGroup !== distributed?.name) continue;
    const database = nameKey(stream.database);
    const copy = databaseAt(turn, { ...place, database });
    if (stream.endedAt === null)
      failHistory(
        turn,
        { instance: place.instance, operation: stream.operationId },
        {
          state: 6,
          errorCode: null,
        },
      );
    if (copy?.state !== 'RESTORING' || copy.group !== null || copy.pendingJoin !== null) continue;
    removeDatabase(turn, place.instance, database);
  }
}

/** The partner cancelled a seeding. */
export function receiveSeedCancelled(turn: Turn, place: CopyPlace, operation: string): void {
  const stream = instanceAt(turn, place.instance).seedingStreams.find(
    (each) => each.operationId === operation,
  );
  if (stream === undefined || stream.endedAt !== null) return;
  failHistory(turn, { instance: place.instance, operation }, { state: 1, errorCode: null });
  if (databaseAt(turn, place)?.state === 'RESTORING')
    removeDatabase(turn, place.instance, place.database);
}

/** RESTORE brought the copy: it has a history, but never received anything from a partner. */
export function isRestoredByHand(database: DatabaseState): boolean {
  return (
    database.state === 'RESTORING' && database.forks.length > 0 && database.lastReceivedAt === null
  );
}

/** A copy that was there already needs no seeding, or is refused: either ends its row in the history. */
export function endSeedingCheck(turn: Turn, place: CopyPlace, error: number | null): void {
  const row = instanceAt(turn, place.instance).seedingHistory.findLast(
    (each) =>
      !each.isSource &&
      nameKey(each.database) === place.database &&
      each.phase === 'CHECK_IF_SEEDING_NEEDED',
  );
  if (row === undefined) return;
  const at = { instance: place.instance, operation: row.operationId };
  if (error === null) changeHistory(turn, at, { phase: 'COMPLETED', completedAt: turn.at });
  else failHistory(turn, at, { state: seedingFailed, errorCode: error });
}

const seedingFailed = 15;

/** Takes a database away with its rows. */
export function removeDatabase(turn: Turn, instance: string, database: string): void {
  changeInstance(turn, instance, {
    databases: without(instanceAt(turn, instance).databases, database),
  });
  turn.effects.push({ kind: 'drop-store', instance, database });
}
