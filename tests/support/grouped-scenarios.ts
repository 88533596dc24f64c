/** One situation for every rule of the availability-group path: the observation it has to decide. */

import assert from 'node:assert/strict';

import type { Intent, Memory } from '../../src/model/decision.ts';
import { known } from '../../src/model/fact.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { Observation, SideObservation } from '../../src/model/observation.ts';
import type { CommitRegister } from '../../src/model/register.ts';
import type { Side } from '../../src/model/side.ts';
import { predict } from '../../src/reconcile/predict.ts';
import {
  changedDetails,
  changedOther,
  drivenGrouped,
  failedOver,
  freshGrouped,
  groupedMigration,
  otherAway,
  sourceDetails,
} from './grouped-observation.ts';
import { changed, plainDatabase, visited } from './observation.ts';

/** A situation and the rule that has to decide it. */
export interface GroupedScenario {
  readonly rule: string;
  readonly says: string;
  readonly seen: Observation;
  readonly intent: Intent;
  readonly memory?: Partial<Memory>;
  readonly migration?: Migration;
}

const migrate: Intent = { goal: 'migrate' };
const cutover: Intent = { goal: 'cutover' };
const drop: Intent = { goal: 'finish', distributed: 'drop' };

/** Two plus two, ready for cutover. */
export const readyGrouped = drivenGrouped(freshGrouped, migrate);
/** After the cutover. */
export const overGrouped = drivenGrouped(readyGrouped, cutover);

/** The first observation on the way in which this holds. */
function when(
  start: Observation,
  intent: Intent,
  holds: (seen: Observation) => boolean,
): Observation {
  const found = visited(start, intent, groupedMigration).find((seen) => holds(seen));
  assert.ok(found !== undefined, 'the way leads there');
  return found;
}

const modes = (seen: Observation, side: Side): readonly string[] => {
  const { group } = seen[side];
  return group?.known === true ? group.value.replicas.map((row) => row.failoverModeDesc) : [];
};

const register = (side: SideObservation): CommitRegister => {
  assert.ok(side.control.known && side.control.value.kind === 'present');
  return side.control.value.register;
};

const withRegister = (
  seen: Observation,
  side: Side,
  change: Partial<CommitRegister>,
): Observation => {
  const { control } = seen[side];
  assert.ok(control.known && control.value.kind === 'present');
  const { value } = control;
  return changed(seen, side, {
    control: known({ ...value, register: { ...value.register, ...change } }),
  });
};

/** The instance that acted once keeps its register, the one that acts now has these rows. */
const withOwn = (seen: Observation, side: Side, change: Partial<CommitRegister>): Observation => {
  const [old] = seen[side].others ?? [];
  assert.ok(old?.control.known === true && old.control.value.kind === 'present');
  const { value } = old.control;
  return changed(seen, side, {
    control: known({ ...value, register: { ...value.register, prior: null, ...change } }),
  });
};

const fenced = when(
  readyGrouped,
  cutover,
  (seen) =>
    seen.source.distributed.known && seen.source.distributed.value?.localRoleDesc === 'SECONDARY',
);
const synchronous = when(readyGrouped, cutover, (seen) => modes(seen, 'source').includes('MANUAL'));
const moved = failedOver(readyGrouped, 'source');
const replicaServer = freshGrouped.source.others?.[0]?.server;
const created = when(
  freshGrouped,
  migrate,
  (seen) => seen.target.availabilityGroup.known && seen.target.availabilityGroup.value !== null,
);
const loginsDisabled = ((): Observation => {
  const login = known([{ name: 'app_writer', isDisabled: true }]);
  return changedOther(overGrouped, 'source', { fenceLogins: login });
})();
const dropped = drivenGrouped(loginsDisabled, drop);
const oldRegister = overGrouped.source.control;
const oldJob = known({
  jobExists: true,
  agentRunning: true,
  jobRunning: false,
  watcherConnected: false,
  rehearsedUtc: null,
});

/** Every rule that only this path has. */
export const groupedScenarios: readonly GroupedScenario[] = [
  {
    rule: 'R-PATH-UNSUPPORTED',
    says: 'refuses a watcher, which knows one instance of a side',
    seen: freshGrouped,
    intent: migrate,
    migration: {
      ...groupedMigration,
      cutover: { ...groupedMigration.cutover, deadMan: 'watcher' },
    },
  },
  {
    rule: 'R-PATH-UNSUPPORTED',
    says: 'refuses to force a role over replicas it cannot see',
    seen: readyGrouped,
    intent: { goal: 'force', side: 'target' },
  },
  {
    rule: 'R-REPLICA-AWAY',
    says: 'waits for a further instance before anything is built',
    seen: otherAway(freshGrouped, 'target'),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-AWAY',
    says: 'waits for the replica that may hold the register',
    seen: otherAway(moved, 'source'),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-PREREQUISITES',
    says: 'stops at a replica of another version',
    seen: changedOther(freshGrouped, 'source', {
      server:
        replicaServer?.known === true
          ? known({ ...replicaServer.value, versionMajor: 15, productVersion: '15.0.1' })
          : known(assert.fail()),
    }),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-SET',
    says: 'stops at a replica of the group that the file does not name',
    seen: changedDetails(freshGrouped, 'source', {
      replicas: [
        ...sourceDetails.replicas,
        ...sourceDetails.replicas.map((row) => ({ ...row, serverName: 'OnPremNode3' })).slice(0, 1),
      ],
    }),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-SET',
    says: 'never makes the group of the source',
    seen: changed(freshGrouped, 'source', { availabilityGroup: known(null) }),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-NAME-TAKEN',
    says: 'stops at a database of that name on a further replica of the target',
    seen: changedOther(freshGrouped, 'target', {
      databases: known([plainDatabase('Adventureworks')]),
    }),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-ENDPOINT-SHAPE',
    says: 'stops at an endpoint on another port',
    seen: changedOther(readyGrouped, 'source', {
      endpoint: known({
        name: 'Mirroring',
        stateDesc: 'STARTED',
        port: 7022,
        ipAddress: null,
        connectGrantees: [],
      }),
    }),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-ENDPOINT-CREATE',
    says: 'gives a further replica its endpoint',
    seen: when(
      freshGrouped,
      migrate,
      (seen) =>
        seen.target.endpoint.known &&
        seen.target.endpoint.value !== null &&
        seen.target.endpoint.value.connectGrantees.length > 0,
    ),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-ENDPOINT-START',
    says: 'starts a stopped endpoint of a further replica',
    seen: changedOther(readyGrouped, 'source', {
      endpoint: known({
        name: 'Hadr_endpoint',
        stateDesc: 'STOPPED',
        port: 5022,
        ipAddress: null,
        connectGrantees: [],
      }),
    }),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-LOGIN-CREATE',
    says: 'makes the login of every replica on every other one',
    seen: changedOther(readyGrouped, 'target', { windowsLogins: known([]) }),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-CONNECT-GRANT',
    says: 'lets every replica through the endpoint of every other one',
    seen: changedOther(readyGrouped, 'target', {
      endpoint: known({
        name: 'Hadr_endpoint',
        stateDesc: 'STARTED',
        port: 5022,
        ipAddress: null,
        connectGrantees: [],
      }),
    }),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-JOIN',
    says: 'joins the further replica of the target',
    seen: predict(created, { kind: 'grant-create-database', side: 'target' }, groupedMigration),
    intent: migrate,
  },
  {
    rule: 'R-REPLICA-GRANT',
    says: 'lets the group create databases there too',
    seen: predict(
      predict(created, { kind: 'grant-create-database', side: 'target' }, groupedMigration),
      { kind: 'join-availability-group', side: 'target', instance: 'SQLVM2' },
      groupedMigration,
    ),
    intent: migrate,
  },
  {
    rule: 'R-LISTENER-SHAPE',
    says: 'stops at a distributed network name',
    seen: changedDetails(readyGrouped, 'source', {
      listeners: [
        { dnsName: 'OnPremAG_LST', port: 60_173, isDistributedNetworkName: true, ips: [] },
      ],
    }),
    intent: migrate,
  },
  {
    rule: 'R-LISTENER-SHAPE',
    says: 'stops at a listener on another port than the file says',
    seen: changedDetails(readyGrouped, 'target', {
      listeners: [{ dnsName: 'AzureAG_LST', port: 1433, isDistributedNetworkName: false, ips: [] }],
    }),
    intent: migrate,
  },
  {
    rule: 'R-LISTENER-SHAPE',
    says: 'leaves a listener behind a load balancer to a person, and says how',
    seen: changedDetails(readyGrouped, 'target', { listeners: [] }),
    intent: migrate,
    migration: {
      ...groupedMigration,
      target: {
        ...groupedMigration.target,
        listener: { name: 'AzureAG_LST', port: 60_173, ips: ['10.1.0.50'] },
      },
    },
  },
  {
    rule: 'R-LISTENER-CREATE',
    says: 'makes the listener of the target where the file gives the subnets',
    seen: changedDetails(readyGrouped, 'target', { listeners: [] }),
    intent: migrate,
  },
  {
    rule: 'R-WAIT-REPLICAS',
    says: 'waits for a synchronous secondary that is behind',
    seen: changedDetails(readyGrouped, 'source', {
      replicas: sourceDetails.replicas.map((row) =>
        row.roleDesc === 'PRIMARY' ? row : { ...row, synchronizationHealthDesc: 'NOT_HEALTHY' },
      ),
    }),
    intent: migrate,
  },
  {
    rule: 'R-REGISTER-ELSEWHERE',
    says: 'does nothing when the demoted source failed over locally in the outage',
    seen: failedOver(fenced, 'source'),
    intent: cutover,
  },
  {
    rule: 'R-REGISTER-ELSEWHERE',
    says: 'looks at the row of the replica that acted, even when the acting one has a register of its own',
    seen: changed(failedOver(fenced, 'source'), 'source', { control: readyGrouped.source.control }),
    intent: cutover,
  },
  {
    rule: 'R-REGISTER-ELSEWHERE',
    says: 'does nothing when the forwarder failed over locally in the outage',
    seen: failedOver(fenced, 'target'),
    intent: { goal: 'abort' },
  },
  {
    rule: 'R-REGISTER-ELSEWHERE',
    says: 'takes no missing row for none while the replica that may hold it is away',
    seen: otherAway(failedOver(fenced, 'source'), 'source'),
    intent: cutover,
  },
  {
    rule: 'R-REGISTER-OUTDATED',
    says: 'uses no epoch twice after a failover there and back',
    seen: withOwn(
      failedOver(withRegister(readyGrouped, 'source', { epoch: 4n, phase: 'done' }), 'source'),
      'source',
      { epoch: 3n, phase: 'done' },
    ),
    intent: cutover,
  },
  {
    rule: 'R-FOLLOW-DATABASE',
    says: 'lets the register follow the primary',
    seen: moved,
    intent: cutover,
  },
  {
    rule: 'R-FOLLOW-REGISTER',
    says: 'counts the epochs on',
    seen: changed(moved, 'source', { control: known({ kind: 'no-row' }) }),
    intent: cutover,
  },
  {
    rule: 'R-PRIOR-STATE-MOVED',
    says: 'takes along what has to be restored',
    seen: withOwn(failedOver(synchronous, 'source'), 'source', {}),
    intent: cutover,
  },
  {
    rule: 'R-REGISTER-MOVED',
    says: 'leaves one register on a side',
    seen: withOwn(moved, 'source', {}),
    intent: migrate,
  },
  {
    rule: 'R-DEAD-MAN-MOVED',
    says: 'leaves one dead-man on a side',
    seen: changedOther(readyGrouped, 'target', { deadMan: oldJob }),
    intent: migrate,
  },
  {
    rule: 'R-CUTOVER-REPLICAS',
    says: 'begins no switch while a replica does not answer',
    seen: otherAway(readyGrouped, 'target'),
    intent: cutover,
  },
  {
    rule: 'R-FAILOVER-MANUAL',
    says: 'turns automatic failover off before the fence',
    seen: when(
      readyGrouped,
      cutover,
      (seen) =>
        seen.target.distributed.known &&
        seen.target.distributed.value?.members.every(
          (member) => member.availabilityModeDesc === 'SYNCHRONOUS_COMMIT',
        ) === true,
    ),
    intent: cutover,
  },
  {
    rule: 'R-FAILOVER-DRIFTED',
    says: 'stops when somebody set another replica to automatic meanwhile',
    seen: withRegister(synchronous, 'source', {
      prior: {
        enabledLogins: [],
        distributedMode: 'ASYNCHRONOUS_COMMIT',
        automaticReplicas: ['OnPremNode1'],
      },
    }),
    intent: cutover,
  },
  {
    rule: 'R-FAILOVER-RESTORE',
    says: 'gives automatic failover back when the target serves',
    seen: when(
      readyGrouped,
      cutover,
      (seen) =>
        register(seen.source).phase === 'done' &&
        seen.source.distributed.known &&
        seen.source.distributed.value?.requiredSynchronizedSecondariesToCommit === 0,
    ),
    intent: { goal: 'finish', distributed: 'keep' },
  },
  {
    rule: 'R-FAILOVER-RESTORE',
    says: 'gives automatic failover back when the cutover is given up',
    seen: synchronous,
    intent: { goal: 'abort' },
  },
  {
    rule: 'R-FAILOVER-RESTORED',
    says: 'strikes the modes from the register when they are given back',
    seen: withRegister(overGrouped, 'source', {
      prior: {
        enabledLogins: [],
        distributedMode: 'ASYNCHRONOUS_COMMIT',
        automaticReplicas: ['OnPremNode1', 'SQLVM1'],
      },
    }),
    intent: cutover,
  },
  {
    rule: 'R-VERIFY-ENABLE-REPLICA-LOGIN',
    says: 'lets the applications in on every replica of the side that serves',
    seen: changedOther(overGrouped, 'target', {
      fenceLogins: known([{ name: 'app_writer', isDisabled: true }]),
    }),
    intent: cutover,
  },
  {
    rule: 'R-ABORT-ENABLE-REPLICA-LOGIN',
    says: 'lets them in again on the replica that was fenced before a local failover',
    seen: changedOther(
      withRegister(readyGrouped, 'source', {
        prior: { enabledLogins: ['app_writer'], distributedMode: 'ASYNCHRONOUS_COMMIT' },
      }),
      'source',
      {
        fenceLogins: known([{ name: 'app_writer', isDisabled: true }]),
      },
    ),
    intent: { goal: 'abort' },
  },
  {
    rule: 'R-DROP-REPLICA-LOGINS',
    says: 'drops nothing while a login is enabled on a further replica of the source',
    seen: overGrouped,
    intent: drop,
  },
  {
    rule: 'R-DEAD-MAN-LEFT',
    says: 'deletes the job of a replica that acted once',
    seen: changedOther(dropped, 'source', { deadMan: oldJob }),
    intent: drop,
  },
  {
    rule: 'R-REGISTER-LEFT',
    says: 'removes the register of a replica that acted once',
    seen: changedOther(dropped, 'source', { control: oldRegister }),
    intent: drop,
  },
];
