/** Two groups of two replicas each with listeners, as observations for tests of the pure core. */

import { known } from '../../src/model/fact.ts';
import type { GroupDetails } from '../../src/model/group-details.ts';
import type { Intent } from '../../src/model/decision.ts';
import type { Migration, MigrationInstance } from '../../src/model/migration.ts';
import type { Observation, SideObservation } from '../../src/model/observation.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { Side } from '../../src/model/side.ts';
import { assembleSide } from '../../src/sql/view/observe-side.ts';
import { unreachableObservation } from '../../src/sql/view/observe-decode.ts';
import { articleMigration, driven, freshSide, lsnAt } from './observation.ts';

function instance(name: string): MigrationInstance {
  return {
    name,
    fqdn: `${name}.contoso.com`,
    endpoint: { name: 'Hadr_endpoint', port: 5022 },
  };
}

/** The names of the article about availability groups. */
export const groupedMigration: Migration = {
  ...articleMigration,
  source: {
    side: 'source',
    availabilityGroup: 'OnPremAG',
    instances: [instance('OnPremNode1'), instance('OnPremNode2')],
    listener: { name: 'OnPremAG_LST', port: 60_173, ips: ['10.0.0.50'] },
  },
  target: {
    side: 'target',
    availabilityGroup: 'AzureAG',
    instances: [instance('SQLVM1'), instance('SQLVM2')],
    listener: { name: 'AzureAG_LST', port: 60_173, ips: ['10.1.0.50/24', '10.1.1.50/24'] },
  },
};

const bare: GroupDetails = { replicas: [], listeners: [], clusterName: 'CLUSTER' };

/** The source's group as it is before the migration: both replicas synchronous and automatic. */
export const sourceDetails: GroupDetails = {
  ...bare,
  replicas: [replica('OnPremNode1', 'PRIMARY'), replica('OnPremNode2', 'SECONDARY')],
  listeners: [
    { dnsName: 'OnPremAG_LST', port: 60_173, isDistributedNetworkName: false, ips: ['10.0.0.50'] },
  ],
};

function replica(serverName: string, roleDesc: string): GroupDetails['replicas'][number] {
  return {
    serverName,
    availabilityModeDesc: 'SYNCHRONOUS_COMMIT',
    failoverModeDesc: 'AUTOMATIC',
    seedingModeDesc: 'AUTOMATIC',
    roleDesc,
    connectedStateDesc: 'CONNECTED',
    synchronizationHealthDesc: 'HEALTHY',
  };
}

function instanceOf(side: Side, index: 0 | 1): SideObservation {
  const plan = groupedMigration[side];
  const name = plan.instances[index]?.name ?? '';
  const base = freshSide(side, groupedMigration);
  const server = base.server.known
    ? { ...base.server.value, serverName: name, machineName: name }
    : null;
  const isSource = side === 'source';
  return {
    ...base,
    instance: name,
    server:
      server === null ? base.server : known({ ...server, serviceAccount: `CONTOSO\\svc_${name}` }),
    endpoint: isSource
      ? known({
          name: 'Hadr_endpoint',
          stateDesc: 'STARTED',
          port: 5022,
          ipAddress: null,
          connectGrantees: [],
        })
      : known(null),
    availabilityGroup: isSource
      ? known({
          name: 'OnPremAG',
          clusterTypeDesc: 'WSFC',
          localRoleDesc: index === 0 ? 'PRIMARY' : 'SECONDARY',
          synchronizationHealthDesc: 'HEALTHY',
          localAvailabilityModeDesc: 'SYNCHRONOUS_COMMIT',
          localSeedingModeDesc: 'AUTOMATIC',
          canCreateAnyDatabase: true,
          databases: ['Adventureworks'],
          otherDistributed: [],
        })
      : known(null),
    databases: isSource ? known([joinedDatabase()]) : known([]),
    group: known(isSource ? sourceDetails : bare),
  };
}

function joinedDatabase() {
  return {
    name: 'Adventureworks',
    stateDesc: 'ONLINE',
    recoveryModelDesc: 'FULL',
    hasLogChain: true,
    local: {
      synchronizationStateDesc: 'SYNCHRONIZED',
      synchronizationHealthDesc: 'HEALTHY',
      isSuspended: false,
      suspendReasonDesc: null,
      databaseStateDesc: 'ONLINE',
      lastHardenedLsn: lsnAt(1552n),
      endOfLogLsn: lsnAt(1552n),
      lastCommitLsn: lsnAt(1552n),
      logSendQueueKb: 0,
      logSendRateKb: null,
      redoQueueKb: 0,
      redoRateKb: null,
      secondaryLagSeconds: null,
    },
    distributed: null,
    seeding: null,
    history: null,
  };
}

/** Four servers: the source's group is up, the target has nothing yet. */
export const freshGrouped: Observation = {
  source: assembleSide([instanceOf('source', 0), instanceOf('source', 1)], 2),
  target: assembleSide([instanceOf('target', 0), instanceOf('target', 1)], 2),
};

/** After everything that an intent does, on servers that do as they should. */
export function drivenGrouped(observation: Observation, intent: Intent): Observation {
  return driven(observation, intent, groupedMigration);
}

/** The observation with parts of the further instance of a side changed. */
export function changedOther(
  observation: Observation,
  side: Side,
  change: Partial<SideObservation>,
): Observation {
  const others = (observation[side].others ?? []).map((each) => ({ ...each, ...change }));
  return { ...observation, [side]: { ...observation[side], others } };
}

/** The observation with what the acting instance of a side shows of its group changed. */
export function changedDetails(
  observation: Observation,
  side: Side,
  change: Partial<GroupDetails>,
): Observation {
  const { group } = observation[side];
  if (group?.known !== true) throw new TypeError('the group is not known');
  return {
    ...observation,
    [side]: { ...observation[side], group: known({ ...group.value, ...change }) },
  };
}

/** The side's other replica is the primary now: roles, rows and the distributed group follow, the rest stays where it is. */
export function failedOver(observation: Observation, side: Side): Observation {
  const acting = observation[side];
  const [other] = acting.others ?? [];
  if (other === undefined) throw new TypeError(`the ${side} has one instance`);
  const { availabilityGroup, distributed, databases, group } = acting;
  if (!availabilityGroup.known || availabilityGroup.value === null || group?.known !== true) {
    throw new TypeError(`the ${side} has no group`);
  }
  const swapped = group.value.replicas.map((row) => ({
    ...row,
    roleDesc: row.roleDesc === 'PRIMARY' ? 'SECONDARY' : 'PRIMARY',
  }));
  const { others: _others, ...alone } = acting;
  const old: SideObservation = {
    ...alone,
    availabilityGroup: known({ ...availabilityGroup.value, localRoleDesc: 'SECONDARY' }),
    distributed: known(null),
    // Without the distributed group an epoch under way counts as one of another group.
    control:
      alone.control.known &&
      alone.control.value.kind === 'present' &&
      ['fenced', 'committing'].includes(alone.control.value.register.phase)
        ? known({
            ...alone.control.value,
            register: { ...alone.control.value.register, isIntact: false, flaw: 'other-group' },
          })
        : alone.control,
  };
  const now: SideObservation = {
    ...other,
    availabilityGroup: known({ ...availabilityGroup.value, localRoleDesc: 'PRIMARY' }),
    distributed,
    databases,
    group: known({ ...group.value, replicas: swapped }),
  };
  return { ...observation, [side]: assembleSide([old, now], acting.generation + 1) };
}

/** The further instance of a side does not answer. */
export function otherAway(observation: Observation, side: Side): Observation {
  const problem: Problem = {
    code: 'SF-NET-001',
    summary: 'The server cannot be reached.',
    because: [],
    remedy: '',
  };
  const others = (observation[side].others ?? []).map((each) =>
    unreachableObservation(
      { migration: groupedMigration, side, instance: each.instance, generation: each.generation },
      problem,
    ),
  );
  return { ...observation, [side]: { ...observation[side], others } };
}
