/** There and back by commands: hooks are told the direction, and finish ends the migration on either side. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { startLab, type LabHandle } from './harness.ts';

const SOURCE = 'OnPremNode';
const TARGET = 'SQLVM';
const HOOK = 'echo "$SQLFERRY_HOOK $SQLFERRY_FROM $SQLFERRY_TO" >> hooks.txt';

function withHooks(lab: LabHandle): void {
  lab.edit((text) =>
    text.replace(
      /^cutover:\n/mu,
      `cutover:\n  hooks: { beforeFence: '${HOOK}', afterPromote: '${HOOK}' }\n`,
    ),
  );
}

async function left(lab: LabHandle, instance: string): Promise<readonly unknown[]> {
  const [row] = await lab.sql(
    instance,
    `SELECT (SELECT COUNT(*) FROM sys.availability_groups WHERE is_distributed = 1),
      (SELECT COUNT(*) FROM sys.databases WHERE name = N'sqlferry_control'),
      (SELECT COUNT(*) FROM msdb.dbo.sysjobs WHERE name LIKE N'sqlferry%'),
      (SELECT COUNT(*) FROM sys.server_principals WHERE name = N'app_writer' AND is_disabled = 1)`,
  );
  return row ?? [];
}

test('after a failback finish --drop ends the migration: the source serves, nothing of sqlferry is left', async (t) => {
  const lab = await startLab(t);
  withHooks(lab);
  await lab.cli(0, 'migrate', '--yes');
  const early = await lab.cli(3, 'finish', '--drop', '--confirm', 'DAG');
  assert.match(early.stderr + early.stdout, /finish --drop --give-up --confirm DAG/u);
  await lab.cli(0, 'cutover', '--confirm', 'DAG');
  const back = await lab.cli(0, 'failback', '--confirm', 'DAG');
  assert.match(back.stderr + back.stdout, /finish --keep or --drop/u);
  const hooks = readFileSync(join(lab.folder, 'hooks.txt'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(hooks, [
    'beforeFence source target',
    'afterPromote source target',
    'beforeFence target source',
    'afterPromote target source',
  ]);
  await lab.cli(0, 'finish', '--drop', '--confirm', 'DAG');
  assert.deepEqual(await left(lab, SOURCE), [0, 0, 0, 0]);
  assert.deepEqual(await left(lab, TARGET), [0, 0, 0, 1]);
  await lab.sql(SOURCE, 'CREATE TABLE dbo.after_finish (id int NOT NULL)', {
    database: 'Adventureworks',
  });
});

test('a migration is given up by a word of its own; with --keep it is refused', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  await lab.cli(2, 'finish', '--keep', '--give-up');
  await lab.cli(0, 'finish', '--drop', '--give-up', '--confirm', 'DAG');
  assert.deepEqual(await left(lab, SOURCE), [0, 0, 0, 0]);
  assert.deepEqual(await left(lab, TARGET), [0, 0, 0, 1]);
  await lab.sql(SOURCE, 'CREATE TABLE dbo.after_give_up (id int NOT NULL)', {
    database: 'Adventureworks',
  });
});
