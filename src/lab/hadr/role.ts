/**
 * Role changes of a DAG: SET (ROLE = SECONDARY), FORCE_FAILOVER_ALLOW_DATA_LOSS, and what follows.
 *
 * Nothing here stops an operator from promoting beside a living primary: the servers do not either.
 */

import { announceDistributed, askForOffers } from './announce.ts';
import { abandonWaiting } from './commit.ts';
import { call, disconnect, hangUp, memberDatabases } from './connection.ts';
import type { EngineError } from './effect.ts';
import { append, makeRecord } from './log.ts';
import { newPartner } from './partner.ts';
import { sendToPartner } from './route.ts';
import { abortOutgoing } from './seeding-source.ts';
import { pump, redoAll, scheduleRedo, trim } from './ship.ts';
import type { DatabaseState, DistributedState, PartnerDatabase } from './state.ts';
import {
  changeDatabase,
  changeDistributed,
  changeGroup,
  databaseAt,
  distributedAt,
  distributedOver,
  engineError,
  instanceAt,
  linksOver,
  newId,
} from './turn.ts';
import type { DatabasePlace, GroupPlace, Turn } from './turn.ts';

/** Size of the log record a promotion writes. */
const promotionBytes = 512;

/** SET (ROLE = SECONDARY): the error, or null when the role is given up. */
export function demote(turn: Turn, place: GroupPlace): EngineError | null {
  const distributed = distributedAt(turn, place);
  if (distributed === undefined) return engineError(19_510, place.group);
  if (distributed.role === 'SECONDARY') return engineError(41_195, distributed.name);
  if (distributed.role === 'RESOLVING')
    return engineError(41_190, distributed.name, 'ALTER', 'AVAILABILITY GROUP');
  if (distributed.latchedDemotions > 0) {
    changeDistributed(turn, place, { latchedDemotions: distributed.latchedDemotions - 1 });
    return engineError(41_104, distributed.name);
  }
  for (const database of memberDatabases(turn, place)) {
    const copy = { ...place, database };
    turn.effects.push({ kind: 'cut-sessions', instance: place.instance, database });
    abandonWaiting(turn, copy);
    pump(turn, copy, true);
    abortOutgoing(turn, copy, 'connection-lost');
    changeDatabase(turn, copy, { orphaned: true, synchronized: false });
  }
  sendToPartner(turn, place, { kind: 'demoted' });
  changeDistributed(turn, place, {
    role: 'SECONDARY',
    operationalState: 'ONLINE',
    selfDemoted: true,
    demotedAt: turn.at,
    partnerDemoted: false,
  });
  disconnect(turn, place, null);
  announceDistributed(turn, place);
  return null;
}

/** The partner gave up the primary role; nobody is primary until somebody is promoted. */
export function partnerDemoted(turn: Turn, place: GroupPlace): void {
  changeDistributed(turn, place, { partnerDemoted: true });
  disconnect(turn, place, null);
  announceDistributed(turn, place);
}

/** FORCE_FAILOVER_ALLOW_DATA_LOSS: the error, or null when the command is accepted. */
export function force(turn: Turn, place: GroupPlace): EngineError | null {
  const distributed = distributedAt(turn, place);
  if (distributed === undefined) return engineError(19_510, place.group);
  if (distributed.role === 'PRIMARY') return engineError(41_122, distributed.name);
  if (distributed.role === 'RESOLVING') return engineError(41_113, distributed.name);
  for (const database of memberDatabases(turn, place)) {
    const copy = databaseAt(turn, { ...place, database });
    if (copy !== undefined && (copy.reverting || copy.state === 'RESTORING'))
      return engineError(35_253, copy.name);
  }
  const isNewer = memberDatabases(turn, place).some(
    (database) => databaseAt(turn, { ...place, database })?.newerPrimary === true,
  );
  if (isNewer) return engineError(41_191, distributed.name);
  const guarded =
    distributed.selfDemoted &&
    distributed.requiredSynchronizedSecondariesToCommit > 0 &&
    turn.state.switches.giveBackWithRequiredSecondaries === 'refused';
  if (guarded) return engineError(41_190, distributed.name, 'ALTER', 'AVAILABILITY GROUP');
  hangUp(turn, place);
  changeDistributed(turn, place, {
    role: 'RESOLVING',
    operationalState: 'PENDING_FAILOVER',
    forcedAt: turn.at,
  });
  for (const database of memberDatabases(turn, place))
    turn.effects.push({ kind: 'cut-sessions', instance: place.instance, database });
  turn.effects.push({
    kind: 'timer',
    delayMs: turn.state.settings.roleChangeMs,
    timer: {
      kind: 'promote',
      ...place,
      incarnation: instanceAt(turn, place.instance).incarnation,
    },
  });
  return null;
}

/** The role arrives: every database starts a new recovery fork and recovers. */
export function promote(turn: Turn, place: GroupPlace): void {
  const distributed = distributedAt(turn, place);
  if (distributed?.role !== 'RESOLVING') return;
  const orderly = distributed.partnerDemoted || distributed.selfDemoted;
  const databases: Record<string, PartnerDatabase> = {};
  for (const key of memberDatabases(turn, place)) {
    const before = databaseAt(turn, { ...place, database: key });
    if (before === undefined) continue;
    databases[key] = {
      ...newPartner(before, distributed),
      // On a fallback the partner's copy is where it was; elsewhere it has at least what this one has.
      hardenedLsn: distributed.databases[key]?.hardenedLsn ?? before.log.end,
      suspended: orderly ? null : 'SUSPEND_FROM_PARTNER',
    };
  }
  const waits = Object.keys(databases).length > 0;
  // The rows come first: they hold the log that the partner still needs.
  changeDistributed(turn, place, {
    role: 'PRIMARY',
    operationalState: waits ? 'PENDING' : 'ONLINE',
    orderly,
    partnerDemoted: false,
    selfDemoted: false,
    databases,
    latchedDemotions: orderly ? 0 : distributed.latchedDemotions,
  });
  for (const database of Object.keys(databases)) {
    const at = { instance: place.instance, database };
    const before = databaseAt(turn, at);
    if (before !== undefined) startFork(turn, at, before);
  }
  announceDistributed(turn, place);
  if (!waits) call(turn, place);
}

/** A database that becomes a primary one starts a new fork of its history and recovers. */
export function startFork(turn: Turn, at: DatabasePlace, before: DatabaseState): void {
  const record = makeRecord(before.log, {
    bytes: promotionBytes,
    payload: null,
    committedAt: turn.at,
  });
  changeDatabase(turn, at, {
    state: 'RECOVERING',
    log: append(before.log, record),
    forks: [...before.forks, { id: newId(turn), start: before.log.end }],
    orphaned: false,
    joined: false,
    suspended: null,
    mayRevert: false,
    synchronized: false,
  });
  askForOffers(turn, at);
  startRecovery(turn, at);
}

/** Brings a database to ONLINE after redo and a short while. */
export function startRecovery(turn: Turn, place: DatabasePlace): void {
  const instance = instanceAt(turn, place.instance);
  if (instance.redoBytesPerSecond === null) redoAll(turn, place);
  else scheduleRedo(turn, place);
  turn.effects.push({
    kind: 'timer',
    delayMs: turn.state.settings.recoveryMs,
    timer: {
      kind: 'recovered',
      instance: place.instance,
      database: place.database,
      incarnation: instance.incarnation,
    },
  });
}

/** The time for recovery is over: ONLINE, unless redo still has work. */
export function recovered(turn: Turn, place: DatabasePlace): void {
  const database = databaseAt(turn, place);
  if (database?.state !== 'RECOVERING') return;
  const instance = instanceAt(turn, place.instance);
  const secondary = isSecondary(turn, place);
  if (secondary && database.formatMajor !== undefined) {
    scheduleRedo(turn, place);
    return;
  }
  if (!secondary && database.redonePosition < database.log.end) {
    startRecovery(turn, place);
    return;
  }
  // Opening a database of an older format for the first time upgrades it.
  const upgrade = database.formatMajor === undefined ? {} : { formatMajor: undefined };
  changeDatabase(turn, place, { state: 'ONLINE', recoveryLsn: database.log.end, ...upgrade });
  if (secondary) scheduleRedo(turn, place);
  trim(turn, place);
  if (database.group === null) return;
  settleGroup(turn, { instance: place.instance, group: database.group });
  for (const link of linksOver(instance, database.group)) settleOperationalState(turn, place, link);
  askForOffers(turn, place);
}

/** The copy receives log: from the other side of a DAG, or from the primary of its group. */
function isSecondary(turn: Turn, place: DatabasePlace): boolean {
  const group = databaseAt(turn, place)?.group ?? '';
  const instance = instanceAt(turn, place.instance);
  return (
    instance.groups[group]?.role === 'SECONDARY' ||
    distributedOver(instance, group).some((each) => each.role === 'SECONDARY')
  );
}

/** A local primary whose databases are all open is ONLINE. */
function settleGroup(turn: Turn, place: GroupPlace): void {
  const group = instanceAt(turn, place.instance).groups[place.group];
  if (group?.operationalState !== 'PENDING') return;
  const open = group.databases.every(
    (database) => databaseAt(turn, { ...place, database })?.state === 'ONLINE',
  );
  if (open) changeGroup(turn, place, { operationalState: 'ONLINE' });
}

function settleOperationalState(
  turn: Turn,
  place: DatabasePlace,
  distributed: DistributedState,
): void {
  const group = { instance: place.instance, group: distributed.key };
  const open = memberDatabases(turn, group).every(
    (database) => databaseAt(turn, { ...place, database })?.state === 'ONLINE',
  );
  if (!open || distributed.operationalState !== 'PENDING') return;
  changeDistributed(turn, group, { operationalState: 'ONLINE' });
  call(turn, group);
}
