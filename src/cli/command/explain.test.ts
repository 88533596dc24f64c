import assert from 'node:assert/strict';
import { test } from 'node:test';

import { captureContext } from '../../../tests/support/cli-context.ts';
import { assessRules } from '../../assess/table.ts';
import { endRules } from '../../engine/ending.ts';
import { ProblemCatalogue } from '../../model/problem.ts';
import { allRules, generalAnswers } from '../../reconcile/table.ts';
import { command } from './explain.ts';

async function explained(id: string, json = false): Promise<{ code: number; stdout: string }> {
  const { context, stdout } = captureContext({ globals: { json } });
  return { code: await command.run(context, { options: {}, args: [id] }), stdout: stdout() };
}

test('every id that a message can show is explained', async () => {
  const ids = [
    ...assessRules.map(({ id }) => id),
    ...allRules.map(({ id }) => id),
    ...generalAnswers.map(({ id }) => id),
    ...Object.values(endRules),
    ...Object.keys(ProblemCatalogue),
    '18456',
    'Msg 35250',
    'src-version',
  ];
  for (const id of ids) assert.equal((await explained(id)).code, 0, id);
});

test('an unknown id is a usage error', async () => {
  assert.equal((await explained('SF-XYZ-999')).code, 2);
  assert.equal((await explained('__proto__')).code, 2);
});

test('--json answers with one document', async () => {
  const { stdout } = await explained('SF-NET-001', true);
  assert.equal((JSON.parse(stdout) as { id: string }).id, 'SF-NET-001');
});
