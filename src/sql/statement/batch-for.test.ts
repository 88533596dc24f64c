import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseLsn, type Lsn } from '../../base/lsn.ts';
import { required } from '../../base/assert.ts';
import { serverErrors } from '../../model/server-error.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import { everyAct, hostileMigration } from '../../../tests/support/every-act.ts';
import { planSteps } from '../plan-steps.ts';
import { batchFor } from './batch-for.ts';
import { guards } from './guard.ts';
import { undoFor } from './undo.ts';

const lsn = (text: string): Lsn => required(parseLsn(text), 'LSN');

test('every act has one batch on its side', () => {
  for (const act of everyAct('Adventureworks')) {
    const batch = batchFor(act, articleMigration);
    assert.equal(batch.side, act.side);
    assert.ok(batch.text.length > 20, act.kind);
    assert.equal(batch.changesState, act.kind !== 'await-lsns');
  }
});

test('LSNs are parameters as decimal text, so the text of a plan is the text that runs', () => {
  const early = batchFor(
    {
      kind: 'promote',
      side: 'target',
      epoch: 1n,
      finalLsns: [{ database: 'A', lsn: lsn('37000000012300001') }],
      waitMs: 1,
    },
    articleMigration,
  );
  const late = batchFor(
    {
      kind: 'promote',
      side: 'target',
      epoch: 1n,
      finalLsns: [{ database: 'A', lsn: lsn('42000000155200001') }],
      waitMs: 9,
    },
    articleMigration,
  );
  assert.equal(early.text, late.text);
  assert.deepEqual(late.parameters, [
    { name: 'wait_ms', type: 'int', value: 9 },
    { name: 'promote_epoch', type: 'varchar(30)', value: '1' },
    { name: 'final_lsn_1', type: 'varchar(30)', value: '42000000155200001' },
  ]);
});

test('a role is changed only behind its guards', () => {
  const textOf = (kind: string): string =>
    batchFor(
      required(
        everyAct('A').find((act) => act.kind === kind),
        kind,
      ),
      articleMigration,
    ).text;
  const demote = textOf('demote');
  for (const guard of [guards.demoteRole, guards.demoteSynchronized, guards.demoteQuiet]) {
    assert.ok(demote.indexOf(`THROW ${guard.number}`) < demote.indexOf('SET (ROLE = SECONDARY)'));
  }
  const promote = textOf('promote');
  for (const guard of [guards.promoteRole, guards.promoteMembers, guards.promoteBehind]) {
    const at = promote.indexOf(`THROW ${guard.number}`);
    assert.ok(at > 0 && at < promote.indexOf('FORCE_FAILOVER_ALLOW_DATA_LOSS'));
  }
  const back = textOf('give-back');
  assert.ok(
    back.indexOf(`THROW ${guards.giveBackRole.number}`) <
      back.indexOf('FORCE_FAILOVER_ALLOW_DATA_LOSS'),
  );
});

test('DROP AVAILABILITY GROUP is alone in its batch', () => {
  const drop = batchFor({ kind: 'drop-distributed', side: 'source' }, articleMigration);
  assert.equal(drop.text, 'DROP AVAILABILITY GROUP [DAG];');
});

test('the guard numbers are of their own and above 50000', () => {
  const numbers = Object.values(guards).map((guard) => guard.number);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.ok(numbers.every((number) => number > 50_000));
  for (const number of numbers) assert.ok(serverErrors.has(number), `explain ${number}`);
});

test('a hostile name never ends its brackets or quotes', () => {
  const name = "x]; DROP LOGIN [sa]; --'";
  const migration = hostileMigration(name);
  for (const act of everyAct(name)) {
    const stripped = batchFor(act, migration)
      .text.replaceAll(/N'(?:[^']|'')*'/gsu, 'L')
      .replaceAll(/\[(?:[^\]]|\]\])*\]/gsu, 'I');
    assert.doesNotMatch(stripped, /DROP LOGIN|--/u, act.kind);
  }
});

test('the plan shows the batch of each act, its undo, and one hash for the same steps', () => {
  const acts = everyAct('Adventureworks').map((act) => ({
    rule: 'R-X',
    phase: 'create' as const,
    act,
    title: act.kind,
    why: 'because.',
    undo: null,
    reversal: 'nothing takes it back.',
    outage: false,
    reference: 'Microsoft Learn',
  }));
  const make = (): ReturnType<typeof planSteps> =>
    planSteps({ acts, migration: articleMigration, hash: (text) => String(text.length) });
  const plan = make();
  assert.equal(plan.hash, make().hash);
  for (const [index, step] of plan.steps.entries()) {
    const act = required(acts[index], 'act').act;
    assert.equal(step.sql, batchFor(act, articleMigration).text);
    assert.equal(step.undo, undoFor(act, articleMigration));
    if (step.undo === null) assert.match(step.why, /nothing takes it back/u);
  }
  assert.equal(plan.steps[0]?.id, 'S01');
});

test('the order in which databases are listed does not change the text of a promotion', () => {
  const finals = ['b', 'A', 'c'].map((database, index) => ({
    database,
    lsn: lsn(String(1000 + index)),
  }));
  const act = { kind: 'promote', side: 'target', epoch: 1n, waitMs: 1 } as const;
  const one = batchFor({ ...act, finalLsns: finals }, articleMigration);
  const other = batchFor({ ...act, finalLsns: finals.toReversed() }, articleMigration);
  assert.deepEqual(one, other);
});

test('under the lock the register is looked at, then written, then the group is altered, and every way out frees the lock', () => {
  const acts = everyAct('A').filter((act) =>
    ['demote', 'promote', 'give-back', 'commit-epoch', 'refuse-epoch', 'close-epoch'].includes(
      act.kind,
    ),
  );
  assert.equal(acts.length, 6);
  for (const act of acts) {
    const { text } = batchFor(act, articleMigration);
    const lock = text.indexOf('sys.sp_getapplock');
    const guard = text.indexOf(`THROW ${guards.registerTampered.number}`);
    const write = text.indexOf('UPDATE [sqlferry_control]');
    const alter = text.search(/ALTER AVAILABILITY GROUP \[DAG\] (?:SET \(ROLE|FORCE)/u);
    assert.ok(lock >= 0 && lock < guard, act.kind);
    assert.ok(
      act.kind === 'promote' || (write > guard && (alter === -1 || alter > write)),
      act.kind,
    );
    assert.ok(alter === -1 || alter > guard, act.kind);
    const locks = text.split('sys.sp_getapplock').length - 1;
    const frees = text.split('sys.sp_releaseapplock').length - 1;
    const ways = 1 + text.split('BEGIN CATCH\n  EXEC sys.sp_releaseapplock').length - 1;
    assert.equal(locks, 1, act.kind);
    assert.equal(frees, ways + (alter === -1 ? 0 : 1), `${act.kind}: catch, failed ALTER, end`);
  }
});

test('epochs and proofs are parameters; a database without a proof is a NULL that is equal to nothing', () => {
  const demote = everyAct('A').find((act) => act.kind === 'demote');
  assert.ok(demote?.kind === 'demote');
  const { parameters } = batchFor({ ...demote, fromEpoch: 6n, targetLsns: [] }, articleMigration);
  assert.deepEqual(
    parameters.map(({ name, value }) => [name, value]),
    [
      ['from_epoch', '6'],
      ['refuse_epoch', '0'],
      ['budget_ms', 30_000],
      ['target_lsn_1', null],
    ],
  );
});
