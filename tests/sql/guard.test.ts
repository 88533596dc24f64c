/** Every guard of the role and register batches by itself, on two servers: what refuses, with which number, and what it leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guardScenarios } from '../support/guard-scenarios.ts';
import { shownScenarios, type ShownScenario } from '../support/shown-scenarios.ts';
import { sqlStage, type SqlOutcome } from '../support/sql-stage.ts';

for (const scenario of [...guardScenarios, ...shownScenarios] satisfies ShownScenario[]) {
  test(`${scenario.name} (${scenario.refusal ?? 'accepted'})`, async (context) => {
    await check(context, scenario);
  });
}

async function check(
  context: Parameters<typeof sqlStage>[0],
  scenario: ShownScenario,
): Promise<void> {
  const stage = await sqlStage(context, scenario.options);
  for (const what of scenario.before) await stage.does(what);
  await scenario.arrange?.(stage);
  const before = await stage.shows();
  const strangers = await stage.strangers();
  for (const [view, showing] of Object.entries(scenario.shown ?? {}))
    stage.lab.views.show(view, showing);
  const outcome = await stage.performs(scenario.finale);
  stage.lab.views.showAll();
  assert.deepEqual(outcome.errors, scenario.refusal === null ? [] : [scenario.refusal]);
  const after = await stage.shows();
  answersRole(outcome, after);
  const changed = Object.fromEntries(
    Object.entries(after).filter(
      ([line, text]) => text !== before[line] && !line.endsWith('databases'),
    ),
  );
  assert.deepEqual(changed, scenario.effect);
  assert.equal(await stage.strangers(), strangers, 'rows of other groups');
}

const MOVES: ReadonlySet<string> = new Set([
  'demote',
  'promote',
  'give-back',
  'fence-split-brain',
  'force-promote-accepting-data-loss',
]);

/** A batch that moved the role says the role that is there; one that was refused says none. */
function answersRole({ act, errors, localRole }: SqlOutcome, after: Record<string, string>): void {
  if (act === null || !MOVES.has(act.kind)) return;
  const role = after[`${act.side} group`]?.split(' ')[0];
  assert.equal(localRole, errors.length === 0 ? role : null, 'the role it answers');
}
