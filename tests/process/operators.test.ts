/** Two operators at the same migration. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startCli } from '../e2e/harness.ts';
import { openStage, startStopping, stoppedAt, TARGET } from './stage.ts';

const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;

test('a second operator is refused with the name of the first and the way to take over', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  const first = startStopping(lab, 'before:demote', CUTOVER);
  assert.equal(await stoppedAt(first), 'before:demote:source');
  const { stdout, stderr } = await lab.cli(3, ...CUTOVER);
  assert.match(stdout + stderr, /--takeover/u);
  assert.match(stdout + stderr, /sa/u);
  first.child.kill('SIGCONT');
  assert.equal((await first.ended).code, 0, 'the first one is not disturbed');
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await stage.proveOn(TARGET);
});

test('operators started at the same moment end with one writable copy and every row once', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  const start = (...args: string[]) => {
    const state = ['--state-dir', `${lab.folder}/${args.join('-')}-state`];
    return startCli([...args, '--confirm', 'DAG', ...state], { cwd: lab.folder }).ended;
  };
  const ends = await Promise.all([
    start('cutover'),
    start('cutover', '--takeover'),
    start('abort'),
  ]);
  for (const { code, stdout, stderr } of ends) {
    assert.ok(code !== null && code !== 70, `${code}\n${stdout}${stderr}`);
  }
  const sides = await stage.writableSides();
  assert.ok(sides.length <= 1, sides.join(' and '));
  await lab.cli(0, ...CUTOVER, '--takeover');
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await stage.proveOn(TARGET);
});
