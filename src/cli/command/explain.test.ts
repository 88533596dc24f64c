import assert from 'node:assert/strict';
import { test } from 'node:test';

import { captureContext } from '../../../tests/support/cli-context.ts';
import { assessRules } from '../../assess/table.ts';
import { endRules } from '../../engine/ending.ts';
import { ProblemCatalogue } from '../../model/problem.ts';
import { generalAnswers } from '../../reconcile/general-answer.ts';
import { allRules } from '../../reconcile/table.ts';
import { explainableRows } from '../../reconcile/diagnosis-explain.ts';
import { diagnosisRows } from '../../reconcile/diagnosis-row.ts';
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
    ...explainableRows.map(({ id }) => id),
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

test('a row of diagnose says what it means and every way on that it names', async () => {
  const { stdout } = await explained('D-TARGET-AWAY-OUTAGE');
  assert.match(stdout, /neither side takes writes; exit code 5/u);
  assert.match(stdout, /may have been promoted/u);
  assert.match(stdout, /nobody can have been promoted/u);
  assert.match(stdout, /Wait for \[target\]/u);
  assert.match(stdout, /sqlferry abort takes the role back without loss/u);
  assert.deepEqual(
    explainableRows.map(({ id }) => id),
    [...diagnosisRows.map(({ id }) => id), 'D-UNKNOWN'],
  );
  for (const { id, meaning, next } of explainableRows) {
    assert.ok(meaning.length > 0 && next.length > 0, id);
    for (const text of [...meaning, ...next]) assert.doesNotMatch(text, /undefined|null|  /u, id);
  }
});

test('an unknown id lists the nearest ones', async () => {
  const nearest = async (id: string): Promise<string> => {
    const { context, stderr } = captureContext();
    assert.equal(await command.run(context, { options: {}, args: [id] }), 2);
    return /Nearest: (.*)\./u.exec(stderr())?.[1] ?? '';
  };
  assert.match(await nearest('D-COMITTING'), /^D-COMMITTING\b/u);
  assert.match(await nearest('demote'), /R-DEMOTE\b/u);
  assert.match(await nearest('SF-NET-01'), /^SF-NET-001\b/u);
  assert.match(await nearest('3525'), /\b35250\b/u);
  assert.equal(await nearest(' '), '');
  assert.ok((await nearest('x'.repeat(10_000))).length < 100);
});
