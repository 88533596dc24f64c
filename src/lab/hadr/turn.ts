/**
 * One step in the making: the state so far and the effects so far.
 *
 * A turn is local to one call of `step` and the only thing the engine writes to; the states it holds
 * are immutable, and a change copies the path from the root to the changed record.
 */

import { required } from '../../base/assert.ts';
import type { EngineError, HadrEffect } from './effect.ts';
import { guidFromSalt } from './identifier.ts';
import type {
  DatabaseState,
  DistributedState,
  GroupState,
  HadrState,
  InstanceState,
  PartnerDatabase,
  PartnerLink,
} from './state.ts';

/** A step in the making. */
export interface Turn {
  state: HadrState;
  readonly effects: HadrEffect[];
  readonly at: number;
  readonly salt: string;
  idsUsed: number;
}

/** A database on an instance, by key. */
export interface DatabasePlace {
  readonly instance: string;
  readonly database: string;
}

/** A group or DAG on an instance, by key. */
export interface GroupPlace {
  readonly instance: string;
  readonly group: string;
}

/** One database of a DAG on an instance. */
export type CopyPlace = DatabasePlace & GroupPlace;

/** A new random GUID. */
export function newId(turn: Turn): string {
  turn.idsUsed += 1;
  return guidFromSalt(turn.salt, turn.idsUsed);
}

/** The instance; it must exist. */
export function instanceAt(turn: Turn, key: string): InstanceState {
  return required(turn.state.instances[key], `instance ${key}`);
}

/** The database, if it is there. */
export function databaseAt(turn: Turn, place: DatabasePlace): DatabaseState | undefined {
  return turn.state.instances[place.instance]?.databases[place.database];
}

/** The DAG or the link between replicas, if it is there. */
export function distributedAt(turn: Turn, place: GroupPlace): DistributedState | undefined {
  const instance = turn.state.instances[place.instance];
  return instance?.distributed[place.group] ?? instance?.replicaLinks[place.group];
}

/** The partner's copy of a database, if the primary has heard of it. */
export function partnerAt(turn: Turn, place: CopyPlace): PartnerDatabase | undefined {
  return distributedAt(turn, place)?.databases[place.database];
}

/** Changes fields of an instance. */
export function changeInstance(turn: Turn, key: string, change: Partial<InstanceState>): void {
  const instance = instanceAt(turn, key);
  turn.state = {
    ...turn.state,
    instances: { ...turn.state.instances, [key]: { ...instance, ...change } },
  };
}

/** Changes fields of a database and returns it. */
export function changeDatabase(
  turn: Turn,
  place: DatabasePlace,
  change: Partial<DatabaseState>,
): DatabaseState {
  const instance = instanceAt(turn, place.instance);
  const before = required(instance.databases[place.database], `database ${place.database}`);
  const database = { ...before, ...change };
  changeInstance(turn, place.instance, {
    databases: { ...instance.databases, [place.database]: database },
  });
  return database;
}

/** Changes fields of a local group. */
export function changeGroup(turn: Turn, place: GroupPlace, change: Partial<GroupState>): void {
  const instance = instanceAt(turn, place.instance);
  const group = required(instance.groups[place.group], `group ${place.group}`);
  const sequenceNumber = change.sequenceNumber ?? group.sequenceNumber + 1n;
  changeInstance(turn, place.instance, {
    groups: { ...instance.groups, [place.group]: { ...group, ...change, sequenceNumber } },
  });
}

/** Changes fields of a DAG or of a link between replicas and returns it. */
export function changeDistributed(
  turn: Turn,
  place: GroupPlace,
  change: Partial<DistributedState>,
): DistributedState {
  const instance = instanceAt(turn, place.instance);
  const link = instance.replicaLinks[place.group];
  if (link !== undefined) {
    const changed = { ...link, ...change };
    changeInstance(turn, place.instance, {
      replicaLinks: { ...instance.replicaLinks, [place.group]: changed },
    });
    return changed;
  }
  const before = required(instance.distributed[place.group], `DAG ${place.group}`);
  const distributed = { ...before, ...change };
  changeInstance(turn, place.instance, {
    distributed: { ...instance.distributed, [place.group]: distributed },
  });
  return distributed;
}

/** Changes fields of a DAG's connection. */
export function changeLink(turn: Turn, place: GroupPlace, change: Partial<PartnerLink>): void {
  const { link } = required(distributedAt(turn, place), `DAG ${place.group}`);
  changeDistributed(turn, place, { link: { ...link, ...change } });
}

/** Changes fields of the partner's copy and returns it. */
export function changePartner(
  turn: Turn,
  place: CopyPlace,
  change: Partial<PartnerDatabase>,
): PartnerDatabase {
  const distributed = required(distributedAt(turn, place), `DAG ${place.group}`);
  const before = required(distributed.databases[place.database], `copy of ${place.database}`);
  const partner = { ...before, ...change };
  changeDistributed(turn, place, {
    databases: { ...distributed.databases, [place.database]: partner },
  });
  return partner;
}

/** The record without one name. */
export function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _removed, ...rest } = record;
  return rest;
}

/** Writes to the error log of an instance. */
export function logError(turn: Turn, instance: string, error: EngineError): void {
  turn.effects.push({ kind: 'log', instance, error });
}

/** An error value. */
export function engineError(
  number: number,
  ...parameters: readonly (string | number)[]
): EngineError {
  return { number, parameters };
}

/** DAGs on an instance whose local member is this group. */
export function distributedOver(
  instance: InstanceState,
  group: string,
): readonly DistributedState[] {
  return Object.values(instance.distributed).filter((candidate) => candidate.localGroup === group);
}

/** Links to the other replicas of this local group. */
export function replicaLinksOver(
  instance: InstanceState,
  group: string,
): readonly DistributedState[] {
  const found: DistributedState[] = [];
  for (const key in instance.replicaLinks) {
    const link = instance.replicaLinks[key];
    if (link?.localGroup === group) found.push(link);
  }
  return found;
}

/** Everything that carries log from or to the databases of this local group: DAGs and other replicas. */
export function linksOver(instance: InstanceState, group: string): readonly DistributedState[] {
  const distributed = distributedOver(instance, group);
  const links = replicaLinksOver(instance, group);
  return links.length === 0 ? distributed : [...distributed, ...links];
}

/** Keys of everything this instance keeps a connection for. */
export function connectionKeys(instance: InstanceState): readonly string[] {
  return [...Object.keys(instance.distributed), ...Object.keys(instance.replicaLinks)];
}
