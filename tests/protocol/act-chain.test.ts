/**
 * Every act from end to end: a rule decides it, a builder writes it, the lab understands it, the proofs
 * know what it means, it has an inverse or a reason for none, and a page says where it comes from.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Act } from '../../src/model/act.ts';
import { citation } from '../../src/model/reference.ts';
import { inverse } from '../../src/reconcile/plan.ts';
import { allRules } from '../../src/reconcile/table.ts';
import { newBatch, stepBatch } from '../../src/sim/semantics/batch.ts';
import { plainAct } from '../../src/sim/simulate/plain-act.ts';
import { bareServers, migrationOf, shapes } from '../../src/sim/simulate/prepare.ts';
import { SimWorld } from '../../src/sim/simulate/world.ts';
import { parseBatch } from '../../src/lab/tsql/parse.ts';
import { batchFor } from '../../src/sql/statement/batch-for.ts';
import { everyAct } from '../support/every-act.ts';

const rulesPage = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
const acts = everyAct('Adventureworks');

for (const act of acts) {
  test(`${act.kind}: rule, statement, meaning, way back and page`, () => {
    const rules = allRules.filter((rule) => rule.emits === act.kind);
    assert.ok(rules.length > 0, 'no rule decides it');
    const [shape] = shapes;
    assert.ok(shape !== undefined);
    const migration = migrationOf(shape);
    const parsed = parseBatch(batchFor(act, migration).text);
    assert.ok(parsed.ok, parsed.ok ? '' : parsed.error.text);
    assert.equal(hasMeaning(act), true, 'the simulator does not know what it means');
    for (const rule of rules) {
      assert.ok(rule.reversal !== null && rule.reversal.length > 5, rule.id);
      assert.match(citation(rule.reference), /https:\/\/learn\.microsoft\.com\//u);
      assert.ok(rulesPage.includes(`\`${rule.id}\``), `${rule.id} is not on docs/rules.md`);
    }
  });
}

test('an inverse takes back on the same side, and is an act that a rule decides', () => {
  const emitted = new Set<string>(allRules.map((rule) => rule.emits));
  let found = 0;
  for (const act of acts) {
    const back = inverse(act);
    if (back === null) continue;
    found += 1;
    assert.equal(back.side, act.side);
    assert.ok(emitted.has(back.kind), back.kind);
    assert.notDeepEqual(back, act);
  }
  assert.ok(found >= 8);
});

/** Plain acts are one step; the others are a batch of steps that does not say it knows nothing. */
function hasMeaning(act: Act): boolean {
  const [shape] = shapes;
  assert.ok(shape !== undefined);
  const migration = migrationOf(shape);
  const world = new SimWorld(migration, bareServers(shape, migration), new Set());
  const session = world.connect(act.side, {
    login: 'sa',
    program: 'sqlferry',
    database: null,
  });
  if (plainAct(world, act, session) !== null) return true;
  const step = stepBatch(world, newBatch(act, session.name));
  if (step.kind !== 'ended' || step.reply.outcome !== 'failed') return true;
  return !step.reply.problem.summary.includes('has no meaning');
}
