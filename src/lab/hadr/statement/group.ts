/** CREATE, ALTER and DROP AVAILABILITY GROUP of local groups, in a Windows cluster or with CLUSTER_TYPE = NONE. */

import { unreachable } from '../../../base/assert.ts';
import type { AvailabilityGroupStatement, GroupAction } from '../../tsql/ast.ts';
import { announce } from '../announce.ts';
import { hasQuorum } from '../cluster.ts';
import { settle } from '../commit.ts';
import type { EngineError } from '../effect.ts';
import { guidFromName } from '../identifier.ts';
import { demoteGroup, failOver, forceGroup, takeOffline } from '../local-role.ts';
import { fitReplicaLinks, forgetGroup } from '../replica-link.ts';
import { sendToPartner } from '../route.ts';
import { abortOutgoing, seedWhatIsMissing } from '../seeding-source.ts';
import { nameKey } from '../state.ts';
import type { GroupState, HadrState, InstanceState } from '../state.ts';
import {
  changeDatabase,
  changeDistributed,
  changeGroup,
  changeInstance,
  distributedAt,
  engineError,
  instanceAt,
  linksOver,
  newId,
  without,
} from '../turn.ts';
import type { GroupPlace, Turn } from '../turn.ts';
import { checkNewMember, isMember, isSecondaryMember } from './check.ts';
import { alterListener, newListener, refuseListener } from './listener.ts';
import { notSimulated } from './not-simulated.ts';
import {
  addReplica,
  joinGroup,
  modifyReplica,
  newReplica,
  possibleSecondaries,
  refuseReplica,
  refuseReplicas,
  removeReplica,
} from './replica.ts';

type CreateGroup = Extract<
  AvailabilityGroupStatement,
  { readonly kind: 'create-availability-group' }
>;

/** Configuration epoch 1 and first counter, as captured. */
const firstSequence = (1n << 32n) + 1n;

/** CREATE AVAILABILITY GROUP; a failing database check is told first and wrapped in 41152. */
export function createGroup(
  turn: Turn,
  at: { readonly instance: string; readonly request: number },
  statement: CreateGroup,
): EngineError | null {
  const instance = instanceAt(turn, at.instance);
  const refused = refuseCreate(turn.state, instance, statement);
  if (refused !== null) return refused;
  for (const database of statement.databases) {
    const inner = checkNewMember(instance, statement.group, database);
    if (inner === null) continue;
    turn.effects.push({ kind: 'inform', request: at.request, message: inner });
    return engineError(41_152, statement.group, inner.number);
  }
  const group = newGroup(turn, instance, statement);
  changeInstance(turn, at.instance, { groups: { ...instance.groups, [group.key]: group } });
  for (const database of statement.databases)
    addMember(turn, { instance: at.instance, group: group.key }, database);
  fitReplicaLinks(turn, { instance: at.instance, group: group.key });
  return null;
}

function refuseCreate(
  state: HadrState,
  instance: InstanceState,
  statement: CreateGroup,
): EngineError | null {
  const { options, replicas, group } = statement;
  if (options.distributed === true) return engineError(19_497);
  if (options.clusterType !== undefined && instance.version.year === 2016)
    return engineError(102, 'CLUSTER_TYPE');
  const clusterType = options.clusterType ?? 'WSFC';
  if (clusterType === 'WSFC' && !hasQuorum(state, instance)) return engineError(35_220);
  if (options.clusterType === 'EXTERNAL') return notSimulated('CLUSTER_TYPE = EXTERNAL');
  if (instance.edition === 'Standard' && options.basic !== true)
    return engineError(41_199, 'Availability Groups');
  if (instance.groups[nameKey(group)] !== undefined || instance.distributed[nameKey(group)])
    return engineError(41_042, group);
  if (clusterType === 'WSFC' && existsInCluster(state, instance, nameKey(group)))
    return engineError(41_042, group);
  const future = { name: group, clusterType, listeners: [] };
  for (const replica of replicas) {
    const error = refuseReplica(future, replica);
    if (error !== null) return error;
  }
  const together = refuseReplicas(group, replicas);
  if (together !== null) return together;
  if (statement.listener !== null) {
    const error = refuseListener(future, statement.listener);
    if (error !== null) return error;
  }
  return replicas.some((replica) => nameKey(replica.server) === instance.key)
    ? null
    : engineError(35_237, group);
}

/** Names of groups are unique in their cluster. */
function existsInCluster(state: HadrState, instance: InstanceState, key: string): boolean {
  return Object.values(state.instances).some(
    (other) => other.cluster === instance.cluster && other.groups[key]?.clusterType === 'WSFC',
  );
}

const defaultConditionLevel = 3;
const defaultHealthCheckMs = 30_000;

function newGroup(turn: Turn, instance: InstanceState, statement: CreateGroup): GroupState {
  const { options, group, replicas, listener } = statement;
  const isClustered = (options.clusterType ?? 'WSFC') === 'WSFC';
  return {
    key: nameKey(group),
    name: group,
    // A cluster draws the id; without one it follows from the name (captured).
    groupId: isClustered ? newId(turn) : guidFromName(group),
    clusterType: isClustered ? 'WSFC' : 'NONE',
    automatedBackupPreference: options.automatedBackupPreference ?? 'SECONDARY',
    // Both are 0 without a cluster, whatever was asked (captured).
    failureConditionLevel: isClustered
      ? (options.failureConditionLevel ?? defaultConditionLevel)
      : 0,
    healthCheckTimeoutMs: isClustered ? (options.healthCheckTimeoutMs ?? defaultHealthCheckMs) : 0,
    dbFailover: options.dbFailover ?? false,
    dtcSupport: options.dtcSupport === 'PER_DB',
    basic: options.basic ?? false,
    contained: options.contained ?? false,
    requiredSynchronizedSecondariesToCommit: options.requiredSynchronizedSecondariesToCommit ?? 0,
    sequenceNumber: firstSequence,
    role: 'PRIMARY',
    operationalState: 'ONLINE',
    replicas: replicas.map((replica, index) => newReplica(turn, instance, { replica, index })),
    databases: [],
    createAnyDatabase: null,
    listeners: listener === null ? [] : [newListener(turn, listener)],
    distributed: {},
    pendingFailover: null,
  };
}

function addMember(turn: Turn, place: GroupPlace, name: string): void {
  const database = nameKey(name);
  const group = instanceAt(turn, place.instance).groups[place.group];
  changeDatabase(
    turn,
    { ...place, database },
    {
      group: place.group,
      groupDatabaseId: newId(turn),
    },
  );
  changeGroup(turn, place, { databases: [...(group?.databases ?? []), database] });
  for (const each of linksOver(instanceAt(turn, place.instance), place.group))
    seedWhatIsMissing(turn, { instance: place.instance, group: each.key });
}

/** ALTER AVAILABILITY GROUP of a local group. */
export function alterGroup(
  turn: Turn,
  at: GroupPlace & { readonly login: string; readonly name: string; readonly request: number },
  action: GroupAction,
): EngineError | null | 'pending' {
  if (action.kind === 'join') return joinGroup(turn, at, action);
  const group = instanceAt(turn, at.instance).groups[at.group];
  if (group === undefined) return engineError(15_151, 'alter', 'availability group', at.name);
  switch (action.kind) {
    case 'join-distributed':
    case 'modify-distributed':
      return engineError(19_512, group.name);
    case 'set-role-secondary':
      return demoteGroup(turn, at);
    case 'failover':
      return failOver(turn, at, at.request);
    case 'force-failover-allow-data-loss':
      return forceGroup(turn, at);
    case 'offline':
      return takeOffline(turn, at);
    case 'grant-create-any-database':
      changeGroup(turn, at, { createAnyDatabase: at.login });
      return null;
    case 'deny-create-any-database':
      changeGroup(turn, at, { createAnyDatabase: null });
      return null;
    case 'add-database':
    case 'remove-database':
    case 'add-replica':
    case 'modify-replica':
    case 'remove-replica':
    case 'set-options':
    case 'add-listener':
    case 'modify-listener':
    case 'restart-listener':
    case 'remove-listener':
      return group.role === 'PRIMARY'
        ? alterOnPrimary(turn, at, { group, action })
        : engineError(41_140, group.name);
  }
  return unreachable(action);
}

type PrimaryAction = Exclude<
  GroupAction,
  {
    readonly kind:
      | 'join'
      | 'join-distributed'
      | 'modify-distributed'
      | 'set-role-secondary'
      | 'failover'
      | 'force-failover-allow-data-loss'
      | 'offline'
      | 'grant-create-any-database'
      | 'deny-create-any-database';
  }
>;

/** What only the primary replica may change. */
function alterOnPrimary(
  turn: Turn,
  at: GroupPlace,
  given: { readonly group: GroupState; readonly action: PrimaryAction },
): EngineError | null {
  const { group, action } = given;
  switch (action.kind) {
    case 'add-database':
      return addDatabases(turn, at, action.databases);
    case 'remove-database':
      return removeDatabases(turn, at, action.databases);
    case 'add-replica':
      return addReplica(turn, at, { group, replica: action.replica });
    case 'modify-replica':
      return modifyReplica(turn, at, { group, replica: action.replica });
    case 'remove-replica':
      return removeReplica(turn, at, { group, server: action.server });
    case 'set-options':
      return setOptions(turn, at, action);
    case 'add-listener':
    case 'modify-listener':
    case 'restart-listener':
    case 'remove-listener':
      return alterListener(turn, at, { group, action });
  }
  return unreachable(action);
}

function addDatabases(turn: Turn, at: GroupPlace, names: readonly string[]): EngineError | null {
  const instance = instanceAt(turn, at.instance);
  const group = instance.groups[at.group];
  if (group === undefined || isSecondaryMember(instance, group))
    return engineError(41_190, group?.name ?? at.group, 'ALTER', 'AVAILABILITY GROUP');
  for (const name of names) {
    const error = checkNewMember(instance, group.name, name);
    if (error !== null) return error;
  }
  for (const name of names) addMember(turn, at, name);
  return null;
}

function removeDatabases(turn: Turn, at: GroupPlace, names: readonly string[]): EngineError | null {
  const instance = instanceAt(turn, at.instance);
  const group = instance.groups[at.group];
  if (group === undefined || isSecondaryMember(instance, group))
    return engineError(41_190, group?.name ?? at.group, 'ALTER', 'AVAILABILITY GROUP');
  for (const name of names) {
    const database = nameKey(name);
    if (!group.databases.includes(database)) return engineError(35_245, name, group.name);
  }
  for (const name of names) {
    const database = nameKey(name);
    removeFromReplicas(turn, at, database);
    leaveGroup(turn, at, database);
  }
  return null;
}

/** The other side of every DAG and the other replicas leave their copies RESTORING. */
export function removeFromReplicas(turn: Turn, at: GroupPlace, database: string): void {
  for (const each of linksOver(instanceAt(turn, at.instance), at.group)) {
    if (each.role !== 'PRIMARY') continue;
    const link = { instance: at.instance, group: each.key };
    abortOutgoing(turn, { ...link, database }, 'cancelled');
    sendToPartner(turn, link, { kind: 'remove-database', database });
    const databases = distributedAt(turn, link)?.databases ?? {};
    changeDistributed(turn, link, { databases: without(databases, database) });
  }
}

/** The database is in no group any longer. */
export function leaveGroup(turn: Turn, at: GroupPlace, database: string): void {
  const group = instanceAt(turn, at.instance).groups[at.group];
  changeGroup(turn, at, {
    databases: (group?.databases ?? []).filter((each) => each !== database),
  });
  changeDatabase(
    turn,
    { ...at, database },
    {
      group: null,
      groupDatabaseId: null,
      joined: false,
      synchronized: false,
      suspended: null,
      orphaned: false,
      mayRevert: false,
      waiting: [],
    },
  );
}

function setOptions(
  turn: Turn,
  at: GroupPlace,
  { options }: Extract<GroupAction, { readonly kind: 'set-options' }>,
): EngineError | null {
  const group = instanceAt(turn, at.instance).groups[at.group];
  if (group === undefined) return engineError(15_151, 'alter', 'availability group', at.group);
  const required = options.requiredSynchronizedSecondariesToCommit;
  const possible = possibleSecondaries(group.replicas, at.instance);
  if (required !== undefined && required > possible)
    return engineError(35_248, 'ALTER AVAILABILITY GROUP', required, possible, group.name);
  if (options.clusterType !== undefined && options.clusterType !== group.clusterType)
    return notSimulated('a change of CLUSTER_TYPE');
  changeGroup(turn, at, {
    automatedBackupPreference: options.automatedBackupPreference ?? group.automatedBackupPreference,
    dbFailover: options.dbFailover ?? group.dbFailover,
    dtcSupport:
      options.dtcSupport === undefined ? group.dtcSupport : options.dtcSupport === 'PER_DB',
    requiredSynchronizedSecondariesToCommit:
      required ?? group.requiredSynchronizedSecondariesToCommit,
  });
  announce(turn, at);
  for (const database of group.databases) settle(turn, { ...at, database });
  return null;
}

/** DROP AVAILABILITY GROUP of a local group: databases stay ONLINE and writable on the primary, RESTORING on a secondary. */
export function dropGroup(turn: Turn, at: GroupPlace): EngineError | null {
  const instance = instanceAt(turn, at.instance);
  const group = instance.groups[at.group];
  if (group === undefined) return engineError(15_151, 'drop', 'availability group', at.group);
  if (isMember(instance, group))
    return engineError(41_190, group.name, 'DROP', 'AVAILABILITY GROUP');
  if (group.role !== 'PRIMARY') {
    forgetGroup(turn, at);
    return null;
  }
  // In a cluster the group goes everywhere; without one every replica drops it itself.
  const others = group.replicas.filter((each) => nameKey(each.serverName) !== at.instance);
  if (group.clusterType === 'WSFC')
    for (const { serverName } of others) dropElsewhere(turn, nameKey(serverName), at.group);
  changeGroup(turn, at, {
    replicas: group.replicas.filter((each) => nameKey(each.serverName) === at.instance),
  });
  fitReplicaLinks(turn, at);
  for (const database of group.databases) leaveGroup(turn, at, database);
  const { groups } = instanceAt(turn, at.instance);
  changeInstance(turn, at.instance, { groups: without(groups, at.group) });
  return null;
}

function dropElsewhere(turn: Turn, instance: string, group: string): void {
  if (turn.state.instances[instance]?.groups[group] !== undefined)
    forgetGroup(turn, { instance, group });
}
