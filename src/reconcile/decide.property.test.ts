import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anyMemory, anyObservation } from '../../tests/support/arbitrary-observation.ts';
import { articleMigration } from '../../tests/support/observation.ts';
import type { Decision, Intent, Memory } from '../model/decision.ts';
import { known, unknown } from '../model/fact.ts';
import type { Observation, SideObservation } from '../model/observation.ts';
import { sideOf } from '../model/observation.ts';
import type { ControlState } from '../model/register.ts';
import { otherSide, type Side } from '../model/side.ts';
import { decide, demotingSideOf } from './decide.ts';
import { mirrorAct, mirrorMigration, mirrorObservation } from './mirror.ts';
import { behind, dagRole, isQuiet } from './look.ts';
import { glance } from './parts.ts';
import { defaultPolicy } from './policy.ts';
import { allRules } from './table.ts';

const anyIntent = fc.constantFrom<Intent>(
  { goal: 'migrate' },
  { goal: 'cutover' },
  { goal: 'abort' },
  { goal: 'failback' },
  { goal: 'force', side: 'source' },
  { goal: 'force', side: 'target' },
  { goal: 'resolve-split-brain', loser: 'source' },
  { goal: 'resolve-split-brain', loser: 'target' },
  { goal: 'finish', distributed: 'keep' },
  { goal: 'finish', distributed: 'drop' },
  { goal: 'finish', distributed: 'drop', giveUp: true },
);

const anySwitch = fc.constantFrom<Intent>(
  { goal: 'cutover' },
  { goal: 'abort' },
  { goal: 'failback' },
);

const migration = articleMigration;
const ruleIds = new Set(allRules.map((rule) => rule.id));
const runs = { numRuns: 4000, verbose: fc.VerbosityLevel.None };

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
  'control',
  'deadMan',
  'leadership',
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

test('no act is decided about a pair that shows two primaries without a typed loser, or for a side that is away', () => {
  let chosen = 0;
  fc.assert(
    fc.property(anyObservation, anyIntent, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act') return;
      assert.equal(sideOf(observation, decision.act.side).connection.kind, 'connected');
      const roles = [glance(observation, 'sourceDag'), glance(observation, 'targetDag')].map(
        dagRole,
      );
      if (roles[0] !== 'PRIMARY' || roles[1] !== 'PRIMARY') return;
      chosen += 1;
      assert.ok(intent.goal === 'resolve-split-brain');
      assert.equal(decision.act.kind, 'fence-split-brain');
      assert.equal(decision.act.side, intent.loser);
    }),
    runs,
  );
  assert.ok(chosen > 0);
});

test('a side is promoted only in a committing epoch that it has not refused, both sides seen demoted', () => {
  let promoted = 0;
  fc.assert(
    fc.property(anyObservation, anySwitch, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act' || decision.act.kind !== 'promote') return;
      promoted += 1;
      const { side, epoch, finalLsns } = decision.act;
      assert.equal(intent.goal, side === 'target' ? 'cutover' : 'failback');
      assert.equal(dagRole(glance(observation, 'sourceDag')), 'SECONDARY');
      assert.equal(dagRole(glance(observation, 'targetDag')), 'SECONDARY');
      const own = present(observation, side);
      const other = present(observation, otherSide(side));
      assert.equal(other.register.phase, 'committing');
      assert.equal(other.register.epoch, epoch);
      assert.ok(other.register.isIntact && own.refused.isIntact);
      assert.ok(own.refused.epoch < epoch);
      assert.deepEqual(
        finalLsns.map((final) => final.database.toLowerCase()),
        ['adventureworks'],
      );
    }),
    { ...runs, numRuns: 6000 },
  );
  assert.ok(promoted > 0);
});

test('the role is given back only as the register of that side says, never beside a primary', () => {
  const from = new Map<string, number>();
  fc.assert(
    fc.property(anyObservation, anySwitch, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act' || decision.act.kind !== 'give-back') return;
      const { act } = decision;
      from.set(act.from, (from.get(act.from) ?? 0) + 1);
      const { register } = present(observation, act.side);
      assert.ok(register.isIntact);
      assert.equal(register.phase, act.from);
      assert.equal(register.epoch, act.epoch);
      const other = otherSide(act.side);
      assert.notEqual(
        dagRole(glance(observation, other === 'source' ? 'sourceDag' : 'targetDag')),
        'PRIMARY',
      );
      if (act.from === 'committing') {
        assert.ok(present(observation, other).refused.epoch >= act.epoch);
      }
    }),
    { ...runs, numRuns: 6000 },
  );
  for (const phase of ['fenced', 'committing', 'aborted']) {
    assert.ok((from.get(phase) ?? 0) > 0, phase);
  }
});

test('an epoch is decided only when it is fenced, in time, and the other side has all of its log', () => {
  let decided = 0;
  fc.assert(
    fc.property(anyObservation, anySwitch, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act' || decision.act.kind !== 'commit-epoch') return;
      decided += 1;
      const { register } = present(observation, decision.act.side);
      assert.equal(register.phase, 'fenced');
      assert.equal(register.isExpired, false);
      assert.equal(register.epoch, decision.act.epoch);
    }),
    { ...runs, numRuns: 8000 },
  );
  assert.ok(decided > 0);
});

test('data loss is accepted only by the typed goal, while the other side cannot be seen', () => {
  let forced = 0;
  fc.assert(
    fc.property(anyObservation, anyIntent, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act') return;
      if (decision.act.kind !== 'force-promote-accepting-data-loss') return;
      forced += 1;
      assert.ok(intent.goal === 'force');
      assert.equal(decision.act.side, intent.side);
      const other = sideOf(observation, otherSide(intent.side));
      assert.equal(other.connection.kind, 'unreachable');
    }),
    { ...runs, numRuns: 8000 },
  );
  assert.ok(forced > 0);
});

function present(observation: Observation, side: Side): Extract<ControlState, { kind: 'present' }> {
  const { control } = sideOf(observation, side);
  assert.ok(control.known && control.value.kind === 'present');
  return control.value;
}

test('the DAG is dropped on the side left behind last, and only while nobody can write there', () => {
  let dropped = 0;
  const sides = new Set<Side>();
  fc.assert(
    fc.property(anyObservation, anyIntent, anyMemory, (observation, intent, memory) => {
      const decision = answer(observation, intent, memory);
      if (decision.kind !== 'act' || decision.act.kind !== 'drop-distributed') return;
      dropped += 1;
      assert.ok(intent.goal === 'finish' && intent.distributed === 'drop');
      const left = demotingSideOf(observation, intent);
      const own = left === 'source' ? observation.source : observation.target;
      const other = left === 'source' ? observation.target : observation.source;
      assert.deepEqual(own.sessions, known([]));
      assert.ok(own.fenceLogins.known && own.fenceLogins.value.every((login) => login.isDisabled));
      if (decision.act.side === left) assert.deepEqual(other.distributed, known(null));
      sides.add(left);
    }),
    runs,
  );
  assert.ok(dropped > 0);
  assert.equal(sides.size, 2, 'both directions were drawn');
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
    { ...runs, numRuns: 6000 },
  );
  assert.ok(demoted > 0);
});

test('a failback is a cutover with the sides exchanged', () => {
  let acts = 0;
  fc.assert(
    fc.property(anyObservation, anyMemory, (observation, memory) => {
      const forward = answer(observation, { goal: 'cutover' }, memory);
      const backward = decide(
        mirrorObservation(observation),
        { goal: 'failback' },
        {
          migration: mirrorMigration(migration),
          memory: { ...memory, demoting: 'target' },
          policy: defaultPolicy,
        },
      );
      assert.equal(backward.kind, forward.kind);
      assert.equal(backward.rule, forward.rule);
      if (forward.kind !== 'act' || backward.kind !== 'act') return;
      acts += 1;
      assert.deepEqual(backward.act, mirrorAct(forward.act));
    }),
    runs,
  );
  assert.ok(acts > 100);
});
