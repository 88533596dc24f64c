/** Random pairs of servers, sensible or not, for properties of the pure core. */

import * as fc from 'fast-check';
import type { Memory } from '../../src/model/decision.ts';
import { known, unknown, type Fact } from '../../src/model/fact.ts';
import type {
  AvailabilityGroupObservation,
  DatabaseObservation,
  DatabaseReplicaObservation,
  DistributedObservation,
  Observation,
  SideObservation,
} from '../../src/model/observation.ts';
import {
  registerProtocol,
  type ControlState,
  type DeadManState,
  type Leadership,
} from '../../src/model/register.ts';
import { otherSide, type Side } from '../../src/model/side.ts';
import { emptyMemory } from '../../src/reconcile/memory.ts';
import { freshObservation, freshSide, lsnAt, visited } from './observation.ts';

const lsn = fc.option(
  fc.integer({ min: 1, max: 3 }).map((block) => lsnAt(BigInt(block))),
  { nil: null, freq: 8 },
);

const row: fc.Arbitrary<DatabaseReplicaObservation> = fc
  .record({
    state: fc.constantFrom('SYNCHRONIZED', 'SYNCHRONIZING', 'NOT SYNCHRONIZING', 'INITIALIZING'),
    suspended: fc.constantFrom(null, null, null, 'SUSPEND_FROM_USER', 'SUSPEND_FROM_PARTNER'),
    hardened: lsn,
    end: lsn,
    commit: lsn,
    redoQueueKb: fc.constantFrom(null, 0, 1_000_000),
  })
  .map(({ state, suspended, hardened, end, commit, redoQueueKb }) => ({
    synchronizationStateDesc: state,
    synchronizationHealthDesc: 'HEALTHY',
    isSuspended: suspended !== null,
    suspendReasonDesc: suspended,
    databaseStateDesc: 'ONLINE',
    lastHardenedLsn: hardened,
    endOfLogLsn: end,
    lastCommitLsn: commit,
    logSendQueueKb: 0,
    logSendRateKb: 1,
    redoQueueKb,
    redoRateKb: 1,
    secondaryLagSeconds: 0,
  }));

const seeding = fc.option(
  fc.record({
    stateDesc: fc.constantFrom('PENDING', 'SEEDING', 'COMPLETED', 'FAILED'),
    failureStateDesc: fc.constantFrom(
      null,
      'Seeding Check Message Timeout',
      'Transport Replica',
      'SQL Error',
      'Database With Name Already Exists',
    ),
    errorCode: fc.constantFrom(null, 33_111, 5133, 946, 1412),
    attempts: fc.integer({ min: 0, max: 3 }),
    transferredBytes: fc.constantFrom(null, 0, 500),
    totalBytes: fc.constantFrom(null, 1000),
    bytesPerSecond: fc.constant(null),
  }),
  { nil: null },
);

const database: fc.Arbitrary<DatabaseObservation> = fc.record({
  name: fc.constantFrom('Adventureworks', 'ADVENTUREWORKS'),
  stateDesc: fc.constantFrom('ONLINE', 'ONLINE', 'RESTORING', 'RECOVERING'),
  recoveryModelDesc: fc.constantFrom('FULL', 'FULL', 'SIMPLE'),
  hasLogChain: fc.constantFrom(true, true, false, null),
  local: fc.option(row, { nil: null, freq: 5 }),
  distributed: fc.option(row, { nil: null, freq: 5 }),
  seeding,
  history: fc.constant(null),
});

function group(side: Side): fc.Arbitrary<AvailabilityGroupObservation | null> {
  return fc.option(
    fc.record({
      name: fc.constant(side === 'source' ? 'OnPremAG' : 'AzureAG'),
      clusterTypeDesc: fc.constantFrom('none', 'none', 'none', 'wsfc'),
      localRoleDesc: fc.constantFrom('PRIMARY', 'PRIMARY', 'PRIMARY', 'RESOLVING', null),
      synchronizationHealthDesc: fc.constant('HEALTHY'),
      localAvailabilityModeDesc: fc.constantFrom('SYNCHRONOUS_COMMIT', 'ASYNCHRONOUS_COMMIT'),
      localSeedingModeDesc: fc.constant('AUTOMATIC'),
      canCreateAnyDatabase: fc.constantFrom(true, false, null),
      databases: fc.constantFrom<readonly string[]>(
        ['Adventureworks'],
        ['Adventureworks'],
        [],
        ['Other'],
      ),
      otherDistributed: fc.constantFrom<readonly string[]>([], [], [], ['Another']),
    }),
    { nil: null, freq: 6 },
  );
}

const mode = fc.constantFrom('SYNCHRONOUS_COMMIT', 'ASYNCHRONOUS_COMMIT');

const dag: fc.Arbitrary<DistributedObservation | null> = fc.option(
  fc
    .record({
      role: fc.constantFrom('PRIMARY', 'SECONDARY', 'PRIMARY', 'SECONDARY', 'RESOLVING', null),
      operational: fc.constantFrom('ONLINE', 'ONLINE', 'ONLINE', 'PENDING_FAILOVER', null),
      connected: fc.constantFrom('CONNECTED', 'CONNECTED', 'DISCONNECTED'),
      remote: fc.option(fc.constantFrom('CONNECTED', 'DISCONNECTED'), { nil: null, freq: 5 }),
      modes: fc.tuple(mode, mode),
      required: fc.constantFrom(0, 0, 1),
      url: fc.constantFrom(
        'TCP://SQLVM.contoso.com:5022',
        'TCP://SQLVM.contoso.com:5022',
        'TCP://x:1',
      ),
    })
    .map(({ role, operational, connected, remote, modes, url, required }) => ({
      name: 'DAG',
      localRoleDesc: role,
      localOperationalStateDesc: operational,
      localConnectedStateDesc: connected,
      remote:
        remote === null
          ? null
          : {
              connectedStateDesc: remote,
              synchronizationHealthDesc: 'HEALTHY',
              lastConnectErrorNumber: null,
              lastConnectErrorDescription: null,
            },
      members: [
        {
          availabilityGroup: 'OnPremAG',
          endpointUrl: 'TCP://OnPremNode.contoso.com:5022',
          availabilityModeDesc: modes[0],
          seedingModeDesc: 'AUTOMATIC',
        },
        {
          availabilityGroup: 'AzureAG',
          endpointUrl: url,
          availabilityModeDesc: modes[1],
          seedingModeDesc: 'AUTOMATIC',
        },
      ],
      requiredSynchronizedSecondariesToCommit: required,
    })),
  { nil: null, freq: 6 },
);

const session = {
  sessionId: 61,
  loginName: 'app_writer',
  hostName: 'APP1',
  programName: 'shop',
  database: 'Adventureworks',
  loginTimeUtc: '2026-11-21T11:00:00.000Z',
  openTransactions: 1,
};

const epoch = fc.integer({ min: 0, max: 3 }).map((each) => BigInt(each));

function control(which: Side): fc.Arbitrary<ControlState> {
  const other = freshSide(which === 'source' ? 'target' : 'source').instance;
  const present = fc
    .record({
      epoch,
      refused: epoch,
      phase: fc.constantFrom('idle', 'fenced', 'committing', 'aborted', 'done'),
      isExpired: fc.boolean(),
      isIntact: fc.constantFrom(true, true, true, true, true, true, true, true, false),
      prior: fc.constantFrom(
        null,
        { enabledLogins: ['app_writer'], distributedMode: 'ASYNCHRONOUS_COMMIT' as const },
        { enabledLogins: [], distributedMode: 'SYNCHRONOUS_COMMIT' as const },
      ),
    })
    .map(({ refused, isIntact, ...register }): ControlState => ({
      kind: 'present',
      register: {
        ...register,
        protocol: registerProtocol,
        deadlineUtc: register.phase === 'fenced' ? '2026-11-21T12:00:30.000Z' : null,
        owner: 'CONTOSO\\operator on OPS1',
        targetId: other,
        isIntact,
      },
      refused: { protocol: registerProtocol, epoch: refused, sourceId: other, isIntact },
    }));
  return fc.oneof(
    { weight: 12, arbitrary: present },
    { weight: 1, arbitrary: fc.constant<ControlState>({ kind: 'missing' }) },
    { weight: 1, arbitrary: fc.constant<ControlState>({ kind: 'no-row' }) },
    { weight: 1, arbitrary: fc.constant<ControlState>({ kind: 'newer-protocol', protocol: 2 }) },
  );
}

const deadMan: fc.Arbitrary<DeadManState> = fc.record({
  jobExists: fc.constantFrom(true, true, true, false),
  agentRunning: fc.constantFrom(true, true, null, false),
  jobRunning: fc.constantFrom(false, false, false, true),
  watcherConnected: fc.boolean(),
  rehearsedUtc: fc.constantFrom(
    null,
    '2026-11-21T11:59:00.000Z',
    '2026-11-21T11:59:00.000Z',
    '2026-11-20T11:59:00.000Z',
  ),
});

const leadership: fc.Arbitrary<Leadership> = fc.constantFrom<Leadership>(
  { kind: 'free' },
  { kind: 'ours' },
  { kind: 'ours' },
  { kind: 'ours' },
  { kind: 'ours' },
  {
    kind: 'other',
    sessionId: 77,
    loginName: 'CONTOSO\\somebody',
    hostName: 'OPS2',
    loginTimeUtc: '2026-11-21T11:00:00.000Z',
  },
);

/** Mostly known, sometimes not. */
function fact<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Fact<T>> {
  return fc.oneof(
    { weight: 30, arbitrary: value.map((each): Fact<T> => known(each)) },
    { weight: 1, arbitrary: fc.constant<Fact<T>>(unknown('no right to look')) },
  );
}

function side(which: Side): fc.Arbitrary<SideObservation> {
  const fresh = freshSide(which);
  const endpoint = {
    name: 'Hadr_endpoint',
    connectGrantees: ['CONTOSO\\svc_source', 'CONTOSO\\svc_target'],
  };
  return fc.record({
    side: fc.constant(which),
    instance: fc.constant(fresh.instance),
    generation: fc.integer({ min: 1, max: 2 }),
    connection: fc.oneof(
      { weight: 15, arbitrary: fc.constant<SideObservation['connection']>({ kind: 'connected' }) },
      {
        weight: 1,
        arbitrary: fc.constant<SideObservation['connection']>({
          kind: 'unreachable',
          problem: {
            code: 'SF-CFG-001',
            summary: 'It does not answer.',
            because: [],
            remedy: 'Look.',
          },
        }),
      },
    ),
    serverUtc: fc.constant(fresh.serverUtc),
    server: fc.constant(fresh.server),
    endpoint: fact(
      fc
        .option(
          fc.record({
            stateDesc: fc.constantFrom('STARTED', 'STARTED', 'STOPPED'),
            port: fc.constantFrom(5022, 5022, 5022, 5023),
            ipAddress: fc.constantFrom(null, null, null, '10.0.0.1'),
          }),
          { nil: null, freq: 5 },
        )
        .map((shape) => (shape === null ? null : { ...endpoint, ...shape })),
    ),
    availabilityGroup: fact(group(which)),
    distributed: fact(dag),
    databases: fact(fc.array(database, { maxLength: 1 })),
    windowsLogins: fact(
      fc.constantFrom(
        [],
        [
          { name: 'CONTOSO\\svc_source', isSysadmin: false },
          { name: 'CONTOSO\\svc_target', isSysadmin: false },
        ],
      ),
    ),
    fenceLogins: fact(fc.boolean().map((isDisabled) => [{ name: 'app_writer', isDisabled }])),
    sessions: fact(fc.constantFrom([], [], [session])),
    operators: fact(fc.constantFrom([], [], [], [], [], [session])),
    control: fact(control(which)),
    deadMan: fact(deadMan),
    leadership: fact(leadership),
    roundTripMs: fc.constantFrom(null, 1, 20),
  });
}

/** A server that does not answer shows nothing. */
function honest(seen: SideObservation): SideObservation {
  if (seen.connection.kind === 'connected') return seen;
  const away = unknown('it does not answer');
  return {
    ...seen,
    serverUtc: away,
    server: away,
    endpoint: away,
    availabilityGroup: away,
    distributed: away,
    databases: away,
    windowsLogins: away,
    fenceLogins: away,
    sessions: away,
    operators: away,
    control: away,
    deadMan: away,
    leadership: away,
  };
}

const scattered = fc.record({
  source: side('source').map(honest),
  target: side('target').map(honest),
});

const migrated = visited(freshObservation(), { goal: 'migrate' });
const switched = visited(last(migrated), { goal: 'cutover' });
const failedBack = visited(last(switched), { goal: 'failback' });
const dropped = visited(last(switched), { goal: 'finish', distributed: 'drop' });
/** Where a committing epoch is seen, it might as well be fenced, aborted, or refused by the other side. */
const undecided: readonly Observation[] = [...switched, ...failedBack].flatMap((station) =>
  (['source', 'target'] as const).flatMap((which) => {
    const { control: facts } = station[which];
    if (!facts.known || facts.value.kind !== 'present') return [];
    if (facts.value.register.phase !== 'committing') return [];
    const { value } = facts;
    const other = otherSide(which);
    const refusing = station[other].control;
    if (!refusing.known || refusing.value.kind !== 'present') return [];
    const refused = { ...refusing.value.refused, epoch: value.register.epoch };
    const revoked: Observation = {
      ...station,
      [other]: { ...station[other], control: known({ ...refusing.value, refused }) },
    };
    const moved = (['fenced', 'aborted'] as const).map((phase): Observation => ({
      ...station,
      [which]: {
        ...station[which],
        control: known({ ...value, register: { ...value.register, phase } }),
      },
    }));
    return [...moved, revoked];
  }),
);
const wayStations: readonly Observation[] = [
  ...undecided,
  ...undecided,
  ...migrated,
  ...switched,
  ...failedBack,
  ...dropped,
];

function last(seen: readonly [Observation, ...Observation[]]): Observation {
  return seen[seen.length - 1] ?? seen[0];
}

const partNames = [
  'connection',
  'endpoint',
  'availabilityGroup',
  'distributed',
  'databases',
  'windowsLogins',
  'fenceLogins',
  'sessions',
  'operators',
  'control',
  'deadMan',
  'leadership',
] as const satisfies readonly (keyof SideObservation)[];

/** A pair on its way, with up to two parts replaced by something else. */
const astray = fc
  .record({
    station: fc.constantFrom(...wayStations),
    other: scattered,
    replaced: fc.array(
      fc.record({
        side: fc.constantFrom('source' as const, 'target' as const),
        part: fc.constantFrom(...partNames),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ station, other, replaced }) => {
    let seen: Observation = station;
    for (const { side: which, part } of replaced) {
      seen = { ...seen, [which]: { ...seen[which], [part]: other[which][part] } };
    }
    return { source: honest(seen.source), target: honest(seen.target) };
  });

/** A pair of servers: in any combination of states, or on its way with something changed. */
export const anyObservation: fc.Arbitrary<Observation> = fc.oneof(scattered, astray);

/** Any memory. */
export const anyMemory: fc.Arbitrary<Memory> = fc
  .record({
    finalLsns: fc.option(
      fc
        .integer({ min: 1, max: 3 })
        .map((block) => [{ database: 'Adventureworks', lsn: lsnAt(BigInt(block)) }]),
      { nil: null },
    ),
    fencedLogins: fc.constantFrom<readonly string[]>([], ['app_writer']),
    unsettledRoleChange: fc.boolean(),
    fencedEpoch: fc.constantFrom(null, 1n, 2n),
    giveBackRefused: fc.boolean(),
    outageMs: fc.constantFrom(null, 0, 10_000, 40_000, 200_000),
    givenBack: fc.boolean(),
    refusal: fc.constantFrom(null, { summary: 'refused', remedy: 'mend it' }),
    fencedMs: fc.constantFrom(null, 0, 9000),
    seedingStillMs: fc.constantFrom(0, 20_000, 90_000),
    sinceSeedingRestartMs: fc.constantFrom(null, 0, 60_000),
    attempts: fc.constantFrom<Readonly<Record<string, number>>>(
      {},
      { 'restart-seeding source': 1 },
      { 'restart-seeding source': 3, 'restart-seeding target': 3 },
      { 'kill-sessions source': 5 },
      { 'set-required-secondaries source 0': 5, 'set-required-secondaries target 0': 5 },
      { 'set-required-secondaries source 0': 5, 'set-required-secondaries target 0': 5 },
    ),
    quiet: fc.boolean(),
    block: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ quiet, block, ...rest }) => {
    const sample = {
      sourceGeneration: 1,
      targetGeneration: 1,
      databases: [
        {
          name: 'Adventureworks',
          sourceLastCommit: lsnAt(BigInt(block)),
          sourceHardened: lsnAt(BigInt(block)),
          targetHardened: lsnAt(BigInt(block)),
        },
      ],
    };
    return { ...emptyMemory, ...rest, current: sample, previous: quiet ? sample : null };
  });
