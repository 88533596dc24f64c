/** An aborted epoch whose role is owed, and one that is settled: only the first may take a role. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  articleMigration,
  changed,
  driven,
  freshObservation,
} from '../../tests/support/observation.ts';
import type { Decision, Intent } from '../model/decision.ts';
import { known } from '../model/fact.ts';
import type { Observation } from '../model/observation.ts';
import type { CommitRegister } from '../model/register.ts';
import type { Side } from '../model/side.ts';
import { decide } from './decide.ts';
import { startMemory } from './memory.ts';
import { defaultPolicy } from './policy.ts';
import { predict } from './predict.ts';

const cutover: Intent = { goal: 'cutover' };
const abort: Intent = { goal: 'abort' };
const ready = driven(freshObservation(), { goal: 'migrate' });
const fenced = predict(
  ready,
  {
    kind: 'demote',
    side: 'source',
    databases: ['Adventureworks'],
    fromEpoch: 0n,
    budgetMs: 30_000,
    targetLsns: [],
    refuseEpoch: 0n,
  },
  articleMigration,
);
const owed = { epoch: 1n, phase: 'aborted', deadlineUtc: '2026-11-21T12:00:00.000Z' } as const;
const settled = { epoch: 1n, phase: 'aborted', deadlineUtc: null } as const;

function register(seen: Observation, side: Side, change: Partial<CommitRegister>): Observation {
  const { control } = seen[side];
  assert.ok(control.known && control.value.kind === 'present');
  const { value } = control;
  return changed(seen, side, {
    control: known({ ...value, register: { ...value.register, ...change } }),
  });
}

function away(seen: Observation, side: Side): Observation {
  const problem = { code: 'SF-NET-001', summary: 'no route', because: [], remedy: '' } as const;
  return changed(seen, side, { connection: { kind: 'unreachable', problem } });
}

function ask(seen: Observation, intent: Intent): Decision {
  return decide(seen, intent, {
    migration: articleMigration,
    memory: { ...startMemory(intent), outageMs: 0 },
    policy: defaultPolicy,
  });
}

test('an epoch that was aborted, its role still owed, is finished by whoever comes', () => {
  for (const intent of [cutover, abort]) {
    const decision = ask(register(fenced, 'source', owed), intent);
    assert.ok(decision.kind === 'act', intent.goal);
    assert.deepEqual([decision.act.kind, decision.act.side], ['give-back', 'source']);
  }
});

test('with both sides demoted, a settled epoch takes no role: somebody demoted by hand since', () => {
  const seen = register(fenced, 'source', settled);
  for (const intent of [cutover, abort]) assert.equal(ask(seen, intent).rule, 'R-DEMOTED-BY-HAND');
});

test('while the target does not answer only an owed role is taken back, because the target may be primary', () => {
  const seen = away(register(fenced, 'source', settled), 'target');
  for (const intent of [cutover, abort]) {
    assert.notEqual(ask(seen, intent).kind, 'act', intent.goal);
    const decision = ask(away(register(fenced, 'source', owed), 'target'), intent);
    assert.equal(decision.rule, 'R-GIVE-BACK-ALONE', intent.goal);
  }
});

test('a role that is here already is no longer owed: the debt is struck, no role is changed', () => {
  for (const intent of [cutover, abort]) {
    const decision = ask(register(ready, 'source', owed), intent);
    assert.equal(decision.rule, 'R-STALE-FENCE');
    assert.ok(decision.kind === 'act' && decision.act.kind === 'give-back');
    assert.equal(decision.act.from, 'aborted');
    const after = predict(register(ready, 'source', owed), decision.act, articleMigration);
    assert.notEqual(ask(after, intent).rule, 'R-STALE-FENCE');
  }
});

test('abort gives the role to the side it is owed to, not to one whose old epoch is settled', () => {
  const both = register(register(fenced, 'source', settled), 'target', owed);
  const decision = ask(both, abort);
  assert.ok(decision.kind === 'act');
  assert.deepEqual([decision.act.kind, decision.act.side], ['give-back', 'target']);
});

test('a settled epoch of the other direction does not keep this one from going back', () => {
  const seen = register(register(fenced, 'source', owed), 'target', settled);
  assert.equal(ask(seen, cutover).rule, 'R-GIVE-BACK');
});

test('rows that the target lost in the outage come back so that a decided switch goes back and a fenced one forward', () => {
  const lost = (seen: Observation): Observation =>
    changed(seen, 'target', { control: known({ kind: 'no-row' }) });
  const way = (start: Observation, intent: Intent): readonly string[] => {
    const acts: string[] = [];
    let seen = start;
    for (let step = 0; step < 10; step += 1) {
      const decision = ask(seen, intent);
      if (decision.kind !== 'act') break;
      acts.push(`${decision.act.kind} ${decision.act.side}`);
      seen = predict(seen, decision.act, articleMigration);
    }
    return acts;
  };
  const committing = register(fenced, 'source', { phase: 'committing', deadlineUtc: null });
  assert.deepEqual(way(lost(committing), cutover), ['create-register target', 'give-back source']);
  assert.deepEqual(way(lost(committing), abort), ['create-register target', 'give-back source']);
  assert.deepEqual(way(lost(fenced), cutover).slice(0, 3), [
    'create-register target',
    'commit-epoch source',
    'promote target',
  ]);
});

test('where somebody demoted by hand, migrate and finish give the advice that cutover and abort accept', () => {
  const byHand = register(fenced, 'source', { epoch: 0n, phase: 'idle', deadlineUtc: null });
  for (const intent of [
    { goal: 'migrate' },
    { goal: 'finish', distributed: 'keep' },
    { goal: 'finish', distributed: 'drop' },
    cutover,
    abort,
  ] as const) {
    const decision = ask(byHand, intent);
    assert.equal(decision.rule, 'R-DEMOTED-BY-HAND', intent.goal);
    assert.ok(decision.kind === 'needs-human' && /when they are equal/u.test(decision.remedy));
  }
  assert.equal(ask(fenced, { goal: 'migrate' }).rule, 'R-OUTAGE-OPEN');
});

test('a committing epoch that nobody operates is named as what no timer ends', () => {
  const committing = register(fenced, 'source', { phase: 'committing', deadlineUtc: null });
  const decision = ask(committing, { goal: 'migrate' });
  assert.equal(decision.rule, 'R-OUTAGE-OPEN');
  assert.match(decision.because, /Epoch 1 is committing and nobody operates/u);
  assert.doesNotMatch(ask(fenced, { goal: 'migrate' }).because, /nobody operates/u);
});
