import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anyMemory, anyObservation } from '../../tests/support/arbitrary-observation.ts';
import { articleMigration } from '../../tests/support/observation.ts';
import type { Decision, Intent, Memory } from '../model/decision.ts';
import { unknown } from '../model/fact.ts';
import type { Observation, SideObservation } from '../model/observation.ts';
import { sideOf } from '../model/observation.ts';
import { decide } from './decide.ts';
import { behind, dagRole, isQuiet } from './look.ts';
import { glance } from './parts.ts';
import { defaultPolicy } from './policy.ts';
import { allRules } from './table.ts';

const anyIntent = fc.constantFrom<Intent>(
  { goal: 'migrate' },
  { goal: 'cutover' },
  { goal: 'abort' },
  { goal: 'finish', distributed: 'keep' },
  { goal: 'finish', distributed: 'drop' },
);

const migration = articleMigration;
const ruleIds = new Set(allRules.map((rule) => rule.id));
const runs = { numRuns: 6000, verbose: fc.VerbosityLevel.None };

function answer(observation: Observation, intent: Intent, memory: Memory): Decision {
  return decide(observation, intent, { migration, memory, policy: defaultPolicy });
}

test('any pair of servers gets exactly one answer, and it says why', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(anyObservation, anyIntent, anyMemory, (observation, intent, memory) => {
      const before = JSON.stringify(observation, (_key, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      );
      const decision = answer(observation, intent, memory);
      seen.set(decision.kind, (seen.get(decision.kind) ?? 0) + 1);
      assert.ok(decision.because.length > 0);
      assert.equal(
        JSON.stringify(observation, (_key, value: unknown) =>
          typeof value === 'bigint' ? value.toString() : value,
        ),
        before,
      );
      assert.deepEqual(answer(observation, intent, memory), decision);
      if (decision.kind === 'act') assert.ok(ruleIds.has(decision.rule), decision.rule);
    }),
    runs,
  );
  for (const kind of ['act', 'wait', 'needs-human', 'done'])
    assert.ok((seen.get(kind) ?? 0) > 0, kind);
});

const parts = [
  'server',
  'endpoint',
  'availabilityGroup',
  'distributed',
  'databases',
  'windowsLogins',
  'fenceLogins',
  'sessions',
  'operators',
] as const satisfies readonly (keyof SideObservation)[];

test('an act that is decided without a fact would be decided whatever the fact is', () => {
  let acts = 0;
  const anySide = fc.constantFrom('source' as const, 'target' as const);
  fc.assert(
    fc.property(
      fc.tuple(anyObservation, anyIntent, anyMemory),
      anySide,
      fc.constantFrom(...parts),
      ([observation, intent, memory], side, part) => {
        const blind: Observation = {
          ...observation,
          [side]: { ...sideOf(observation, side), [part]: unknown('hidden') },
        };
        const decision = answer(blind, intent, memory);
        if (decision.kind !== 'act') return;
        acts += 1;
        const open = answer(observation, intent, memory);
        assert.equal(open.kind, 'act');
        if (open.kind === 'act') assert.deepEqual(open.act, decision.act);
      },
    ),
    runs,
  );
  assert.ok(acts > 100, `only ${acts} acts were seen`);
});

test('no act is decided about a pair that shows two primaries, or for a side that is away', () => {
  fc.assert(
    fc.property(anyObservation, anyIntent, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act') return;
      const roles = [glance(observation, 'sourceDag'), glance(observation, 'targetDag')].map(
        dagRole,
      );
      assert.notDeepEqual(roles, ['PRIMARY', 'PRIMARY']);
      assert.equal(sideOf(observation, decision.act.side).connection.kind, 'connected');
    }),
    runs,
  );
});

test('the target is promoted only when both sides are seen demoted and nothing is unsettled', () => {
  let promoted = 0;
  fc.assert(
    fc.property(anyObservation, anyIntent, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act' || decision.act.kind !== 'promote') return;
      promoted += 1;
      assert.equal(intent.goal, 'cutover');
      assert.ok(observation.source.connection.kind === 'connected');
      assert.equal(dagRole(glance(observation, 'sourceDag')), 'SECONDARY');
      assert.equal(dagRole(glance(observation, 'targetDag')), 'SECONDARY');
      assert.equal(memory.unsettledRoleChange, false);
      assert.deepEqual(
        decision.act.finalLsns.map((final) => final.database),
        ['Adventureworks'],
      );
    }),
    runs,
  );
  assert.ok(promoted > 0);
});

test('the role is given back only when the target is seen demoted and nothing is unsettled', () => {
  let given = 0;
  fc.assert(
    fc.property(anyObservation, anyIntent, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act' || decision.act.kind !== 'give-back') return;
      given += 1;
      assert.equal(dagRole(glance(observation, 'sourceDag')), 'SECONDARY');
      assert.equal(dagRole(glance(observation, 'targetDag')), 'SECONDARY');
      assert.equal(observation.target.connection.kind, 'connected');
      assert.equal(memory.unsettledRoleChange, false);
      assert.ok(intent.goal === 'abort' || intent.goal === 'cutover');
    }),
    runs,
  );
  assert.ok(given > 0);
});

test('the DAG is dropped on the source last, and only while nobody can write there', () => {
  let dropped = 0;
  fc.assert(
    fc.property(anyObservation, anyIntent, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act' || decision.act.kind !== 'drop-distributed') return;
      dropped += 1;
      assert.deepEqual(intent, { goal: 'finish', distributed: 'drop' });
      assert.deepEqual(glance(observation, 'sourceSessions'), []);
      assert.ok(glance(observation, 'sourceFenceLogins')?.every((login) => login.isDisabled));
      if (decision.act.side === 'source') assert.equal(glance(observation, 'targetDag'), null);
    }),
    runs,
  );
  assert.ok(dropped > 0);
});

test('the source is demoted only when it is quiet, without sessions, and equal', () => {
  let demoted = 0;
  const likely = fc.tuple(anyObservation, anyMemory);
  fc.assert(
    fc.property(likely, ([observation, memory]) => {
      const decision = answer(observation, { goal: 'cutover' }, memory);
      if (decision.kind !== 'act' || decision.act.kind !== 'demote') return;
      demoted += 1;
      assert.deepEqual(glance(observation, 'sourceSessions'), []);
      assert.ok(isQuiet(memory));
      const source = glance(observation, 'sourceDatabases') ?? [];
      const finals = source.map((row) => ({
        database: row.name,
        lsn: [row.local?.lastHardenedLsn ?? null, row.local?.endOfLogLsn ?? null]
          .filter((each) => each !== null)
          .reduce((left, right) => (left > right ? left : right)),
      }));
      assert.deepEqual(behind(finals, glance(observation, 'targetDatabases') ?? []), []);
      assert.ok(
        source.every((row) => row.distributed?.synchronizationStateDesc === 'SYNCHRONIZED'),
      );
    }),
    { ...runs, numRuns: 12_000 },
  );
  assert.ok(demoted > 0);
});
