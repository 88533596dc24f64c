/** What nobody may do by accident: promote over a lost source, repair a split brain, act on a register that was changed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { documentOf, startCli } from '../e2e/harness.ts';
import type { LabHandle } from '../e2e/harness.ts';
import { openStage, SOURCE, TARGET } from './stage.ts';

const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;

async function diagnosis(lab: LabHandle): Promise<Readonly<Record<string, unknown>>> {
  return documentOf(await startCli(['diagnose', '--json'], { cwd: lab.folder }).ended);
}

test('a lost source is promoted over only with the typed consent, and the split brain after it only by a named loser', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  const early = await lab.cli(3, 'cutover', '--accept-data-loss', '--confirm', 'DAG');
  assert.match(early.stderr, /no data need be lost/u);
  assert.deepEqual(await stage.writableSides(), [SOURCE]);

  await lab.fault('crash', SOURCE);
  await lab.cli(1, ...CUTOVER);
  await lab.cli(3, 'cutover', '--accept-data-loss');
  await lab.cli(2, 'cutover', '--accept-data-loss', '--confirm', 'dag');
  assert.deepEqual(await stage.writableSides(), [], 'nothing was promoted without the name');
  assert.equal((await diagnosis(lab))['row'], 'D-SOURCE-AWAY');
  await lab.cli(0, 'cutover', '--accept-data-loss', '--confirm', 'DAG');
  assert.deepEqual(await stage.writableSides(), [TARGET]);

  await lab.fault('restart', SOURCE);
  const split = await diagnosis(lab);
  assert.equal(split['row'], 'D-SPLIT-BRAIN');
  assert.equal((split['tails'] as readonly unknown[]).length, 2, 'both tails of the one database');
  await lab.cli(3, ...CUTOVER);
  await lab.cli(3, 'diagnose', '--resolve-split-brain', 'source');
  await lab.cli(0, 'diagnose', '--resolve-split-brain', 'source', '--confirm', 'DAG');
  assert.deepEqual(await stage.writableSides(), [TARGET]);
});

test('a register that somebody changed by hand stops every act', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  await lab.sql(SOURCE, 'UPDATE sqlferry_control.dbo.commit_register SET epoch = 7');
  assert.equal((await diagnosis(lab))['row'], 'D-REGISTER');
  const { stderr } = await lab.cli(3, ...CUTOVER);
  assert.match(stderr, /seal|by hand/u);
  await lab.cli(3, 'diagnose', '--resolve-split-brain', 'source', '--confirm', 'DAG');
  assert.deepEqual(await stage.writableSides(), [SOURCE]);
  await stage.proveOn(SOURCE);
});
