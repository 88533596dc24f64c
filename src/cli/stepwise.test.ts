import assert from 'node:assert/strict';
import { test } from 'node:test';

import { captureContext } from '../../tests/support/cli-context.ts';
import { everyAct } from '../../tests/support/every-act.ts';
import {
  articleMigration,
  driven,
  freshObservation,
  lsnAt,
} from '../../tests/support/observation.ts';
import type { Act } from '../model/act.ts';
import { known } from '../model/fact.ts';
import { batchFor } from '../sql/statement/batch-for.ts';
import { stepwiseMistake } from './stepwise-run.ts';
import { makeStepwise } from './stepwise.ts';

const { signal } = new AbortController();
const finalLsns = [{ database: 'Adventureworks', lsn: lsnAt(7n) }];
const demote: Act = {
  kind: 'demote',
  side: 'source',
  databases: ['Adventureworks'],
  fromEpoch: 0n,
  budgetMs: 30_000,
  targetLsns: [],
  refuseEpoch: 0n,
};
const promote: Act = { kind: 'promote', side: 'target', epoch: 1n, finalLsns, waitMs: 1 };

const ready = driven(freshObservation(), { goal: 'migrate' });

function asked(answers: readonly (string | null)[], yes = false) {
  const captured = captureContext({ interactive: true, answers });
  const stepwise = makeStepwise(captured.context, { migration: articleMigration, yes });
  stepwise.watch({ kind: 'observed', observation: ready, message: '' });
  stepwise.watch({ kind: 'decided', rule: 'R-DEMOTE', message: 'Both sides are equal.' });
  return { ...captured, before: (act: Act) => stepwise.interception.before?.(act, signal) };
}

test('a step runs only when it was confirmed; no, Ctrl-C and anything else refuse it', async () => {
  assert.equal(await asked(['y']).before(demote), null);
  assert.equal(await asked(['YES']).before(demote), null);
  for (const answer of ['n', '', 'yess', 'DAG', null]) {
    const problem = await asked([answer]).before(demote);
    assert.equal(problem?.code, 'SF-CLI-005', String(answer));
    assert.match(problem?.remedy ?? '', /cutover --stepwise goes on step by step/u);
  }
});

test('a step shows the statement of the article, and t shows the batch as it is sent', async () => {
  const short = asked(['y']);
  await short.before(promote);
  assert.match(short.stdout(), /ALTER AVAILABILITY GROUP \[DAG\] FORCE_FAILOVER_ALLOW_DATA_LOSS;/u);
  assert.doesNotMatch(short.stdout(), /sp_getapplock/u);
  const whole = asked(['t', 'y']);
  assert.equal(await whole.before(promote), null);
  for (const line of batchFor(promote, articleMigration).text.split('\n')) {
    assert.ok(whole.stdout().includes(line), line);
  }
  assert.match(whole.stdout(), /-- @promote_epoch varchar\(30\) = N'1'/u);
});

test('with --yes every batch is shown whole and nobody is asked', async () => {
  for (const act of everyAct('Adventureworks')) {
    const { before, stdout } = asked([], true);
    assert.equal(await before(act), null, act.kind);
    assert.doesNotMatch(stdout(), /\[y\/N/u, act.kind);
    for (const line of batchFor(act, articleMigration).text.split('\n')) {
      assert.ok(stdout().includes(line), `${act.kind}: ${line}`);
    }
  }
});

test('before the switch the positions of both sides stand side by side, and unknown is never equal', async () => {
  const { before, stdout } = asked(['n']);
  await before(demote);
  assert.match(stdout(), /last_hardened_lsn +state +source +target/u);
  assert.match(stdout(), /Adventureworks +SYNCHRONIZING +\d+ +\d+ +equal/u);
  assert.match(stdout(), /neither side takes writes; in 30\.0 s/u);

  const hidden = captureContext({ interactive: true, answers: ['n'] });
  const stepwise = makeStepwise(hidden.context, { migration: articleMigration, yes: false });
  const target = { ...ready.target, databases: known([]) };
  stepwise.watch({ kind: 'observed', observation: { ...ready, target }, message: '' });
  await stepwise.interception.before?.(promote, signal);
  assert.match(hidden.stdout(), /not shown +differ/u);
});

test('nobody is asked where nobody can answer', () => {
  const { context } = captureContext();
  assert.match(
    stepwiseMistake(context, { stepwise: true, yes: false })?.summary ?? '',
    /needs a terminal/u,
  );
  assert.equal(stepwiseMistake(context, { stepwise: true, yes: true }), null);
  assert.match(stepwiseMistake(context, { stepwise: false, yes: true })?.summary ?? '', /--yes/u);
});
