/**
 * Situations around every guarded batch: one where it is accepted, and one for each thing that must
 * refuse it or must not be touched by it.
 *
 * `refusal` and `effect` are what docs/cutover.md promises, written down by hand; the model is asked
 * separately (`tests/sim/guard-conformance.test.ts`).
 */

import type { Act } from '../../src/model/act.ts';
import type { RegisterPhase } from '../../src/model/register.ts';
import type { Side } from '../../src/model/side.ts';
import { guards } from '../../src/sql/statement/guard.ts';
import {
  marked,
  type Between,
  type Damage,
  type Disturbance,
  type Draft,
  type Finale,
  type Mark,
} from './guard-scenario.ts';
import { databases, OUTSIDE, type StatementLabOptions } from './statement-lab.ts';

/** A situation, the act in it, and what has to come of it. */
export interface GuardScenario {
  readonly name: string;
  readonly options?: StatementLabOptions;
  readonly before: readonly Disturbance[];
  readonly finale: Finale;
  /** Why the model cannot be asked; absent where it is. */
  readonly onlySql?: string;
  /** Number of the error; null: accepted. */
  readonly refusal: number | null;
  /** Every line of `shows()` that is another one afterwards. */
  readonly effect: Readonly<Record<string, string>>;
}

const BUDGET_MS = 60_000;

interface DemoteChange {
  readonly side?: Side;
  readonly fromEpoch?: bigint;
  readonly mark?: Mark;
  readonly budgetMs?: number;
  readonly refuseEpoch?: bigint;
  readonly only?: readonly string[];
}

function other(side: Side): Side {
  return side === 'source' ? 'target' : 'source';
}

/** SET (ROLE = SECONDARY); without a mark the other side's logs are proof. */
export function demote(change: DemoteChange = {}): Draft {
  const { side = 'source', fromEpoch = 0n, mark = 'exact', refuseEpoch = 0n } = change;
  return async (asked) => ({
    kind: 'demote',
    side,
    databases: change.only ?? databases,
    fromEpoch,
    budgetMs: change.budgetMs ?? BUDGET_MS,
    targetLsns: marked(await asked.lsns(other(side)), mark),
    refuseEpoch,
  });
}

/** The guarded failover of the forwarder, with the final LSNs of the other side. */
export function promote(
  change: { epoch?: bigint; mark?: Mark; side?: Side; of?: number } = {},
): Draft {
  const { epoch = 1n, mark = 'exact', side = 'target', of = 2 } = change;
  return async (asked) => ({
    kind: 'promote',
    side,
    epoch,
    finalLsns: marked(await asked.lsns(other(side)), mark).slice(0, of),
    waitMs: 3000,
  });
}

/** The wait for the final LSNs of the other side. */
export function awaits(mark: Mark, side: Side = 'target'): Draft {
  return async (asked) => ({
    kind: 'await-lsns',
    side,
    finalLsns: marked(await asked.lsns(other(side)), mark),
    waitMs: 3000,
  });
}

/** An act without LSNs. */
export function plain(act: Act): Draft {
  return () => Promise.resolve(act);
}

/** An epoch that is fenced becomes committing. */
export const commits = (epoch = 1n, side: Side = 'source'): Draft =>
  plain({ kind: 'commit-epoch', side, epoch });
/** An epoch that is committing becomes done. */
export const closes = (epoch = 1n, side: Side = 'source'): Draft =>
  plain({ kind: 'close-epoch', side, epoch });
/** The highest epoch that may not promote is raised. */
export const refuses = (epoch = 1n, side: Side = 'target'): Draft =>
  plain({ kind: 'refuse-epoch', side, epoch });
const records = (side: Side = 'source'): Draft =>
  plain({
    kind: 'record-prior-state',
    side,
    prior: { enabledLogins: ['app_writer'], distributedMode: 'ASYNCHRONOUS_COMMIT' },
  });
const PRIOR = '{"enabledLogins":["app_writer"],"distributedMode":"ASYNCHRONOUS_COMMIT"}';

type From = 'fenced' | 'committing' | 'aborted';

/** The role is taken back by the side that gave it away. */
export function givesBack(from: From, epoch = 1n, side: Side = 'source'): Draft {
  return plain({ kind: 'give-back', side, databases, epoch, from });
}

/** The loser of a split brain gives the role away. */
export const fenceLoser = (side: Side = 'source'): Draft =>
  plain({ kind: 'fence-split-brain', side, databases });
/** The failover that accepts data loss. */
export const forces = (side: Side = 'target'): Draft =>
  plain({ kind: 'force-promote-accepting-data-loss', side, databases });

/** An act as something that happens before. */
export const acted = (act: Draft, isQuick = false): Disturbance => ({ kind: 'act', act, isQuick });

const READY: readonly Disturbance[] = [];
/** Epoch 1 of the source is fenced. */
export const FENCED: readonly Disturbance[] = [acted(demote({ mark: 'low' }))];
/** Epoch 1 of the source is committing. */
export const COMMITTING: readonly Disturbance[] = [acted(demote())];
/** The target is primary. */
export const PROMOTED: readonly Disturbance[] = [...COMMITTING, acted(promote())];
/** Aborted, and the role is still owed: somebody wrote the decision and died. */
export const OWED: readonly Disturbance[] = [
  ...FENCED,
  { kind: 'written', side: 'source', epoch: 1n, phase: 'aborted', deadlineMs: -1000 },
];

const GONE = { 'source group': 'SECONDARY 0' };

/** What an act needs to be accepted, and what it comes to. */
interface Accepted {
  readonly name: string;
  readonly act: Draft;
  readonly before: readonly Disturbance[];
  readonly effect: Readonly<Record<string, string>>;
  readonly side: Side;
  readonly uses: readonly ('register' | 'refused')[];
  readonly refusedNumbers?: Partial<Record<Damage, number>>;
}

const demotedLines = {
  'source register': '1 committing',
  'source group': 'SECONDARY 0',
};
const promotedLines = { 'target group': 'PRIMARY 0' };

/** Each guarded act once, where nothing stands against it. */
export const accepted: readonly Accepted[] = [
  {
    name: 'demote',
    act: demote(),
    before: READY,
    effect: demotedLines,
    side: 'source',
    uses: ['register', 'refused'],
  },
  {
    name: 'promote',
    act: promote(),
    before: COMMITTING,
    effect: promotedLines,
    side: 'target',
    uses: ['refused'],
  },
  ...(['fenced', 'committing', 'aborted'] as const).map((from) => ({
    name: `give-back from ${from}`,
    act: givesBack(from),
    before: from === 'fenced' ? FENCED : from === 'committing' ? COMMITTING : OWED,
    effect: { 'source register': '1 aborted', 'source group': 'PRIMARY 0' },
    side: 'source' as const,
    uses: ['register'] as const,
  })),
  {
    name: 'commit-epoch',
    act: commits(),
    before: FENCED,
    effect: { 'source register': '1 committing' },
    side: 'source',
    uses: ['register'],
  },
  {
    name: 'refuse-epoch',
    act: refuses(),
    before: FENCED,
    effect: { 'target refused': '1' },
    side: 'target',
    uses: ['refused'],
  },
  {
    name: 'close-epoch',
    act: closes(),
    before: PROMOTED,
    effect: { 'source register': '1 done' },
    side: 'source',
    uses: ['register'],
  },
  {
    name: 'record-prior-state',
    act: records(),
    before: READY,
    effect: { 'source register': `0 idle ${PRIOR}` },
    side: 'source',
    uses: ['register'],
  },
  {
    name: 'fence-split-brain',
    act: fenceLoser(),
    before: READY,
    effect: GONE,
    side: 'source',
    uses: [],
  },
  {
    name: 'force-promote',
    act: forces(),
    before: COMMITTING,
    effect: promotedLines,
    side: 'target',
    uses: [],
  },
];

const DAMAGE: Readonly<
  Record<Exclude<Damage, 'no-register-table' | 'no-refused-table' | 'other-group'>, number>
> = {
  'no-row': guards.registerMissing.number,
  seal: guards.registerTampered.number,
  protocol: guards.registerNewer.number,
  foreign: guards.registerForeign.number,
};

/** Accepted beside rows of other groups that are the same, refused for every damage and while the lock is held. */
function aroundEach(one: Accepted): readonly GuardScenario[] {
  const { name, act, before, effect, side, uses } = one;
  const onlySql = uses.length === 0 ? { onlySql: ONE_STATEMENT } : {};
  const refusedFor = (what: string, more: Disturbance, refusal: number): GuardScenario => ({
    ...onlySql,
    name: `${name} is refused: ${what}`,
    before: [...before, more],
    finale: { act },
    refusal,
    effect: {},
  });
  const tables = (['no-register-table', 'no-refused-table'] as const).map((what) =>
    refusedFor(
      what,
      { kind: 'damage', side, table: 'register', what },
      guards.registerMissing.number,
    ),
  );
  const damages = uses.flatMap((table) =>
    Object.entries(DAMAGE).flatMap(([what, number]) => {
      // The demotion writes the row of refused epochs by its key and its seal alone.
      const isBySeal = name === 'demote' && table === 'refused';
      if (isBySeal && what !== 'seal' && what !== 'no-row') return [];
      return [
        refusedFor(
          `${table} ${what}`,
          { kind: 'damage', side, table, what: what as Damage },
          isBySeal ? guards.registerTampered.number : number,
        ),
      ];
    }),
  );
  return [
    { name: `${name} is accepted`, before, finale: { act }, refusal: null, effect },
    {
      name: `${name} touches its own row, not those of other groups that are the same`,
      before: [...before, { kind: 'twins' }],
      finale: { act },
      refusal: null,
      effect,
    },
    refusedFor('the lock is held', { kind: 'lock', side }, guards.actLock.number),
    ...(uses.length === 0 ? [] : tables),
    // At rest a row binds no group, so it may be of an earlier one.
    ...(uses.includes('register') && before !== READY
      ? [
          refusedFor(
            'the row is of another group of this name',
            { kind: 'damage', side, table: 'register', what: 'other-group' },
            guards.registerForeign.number,
          ),
        ]
      : []),
    ...damages,
  ];
}

/** A situation around one act, as it is written down. */
export interface Change {
  readonly name: string;
  readonly onlySql?: string;
  readonly before?: readonly Disturbance[];
  readonly act: Draft;
  readonly between?: readonly [Between, Disturbance];
  readonly refusal?: number | null;
  readonly effect?: Readonly<Record<string, string>>;
  readonly options?: StatementLabOptions;
}

/** The situation with everything that was left out. */
export function scenario(change: Change): GuardScenario {
  const { name, before = READY, act, between, refusal = null, effect = {}, options } = change;
  return {
    name,
    before,
    finale: {
      act,
      ...(between === undefined ? {} : { between: { at: between[0], what: between[1] } }),
    },
    refusal,
    effect,
    ...(options === undefined ? {} : { options }),
    ...(change.onlySql === undefined ? {} : { onlySql: change.onlySql }),
  };
}

/** The model knows these acts as one statement, without lock, register and wait. */
const ONE_STATEMENT = 'the model runs this act as one statement';
/** In the model a row of another group is a damaged one, also at rest. */
const AT_REST = 'the model knows no row at rest of another group';
/** A world of the model without the job is one without a dead-man. */
const NO_JOB = 'the model arms no dead-man where there is no job';

function row(epoch: bigint, phase: RegisterPhase, deadlineMs?: number): Disturbance {
  const due = deadlineMs === undefined ? {} : { deadlineMs };
  return { kind: 'written', side: 'source', epoch, phase, ...due };
}

const { registerMoved, demoteRole, demoteSynchronized, demoteQuiet, deadlinePassed } = guards;
const session = (database: string): Disturbance => ({ kind: 'session', side: 'source', database });
const noGroup = (side: Side): Disturbance => ({ kind: 'no-group', side });

const demotions: readonly Change[] = [
  ...(['aborted', 'done'] as const).map((phase) => ({
    name: `demote begins anew after an epoch that is ${phase}`,
    before: [row(3n, phase)],
    act: demote({ fromEpoch: 3n }),
    effect: { ...demotedLines, 'source register': '4 committing' },
  })),
  ...(['fenced', 'committing'] as const).map((phase) => ({
    name: `demote is refused while an epoch is ${phase}, and that is said before anything else`,
    before: [row(0n, phase, BUDGET_MS), session('Sales')],
    act: demote(),
    refusal: registerMoved.number,
  })),
  {
    name: 'demote is refused from another epoch, and that is said before anything else',
    before: [session('Sales')],
    act: demote({ fromEpoch: 1n }),
    refusal: registerMoved.number,
  },
  {
    name: 'demote is refused on the forwarder',
    act: demote({ side: 'target' }),
    refusal: demoteRole.number,
  },
  {
    name: 'demote is refused without the group',
    before: [noGroup('source')],
    act: demote(),
    refusal: demoteRole.number,
  },
  ...databases.map((database) => ({
    name: `demote is refused while ${database} is suspended`,
    before: [{ kind: 'suspend', database } as const],
    act: demote(),
    refusal: demoteSynchronized.number,
    effect: {},
  })),
  {
    name: 'demote is refused while a database that it does not name is not SYNCHRONIZED',
    before: [{ kind: 'suspend', database: 'Sales' }],
    act: demote({ only: ['Adventureworks'] }),
    refusal: demoteSynchronized.number,
  },
  {
    name: 'demote is refused while a session is in a database',
    before: [session('Sales')],
    act: demote(),
    refusal: demoteQuiet.number,
  },
  {
    name: 'demote leaves sessions of other databases alone',
    before: [session(OUTSIDE)],
    act: demote(),
    effect: demotedLines,
  },
  {
    name: 'demote refuses epochs of the other direction',
    act: demote({ refuseEpoch: 4n }),
    effect: { ...demotedLines, 'source refused': '4' },
  },
  {
    name: 'demote is refused when the refused epoch cannot be raised',
    act: demote({ refuseEpoch: 4n }),
    between: ['refuse', { kind: 'damage', side: 'source', table: 'refused', what: 'seal' }],
    refusal: guards.registerTampered.number,
  },
  {
    name: 'demote lowers no refused epoch',
    before: [{ kind: 'refused', side: 'source', epoch: 9n }],
    act: demote({ refuseEpoch: 4n }),
    effect: demotedLines,
  },
  ...(['low', 'first-high', 'second-high'] as const).map((mark) => ({
    name: `demote leaves the epoch fenced when the other side was ${mark}`,
    act: demote({ mark }),
    effect: { ...demotedLines, 'source register': '1 fenced until' },
  })),
  {
    name: 'demote leaves the epoch fenced when the deadline is this very instant',
    act: demote({ budgetMs: 0 }),
    effect: { ...demotedLines, 'source register': '1 fenced until' },
  },
  {
    name: 'demote leaves the epoch fenced when the deadline passed on the way',
    act: demote({ budgetMs: 1000 }),
    between: ['read', { kind: 'pass', ms: 2000 }],
    effect: { ...demotedLines, 'source register': '1 fenced until' },
  },
  {
    name: 'demote that the server refuses takes its epoch back',
    before: [{ kind: 'latch', side: 'source' }],
    act: demote(),
    refusal: 41_104,
    effect: { 'source register': '1 aborted' },
  },
  {
    name: 'demote that the server refuses takes back its own row only',
    before: [{ kind: 'latch', side: 'source' }, { kind: 'twins' }],
    act: demote(),
    refusal: 41_104,
    effect: { 'source register': '1 aborted' },
  },
];

/** What somebody writes in between. */
const meddlings = [
  ['phase', (to: Meddled) => row(to.epoch, to.phase, to.deadlineMs)],
  ['epoch', (to: Meddled) => row(to.epoch + 7n, to.was, to.deadlineMs)],
  [
    'seal',
    (): Disturbance => ({ kind: 'damage', side: 'source', table: 'register', what: 'seal' }),
  ],
  [
    'protocol',
    (): Disturbance => ({ kind: 'damage', side: 'source', table: 'register', what: 'protocol' }),
  ],
] as const;

interface Meddled {
  readonly epoch: bigint;
  /** Phase that the write of ours expects. */
  readonly was: RegisterPhase;
  /** Another one. */
  readonly phase: RegisterPhase;
  readonly deadlineMs?: number;
}

interface MeddledBatch extends Meddled {
  readonly name: string;
  readonly act: Draft;
  readonly before: readonly Disturbance[];
  readonly at: Between;
  readonly refusal: number | null;
  readonly options?: StatementLabOptions;
  /** Changes beside those of the row. */
  readonly effect?: Readonly<Record<string, string>>;
  /** The row when it was damaged only. */
  readonly left: string | null;
}

/** The row changes between the look and the write that rests on it: the write must not happen. */
export function meddled(batch: MeddledBatch): readonly Change[] {
  const { name, act, before, at, refusal, effect = {}, options } = batch;
  const until = (phase: RegisterPhase): string =>
    batch.deadlineMs === undefined
      ? phase
      : phase === 'aborted'
        ? `${phase} owed`
        : `${phase} until`;
  return meddlings.map(([what, of]) => {
    const line =
      what === 'phase'
        ? `${batch.epoch} ${until(batch.phase)}`
        : what === 'epoch'
          ? `${batch.epoch + 7n} ${until(batch.was)}`
          : batch.left;
    return {
      ...(options === undefined ? {} : { options }),
      ...(at === 'armed' ? { onlySql: NO_JOB } : {}),
      name: `${name}: the ${what} of the row changed in between (${at})`,
      before,
      act,
      between: [at, of(batch)] as const,
      refusal,
      effect: line === null ? effect : { ...effect, 'source register': line },
    };
  });
}

/** The dead-man is a job of the Agent. */
export const agent: StatementLabOptions = { cutover: { deadMan: 'agent' } };
const LATCHED: readonly Disturbance[] = [{ kind: 'latch', side: 'source' }];

const between: readonly Change[] = [
  ...meddled({
    name: 'demote',
    act: demote(),
    before: READY,
    at: 'compare',
    refusal: registerMoved.number,
    epoch: 0n,
    was: 'idle',
    phase: 'committing',
    left: null,
  }),
  ...meddled({
    name: 'demote without a job of the dead-man',
    act: demote(),
    before: READY,
    at: 'armed',
    refusal: guards.deadManStart.number,
    options: agent,
    epoch: 1n,
    was: 'fenced',
    phase: 'committing',
    deadlineMs: BUDGET_MS,
    left: '1 fenced until',
  }),
  ...meddled({
    name: 'demote that fails',
    act: demote(),
    before: LATCHED,
    at: 'failed',
    refusal: 41_104,
    epoch: 1n,
    was: 'fenced',
    phase: 'committing',
    deadlineMs: BUDGET_MS,
    left: '1 fenced until',
  }),
  ...meddled({
    name: 'demote at its end',
    act: demote(),
    before: READY,
    at: 'read',
    refusal: null,
    epoch: 1n,
    was: 'fenced',
    phase: 'idle',
    deadlineMs: BUDGET_MS,
    effect: GONE,
    left: '1 fenced until',
  }),
  ...meddled({
    name: 'commit-epoch',
    act: commits(),
    before: FENCED,
    at: 'compare',
    refusal: deadlinePassed.number,
    epoch: 1n,
    was: 'fenced',
    phase: 'idle',
    deadlineMs: BUDGET_MS,
    left: null,
  }),
  ...meddled({
    name: 'give-back',
    act: givesBack('committing'),
    before: COMMITTING,
    at: 'compare',
    refusal: registerMoved.number,
    epoch: 1n,
    was: 'committing',
    phase: 'done',
    left: null,
  }),
  ...meddled({
    name: 'give-back at its end',
    act: givesBack('fenced'),
    before: FENCED,
    at: 'settled',
    refusal: null,
    epoch: 1n,
    was: 'aborted',
    phase: 'idle',
    deadlineMs: BUDGET_MS,
    effect: { 'source group': 'PRIMARY 0' },
    left: '1 aborted owed',
  }),
  ...meddled({
    name: 'close-epoch',
    act: closes(),
    before: PROMOTED,
    at: 'compare',
    refusal: registerMoved.number,
    epoch: 1n,
    was: 'committing',
    phase: 'aborted',
    left: null,
  }),
  ...meddled({
    name: 'record-prior-state',
    act: records(),
    before: READY,
    at: 'compare',
    refusal: registerMoved.number,
    epoch: 0n,
    was: 'committing',
    phase: 'committing',
    left: null,
  }),
];

const jobless: readonly Change[] = [
  {
    name: 'demote without a job of the dead-man takes its epoch back',
    onlySql: NO_JOB,
    act: demote(),
    options: agent,
    refusal: guards.deadManStart.number,
    effect: { 'source register': '1 aborted' },
  },
  {
    name: 'demote without a job of the dead-man takes back its own row only',
    onlySql: NO_JOB,
    before: [{ kind: 'twins' }],
    act: demote(),
    options: agent,
    refusal: guards.deadManStart.number,
    effect: { 'source register': '1 aborted' },
  },
];

const { promoteRole, promoteBehind, promoteMembers, epochRefused, promoteUnfinished } = guards;
/** The last commits are still on their way when the role is gone. */
const LATE: readonly Disturbance[] = [
  { kind: 'delay', ms: 300 },
  { kind: 'late', side: 'source', database: 'Sales' },
  acted(demote({ mark: 'low' }), true),
];
const behindMarks = ['high', 'first-high', 'second-high'] as const;

/** At rest a row binds no group; while it owes a role it does. */
const otherGroups: readonly Change[] = (
  [
    ['idle', undefined, true],
    ['done', undefined, true],
    ['aborted', undefined, true],
    ['aborted', -1000, false],
  ] as const
).flatMap(([phase, deadlineMs, isFree]) => {
  const before = [
    row(3n, phase, deadlineMs),
    { kind: 'damage', side: 'source', table: 'register', what: 'other-group' } as const,
  ];
  const name = `an epoch of another group that is ${isFree ? phase : 'owed its role'}`;
  const refusal = isFree ? null : guards.registerForeign.number;
  return [
    {
      name: `demote ${isFree ? 'begins after' : 'is refused after'} ${name}`,
      before,
      act: demote({ fromEpoch: 3n }),
      refusal,
      effect: isFree ? { ...demotedLines, 'source register': '4 committing' } : {},
    },
    {
      name: `record-prior-state ${isFree ? 'writes after' : 'is refused after'} ${name}`,
      before,
      act: records(),
      refusal,
      effect: isFree ? { 'source register': `3 ${phase} ${PRIOR}` } : {},
    },
  ].map((change) => (isFree ? { ...change, onlySql: AT_REST } : change));
});

/** A role that is owed binds the group it was fenced in; this is that group. */
const owedHere: readonly Change[] = [
  {
    name: 'demote begins after an epoch of this group that is owed its role',
    before: [row(3n, 'aborted', -1000)],
    act: demote({ fromEpoch: 3n }),
    effect: { ...demotedLines, 'source register': '4 committing' },
  },
  {
    name: 'record-prior-state writes after an epoch of this group that is owed its role',
    before: [row(3n, 'aborted', -1000)],
    act: records(),
    effect: { 'source register': `3 aborted owed ${PRIOR}` },
  },
];

const promotions: readonly Change[] = [
  {
    name: 'promote is refused for the epoch that was refused',
    before: [...COMMITTING, acted(refuses(1n))],
    act: promote(),
    refusal: epochRefused.number,
  },
  {
    name: 'promote is accepted for the epoch after the one that was refused',
    before: [...COMMITTING, acted(refuses(1n))],
    act: promote({ epoch: 2n }),
    effect: promotedLines,
  },
  {
    name: 'promote is refused on the primary',
    act: promote({ side: 'source' }),
    refusal: promoteRole.number,
  },
  {
    name: 'promote is refused without the group',
    before: [noGroup('target')],
    act: promote(),
    refusal: promoteRole.number,
  },
  {
    name: 'promote is refused when the group holds a database that was not compared',
    before: COMMITTING,
    act: promote({ of: 1 }),
    refusal: promoteMembers.number,
  },
  ...behindMarks.map((mark) => ({
    name: `promote is refused while the log is behind (${mark})`,
    before: COMMITTING,
    act: promote({ mark }),
    refusal: promoteBehind.number,
  })),
  {
    name: 'promote waits for the log that is on its way',
    before: LATE,
    act: promote(),
    effect: promotedLines,
  },
  {
    name: 'promote is refused when somebody else promoted in between',
    before: COMMITTING,
    act: promote(),
    between: ['locked', { kind: 'force', side: 'target' }],
    refusal: promoteRole.number,
    effect: promotedLines,
  },
  {
    name: 'promote is refused when the group was dropped in between',
    before: COMMITTING,
    act: promote(),
    between: ['locked', noGroup('target')],
    refusal: promoteRole.number,
    effect: { 'target group': 'none' },
  },
  {
    name: 'promote says so when the databases do not open',
    before: [
      { kind: 'no-redo', side: 'target' },
      { kind: 'commit', database: 'Sales' },
      ...COMMITTING,
    ],
    act: promote(),
    refusal: promoteUnfinished.number,
    effect: promotedLines,
  },
  ...(['high', 'first-high', 'second-high'] as const).map((mark) => ({
    name: `await-lsns is refused while the log is behind (${mark})`,
    before: COMMITTING,
    act: awaits(mark),
    refusal: promoteBehind.number,
  })),
  { name: 'await-lsns ends when the log is there', before: COMMITTING, act: awaits('exact') },
  { name: 'await-lsns waits for the log that is on its way', before: LATE, act: awaits('exact') },
  {
    name: 'await-lsns is refused on the primary',
    act: awaits('exact', 'source'),
    refusal: promoteRole.number,
  },
  {
    name: 'await-lsns is refused without the group',
    before: [noGroup('target')],
    act: awaits('exact'),
    refusal: promoteRole.number,
  },
];

const { commitRole, refuseRole, registerForeign, splitBrainRole } = guards;
const FORCED: readonly Disturbance[] = [...FENCED, { kind: 'force', side: 'source' }];

const registerActs: readonly Change[] = [
  {
    name: 'commit-epoch is refused from another phase, and that is said first',
    before: [row(1n, 'idle')],
    act: commits(),
    refusal: registerMoved.number,
  },
  {
    name: 'commit-epoch is refused for another epoch',
    before: FENCED,
    act: commits(2n),
    refusal: registerMoved.number,
  },
  {
    name: 'commit-epoch is refused while the role is here',
    before: FORCED,
    act: commits(),
    refusal: commitRole.number,
  },
  {
    name: 'commit-epoch is refused without the group',
    before: [...FENCED, noGroup('source')],
    act: commits(),
    refusal: registerForeign.number,
  },
  {
    name: 'commit-epoch is refused after the deadline',
    before: [...FENCED, { kind: 'pass', ms: BUDGET_MS }],
    act: commits(),
    refusal: deadlinePassed.number,
  },
  {
    name: 'commit-epoch is refused in the instant of the deadline',
    before: [...FENCED, row(1n, 'fenced', 5000), { kind: 'pass', ms: 4000 }],
    act: commits(),
    refusal: deadlinePassed.number,
  },
  {
    name: 'close-epoch is refused from another phase, and that is said first',
    act: closes(0n),
    refusal: registerMoved.number,
  },
  {
    name: 'close-epoch is refused for another epoch',
    before: PROMOTED,
    act: closes(2n),
    refusal: registerMoved.number,
  },
  {
    name: 'close-epoch is refused while the role is here',
    before: [row(1n, 'committing')],
    act: closes(),
    refusal: commitRole.number,
  },
  {
    name: 'refuse-epoch is refused on the primary',
    act: refuses(1n, 'source'),
    refusal: refuseRole.number,
  },
  {
    name: 'refuse-epoch is refused without the group',
    before: [noGroup('target')],
    act: refuses(),
    refusal: refuseRole.number,
  },
  { name: 'refuse-epoch lowers nothing', before: [acted(refuses(5n))], act: refuses(2n) },
  {
    name: 'refuse-epoch writes nothing into a row that was damaged in between',
    before: FENCED,
    act: refuses(),
    between: ['refuse', { kind: 'damage', side: 'target', table: 'refused', what: 'seal' }],
  },
  ...(['fenced', 'committing'] as const).map((phase) => ({
    name: `record-prior-state is refused while an epoch is ${phase}`,
    before: [row(1n, phase, BUDGET_MS)],
    act: records(),
    refusal: registerMoved.number,
  })),
  ...(['aborted', 'done'] as const).map((phase) => ({
    name: `record-prior-state writes after an epoch that is ${phase}`,
    before: [row(1n, phase)],
    act: records(),
    effect: { 'source register': `1 ${phase} ${PRIOR}` },
  })),
  ...(['fenced', 'committing', 'aborted'] as const).flatMap((from) => [
    {
      name: `give-back from ${from} is refused in another phase, and that is said first`,
      before: [row(1n, 'idle'), noGroup('source')],
      act: givesBack(from),
      refusal: registerMoved.number,
    },
    {
      name: `give-back from ${from} is refused for another epoch`,
      before: [row(2n, from, BUDGET_MS)],
      act: givesBack(from),
      refusal: registerMoved.number,
    },
    {
      name: `give-back from ${from} is refused without the group`,
      before: [row(1n, from, BUDGET_MS), noGroup('source')],
      act: givesBack(from),
      refusal: registerForeign.number,
    },
    {
      name: `give-back from ${from} mends the register where the role is here already`,
      before: [row(1n, from, BUDGET_MS)],
      act: givesBack(from),
      effect: { 'source register': '1 aborted' },
    },
  ]),
  {
    name: 'give-back is refused when nothing is owed any more',
    before: [row(1n, 'aborted')],
    act: givesBack('aborted'),
    refusal: registerMoved.number,
  },
  {
    name: 'give-back says so when the databases do not open',
    before: [{ kind: 'no-redo', side: 'source' }, ...FENCED],
    act: givesBack('fenced'),
    refusal: promoteUnfinished.number,
    effect: { 'source register': '1 aborted owed', 'source group': 'PRIMARY 0' },
  },
  {
    name: 'fence-split-brain is refused on a side that is not primary',
    act: fenceLoser('target'),
    refusal: splitBrainRole.number,
  },
  {
    name: 'fence-split-brain is refused without the group',
    before: [noGroup('source')],
    act: fenceLoser(),
    refusal: splitBrainRole.number,
  },
  {
    name: 'fence-split-brain needs no register',
    before: [{ kind: 'damage', side: 'source', table: 'register', what: 'no-register-table' }],
    act: fenceLoser(),
    effect: GONE,
  },
  ...(['fenced', 'aborted'] as const).map((phase) => ({
    name: `fence-split-brain ends an epoch that is ${phase}, so that nobody takes the role back`,
    onlySql: ONE_STATEMENT,
    before: [row(3n, phase, BUDGET_MS)],
    act: fenceLoser(),
    effect: { ...GONE, 'source register': '3 aborted' },
  })),
  ...(['committing', 'done'] as const).map((phase) => ({
    name: `fence-split-brain leaves an epoch that is ${phase}`,
    before: [row(3n, phase)],
    act: fenceLoser(),
    effect: GONE,
  })),
  {
    name: 'fence-split-brain ends its own row only',
    onlySql: ONE_STATEMENT,
    before: [row(3n, 'fenced', BUDGET_MS), { kind: 'twins' }],
    act: fenceLoser(),
    effect: { ...GONE, 'source register': '3 aborted' },
  },
  ...(['seal', 'protocol'] as const).map((what) => ({
    name: `fence-split-brain writes nothing into a row that is damaged (${what})`,
    before: [
      row(3n, 'fenced', BUDGET_MS),
      { kind: 'damage', side: 'source', table: 'register', what } as const,
    ],
    act: fenceLoser(),
    effect: GONE,
  })),
  {
    name: 'fence-split-brain that the server refuses sets its lock free',
    onlySql: ONE_STATEMENT,
    before: LATCHED,
    act: fenceLoser(),
    refusal: 41_104,
  },
  {
    name: 'force-promote is refused on the primary',
    act: forces('source'),
    refusal: promoteRole.number,
  },
  {
    name: 'force-promote is refused without the group',
    before: [noGroup('target')],
    act: forces(),
    refusal: promoteRole.number,
  },
  {
    name: 'force-promote says so when the databases do not open',
    onlySql: ONE_STATEMENT,
    before: [
      { kind: 'no-redo', side: 'target' },
      { kind: 'commit', database: 'Sales' },
    ],
    act: forces(),
    refusal: promoteUnfinished.number,
    effect: promotedLines,
  },
];

const later = (ms: number, what: Disturbance): Disturbance => ({ kind: 'later', ms, what });
const DUE: readonly Disturbance[] = [...FENCED, row(1n, 'fenced', -1000)];
const login = 'app_writer';
const backAgain = { 'source register': '1 aborted', 'source group': 'PRIMARY 0' };

interface Watched {
  readonly name: string;
  readonly before: readonly Disturbance[];
  readonly effect?: Readonly<Record<string, string>>;
  readonly ms?: number;
  readonly between?: readonly [Between, Disturbance];
  readonly options?: StatementLabOptions;
}

const watches: readonly Watched[] = [
  { name: 'waits while the deadline has not come', before: FENCED },
  {
    name: 'gives back an epoch that becomes due while it watches',
    before: [acted(demote({ mark: 'low', budgetMs: 3000 }))],
    effect: backAgain,
    ms: 8000,
  },
  { name: 'gives back an epoch that is due', before: DUE, effect: backAgain },
  {
    name: 'touches its own row, not those of other groups that are the same',
    before: [...DUE, { kind: 'twins' }],
    effect: backAgain,
  },
  { name: 'takes back what somebody else aborted and left', before: OWED, effect: backAgain },
  {
    name: 'leaves an aborted epoch whose role is not owed',
    before: [...FENCED, row(1n, 'aborted')],
  },
  { name: 'leaves an epoch that is committing', before: COMMITTING },
  { name: 'leaves an epoch that is done', before: [...COMMITTING, row(1n, 'done')] },
  ...(['seal', 'protocol', 'foreign', 'other-group', 'no-row', 'no-register-table'] as const).map(
    (what) => ({
      name: `does nothing with a row that is damaged (${what})`,
      before: [...DUE, { kind: 'damage', side: 'source', table: 'register', what } as const],
    }),
  ),
  {
    name: 'does nothing while the lock is held',
    before: [...DUE, { kind: 'lock', side: 'source' }],
  },
  {
    name: 'ends when another epoch begins while it watches, although that one is due',
    before: [...FENCED, later(1000, row(2n, 'fenced', -1000))],
    effect: { 'source register': '2 fenced until' },
  },
  {
    name: 'ends when its epoch is committed while it watches, and stays away',
    before: [...FENCED, later(1000, row(1n, 'committing')), later(2000, row(1n, 'fenced', -1000))],
  },
  {
    name: 'mends the row where the role is here already',
    before: [row(1n, 'fenced', -1000)],
    effect: { 'source register': '1 aborted' },
  },
  {
    name: 'does nothing where the group is gone',
    before: [...DUE, noGroup('source')],
  },
  {
    name: 'stops waiting for a secondary first, where the server would refuse the role',
    before: [acted(plain({ kind: 'set-required-secondaries', side: 'source', value: 1 })), ...DUE],
    effect: backAgain,
    options: { switches: { giveBackWithRequiredSecondaries: 'refused' } },
  },
  {
    name: 'enables the login that was enabled before',
    before: [
      acted(records()),
      acted(plain({ kind: 'disable-login', side: 'source', login })),
      ...DUE,
    ],
    effect: {
      'source register': `1 aborted ${PRIOR}`,
      'source group': 'PRIMARY 0',
      'source logins': `${login} 0`,
    },
  },
  {
    name: 'leaves a login that was not enabled before',
    before: [acted(plain({ kind: 'disable-login', side: 'source', login })), ...DUE],
    effect: backAgain,
  },
  ...(
    [
      ['committed', row(1n, 'committing'), '1 committing'],
      ['begun anew', row(2n, 'fenced', -1000), '2 fenced until'],
      ['given more time', row(1n, 'fenced', BUDGET_MS), null],
    ] as const
  ).map(([what, meddling, line]) => ({
    name: `does nothing when the epoch is ${what} between its look and its write`,
    before: DUE,
    between: ['watched', meddling] as const,
    effect: line === null ? {} : { 'source register': line },
  })),
  ...(['seal', 'protocol'] as const).map((what) => ({
    name: `does nothing when the row is damaged between its look and its write (${what})`,
    before: DUE,
    between: ['watched', { kind: 'damage', side: 'source', table: 'register', what }] as const,
  })),
  ...(
    [
      ['settled', row(1n, 'aborted'), '1 aborted'],
      ['done', row(1n, 'done', -1000), '1 done until'],
      ['another', row(2n, 'aborted', -1000), '2 aborted owed'],
    ] as const
  ).map(([what, meddling, line]) => ({
    name: `takes no role when its epoch is ${what} after its write`,
    before: DUE,
    between: ['aborted', meddling] as const,
    effect: { 'source register': line },
  })),
  ...(['seal', 'protocol'] as const).map((what) => ({
    name: `takes no role when the row is damaged after its write (${what})`,
    before: DUE,
    between: ['aborted', { kind: 'damage', side: 'source', table: 'register', what }] as const,
    effect: { 'source register': '1 aborted owed' },
  })),
];

function watched(one: Watched): GuardScenario {
  const { name, before, effect = {}, ms = 5000, between: meddling, options } = one;
  return {
    name: `the dead-man ${name}`,
    before,
    finale: {
      deadMan: 'source',
      ms,
      ...(meddling === undefined ? {} : { between: { at: meddling[0], what: meddling[1] } }),
    },
    refusal: null,
    effect,
    ...(options === undefined ? {} : { options }),
  };
}

/** Every situation. */
export const guardScenarios: readonly GuardScenario[] = [
  ...accepted.flatMap((one) => aroundEach(one)),
  ...[
    ...demotions,
    ...otherGroups,
    ...owedHere,
    ...jobless,
    ...promotions,
    ...registerActs,
    ...between,
  ].map((change) => scenario(change)),
  ...watches.map((one) => watched(one)),
];
