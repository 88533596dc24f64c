/**
 * Situations that a real server can show and the lab does not come to by itself: the views say it
 * (`shown-catalog.ts`), the batches are the shipping ones. T-SQL only; the model has no views.
 */

import { guards } from '../../src/sql/statement/guard.ts';
import { PLACE_VARIABLE, REGISTER, registerSeal } from '../../src/sql/statement/register-guard.ts';
import type { Disturbance } from './guard-scenario.ts';
import {
  acted,
  agent,
  awaits,
  closes,
  COMMITTING,
  commits,
  demote,
  FENCED,
  fenceLoser,
  forces,
  givesBack,
  meddled,
  OWED,
  plain,
  promote,
  PROMOTED,
  refuses,
  scenario,
  type Change,
  type GuardScenario,
} from './guard-scenarios.ts';
import type { Showing, ShownRow } from './shown-catalog.ts';
import type { SqlStage } from './sql-stage.ts';
import { databases, OUTSIDE } from './statement-lab.ts';

/** A situation with what its views show while the act runs. */
export interface ShownScenario extends GuardScenario {
  /** By name of the view. */
  readonly shown?: Readonly<Record<string, Showing>>;
  /** What the words of `guard-scenario.ts` do not say; after them. */
  readonly arrange?: (stage: SqlStage) => Promise<void>;
}

type ShownChange = Change & Pick<ShownScenario, 'shown' | 'arrange'>;

const GROUPS = 'sys.availability_groups';
const ROLES = 'sys.dm_hadr_availability_replica_states';
const COPIES = 'sys.dm_hadr_database_replica_states';
const SESSIONS = 'sys.dm_exec_sessions';

const THIRD = '00000000-0000-0000-0000-00000000ABCD';

/** A third group beside ours on both servers. */
const thirdGroup: Showing = (rows) => [
  ...rows,
  ...rows.slice(0, 1).map((row) => ({ ...row, group_id: THIRD, name: 'Third' })),
];

/** Our own row first, then the other member and the local row of the third group, both in another role. */
function roles(
  others: 'PRIMARY' | 'SECONDARY',
  own?: 'PRIMARY' | 'SECONDARY',
): Readonly<Record<string, Showing>> {
  return {
    [GROUPS]: thirdGroup,
    [ROLES]: (rows) => {
      const local = rows.filter((row) => row['is_local'] === true);
      const last = local.slice(-1);
      return [
        ...local.slice(0, -1),
        ...last.map((row) => (own === undefined ? row : { ...row, role_desc: own })),
        ...last.map((row) => ({ ...row, is_local: false, role_desc: others })),
        ...last.map((row) => ({ ...row, group_id: THIRD, role_desc: others })),
      ];
    },
  };
}

const every =
  (change: Readonly<ShownRow>): Showing =>
  (rows) =>
    rows.map((row) => ({ ...row, ...change }));

/** Local copies of the n-th database (from 0) one log record above, or below, in one column. */
function moved(server: string, place: number, column: string, by: bigint): Showing {
  return (rows, instance) => {
    if (instance !== server) return rows;
    const ids = [...new Set(rows.map((row) => Number(row['database_id'])))].sort((a, b) => a - b);
    return rows.map((row) => {
      const lsn = row[column];
      if (row['is_local'] !== true || row['database_id'] !== ids[place]) return row;
      return typeof lsn === 'object' && lsn !== null && 'unscaled' in lsn && lsn.kind === 'decimal'
        ? { ...row, [column]: { ...lsn, unscaled: lsn.unscaled + by } }
        : row;
    });
  };
}

const SOURCE = 'onpremnode';
const TARGET = 'sqlvm';

const empty =
  (server: string, column: string): Showing =>
  (rows, instance) =>
    instance === server ? rows.map((row) => ({ ...row, [column]: null })) : rows;

const COMMITTED = { 'source register': '1 committing', 'source group': 'SECONDARY 0' };
const STILL_FENCED = { 'source register': '1 fenced until', 'source group': 'SECONDARY 0' };
const TAKEN = { 'target group': 'PRIMARY 0' };
const ELSEWHERE = 'while another group and the other member have another role';

/** The role of ours is one, that of everybody else beside it another. */
const besides: readonly ShownChange[] = [
  {
    name: `await-lsns ends ${ELSEWHERE}`,
    before: COMMITTING,
    act: awaits('exact'),
    shown: roles('PRIMARY'),
  },
  {
    name: `commit-epoch commits ${ELSEWHERE}`,
    before: FENCED,
    act: commits(),
    shown: roles('PRIMARY'),
    effect: { 'source register': '1 committing' },
  },
  {
    name: `close-epoch closes ${ELSEWHERE}`,
    before: PROMOTED,
    act: closes(),
    shown: roles('PRIMARY'),
    effect: { 'source register': '1 done' },
  },
  {
    name: `refuse-epoch refuses ${ELSEWHERE}`,
    before: FENCED,
    act: refuses(),
    shown: roles('PRIMARY'),
    effect: { 'target refused': '1' },
  },
  {
    name: `demote that the server refuses takes its epoch back ${ELSEWHERE}`,
    before: [{ kind: 'latch', side: 'source' }],
    act: demote(),
    shown: roles('SECONDARY'),
    refusal: 41_104,
    effect: { 'source register': '1 aborted' },
  },
  {
    name: `demote says so when its own role stays PRIMARY, ${ELSEWHERE}`,
    act: demote(),
    shown: roles('SECONDARY', 'PRIMARY'),
    refusal: guards.demoteUnfinished.number,
    effect: STILL_FENCED,
  },
  {
    name: `fence-split-brain says so when its own role stays PRIMARY, ${ELSEWHERE}`,
    act: fenceLoser(),
    shown: roles('SECONDARY', 'PRIMARY'),
    refusal: guards.demoteUnfinished.number,
    effect: { 'source group': 'SECONDARY 0' },
  },
  {
    name: `promote says so when its own role stays SECONDARY, ${ELSEWHERE}`,
    before: COMMITTING,
    act: promote(),
    shown: roles('PRIMARY', 'SECONDARY'),
    refusal: guards.promoteUnfinished.number,
    effect: TAKEN,
  },
  {
    name: `force-promote says so when its own role stays SECONDARY, ${ELSEWHERE}`,
    before: COMMITTING,
    act: forces(),
    shown: roles('PRIMARY', 'SECONDARY'),
    refusal: guards.promoteUnfinished.number,
    effect: TAKEN,
  },
  {
    name: `give-back says so when its own role stays SECONDARY, ${ELSEWHERE}`,
    before: FENCED,
    act: givesBack('fenced'),
    shown: roles('PRIMARY', 'SECONDARY'),
    refusal: guards.promoteUnfinished.number,
    effect: { 'source register': '1 aborted owed', 'source group': 'PRIMARY 0' },
  },
  {
    name: 'give-back is refused while the server shows no role',
    before: FENCED,
    act: givesBack('fenced'),
    shown: { [ROLES]: () => [] },
    refusal: guards.giveBackRole.number,
  },
  {
    name: 'commit-epoch is refused while the server shows no role',
    before: FENCED,
    act: commits(),
    shown: { [ROLES]: () => [] },
    refusal: guards.commitRole.number,
  },
];

const LATCHED: Disturbance = { kind: 'latch', side: 'source' };

const { demoteSynchronized, demoteQuiet, promoteBehind, promoteState } = guards;

const copies: readonly ShownChange[] = [
  {
    name: 'demote is refused for a database that is not in the group',
    act: demote({ only: [...databases, OUTSIDE] }),
    refusal: demoteSynchronized.number,
  },
  {
    name: 'demote is refused while the group holds as many databases, but not these',
    act: demote(),
    shown: { [COPIES]: (rows) => rows.map((row, place) => ({ ...row, database_id: place + 1 })) },
    refusal: demoteSynchronized.number,
  },
  {
    name: 'demote is refused while a copy is suspended, although it is SYNCHRONIZED',
    act: demote(),
    shown: { [COPIES]: every({ is_suspended: true }) },
    refusal: demoteSynchronized.number,
  },
  {
    name: 'demote is refused while the state of the copies is NULL',
    act: demote(),
    shown: { [COPIES]: every({ synchronization_state_desc: null }) },
    refusal: demoteSynchronized.number,
  },
  {
    name: 'demote leaves copies of other groups alone, SYNCHRONIZED or not',
    act: demote(),
    shown: {
      [GROUPS]: thirdGroup,
      [COPIES]: (rows) => [
        ...rows,
        ...rows.map((row) => ({
          ...row,
          group_id: THIRD,
          synchronization_state_desc: 'NOT SYNCHRONIZING',
        })),
      ],
    },
    effect: COMMITTED,
  },
  {
    name: 'demote is refused while a session is in the first database',
    before: [{ kind: 'session', side: 'source', database: 'Adventureworks' }],
    act: demote(),
    refusal: demoteQuiet.number,
  },
  {
    name: 'demote leaves sessions of the system alone',
    before: [{ kind: 'session', side: 'source', database: 'Sales' }],
    act: demote(),
    shown: { [SESSIONS]: every({ is_user_process: false }) },
    effect: COMMITTED,
  },
  {
    // Group DDL is for sessions in master (35208), so the server refuses where our guard lets it through.
    name: 'demote does not count its own session',
    act: demote(),
    arrange: async ({ acting }) => void (await acting.source.ask('USE [Sales]')),
    refusal: 35_208,
    effect: { 'source register': '1 aborted' },
  },
  ...['REVERTING', 'INITIALIZING'].map((state) => ({
    name: `promote is refused while a database is ${state}`,
    before: COMMITTING,
    act: promote(),
    shown: { [COPIES]: every({ synchronization_state_desc: state }) },
    refusal: promoteState.number,
  })),
  ...['REVERTING', 'INITIALIZING'].map((state) => ({
    name: `promote leaves copies alone that are ${state} in another group or elsewhere`,
    before: COMMITTING,
    act: promote(),
    shown: {
      [GROUPS]: thirdGroup,
      [COPIES]: (rows: readonly ShownRow[]) => [
        ...rows,
        ...rows.map((row) => ({
          ...row,
          group_id: THIRD,
          synchronization_state_desc: state,
        })),
        ...rows.map((row) => ({ ...row, is_local: false, synchronization_state_desc: state })),
      ],
    },
    effect: TAKEN,
  })),
];

const COLUMNS = ['last_hardened_lsn', 'end_of_log_lsn'] as const;

/** A column is NULL (Microsoft Learn: `last_hardened_lsn` on a primary), or both say something else. */
const lsns: readonly ShownChange[] = [
  ...COLUMNS.map((column) => ({
    name: `demote commits where ${column} is NULL`,
    act: demote(),
    shown: { [COPIES]: empty(SOURCE, column) },
    effect: COMMITTED,
  })),
  ...COLUMNS.flatMap((column) =>
    databases.map((database, place) => ({
      name: `demote leaves the epoch fenced when ${column} of ${database} alone is further`,
      act: demote(),
      shown: { [COPIES]: moved(SOURCE, place, column, 1n) },
      effect: STILL_FENCED,
    })),
  ),
  {
    name: 'await-lsns ends where last_hardened_lsn is NULL',
    before: COMMITTING,
    act: awaits('exact'),
    shown: { [COPIES]: empty(TARGET, 'last_hardened_lsn') },
  },
  {
    name: 'promote is accepted where last_hardened_lsn is NULL',
    before: COMMITTING,
    act: promote(),
    shown: { [COPIES]: empty(TARGET, 'last_hardened_lsn') },
    effect: TAKEN,
  },
  ...databases.flatMap((database, place) =>
    [
      { name: 'await-lsns', act: awaits('exact') },
      { name: 'promote', act: promote() },
    ].map(({ name, act }) => ({
      name: `${name} is refused while ${database} has received what it has not hardened`,
      before: COMMITTING,
      act,
      shown: { [COPIES]: moved(TARGET, place, 'last_hardened_lsn', -1n) },
      refusal: promoteBehind.number,
    })),
  ),
];

/** The first database stands elsewhere in one row: of a third group, or of the other member. */
function elsewhere(showing: Showing, change: ShownRow): Showing {
  return (rows, instance) => [
    ...showing(rows, instance),
    ...rows
      .filter((row) => row['is_local'] === true)
      .slice(0, 1)
      .map((row) => ({ ...row, ...change })),
  ];
}

/** What is looked at is the own copy, not one in another group or on another server. */
const ownCopies: readonly ShownChange[] = (
  [
    ['another group', { group_id: THIRD }],
    ['another server', { is_local: false }],
  ] as const
).flatMap(([what, change]) => [
  ...[
    { name: 'await-lsns', act: awaits('exact') },
    { name: 'promote', act: promote() },
  ].map(({ name, act }) => ({
    name: `${name} does not take the copy of ${what} for its own`,
    before: COMMITTING,
    act,
    shown: {
      [GROUPS]: thirdGroup,
      [COPIES]: elsewhere(moved(TARGET, 0, 'last_hardened_lsn', -1n), change),
    },
    refusal: promoteBehind.number,
  })),
  {
    name: `demote does not take the copy of ${what} for its own`,
    act: demote(),
    shown: {
      [GROUPS]: thirdGroup,
      [COPIES]: elsewhere(moved(SOURCE, 0, 'end_of_log_lsn', 1n), change),
    },
    effect: STILL_FENCED,
  },
]);

/** Rows of other groups that become, in the middle of the batch, what ours becomes. */
function strangersAre(phase: 'fenced' | 'aborted'): (stage: SqlStage) => Promise<void> {
  const values = {
    epoch: '1',
    phase: `N'${phase}'`,
    deadline: '@then',
    owner: "N'somebody'",
  };
  return async ({ lab }) =>
    void (await lab.run(
      'source',
      `DECLARE ${PLACE_VARIABLE}, @then datetime2(3) = DATEADD(hour, 1, SYSUTCDATETIME()); UPDATE ${REGISTER} SET epoch = 1, phase = N'${phase}', deadline_utc = @then, owner = N'somebody', seal = ${registerSeal(values)} WHERE dag <> N'DAG'`,
    ));
}

const WITH_JOB: readonly Disturbance[] = [
  acted(plain({ kind: 'create-dead-man', side: 'source' })),
];

const writes: readonly ShownChange[] = [
  {
    name: 'demote commits its own row only, others are fenced with this epoch',
    act: demote(),
    arrange: strangersAre('fenced'),
    effect: COMMITTED,
  },
  {
    name: 'demote with a dead-man commits its own row only, others are fenced with this epoch',
    before: WITH_JOB,
    act: demote(),
    options: agent,
    arrange: strangersAre('fenced'),
    effect: COMMITTED,
  },
  {
    name: 'demote without a job takes back its own row only, others are fenced with this epoch',
    act: demote(),
    options: agent,
    arrange: strangersAre('fenced'),
    refusal: guards.deadManStart.number,
    effect: { 'source register': '1 aborted' },
  },
  ...[false, true].map((isArmed) => ({
    name: `demote that fails ${isArmed ? 'with a dead-man ' : ''}takes back its own row only, others are fenced with this epoch`,
    before: [...(isArmed ? WITH_JOB : []), LATCHED],
    act: demote(),
    ...(isArmed ? { options: agent } : {}),
    arrange: strangersAre('fenced'),
    refusal: 41_104,
    effect: { 'source register': '1 aborted' },
  })),
  ...meddled({
    name: 'demote with a dead-man at its end',
    act: demote(),
    before: WITH_JOB,
    at: 'read',
    refusal: null,
    options: agent,
    epoch: 1n,
    was: 'fenced',
    phase: 'idle',
    deadlineMs: 60_000,
    effect: { 'source group': 'SECONDARY 0' },
    left: '1 fenced until',
  }),
  ...meddled({
    name: 'demote with a dead-man that fails',
    act: demote(),
    before: [...WITH_JOB, LATCHED],
    at: 'failed',
    refusal: 41_104,
    options: agent,
    epoch: 1n,
    was: 'fenced',
    phase: 'committing',
    deadlineMs: 60_000,
    left: '1 fenced until',
  }),
  {
    name: 'demote is refused when the refused epoch was lowered in between',
    act: demote({ refuseEpoch: 4n }),
    between: ['raised', { kind: 'refused', side: 'source', epoch: 1n }],
    refusal: guards.registerTampered.number,
    effect: { 'source refused': '1' },
  },
  {
    name: 'give-back pays its own row only, others are owed the role of this epoch',
    before: FENCED,
    act: givesBack('fenced'),
    arrange: strangersAre('aborted'),
    effect: { 'source register': '1 aborted', 'source group': 'PRIMARY 0' },
  },
  ...meddled({
    name: 'give-back from fenced',
    act: givesBack('fenced'),
    before: FENCED,
    at: 'compare',
    refusal: guards.registerMoved.number,
    epoch: 1n,
    was: 'fenced',
    phase: 'done',
    deadlineMs: 60_000,
    left: null,
  }),
  ...meddled({
    name: 'give-back from aborted at its end',
    act: givesBack('aborted'),
    before: OWED,
    at: 'settled',
    refusal: null,
    epoch: 1n,
    was: 'aborted',
    phase: 'idle',
    deadlineMs: 60_000,
    effect: { 'source group': 'PRIMARY 0' },
    left: null,
  }),
];

/** Number of an ALTER for a group that is not there. */
const NO_SUCH_GROUP = 15_151;

const failing: readonly ShownChange[] = [
  {
    name: 'promote that the server refuses says that alone',
    before: COMMITTING,
    act: promote(),
    between: ['altered', { kind: 'no-group', side: 'target' }],
    refusal: NO_SUCH_GROUP,
    effect: { 'target group': 'none' },
  },
  {
    name: 'force-promote that the server refuses says that alone',
    before: COMMITTING,
    act: forces(),
    between: ['altered', { kind: 'no-group', side: 'target' }],
    refusal: NO_SUCH_GROUP,
    effect: { 'target group': 'none' },
  },
  {
    name: 'give-back that the server refuses says that alone',
    before: FENCED,
    act: givesBack('fenced'),
    between: ['altered', { kind: 'no-group', side: 'source' }],
    refusal: NO_SUCH_GROUP,
    effect: { 'source register': '1 aborted owed', 'source group': 'none' },
  },
];

/** Every one of them. */
export const shownScenarios: readonly ShownScenario[] = [
  ...besides,
  ...copies,
  ...lsns,
  ...ownCopies,
  ...writes,
  ...failing,
].map((change) => ({
  ...scenario(change),
  ...(change.shown === undefined ? {} : { shown: change.shown }),
  ...(change.arrange === undefined ? {} : { arrange: change.arrange }),
}));
