/** `finish` on the lab after a failback and of a migration that is given up; stopped half way and gone on with. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { ActKind } from '../../src/model/act.ts';
import type { Intent } from '../../src/model/decision.ts';
import type { RunResult } from '../../src/model/event.ts';
import { sideOf } from '../../src/model/observation.ts';
import { startSmallLab, type SmallLab } from '../support/small-lab.ts';

const never = new AbortController().signal;
const LOGIN = 'app_writer';
const sides = ['source', 'target'] as const;
const drop: Intent = { goal: 'finish', distributed: 'drop' };
const giveUp: Intent = { ...drop, giveUp: true };

async function reached(lab: SmallLab, intent: Intent, wanted = 'done'): Promise<RunResult> {
  const result = await lab.run(intent);
  assert.equal(result.outcome, wanted, `${result.rule}: ${lab.events.at(-1)?.message ?? ''}`);
  return result;
}

async function migrated(context: TestContext): Promise<SmallLab> {
  const lab = await startSmallLab(context, { cutover: { fenceLogins: [LOGIN] } });
  await reached(lab, { goal: 'migrate' }, 'ready-for-cutover');
  return lab;
}

/** What is left on both sides: group, control database, job, and whether the login may come in. */
async function left(lab: SmallLab): Promise<readonly string[]> {
  const seen = await lab.servers.observe(never);
  return sides.map((side) => {
    const { distributed, control, deadMan, fenceLogins } = sideOf(seen, side);
    assert.ok(distributed.known && control.known && deadMan.known && fenceLogins.known);
    const login = fenceLogins.value.map((row) => (row.isDisabled ? 'disabled' : 'enabled')).join();
    const role = distributed.value?.localRoleDesc ?? 'no group';
    const job = deadMan.value.jobExists ? 'job' : 'no job';
    return `${side}: ${role}, ${control.value.kind}, ${job}, ${login}`;
  });
}

function droppedIn(lab: SmallLab): readonly string[] {
  return lab.log.flatMap(({ side, text }) =>
    text.startsWith('DROP AVAILABILITY GROUP [DAG]') ? [side] : [],
  );
}

const cleanSource = [
  'source: no group, missing, no job, enabled',
  'target: no group, missing, no job, disabled',
];

test('after a failback finish --drop removes the group where it serves first, then the register and the jobs of both sides', async (context) => {
  const lab = await migrated(context);
  await reached(lab, { goal: 'cutover' });
  await reached(lab, { goal: 'failback' });
  await reached(lab, drop);
  assert.deepEqual(droppedIn(lab), ['source', 'target']);
  assert.deepEqual(await left(lab), cleanSource);
  const session = await lab.session('source');
  const answer = await session.execute({
    text: 'CREATE TABLE [Adventureworks].dbo.after_finish (id int NOT NULL)',
    parameters: [],
    limitMs: 10_000,
    signal: never,
  });
  assert.ok(answer.kind === 'ended');
  assert.deepEqual(answer.reply.errors, [], 'the source takes writes');
});

test('after a failback finish --keep leaves the group asynchronous, and a cutover is possible again', async (context) => {
  const lab = await migrated(context);
  await reached(lab, { goal: 'cutover' });
  await reached(lab, { goal: 'failback' });
  await reached(lab, { goal: 'finish', distributed: 'keep' });
  const seen = await lab.servers.observe(never);
  for (const side of sides) {
    const { distributed } = sideOf(seen, side);
    assert.ok(distributed.known);
    const modes = distributed.value?.members.map((member) => member.availabilityModeDesc);
    assert.deepEqual(modes, ['ASYNCHRONOUS_COMMIT', 'ASYNCHRONOUS_COMMIT'], side);
  }
  await reached(lab, { goal: 'cutover' });
  await reached(lab, drop);
  assert.deepEqual(droppedIn(lab), ['target', 'source']);
});

test('a migration that is given up leaves the source as it was and the copy closed to the applications', async (context) => {
  const lab = await migrated(context);
  const refused = await lab.run(drop);
  assert.equal(refused.rule, 'R-FINISH-NOT-CUT-OVER');
  await reached(lab, giveUp);
  assert.deepEqual(droppedIn(lab), ['source', 'target']);
  assert.deepEqual(await left(lab), cleanSource);
});

test('a drop that is stopped after any of its acts is finished by the same command', async (context) => {
  const kinds: readonly ActKind[] = [
    'disable-login',
    'drop-distributed',
    'drop-dead-man',
    'drop-register',
  ];
  for (const kind of kinds) {
    const lab = await migrated(context);
    const stop = new AbortController();
    const after = async (act: { readonly kind: ActKind }): Promise<void> => {
      if (act.kind === kind) stop.abort();
    };
    const stopped = await lab.run(giveUp, { after }, { signal: stop.signal });
    assert.notEqual(stopped.outcome, 'done', kind);
    await reached(lab, giveUp);
    assert.deepEqual(await left(lab), cleanSource, kind);
  }
});
