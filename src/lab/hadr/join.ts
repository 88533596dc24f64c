/** How a copy finds its place in the primary's history: where log goes on, what is taken back. */

import type { Lsn } from '../../base/lsn.ts';
import { askForOffers } from './announce.ts';
import { commonPoint, copyOf } from './copy.ts';
import { recordsFrom, rewind } from './log.ts';
import type { CopyPosition } from './message.ts';
import { ensurePartner } from './partner.ts';
import { sendToPartner } from './route.ts';
import { abortOutgoing, copyJoined, seedReplicas } from './seeding-source.ts';
import { endSeedingCheck, isRestoredByHand, removeDatabase } from './seeding-target.ts';
import { pump, reportProgress } from './ship.ts';
import type { DatabaseState, DistributedState, PartnerDatabase, RecoveryFork } from './state.ts';
import { reassess } from './synchronize.ts';
import {
  changeDatabase,
  changeDistributed,
  changeGroup,
  changePartner,
  databaseAt,
  distributedAt,
  distributedOver,
  engineError,
  instanceAt,
  newId,
} from './turn.ts';
import type { CopyPlace, GroupPlace, Turn } from './turn.ts';

/** The primary looks at a copy that wants to join. */
export function considerCopy(turn: Turn, group: GroupPlace, copy: CopyPosition): void {
  const place = { ...group, database: copy.database };
  const database = databaseAt(turn, place);
  const distributed = distributedAt(turn, place);
  if (distributed?.role !== 'PRIMARY') return;
  if (database === undefined || database.group !== distributed.localGroup) {
    refuse(turn, place, 41_132);
    return;
  }
  // After a restart the copy offers itself again until recovery is over.
  if (database.state !== 'ONLINE') return;
  const partner = ensurePartner(turn, place);
  if (copy.suspended !== null) {
    changePartner(turn, place, { suspended: copy.suspended });
    reassess(turn, place);
    return;
  }
  // An older server cannot read what this one writes.
  const format = database.formatMajor ?? instanceAt(turn, place.instance).version.major;
  if ((distributed.partner?.versionMajor ?? format) < format) {
    refuse(turn, place, 948);
    return;
  }
  const common = commonPoint({ forks: database.forks, end: database.log.end }, copy);
  const isRelay = distributed.between === 'replicas' && receives(turn, place, database);
  if (copy.familyId !== database.familyId || common === undefined) refuse(turn, place, 1407);
  // A forwarder that has less than its own secondary waits for log: nothing there is divergent yet.
  else if (isRelay && copy.end > common && common === database.log.end) return;
  else if (!isRelay && mustSuspend(partner, { copy, common, between: distributed.between })) {
    changePartner(turn, place, { suspended: 'SUSPEND_FROM_PARTNER' });
    sendToPartner(turn, place, {
      kind: 'suspend',
      database: place.database,
      reason: 'SUSPEND_FROM_PARTNER',
    });
    reassess(turn, place);
  } else if (copy.end > common)
    sendToPartner(turn, place, { kind: 'revert', database: place.database, to: common });
  else if (common < database.log.start) refuse(turn, place, 1412);
  else if (lacksLogBackup(database, partner, common)) refuse(turn, place, 1478);
  else accept(turn, place, { database, from: common });
}

/** This copy itself receives log through a DAG: it is a forwarder's. */
function receives(turn: Turn, place: CopyPlace, database: DatabaseState): boolean {
  return distributedOver(instanceAt(turn, place.instance), database.group ?? '').some(
    (each) => each.role !== 'PRIMARY',
  );
}

/** A copy restored by hand lacks a log backup, although its log is still here (text of 1478). */
function lacksLogBackup(
  { lastLogBackupLsn, log }: DatabaseState,
  partner: PartnerDatabase | undefined,
  common: Lsn,
): boolean {
  const phase = partner?.seeding.phase;
  const isNew = partner?.hardenedLsn === null && (phase === 'none' || phase === 'checking');
  return isNew && lastLogBackupLsn !== null && common < lastLogBackupLsn && common >= log.start;
}

/** After a forced failover past a living primary, its copy is suspended until RESUME. */
function mustSuspend(
  partner: PartnerDatabase | undefined,
  offered: {
    readonly copy: CopyPosition;
    readonly common: Lsn;
    readonly between: DistributedState['between'];
  },
): boolean {
  const { copy, common, between } = offered;
  if (copy.mayRevert) return false;
  if (partner?.suspended === 'SUSPEND_FROM_PARTNER') return true;
  // Inside a group the failover itself said who has to wait; a planned one lets everybody go on.
  return between === 'groups' && copy.end > common;
}

function refuse(turn: Turn, place: CopyPlace, error: number): void {
  if (error === 1412 || error === 1478) abortOutgoing(turn, place, 'log-gone');
  sendToPartner(turn, place, { kind: 'join-refused', database: place.database, error });
}

function accept(
  turn: Turn,
  place: CopyPlace,
  point: { readonly database: DatabaseState; readonly from: Lsn },
): void {
  const { log, forks } = point.database;
  const missing = recordsFrom(log, point.from, Number.POSITIVE_INFINITY);
  const bytes = missing.reduce((sum, record) => sum + record.bytes, 0);
  const position = log.totalBytes - bytes;
  changePartner(turn, place, {
    joined: true,
    suspended: null,
    sentLsn: point.from,
    sentBytes: position,
    hardenedLsn: point.from,
    hardenedBytes: position,
    catchUpTarget: null,
    synchronizationState: 'NOT SYNCHRONIZING',
    receivedLsn: null,
    stalledTicks: 0,
  });
  const isReplica = distributedAt(turn, place)?.between === 'replicas';
  sendToPartner(turn, place, {
    kind: 'joined',
    database: place.database,
    from: point.from,
    forks,
    groupDatabaseId: isReplica ? point.database.groupDatabaseId : null,
  });
  copyJoined(turn, place);
  pump(turn, place);
  reassess(turn, place);
}

/** The primary accepted this side's copy. */
export function receiveJoined(
  turn: Turn,
  place: CopyPlace,
  message: {
    readonly from: Lsn;
    readonly forks: readonly RecoveryFork[];
    readonly groupDatabaseId: string | null;
  },
): void {
  const database = databaseAt(turn, place);
  const distributed = distributedAt(turn, place);
  if (database === undefined || distributed?.role !== 'SECONDARY') return;
  if (database.log.end !== message.from || database.suspended !== null) return;
  enterGroup(turn, place, {
    group: distributed.localGroup,
    groupDatabaseId: message.groupDatabaseId,
  });
  changeDistributed(turn, place, { databases: {}, selfDemoted: false });
  if (isRestoredByHand(database)) endSeedingCheck(turn, place, null);
  if (database.pendingJoin !== null)
    turn.effects.push({ kind: 'statement-ended', request: database.pendingJoin, error: null });
  changeDatabase(turn, place, {
    joined: true,
    orphaned: false,
    mayRevert: false,
    pendingJoin: null,
    state: stateAfterJoin(database),
    forks: message.forks,
  });
  if (distributed.between === 'groups') {
    if (message.forks.at(-1)?.id !== database.forks.at(-1)?.id) askForOffers(turn, place);
    seedReplicas(turn, { instance: place.instance, group: distributed.localGroup });
  }
  reportProgress(turn, place);
}

/** A joined copy is open for redo; one of an older format recovers no further before it is promoted. */
function stateAfterJoin({ state, formatMajor }: DatabaseState): DatabaseState['state'] {
  if (state !== 'RESTORING') return state;
  return formatMajor === undefined ? 'ONLINE' : 'RECOVERING';
}

/** A copy that came in through the DAG or from the primary belongs to the local group from now on. */
function enterGroup(
  turn: Turn,
  place: CopyPlace,
  into: { readonly group: string; readonly groupDatabaseId: string | null },
): void {
  const groupKey = into.group;
  const group = instanceAt(turn, place.instance).groups[groupKey];
  if (group === undefined || group.databases.includes(place.database)) return;
  changeGroup(
    turn,
    { instance: place.instance, group: groupKey },
    {
      databases: [...group.databases, place.database],
    },
  );
  changeDatabase(turn, place, {
    group: groupKey,
    groupDatabaseId: into.groupDatabaseId ?? newId(turn),
  });
}

/** The primary refused this side's copy. */
export function receiveJoinRefused(turn: Turn, place: CopyPlace, error: number): void {
  const database = databaseAt(turn, place);
  if (error === 948 && database?.group !== null && database !== undefined) {
    changeDatabase(turn, place, { newerPrimary: true, joined: false, synchronized: false });
    return;
  }
  if (database?.pendingJoin !== null && database !== undefined) {
    turn.effects.push({
      kind: 'statement-ended',
      request: database.pendingJoin,
      error: engineError(error, database.name),
    });
    changeDatabase(turn, place, { pendingJoin: null });
  } else if (database?.state === 'RESTORING' && database.group === null) {
    // What an administrator restored stays; what a seeding brought here goes.
    if (isRestoredByHand(database)) endSeedingCheck(turn, place, error);
    else removeDatabase(turn, place.instance, place.database);
  } else if (database?.group !== null && database?.suspended === null)
    changeDatabase(turn, place, { suspended: 'SUSPEND_FROM_REVALIDATION' });
}

/** The primary asks this side to take back what it never had: REVERTING until that is done. */
export function receiveRevert(turn: Turn, place: CopyPlace, to: Lsn): void {
  const database = databaseAt(turn, place);
  if (database === undefined || database.reverting) return;
  if (database.log.end <= to) {
    // The log that was to be taken back was lost on the way.
    if (distributedAt(turn, place)?.between === 'replicas') offer(turn, place);
    return;
  }
  if (database.log.start > to) {
    changeDatabase(turn, place, { suspended: 'SUSPEND_FROM_REVALIDATION' });
    return;
  }
  changeDatabase(turn, place, { reverting: true });
  turn.effects.push({
    kind: 'timer',
    delayMs: turn.state.settings.recoveryMs,
    timer: {
      kind: 'revert',
      ...place,
      to,
      incarnation: instanceAt(turn, place.instance).incarnation,
    },
  });
}

/** Takes the divergent tail back and joins again. */
export function revert(turn: Turn, place: CopyPlace, to: Lsn): void {
  const database = databaseAt(turn, place);
  if (database === undefined || !database.reverting) return;
  const { log, undone } = rewind(database.log, to);
  for (const { payload, lsn, end } of undone) {
    if (payload !== null && end <= database.redonePosition)
      turn.effects.push({
        kind: 'undo',
        instance: place.instance,
        database: place.database,
        payload,
        lsn,
      });
  }
  const redone = database.redonePosition < to ? database.redonePosition : to;
  const last = recordsFrom(log, log.start, Number.POSITIVE_INFINITY).at(-1);
  const reverted = changeDatabase(turn, place, {
    log,
    reverting: false,
    forks: database.forks.filter(
      (fork) => fork.start < to || fork.start === database.forks[0]?.start,
    ),
    redonePosition: redone,
    redoneBytes: redone === to ? log.totalBytes : database.redoneBytes,
    lastCommitLsn: last?.lsn ?? null,
    lastCommitAt: last?.committedAt ?? null,
  });
  askForOffers(turn, place);
  sendToPartner(turn, place, { kind: 'join', copy: copyOf(reverted) });
}

/** The primary asks for the copy: unless it is suspended it is offered, and receives nothing until it is accepted. */
export function offer(turn: Turn, place: CopyPlace): void {
  const database = databaseAt(turn, place);
  if (database === undefined || database.suspended !== null || database.reverting) return;
  const offered = changeDatabase(turn, place, { joined: false, synchronized: false });
  sendToPartner(turn, place, { kind: 'join', copy: copyOf(offered) });
}
