import { groupedScenarios } from '../../tests/support/grouped-scenarios.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  articleMigration,
  changed,
  driven,
  freshObservation,
  lsnAt,
  plainDatabase,
  visited,
} from '../../tests/support/observation.ts';
import type { Decision, Intent, Memory, Policy } from '../model/decision.ts';
import { known, unknown } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import type {
  DatabaseReplicaObservation,
  DistributedObservation,
  Observation,
  SeedingObservation,
  SideObservation,
} from '../model/observation.ts';
import type { CommitRegister, DeadManState } from '../model/register.ts';
import type { Side } from '../model/side.ts';
import { attemptsRuleId, decide, overdueRuleId } from './decide.ts';
import { actKey, emptyMemory, quietSample } from './memory.ts';
import { defaultPolicy } from './policy.ts';
import { predict } from './predict.ts';
import { unknownRuleId } from './rule.ts';
import { allRules } from './table.ts';

const migrate: Intent = { goal: 'migrate' };
const cutover: Intent = { goal: 'cutover' };
const abort: Intent = { goal: 'abort' };
const failback: Intent = { goal: 'failback' };
const force: Intent = { goal: 'force', side: 'target' };
const resolve: Intent = { goal: 'resolve-split-brain', loser: 'source' };
const keep: Intent = { goal: 'finish', distributed: 'keep' };
const drop: Intent = { goal: 'finish', distributed: 'drop' };

const fresh = freshObservation();
const ready = driven(fresh, migrate);
const over = driven(ready, cutover);
const back = driven(over, failback);

function away(observation: Observation, side: Side): Observation {
  const lost = unknown('it does not answer');
  return changed(observation, side, {
    connection: {
      kind: 'unreachable',
      problem: { code: 'SF-NET-001', summary: 'It does not answer.', because: [], remedy: 'Look.' },
    },
    server: lost,
    endpoint: lost,
    availabilityGroup: lost,
    distributed: lost,
    databases: lost,
    windowsLogins: lost,
    fenceLogins: lost,
    sessions: lost,
    operators: lost,
    control: lost,
    deadMan: lost,
    leadership: lost,
  });
}

function withDag(
  observation: Observation,
  side: Side,
  change: Partial<DistributedObservation>,
): Observation {
  const dag = observation[side].distributed;
  assert.ok(dag.known && dag.value !== null);
  return changed(observation, side, { distributed: known({ ...dag.value, ...change }) });
}

function withRow(
  observation: Observation,
  where: 'source local' | 'source distributed' | 'target local',
  change: Partial<DatabaseReplicaObservation>,
): Observation {
  const side = where === 'target local' ? 'target' : 'source';
  const row = where === 'source distributed' ? 'distributed' : 'local';
  const databases = observation[side].databases;
  assert.ok(databases.known);
  return changed(observation, side, {
    databases: known(
      databases.value.map((database) => {
        const old = database[row];
        assert.ok(old !== null);
        return { ...database, [row]: { ...old, ...change } };
      }),
    ),
  });
}

function synchronous(observation: Observation): Observation {
  let seen = prepared(observation);
  for (const side of ['source', 'target'] as const) {
    seen = predict(
      seen,
      { kind: 'set-distributed-mode', side, mode: 'SYNCHRONOUS_COMMIT' },
      articleMigration,
    );
  }
  return withRow(seen, 'source distributed', { synchronizationStateDesc: 'SYNCHRONIZED' });
}

function fenced(observation: Observation): Observation {
  return predict(
    observation,
    { kind: 'disable-login', side: 'source', login: 'app_writer' },
    articleMigration,
  );
}

const session = {
  sessionId: 61,
  loginName: 'app_writer',
  hostName: 'APP1',
  programName: 'shop',
  database: 'Adventureworks',
  loginTimeUtc: '2026-11-21T11:00:00.000Z',
  openTransactions: 1,
};
const still = predict(
  fenced(synchronous(ready)),
  { kind: 'set-required-secondaries', side: 'source', value: 1 },
  articleMigration,
);
const busy = changed(still, 'source', { sessions: known([session]) });

/** Rehearsed, with the prior state in the register. */
function prepared(observation: Observation): Observation {
  const rehearsed = predict(
    observation,
    { kind: 'rehearse-dead-man', side: 'source' },
    articleMigration,
  );
  const prior = { enabledLogins: ['app_writer'], distributedMode: 'ASYNCHRONOUS_COMMIT' } as const;
  return predict(
    rehearsed,
    { kind: 'record-prior-state', side: 'source', prior },
    articleMigration,
  );
}

/** The register of one side with fields changed. */
function withRegister(
  observation: Observation,
  side: Side,
  change: Partial<CommitRegister> & { readonly refused?: bigint },
): Observation {
  const control = observation[side].control;
  assert.ok(control.known && control.value.kind === 'present');
  const { refused, ...register } = change;
  return changed(observation, side, {
    control: known({
      ...control.value,
      register: { ...control.value.register, ...register },
      refused: { ...control.value.refused, epoch: refused ?? control.value.refused.epoch },
    }),
  });
}

function deadMan(observation: Observation, change: Partial<DeadManState>): Observation {
  const state = observation.source.deadMan;
  assert.ok(state.known);
  return changed(observation, 'source', { deadMan: known({ ...state.value, ...change }) });
}

function leader(observation: Observation, side: Side): Observation {
  return changed(observation, side, {
    leadership: known({
      kind: 'other',
      sessionId: 77,
      loginName: 'CONTOSO\\somebody',
      hostName: 'OPS2',
      loginTimeUtc: '2026-11-21T11:00:00.000Z',
    }),
  });
}

/** Memory in which the pair was the same at the look before. */
function quiet(observation: Observation): Memory {
  const sample = quietSample(observation);
  return { ...emptyMemory, current: sample, previous: sample };
}

function group(observation: Observation, side: Side, change: object): Observation {
  const own = observation[side].availabilityGroup;
  assert.ok(own.known && own.value !== null);
  return changed(observation, side, { availabilityGroup: known({ ...own.value, ...change }) });
}

/** The first observation on the way to ready in which the rule decides. */
function whereFires(rule: string): Observation {
  const found = visited(fresh, migrate).find(
    (seen) => decide(seen, migrate, context()).rule === rule,
  );
  assert.ok(found !== undefined, rule);
  return found;
}

const demotion = decide(still, cutover, context(quiet(still)));
assert.ok(demotion.kind === 'act' && demotion.act.kind === 'demote', demotion.because);
const demoted = predict(still, demotion.act, articleMigration);
const undecided = withRegister(demoted, 'source', { phase: 'fenced' });
const released = { attempts: { 'set-required-secondaries source 0': 2 } };
const bare = whereFires('R-ENDPOINT-CREATE');
const split = withDag(ready, 'target', { localRoleDesc: 'PRIMARY' });
const behindPair = withRow(undecided, 'source local', { endOfLogLsn: lsnAt(9n) });

const seedingPair = whereFires('R-WAIT-CONNECT');
const connectedPair = withDag(
  withDag(seedingPair, 'source', {
    remote: {
      connectedStateDesc: 'CONNECTED',
      synchronizationHealthDesc: 'NOT_HEALTHY',
      lastConnectErrorNumber: null,
      lastConnectErrorDescription: null,
    },
  }),
  'target',
  { localConnectedStateDesc: 'CONNECTED' },
);

function seeding(change: Partial<SeedingObservation>): Observation {
  const row: SeedingObservation = {
    stateDesc: 'FAILED',
    failureStateDesc: null,
    errorCode: null,
    attempts: 1,
    transferredBytes: null,
    totalBytes: null,
    bytesPerSecond: null,
    ...change,
  };
  const databases = connectedPair.source.databases;
  assert.ok(databases.known);
  return changed(connectedPair, 'source', {
    databases: known(databases.value.map((database) => ({ ...database, seeding: row }))),
  });
}

function context(memory: Partial<Memory> = {}, migration: Migration = articleMigration) {
  return { migration, memory: { ...emptyMemory, ...memory }, policy: defaultPolicy };
}

const overdue: Partial<Memory> = { outageMs: 31_000 };
const restarts = (count: number): Partial<Memory> => ({
  attempts: {
    [actKey({ kind: 'restart-seeding', side: 'source' })]: count,
    [actKey({ kind: 'restart-seeding', side: 'target' })]: count,
  },
});

interface Scenario {
  readonly rule: string;
  readonly says: string;
  readonly seen: Observation;
  readonly intent: Intent;
  readonly memory?: Partial<Memory>;
  readonly migration?: Migration;
  readonly policy?: Partial<Policy>;
}

const server = (observation: Observation, side: Side, change: object): Observation => {
  const facts = observation[side].server;
  assert.ok(facts.known);
  return changed(observation, side, { server: known({ ...facts.value, ...change }) });
};
const endpointOf = (change: object): Partial<SideObservation> => ({
  endpoint: known({
    name: 'Hadr_endpoint',
    stateDesc: 'STARTED',
    port: 5022,
    ipAddress: null,
    connectGrantees: [],
    ...change,
  }),
});

const scenarios: readonly Scenario[] = [
  {
    rule: 'R-PATH-UNSUPPORTED',
    says: 'stops at a listener',
    seen: fresh,
    intent: migrate,
    migration: {
      ...articleMigration,
      source: { ...articleMigration.source, listener: { name: 'L', port: 1, ips: [] } },
    },
  },
  {
    rule: 'R-MANUAL-SEEDING',
    says: 'stops at manual seeding',
    seen: fresh,
    intent: migrate,
    migration: {
      ...articleMigration,
      seeding: { kind: 'manual', share: 's', compression: true, stripes: 1 },
    },
  },
  {
    rule: 'R-BOTH-UNREACHABLE',
    says: 'waits when nobody answers',
    seen: away(away(fresh, 'source'), 'target'),
    intent: migrate,
  },
  {
    rule: 'R-TARGET-LOST-WAIT',
    says: 'has patience with a target that is away while the source is demoted',
    seen: away(demoted, 'target'),
    intent: cutover,
    memory: { outageMs: 100 },
  },
  {
    rule: 'R-TARGET-LOST',
    says: 'asks a person when the target stays away while the source is demoted',
    seen: away(demoted, 'target'),
    intent: abort,
    memory: overdue,
  },
  {
    rule: 'R-TARGET-UNREACHABLE',
    says: 'waits for a target that is away while the source serves',
    seen: away(ready, 'target'),
    intent: cutover,
  },
  {
    rule: 'R-SOURCE-LOST',
    says: 'never promotes over a source it cannot see',
    seen: away(demoted, 'source'),
    intent: cutover,
    memory: overdue,
  },
  {
    rule: 'R-SOURCE-UNREACHABLE',
    says: 'waits for a source that is away',
    seen: away(ready, 'source'),
    intent: cutover,
  },
  {
    rule: 'R-WRONG-SERVER',
    says: 'stops at a server that is another one',
    seen: server(fresh, 'target', { serverName: 'OTHER' }),
    intent: migrate,
  },
  {
    rule: 'R-SPLIT-BRAIN',
    says: 'stops at two primaries',
    seen: withDag(ready, 'target', { localRoleDesc: 'PRIMARY' }),
    intent: cutover,
  },
  {
    rule: 'R-OTHER-OPERATOR',
    says: 'stops at another operator who leads',
    seen: leader(ready, 'target'),
    intent: cutover,
  },
  {
    rule: 'R-OTHER-OPERATOR-WAIT',
    says: 'waits for what is left of a broken connection',
    seen: changed(ready, 'target', { operators: known([session]) }),
    intent: cutover,
  },
  {
    rule: 'R-TAKE-OVER',
    says: 'ends exactly the session that leads',
    seen: leader(ready, 'source'),
    intent: cutover,
    policy: { takeOver: true },
  },
  {
    rule: 'R-REGISTER-NOT-OURS',
    says: 'stops at a register that was changed by hand',
    seen: withRegister(ready, 'source', { isIntact: false }),
    intent: cutover,
  },
  {
    rule: 'R-OTHER-GROUP',
    says: 'calls nothing absent while the group is in another distributed group',
    seen: group(changed(ready, 'source', { distributed: known(null) }), 'source', {
      otherDistributed: ['Another'],
    }),
    intent: drop,
  },
  {
    rule: 'R-OTHER-DATABASES',
    says: 'moves no database that the file does not list',
    seen: group(ready, 'target', { databases: ['Adventureworks', 'Ledger'] }),
    intent: cutover,
  },
  {
    rule: 'R-REGISTER-MISSING',
    says: 'begins nothing without a register',
    seen: changed(ready, 'target', { control: known({ kind: 'missing' }) }),
    intent: cutover,
  },
  {
    rule: 'R-OTHER-DIRECTION',
    says: 'leaves a failback under way to failback or abort',
    seen: withRegister(withDag(over, 'target', { localRoleDesc: 'SECONDARY' }), 'target', {
      epoch: 1n,
      phase: 'fenced',
    }),
    intent: cutover,
  },
  {
    rule: 'R-OTHER-EPOCH-CLOSE',
    says: 'closes the epoch of a failback that is over',
    seen: withRegister(back, 'target', { phase: 'committing' }),
    intent: cutover,
  },
  {
    rule: 'R-CONTROL-DATABASE-CREATE',
    says: 'creates the control database',
    seen: fresh,
    intent: migrate,
  },
  {
    rule: 'R-REGISTER-CREATE',
    says: 'creates the register',
    seen: whereFires('R-REGISTER-CREATE'),
    intent: migrate,
  },
  {
    rule: 'R-DEAD-MAN-CREATE',
    says: 'creates the job of the dead-man',
    seen: whereFires('R-DEAD-MAN-CREATE'),
    intent: migrate,
  },
  {
    rule: 'R-DEAD-MAN-DROP',
    says: 'deletes the job when the group is gone',
    seen: changed(changed(over, 'source', { distributed: known(null) }), 'target', {
      distributed: known(null),
    }),
    intent: drop,
  },
  {
    rule: 'R-REGISTER-DROP',
    says: 'removes the register last',
    seen: deadMan(
      changed(changed(over, 'source', { distributed: known(null) }), 'target', {
        distributed: known(null),
      }),
      { jobExists: false },
    ),
    intent: drop,
  },
  {
    rule: 'R-FAILBACK-VERSION',
    says: 'has no way back to an older version',
    seen: server(over, 'target', { versionMajor: 17 }),
    intent: failback,
  },
  {
    rule: 'R-BUDGET-TOO-SMALL',
    says: 'refuses a budget nobody can keep',
    seen: ready,
    intent: cutover,
    migration: { ...articleMigration, cutover: { ...articleMigration.cutover, maxOutageMs: 0 } },
  },
  {
    rule: 'R-OUTAGE-PREDICTED',
    says: 'refuses to begin an outage that is predicted too long',
    seen: withRow(ready, 'target local', { redoQueueKb: 100_000, redoRateKb: 1000 }),
    intent: cutover,
  },
  {
    rule: 'R-DEAD-MAN-ABSENT',
    says: 'stops when SQL Server Agent does not run',
    seen: deadMan(ready, { agentRunning: false }),
    intent: cutover,
  },
  {
    rule: 'R-DEAD-MAN-BUSY',
    says: 'waits until the dead-man has ended',
    seen: deadMan(ready, { jobRunning: true }),
    intent: cutover,
  },
  {
    rule: 'R-DEAD-MAN-REHEARSE',
    says: 'fires the dead-man once',
    seen: ready,
    intent: cutover,
  },
  {
    rule: 'R-PRIOR-STATE-RECORD',
    says: 'records the prior state before the first change',
    seen: deadMan(ready, { rehearsedUtc: '2026-11-21T11:59:00.000Z' }),
    intent: cutover,
  },
  {
    rule: 'R-REQUIRED-SECONDARIES',
    says: 'lets no commit succeed without the target',
    seen: fenced(synchronous(ready)),
    intent: cutover,
  },
  {
    rule: 'R-REQUIRED-RELEASE-LINK',
    says: 'lets commits go on when the link breaks',
    seen: withDag(still, 'source', { remote: null }),
    intent: cutover,
  },
  {
    rule: 'R-REVOKE',
    says: 'refuses a committing epoch before the role goes back',
    seen: demoted,
    intent: abort,
  },
  {
    rule: 'R-COMMIT-EPOCH',
    says: 'decides when the log has arrived',
    seen: undecided,
    intent: cutover,
  },
  {
    rule: 'R-AWAIT-LSNS',
    says: 'waits on the target for the end of the log',
    seen: behindPair,
    intent: cutover,
  },
  {
    rule: 'R-DEMOTED-BY-HAND',
    says: 'asks a person when the register knows of no switch',
    seen: withRegister(demoted, 'source', { phase: 'idle' }),
    intent: cutover,
  },
  {
    rule: 'R-RELEASE-REQUIRED',
    says: 'releases the commits before the role goes back',
    seen: undecided,
    intent: abort,
  },
  {
    rule: 'R-RELEASE-REQUIRED-ALONE',
    says: 'releases the commits although the target is away',
    seen: away(undecided, 'target'),
    intent: abort,
  },
  {
    rule: 'R-GIVE-BACK-ALONE',
    says: 'gives the role back although the target is away',
    seen: away(undecided, 'target'),
    intent: abort,
    memory: released,
  },
  {
    rule: 'R-OTHER-OPERATOR-ALONE',
    says: 'takes nothing back over a leader who may see the target',
    seen: leader(away(undecided, 'target'), 'source'),
    intent: abort,
    memory: { ...released, outageMs: 200_000 },
  },
  {
    rule: 'R-TARGET-LOST-WAIT',
    says: 'waits while somebody else leads and the budget lasts',
    seen: leader(away(undecided, 'target'), 'source'),
    intent: abort,
    memory: { ...released, outageMs: 10 },
  },
  {
    rule: 'R-TAKE-OVER-ALONE',
    says: 'ends the leader on the only side that answers',
    seen: leader(away(undecided, 'target'), 'source'),
    intent: abort,
    policy: { takeOver: true },
  },
  {
    rule: 'R-RENEW-DATABASE',
    says: 'creates the lost control database of the target in the outage',
    seen: changed(demoted, 'target', { control: known({ kind: 'missing' }) }),
    intent: cutover,
  },
  {
    rule: 'R-RENEW-REGISTER',
    says: 'creates the lost rows of the target in the outage',
    seen: changed(demoted, 'target', { control: known({ kind: 'no-row' }) }),
    intent: abort,
  },
  {
    rule: 'R-STALE-FENCE',
    says: 'ends an epoch whose demotion died',
    seen: withRegister(still, 'source', { epoch: 1n, phase: 'fenced' }),
    intent: cutover,
  },
  {
    rule: 'R-STALE-COMMITTING',
    says: 'refuses an epoch whose source is primary again',
    seen: withRegister(still, 'source', { epoch: 1n, phase: 'committing' }),
    intent: abort,
  },
  {
    rule: 'R-VERIFY-END-FENCE',
    says: 'keeps the dead-man off a target that was promoted by hand',
    seen: withRegister(over, 'source', { phase: 'fenced' }),
    intent: cutover,
  },
  {
    rule: 'R-VERIFY-FENCE-EXPIRED',
    says: 'warns of a dead-man that is about to fire',
    seen: withRegister(over, 'source', { phase: 'fenced', isExpired: true }),
    intent: cutover,
  },
  {
    rule: 'R-VERIFY-CLOSE-EPOCH',
    says: 'closes the epoch',
    seen: withRegister(over, 'source', { phase: 'committing' }),
    intent: cutover,
  },
  {
    rule: 'R-REQUIRED-OFF',
    says: 'sets the option back',
    seen: withDag(over, 'source', { requiredSynchronizedSecondariesToCommit: 1 }),
    intent: cutover,
  },
  {
    rule: 'R-FORCE-UNREACHABLE',
    says: 'waits for the side that is to be forced',
    seen: away(ready, 'target'),
    intent: force,
  },
  {
    rule: 'R-FORCE-NOT-NEEDED',
    says: 'forces nothing while the source answers',
    seen: ready,
    intent: force,
  },
  {
    rule: 'R-FORCE',
    says: 'forces the target when the source is gone and the loss is accepted',
    seen: away(ready, 'source'),
    intent: force,
  },
  {
    rule: 'R-FORCE-OTHER-OPERATOR',
    says: 'forces nothing while somebody else leads on the target',
    seen: leader(away(ready, 'source'), 'target'),
    intent: force,
  },
  {
    rule: 'R-FORCE-TAKE-OVER',
    says: 'ends the leader on the side that is to be forced',
    seen: leader(away(ready, 'source'), 'target'),
    intent: force,
    policy: { takeOver: true },
  },
  {
    rule: 'R-FORCE-WAIT',
    says: 'waits for the forced role change',
    seen: away(withDag(ready, 'target', { localRoleDesc: 'RESOLVING' }), 'source'),
    intent: force,
  },
  {
    rule: 'R-FORCE-NOTHING',
    says: 'has nothing to force',
    seen: away(fresh, 'source'),
    intent: force,
  },
  {
    rule: 'R-FORCE-DONE',
    says: 'has forced it',
    seen: away(over, 'source'),
    intent: force,
  },
  {
    rule: 'R-SPLIT-BRAIN-FENCE',
    says: 'takes the role from the side that was chosen to lose',
    seen: split,
    intent: resolve,
  },
  {
    rule: 'R-SPLIT-BRAIN-NONE',
    says: 'has no split brain to resolve',
    seen: ready,
    intent: resolve,
  },
  {
    rule: 'R-ROLE-CHANGING',
    says: 'waits for a role that is changing',
    seen: withDag(demoted, 'target', {
      localRoleDesc: 'RESOLVING',
      localOperationalStateDesc: 'PENDING_FAILOVER',
    }),
    intent: cutover,
  },
  {
    rule: 'R-OUTAGE-OPEN',
    says: 'says that a cutover is half done',
    seen: demoted,
    intent: migrate,
  },
  {
    rule: 'R-ALREADY-CUT-OVER',
    says: 'has nothing to migrate after the switch',
    seen: over,
    intent: migrate,
  },
  {
    rule: 'R-DAG-ONE-SIDED',
    says: 'stops when the group is gone on one side',
    seen: changed(over, 'target', { distributed: known(null) }),
    intent: migrate,
  },
  {
    rule: 'R-PREREQUISITES',
    says: 'stops at Standard edition',
    seen: server(fresh, 'source', { engineEdition: 2, edition: 'Standard Edition' }),
    intent: migrate,
  },
  {
    rule: 'R-DATABASE-MISSING',
    says: 'stops at a database that does not exist',
    seen: changed(fresh, 'source', { databases: known([]) }),
    intent: migrate,
  },
  {
    rule: 'R-DATABASE-NOT-READY',
    says: 'stops at a database without a full backup',
    seen: changed(fresh, 'source', {
      databases: known([{ ...plainDatabase('Adventureworks'), hasLogChain: false }]),
    }),
    intent: migrate,
  },
  {
    rule: 'R-NAME-TAKEN',
    says: 'never overwrites a database of the target',
    seen: changed(fresh, 'target', { databases: known([plainDatabase('adventureworks')]) }),
    intent: migrate,
  },
  {
    rule: 'R-TARGET-GROUP-NOT-EMPTY',
    says: 'stops at a target group that holds databases',
    seen: driven(over, drop),
    intent: migrate,
  },
  {
    rule: 'R-GROUP-SHAPE',
    says: 'stops at a group with a cluster',
    seen: group(ready, 'source', { clusterTypeDesc: 'wsfc' }),
    intent: migrate,
  },
  {
    rule: 'R-DAG-SHAPE',
    says: 'stops at a group that joins something else',
    seen: withDag(ready, 'source', { members: [] }),
    intent: migrate,
  },
  {
    rule: 'R-ENDPOINT-SHAPE',
    says: 'stops at an endpoint on one address',
    seen: changed(bare, 'target', endpointOf({ ipAddress: '10.0.0.4' })),
    intent: migrate,
  },
  { rule: 'R-ENDPOINT-CREATE', says: 'creates the endpoint', seen: bare, intent: migrate },
  {
    rule: 'R-ENDPOINT-START',
    says: 'starts the endpoint',
    seen: changed(
      changed(bare, 'source', endpointOf({ stateDesc: 'STOPPED' })),
      'target',
      endpointOf({}),
    ),
    intent: migrate,
  },
  {
    rule: 'R-PEER-LOGIN-CREATE',
    says: "creates the peer's login",
    seen: whereFires('R-PEER-LOGIN-CREATE'),
    intent: migrate,
  },
  {
    rule: 'R-PEER-CONNECT-GRANT',
    says: 'lets the peer in',
    seen: whereFires('R-PEER-CONNECT-GRANT'),
    intent: migrate,
  },
  {
    rule: 'R-SOURCE-GROUP-CREATE',
    says: 'creates the group of the source',
    seen: whereFires('R-SOURCE-GROUP-CREATE'),
    intent: migrate,
  },
  {
    rule: 'R-DATABASE-ADD',
    says: 'adds a database that is not in the group',
    seen: group(whereFires('R-TARGET-GROUP-CREATE'), 'source', { databases: [] }),
    intent: migrate,
  },
  {
    rule: 'R-TARGET-GROUP-CREATE',
    says: 'creates the group of the target',
    seen: whereFires('R-TARGET-GROUP-CREATE'),
    intent: migrate,
  },
  {
    rule: 'R-GRANT-CREATE-DATABASE',
    says: 'lets the groups create databases',
    seen: whereFires('R-GRANT-CREATE-DATABASE'),
    intent: migrate,
  },
  {
    rule: 'R-SOURCE-GROUP-WAIT',
    says: 'waits until the groups are healthy',
    seen: group(whereFires('R-DAG-CREATE'), 'target', { localRoleDesc: 'RESOLVING' }),
    intent: migrate,
  },
  {
    rule: 'R-DAG-CREATE',
    says: 'creates the distributed group',
    seen: whereFires('R-DAG-CREATE'),
    intent: migrate,
  },
  { rule: 'R-DAG-JOIN', says: 'joins the target', seen: whereFires('R-DAG-JOIN'), intent: migrate },
  { rule: 'R-WAIT-CONNECT', says: 'waits for the link', seen: seedingPair, intent: migrate },
  {
    rule: 'R-SUSPENDED-BY-USER',
    says: 'leaves alone what a person suspended',
    seen: withRow(ready, 'source local', {
      isSuspended: true,
      suspendReasonDesc: 'SUSPEND_FROM_USER',
    }),
    intent: migrate,
  },
  {
    rule: 'R-RESUME',
    says: 'resumes what the server suspended',
    seen: withRow(ready, 'target local', {
      isSuspended: true,
      suspendReasonDesc: 'SUSPEND_FROM_PARTNER',
    }),
    intent: migrate,
  },
  {
    rule: 'R-SEEDING-BLOCKED',
    says: 'names what repeating does not mend',
    seen: seeding({ errorCode: 33_111 }),
    intent: migrate,
  },
  {
    rule: 'R-SEEDING-STUCK',
    says: 'stops after the restarts are used up',
    seen: seeding({ failureStateDesc: 'SQL Error' }),
    intent: migrate,
    memory: { ...restarts(3), seedingStillMs: 20_000, sinceSeedingRestartMs: 40_000 },
  },
  {
    rule: 'R-SEEDING-RESTART',
    says: 'starts a dead seeding again',
    seen: seeding({ failureStateDesc: 'SQL Error' }),
    intent: migrate,
    memory: { seedingStillMs: 20_000 },
  },
  { rule: 'R-WAIT-SEEDING', says: 'waits for the seeding', seen: connectedPair, intent: migrate },
  {
    rule: 'R-WAIT-SYNCHRONIZING',
    says: 'waits until everything is in step',
    seen: withRow(ready, 'source distributed', {
      synchronizationStateDesc: 'NOT SYNCHRONIZING',
    }),
    intent: migrate,
  },
  { rule: 'R-READY', says: 'is ready', seen: ready, intent: migrate },
  {
    rule: 'R-TAKEN-BACK',
    says: 'does not try the switch a second time by itself',
    seen: ready,
    intent: cutover,
    memory: { givenBack: true },
  },
  {
    rule: 'R-CUTOVER-WAIT-LINK',
    says: 'waits for the link in the middle of a cutover',
    seen: withDag(still, 'target', { localConnectedStateDesc: 'DISCONNECTED' }),
    intent: cutover,
  },
  {
    rule: 'R-CUTOVER-NOT-READY',
    says: 'refuses to begin before it is ready',
    seen: connectedPair,
    intent: cutover,
  },
  {
    rule: 'R-FENCE-LOGIN-MISSING',
    says: 'stops at a login that does not exist',
    seen: changed(ready, 'source', { fenceLogins: known([]) }),
    intent: cutover,
  },
  {
    rule: 'R-REPLICA-SYNCHRONOUS',
    says: 'makes the local replica synchronous',
    seen: group(prepared(ready), 'target', { localAvailabilityModeDesc: 'ASYNCHRONOUS_COMMIT' }),
    intent: cutover,
  },
  {
    rule: 'R-DAG-SYNCHRONOUS',
    says: 'makes the distributed group synchronous',
    seen: prepared(ready),
    intent: cutover,
  },
  {
    rule: 'R-CUTOVER-WAIT-SYNCHRONIZED',
    says: 'waits for SYNCHRONIZED',
    seen: withRow(synchronous(ready), 'source distributed', {
      synchronizationStateDesc: 'SYNCHRONIZING',
    }),
    intent: cutover,
  },
  {
    rule: 'R-CUTOVER-WAIT-REDO',
    says: 'waits while redo would take longer than the outage may',
    seen: withRow(still, 'target local', {
      redoQueueKb: 100_000,
      redoRateKb: 1000,
    }),
    intent: cutover,
  },
  {
    rule: 'R-FENCE-LOGIN',
    says: 'disables the application login',
    seen: predict(
      synchronous(ready),
      { kind: 'set-required-secondaries', side: 'source', value: 1 },
      articleMigration,
    ),
    intent: cutover,
  },
  {
    rule: 'R-FENCE-WAIT-SESSIONS',
    says: 'gives the sessions their grace',
    seen: busy,
    intent: cutover,
    memory: { fencedMs: 100 },
  },
  {
    rule: 'R-FENCE-SESSIONS-RETURN',
    says: 'stops when sessions come back',
    seen: busy,
    intent: cutover,
    memory: { fencedMs: 6000, attempts: { 'kill-sessions source': 5 } },
  },
  {
    rule: 'R-FENCE-KILL',
    says: 'ends the sessions after the grace',
    seen: busy,
    intent: cutover,
    memory: { fencedMs: 6000 },
  },
  {
    rule: 'R-QUIET-WAIT',
    says: 'waits for a second look with the same LSNs',
    seen: still,
    intent: cutover,
    memory: { current: quietSample(still) },
  },
  {
    rule: 'R-EQUAL-WAIT',
    says: 'waits until the LSNs are equal',
    seen: withRow(still, 'source local', { endOfLogLsn: lsnAt(9n) }),
    intent: cutover,
    memory: quiet(still),
  },
  {
    rule: 'R-DEMOTE',
    says: 'demotes the source',
    seen: still,
    intent: cutover,
    memory: quiet(still),
  },
  {
    rule: 'R-PROMOTE',
    says: 'promotes the target',
    seen: demoted,
    intent: cutover,
    memory: { outageMs: 0 },
  },
  {
    rule: 'R-GIVE-BACK',
    says: 'gives the role back when the log does not arrive in time',
    seen: behindPair,
    intent: cutover,
    memory: { ...overdue, ...released },
  },
  {
    rule: 'R-OUTAGE-WAIT',
    says: 'waits for the end of the log',
    seen: withRow(undecided, 'source local', { endOfLogLsn: null, lastHardenedLsn: null }),
    intent: cutover,
    memory: { outageMs: 0 },
  },
  {
    rule: 'R-VERIFY-ONLINE',
    says: 'waits until the databases are open',
    seen: changed(over, 'target', {
      databases: known([{ ...plainDatabase('Adventureworks'), stateDesc: 'RECOVERING' }]),
    }),
    intent: cutover,
  },
  {
    rule: 'R-VERIFY-ENABLE-LOGIN',
    says: 'lets the application in on the target',
    seen: changed(over, 'target', {
      fenceLogins: known([{ name: 'app_writer', isDisabled: true }]),
    }),
    intent: cutover,
  },
  {
    rule: 'R-CUTOVER-SOURCE-AWAY',
    says: 'says that the source has to be looked at',
    seen: away(over, 'source'),
    intent: cutover,
  },
  { rule: 'R-CUTOVER-DONE', says: 'is done', seen: over, intent: cutover },
  {
    rule: 'R-ABORT-TOO-LATE',
    says: 'has nothing to abort after the promotion',
    seen: over,
    intent: abort,
  },
  {
    rule: 'R-ABORT-ENABLE-LOGIN',
    says: 'enables the login that it disabled',
    seen: still,
    intent: abort,
    memory: { fencedLogins: ['app_writer'] },
  },
  {
    rule: 'R-ABORT-ASYNCHRONOUS',
    says: 'makes the group asynchronous again',
    seen: synchronous(ready),
    intent: abort,
  },
  {
    rule: 'R-ABORT-NO-GROUP',
    says: 'lets no application into the old source after the group was dropped',
    seen: fenced(driven(over, drop)),
    intent: abort,
    memory: { fencedLogins: ['app_writer'] },
  },
  {
    rule: 'R-ABORT-LOGIN-LEFT',
    says: 'does not enable what it did not disable',
    seen: fenced(ready),
    intent: abort,
  },
  { rule: 'R-ABORT-DONE', says: 'is done with aborting', seen: ready, intent: abort },
  {
    rule: 'R-FINISH-NOT-CUT-OVER',
    says: 'does not finish before the switch',
    seen: ready,
    intent: drop,
  },
  { rule: 'R-KEEP-NOTHING', says: 'has nothing to keep', seen: fresh, intent: keep },
  { rule: 'R-KEEP-ASYNCHRONOUS', says: 'keeps the group asynchronously', seen: over, intent: keep },
  { rule: 'R-KEEP-DONE', says: 'has kept it', seen: driven(over, keep), intent: keep },
  {
    rule: 'R-DROP-NOT-SERVING',
    says: 'drops nothing while the target does not serve',
    seen: changed(over, 'target', { databases: known([]) }),
    intent: drop,
  },
  {
    rule: 'R-DROP-SESSIONS',
    says: 'drops nothing while sessions are on the source',
    seen: changed(over, 'source', { sessions: known([session]) }),
    intent: drop,
  },
  {
    rule: 'R-DROP-LOGINS',
    says: 'drops nothing while a login could write on the source',
    seen: changed(over, 'source', {
      fenceLogins: known([{ name: 'app_writer', isDisabled: false }]),
    }),
    intent: drop,
  },
  {
    rule: 'R-FINISH-ENABLE-LOGIN',
    says: 'lets the applications in where a switch died before it was closed',
    seen: changed(withRegister(over, 'source', { phase: 'committing' }), 'target', {
      fenceLogins: known([{ name: 'app_writer', isDisabled: true }]),
    }),
    intent: drop,
  },
  {
    rule: 'R-GIVE-UP-FENCE',
    says: 'keeps writers out of the copy that is given up',
    seen: ready,
    intent: { goal: 'finish', distributed: 'drop', giveUp: true },
  },
  { rule: 'R-DROP-TARGET', says: 'drops the target first', seen: over, intent: drop },
  {
    rule: 'R-DROP-SOURCE',
    says: 'drops the source last',
    seen: changed(over, 'target', { distributed: known(null) }),
    intent: drop,
  },
  { rule: 'R-DROP-DONE', says: 'has dropped both', seen: driven(over, drop), intent: drop },
];

for (const { rule, says, seen, intent, memory, migration, policy } of scenarios) {
  test(`${rule} ${says}`, () => {
    const told = context(memory, migration);
    const decision = decide(seen, intent, { ...told, policy: { ...told.policy, ...policy } });
    assert.equal(decision.rule, rule, JSON.stringify(decision.because));
    const text = allRules.find((each) => each.id === rule);
    assert.ok(text !== undefined);
    assert.equal(emission(decision), text.emits);
    assert.equal(decision.phase, text.phase);
  });
}

function emission(decision: Decision): string {
  return decision.kind === 'act' ? decision.act.kind : decision.kind;
}

test('every rule decides in one of these scenarios: none is dead or shadowed', () => {
  const fired = new Set([...scenarios, ...groupedScenarios].map((scenario) => scenario.rule));
  assert.deepEqual(
    allRules.map((rule) => rule.id).filter((id) => !fired.has(id)),
    [],
  );
});

test('a fact that is not known stops the way and names what is missing', () => {
  const decision = decide(
    changed(ready, 'source', { distributed: unknown('VIEW SERVER STATE is missing') }),
    cutover,
    context(),
  );
  assert.equal(decision.rule, unknownRuleId);
  assert.equal(decision.kind, 'needs-human');
  assert.match(decision.because, /VIEW SERVER STATE/u);
});

test('a fact that is not known is waited for during an outage', () => {
  const seen = changed(demoted, 'target', { distributed: unknown('the batch was cut off') });
  assert.equal(decide(seen, cutover, context({ outageMs: 10 })).kind, 'wait');
  const late = decide(seen, cutover, context({ outageMs: 200_000 }));
  assert.equal(late.rule, overdueRuleId);
  assert.ok(late.kind === 'needs-human' && late.outageOpen);
});

test('an act that was repeated without effect is not repeated for ever', () => {
  const memory = { attempts: { 'create-endpoint source': defaultPolicy.maxAttempts } };
  const decision = decide(bare, migrate, context(memory));
  assert.equal(decision.rule, attemptsRuleId);
  assert.equal(decision.kind, 'needs-human');
});

test('the promotion carries the LSNs of the demotion, else those the source shows', () => {
  const answered = [{ database: 'Adventureworks', lsn: lsnAt(7n) }];
  const own = decide(demoted, cutover, context({ outageMs: 0, finalLsns: answered }));
  assert.ok(own.kind === 'act' && own.act.kind === 'promote');
  assert.deepEqual(own.act.finalLsns, answered);
  const shown = withRow(demoted, 'source local', {
    lastHardenedLsn: lsnAt(4n),
    endOfLogLsn: lsnAt(5n),
  });
  const seen = decide(shown, cutover, context({ outageMs: 0 }));
  assert.ok(seen.kind === 'act' && seen.act.kind === 'promote');
  assert.deepEqual(seen.act.finalLsns, [{ database: 'Adventureworks', lsn: lsnAt(5n) }]);
});

test('after an outage that is too long, equal logs still go forward', () => {
  assert.equal(decide(demoted, cutover, context(overdue)).rule, 'R-PROMOTE');
});

test('a null LSN is equal to nothing', () => {
  const seen = withRow(still, 'target local', { lastHardenedLsn: null, endOfLogLsn: null });
  assert.equal(decide(seen, cutover, context(quiet(still))).rule, 'R-EQUAL-WAIT');
});

test('abort lets the applications in again although the target is dead', () => {
  const decision = decide(away(still, 'target'), abort, context({ fencedLogins: ['app_writer'] }));
  assert.equal(decision.rule, 'R-ABORT-ENABLE-LOGIN');
});

test('the false alarm of the forwarder does not start a seeding again', () => {
  const seen = seeding({ failureStateDesc: 'Seeding Check Message Timeout' });
  assert.equal(decide(seen, migrate, context({ seedingStillMs: 20_000 })).rule, 'R-WAIT-SEEDING');
});

test('a seeding is started again on both sides, the source first', () => {
  const seen = seeding({ failureStateDesc: 'SQL Error' });
  const begun = { attempts: { 'restart-seeding source': 1 }, sinceSeedingRestartMs: 0 };
  const first = decide(seen, migrate, context({ seedingStillMs: 20_000 }));
  const second = decide(seen, migrate, context({ ...begun, seedingStillMs: 100 }));
  assert.ok(first.kind === 'act' && first.act.side === 'source');
  assert.ok(second.kind === 'act' && second.act.side === 'target');
});

test('cutover before the DAG exists lists everything that is missing', () => {
  const decision = decide(fresh, cutover, context());
  assert.ok(decision.kind === 'needs-human');
  assert.ok(decision.blockers.length >= 5, decision.blockers.join('\n'));
});

test('a link that is not there says what may be wrong once it lasts or shows an error', () => {
  const hints = (seen: Observation, memory: Partial<Memory>): readonly string[] => {
    const decision = decide(seen, migrate, context(memory));
    assert.ok(decision.kind === 'wait');
    return decision.blockers.filter((blocker) => blocker.includes(':5022'));
  };
  assert.equal(hints(seedingPair, {}).length, 0);
  assert.equal(hints(seedingPair, { seedingStillMs: 6000 }).length, 2);
  const refused = withDag(seedingPair, 'source', {
    remote: {
      connectedStateDesc: 'DISCONNECTED',
      synchronizationHealthDesc: 'NOT_HEALTHY',
      lastConnectErrorNumber: 35_201,
      lastConnectErrorDescription: 'A connection timeout has occurred.',
    },
  });
  assert.equal(hints(refused, {}).length, 2);
});
