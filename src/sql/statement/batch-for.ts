/** From an act to the one batch that carries it out: the only place where acts become T-SQL. */

import { unreachable } from '../../base/assert.ts';
import { formatLsn } from '../../base/lsn.ts';
import type { Act, FinalLsn } from '../../model/act.ts';
import { primaryInstance, type Migration, type MigrationSide } from '../../model/migration.ts';
import type { SqlBatch, SqlParameter } from '../batch.ts';
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
import { demote, giveBack, lsnParameter, promote } from './role-statement.ts';

/** The batch of an act, its guard inside. */
export function batchFor(act: Act, migration: Migration): SqlBatch {
  return {
    side: act.side,
    text: textFor(act, migration),
    parameters: parametersFor(act),
    changesState: true,
  };
}

function textFor(act: Act, migration: Migration): string {
  const own = act.side === 'source' ? migration.source : migration.target;
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
    case 'demote':
      return demote(migration, own, act.databases);
    case 'promote':
      return promote(
        migration,
        own,
        inOrder(act.finalLsns).map((final) => final.database),
      );
    case 'give-back':
      return giveBack(migration, act.databases);
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

function parametersFor(act: Act): readonly SqlParameter[] {
  if (act.kind !== 'promote') return [];
  return [
    { name: 'wait_ms', type: 'int', value: act.waitMs },
    ...inOrder(act.finalLsns).map((final, index): SqlParameter => ({
      name: lsnParameter(index + 1),
      type: 'varchar(30)',
      value: formatLsn(final.lsn),
    })),
  ];
}

/** By name: the order in which a server lists its databases must not change the text of the plan. */
function inOrder(finals: readonly FinalLsn[]): readonly FinalLsn[] {
  return finals.toSorted((left, right) =>
    left.database < right.database ? -1 : left.database > right.database ? 1 : 0,
  );
}
