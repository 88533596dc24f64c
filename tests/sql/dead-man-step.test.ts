/**
 * The dead-man's step against every row that a register can hold, in both roles: what it does, when, and
 * when it ends. The rows are named by hand and what must come of them follows from docs/cutover.md.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { leadershipResource } from '../../src/sql/statement/act-lock.ts';
import {
  deadManStage,
  REHEARSAL,
  rowText,
  type DeadManStage,
  type StageCase,
  type StageResult,
  type StageRow,
} from '../support/dead-man-stage.ts';

const SOON = 600;
const PAUSE = 200;
/** After a hundred tries, beside the other pause. */
const LONG_PAUSE = 5000;

type Role = 'PRIMARY' | 'SECONDARY';
const roles: readonly Role[] = ['SECONDARY', 'PRIMARY'];
const phases = ['idle', 'fenced', 'committing', 'aborted', 'done'] as const;
const deadlines = [undefined, -1, SOON] as const;

const fenced = (deadlineMs?: number): StageRow => ({
  phase: 'fenced',
  ...(deadlineMs === undefined ? {} : { deadlineMs }),
});
const OWED: StageRow = { phase: 'aborted', deadlineMs: -1 };
const SETTLED: StageRow = { phase: 'aborted' };

/** `shown` of a row as it was written before the step began, or by somebody else. */
function line(row: StageRow, owner = 'before'): string {
  const until = row.deadlineMs === undefined ? '' : 'until ';
  return `${row.dag ?? 'DAG'}: ${row.epoch ?? 1} ${row.phase} ${until}${owner}`;
}

const DONE = 'DAG: 1 aborted dead-man';

function left(row: StageRow | null, role: Role, endedMs: number | null = 0): StageResult {
  const rows = row === null ? [] : [line(row)];
  return { endedMs, errors: [], rows, role, login: 'disabled' };
}

/** The role was away: forced in one turn, seen and written down in the next. */
function gaveBack(role: Role, dueMs = 0): StageResult {
  const endedMs = role === 'SECONDARY' ? dueMs + PAUSE : dueMs;
  return { endedMs, errors: [], rows: [DONE], role: 'PRIMARY', login: 'enabled' };
}

/** What the cutover promises of a row that is sound. */
function promised(row: StageRow, role: Role): StageResult {
  const { phase, deadlineMs, isOfOtherGroup } = row;
  const isOwed = phase === 'aborted' && deadlineMs !== undefined;
  if (isOfOtherGroup === true || !(phase === 'fenced' || isOwed)) return left(row, role);
  if (isOwed) return gaveBack(role);
  if (deadlineMs === undefined) return left(row, role, null);
  return gaveBack(role, Math.max(0, deadlineMs));
}

async function shows(stage: DeadManStage, one: StageCase, wanted: StageResult): Promise<void> {
  const name = JSON.stringify([one.role ?? 'SECONDARY', one.rows, one.between?.text, one.later]);
  assert.deepEqual(await stage.watch(one), wanted, name);
}

test('the dead-man does for every phase, deadline, group and role what the register says, to the millisecond', async (context) => {
  const stage = await deadManStage(context);
  for (const role of roles)
    for (const phase of phases)
      for (const deadlineMs of deadlines)
        for (const isOfOtherGroup of [false, true]) {
          const due = deadlineMs === undefined ? {} : { deadlineMs };
          const row: StageRow = { phase, isOfOtherGroup, ...due };
          await shows(stage, { rows: [row], role }, promised(row, role));
        }
});

test('the dead-man ends at once without a row, and with one that is damaged, newer or of another server', async (context) => {
  const stage = await deadManStage(context);
  for (const role of roles) {
    await shows(stage, { rows: [], role }, left(null, role));
    for (const row of [fenced(-1), fenced(SOON), OWED])
      for (const damage of [{ isBroken: true }, { protocol: 2 }, { isForeign: true }])
        await shows(stage, { rows: [{ ...row, ...damage }], role }, left(row, role));
  }
});

test('the dead-man looks at its own row, whatever rows of the same look stand in front and behind', async (context) => {
  const stage = await deadManStage(context);
  const around = (row: StageRow): readonly StageRow[] => [
    { ...row, dag: 'ALPHA' },
    { ...row, dag: 'ZULU' },
  ];
  for (const [own, other, dueMs] of [
    [fenced(SOON), { phase: 'idle' }, SOON],
    [fenced(SOON), fenced(-1), SOON],
    [OWED, SETTLED, 0],
  ] as const) {
    const [front, behind] = around(other).map((row) => line(row));
    const wanted = gaveBack('SECONDARY', dueMs);
    await shows(
      stage,
      { rows: [own, ...around(other)] },
      { ...wanted, rows: [front ?? '', DONE, behind ?? ''] },
    );
  }
});

test('the dead-man ends in the turn in which it sees another row than the one it watched', async (context) => {
  const stage = await deadManStage(context);
  for (const row of [
    { ...fenced(-1), epoch: 2 },
    { ...OWED, epoch: 2 },
    { phase: 'committing' },
    { phase: 'committing', deadlineMs: -1 },
    { phase: 'done' },
    { phase: 'idle' },
    { ...fenced(-1), isBroken: true },
    { ...fenced(-1), protocol: 2 },
    { ...fenced(-1), isForeign: true },
    { ...fenced(-1), isOfOtherGroup: true },
    SETTLED,
  ] as const) {
    const text = rowText(stage.lab, row, 'somebody');
    await shows(
      stage,
      { rows: [fenced()], later: [[SOON - 1, text]] },
      { ...left(null, 'SECONDARY', SOON), rows: [line(row, 'somebody')] },
    );
  }
});

test('the dead-man does not wait for an epoch that comes back after its row was gone', async (context) => {
  const stage = await deadManStage(context);
  const gone = rowText(stage.lab, { ...fenced(), isBroken: true }, 'somebody');
  const back = rowText(stage.lab, fenced(-1), 'somebody');
  await shows(
    stage,
    {
      rows: [fenced()],
      later: [
        [SOON - 1, gone],
        [SOON + 1, back],
      ],
    },
    { ...left(null, 'SECONDARY', SOON), rows: [line(fenced(), 'somebody')] },
  );
});

test('the dead-man makes sure of the logins when somebody else settles the epoch it watches and the role is here', async (context) => {
  const stage = await deadManStage(context);
  for (const isOfOtherGroup of [false, true]) {
    const text = rowText(stage.lab, { ...SETTLED, isOfOtherGroup }, 'somebody');
    await shows(
      stage,
      { rows: [fenced()], role: 'PRIMARY', later: [[SOON - 1, text]] },
      gaveBack('PRIMARY', SOON),
    );
  }
});

/** In front of which statement somebody else comes in between. */
const LOCKED = { at: 'SET @tries = @tries + 1;' };
const ABORTED = { at: 'SELECT @phase = NULL, @owed = 0;' };
const STRUCK = { at: 'UPDATE [sqlferry_control]', isLast: true };

test('the dead-man asks the register again under its lock', async (context) => {
  const stage = await deadManStage(context);
  const write = (row: StageRow): string => rowText(stage.lab, row, 'somebody');
  for (const [row, endedMs] of [
    [{ phase: 'committing', deadlineMs: -1 }, PAUSE],
    [{ phase: 'done', deadlineMs: -1 }, PAUSE],
    [{ ...fenced(-1), epoch: 2 }, PAUSE],
    [{ ...fenced(-1), isBroken: true }, PAUSE],
    [{ ...fenced(-1), protocol: 2 }, PAUSE],
    [SETTLED, 0],
    [{ ...SETTLED, isOfOtherGroup: true }, 0],
    [{ ...OWED, isOfOtherGroup: true }, PAUSE],
  ] as const)
    for (const before of [fenced(-1), OWED])
      await shows(
        stage,
        { rows: [before], between: { ...LOCKED, text: write(row) } },
        { ...left(null, 'SECONDARY', endedMs), rows: [line(row, 'somebody')] },
      );
  await shows(
    stage,
    { rows: [fenced(-1)], between: { ...LOCKED, text: write(fenced(SOON)) } },
    gaveBack('SECONDARY', SOON),
  );
});

test('the dead-man holds the lock of batches in its turn only, so that an operator gets it at once', async (context) => {
  const stage = await deadManStage(context);
  const { lab } = stage;
  const resource = leadershipResource(lab.migration).replace('lead', 'act');
  const free = `APPLOCK_TEST(N'public', N'${resource}', N'Exclusive', N'Session') = 1`;
  const mark = (name: string): string => `CREATE TABLE [Outside].dbo.${name} (x int NOT NULL)`;
  await shows(
    stage,
    {
      rows: [fenced(-1)],
      between: { ...LOCKED, text: rowText(lab, fenced(SOON), 'somebody') },
      later: [[PAUSE / 2, `IF ${free} ${mark('was_free')}; ELSE ${mark('was_held')};`]],
    },
    gaveBack('SECONDARY', SOON),
  );
  const { sets } = await lab.run(
    'source',
    "SELECT OBJECT_ID(N'[Outside].[dbo].[was_free]') AS was_free, OBJECT_ID(N'[Outside].[dbo].[was_held]') AS was_held",
  );
  assert.equal(sets[0]?.rows[0]?.['was_held'], null);
  assert.notEqual(sets[0]?.rows[0]?.['was_free'], null);
});

test('the dead-man takes no role for a row that became another one after its write', async (context) => {
  const stage = await deadManStage(context);
  for (const row of [
    { ...OWED, isOfOtherGroup: true },
    { ...OWED, epoch: 2 },
    { ...OWED, isBroken: true },
    { ...OWED, protocol: 2 },
    { phase: 'committing', deadlineMs: -1 },
  ] as const)
    await shows(
      stage,
      {
        rows: [fenced(-1)],
        between: { ...ABORTED, text: rowText(stage.lab, row, 'somebody') },
      },
      { ...left(null, 'SECONDARY', PAUSE), rows: [line(row, 'somebody')] },
    );
});

test('the dead-man strikes no debt from a row that became another one at the end', async (context) => {
  const stage = await deadManStage(context);
  for (const row of [
    { ...OWED, epoch: 2 },
    { ...OWED, isBroken: true },
    { ...OWED, protocol: 2 },
    { phase: 'committing', deadlineMs: -1 },
    { phase: 'fenced', deadlineMs: -1 },
  ] as const)
    await shows(
      stage,
      { rows: [OWED], between: { ...STRUCK, text: rowText(stage.lab, row, 'somebody') } },
      { ...gaveBack('SECONDARY'), rows: [line(row, 'somebody')] },
    );
});

test('the dead-man aborts the row of a rehearsal in the instant it is due, and no other row', async (context) => {
  const stage = await deadManStage(context);
  const dag = REHEARSAL;
  const watched = fenced();
  const seen = async (row: StageRow, ms: number): Promise<string> => {
    const { rows, endedMs, errors } = await stage.watch({ rows: [watched, { ...row, dag }], ms });
    assert.deepEqual([endedMs, errors, rows[0]], [null, [], line(watched)]);
    return rows[1] ?? '';
  };
  const aborted = line({ dag, phase: 'aborted', deadlineMs: 0 });
  assert.equal(await seen(fenced(-1), PAUSE), aborted);
  assert.equal(await seen(fenced(SOON), SOON - 1), line({ ...fenced(SOON), dag }));
  assert.equal(await seen(fenced(SOON), SOON + 1), aborted);
  for (const phase of phases.filter((each) => each !== 'fenced' && each !== 'aborted')) {
    const row: StageRow = { phase, deadlineMs: -1 };
    assert.equal(await seen(row, PAUSE), line({ ...row, dag }));
  }
  for (const damage of [{ isBroken: true }, { protocol: 2 }])
    assert.equal(await seen({ ...fenced(-1), ...damage }, PAUSE), line({ ...fenced(-1), dag }));
});

test('the dead-man enables a login by the prior state alone, and one that was dropped keeps no debt', async (context) => {
  const stage = await deadManStage(context);
  const without = {
    ...OWED,
    prior: '{"enabledLogins":[],"distributedMode":"ASYNCHRONOUS_COMMIT"}',
  };
  await shows(stage, { rows: [without] }, { ...gaveBack('SECONDARY'), login: 'disabled' });
  await stage.lab.run('source', 'DROP LOGIN [app_writer]');
  await shows(stage, { rows: [OWED] }, { ...gaveBack('SECONDARY'), login: 'dropped' });
});

test('the dead-man takes its lock only when there is something to do, so that it is as quick on a late deadline', async (context) => {
  const stage = await deadManStage(context);
  const late = 24_000;
  await shows(stage, { rows: [fenced(late)], ms: late + 2000 }, gaveBack('SECONDARY', late));
});

test('the dead-man waits five seconds a turn after a hundred tries, and not when all is done', async (context) => {
  const stage = await deadManStage(context);
  // Due at every look and not any more under the lock, a hundred and one times; the stage rests a second.
  const last = 1000 + 100 * PAUSE;
  const again = rowText(stage.lab, fenced(PAUSE / 2), 'somebody');
  const end = new Date(stage.lab.clock.now() + last + PAUSE / 2).toISOString().slice(0, -1);
  const text = `IF SYSUTCDATETIME() < '${end}' BEGIN ${again} END`;
  await shows(
    stage,
    { rows: [fenced(-1)], between: { ...LOCKED, text, isEachTurn: true }, ms: 60_000 },
    gaveBack('SECONDARY', 100 * PAUSE + LONG_PAUSE + PAUSE + LONG_PAUSE),
  );
});

test('the dead-man aborts and owes, and ends, where the group goes while it acts', async (context) => {
  const stage = await deadManStage(context);
  await shows(
    stage,
    { rows: [fenced(-1)], between: { ...LOCKED, text: 'DROP AVAILABILITY GROUP [DAG]' } },
    { ...left(null, 'SECONDARY'), rows: ['DAG: 1 aborted until dead-man'], role: 'none' },
  );
});

test('the dead-man ends without an error when the register is not there any more', async (context) => {
  const stage = await deadManStage(context);
  const text = "USE [sqlferry_control]; EXEC (N'DROP TABLE [dbo].[commit_register]')";
  await shows(
    stage,
    { rows: [fenced()], later: [[SOON - 1, text]] },
    left(null, 'SECONDARY', SOON),
  );
});
