import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { articleMigration, freshObservation } from '../../tests/support/observation.ts';
import { sha256 } from '../adapters/hash.ts';
import type { Plan } from '../model/plan.ts';
import { planActs } from '../reconcile/plan.ts';
import { defaultPolicy } from '../reconcile/policy.ts';
import { planSteps } from '../sql/plan-steps.ts';
import { planDifferences, readPlan } from './plan-file.ts';
import { jsonDocument } from './output/json.ts';
import { planFiles, planMarkdown, planSqlcmd } from './output/plan-script.ts';

const plan: Plan = planSteps({
  acts: planActs(freshObservation(), {
    migration: articleMigration,
    policy: defaultPolicy,
    finish: 'drop',
  }).acts,
  migration: articleMigration,
  hash: sha256,
});

function written(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-plan-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'plan.json');
  writeFileSync(path, text);
  return path;
}

test('a plan that was written is read again unchanged', (t) => {
  const read = readPlan(written(t, jsonDocument(plan)), 'article');
  assert.deepEqual(read, { ok: true, value: plan });
});

test('what plan --json printed is a plan too: its estimates are left out', (t) => {
  const estimates = [{ id: 'EST-SEEDING-TOTAL', low: 1, high: 2 }];
  const read = readPlan(written(t, jsonDocument({ ...plan, estimates })), 'article');
  assert.deepEqual(read, { ok: true, value: plan });
});

test('a missing file, another form and another migration are told apart', (t) => {
  for (const [path, migration, why] of [
    ['/nowhere/plan.json', 'article', /ENOENT/u],
    [written(t, '{"steps": 1}'), 'article', /form/u],
    [written(t, jsonDocument(plan)), 'other', /belongs to \[article\]/u],
  ] as const) {
    const read = readPlan(path, migration);
    assert.ok(!read.ok);
    assert.match(read.error.summary, why);
  }
});

test('steps that are done already are no difference, a step that is new is one', () => {
  const [first, ...rest] = plan.steps;
  assert.ok(first);
  assert.deepEqual(planDifferences(plan, { ...plan, steps: rest }), []);
  const changed = { ...first, sql: `${first.sql} -- changed` };
  assert.equal(planDifferences(plan, { ...plan, steps: [changed, ...rest] }).length, 1);
});

test('script, files and document hold every statement word for word', () => {
  const sqlcmd = planSqlcmd({ plan, connectName: ({ instance }) => instance });
  const markdown = planMarkdown(plan);
  const files = planFiles(plan);
  assert.equal(files.length, plan.steps.length);
  for (const [at, step] of plan.steps.entries()) {
    assert.ok(sqlcmd.includes(step.sql.trimEnd()), step.id);
    assert.ok(markdown.includes(step.sql.trimEnd()), step.id);
    assert.ok(files[at]?.text.includes(step.sql.trimEnd()), step.id);
  }
});

test('a name in a comment cannot leave it', () => {
  const [step] = plan.steps;
  assert.ok(step);
  const hostile = { ...step, title: 'x\nDROP DATABASE master', why: 'y\r\nGO' };
  const script = planSqlcmd({
    plan: { ...plan, steps: [hostile] },
    connectName: () => 'OnPremNode',
  });
  assert.ok(!/^DROP/mu.test(script));
});

test('the script stops before the cutover and before each way to finish', () => {
  const script = planSqlcmd({ plan, connectName: ({ instance }) => instance });
  const phases = new Set(plan.steps.map(({ phase }) => phase));
  assert.ok(phases.has('cutover') && phases.has('finish'));
  const ways = new Set(
    plan.steps.filter(({ phase }) => phase === 'finish').map(({ sql }) => sql.startsWith('DROP ')),
  );
  assert.equal(script.match(/^:quit$/gmu)?.length, 1 + ways.size);
  const [beforeCutover] = script.split(/^:quit$/mu);
  assert.ok(beforeCutover?.includes('JOIN AVAILABILITY GROUP'));
  assert.ok(!beforeCutover?.includes('SET (ROLE = SECONDARY)'));
});

test('a name that looks like a scripting variable stays a name', () => {
  const [step] = plan.steps;
  assert.ok(step);
  const script = planSqlcmd({
    plan: { ...plan, steps: [{ ...step, sql: 'SELECT [a$(b)];' }] },
    connectName: () => 'OnPremNode',
  });
  assert.ok(script.includes('[a$(sqlferry_dollar)(b)]'));
  assert.match(script, /^:setvar sqlferry_dollar "\$"$/mu);
});
