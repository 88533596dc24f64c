/**
 * What the servers will show after an act, and what they do by themselves in time.
 *
 * A model coarse enough to plan with: `planActs()` runs the shipping rules over it, so the runbook
 * holds exactly the acts the engine will choose. It says nothing about how long things take.
 */

import { unreachable } from '../base/assert.ts';
import { makeLsn, type Lsn } from '../base/lsn.ts';
import { sameName } from '../base/name.ts';
import { instanceOfAct, type Act } from '../model/act.ts';
import type { CommitMode } from '../model/prior-state.ts';
import { known } from '../model/fact.ts';
import { isGrouped, memberUrl, type Migration } from '../model/migration.ts';
import type {
  AvailabilityGroupObservation,
  DagMemberObservation,
  DatabaseObservation,
  DatabaseReplicaObservation,
  DistributedObservation,
  LoginObservation,
  Observation,
} from '../model/observation.ts';
import { sideOf } from '../model/observation.ts';
import { otherSide, type Side } from '../model/side.ts';
import { bindTo, dagRole, findDatabase, holds, isSynchronous, planOf } from './look.ts';
import { finalLsn } from './lsn.ts';
import { glance } from './parts.ts';
import { mirrorMigration, mirrorObservation } from './mirror.ts';
import { map, patch, withDag } from './patch.ts';
import { predictEndpoint } from './predict-endpoint.ts';
import {
  isReplicaAct,
  newDetails,
  onInstance,
  predictReplica,
  withoutInstance,
  type ReplicaAct,
} from './predict-replica.ts';
import {
  isRegisterAct,
  predictEpoch,
  predictRegister,
  type RegisterAct,
} from './predict-register.ts';

/** Used where a server shows no LSN yet: any value will do, it is the same on both sides. */
const someLsn: Lsn = makeLsn({ vlf: 1n, block: 1n, slot: 1n });

/** The observation after the act, before the servers have moved by themselves. */
export function predict(observation: Observation, act: Act, migration: Migration): Observation {
  if (isReplicaAct(act)) return predictReplica(observation, act, migration);
  const { side } = act;
  const instance = instanceOfAct(act);
  if (instance !== null) {
    return onInstance(observation, { side, instance }, (turned) =>
      predict(turned, withoutInstance(act), bindTo(migration, turned)),
    );
  }
  return isRegisterAct(act)
    ? predictRegister(observation, act, migration)
    : predictActing(observation, act, migration);
}

function predictActing(
  observation: Observation,
  act: Exclude<Act, RegisterAct | ReplicaAct>,
  migration: Migration,
): Observation {
  const { side } = act;
  switch (act.kind) {
    case 'create-endpoint':
    case 'start-endpoint':
    case 'create-peer-login':
    case 'grant-endpoint-connect':
      return predictEndpoint(observation, act, migration);
    case 'create-availability-group':
      return joinGroup(
        patch(observation, side, {
          availabilityGroup: known(newGroup(migration, side)),
          ...newDetails(observation, migration, side),
        }),
        side,
        act.databases,
      );
    case 'add-database':
      return joinGroup(observation, side, [act.database]);
    case 'grant-create-database':
      return withGroup(observation, side, (group) => ({ ...group, canCreateAnyDatabase: true }));
    case 'set-replica-synchronous':
      return withGroup(observation, side, (group) => ({
        ...group,
        localAvailabilityModeDesc: 'SYNCHRONOUS_COMMIT',
      }));
    case 'create-distributed':
    case 'join-distributed':
      return patch(observation, side, {
        distributed: known(newDag(migration, act.kind === 'create-distributed')),
      });
    case 'set-distributed-mode':
      return withDag(observation, side, (dag) => ({
        ...dag,
        members: dag.members.map((member) => ({ ...member, availabilityModeDesc: act.mode })),
      }));
    case 'drop-distributed':
      return patch(observation, side, { distributed: known(null) });
    case 'disable-login':
    case 'enable-login':
      return withLogin(observation, side, {
        name: act.login,
        isDisabled: act.kind === 'disable-login',
      });
    case 'kill-sessions':
      return patch(observation, side, { sessions: known([]) });
    case 'resume-database':
      return withRows(observation, side, (row) => ({
        ...row,
        isSuspended: false,
        suspendReasonDesc: null,
      }));
    case 'restart-seeding':
    case 'await-lsns':
      return observation;
    case 'demote':
    case 'promote':
    case 'give-back':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
      return predictRole(observation, act);
  }
  return unreachable(act);
}

function predictRole(
  observation: Observation,
  act: Extract<
    Act,
    {
      readonly kind:
        | 'demote'
        | 'promote'
        | 'give-back'
        | 'fence-split-brain'
        | 'force-promote-accepting-data-loss';
    }
  >,
): Observation {
  const { side } = act;
  switch (act.kind) {
    case 'demote':
      return withRole(predictEpoch(observation, act), side, 'SECONDARY');
    case 'give-back':
      return withRole(predictEpoch(observation, act), side, 'PRIMARY');
    case 'fence-split-brain':
      return withRole(observation, side, 'SECONDARY');
    case 'promote':
    case 'force-promote-accepting-data-loss':
      return withRole(observation, side, 'PRIMARY');
  }
  return unreachable(act);
}

/** The observation after the servers had all the time they need: connected, seeded, in step, opened. */
export function settle(observation: Observation, migration: Migration): Observation {
  const source = glance(observation, 'sourceDag');
  const target = glance(observation, 'targetDag');
  const settled = settleRoles(observation);
  if (source === null || target === null) return settled;
  // After a cutover the log flows the other way.
  if (dagRole(target) === 'PRIMARY' && dagRole(source) === 'SECONDARY') {
    const turned = seedAll(
      connect(mirrorObservation(settled)),
      mirrorMigration(migration),
      isSynchronous(source) && isSynchronous(target),
    );
    return mirrorObservation(turned);
  }
  if (dagRole(source) !== 'PRIMARY' || dagRole(target) !== 'SECONDARY') return settled;
  return seedAll(connect(settled), migration, isSynchronous(source) && isSynchronous(target));
}

function settleRoles(observation: Observation): Observation {
  const quiet = { operators: known([]) };
  const opened = patch(patch(observation, 'source', quiet), 'target', quiet);
  if (dagRole(glance(opened, 'targetDag')) !== 'PRIMARY') return opened;
  return patch(opened, 'target', {
    databases: map(opened.target.databases, (databases) =>
      databases.map((database) => ({ ...database, stateDesc: 'ONLINE' })),
    ),
  });
}

function connect(observation: Observation): Observation {
  const source = withDag(observation, 'source', (dag) => ({
    ...dag,
    remote: {
      connectedStateDesc: 'CONNECTED',
      synchronizationHealthDesc: 'HEALTHY',
      lastConnectErrorNumber: null,
      lastConnectErrorDescription: null,
    },
  }));
  return withDag(source, 'target', (dag) => ({ ...dag, localConnectedStateDesc: 'CONNECTED' }));
}

/** Every database of the source's group arrives on the target and reaches the end of the log. */
function seedAll(
  observation: Observation,
  migration: Migration,
  synchronous: boolean,
): Observation {
  const travelling = glance(observation, 'sourceGroup')?.databases ?? [];
  const sourceDatabases = glance(observation, 'sourceDatabases') ?? [];
  const state = synchronous ? 'SYNCHRONIZED' : 'SYNCHRONIZING';
  const source = patch(observation, 'source', {
    databases: map(observation.source.databases, (databases) =>
      databases.map((database) =>
        holds(travelling, database.name)
          ? { ...database, distributed: { ...arrived(database), synchronizationStateDesc: state } }
          : database,
      ),
    ),
  });
  const seeded = patch(source, 'target', {
    databases: map(source.target.databases, (databases) => [
      ...databases.filter((database) => !holds(travelling, database.name)),
      ...travelling.map((name) => seededCopy(name, findDatabase(sourceDatabases, name))),
    ]),
  });
  return withGroup(seeded, 'target', (group) => ({
    ...group,
    name: migration.target.availabilityGroup,
    databases: travelling,
  }));
}

function seededCopy(name: string, source: DatabaseObservation | null): DatabaseObservation {
  return {
    name,
    stateDesc: 'ONLINE',
    recoveryModelDesc: source?.recoveryModelDesc ?? 'FULL',
    hasLogChain: source?.hasLogChain ?? null,
    local: arrived(source),
    distributed: null,
    seeding: null,
    history: null,
  };
}

function arrived(source: DatabaseObservation | null): DatabaseReplicaObservation {
  const end =
    (source?.local === null || source === null ? null : finalLsn(source.local)) ?? someLsn;
  return {
    synchronizationStateDesc: 'SYNCHRONIZED',
    synchronizationHealthDesc: 'HEALTHY',
    isSuspended: false,
    suspendReasonDesc: null,
    databaseStateDesc: 'ONLINE',
    lastHardenedLsn: end,
    endOfLogLsn: end,
    lastCommitLsn: end,
    logSendQueueKb: 0,
    logSendRateKb: null,
    redoQueueKb: 0,
    redoRateKb: null,
    secondaryLagSeconds: null,
  };
}

function newGroup(migration: Migration, side: Side): AvailabilityGroupObservation {
  return {
    name: planOf(migration, side).availabilityGroup,
    clusterTypeDesc: isGrouped(planOf(migration, side)) ? 'wsfc' : 'none',
    localRoleDesc: 'PRIMARY',
    synchronizationHealthDesc: 'HEALTHY',
    localAvailabilityModeDesc: 'SYNCHRONOUS_COMMIT',
    localSeedingModeDesc: 'AUTOMATIC',
    canCreateAnyDatabase: false,
    databases: [],
    otherDistributed: [],
  };
}

function newDag(migration: Migration, isPrimary: boolean): DistributedObservation {
  return {
    name: migration.distributedAvailabilityGroup,
    localRoleDesc: isPrimary ? 'PRIMARY' : 'SECONDARY',
    localOperationalStateDesc: 'ONLINE',
    localConnectedStateDesc: isPrimary ? 'CONNECTED' : 'DISCONNECTED',
    remote: null,
    members: [newMember(migration, 'source'), newMember(migration, 'target')],
    requiredSynchronizedSecondariesToCommit: 0,
  };
}

function newMember(migration: Migration, side: Side): DagMemberObservation {
  const mode: CommitMode = 'ASYNCHRONOUS_COMMIT';
  return {
    availabilityGroup: planOf(migration, side).availabilityGroup,
    endpointUrl: memberUrl(planOf(migration, side)),
    availabilityModeDesc: mode,
    seedingModeDesc: 'AUTOMATIC',
  };
}

/** Databases enter the side's group; with one replica they are SYNCHRONIZED at once. */
function joinGroup(observation: Observation, side: Side, names: readonly string[]): Observation {
  const grouped = withGroup(observation, side, (group) => ({
    ...group,
    databases: [...group.databases, ...names],
  }));
  return patch(grouped, side, {
    databases: map(sideOf(grouped, side).databases, (databases) =>
      databases.map((database) =>
        holds(names, database.name) ? { ...database, local: arrived(database) } : database,
      ),
    ),
  });
}

function withRole(
  observation: Observation,
  side: Side,
  role: 'PRIMARY' | 'SECONDARY',
): Observation {
  const other = otherSide(side);
  const moved = withDag(observation, side, (dag) => ({
    ...dag,
    localRoleDesc: role,
    localOperationalStateDesc: 'ONLINE',
    localConnectedStateDesc: role === 'PRIMARY' ? 'CONNECTED' : 'DISCONNECTED',
    remote: null,
  }));
  const withoutRows = patch(moved, side, {
    databases: map(sideOf(moved, side).databases, (databases) =>
      databases.map((database) => ({ ...database, distributed: null })),
    ),
  });
  return withDag(withoutRows, other, (dag) => ({
    ...dag,
    localConnectedStateDesc: role === 'PRIMARY' ? 'CONNECTED' : 'DISCONNECTED',
  }));
}

function withLogin(observation: Observation, side: Side, changed: LoginObservation): Observation {
  return patch(observation, side, {
    fenceLogins: map(sideOf(observation, side).fenceLogins, (logins) =>
      logins.map((login) =>
        sameName(login.name, changed.name) ? { ...login, isDisabled: changed.isDisabled } : login,
      ),
    ),
  });
}

function withGroup(
  observation: Observation,
  side: Side,
  change: (group: AvailabilityGroupObservation) => AvailabilityGroupObservation,
): Observation {
  return patch(observation, side, {
    availabilityGroup: map(sideOf(observation, side).availabilityGroup, (group) =>
      group === null ? null : change(group),
    ),
  });
}

function withRows(
  observation: Observation,
  side: Side,
  change: (row: DatabaseReplicaObservation) => DatabaseReplicaObservation,
): Observation {
  return patch(observation, side, {
    databases: map(sideOf(observation, side).databases, (databases) =>
      databases.map((database) => ({
        ...database,
        local: database.local === null ? null : change(database.local),
      })),
    ),
  });
}
