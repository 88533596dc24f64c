/**
 * The statement that takes an act back, for the runbook.
 *
 * Only shown, never sent by itself: sqlferry goes back with acts of its own (`abort`, `finish`). `null`
 * where nothing takes it back; the plan says why in words.
 */

import { unreachable } from '../../base/assert.ts';
import { instanceOfAct, type Act } from '../../model/act.ts';
import { primaryInstance, withFirst, type Migration } from '../../model/migration.ts';
import { bracket, nliteral } from '../quote.ts';
import { disableLogin, enableLogin } from './fence-statement.ts';
import { dropDistributed, setDistributedMode } from './group-statement.ts';
import { dropRegister, setRequiredSecondaries } from './control-statement.ts';
import { dropDeadMan } from './dead-man-statement.ts';
import { giveBack } from './role-statement.ts';
import { removeListener } from './replica-statement.ts';
import { controlDatabase } from '../../model/register.ts';

/** Statement on the same instance that takes the act back. */
export function undoFor(act: Act, migration: Migration): string | null {
  const side = act.side === 'source' ? migration.source : migration.target;
  const own = withFirst(side, instanceOfAct(act) ?? side.instances[0].name);
  const group = bracket(own.availabilityGroup);
  switch (act.kind) {
    case 'create-endpoint':
      return `DROP ENDPOINT ${bracket(primaryInstance(own).endpoint.name)};`;
    case 'start-endpoint':
      return `ALTER ENDPOINT ${bracket(act.endpoint)} STATE = STOPPED;`;
    case 'create-peer-login':
      return `DROP LOGIN ${bracket(act.login)};`;
    case 'grant-endpoint-connect':
      return `REVOKE CONNECT ON ENDPOINT::${bracket(act.endpoint)} FROM ${bracket(act.login)};`;
    case 'create-listener':
      return removeListener(own, act.listener);
    case 'join-availability-group':
    case 'create-availability-group':
      return `DROP AVAILABILITY GROUP ${group};`;
    case 'add-database':
      return `ALTER AVAILABILITY GROUP ${group} REMOVE DATABASE ${bracket(act.database)};`;
    case 'grant-create-database':
      return `ALTER AVAILABILITY GROUP ${group} DENY CREATE ANY DATABASE;`;
    case 'create-distributed':
    case 'join-distributed':
      return dropDistributed(migration);
    case 'resume-database':
      return `ALTER DATABASE ${bracket(act.database)} SET HADR SUSPEND;`;
    case 'set-replica-synchronous':
      return `ALTER AVAILABILITY GROUP ${group}
  MODIFY REPLICA ON ${nliteral(primaryInstance(own).name)} WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT);`;
    case 'set-distributed-mode':
      return setDistributedMode(
        migration,
        act.mode === 'SYNCHRONOUS_COMMIT' ? 'ASYNCHRONOUS_COMMIT' : 'SYNCHRONOUS_COMMIT',
      );
    case 'disable-login':
      return enableLogin(act.login);
    case 'enable-login':
      return disableLogin(act.login);
    case 'demote':
      return giveBack(migration, own, { databases: act.databases.toSorted(), from: 'fenced' });
    case 'create-control-database':
      return `DROP DATABASE ${bracket(controlDatabase)};`;
    case 'create-register':
      return dropRegister(migration);
    case 'create-dead-man':
      return dropDeadMan(migration);
    case 'set-required-secondaries':
      return setRequiredSecondaries(migration, act.value === 0 ? 1 : 0);
    case 'set-failover-mode':
    case 'restart-seeding':
    case 'kill-sessions':
    case 'promote':
    case 'give-back':
    case 'drop-distributed':
    case 'drop-register':
    case 'drop-dead-man':
    case 'rehearse-dead-man':
    case 'record-prior-state':
    case 'await-lsns':
    case 'commit-epoch':
    case 'refuse-epoch':
    case 'close-epoch':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
    case 'take-over':
      return null;
  }
  return unreachable(act);
}
