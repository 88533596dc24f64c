/** CREATE, ALTER and DROP AVAILABILITY GROUP for groups with CLUSTER_TYPE = NONE and one replica. */

import { unreachable } from '../../../base/assert.ts';
import type {
  AvailabilityGroupStatement,
  GroupAction,
  ReplicaSpecification,
} from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import type { EngineError } from '../effect.ts';
import { guidFromName } from '../identifier.ts';
import { parseUrl, sendToPartner } from '../route.ts';
import { abortOutgoing, seedWhatIsMissing } from '../seeding-source.ts';
import { nameKey } from '../state.ts';
import type { GroupState, InstanceState, ReplicaState } from '../state.ts';
import {
  changeDatabase,
  changeDistributed,
  changeGroup,
  changeInstance,
  distributedOver,
  engineError,
  instanceAt,
  newId,
  without,
} from '../turn.ts';
import type { GroupPlace, Turn } from '../turn.ts';
import { checkNewMember, isMember, isSecondaryMember } from './check.ts';

type CreateGroup = Extract<
  AvailabilityGroupStatement,
  { readonly kind: 'create-availability-group' }
>;

/** Configuration epoch 1 and first counter, as captured. */
const firstSequence = (1n << 32n) + 1n;
const firstMetadataId = 65_536;

/** The lab's own refusal of something legal. */
export function notSimulated(what: string): EngineError {
  return engineError(NOT_SIMULATED, what);
}

/** CREATE AVAILABILITY GROUP; a failing database check is told first and wrapped in 41152. */
export function createGroup(
  turn: Turn,
  at: { readonly instance: string; readonly request: number },
  statement: CreateGroup,
): EngineError | null {
  const instance = instanceAt(turn, at.instance);
  const refused = refuseCreate(instance, statement);
  if (refused !== null) return refused;
  const [replica] = statement.replicas;
  if (replica === undefined) return engineError(35_237, statement.group);
  for (const database of statement.databases) {
    const inner = checkNewMember(instance, statement.group, database);
    if (inner === null) continue;
    turn.effects.push({ kind: 'inform', request: at.request, message: inner });
    return engineError(41_152, statement.group, inner.number);
  }
  const group = newGroup(turn, instance, { statement, replica });
  changeInstance(turn, at.instance, { groups: { ...instance.groups, [group.key]: group } });
  for (const database of statement.databases)
    addMember(turn, { instance: at.instance, group: group.key }, database);
  return null;
}

function refuseCreate(instance: InstanceState, statement: CreateGroup): EngineError | null {
  const { options, replicas, group } = statement;
  if (options.distributed === true) return engineError(19_497);
  if (options.clusterType !== undefined && instance.version.year === 2016)
    return engineError(102, 'CLUSTER_TYPE');
  if ((options.clusterType ?? 'WSFC') === 'WSFC') return engineError(35_220);
  if (options.clusterType === 'EXTERNAL') return notSimulated('CLUSTER_TYPE = EXTERNAL');
  if (instance.edition === 'Standard' && options.basic !== true)
    return engineError(41_199, 'Availability Groups');
  if (instance.groups[nameKey(group)] !== undefined || instance.distributed[nameKey(group)])
    return engineError(41_042, group);
  if (replicas.length > 1) return notSimulated('more than one replica in an availability group');
  if (statement.listener !== null) return notSimulated('LISTENER without a cluster');
  for (const replica of replicas) {
    const error = refuseReplica(group, replica);
    if (error !== null) return error;
  }
  return replicas.some((replica) => nameKey(replica.server) === instance.key)
    ? null
    : engineError(35_237, group);
}

function refuseReplica(
  group: string,
  { server, options }: ReplicaSpecification,
): EngineError | null {
  if (options.availabilityMode === undefined) return engineError(41_198, server);
  if (options.failoverMode === undefined) return engineError(41_197, server);
  if (options.endpointUrl === undefined || parseUrl(options.endpointUrl) === undefined)
    return engineError(35_232, options.endpointUrl ?? '');
  if (options.failoverMode !== 'MANUAL') return engineError(47_101, group);
  return null;
}

function newGroup(
  turn: Turn,
  instance: InstanceState,
  from: { readonly statement: CreateGroup; readonly replica: ReplicaSpecification },
): GroupState {
  const { options, group } = from.statement;
  return {
    key: nameKey(group),
    name: group,
    groupId: guidFromName(group),
    clusterType: 'NONE',
    automatedBackupPreference: options.automatedBackupPreference ?? 'SECONDARY',
    // Both are 0 without a cluster, whatever was asked (captured).
    failureConditionLevel: 0,
    healthCheckTimeoutMs: 0,
    dbFailover: options.dbFailover ?? false,
    dtcSupport: options.dtcSupport === 'PER_DB',
    basic: options.basic ?? false,
    contained: options.contained ?? false,
    requiredSynchronizedSecondariesToCommit: options.requiredSynchronizedSecondariesToCommit ?? 0,
    sequenceNumber: firstSequence,
    role: 'PRIMARY',
    operationalState: 'ONLINE',
    replicas: [newReplica(turn, instance, from.replica)],
    databases: [],
    createAnyDatabase: null,
  };
}

function newReplica(
  turn: Turn,
  instance: InstanceState,
  { options }: ReplicaSpecification,
): ReplicaState {
  const defaults: ReplicaState = {
    replicaId: newId(turn),
    metadataId: firstMetadataId,
    serverName: instance.serverName,
    endpointUrl: '',
    availabilityMode: 'ASYNCHRONOUS_COMMIT',
    failoverMode: 'MANUAL',
    seedingMode: 'MANUAL',
    sessionTimeoutSeconds: 10,
    backupPriority: 50,
    primaryAllowConnections: 'ALL',
    secondaryAllowConnections: 'NO',
    readOnlyRoutingUrl: null,
    readOnlyRoutingList: [],
    readWriteRoutingUrl: null,
    createdAt: turn.at,
    modifiedAt: turn.at,
  };
  return { ...defaults, ...options };
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
  for (const each of distributedOver(instanceAt(turn, place.instance), place.group))
    seedWhatIsMissing(turn, { instance: place.instance, group: each.key });
}

/** ALTER AVAILABILITY GROUP of a local group. */
export function alterGroup(
  turn: Turn,
  at: GroupPlace & { readonly login: string },
  action: GroupAction,
): EngineError | null {
  const instance = instanceAt(turn, at.instance);
  const group = instance.groups[at.group];
  if (group === undefined) return engineError(15_151, 'alter', 'availability group', at.group);
  switch (action.kind) {
    case 'join':
      return engineError(41_106, group.name);
    case 'join-distributed':
    case 'modify-distributed':
    case 'set-role-secondary':
      return engineError(19_512, group.name);
    case 'grant-create-any-database':
      changeGroup(turn, at, { createAnyDatabase: at.login });
      return null;
    case 'deny-create-any-database':
      changeGroup(turn, at, { createAnyDatabase: null });
      return null;
    case 'add-database':
      return addDatabases(turn, at, action.databases);
    case 'remove-database':
      return removeDatabases(turn, at, action.databases);
    case 'modify-replica':
      return modifyReplica(turn, at, action.replica);
    case 'set-options':
      return setOptions(turn, at, action);
    case 'failover':
      return engineError(47_122, group.name);
    case 'force-failover-allow-data-loss':
      return engineError(41_122, group.name);
    case 'add-replica':
    case 'remove-replica':
    case 'add-listener':
    case 'modify-listener':
    case 'restart-listener':
    case 'remove-listener':
    case 'offline':
      return notSimulated(
        `ALTER AVAILABILITY GROUP ... ${action.kind.replaceAll('-', ' ').toUpperCase()}`,
      );
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
    for (const each of distributedOver(instance, at.group)) {
      const dag = { instance: at.instance, group: each.key };
      abortOutgoing(turn, { ...dag, database }, 'cancelled');
      sendToPartner(turn, dag, { kind: 'remove-database', database });
      const databases = instanceAt(turn, at.instance).distributed[each.key]?.databases ?? {};
      changeDistributed(turn, dag, { databases: without(databases, database) });
    }
    leaveGroup(turn, at, database);
  }
  return null;
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

function modifyReplica(
  turn: Turn,
  at: GroupPlace,
  change: ReplicaSpecification,
): EngineError | null {
  const group = instanceAt(turn, at.instance).groups[at.group];
  const known = group?.replicas.find((each) => nameKey(each.serverName) === nameKey(change.server));
  if (group === undefined || known === undefined)
    return engineError(41_190, group?.name ?? at.group, 'ALTER', 'AVAILABILITY GROUP');
  const { options } = change;
  if (options.endpointUrl !== undefined && parseUrl(options.endpointUrl) === undefined)
    return engineError(35_232, options.endpointUrl);
  if ((options.failoverMode ?? 'MANUAL') !== 'MANUAL') return engineError(47_101, group.name);
  changeGroup(turn, at, {
    replicas: group.replicas.map((each) =>
      each === known ? { ...each, ...options, modifiedAt: turn.at } : each,
    ),
  });
  return null;
}

function setOptions(
  turn: Turn,
  at: GroupPlace,
  { options }: Extract<GroupAction, { readonly kind: 'set-options' }>,
): EngineError | null {
  const group = instanceAt(turn, at.instance).groups[at.group];
  if (group === undefined) return engineError(15_151, 'alter', 'availability group', at.group);
  const required = options.requiredSynchronizedSecondariesToCommit;
  if (required !== undefined && required > 0)
    return engineError(35_248, 'ALTER AVAILABILITY GROUP', required, 0, group.name);
  if (options.clusterType !== undefined && options.clusterType !== 'NONE')
    return notSimulated('a change of CLUSTER_TYPE');
  changeGroup(turn, at, {
    automatedBackupPreference: options.automatedBackupPreference ?? group.automatedBackupPreference,
    dbFailover: options.dbFailover ?? group.dbFailover,
    dtcSupport:
      options.dtcSupport === undefined ? group.dtcSupport : options.dtcSupport === 'PER_DB',
    requiredSynchronizedSecondariesToCommit:
      required ?? group.requiredSynchronizedSecondariesToCommit,
  });
  return null;
}

/** DROP AVAILABILITY GROUP of a local group: databases stay ONLINE and writable on the primary. */
export function dropGroup(turn: Turn, at: GroupPlace): EngineError | null {
  const instance = instanceAt(turn, at.instance);
  const group = instance.groups[at.group];
  if (group === undefined) return engineError(15_151, 'drop', 'availability group', at.group);
  if (isMember(instance, group))
    return engineError(41_190, group.name, 'DROP', 'AVAILABILITY GROUP');
  for (const database of group.databases) leaveGroup(turn, at, database);
  const { groups } = instanceAt(turn, at.instance);
  changeInstance(turn, at.instance, { groups: without(groups, at.group) });
  return null;
}
