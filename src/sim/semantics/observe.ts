/**
 * What the look of one side reads out of the simulated servers' state, without T-SQL in between.
 *
 * The same columns as `sql/view/observe-batch.ts` over the catalog of the lab: the conformance test
 * (`tests/sim/conformance.test.ts`) compares both. Only what `lab/hadr` knows is here; logins,
 * sessions, locks and the register belong to the world that holds the instance.
 */

import type { Lsn } from '../../base/lsn.ts';
import type { Migration } from '../../model/migration.ts';
import type {
  AvailabilityGroupObservation,
  DatabaseObservation,
  DatabaseReplicaObservation,
  DistributedObservation,
  EndpointObservation,
  SeedingObservation,
  ServerObservation,
} from '../../model/observation.ts';
import type { Side } from '../../model/side.ts';
import {
  groupDatabases,
  localReplica,
  ownHealth,
  ownState,
} from '../../lab/catalog/row/copy-state.ts';
import { partnerHealth, remoteMemberHealth } from '../../lab/catalog/row/replica-state.ts';
import { receivingFrom } from '../../lab/hadr/access.ts';
import {
  nameKey,
  type DatabaseState,
  type DistributedState,
  type GroupState,
  type InstanceState,
  type PartnerDatabase,
} from '../../lab/hadr/state.ts';

/** The parts of a look that follow from the state of one instance. */
export interface InstanceView {
  readonly server: ServerObservation;
  readonly endpoint: EndpointObservation | null;
  readonly availabilityGroup: AvailabilityGroupObservation | null;
  readonly distributed: DistributedObservation | null;
  readonly databases: readonly DatabaseObservation[];
}

const KB = 1024;
const ENTERPRISE_ENGINE = 3;
const STANDARD_ENGINE = 2;

const views = new WeakMap<InstanceState, InstanceView>();

/**
 * The look at one instance. Remembered by the identity of the (immutable) state, so a look at a server
 * on which nothing happened costs nothing; one migration per state is assumed.
 */
export function observeInstance(
  instance: InstanceState,
  side: Side,
  migration: Migration,
): InstanceView {
  const kept = views.get(instance);
  if (kept !== undefined) return kept;
  const own = side === 'source' ? migration.source : migration.target;
  const group = instance.groups[nameKey(own.availabilityGroup)];
  const dag = instance.distributed[nameKey(migration.distributedAvailabilityGroup)];
  const view: InstanceView = {
    server: serverOf(instance),
    endpoint: endpointOf(instance),
    availabilityGroup: group === undefined ? null : groupOf(instance, group, dag),
    distributed: dag === undefined ? null : distributedOf(dag),
    databases: selected(instance, migration).map((database) =>
      databaseOf(instance, database, { group, dag }),
    ),
  };
  views.set(instance, view);
  return view;
}

function serverOf(instance: InstanceState): ServerObservation {
  const { version } = instance;
  return {
    serverName: instance.serverName,
    machineName: instance.serverName,
    defaultDomain: instance.domain,
    versionMajor: version.major,
    productVersion: `${version.major}.${version.minor}.${version.build}.${version.revision}`,
    edition: `${instance.edition} Edition (64-bit)`,
    engineEdition: instance.edition === 'Standard' ? STANDARD_ENGINE : ENTERPRISE_ENGINE,
    isHadrEnabled: instance.hadrEnabled,
    serviceAccount: instance.serviceAccount,
  };
}

function endpointOf(instance: InstanceState): EndpointObservation | null {
  const { endpoint } = instance;
  if (endpoint === null) return null;
  return {
    name: endpoint.name,
    stateDesc: endpoint.state,
    port: endpoint.port,
    ipAddress: endpoint.ip,
    connectGrantees: instance.endpointAccounts,
  };
}

function groupOf(
  instance: InstanceState,
  group: GroupState,
  dag: DistributedState | undefined,
): AvailabilityGroupObservation {
  const replica = localReplica(instance, group);
  const databases = groupDatabases(instance, group);
  const healths = databases.map((database) => ownHealth(instance, group, database));
  const worst = healths.includes('NOT_HEALTHY')
    ? 'NOT_HEALTHY'
    : healths.includes('PARTIALLY_HEALTHY')
      ? 'PARTIALLY_HEALTHY'
      : 'HEALTHY';
  return {
    name: group.name,
    clusterTypeDesc: group.clusterType,
    localRoleDesc: group.role,
    synchronizationHealthDesc: worst,
    localAvailabilityModeDesc: replica?.availabilityMode ?? '',
    localSeedingModeDesc: replica?.seedingMode ?? '',
    canCreateAnyDatabase: group.createAnyDatabase !== null,
    databases: databases.map((database) => database.name),
    otherDistributed: Object.values(instance.distributed)
      .filter((other) => other.between === 'groups' && other.localGroup === group.key)
      .filter((other) => other.key !== dag?.key)
      .map((other) => other.name),
  };
}

function distributedOf(dag: DistributedState): DistributedObservation {
  const isPrimary = dag.role === 'PRIMARY';
  return {
    name: dag.name,
    localRoleDesc: dag.role,
    localOperationalStateDesc: dag.operationalState,
    localConnectedStateDesc: isPrimary || dag.link.connected ? 'CONNECTED' : 'DISCONNECTED',
    remote: isPrimary
      ? {
          connectedStateDesc: dag.link.connected ? 'CONNECTED' : 'DISCONNECTED',
          synchronizationHealthDesc: remoteMemberHealth(dag),
          lastConnectErrorNumber: dag.link.lastError?.number ?? null,
          lastConnectErrorDescription: dag.link.lastError?.text ?? null,
        }
      : null,
    members: dag.members.map((member) => ({
      availabilityGroup: member.group,
      endpointUrl: member.listenerUrl,
      availabilityModeDesc: member.availabilityMode,
      seedingModeDesc: member.seedingMode,
    })),
    requiredSynchronizedSecondariesToCommit: dag.requiredSynchronizedSecondariesToCommit,
  };
}

function selected(instance: InstanceState, migration: Migration): readonly DatabaseState[] {
  const { databases } = migration;
  if (databases.kind === 'named') {
    return databases.names
      .map((name) => instance.databases[nameKey(name)])
      .filter((database) => database !== undefined);
  }
  const except = new Set(databases.except.map((name) => nameKey(name)));
  return Object.values(instance.databases).filter((database) => !except.has(database.key));
}

function databaseOf(
  instance: InstanceState,
  database: DatabaseState,
  groups: { readonly group: GroupState | undefined; readonly dag: DistributedState | undefined },
): DatabaseObservation {
  const { group, dag } = groups;
  const partner = dag?.role === 'PRIMARY' ? dag.databases[database.key] : undefined;
  const shown =
    partner !== undefined && (dag?.link.everConnected === true || partner.hardenedLsn !== null);
  return {
    name: database.name,
    stateDesc: database.state,
    recoveryModelDesc: database.recoveryModel,
    hasLogChain: database.fullBackupTaken,
    local:
      group !== undefined && database.group === group.key
        ? ownRow(instance, group, database)
        : null,
    distributed:
      dag !== undefined && partner !== undefined && shown
        ? partnerRow(dag, database, partner)
        : null,
    seeding: seedingOf(instance, database),
    history: null,
  };
}

function ownRow(
  instance: InstanceState,
  group: GroupState,
  database: DatabaseState,
): DatabaseReplicaObservation {
  const synchronous = localReplica(instance, group)?.availabilityMode === 'SYNCHRONOUS_COMMIT';
  const receiving = receivingFrom(instance, database) !== undefined;
  return {
    synchronizationStateDesc: ownState(instance, group, database),
    synchronizationHealthDesc: ownHealth(instance, group, database),
    isSuspended: database.suspended !== null,
    suspendReasonDesc: database.suspended,
    databaseStateDesc: database.state,
    lastHardenedLsn: synchronous ? database.log.end : null,
    endOfLogLsn: database.log.end,
    lastCommitLsn: database.lastCommitLsn,
    logSendQueueKb: receiving ? 0 : null,
    logSendRateKb: null,
    redoQueueKb: receiving ? kilobytes(database.log.totalBytes - database.redoneBytes) : null,
    redoRateKb: receiving ? kilobytes(database.redoRate) : null,
    secondaryLagSeconds: null,
  };
}

function partnerRow(
  dag: DistributedState,
  database: DatabaseState,
  partner: PartnerDatabase,
): DatabaseReplicaObservation {
  const behind = (partner.hardenedLsn ?? (0n as Lsn)) < database.log.end;
  return {
    synchronizationStateDesc: partner.synchronizationState,
    synchronizationHealthDesc: partnerHealth(dag, partner),
    isSuspended: partner.suspended !== null,
    suspendReasonDesc: partner.suspended,
    databaseStateDesc: null,
    lastHardenedLsn: partner.hardenedLsn,
    endOfLogLsn: partner.hardenedLsn,
    lastCommitLsn: partner.lastCommitLsn,
    logSendQueueKb: kilobytes(database.log.totalBytes - partner.sentBytes),
    logSendRateKb: kilobytes(partner.sendRate),
    redoQueueKb: kilobytes(partner.hardenedBytes - partner.redoneBytes),
    redoRateKb: kilobytes(partner.redoRate),
    // Seconds need the server's clock, which a view remembered by state has not: 0 or not known.
    secondaryLagSeconds: behind ? null : 0,
  };
}

function seedingOf(instance: InstanceState, database: DatabaseState): SeedingObservation | null {
  const history = instance.seedingHistory.findLast((row) => nameKey(row.database) === database.key);
  const stream = instance.seedingStreams.findLast((row) => nameKey(row.database) === database.key);
  if (history === undefined && stream === undefined) return null;
  return {
    stateDesc: history?.phase ?? stream?.state ?? '',
    failureStateDesc: history?.failure?.text ?? stream?.failure?.text ?? null,
    errorCode: history?.failure?.errorCode ?? stream?.failure?.code ?? null,
    attempts: history?.attempts ?? 0,
    transferredBytes: stream?.transferredBytes ?? null,
    totalBytes: stream?.databaseBytes ?? null,
    bytesPerSecond: stream?.bytesPerSecond ?? null,
  };
}

function kilobytes(bytes: number): number {
  return Math.max(0, Math.ceil(bytes / KB));
}
