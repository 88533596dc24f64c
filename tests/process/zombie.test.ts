/** A sqlferry that was put to sleep in the outage and wakes up after its epoch has ended. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openStage, SOURCE, startStopping, statusOf, stoppedAt, TARGET } from './stage.ts';

const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;
/** What the registers and roles say; a zombie must leave all of it as it is. */
const SEEN = ['phase', 'register', 'source', 'target'] as const;

async function seen(stage: Awaited<ReturnType<typeof openStage>>): Promise<unknown> {
  const status = await statusOf(stage.lab);
  return SEEN.map((key) => status[key]);
}

test('a zombie that wakes up after its decision was revoked is refused by the server', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  const zombie = startStopping(lab, 'intent:promote', CUTOVER);
  assert.equal(await stoppedAt(zombie), 'intent:promote:target');
  assert.deepEqual(await stage.writableSides(), [], 'the outage is open');
  // The zombie still holds the leadership: another operator needs to take over.
  await lab.cli(0, 'abort', '--confirm', 'DAG', '--takeover');
  assert.deepEqual(await stage.writableSides(), [SOURCE]);
  const before = await seen(stage);
  zombie.child.kill('SIGCONT');
  const { code, stdout, stderr } = await zombie.ended;
  assert.notEqual(code, 0, stdout + stderr);
  assert.deepEqual(await seen(stage), before, `the zombie changed something\n${stdout}${stderr}`);
  assert.deepEqual(await stage.writableSides(), [SOURCE]);
  await stage.proveOn(SOURCE);
});

test('a zombie that wakes up after the switch was finished by another one changes nothing', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  const zombie = startStopping(lab, 'reply:demote', CUTOVER);
  assert.equal(await stoppedAt(zombie), 'reply:demote:source');
  await lab.cli(0, 'cutover', '--confirm', 'DAG', '--takeover');
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  const before = await seen(stage);
  zombie.child.kill('SIGCONT');
  await zombie.ended;
  assert.deepEqual(await seen(stage), before);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await stage.proveOn(TARGET);
});
