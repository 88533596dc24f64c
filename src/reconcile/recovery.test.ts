/** The plan, its inverses, the recovery set and what a person types in full: nothing else is ever emitted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { freshGrouped, groupedMigration } from '../../tests/support/grouped-observation.ts';
import { articleMigration, driven, freshObservation } from '../../tests/support/observation.ts';
import type { ActKind } from '../model/act.ts';
import { defaultPolicy } from './policy.ts';
import { inverse, planActs } from './plan.ts';
import { recoveryActs } from './recovery.ts';
import { allRules } from './table.ts';

const fresh = freshObservation();
const plan = (finish: 'keep' | 'drop') =>
  planActs(fresh, { migration: articleMigration, policy: defaultPolicy, finish });

/** Only by a name that a person types: they are shown before they are sent, and belong to no plan. */
const typed: ReadonlySet<string> = new Set<ActKind>([
  'fence-split-brain',
  'force-promote-accepting-data-loss',
]);
/** Parts of `migrate` that a fresh pair in order does not need; `migrate` shows them before it asks. */
const mended: ReadonlySet<string> = new Set<ActKind>([
  'start-endpoint',
  'add-database',
  'set-replica-synchronous',
]);

test('every act that a rule emits is in the plan, an inverse, the recovery set or typed', () => {
  const grouped = planActs(freshGrouped, {
    migration: groupedMigration,
    policy: defaultPolicy,
    finish: 'keep',
  });
  const works = [plan('keep'), plan('drop'), grouped];
  const shown = new Set<string>(
    works.flatMap(({ acts, recovery }) => [
      ...acts.flatMap(({ act }) => [act.kind, inverse(act)?.kind ?? act.kind]),
      ...recovery.map(({ act }) => act.kind),
    ]),
  );
  const emitted = allRules
    .map((rule) => rule.emits)
    .filter((emits) => !['wait', 'needs-human', 'done'].includes(emits));
  const unseen = emitted.filter(
    (kind) => !shown.has(kind) && !typed.has(kind) && !mended.has(kind),
  );
  assert.deepEqual(unseen, []);
});

test('every act of the recovery set is named after a rule that emits it, on both sides', () => {
  const acts = recoveryActs(fresh, articleMigration);
  for (const { rule, act } of acts) {
    const found = allRules.find((each) => each.id === rule);
    assert.equal(found?.emits, act.kind, rule);
  }
  const on = (side: string): readonly string[] =>
    acts
      .filter(({ act }) => act.side === side)
      .map(({ act }) => act.kind)
      .toSorted((left, right) => (left < right ? -1 : 1));
  assert.deepEqual(on('source'), on('target'));
});

test('the recovery set is the same wherever the servers stand', () => {
  const ready = driven(fresh, { goal: 'migrate' });
  const over = driven(ready, { goal: 'cutover' });
  const first = recoveryActs(fresh, articleMigration);
  for (const seen of [ready, over]) assert.deepEqual(recoveryActs(seen, articleMigration), first);
});

test('a failback is planned as what it will do, the hooks’ acts included', () => {
  const over = driven(driven(fresh, { goal: 'migrate' }), { goal: 'cutover' });
  const work = planActs(over, {
    migration: articleMigration,
    policy: defaultPolicy,
    finish: 'keep',
    intents: [{ goal: 'failback' }],
  });
  assert.equal(work.stopped, null);
  const acts = work.acts.map(({ act }) => `${act.kind} ${act.side}`);
  for (const wanted of ['disable-login target', 'kill-sessions target', 'demote target']) {
    assert.ok(acts.includes(wanted), `${wanted} in ${acts.join(', ')}`);
  }
  assert.ok(acts.indexOf('promote source') > acts.indexOf('demote target'));
  const titles = new Map(work.acts.map(({ act, title }) => [`${act.kind} ${act.side}`, title]));
  assert.equal(titles.get('promote source'), 'Promote the source', 'in the words of its direction');
  const backs = work.recovery.filter(({ act }) => act.kind === 'give-back');
  assert.equal(backs.length, 6);
  for (const { act, title } of backs) assert.ok(title.endsWith(`to the ${act.side}`), title);
});
