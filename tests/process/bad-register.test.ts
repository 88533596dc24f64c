/** A register that is lost or changed while nobody is primary: nothing guesses, the named way out leads to one copy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { killAt, openStage, SOURCE, statusOf, TARGET } from './stage.ts';

const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;
const ABORT = ['abort', '--confirm', 'DAG'] as const;
const SET = 'UPDATE sqlferry_control.dbo.commit_register SET';

test('a register that is changed in the outage stops both ways until it is as it was', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  await killAt(lab, 'reply:demote', CUTOVER);
  const spoiled = [
    {
      on: SOURCE,
      spoil: "phase = 'fenced'",
      mend: "phase = 'committing'",
      words: /its seal does/u,
    },
    { on: SOURCE, spoil: 'protocol = 2', mend: 'protocol = 1', words: /newer sqlferry/u },
  ];
  for (const { on, spoil, mend, words } of spoiled) {
    await lab.sql(on, `${SET} ${spoil} WHERE dag = N'DAG'`);
    for (const args of [CUTOVER, ABORT]) {
      const { stdout, stderr } = await lab.cli(5, ...args);
      assert.match(`${stdout}${stderr}`.replaceAll(/\s+/gu, ' '), words, spoil);
      assert.deepEqual(await stage.writableSides(), [], `${spoil}: ${args[0]}`);
    }
    await lab.sql(on, `${SET} ${mend} WHERE dag = N'DAG'`);
  }
  await lab.cli(0, ...CUTOVER);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await stage.proveOn(TARGET);
});

test('a register that the target lost in the outage is made anew, the epoch is taken back, and the next cutover works', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  await killAt(lab, 'reply:demote', CUTOVER);
  await lab.sql(TARGET, 'DROP DATABASE sqlferry_control');
  await lab.cli(3, ...CUTOVER);
  assert.deepEqual(await stage.writableSides(), [SOURCE]);
  await lab.cli(0, ...CUTOVER);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await stage.proveOn(TARGET);
});

test('a register that is lost in the outage: the statement that is named gives the role back, and the next cutover works', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  await killAt(lab, 'reply:demote', CUTOVER);
  await lab.sql(SOURCE, 'DROP DATABASE sqlferry_control');
  for (const args of [CUTOVER, ABORT]) {
    const { stdout, stderr } = await lab.cli(5, ...args);
    assert.match(stdout + stderr, /the source has no commit register/u);
    assert.match(stdout + stderr, /FORCE_FAILOVER_ALLOW_DATA_LOSS/u);
    assert.deepEqual(await stage.writableSides(), [], args[0]);
  }
  // What the message says: on the side that has the log to its end.
  await lab.sql(SOURCE, 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
  await lab.cli(0, ...ABORT);
  assert.deepEqual(await stage.writableSides(), [SOURCE]);
  await lab.cli(0, 'migrate', '--yes');
  await lab.cli(0, ...CUTOVER);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  assert.equal((await statusOf(lab))['phase'], 'cut-over');
  await stage.proveOn(TARGET);
});
