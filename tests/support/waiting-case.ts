/** One situation for every judge of waits, as an observation: what the judge must say, and who moves. */

import assert from 'node:assert/strict';

import type { Circumstances, DatabaseCircumstance } from '../../src/model/circumstance.ts';
import { known, unknown } from '../../src/model/fact.ts';
import type { ReplicaObservation } from '../../src/model/group-details.ts';
import type { Migration } from '../../src/model/migration.ts';
import type {
  DatabaseObservation,
  DatabaseReplicaObservation,
  DistributedObservation,
  Observation,
  SeedingObservation,
  SessionObservation,
} from '../../src/model/observation.ts';
import type { Side } from '../../src/model/side.ts';
import type { WaitingAnswer } from '../../src/model/waiting.ts';
import { noWaitMemory, whyWaiting } from '../../src/reconcile/waiting/why.ts';
import {
  articleMigration,
  changed,
  driven,
  freshObservation,
  lsnAt,
  visited,
} from './observation.ts';

/** One situation. */
export interface WaitingCase {
  readonly id: string;
  readonly what: string;
  readonly seen: Observation;
  /** The look before; default: the same. */
  readonly before?: Observation;
  readonly goal?: 'migrate' | 'switch';
  readonly migration?: Migration;
  /** Time between the two looks, in milliseconds. */
  readonly elapsedMs?: number;
  readonly cause: RegExp;
  readonly whose: string;
  readonly next: RegExp;
}

const migrate = { goal: 'migrate' } as const;
/** Ready for cutover, nothing waits. */
export const ready: Observation = driven(freshObservation(), migrate);
/** Both sides have joined, and nothing is on the target yet. */
export const unseeded: Observation = (() => {
  const found = visited(freshObservation(), migrate).find(
    ({ source, target }) =>
      target.distributed.known &&
      target.distributed.value !== null &&
      source.distributed.known &&
      source.distributed.value !== null,
  );
  assert.ok(found !== undefined);
  return withDag(
    withDag(withCopy(found, 'target', null), 'source', {
      remote: {
        connectedStateDesc: 'CONNECTED',
        synchronizationHealthDesc: 'NOT_HEALTHY',
        lastConnectErrorNumber: 0,
        lastConnectErrorDescription: null,
      },
    }),
    'target',
    { localConnectedStateDesc: 'CONNECTED' },
  );
})();

/** Changes the DAG as one side sees it. */
export function withDag(
  seen: Observation,
  side: Side,
  change: Partial<DistributedObservation>,
): Observation {
  const dag = seen[side].distributed;
  assert.ok(dag.known && dag.value !== null);
  return changed(seen, side, { distributed: known({ ...dag.value, ...change }) });
}

/** Changes the only database of a side, or takes it away. */
export function withCopy(
  seen: Observation,
  side: Side,
  change: Partial<DatabaseObservation> | null,
): Observation {
  const databases = seen[side].databases;
  assert.ok(databases.known);
  const value = change === null ? [] : databases.value.map((each) => ({ ...each, ...change }));
  return changed(seen, side, { databases: known(value) });
}

function withRow(
  seen: Observation,
  where: 'source local' | 'source distributed' | 'target local',
  change: Partial<DatabaseReplicaObservation>,
): Observation {
  const side = where === 'target local' ? 'target' : 'source';
  const key = where === 'source distributed' ? 'distributed' : 'local';
  const databases = seen[side].databases;
  assert.ok(databases.known);
  const old = databases.value[0]?.[key];
  assert.ok(old !== undefined && old !== null);
  return withCopy(seen, side, { [key]: { ...old, ...change } });
}

function seeding(stateDesc: string, change: Partial<SeedingObservation> = {}): SeedingObservation {
  return {
    stateDesc,
    failureStateDesc: null,
    errorCode: null,
    attempts: 1,
    transferredBytes: null,
    totalBytes: null,
    bytesPerSecond: null,
    ...change,
  };
}

/** A seeding under way, with these rows in the views of both sides. */
function seeds(from: SeedingObservation | null, to: SeedingObservation | null): Observation {
  const source = withCopy(unseeded, 'source', { seeding: from });
  if (to === null) return source;
  const [database] = source.source.databases.known ? source.source.databases.value : [];
  assert.ok(database !== undefined);
  const copy = { ...database, stateDesc: 'RESTORING', local: null, distributed: null, seeding: to };
  return changed(source, 'target', { databases: known([copy]) });
}

const failed = (text: string, errorCode: number | null = null): Observation =>
  seeds(
    seeding('FAILED', { failureStateDesc: 'Async Task Failure' }),
    seeding('FAILED', { failureStateDesc: text, errorCode }),
  );

/** What a side shows of log and seedings. */
export function circumstances(
  database: Partial<DatabaseCircumstance>,
  change: Partial<Circumstances> = {},
): Circumstances {
  return {
    databases: [
      {
        name: 'Adventureworks',
        logReuseWaitDesc: 'NOTHING',
        dataBytes: 1024 ** 3,
        logBytes: 1024 ** 3,
        logUsedBytes: 0,
        logLimitBytes: null,
        logFlushedBytes: 0,
        ...database,
      },
    ],
    seedings: [],
    streams: [],
    lastConnectErrorUtc: null,
    startedUtc: '2026-11-01T00:00:00.000Z',
    ...change,
  };
}

const session: SessionObservation = {
  sessionId: 61,
  loginName: 'app_writer',
  hostName: 'APP1',
  programName: 'shop',
  database: 'Adventureworks',
  loginTimeUtc: '2026-11-21T11:00:00.000Z',
  openTransactions: 0,
};

const disconnected = withDag(ready, 'source', {
  remote: {
    connectedStateDesc: 'DISCONNECTED',
    synchronizationHealthDesc: 'NOT_HEALTHY',
    lastConnectErrorNumber: 35_206,
    lastConnectErrorDescription:
      'A connection timeout has occurred on a previously established connection.',
  },
});

function withEndpoint(seen: Observation, side: Side, change: object): Observation {
  const endpoint = seen[side].endpoint;
  assert.ok(endpoint.known && endpoint.value !== null);
  return changed(seen, side, { endpoint: known({ ...endpoint.value, ...change }) });
}

const modes = (seen: Observation, side: Side, mode: string): Observation => {
  const dag = seen[side].distributed;
  assert.ok(dag.known && dag.value !== null);
  return withDag(seen, side, {
    members: dag.value.members.map((member) => ({ ...member, availabilityModeDesc: mode })),
  });
};
const synchronous = withRow(
  modes(modes(ready, 'source', 'SYNCHRONOUS_COMMIT'), 'target', 'SYNCHRONOUS_COMMIT'),
  'source distributed',
  { synchronizationStateDesc: 'SYNCHRONIZED' },
);
const fenced = changed(synchronous, 'source', {
  fenceLogins: known([{ name: 'app_writer', isDisabled: true }]),
});
const deadMan = {
  jobExists: true,
  agentRunning: true,
  jobRunning: false,
  watcherConnected: false,
  rehearsedUtc: null,
};
const withMembers = (seen: Observation, side: Side, seedingModeDesc: string): Observation => {
  const dag = seen[side].distributed;
  assert.ok(dag.known && dag.value !== null);
  return withDag(seen, side, {
    members: dag.value.members.map((member) => ({ ...member, seedingModeDesc })),
  });
};
const lost = unknown(
  'the login lacks VIEW SERVER STATE, so the dynamic management views are not shown',
);
const unreachable: Observation = changed(ready, 'target', {
  connection: {
    kind: 'unreachable',
    problem: {
      code: 'SF-NET-001',
      summary: 'SQLVM does not answer.',
      because: ['10.0.0.5:1433 refused the connection.'],
      remedy: 'Test-NetConnection 10.0.0.5 -Port 1433',
    },
  },
  distributed: unknown('SQLVM does not answer.'),
  databases: unknown('SQLVM does not answer.'),
});
const higher = (() => {
  const server = ready.target.server;
  assert.ok(server.known);
  return changed(withCopy(ready, 'target', { stateDesc: 'RECOVERING' }), 'target', {
    server: known({ ...server.value, versionMajor: 17, productVersion: '17.0.1000.7' }),
  });
})();
const watcher: Migration = {
  ...articleMigration,
  cutover: { ...articleMigration.cutover, deadMan: 'watcher' },
};
const running = seeding('SEEDING', {
  transferredBytes: 512 * 1024 ** 2,
  totalBytes: 1024 ** 3,
  bytesPerSecond: 64 * 1024 ** 2,
});

const replicaOf = (serverName: string): ReplicaObservation => ({
  serverName,
  availabilityModeDesc: 'SYNCHRONOUS_COMMIT',
  failoverModeDesc: 'MANUAL',
  seedingModeDesc: 'AUTOMATIC',
  roleDesc: 'SECONDARY',
  connectedStateDesc: 'DISCONNECTED',
  synchronizationHealthDesc: 'NOT_HEALTHY',
});
/** Away too, and not waited for. */
const asynchronous: ReplicaObservation = {
  ...replicaOf('OnPremNode3'),
  availabilityModeDesc: 'ASYNCHRONOUS_COMMIT',
};

/** The situations; every judge has at least one. */
export const waitingCases: readonly WaitingCase[] = [
  {
    id: 'WAIT-UNREACHABLE',
    what: 'target away',
    seen: unreachable,
    cause: /SQLVM does not answer/u,
    whose: 'network',
    next: /Test-NetConnection/u,
  },
  {
    id: 'WAIT-CANNOT-LOOK',
    what: 'login without rights',
    seen: changed(ready, 'source', { databases: lost, distributed: lost }),
    cause: /auth\.source may not look at \[OnPremNode\]/u,
    whose: 'DBA of the source',
    next: /GRANT VIEW SERVER STATE/u,
  },
  {
    id: 'WAIT-CANNOT-LOOK',
    what: 'server error',
    seen: changed(ready, 'target', {
      sessions: unknown('the server answered error 8115: overflow'),
    }),
    cause: /did not answer all/u,
    whose: 'DBA of the target',
    next: /sp_readerrorlog/u,
  },
  {
    id: 'WAIT-ENDPOINT-MISSING',
    what: 'no endpoint',
    seen: changed(disconnected, 'target', { endpoint: known(null) }),
    cause: /\[SQLVM\] has no database mirroring endpoint/u,
    whose: 'sqlferry',
    next: /sqlferry migrate/u,
  },
  {
    id: 'WAIT-ENDPOINT-STOPPED',
    what: 'stopped endpoint',
    seen: withEndpoint(disconnected, 'target', { stateDesc: 'STOPPED' }),
    cause: /\[Hadr_endpoint\] of \[SQLVM\] is STOPPED/u,
    whose: 'DBA of the target',
    next: /ALTER ENDPOINT \[Hadr_endpoint\] STATE = STARTED/u,
  },
  {
    id: 'WAIT-ENDPOINT-CONNECT',
    what: 'CONNECT revoked',
    seen: withEndpoint(disconnected, 'target', { connectGrantees: [] }),
    cause: /\[CONTOSO\\svc_source\]/u,
    whose: 'DBA of the target',
    next: /GRANT CONNECT ON ENDPOINT::\[Hadr_endpoint\] TO \[CONTOSO\\svc_source\]/u,
  },
  {
    id: 'WAIT-LINK',
    what: 'link cut',
    seen: disconnected,
    elapsedMs: 11_000,
    cause: /not connected: the connection to the other side was lost/u,
    whose: 'network',
    next: /Test-NetConnection SQLVM\.contoso\.com -Port 5022/u,
  },
  {
    id: 'WAIT-DATABASE-STATE',
    what: 'suspect copy',
    seen: withCopy(ready, 'target', { stateDesc: 'RECOVERY_PENDING' }),
    cause: /\[Adventureworks\] on the target is RECOVERY_PENDING/u,
    whose: 'DBA of the target',
    next: /33111/u,
  },
  {
    id: 'WAIT-SUSPENDED-BY-USER',
    what: 'SET HADR SUSPEND',
    seen: withRow(ready, 'target local', {
      isSuspended: true,
      suspendReasonDesc: 'SUSPEND_FROM_USER',
    }),
    cause: /suspended on the target by a person/u,
    whose: 'DBA of the target',
    next: /on \[SQLVM\]: ALTER DATABASE \[Adventureworks\] SET HADR RESUME/u,
  },
  {
    id: 'WAIT-SUSPENDED-BY-SERVER',
    what: 'SUSPEND_FROM_PARTNER',
    seen: withRow(ready, 'target local', {
      isSuspended: true,
      suspendReasonDesc: 'SUSPEND_FROM_PARTNER',
    }),
    cause: /by SQL Server \(SUSPEND_FROM_PARTNER\)/u,
    whose: 'sqlferry',
    next: /SET HADR RESUME/u,
  },
  {
    id: 'WAIT-SEEDING-MODE',
    what: 'manual on the source',
    seen: withMembers(unseeded, 'source', 'MANUAL'),
    cause: /SEEDING_MODE of .* is MANUAL on the source/u,
    whose: 'DBA of the source',
    next: /SEEDING_MODE = AUTOMATIC/u,
  },
  {
    id: 'WAIT-SEEDING-NAME-TAKEN',
    what: 'failure 23',
    seen: failed('Database With Name Already Exists'),
    cause: /already has a database \[Adventureworks\]/u,
    whose: 'DBA of the target',
    next: /MODIFY NAME = \[Adventureworks_old\]/u,
  },
  {
    id: 'WAIT-SEEDING-VERSION',
    what: 'error 946',
    seen: failed('Seeding', 946),
    cause: /another version/u,
    whose: 'DBA of the target',
    next: /WITH NORECOVERY/u,
  },
  {
    id: 'WAIT-SEEDING-CERTIFICATE',
    what: 'error 33111',
    seen: failed('Seeding', 33_111),
    cause: /lacks the certificate/u,
    whose: 'DBA of the target',
    next: /CREATE CERTIFICATE/u,
  },
  {
    id: 'WAIT-SEEDING-PATH',
    what: 'error 5133',
    seen: failed('Restore String Creation', 5133),
    cause: /cannot create the files of \[Adventureworks\] \(error 5133\)/u,
    whose: 'DBA of the target',
    next: /physical_name FROM sys\.master_files/u,
  },
  {
    id: 'WAIT-SEEDING-LOG-GONE',
    what: 'error 1412',
    seen: failed('Secondary Catchup Timeout', 1412),
    cause: /could not catch up/u,
    whose: 'DBA of the source',
    next: /Stop the log backups/u,
  },
  {
    id: 'WAIT-SEEDING-GRANT',
    what: 'failure 3',
    seen: failed('Request Denied', 19_506),
    cause: /\[AzureAG\] may not create databases on \[SQLVM\]/u,
    whose: 'DBA of the target',
    next: /ALTER AVAILABILITY GROUP \[AzureAG\] GRANT CREATE ANY DATABASE/u,
  },
  {
    id: 'WAIT-SEEDING-CANCELLED',
    what: 'failure 1',
    seen: failed('User Cancellation'),
    cause: /was cancelled/u,
    whose: 'DBA of the target',
    next: /sqlferry migrate/u,
  },
  {
    id: 'WAIT-SEEDING-TRANSPORT',
    what: 'failure 7',
    seen: failed('Transport Replica'),
    cause: /connection broke/u,
    whose: 'SQL Server',
    next: /Wait/u,
  },
  {
    id: 'WAIT-SEEDING-GAVE-UP',
    what: 'another failure',
    seen: failed('Create VDI Client', 3013),
    cause: /failed on the target: Create VDI Client, error 3013/u,
    whose: 'sqlferry',
    next: /sqlferry migrate/u,
  },
  {
    id: 'WAIT-SEEDING-DEAD',
    what: 'nothing in either view',
    seen: unseeded,
    elapsedMs: 25_000,
    cause: /never began; it is dead for 25\.0 s/u,
    whose: 'sqlferry',
    next: /SEEDING_MODE = AUTOMATIC/u,
  },
  {
    id: 'WAIT-SEEDING-STILL',
    what: 'no byte for long',
    seen: seeds(running, null),
    elapsedMs: 31_000,
    cause: /has not moved for 31\.0 s: 512 MB of 1\.0 GB sent/u,
    whose: 'sqlferry',
    next: /sqlferry migrate/u,
  },
  {
    id: 'WAIT-FENCE-TRANSACTION',
    what: 'open transaction',
    goal: 'switch',
    seen: changed(fenced, 'source', { sessions: known([{ ...session, openTransactions: 1 }]) }),
    elapsedMs: 3000,
    cause: /A session holds a transaction open/u,
    whose: 'application',
    next: /KILL 61/u,
  },
  {
    id: 'WAIT-FENCE-SESSIONS',
    what: 'sleeping session',
    goal: 'switch',
    seen: changed(fenced, 'source', { sessions: known([session]) }),
    elapsedMs: 3000,
    cause: /A session is still in the databases/u,
    whose: 'application',
    next: /KILL 61/u,
  },
  {
    id: 'WAIT-FENCE-WRITES',
    what: 'commits go on',
    goal: 'switch',
    before: withRow(fenced, 'source local', { lastCommitLsn: lsnAt(10n) }),
    seen: withRow(fenced, 'source local', { lastCommitLsn: lsnAt(11n) }),
    cause: /Something still commits in \[Adventureworks\]/u,
    whose: 'application',
    next: /dm_exec_sessions/u,
  },
  {
    id: 'WAIT-ROLE-CHANGE',
    what: 'RESOLVING',
    goal: 'switch',
    seen: withDag(ready, 'target', {
      localRoleDesc: 'RESOLVING',
      localOperationalStateDesc: 'PENDING_FAILOVER',
    }),
    elapsedMs: 3_000,
    cause: /role of the target in \[DAG\] is changing/u,
    whose: 'SQL Server',
    next: /force nothing/u,
  },
  {
    id: 'WAIT-PROMOTED-RECOVERS',
    what: 'new primary recovers',
    goal: 'switch',
    seen: withCopy(
      withDag(withDag(ready, 'source', { localRoleDesc: 'SECONDARY', remote: null }), 'target', {
        localRoleDesc: 'PRIMARY',
      }),
      'target',
      { stateDesc: 'RECOVERING' },
    ),
    elapsedMs: 3_000,
    cause: /on the new primary is RECOVERING/u,
    whose: 'nobody',
    next: /ONLINE/u,
  },
  {
    id: 'WAIT-MODE-ON-ONE-SIDE',
    what: 'synchronous on the source only',
    seen: modes(ready, 'source', 'SYNCHRONOUS_COMMIT'),
    elapsedMs: 31_000,
    cause: /\[DAG\] is not synchronous on the target/u,
    whose: 'sqlferry',
    next: /AVAILABILITY_MODE = SYNCHRONOUS_COMMIT/u,
  },
  {
    id: 'WAIT-NOT-SYNCHRONIZING',
    what: 'no movement',
    seen: withRow(ready, 'source distributed', { synchronizationStateDesc: 'NOT SYNCHRONIZING' }),
    elapsedMs: 31_000,
    cause: /NOT SYNCHRONIZING in the distributed group/u,
    whose: 'SQL Server',
    next: /35285/u,
  },
  {
    id: 'WAIT-LOCAL-GROUP',
    what: 'local replica behind',
    seen: withRow(ready, 'target local', { synchronizationStateDesc: 'SYNCHRONIZING' }),
    elapsedMs: 31_000,
    cause: /SYNCHRONIZING in \[AzureAG\] on the target/u,
    whose: 'DBA of the target',
    next: /dm_hadr_availability_replica_states/u,
  },
  {
    id: 'WAIT-REPLICA',
    what: 'a synchronous replica of the source is away',
    seen: changed(ready, 'source', {
      group: known({
        replicas: [replicaOf('OnPremNode2'), asynchronous],
        listeners: [],
        clusterName: 'WSFC1',
      }),
    }),
    elapsedMs: 11_000,
    cause: /^Replica \[OnPremNode2\] of \[OnPremAG\] on the source is not connected\.$/u,
    whose: 'DBA of the source',
    next: /Start SQL Server and its endpoint on \[OnPremNode2\]/u,
  },
  {
    id: 'WAIT-REPLICA-BEHIND',
    what: 'a synchronous replica of the target is still being seeded',
    seen: changed(ready, 'target', {
      group: known({
        replicas: [{ ...replicaOf('SQLVM2'), connectedStateDesc: 'CONNECTED' }],
        listeners: [],
        clusterName: 'WSFC2',
      }),
    }),
    elapsedMs: 31_000,
    cause: /^Replica \[SQLVM2\] of \[AzureAG\] on the target is connected and NOT_HEALTHY\.$/u,
    whose: 'SQL Server',
    next: /sys\.dm_hadr_database_replica_states WHERE is_local = 1/u,
  },
  {
    id: 'WAIT-SEND-QUEUE',
    what: '3 GB to send',
    seen: withRow(ready, 'source distributed', {
      logSendQueueKb: 3_145_728,
      logSendRateKb: 10_240,
    }),
    cause: /3\.0 GB to send at 10\.0 MB\/s, about 5 min 07 s/u,
    whose: 'network',
    next: /bandwidth/u,
  },
  {
    id: 'WAIT-REDO-QUEUE',
    what: '3 GB to redo',
    seen: withRow(ready, 'target local', { redoQueueKb: 3_145_728, redoRateKb: 20_480 }),
    cause: /3\.0 GB to redo at 20\.0 MB\/s/u,
    whose: 'DBA of the target',
    next: /disks/u,
  },
  {
    id: 'WAIT-REQUIRED-SECONDARIES',
    what: 'commits hang',
    seen: withDag(disconnected, 'source', { requiredSynchronizedSecondariesToCommit: 1 }),
    cause: /Commits on \[OnPremNode\] wait for the target/u,
    whose: 'DBA of the source',
    next: /REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 0/u,
  },
  {
    id: 'WAIT-LOG-HELD',
    what: 'log 90 % full',
    seen: changed(ready, 'source', {
      circumstances: known(
        circumstances({ logReuseWaitDesc: 'AVAILABILITY_REPLICA', logUsedBytes: 0.9 * 1024 ** 3 }),
      ),
    }),
    cause: /log of \[Adventureworks\] is 90 % full/u,
    whose: 'DBA of the source',
    next: /MAXSIZE/u,
  },
  {
    id: 'WAIT-LOG-HELD',
    what: 'no log backup',
    seen: changed(ready, 'source', {
      circumstances: known(
        circumstances({
          logReuseWaitDesc: 'LOG_BACKUP',
          logUsedBytes: 0.8 * 1024 ** 3,
          logLimitBytes: 1024 ** 4,
        }),
      ),
    }),
    cause: /LOG_BACKUP/u,
    whose: 'DBA of the source',
    next: /BACKUP LOG \[Adventureworks\]/u,
  },
  {
    id: 'WAIT-CATCHING-UP',
    what: 'synchronous, not SYNCHRONIZED',
    seen: withRow(synchronous, 'source distributed', { synchronizationStateDesc: 'SYNCHRONIZING' }),
    elapsedMs: 31_000,
    cause: /SYNCHRONIZING, not yet SYNCHRONIZED/u,
    whose: 'nobody',
    next: /Wait/u,
  },
  {
    id: 'WAIT-LSN',
    what: 'end of log not there',
    goal: 'switch',
    seen: withRow(
      withRow(fenced, 'source local', { lastHardenedLsn: lsnAt(900n), endOfLogLsn: lsnAt(900n) }),
      'target local',
      { lastHardenedLsn: lsnAt(800n), endOfLogLsn: lsnAt(800n) },
    ),
    elapsedMs: 3000,
    cause: /end of the log of \[Adventureworks\] is not on the target/u,
    whose: 'SQL Server',
    next: /sqlferry abort/u,
  },
  {
    id: 'WAIT-AGENT-STOPPED',
    what: 'Agent stopped',
    seen: changed(ready, 'source', { deadMan: known({ ...deadMan, agentRunning: false }) }),
    cause: /SQL Server Agent does not run on \[OnPremNode\]/u,
    whose: 'DBA of the source',
    next: /Start-Service 'SQLSERVERAGENT'/u,
  },
  {
    id: 'WAIT-WATCHER-ABSENT',
    what: 'no watcher',
    goal: 'switch',
    migration: watcher,
    seen: ready,
    cause: /No sqlferry watch/u,
    whose: 'DBA of the source',
    next: /sqlferry watch/u,
  },
  {
    id: 'WAIT-DEAD-MAN-RUNS',
    what: 'job of the attempt before',
    goal: 'switch',
    seen: changed(ready, 'source', { deadMan: known({ ...deadMan, jobRunning: true }) }),
    elapsedMs: 3000,
    cause: /still runs on \[OnPremNode\]/u,
    whose: 'nobody',
    next: /Wait/u,
  },
  {
    id: 'WAIT-LOCK-HELD',
    what: 'another leader',
    seen: changed(ready, 'source', {
      leadership: known({
        kind: 'other',
        sessionId: 77,
        loginName: 'sa',
        hostName: 'JUMP1',
        loginTimeUtc: '2026-11-21T11:59:00.000Z',
      }),
    }),
    cause: /Another sqlferry leads on \[OnPremNode\]: sa from JUMP1/u,
    whose: 'sqlferry',
    next: /--takeover/u,
  },
  {
    id: 'WAIT-OTHER-SESSION',
    what: 'left session',
    seen: changed(ready, 'target', { operators: known([session]) }),
    cause: /Another sqlferry session is connected to \[SQLVM\]/u,
    whose: 'sqlferry',
    next: /KILL 61/u,
  },
  {
    id: 'WAIT-CLOCK',
    what: 'target an hour ahead',
    seen: changed(ready, 'target', { serverUtc: known('2026-11-21T13:00:00.000Z') }),
    cause: /\[SQLVM\] is 1 h 00 min ahead/u,
    whose: 'DBA of the target',
    next: /w32tm/u,
  },
  {
    id: 'WAIT-TARGET-RECOVERING',
    what: 'higher version',
    seen: higher,
    elapsedMs: 31_000,
    cause:
      /until the cutover, because the target is of a higher version \(16\.0\.4135\.4 to 17\.0\.1000\.7\)/u,
    whose: 'nobody',
    next: /no failback/u,
  },
  {
    id: 'WAIT-TARGET-RECOVERING',
    what: 'same version',
    seen: withCopy(ready, 'target', { stateDesc: 'RECOVERING' }),
    elapsedMs: 31_000,
    cause: /on the target recovers/u,
    whose: 'nobody',
    next: /ONLINE/u,
  },
  {
    id: 'WAIT-SEEDING-STARTS',
    what: 'asked for',
    seen: unseeded,
    elapsedMs: 2000,
    cause: /about to begin/u,
    whose: 'SQL Server',
    next: /20\.0 s/u,
  },
  {
    id: 'WAIT-SEEDING-QUEUED',
    what: 'its turn',
    seen: seeds(seeding('LIMIT_CONCURRENT_BACKUPS'), null),
    cause: /\[Adventureworks\] waits until/u,
    whose: 'nobody',
    next: /5 databases/u,
  },
  {
    id: 'WAIT-SEEDING-RUNS',
    what: 'half way',
    seen: seeds(running, null),
    elapsedMs: 2000,
    cause: /512 MB of 1\.0 GB sent, 64\.0 MB\/s, about 8\.0 s left/u,
    whose: 'nobody',
    next: /--watch/u,
  },
  {
    id: 'WAIT-SEEDING-FALSE-ALARM',
    what: 'FAILED 21 after the copy arrived',
    seen: seeds(
      seeding('COMPLETED'),
      seeding('FAILED', { failureStateDesc: 'Seeding Check Message Timeout' }),
    ),
    cause: /but the copy arrived/u,
    whose: 'nobody',
    next: /Ignore/u,
  },
];

/** Time of the observations. */
export const NOON = Date.parse('2026-11-21T12:00:00.000Z');

/** What the judges say of a situation: at its second look, as long after the first one as it says. */
export function answersOf(
  one: Omit<WaitingCase, 'id' | 'what' | 'cause' | 'whose' | 'next'>,
): readonly WaitingAnswer[] {
  const {
    seen,
    before = seen,
    goal = 'migrate',
    migration = articleMigration,
    elapsedMs = 0,
  } = one;
  const first = whyWaiting(noWaitMemory, {
    goal,
    migration,
    observation: before,
    now: NOON - elapsedMs,
  });
  return whyWaiting(first.memory, { goal, migration, observation: seen, now: NOON }).answers;
}
