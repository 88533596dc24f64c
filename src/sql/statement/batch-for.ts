/** From an act to the one batch that carries it out: the only place where acts become T-SQL. */

import { unreachable } from '../../base/assert.ts';
import { formatLsn } from '../../base/lsn.ts';
import { sameName } from '../../base/name.ts';
import { instanceOfAct, type Act, type FinalLsn } from '../../model/act.ts';
import {
  primaryInstance,
  withFirst,
  type Migration,
  type MigrationSide,
} from '../../model/migration.ts';
import type { SqlBatch, SqlParameter } from '../batch.ts';
import { PROGRAM_NAME } from '../view/observe-batch.ts';
import {
  createControlDatabase,
  createRegister,
  dropMovedRegister,
  dropRegister,
  REFUSED_EPOCH,
  REGISTER_EPOCH,
  setRequiredSecondaries,
  takeOver,
} from './control-statement.ts';
import { createDeadMan, dropDeadMan, rehearseDeadMan } from './dead-man-statement.ts';
import {
  awaitLsns,
  closeEpoch,
  commitEpoch,
  recordPriorState,
  refuseEpoch,
} from './epoch-statement.ts';
import { disableLogin, enableLogin, killSessions } from './fence-statement.ts';
import {
  addDatabase,
  createAvailabilityGroup,
  createDistributed,
  createEndpoint,
  createPeerLogin,
  dropDistributed,
  grantCreateDatabase,
  grantEndpointConnect,
  joinDistributed,
  restartSeeding,
  seedingModeOf,
  setDistributedMode,
  setReplicaSynchronous,
  startEndpoint,
} from './group-statement.ts';
import { bracket } from '../quote.ts';
import { addListener, joinAvailabilityGroup, setFailoverMode } from './replica-statement.ts';
import { lsnParameter } from './role-part.ts';
import {
  demote,
  fenceSplitBrain,
  forcePromote,
  giveBack,
  promote,
  targetLsnParameter,
} from './role-statement.ts';

/** The batch of an act, its guard inside. */
export function batchFor(act: Act, migration: Migration): SqlBatch {
  return {
    side: act.side,
    text: textFor(act, migration),
    parameters: parametersFor(act),
    changesState: act.kind !== 'await-lsns',
  };
}

function textFor(act: Act, migration: Migration): string {
  const side = act.side === 'source' ? migration.source : migration.target;
  const instance = instanceOfAct(act);
  const own = instance === null ? side : withFirst(side, instance);
  switch (act.kind) {
    case 'create-endpoint':
    case 'start-endpoint':
    case 'create-peer-login':
    case 'grant-endpoint-connect':
      return endpointText(act, own);
    case 'create-availability-group':
      return createAvailabilityGroup(own, {
        databases: act.databases,
        seedingMode: seedingModeOf(migration),
      });
    case 'add-database':
      return addDatabase(own, act.database);
    case 'grant-create-database':
      return grantCreateDatabase(own);
    case 'join-availability-group':
      return joinAvailabilityGroup(own);
    case 'create-listener':
      return addListener(own, act);
    case 'set-failover-mode':
      return setFailoverMode(own, act.replica, act.mode);
    case 'set-replica-synchronous':
      return setReplicaSynchronous(own);
    case 'create-distributed':
    case 'join-distributed':
    case 'restart-seeding':
    case 'set-distributed-mode':
    case 'drop-distributed':
      return distributedText(act, migration);
    case 'resume-database':
      return `ALTER DATABASE ${bracket(act.database)} SET HADR RESUME;`;
    case 'disable-login':
      return disableLogin(act.login);
    case 'enable-login':
      return enableLogin(act.login);
    case 'kill-sessions':
      return killSessions(act.databases);
    case 'create-control-database':
    case 'create-register':
    case 'drop-register':
    case 'create-dead-man':
    case 'rehearse-dead-man':
    case 'drop-dead-man':
    case 'set-required-secondaries':
    case 'record-prior-state':
    case 'commit-epoch':
    case 'refuse-epoch':
    case 'close-epoch':
    case 'take-over':
      return controlText(act, migration, own);
    case 'demote':
    case 'await-lsns':
    case 'promote':
    case 'give-back':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
      return roleText(act, migration, own);
  }
  return unreachable(act);
}

type EndpointAct = Extract<
  Act,
  {
    kind: 'create-endpoint' | 'start-endpoint' | 'create-peer-login' | 'grant-endpoint-connect';
  }
>;

function endpointText(act: EndpointAct, own: MigrationSide): string {
  switch (act.kind) {
    case 'create-endpoint':
      return createEndpoint(primaryInstance(own));
    case 'start-endpoint':
      return startEndpoint(act.endpoint);
    case 'create-peer-login':
      return createPeerLogin(act.login);
    case 'grant-endpoint-connect':
      return grantEndpointConnect(act.endpoint, act.login);
  }
  return unreachable(act);
}

type DistributedAct = Extract<
  Act,
  {
    kind:
      | 'create-distributed'
      | 'join-distributed'
      | 'restart-seeding'
      | 'set-distributed-mode'
      | 'drop-distributed';
  }
>;

function distributedText(act: DistributedAct, migration: Migration): string {
  switch (act.kind) {
    case 'create-distributed':
      return createDistributed(migration);
    case 'join-distributed':
      return joinDistributed(migration);
    case 'restart-seeding':
      return restartSeeding(migration);
    case 'set-distributed-mode':
      return setDistributedMode(migration, act.mode);
    case 'drop-distributed':
      return dropDistributed(migration);
  }
  return unreachable(act);
}

type ControlAct = Extract<
  Act,
  {
    kind:
      | 'create-control-database'
      | 'create-register'
      | 'drop-register'
      | 'create-dead-man'
      | 'rehearse-dead-man'
      | 'drop-dead-man'
      | 'set-required-secondaries'
      | 'record-prior-state'
      | 'commit-epoch'
      | 'refuse-epoch'
      | 'close-epoch'
      | 'take-over';
  }
>;

function controlText(act: ControlAct, migration: Migration, own: MigrationSide): string {
  switch (act.kind) {
    case 'create-control-database':
      return createControlDatabase();
    case 'create-register':
      return createRegister(migration, own);
    case 'drop-register':
      return act.instance === undefined
        ? dropRegister(migration)
        : dropMovedRegister(migration, own);
    case 'create-dead-man':
      return createDeadMan(migration, own);
    case 'rehearse-dead-man':
      return rehearseDeadMan(migration, own);
    case 'drop-dead-man':
      return dropDeadMan(migration);
    case 'set-required-secondaries':
      return setRequiredSecondaries(migration, act.value);
    case 'record-prior-state':
      return recordPriorState(migration, own);
    case 'commit-epoch':
      return commitEpoch(migration, own);
    case 'refuse-epoch':
      return refuseEpoch(migration, own);
    case 'close-epoch':
      return closeEpoch(migration, own);
    case 'take-over':
      return takeOver(PROGRAM_NAME);
  }
  return unreachable(act);
}

type RoleAct = Extract<
  Act,
  {
    kind:
      | 'demote'
      | 'await-lsns'
      | 'promote'
      | 'give-back'
      | 'fence-split-brain'
      | 'force-promote-accepting-data-loss';
  }
>;

function roleText(act: RoleAct, migration: Migration, own: MigrationSide): string {
  switch (act.kind) {
    case 'demote':
      return demote(migration, own, byName(act.databases));
    case 'await-lsns':
      return awaitLsns(migration, own, databasesOf(act.finalLsns));
    case 'promote':
      return promote(migration, own, databasesOf(act.finalLsns));
    case 'give-back':
      return giveBack(migration, own, { databases: byName(act.databases), from: act.from });
    case 'fence-split-brain':
      return fenceSplitBrain(migration);
    case 'force-promote-accepting-data-loss':
      return forcePromote(migration, byName(act.databases));
  }
  return unreachable(act);
}

function parametersFor(act: Act): readonly SqlParameter[] {
  switch (act.kind) {
    case 'demote':
      return [
        epochParameter('from_epoch', act.fromEpoch),
        epochParameter('refuse_epoch', act.refuseEpoch),
        { name: 'budget_ms', type: 'int', value: act.budgetMs },
        ...byName(act.databases).map((database, index): SqlParameter => {
          const proof = act.targetLsns.find((target) => sameName(target.database, database));
          const value = proof === undefined ? null : formatLsn(proof.lsn);
          return { name: targetLsnParameter(index + 1), type: 'varchar(30)', value };
        }),
      ];
    case 'await-lsns':
      return [waitParameter(act.waitMs), ...finalParameters(act.finalLsns)];
    case 'promote':
      return [
        waitParameter(act.waitMs),
        epochParameter('promote_epoch', act.epoch),
        ...finalParameters(act.finalLsns),
      ];
    case 'give-back':
      return [epochParameter('give_back_epoch', act.epoch)];
    case 'commit-epoch':
      return [epochParameter('commit_epoch', act.epoch)];
    case 'refuse-epoch':
      return [epochParameter('refuse_epoch', act.epoch)];
    case 'close-epoch':
      return [epochParameter('close_epoch', act.epoch)];
    case 'create-register':
      return [
        epochParameter(REGISTER_EPOCH, act.epoch ?? 0n),
        epochParameter(REFUSED_EPOCH, act.refused ?? 0n),
      ];
    case 'record-prior-state':
      return [{ name: 'prior_state', type: 'nvarchar(max)', value: JSON.stringify(act.prior) }];
    case 'take-over':
      return [
        { name: 'session_id', type: 'int', value: act.sessionId },
        {
          name: 'login_time_utc',
          type: 'varchar(33)',
          value: act.loginTimeUtc.replace(/Z$/u, ''),
        },
      ];
    default:
      return [];
  }
}

function epochParameter(name: string, epoch: bigint): SqlParameter {
  return { name, type: 'varchar(30)', value: epoch.toString() };
}

function waitParameter(waitMs: number): SqlParameter {
  return { name: 'wait_ms', type: 'int', value: waitMs };
}

function finalParameters(finals: readonly FinalLsn[]): readonly SqlParameter[] {
  return inOrder(finals).map((final, index): SqlParameter => ({
    name: lsnParameter(index + 1),
    type: 'varchar(30)',
    value: formatLsn(final.lsn),
  }));
}

function databasesOf(finals: readonly FinalLsn[]): readonly string[] {
  return inOrder(finals).map((final) => final.database);
}

function byName(databases: readonly string[]): readonly string[] {
  return databases.toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0));
}

/** By name: the order in which a server lists its databases must not change the text of the plan. */
function inOrder(finals: readonly FinalLsn[]): readonly FinalLsn[] {
  return finals.toSorted((left, right) =>
    left.database < right.database ? -1 : left.database > right.database ? 1 : 0,
  );
}
