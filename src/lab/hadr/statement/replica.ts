/** Replicas of a local group: their options, JOIN, ADD, MODIFY and REMOVE REPLICA. */

import type { GroupAction, ReplicaSpecification } from '../../tsql/ast.ts';
import { announce, configurationOf } from '../announce.ts';
import type { EngineError } from '../effect.ts';
import { credentialsOf, handshakeError } from '../handshake.ts';
import { fitReplicaLinks } from '../replica-link.ts';
import { parseUrl, resolveUrl } from '../route.ts';
import { seedingModeSet } from '../seeding-source.ts';
import { linkKey, nameKey } from '../state.ts';
import type { GroupState, HadrState, InstanceState, ReplicaState } from '../state.ts';
import { reassessAll } from '../synchronize.ts';
import {
  changeGroup,
  changeInstance,
  engineError,
  instanceAt,
  newId,
  replicaLinksOver,
} from '../turn.ts';
import type { GroupPlace, Turn } from '../turn.ts';

const firstMetadataId = 65_536;
/** Replicas of one group (Microsoft Learn, prerequisites): one primary and eight secondaries. */
const maxReplicas = 9;
const minSessionTimeoutSeconds = 5;

/** The first reason against the options of a replica, complete as CREATE and ADD REPLICA want them. */
export function refuseReplica(
  group: Pick<GroupState, 'name' | 'clusterType'>,
  { server, options }: ReplicaSpecification,
): EngineError | null {
  if (options.availabilityMode === undefined) return engineError(41_198, server);
  if (options.failoverMode === undefined) return engineError(41_197, server);
  if (options.endpointUrl === undefined) return engineError(35_232, '');
  return refuseOptions(group, { server, options });
}

/** The first reason against options that were written. */
function refuseOptions(
  group: Pick<GroupState, 'name' | 'clusterType'>,
  { server, options }: ReplicaSpecification,
): EngineError | null {
  const { endpointUrl, failoverMode, sessionTimeoutSeconds } = options;
  if (endpointUrl !== undefined && parseUrl(endpointUrl) === undefined)
    return engineError(35_232, endpointUrl);
  if (group.clusterType === 'NONE' && (failoverMode ?? 'MANUAL') !== 'MANUAL')
    return engineError(47_101, group.name);
  if (group.clusterType === 'WSFC' && failoverMode === 'EXTERNAL')
    return engineError(47_103, group.name);
  if (sessionTimeoutSeconds !== undefined && sessionTimeoutSeconds < minSessionTimeoutSeconds)
    return engineError(35_214, 'ALTER', server, minSessionTimeoutSeconds);
  if (failoverMode === 'AUTOMATIC' && options.availabilityMode === 'ASYNCHRONOUS_COMMIT')
    return engineError(35_211, 'ALTER', server);
  return null;
}

/** The first reason against the replicas of CREATE AVAILABILITY GROUP taken together. */
export function refuseReplicas(
  group: string,
  replicas: readonly ReplicaSpecification[],
): EngineError | null {
  const names = replicas.map((replica) => nameKey(replica.server));
  const twice = replicas.find((replica, at) => names.indexOf(nameKey(replica.server)) < at);
  if (twice !== undefined) return engineError(35_235, twice.server);
  return replicas.length > maxReplicas
    ? engineError(35_223, replicas.length, group, 0, maxReplicas)
    : null;
}

/** A replica with the defaults of SQL Server; the local one has the server's own spelling of its name. */
export function newReplica(
  turn: Turn,
  instance: InstanceState,
  from: { readonly replica: ReplicaSpecification; readonly index: number },
): ReplicaState {
  const { server, options } = from.replica;
  const isLocal = nameKey(server) === instance.key;
  const defaults: ReplicaState = {
    replicaId: newId(turn),
    metadataId: firstMetadataId + from.index,
    serverName: isLocal ? instance.serverName : server,
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

/**
 * ALTER AVAILABILITY GROUP ... JOIN on a secondary: takes the configuration from the primary.
 *
 * Without a cluster the primary must be reached over its endpoint and reach this one (47106); a
 * cluster has the configuration itself. Downloading takes no time here.
 */
export function joinGroup(
  turn: Turn,
  at: GroupPlace & { readonly name: string },
  action: Extract<GroupAction, { readonly kind: 'join' }>,
): EngineError | null {
  const instance = instanceAt(turn, at.instance);
  if (instance.groups[at.group] !== undefined) return engineError(41_106, at.name);
  const clusterType = action.clusterType ?? 'WSFC';
  if (clusterType === 'WSFC' && instance.cluster === null) return engineError(35_220);
  const primary = primaryFor(turn.state, instance, at.group);
  const group = primary?.groups[at.group];
  if (primary === undefined || group === undefined)
    return clusterType === 'WSFC' ? engineError(41_044, at.name) : engineError(47_106, at.name);
  if (group.clusterType !== clusterType) return engineError(47_100, at.name);
  if (clusterType === 'NONE' && !canTalk(turn, primary, { instance, group }))
    return engineError(47_106, at.name);
  const joined: GroupState = {
    ...configurationOf(turn, group, primary.key),
    role: 'SECONDARY',
    operationalState: 'ONLINE',
    databases: [],
    createAnyDatabase: null,
    pendingFailover: null,
  };
  changeInstance(turn, at.instance, { groups: { ...instance.groups, [at.group]: joined } });
  fitReplicaLinks(turn, at);
  return null;
}

/** The instance with the primary replica of a group in which this instance has a replica. */
function primaryFor(
  state: HadrState,
  instance: InstanceState,
  key: string,
): InstanceState | undefined {
  return Object.values(state.instances).find((candidate) => {
    const group = candidate.groups[key];
    const isMine = group?.replicas.some((each) => nameKey(each.serverName) === instance.key);
    const isNear = group?.clusterType !== 'WSFC' || candidate.cluster === instance.cluster;
    return candidate.up && group?.role === 'PRIMARY' && isMine === true && isNear;
  });
}

/** Both endpoints are reached under the URLs of the configuration, and each lets the other's account in. */
function canTalk(
  { state, at }: Turn,
  primary: InstanceState,
  own: { readonly instance: InstanceState; readonly group: GroupState },
): boolean {
  const { instance, group } = own;
  const reaches = (from: InstanceState, to: InstanceState): boolean => {
    const url = group.replicas.find((each) => nameKey(each.serverName) === to.key)?.endpointUrl;
    const found = url === undefined ? undefined : resolveUrl(state, url);
    return (
      state.links[linkKey(from.key, to.key)]?.cut !== true &&
      found?.instance === to.key &&
      to.endpoint?.state === 'STARTED' &&
      to.endpoint.port === found.port &&
      handshakeError(to, credentialsOf(from), at) === null
    );
  };
  return reaches(instance, primary) && reaches(primary, instance);
}

/** ADD REPLICA ON. */
export function addReplica(
  turn: Turn,
  at: GroupPlace,
  given: { readonly group: GroupState; readonly replica: ReplicaSpecification },
): EngineError | null {
  const { group, replica } = given;
  const refused = refuseReplica(group, replica);
  if (refused !== null) return refused;
  if (group.replicas.some((each) => nameKey(each.serverName) === nameKey(replica.server)))
    return engineError(35_282, replica.server, group.name);
  if (group.replicas.length >= maxReplicas)
    return engineError(35_223, 1, group.name, group.replicas.length, maxReplicas);
  const last = Math.max(firstMetadataId, ...group.replicas.map((each) => each.metadataId));
  const index = last + 1 - firstMetadataId;
  const added = newReplica(turn, instanceAt(turn, at.instance), { replica, index });
  changeGroup(turn, at, { replicas: [...group.replicas, added] });
  fitReplicaLinks(turn, at);
  announce(turn, at);
  return null;
}

/** REMOVE REPLICA ON. */
export function removeReplica(
  turn: Turn,
  at: GroupPlace,
  given: { readonly group: GroupState; readonly server: string },
): EngineError | null {
  const { group, server } = given;
  const known = group.replicas.find((each) => nameKey(each.serverName) === nameKey(server));
  if (known === undefined) return engineError(35_283, server, group.name);
  if (nameKey(known.serverName) === at.instance) return engineError(35_284, server, group.name);
  changeGroup(turn, at, { replicas: group.replicas.filter((each) => each !== known) });
  announce(turn, at);
  fitReplicaLinks(turn, at);
  return null;
}

/** MODIFY REPLICA ON. */
export function modifyReplica(
  turn: Turn,
  at: GroupPlace,
  given: { readonly group: GroupState; readonly replica: ReplicaSpecification },
): EngineError | null {
  const { group, replica } = given;
  const known = group.replicas.find((each) => nameKey(each.serverName) === nameKey(replica.server));
  if (known === undefined) return engineError(35_210, replica.server, group.name);
  const { options } = replica;
  const { availabilityMode, failoverMode } = { ...known, ...options };
  const combined = { ...options, availabilityMode, failoverMode };
  const refused = refuseOptions(group, { server: replica.server, options: combined });
  if (refused !== null) return refused;
  const replicas = group.replicas.map((each) =>
    each === known ? { ...each, ...options, modifiedAt: turn.at } : each,
  );
  if (possibleSecondaries(replicas, at.instance) < group.requiredSynchronizedSecondariesToCommit)
    return engineError(19_530, 'ALTER AVAILABILITY GROUP');
  changeGroup(turn, at, { replicas });
  fitReplicaLinks(turn, at);
  announce(turn, at);
  for (const { key } of replicaLinksOver(instanceAt(turn, at.instance), at.group)) {
    reassessAll(turn, { ...at, group: key });
    if (options.seedingMode !== undefined) seedingModeSet(turn, { ...at, group: key });
  }
  return null;
}

/** Synchronous replicas besides the primary; none counts while the primary itself is asynchronous. */
export function possibleSecondaries(replicas: readonly ReplicaState[], primary: string): number {
  const isSynchronous = (each: ReplicaState): boolean =>
    each.availabilityMode === 'SYNCHRONOUS_COMMIT';
  const own = replicas.find((each) => nameKey(each.serverName) === primary);
  return own !== undefined && isSynchronous(own) ? replicas.filter(isSynchronous).length - 1 : 0;
}
