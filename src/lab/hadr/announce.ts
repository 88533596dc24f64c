/** What the primary of a local group tells the other replicas: the group's configuration, and that copies offer themselves again. */

import type { GroupConfiguration } from './message.ts';
import { sendToPartner } from './route.ts';
import type {
  ByName,
  DistributedState,
  GroupState,
  PartnerDatabase,
  PartnerSeeding,
} from './state.ts';
import { changePartner, distributedOver, instanceAt, partnerAt, replicaLinksOver } from './turn.ts';
import type { DatabasePlace, GroupPlace, Turn } from './turn.ts';

/** A DAG as a replica keeps it that is not the primary: everything but the connection. */
export function dormant(distributed: DistributedState): DistributedState {
  return {
    ...distributed,
    role: distributed.role === 'RESOLVING' ? 'SECONDARY' : distributed.role,
    operationalState: 'ONLINE',
    sequenceNumber: 0n,
    partner: null,
    databases: {},
    link: {
      connected: false,
      peer: null,
      session: 0,
      lastHeardAt: distributed.createdAt,
      dialledAt: null,
      everConnected: false,
      lastError: null,
    },
  };
}

/** The DAGs over a local group as its other replicas keep them. */
export function dormantOver(turn: Turn, place: GroupPlace): ByName<DistributedState> {
  const found = distributedOver(instanceAt(turn, place.instance), place.group);
  return Object.fromEntries(found.map((each) => [each.key, dormant(each)]));
}

/** What a group has in common on every replica. */
export function configurationOf(
  turn: Turn,
  group: GroupState,
  instance: string,
): GroupConfiguration {
  const {
    role: _role,
    operationalState: _operationalState,
    databases: _databases,
    createAnyDatabase: _createAnyDatabase,
    pendingFailover: _pendingFailover,
    ...shared
  } = group;
  return { ...shared, distributed: dormantOver(turn, { instance, group: group.key }) };
}

/** Sends the configuration of a local group to every replica that is connected. */
export function announce(turn: Turn, place: GroupPlace): void {
  const instance = instanceAt(turn, place.instance);
  const links = replicaLinksOver(instance, place.group);
  const group = instance.groups[place.group];
  if (links.length === 0 || group?.role !== 'PRIMARY') return;
  const configuration = configurationOf(turn, group, place.instance);
  for (const link of links)
    sendToPartner(turn, { ...place, group: link.key }, { kind: 'configuration', configuration });
}

/** After a DAG changed on this side: tells the other replicas of its local group. */
export function announceDistributed(turn: Turn, place: GroupPlace): void {
  const instance = instanceAt(turn, place.instance);
  const group = instance.distributed[place.group]?.localGroup;
  if (group !== undefined) announce(turn, { ...place, group });
}

/** A copy that had joined is offered again, one that never had is still to be seeded. */
function awaited(copy: PartnerDatabase | undefined): PartnerSeeding {
  const isKnown = copy?.joined === true && copy.seeding.phase === 'none';
  return isKnown ? { phase: 'not-needed' } : (copy?.seeding ?? { phase: 'none' });
}

/**
 * The history of a database has changed here: the other replicas offer their copies again and learn it.
 * Until then nothing is sent to them, so that no copy has log of a fork it does not know.
 */
export function askForOffers(turn: Turn, place: DatabasePlace): void {
  const instance = instanceAt(turn, place.instance);
  const group = instance.databases[place.database]?.group ?? null;
  if (group === null) return;
  for (const link of replicaLinksOver(instance, group)) {
    const copy = { ...place, group: link.key };
    if (link.role !== 'PRIMARY' || partnerAt(turn, copy) === undefined) continue;
    changePartner(turn, copy, {
      joined: false,
      synchronizationState: 'NOT SYNCHRONIZING',
      catchUpTarget: null,
      seeding: awaited(partnerAt(turn, copy)),
    });
    sendToPartner(turn, copy, { kind: 'offer', database: place.database });
  }
}
