/** Nothing is changed on a server that the plan did not show first, word for word (INV-12). */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { documentOf, eventsOf, startCli, startLab, type LabHandle } from './harness.ts';

interface Statement {
  readonly instance: string;
  readonly text: string;
  readonly changesState: boolean;
}

interface Step {
  readonly id: string;
  readonly instance: string;
  readonly sql: string;
}

function statementsOf(lab: LabHandle): readonly Statement[] {
  return readFileSync(join(lab.folder, '.sqlferry', 'statements.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Statement);
}

async function planOf(
  lab: LabHandle,
): Promise<{ readonly steps: readonly Step[]; readonly recovery: readonly Step[] }> {
  const plan = documentOf(await lab.cli(0, 'plan', '--json'));
  return {
    steps: plan['steps'] as readonly Step[],
    recovery: plan['recovery'] as readonly Step[],
  };
}

function isShown(steps: readonly Step[], { instance, text }: Statement): boolean {
  return steps.some((step) => step.instance === instance && step.sql === text);
}

function assertShown(steps: readonly Step[], statements: readonly Statement[]): void {
  for (const statement of statements) {
    assert.ok(
      isShown(steps, statement),
      `not shown before, on ${statement.instance}:\n${statement.text}`,
    );
  }
}

test('every state-changing statement of migrate, cutover and finish was in the plan', async (t) => {
  const lab = await startLab(t);
  const { steps } = await planOf(lab);
  await lab.cli(0, 'migrate', '--yes', '--debug');
  await lab.cli(0, 'cutover', '--confirm', 'DAG', '--debug');
  await lab.cli(0, 'finish', '--drop', '--confirm', 'DAG', '--debug');
  const statements = statementsOf(lab);
  const changing = statements.filter(({ changesState }) => changesState);
  assert.ok(changing.length >= 15, `${changing.length} state-changing statements`);
  assert.ok(statements.length > changing.length, 'reading statements are in the log too');
  assertShown(steps, changing);
});

test('what abort and a cutover in trouble send besides was in the recovery set of the plan', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  const { steps, recovery } = await planOf(lab);
  assert.ok(recovery.every(({ id }) => id.startsWith('R')));
  const killed = startCli(['cutover', '--confirm', 'DAG', '--debug'], {
    cwd: lab.folder,
    env: { SQLFERRY_STOP_AT: 'reply:demote' },
  });
  await killed.sees(/^stopped at \S+$/mu);
  killed.child.kill('SIGKILL');
  await killed.ended;
  await lab.cli(0, 'abort', '--confirm', 'DAG', '--debug');
  // A commit between the proof and the demotion: the epoch is decided by a batch of its own.
  await lab.fault('late-writer', 'OnPremNode', 'Adventureworks');
  await lab.cli(0, 'cutover', '--confirm', 'DAG', '--debug');
  const changing = statementsOf(lab).filter(({ changesState }) => changesState);
  assertShown([...steps, ...recovery], changing);
  const besides = changing.filter((statement) => !isShown(steps, statement));
  assert.ok(besides.length >= 3, `${besides.length} statements of the recovery set`);
});

test('what a failback changes is what it showed before, or the recovery set', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  const { recovery } = await planOf(lab);
  await lab.cli(0, 'cutover', '--confirm', 'DAG');
  const shown = eventsOf(await lab.cli(0, 'failback', '--what-if', '--json'))
    .filter(({ kind }) => kind === 'planned')
    .map((event) => event['step'] as Step);
  assert.ok(shown.length >= 5, `${shown.length} steps`);
  await lab.cli(0, 'failback', '--confirm', 'DAG', '--debug');
  const changing = statementsOf(lab).filter(({ changesState }) => changesState);
  assert.ok(changing.length >= 5, `${changing.length} state-changing statements`);
  assertShown(shown, changing);
  const { steps } = await planOf(lab);
  assertShown([...shown, ...steps, ...recovery], changing);
});
