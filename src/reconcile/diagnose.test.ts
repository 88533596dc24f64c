import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { articleMigration, freshObservation } from '../../tests/support/observation.ts';
import { parseLsn, type Lsn } from '../base/lsn.ts';
import { known, unknown } from '../model/fact.ts';
import type {
  AvailabilityGroupObservation,
  DatabaseObservation,
  DistributedObservation,
  Observation,
  SideObservation,
} from '../model/observation.ts';
import type { ControlState, RegisterPhase } from '../model/register.ts';
import { diagnose } from './diagnose.ts';
import { diagnosisRows } from './diagnosis-row.ts';

type Role = 'PRIMARY' | 'SECONDARY' | 'RESOLVING' | 'none' | 'away' | 'unknown';

interface Seen {
  readonly role: Role;
  readonly phase?: RegisterPhase;
  readonly epoch?: bigint;
  readonly refused?: bigint;
  readonly intact?: boolean;
  /** The role of an aborted epoch was not taken back yet. */
  readonly owed?: boolean;
  readonly register?: 'missing';
  readonly otherGroups?: readonly string[];
  /** Databases in the side's own group; the one of the migration when absent. */
  readonly copies?: readonly string[];
  readonly synchronous?: boolean;
  readonly required?: 0 | 1;
  readonly lsn?: bigint | null;
  readonly dagState?: string;
  readonly fork?: string | null;
  readonly forkPoint?: bigint | null;
  readonly commit?: bigint | null;
  readonly commitUtc?: string;
}

function lsnOf(position: bigint | null | undefined): Lsn | null {
  return position === null || position === undefined
    ? null
    : (parseLsn(position.toString()) ?? null);
}

const someGroup: AvailabilityGroupObservation = {
  name: 'AG',
  clusterTypeDesc: 'none',
  localRoleDesc: 'PRIMARY',
  synchronizationHealthDesc: 'HEALTHY',
  localAvailabilityModeDesc: 'SYNCHRONOUS_COMMIT',
  localSeedingModeDesc: 'AUTOMATIC',
  canCreateAnyDatabase: true,
  databases: ['Adventureworks'],
  otherDistributed: [],
};

function sideSeen(start: SideObservation, seen: Seen): SideObservation {
  if (seen.role === 'away') {
    const problem = { code: 'SF-NET-001', summary: 'no answer', because: [], remedy: '' } as const;
    return { ...start, connection: { kind: 'unreachable', problem } };
  }
  const mode = (seen.synchronous ?? true) ? 'SYNCHRONOUS_COMMIT' : 'ASYNCHRONOUS_COMMIT';
  const member = (availabilityGroup: string) => ({
    availabilityGroup,
    endpointUrl: 'TCP://x:5022',
    availabilityModeDesc: mode,
    seedingModeDesc: 'AUTOMATIC',
  });
  const dag: DistributedObservation = {
    name: 'DAG',
    localRoleDesc: seen.role,
    localOperationalStateDesc: 'ONLINE',
    localConnectedStateDesc: 'CONNECTED',
    remote: null,
    members: [member('OnPremAG'), member('AzureAG')],
    requiredSynchronizedSecondariesToCommit: seen.required ?? 0,
  };
  const lsn = seen.lsn === undefined ? 100n : seen.lsn;
  const row = {
    synchronizationStateDesc: seen.dagState ?? 'SYNCHRONIZED',
    synchronizationHealthDesc: 'HEALTHY',
    isSuspended: false,
    suspendReasonDesc: null,
    databaseStateDesc: null,
    lastHardenedLsn: lsn === null ? null : (parseLsn(lsn.toString()) ?? null),
    endOfLogLsn: null,
    lastCommitLsn: lsnOf(seen.commit),
    logSendQueueKb: null,
    logSendRateKb: null,
    redoQueueKb: null,
    redoRateKb: null,
    secondaryLagSeconds: null,
  };
  const database: DatabaseObservation = {
    name: 'Adventureworks',
    stateDesc: 'ONLINE',
    recoveryModelDesc: 'FULL',
    hasLogChain: true,
    local: row,
    distributed: seen.role === 'PRIMARY' ? row : null,
    seeding: null,
    history: {
      recoveryForkGuid: seen.fork ?? null,
      forkPointLsn: lsnOf(seen.forkPoint),
      lastCommitUtc: seen.commitUtc ?? null,
    },
  };
  const control: ControlState = {
    kind: 'present',
    register: {
      protocol: 1,
      epoch: seen.epoch ?? 1n,
      phase: seen.phase ?? 'idle',
      deadlineUtc: seen.owed === true ? '2026-11-22T08:00:00.000Z' : null,
      isExpired: false,
      owner: '',
      targetId: start.side === 'source' ? 'SQLVM' : 'OnPremNode',
      prior: null,
      isIntact: seen.intact ?? true,
    },
    refused: {
      protocol: 1,
      epoch: seen.refused ?? 0n,
      sourceId: start.side === 'source' ? 'SQLVM' : 'OnPremNode',
      isIntact: true,
    },
  };
  return {
    ...start,
    distributed:
      seen.role === 'unknown' ? unknown('no right') : known(seen.role === 'none' ? null : dag),
    databases: known([database]),
    control: known(seen.register === 'missing' ? { kind: 'missing' } : control),
    availabilityGroup: known({
      ...someGroup,
      otherDistributed: seen.otherGroups ?? [],
      databases: seen.copies ?? someGroup.databases,
    }),
  };
}

function both(source: Seen, target: Seen): Observation {
  const fresh = freshObservation();
  return { source: sideSeen(fresh.source, source), target: sideSeen(fresh.target, target) };
}

const rowOf = (source: Seen, target: Seen): string =>
  diagnose(both(source, target), articleMigration).row;

const behind = { lsn: 99n };

/** Row, source, target, and a word that the advice must hold. */
const cases: readonly (readonly [string, Seen, Seen, RegExp])[] = [
  ['D-SPLIT-BRAIN', { role: 'PRIMARY' }, { role: 'PRIMARY' }, /--resolve-split-brain/u],
  ['D-REGISTER', { role: 'PRIMARY', intact: false }, { role: 'SECONDARY' }, /who changed/u],
  ['D-CHANGING', { role: 'RESOLVING' }, { role: 'SECONDARY' }, /look again/u],
  ['D-BOTH-AWAY', { role: 'away' }, { role: 'away' }, /diagnose/u],
  ['D-SOURCE-AWAY', { role: 'away' }, { role: 'SECONDARY' }, /--accept-data-loss/u],
  ['D-AFTER-SOURCE-AWAY', { role: 'away' }, { role: 'PRIMARY' }, /role before anything/u],
  [
    'D-TARGET-AWAY-OUTAGE',
    { role: 'SECONDARY', phase: 'fenced' },
    { role: 'away' },
    /^sqlferry abort/u,
  ],
  ['D-TARGET-AWAY-OUTAGE', { role: 'SECONDARY', phase: 'committing' }, { role: 'away' }, /^Wait/u],
  ['D-TARGET-AWAY', { role: 'PRIMARY' }, { role: 'away' }, /Bring/u],
  ['D-FENCE-NO-ROLE', { role: 'PRIMARY', phase: 'fenced' }, { role: 'SECONDARY' }, /abort/u],
  [
    'D-ASYNCHRONOUS',
    { role: 'PRIMARY', synchronous: false },
    { role: 'SECONDARY', synchronous: false },
    /cutover/u,
  ],
  [
    'D-ONE-SIDE-SYNCHRONOUS',
    { role: 'PRIMARY' },
    { role: 'SECONDARY', synchronous: false },
    /cutover/u,
  ],
  [
    'D-SYNCHRONISING',
    { role: 'PRIMARY', dagState: 'SYNCHRONIZING' },
    { role: 'SECONDARY' },
    /waits/u,
  ],
  ['D-READY', { role: 'PRIMARY' }, { role: 'SECONDARY' }, /proves anew/u],
  [
    'D-REVOKING',
    { role: 'SECONDARY', phase: 'committing' },
    { role: 'SECONDARY', refused: 1n },
    /abort/u,
  ],
  ['D-COMMITTING', { role: 'SECONDARY', phase: 'committing' }, { role: 'SECONDARY' }, /promotes/u],
  ['D-FENCED-EQUAL', { role: 'SECONDARY', phase: 'fenced' }, { role: 'SECONDARY' }, /abort/u],
  [
    'D-FENCED-BEHIND',
    { role: 'SECONDARY', phase: 'fenced' },
    { role: 'SECONDARY', ...behind },
    /waits/u,
  ],
  [
    'D-FENCED-BEHIND',
    { role: 'SECONDARY', phase: 'fenced' },
    { role: 'SECONDARY', lsn: null },
    /waits/u,
  ],
  [
    'D-ABORTED-HALF',
    { role: 'SECONDARY', phase: 'aborted', owed: true },
    { role: 'SECONDARY' },
    /abort/u,
  ],
  ['D-NOBODY', { role: 'SECONDARY', phase: 'aborted' }, { role: 'SECONDARY' }, /FORCE_FAILOVER/u],
  [
    'D-NO-REGISTER',
    { role: 'PRIMARY', register: 'missing' },
    { role: 'SECONDARY' },
    /^sqlferry migrate/u,
  ],
  [
    'D-NO-REGISTER',
    { role: 'PRIMARY' },
    { role: 'SECONDARY', register: 'missing' },
    /^sqlferry migrate/u,
  ],
  ['D-OTHER-GROUP', { role: 'none', otherGroups: ['DAG2'] }, { role: 'none' }, /-f/u],
  ['D-NOBODY', { role: 'SECONDARY', phase: 'done' }, { role: 'SECONDARY' }, /FORCE_FAILOVER/u],
  ['D-PROMOTED', { role: 'SECONDARY', phase: 'committing' }, { role: 'PRIMARY' }, /finishes/u],
  [
    'D-PROMOTED',
    { role: 'SECONDARY', phase: 'done', required: 1 },
    { role: 'PRIMARY' },
    /finishes/u,
  ],
  ['D-CUT-OVER', { role: 'SECONDARY', phase: 'done' }, { role: 'PRIMARY' }, /finish/u],
  ['D-NO-GROUP', { role: 'none' }, { role: 'none' }, /migrate/u],
  [
    'D-DROPPED-EARLY',
    { role: 'PRIMARY' },
    { role: 'none' },
    /REMOVE DATABASE \[Adventureworks\]; DROP DATABASE \[Adventureworks\];.*sqlferry migrate/u,
  ],
  ['D-NOT-JOINED', { role: 'PRIMARY' }, { role: 'none', copies: [] }, /migrate/u],
  ['D-DROPPED-TARGET', { role: 'SECONDARY', phase: 'done' }, { role: 'none' }, /finish --drop/u],
  ['D-DROPPED-SOURCE', { role: 'none' }, { role: 'PRIMARY' }, /no application/u],
  ['D-UNKNOWN', { role: 'unknown' }, { role: 'SECONDARY' }, /assess/u],
];

test('every row of the crash table is reached by what a dead tool leaves behind, and says what goes on', () => {
  const reached = new Set<string>();
  for (const [row, source, target, advice] of cases) {
    const diagnosis = diagnose(both(source, target), articleMigration);
    assert.equal(
      diagnosis.row,
      row,
      JSON.stringify([source, target], (_key, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      ),
    );
    assert.match(diagnosis.next, advice, row);
    assert.ok(diagnosis.evidence.length >= 2, row);
    reached.add(row);
  }
  const rows = [...diagnosisRows.map(({ id }) => id), 'D-UNKNOWN'];
  assert.deepEqual(
    rows.filter((id) => !reached.has(id)),
    [],
    'rows without a case',
  );
});

test('where nobody is primary the positions of every database are shown with every digit', () => {
  const { evidence, outageOpen } = diagnose(
    both({ role: 'SECONDARY', phase: 'fenced', lsn: 101n }, { role: 'SECONDARY', lsn: null }),
    articleMigration,
  );
  assert.equal(outageOpen, true);
  assert.ok(
    evidence.includes('[Adventureworks] hardened up to: source 101, target not shown.'),
    evidence.join('\n'),
  );
});

test('an epoch of a failback is read from the other end', () => {
  assert.equal(
    rowOf({ role: 'SECONDARY', phase: 'done' }, { role: 'SECONDARY', phase: 'committing' }),
    'D-COMMITTING',
  );
  const { next } = diagnose(
    both({ role: 'SECONDARY', phase: 'done' }, { role: 'SECONDARY', phase: 'committing' }),
    articleMigration,
  );
  assert.match(next, /^sqlferry failback promotes/u);
});

test('both tails are shown at a split brain, with every digit', () => {
  const { tails } = diagnose(
    both(
      { role: 'PRIMARY', lsn: 38_000_000_012_300_001n },
      { role: 'PRIMARY', lsn: 38_000_000_012_300_002n },
    ),
    articleMigration,
  );
  assert.deepEqual(
    tails.map(({ side, lastHardenedLsn }) => [side, lastHardenedLsn]),
    [
      ['source', '38000000012300001'],
      ['target', '38000000012300002'],
    ],
  );
});

const FORK_A = 'AAAAAAAA-0000-4000-8000-000000000001';
const FORK_B = 'BBBBBBBB-0000-4000-8000-000000000002';

const split = (source: Partial<Seen>, target: Partial<Seen>) =>
  diagnose(
    both({ role: 'PRIMARY', ...source }, { role: 'PRIMARY', ...target }),
    articleMigration,
  ).divergences.map(({ commonUpToLsn, commonUpToUtc, ifLoses }) => ({
    commonUpToLsn,
    commonUpToUtc,
    source: ifLoses.source,
    target: ifLoses.target,
  }))[0];

test('a split brain says where the copies part and what each choice throws away', () => {
  const source = { fork: FORK_A, commit: 90n, commitUtc: '2026-11-22T08:00:00Z' };
  const target = { fork: FORK_B, forkPoint: 95n, commit: 99n, commitUtc: '2026-11-22T09:00:00Z' };
  const seen = split(source, target);
  assert.equal(seen?.commonUpToLsn, '95');
  assert.equal(seen?.commonUpToUtc, '2026-11-22T08:00:00Z');
  assert.match(seen?.source ?? '', /^\[OnPremNode\] shows no commit after that position$/u);
  assert.match(seen?.target ?? '', /^every commit of \[SQLVM\].* LSN 99 \(2026-11-22T09/u);
});

test('commits of both sides after the fork are named on both sides', () => {
  const seen = split({ fork: FORK_A, commit: 97n }, { fork: FORK_B, forkPoint: 95n, commit: 96n });
  assert.match(seen?.source ?? '', /^every commit of \[OnPremNode\].* LSN 97$/u);
  assert.match(seen?.target ?? '', /^every commit of \[SQLVM\].* LSN 96$/u);
});

test('where both sides have forked the position is a least one', () => {
  const { divergences } = diagnose(
    both(
      { role: 'PRIMARY', fork: FORK_A, forkPoint: 80n, commit: 90n },
      { role: 'PRIMARY', fork: FORK_B, forkPoint: 95n, commit: 99n },
    ),
    articleMigration,
  );
  assert.match(divergences[0]?.parting ?? '', /at least up to LSN 80\./u);
  assert.match(divergences[0]?.ifLoses.source ?? '', /^every commit of \[OnPremNode\]/u);
});

test('the loss of a side is never called nothing where forks or commits are not shown', () => {
  fc.assert(
    fc.property(
      fc.option(fc.constantFrom(FORK_A, FORK_B), { nil: null }),
      fc.option(fc.constantFrom(FORK_A, FORK_B, FORK_A.toLowerCase()), { nil: null }),
      fc.option(fc.bigInt({ min: 1n, max: 9n }), { nil: null }),
      fc.option(fc.bigInt({ min: 1n, max: 9n }), { nil: null }),
      (left, right, forkPoint, commit) => {
        const seen = split({ fork: left, commit }, { fork: right, forkPoint });
        const apart = left !== null && right !== null && left.toUpperCase() !== right.toUpperCase();
        const told = apart && forkPoint !== null && commit !== null;
        const expected = told
          ? commit <= forkPoint
            ? /shows no commit/u
            : /^every/u
          : /not known/u;
        assert.match(seen?.source ?? '', expected);
        assert.match(seen?.target ?? '', /not known/u, 'its last commit is not shown');
      },
    ),
  );
});

test('every combination has an answer, and an outage is never called anything else', () => {
  const role = fc.constantFrom<Role>(
    'PRIMARY',
    'SECONDARY',
    'RESOLVING',
    'none',
    'away',
    'unknown',
  );
  const phase = fc.constantFrom<RegisterPhase>('idle', 'fenced', 'committing', 'aborted', 'done');
  const seen = fc.record({
    role,
    phase,
    refused: fc.constantFrom(0n, 1n),
    synchronous: fc.boolean(),
  });
  fc.assert(
    fc.property(seen, seen, (source, target) => {
      const diagnosis = diagnose(both(source, target), articleMigration);
      assert.ok(diagnosis.next.length > 0);
      const nobody = source.role === 'SECONDARY' && target.role === 'SECONDARY';
      if (nobody) assert.equal(diagnosis.outageOpen, true, diagnosis.row);
      const somebody = source.role === 'PRIMARY' || target.role === 'PRIMARY';
      if (somebody) assert.equal(diagnosis.outageOpen, false, diagnosis.row);
    }),
  );
});
