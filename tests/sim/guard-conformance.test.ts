/**
 * Every situation around a guarded batch twice: the shipping T-SQL in the lab, and the step machines
 * of `sim/semantics`. What is accepted, and everything that changes, must be the same.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guardScenarios } from '../support/guard-scenarios.ts';
import type { Stage } from '../support/guard-scenario.ts';
import { modelStage } from '../support/model-stage.ts';
import { sqlStage } from '../support/sql-stage.ts';
import type { GuardScenario } from '../support/guard-scenarios.ts';

interface Seen {
  readonly accepted: boolean;
  readonly localRole: string | null;
  readonly phase: string | null;
  readonly changed: Readonly<Record<string, string>>;
}

async function seen(stage: Stage, scenario: GuardScenario): Promise<Seen> {
  for (const what of scenario.before) await stage.does(what);
  const before = await stage.shows();
  const { accepted, localRole, phase } = await stage.performs(scenario.finale);
  const after = await stage.shows();
  const changed = Object.fromEntries(
    Object.entries(after).filter(([line, text]) => text !== before[line]),
  );
  return { accepted, localRole, phase, changed };
}

for (const scenario of guardScenarios.filter((each) => each.onlySql === undefined)) {
  test(`T-SQL and semantics agree: ${scenario.name} (${scenario.refusal ?? 'accepted'})`, async (context) => {
    const inModel = await seen(await modelStage(scenario.options), scenario);
    const inLab = await seen(await sqlStage(context, scenario.options), scenario);
    assert.deepEqual(
      { accepted: inLab.accepted, changed: inLab.changed },
      { accepted: inModel.accepted, changed: inModel.changed },
    );
    // The model answers role and phase for some batches only; what it answers must be so.
    if (inModel.localRole !== null) assert.equal(inLab.localRole, inModel.localRole);
  });
}

test('what the model cannot be asked is named, and little', () => {
  const left = guardScenarios.filter((each) => each.onlySql !== undefined);
  assert.ok(
    left.length * 10 <= guardScenarios.length,
    `${left.length} of ${guardScenarios.length}`,
  );
  assert.deepEqual(
    [...new Set(left.map((each) => each.onlySql ?? ''))].toSorted((a, b) => (a < b ? -1 : 1)),
    [
      'the model arms no dead-man where there is no job',
      'the model knows no row at rest of another group',
      'the model runs this act as one statement',
    ],
  );
});
