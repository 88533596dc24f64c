/**
 * The links between the replicas of a local group, kept in step with its configuration.
 *
 * Every replica has a link to every other one and dials on all of them; only a primary answers, so
 * that after a failover each secondary finds the new primary by itself. Relies on `connection.ts`,
 * which treats these links as it treats a DAG's.
 */

import { call, dial, hangUp, startTicking } from './connection.ts';
import { neverConnected } from './distributed-state.ts';
import type { GroupConfiguration } from './message.ts';
import { removeDatabase } from './seeding-target.ts';
import { nameKey } from './state.ts';
import type {
  DistributedMember,
  DistributedState,
  GroupState,
  InstanceState,
  ReplicaState,
} from './state.ts';
import {
  changeDatabase,
  changeDistributed,
  changeInstance,
  databaseAt,
  distributedAt,
  instanceAt,
  replicaLinksOver,
  without,
} from './turn.ts';
import type { GroupPlace, Turn } from './turn.ts';

/** Key of the link between two replicas, equal on both. */
export function replicaLinkKey(group: string, left: string, right: string): string {
  const servers = [nameKey(left), nameKey(right)].toSorted();
  return [nameKey(group), ...servers].join(':');
}

/** The replica of a group that is this instance. */
export function ownReplica(instance: InstanceState, group: GroupState): ReplicaState | undefined {
  return group.replicas.find((replica) => nameKey(replica.serverName) === instance.key);
}

/** Makes the links fit the group: new replicas get one, those of removed replicas go, options are taken over. */
export function fitReplicaLinks(turn: Turn, place: GroupPlace): void {
  const instance = instanceAt(turn, place.instance);
  const group = instance.groups[place.group];
  const own = group === undefined ? undefined : ownReplica(instance, group);
  const wanted = new Map<string, ReplicaState>();
  for (const replica of own === undefined ? [] : (group?.replicas ?? []))
    if (replica !== own)
      wanted.set(replicaLinkKey(place.group, instance.key, replica.serverName), replica);
  for (const { key } of replicaLinksOver(instance, place.group))
    if (!wanted.has(key)) dropLink(turn, { ...place, group: key });
  if (group === undefined || own === undefined) return;
  for (const [key, replica] of wanted) {
    const at = { instance: place.instance, group: key };
    const members = [memberOf(own), memberOf(replica)] as const;
    if (distributedAt(turn, at) === undefined) addLink(turn, at, { group, members });
    else changeDistributed(turn, at, { members });
  }
}

function memberOf(replica: ReplicaState): DistributedMember {
  const isSynchronous = replica.availabilityMode === 'SYNCHRONOUS_COMMIT';
  return {
    group: replica.serverName,
    replicaId: replica.replicaId,
    listenerUrl: replica.endpointUrl,
    availabilityMode: isSynchronous ? 'SYNCHRONOUS_COMMIT' : 'ASYNCHRONOUS_COMMIT',
    seedingMode: replica.seedingMode,
    createdAt: replica.createdAt,
    modifiedAt: replica.modifiedAt,
  };
}

function addLink(
  turn: Turn,
  at: GroupPlace,
  of: { readonly group: GroupState; readonly members: DistributedState['members'] },
): void {
  const { group, members } = of;
  const link: DistributedState = {
    key: at.group,
    between: 'replicas',
    name: group.name,
    groupId: group.groupId,
    members,
    localGroup: group.key,
    requiredSynchronizedSecondariesToCommit: 0,
    sequenceNumber: 1n,
    createdAt: turn.at,
    role: group.role,
    operationalState: group.operationalState,
    latchedDemotions: 0,
    ...neverConnected(turn.at),
  };
  const { replicaLinks } = instanceAt(turn, at.instance);
  changeInstance(turn, at.instance, { replicaLinks: { ...replicaLinks, [at.group]: link } });
  startTicking(turn, at, turn.state.settings.tickMs);
  if (group.role === 'SECONDARY') dial(turn, at);
  if (group.role === 'PRIMARY') call(turn, at);
}

function dropLink(turn: Turn, at: GroupPlace): void {
  hangUp(turn, at);
  const { replicaLinks } = instanceAt(turn, at.instance);
  changeInstance(turn, at.instance, { replicaLinks: without(replicaLinks, at.group) });
}

/** The primary told a new configuration: this replica takes it over, or leaves when it is in it no more. */
export function takeConfiguration(
  turn: Turn,
  place: GroupPlace,
  configuration: GroupConfiguration,
): void {
  const instance = instanceAt(turn, place.instance);
  const group = instance.groups[place.group];
  if (group?.role !== 'SECONDARY') return;
  if (!configuration.replicas.some((each) => nameKey(each.serverName) === instance.key)) {
    forgetGroup(turn, place);
    return;
  }
  changeInstance(turn, place.instance, {
    groups: { ...instance.groups, [place.group]: { ...group, ...configuration } },
  });
  fitReplicaLinks(turn, place);
}

/** Takes a group away from a secondary: its databases stay RESTORING, in no group. */
export function forgetGroup(turn: Turn, place: GroupPlace): void {
  const { databases } = instanceAt(turn, place.instance).groups[place.group] ?? { databases: [] };
  for (const { key } of replicaLinksOver(instanceAt(turn, place.instance), place.group))
    dropLink(turn, { ...place, group: key });
  for (const database of databases) {
    const at = { instance: place.instance, database };
    if (databaseAt(turn, at) === undefined) continue;
    changeDatabase(turn, at, {
      group: null,
      groupDatabaseId: null,
      state: 'RESTORING',
      joined: false,
      synchronized: false,
      suspended: null,
      orphaned: false,
      mayRevert: false,
    });
    turn.effects.push({ kind: 'cut-sessions', ...at });
  }
  dropHalfSeeded(turn, place);
  const { groups } = instanceAt(turn, place.instance);
  changeInstance(turn, place.instance, { groups: without(groups, place.group) });
}

/** A copy that was still being seeded into the group is of no use. */
function dropHalfSeeded(turn: Turn, place: GroupPlace): void {
  const instance = instanceAt(turn, place.instance);
  const name = instance.groups[place.group]?.name;
  for (const stream of instance.seedingStreams) {
    const database = nameKey(stream.database);
    const isHalf =
      stream.role === 'Destination' &&
      stream.distributedGroup === name &&
      stream.endedAt === null &&
      databaseAt(turn, { ...place, database })?.group === null;
    if (isHalf) removeDatabase(turn, place.instance, database);
  }
}
