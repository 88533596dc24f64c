/** Nothing is changed on a server that the plan did not show first, word for word. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { documentOf, startLab } from './harness.ts';

interface Statement {
  readonly instance: string;
  readonly text: string;
  readonly changesState: boolean;
}

test('every state-changing statement of migrate, cutover and finish was in the plan', async (t) => {
  const lab = await startLab(t);
  const plan = documentOf(await lab.cli(0, 'plan', '--json'));
  const steps = plan['steps'] as readonly { readonly instance: string; readonly sql: string }[];
  await lab.cli(0, 'migrate', '--yes', '--debug');
  await lab.cli(0, 'cutover', '--confirm', 'DAG', '--debug');
  await lab.cli(0, 'finish', '--drop', '--confirm', 'DAG', '--debug');
  const statements = readFileSync(join(lab.folder, '.sqlferry', 'statements.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Statement);
  const changing = statements.filter(({ changesState }) => changesState);
  assert.ok(changing.length >= 15, `${changing.length} state-changing statements`);
  assert.ok(statements.length > changing.length, 'reading statements are in the log too');
  for (const statement of changing) {
    assert.ok(
      steps.some(({ instance, sql }) => instance === statement.instance && sql === statement.text),
      `not in the plan, on ${statement.instance}:\n${statement.text}`,
    );
  }
});
