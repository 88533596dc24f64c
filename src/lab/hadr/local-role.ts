/**
 * Role changes inside a local group: giving the role up, FAILOVER, FORCE_FAILOVER_ALLOW_DATA_LOSS,
 * and the cluster's own failover.
 *
 * The DAGs over the group move with the primary role: the replica that gives it up puts them aside,
 * the one that takes it opens them as it last heard of them (captured: ids and the other side's roles
 * stay). A forwarder's databases begin no new history, for their log is the global primary's.
 */

import { dormant, dormantOver } from './announce.ts';
import { abandonWaiting } from './commit.ts';
import { call, dial, disconnect, hangUp, startTicking } from './connection.ts';
import { clusterNodes, otherOwner, hasQuorum } from './cluster.ts';
import type { EngineError } from './effect.ts';
import { newPartner } from './partner.ts';
import { startFork } from './role.ts';
import { sendToPartner } from './route.ts';
import { abortOutgoing } from './seeding-source.ts';
import { pump } from './ship.ts';
import type {
  DatabaseState,
  DistributedState,
  GroupState,
  InstanceState,
  PartnerDatabase,
} from './state.ts';
import {
  changeDatabase,
  changeDistributed,
  changeGroup,
  changeInstance,
  databaseAt,
  distributedOver,
  engineError,
  instanceAt,
  replicaLinksOver,
  without,
} from './turn.ts';
import type { GroupPlace, Turn } from './turn.ts';

function groupAt(turn: Turn, place: GroupPlace): GroupState | undefined {
  return turn.state.instances[place.instance]?.groups[place.group];
}

function linkKeys(turn: Turn, place: GroupPlace): readonly string[] {
  return replicaLinksOver(instanceAt(turn, place.instance), place.group).map((link) => link.key);
}

/** SET (ROLE = SECONDARY) of a group without a cluster: the error, or null when the role is given up. */
export function demoteGroup(turn: Turn, place: GroupPlace): EngineError | null {
  const group = groupAt(turn, place);
  if (group === undefined) return engineError(19_510, place.group);
  const isAlone = group.replicas.length === 1;
  if (group.clusterType !== 'NONE' || isAlone) return engineError(19_512, group.name);
  if (group.role === 'SECONDARY') return engineError(41_195, group.name);
  if (group.role === 'RESOLVING' && group.operationalState !== 'OFFLINE')
    return engineError(41_190, group.name, 'ALTER', 'AVAILABILITY GROUP');
  stepDown(turn, place);
  for (const key of linkKeys(turn, place)) dial(turn, { ...place, group: key });
  return null;
}

/** OFFLINE: the primary stops serving and is RESOLVING until it is made a secondary or forced. */
export function takeOffline(turn: Turn, place: GroupPlace): EngineError | null {
  const group = groupAt(turn, place);
  if (group?.role !== 'PRIMARY') return engineError(41_140, group?.name ?? place.group);
  stepDown(turn, place);
  setRole(turn, place, { role: 'RESOLVING', operationalState: 'OFFLINE' });
  return null;
}

/** The primary role is given away: what is in the log still goes out, then the connections end. */
function stepDown(turn: Turn, place: GroupPlace): void {
  const group = groupAt(turn, place);
  if (group === undefined) return;
  for (const database of group.databases) {
    const copy = { ...place, database };
    turn.effects.push({ kind: 'cut-sessions', instance: place.instance, database });
    abandonWaiting(turn, copy);
    for (const key of linkKeys(turn, place)) {
      pump(turn, { ...copy, group: key }, true);
      abortOutgoing(turn, { ...copy, group: key }, 'connection-lost');
    }
    changeDatabase(turn, copy, { orphaned: true, synchronized: false, joined: false });
  }
  putAside(turn, place);
  for (const key of linkKeys(turn, place)) {
    const at = { ...place, group: key };
    sendToPartner(turn, at, { kind: 'demoted' });
    disconnect(turn, at, null);
    changeDistributed(turn, at, { databases: {}, demotedAt: turn.at, partnerDemoted: false });
  }
  setRole(turn, place, { role: 'SECONDARY', operationalState: 'ONLINE' });
}

/** The DAGs over the group end here and are kept as the group's other replicas keep them. */
function putAside(turn: Turn, place: GroupPlace): void {
  changeGroup(turn, place, { distributed: dormantOver(turn, place) });
  for (const { key } of distributedOver(instanceAt(turn, place.instance), place.group)) {
    hangUp(turn, { ...place, group: key });
    changeInstance(turn, place.instance, {
      distributed: without(instanceAt(turn, place.instance).distributed, key),
    });
  }
}

function setRole(
  turn: Turn,
  place: GroupPlace,
  change: Pick<GroupState, 'role' | 'operationalState'>,
): void {
  changeGroup(turn, place, change);
  for (const key of linkKeys(turn, place))
    changeDistributed(turn, { ...place, group: key }, change);
}

/** FAILOVER of a clustered group: null is never the answer, the role arrives later or the error is told. */
export function failOver(turn: Turn, place: GroupPlace, request: number): EngineError | 'pending' {
  const group = groupAt(turn, place);
  const instance = instanceAt(turn, place.instance);
  if (group === undefined) return engineError(19_510, place.group);
  if (group.clusterType !== 'WSFC') return engineError(47_122, group.name);
  if (group.role === 'PRIMARY') return engineError(41_122, group.name);
  if (group.role === 'RESOLVING' || group.pendingFailover !== null)
    return engineError(41_113, group.name);
  if (!hasQuorum(turn.state, instance)) return engineError(35_220);
  const primary = replicaLinksOver(instance, place.group).find((link) => link.link.connected);
  const isReady = group.databases.every(
    (database) => databaseAt(turn, { ...place, database })?.synchronized === true,
  );
  const isComplete = group.databases.length === countAt(turn, primary?.link.peer ?? null, place);
  if (primary === undefined || !isReady || !isComplete) return engineError(41_142, group.name);
  changeGroup(turn, place, { pendingFailover: request });
  sendToPartner(turn, { ...place, group: primary.key }, { kind: 'yield' });
  return 'pending';
}

/** Databases of the group on its primary: the cluster knows them all. */
function countAt(turn: Turn, primary: string | null, place: GroupPlace): number {
  return turn.state.instances[primary ?? '']?.groups[place.group]?.databases.length ?? 0;
}

/** A secondary asks for the role over its link: it is given away if it still has everything, and the word of it goes last. */
export function receiveYield(turn: Turn, at: GroupPlace): void {
  const link = instanceAt(turn, at.instance).replicaLinks[at.group];
  if (link?.role !== 'PRIMARY') return;
  const place = { instance: at.instance, group: link.localGroup };
  const isReady = (groupAt(turn, place)?.databases ?? []).every(
    (database) => link.databases[database]?.synchronizationState === 'SYNCHRONIZED',
  );
  if (isReady) stepDown(turn, place);
  else sendToPartner(turn, at, { kind: 'yield-refused' });
}

/** The primary keeps the role: the failover is refused as if it had been asked now. */
export function yieldRefused(turn: Turn, place: GroupPlace): void {
  const group = groupAt(turn, place);
  if (group === undefined || group.pendingFailover === null) return;
  const error = engineError(41_142, group.name);
  turn.effects.push({ kind: 'statement-ended', request: group.pendingFailover, error });
  changeGroup(turn, place, { pendingFailover: null });
}

/** The primary gave the role up: a secondary that asked for it takes it. */
export function primaryStoodDown(turn: Turn, place: GroupPlace): void {
  const group = groupAt(turn, place);
  if (group === undefined || group.pendingFailover === null) return;
  turn.effects.push({
    kind: 'statement-ended',
    request: group.pendingFailover,
    error: null,
  });
  changeGroup(turn, place, { pendingFailover: null });
  if (otherOwner(turn.state, instanceAt(turn, place.instance), group) === undefined)
    takeRole(turn, place, true);
}

/**
 * A planned failover came to nothing: the cluster brings the group back where it was last.
 *
 * Asked with every turn of the clockwork of a link; nothing happens while any node, running or not,
 * has the role or is about to take it.
 */
export function reclaimRole(turn: Turn, at: GroupPlace): void {
  const instance = instanceAt(turn, at.instance);
  const link = instance.replicaLinks[at.group];
  if (link?.role !== 'SECONDARY' || link.demotedAt === null || link.link.connected) return;
  const place = { instance: at.instance, group: link.localGroup };
  if (groupAt(turn, place)?.clusterType !== 'WSFC' || !hasQuorum(turn.state, instance)) return;
  for (const node of clusterNodes(turn.state, instance)) {
    const group = node.groups[place.group];
    if (group === undefined) continue;
    if (group.role !== 'SECONDARY' || (node.up && group.pendingFailover !== null)) return;
    const demotions = replicaLinksOver(node, place.group).map((each) => each.demotedAt ?? 0);
    if (Math.max(...demotions) > link.demotedAt) return;
  }
  takeRole(turn, place, true);
}

/** FORCE_FAILOVER_ALLOW_DATA_LOSS of a local group: the error, or null when the command is accepted. */
export function forceGroup(turn: Turn, place: GroupPlace): EngineError | null {
  const group = groupAt(turn, place);
  const instance = instanceAt(turn, place.instance);
  if (group === undefined) return engineError(19_510, place.group);
  if (group.role === 'PRIMARY') return engineError(41_122, group.name);
  if (group.role === 'RESOLVING' && group.operationalState !== 'OFFLINE')
    return engineError(41_113, group.name);
  if (group.clusterType === 'WSFC' && !hasQuorum(turn.state, instance)) return engineError(35_220);
  for (const database of group.databases) {
    const copy = databaseAt(turn, { ...place, database });
    if (copy !== undefined && (copy.reverting || copy.state === 'RESTORING'))
      return engineError(35_253, copy.name);
  }
  // The cluster has one owner: a living primary loses the role, clusterless it does not hear of it.
  const owner = group.clusterType === 'WSFC' ? otherOwner(turn.state, instance, group) : undefined;
  if (owner?.up === true) {
    readCluster(turn, place);
    stepDown(turn, { instance: owner.key, group: place.group });
  }
  takeRole(turn, place, false);
  return null;
}

/** In a cluster every node reads the DAGs of the group as the last primary wrote them. */
function readCluster(turn: Turn, place: GroupPlace): void {
  const own = instanceAt(turn, place.instance);
  for (const node of clusterNodes(turn.state, own)) {
    const found = dormantOver(turn, { ...place, instance: node.key });
    if (node.key === own.key || Object.keys(found).length === 0) continue;
    changeGroup(turn, place, { distributed: found });
    return;
  }
}

function takeRole(turn: Turn, place: GroupPlace, isPlanned: boolean): void {
  if (groupAt(turn, place)?.clusterType === 'WSFC') readCluster(turn, place);
  for (const key of linkKeys(turn, place)) {
    const at = { ...place, group: key };
    hangUp(turn, at);
    changeDistributed(turn, at, { forcedAt: turn.at, orderly: isPlanned });
  }
  setRole(turn, place, { role: 'RESOLVING', operationalState: 'PENDING_FAILOVER' });
  for (const database of groupAt(turn, place)?.databases ?? [])
    turn.effects.push({ kind: 'cut-sessions', instance: place.instance, database });
  const { incarnation } = instanceAt(turn, place.instance);
  turn.effects.push({
    kind: 'timer',
    delayMs: turn.state.settings.roleChangeMs,
    timer: { kind: 'promote', ...place, incarnation },
  });
}

/** The primary role of a local group arrives. */
export function promoteGroup(turn: Turn, place: GroupPlace): void {
  const group = groupAt(turn, place);
  if (group?.role !== 'RESOLVING' || group.operationalState !== 'PENDING_FAILOVER') return;
  const isForwarder = Object.values(group.distributed).some((each) => each.role !== 'PRIMARY');
  const before = group.databases
    .map((database) => databaseAt(turn, { ...place, database }))
    .filter((database) => database !== undefined);
  const isOpen = isForwarder || before.length === 0;
  openDistributed(turn, place, { databases: before, isOpen });
  const sequenceNumber = ((newestEpoch(turn, place, group) + 1n) << 32n) + 1n;
  changeGroup(turn, place, { sequenceNumber, distributed: {} });
  setRole(turn, place, { role: 'PRIMARY', operationalState: isOpen ? 'ONLINE' : 'PENDING' });
  // The rows come first: they hold the log that the others still need.
  for (const link of replicaLinksOver(instanceAt(turn, place.instance), place.group)) {
    const at = { ...place, group: link.key };
    changeDistributed(turn, at, {
      databases: partnersOf(link, before, isForwarder),
      partnerDemoted: false,
      selfDemoted: false,
    });
  }
  for (const database of before) {
    const at = { instance: place.instance, database: database.key };
    if (isForwarder) becomeForwarder(turn, at, group);
    else startFork(turn, at, database);
  }
  if (isOpen) for (const key of linkKeys(turn, place)) call(turn, { ...place, group: key });
}

/** The newest configuration epoch of the group that this replica, or its cluster, knows. */
function newestEpoch(turn: Turn, place: GroupPlace, group: GroupState): bigint {
  let newest = group.sequenceNumber >> 32n;
  for (const node of clusterNodes(turn.state, instanceAt(turn, place.instance))) {
    const epoch = (node.groups[place.group]?.sequenceNumber ?? 0n) >> 32n;
    if (epoch > newest) newest = epoch;
  }
  return newest;
}

/** What the new primary knows of another replica's copies: nothing, and after a forced failover they wait for RESUME. */
function partnersOf(
  link: DistributedState,
  databases: readonly DatabaseState[],
  isForwarder: boolean,
): Readonly<Record<string, PartnerDatabase>> {
  const suspended = link.orderly || isForwarder ? null : 'SUSPEND_FROM_PARTNER';
  return Object.fromEntries(
    databases.map((database) => [
      database.key,
      { ...newPartner(database, link), hardenedLsn: database.log.end, suspended },
    ]),
  );
}

function becomeForwarder(
  turn: Turn,
  at: { readonly instance: string; readonly database: string },
  group: GroupState,
): void {
  const isDemoted = Object.values(group.distributed).some((each) => each.selfDemoted);
  changeDatabase(turn, at, { joined: false, synchronized: false, orphaned: isDemoted });
}

/** Until the forwarder has told where it is, the new primary keeps all its log for it. */
function heldFor(
  distributed: DistributedState,
  databases: readonly DatabaseState[],
): Readonly<Record<string, PartnerDatabase>> {
  return Object.fromEntries(
    databases.map((database) => [
      database.key,
      { ...newPartner(database, distributed), hardenedLsn: database.log.start },
    ]),
  );
}

/** The DAGs go on from here, with the role the primary before had in them. */
function openDistributed(
  turn: Turn,
  place: GroupPlace,
  opening: { readonly databases: readonly DatabaseState[]; readonly isOpen: boolean },
): void {
  const { databases, isOpen } = opening;
  const group = groupAt(turn, place);
  if (group === undefined) return;
  for (const kept of Object.values(group.distributed)) {
    const { distributed } = instanceAt(turn, place.instance);
    const opened: DistributedState = {
      ...dormant(kept),
      operationalState: kept.role === 'PRIMARY' && !isOpen ? 'PENDING' : 'ONLINE',
      databases: kept.role === 'PRIMARY' ? heldFor(kept, databases) : {},
      sequenceNumber: group.sequenceNumber,
      link: { ...dormant(kept).link, lastHeardAt: turn.at, everConnected: true },
    };
    changeInstance(turn, place.instance, { distributed: { ...distributed, [kept.key]: opened } });
    startTicking(turn, { ...place, group: kept.key }, 0);
  }
}

/** A node of a cluster is gone: a synchronized partner for automatic failover takes the role. */
export function failOverAutomatically(turn: Turn, place: GroupPlace, gone: InstanceState): void {
  const group = gone.groups[place.group];
  if (group?.clusterType !== 'WSFC' || group.role !== 'PRIMARY') return;
  const isAutomatic = (server: string): boolean =>
    group.replicas.some(
      (each) =>
        each.serverName.toLowerCase() === server.toLowerCase() && each.failoverMode === 'AUTOMATIC',
    );
  if (!isAutomatic(gone.serverName)) return;
  for (const link of replicaLinksOver(gone, place.group)) {
    const heir = turn.state.instances[link.members[1].group.toLowerCase()];
    const isReady = group.databases.every(
      (database) => link.databases[database]?.synchronizationState === 'SYNCHRONIZED',
    );
    if (heir?.up !== true || !isReady || !isAutomatic(heir.serverName)) continue;
    if (!hasQuorum(turn.state, heir) || heir.groups[place.group]?.role !== 'SECONDARY') continue;
    takeRole(turn, { instance: heir.key, group: place.group }, true);
    return;
  }
}

/** After a start: a promotion under way is forgotten, and a clustered group asks the cluster who has the role. */
export function restartGroup(turn: Turn, place: GroupPlace): void {
  const group = groupAt(turn, place);
  const instance = instanceAt(turn, place.instance);
  if (group === undefined) return;
  if (group.pendingFailover !== null) changeGroup(turn, place, { pendingFailover: null });
  if (group.role === 'RESOLVING' && group.operationalState === 'PENDING_FAILOVER')
    setRole(turn, place, { role: 'SECONDARY', operationalState: 'ONLINE' });
  const isElsewhere =
    group.clusterType === 'WSFC' && otherOwner(turn.state, instance, group) !== undefined;
  if (group.role === 'PRIMARY' && isElsewhere) stepDown(turn, place);
}
