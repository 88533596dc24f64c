import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driven, freshObservation, visited } from '../../tests/support/observation.ts';
import type { ActKind } from '../model/act.ts';
import type { Observation } from '../model/observation.ts';
import { dagRole } from './look.ts';
import { glance } from './parts.ts';
import { registerOf } from './register-look.ts';
import { phaseTransitions, roleTransitions } from './transition.ts';
import { allRules } from './table.ts';

const ready = driven(freshObservation(), { goal: 'migrate' });
const over = driven(ready, { goal: 'cutover' });

/** The giving side is the source in a cutover and the target in a failback. */
function phases(way: readonly Observation[], side: 'source' | 'target'): readonly string[] {
  const part = side === 'source' ? 'sourceControl' : 'targetControl';
  const seen = way.map((each) => {
    const control = glance(each, part);
    return control === null ? 'unknown' : (registerOf(control)?.phase ?? 'none');
  });
  return seen.filter((phase, index) => index === 0 || phase !== seen[index - 1]);
}

function isPath(way: readonly string[]): boolean {
  return way.slice(1).every((to, index) => {
    const from = way[index];
    const direct = phaseTransitions.some((edge) => edge.from === from && edge.to === to);
    const throughFence =
      to === 'committing' &&
      phaseTransitions.some((edge) => edge.from === from && edge.to === 'fenced');
    return direct || throughFence;
  });
}

test('what a cutover and a failback do to the register is in the table', () => {
  const forward = phases(visited(ready, { goal: 'cutover' }), 'source');
  const backward = phases(visited(over, { goal: 'failback' }), 'target');
  assert.deepEqual(forward, ['idle', 'committing', 'done']);
  assert.deepEqual(backward, ['idle', 'committing', 'done']);
  assert.ok(isPath(forward) && isPath(backward));
  assert.equal(isPath(['aborted', 'done']), false);
});

test('what a cutover does to the roles is in the table', () => {
  const seen = visited(ready, { goal: 'cutover' }).map((each) =>
    [dagRole(glance(each, 'sourceDag')), dagRole(glance(each, 'targetDag'))].join(' '),
  );
  const steps = seen.filter((roles, index) => index > 0 && roles !== seen[index - 1]);
  assert.deepEqual(steps, ['SECONDARY SECONDARY', 'SECONDARY PRIMARY']);
  for (const to of steps) {
    assert.ok(roleTransitions.some((edge) => edge.to.join(' ') === to));
  }
});

test('every act of the tables has a rule, and no phase is a dead end', () => {
  const emitted = new Set<string>(allRules.map((rule) => rule.emits));
  const kinds: readonly (ActKind | 'dead-man')[] = [
    ...phaseTransitions.map((edge) => edge.by),
    ...roleTransitions.map((edge) => edge.by),
  ];
  for (const kind of kinds) assert.ok(kind === 'dead-man' || emitted.has(kind), kind);
  for (const phase of ['idle', 'fenced', 'committing', 'aborted', 'done']) {
    assert.ok(
      phaseTransitions.some((edge) => edge.from === phase && edge.to !== phase),
      phase,
    );
  }
});

test('only a committing epoch promotes, and an aborted one never commits', () => {
  const promotions = roleTransitions.filter((edge) => edge.by === 'promote');
  assert.deepEqual(
    promotions.map((edge) => edge.phase),
    ['committing'],
  );
  assert.equal(
    phaseTransitions.some((edge) => edge.from === 'aborted' && edge.to === 'committing'),
    false,
  );
});
