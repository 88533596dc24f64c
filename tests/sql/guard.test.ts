/** Every guard of the role and register batches by itself, on two servers: what refuses, with which number, and what it leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guardScenarios, type GuardScenario } from '../support/guard-scenarios.ts';
import { sqlStage } from '../support/sql-stage.ts';

for (const scenario of guardScenarios) {
  test(`${scenario.name} (${scenario.refusal ?? 'accepted'})`, async (context) => {
    await check(context, scenario);
  });
}

async function check(
  context: Parameters<typeof sqlStage>[0],
  scenario: GuardScenario,
): Promise<void> {
  const stage = await sqlStage(context, scenario.options);
  for (const what of scenario.before) await stage.does(what);
  const before = await stage.shows();
  const strangers = await stage.strangers();
  const outcome = await stage.performs(scenario.finale);
  assert.equal(outcome.error, scenario.refusal);
  const after = await stage.shows();
  const changed = Object.fromEntries(
    Object.entries(after).filter(
      ([line, text]) => text !== before[line] && !line.endsWith('databases'),
    ),
  );
  assert.deepEqual(changed, scenario.effect);
  assert.equal(await stage.strangers(), strangers, 'rows of other groups');
}
