import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  articleMigration,
  changed,
  driven,
  freshObservation,
  plainDatabase,
  visited,
} from '../../tests/support/observation.ts';
import type { Intent } from '../model/decision.ts';
import { known } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import { planActs } from './plan.ts';
import { defaultPolicy } from './policy.ts';

const migrate: Intent = { goal: 'migrate' };
const cutover: Intent = { goal: 'cutover' };
const drop: Intent = { goal: 'finish', distributed: 'drop' };
const fresh = freshObservation();

function steps(observation: Observation, finish: 'keep' | 'drop' = 'drop'): readonly string[] {
  const work = planActs(observation, {
    migration: articleMigration,
    policy: defaultPolicy,
    finish,
  });
  return work.acts.map(({ phase, act }) =>
    [phase, act.side, act.kind, ...('value' in act ? [act.value] : [])].join(' '),
  );
}

const whole = [
  'prepare source create-control-database',
  'prepare target create-control-database',
  'prepare source create-register',
  'prepare target create-register',
  'prepare source create-dead-man',
  'prepare source create-endpoint',
  'prepare target create-endpoint',
  'prepare source create-peer-login',
  'prepare target create-peer-login',
  'prepare source grant-endpoint-connect',
  'prepare target grant-endpoint-connect',
  'create source create-availability-group',
  'create target create-availability-group',
  'create source grant-create-database',
  'create target grant-create-database',
  'create source create-distributed',
  'create target join-distributed',
  'cutover source rehearse-dead-man',
  'cutover source record-prior-state',
  'cutover source set-distributed-mode',
  'cutover target set-distributed-mode',
  'cutover source set-required-secondaries 1',
  'cutover source disable-login',
  'cutover source kill-sessions',
  'cutover source demote',
  'cutover target promote',
  'cutover source close-epoch',
  'cutover source set-required-secondaries 0',
  'finish target drop-distributed',
  'finish source drop-distributed',
  'finish source drop-dead-man',
  'finish source drop-register',
  'finish target drop-register',
];

test('the plan of a fresh pair follows the articles, with the grant on the target that one of them forgets', () => {
  assert.deepEqual(steps(fresh), whole);
});

test('keeping the group ends with asynchronous commit on both sides', () => {
  assert.deepEqual(steps(fresh, 'keep').slice(-2), [
    'finish target set-distributed-mode',
    'finish source set-distributed-mode',
  ]);
});

test('the plan of a pair that is half way is the rest of the whole plan', () => {
  let previous = whole.length;
  const stations = [...visited(fresh, migrate), ...visited(driven(fresh, migrate), cutover)];
  for (const station of stations) {
    const rest = steps(station);
    assert.deepEqual(
      rest,
      whole.filter((step) => rest.includes(step)),
    );
    assert.deepEqual(rest.slice(-2), whole.slice(-2));
    assert.ok(rest.length <= previous, `${rest.length} steps after ${previous}`);
    previous = rest.length;
  }
});

test('only the demotion and the promotion are an outage, and the demotion can be taken back', () => {
  const work = planActs(fresh, {
    migration: articleMigration,
    policy: defaultPolicy,
    finish: 'drop',
  });
  assert.deepEqual(
    work.acts.filter((planned) => planned.outage).map((planned) => planned.act.kind),
    ['demote', 'promote'],
  );
  const demote = work.acts.find((planned) => planned.act.kind === 'demote');
  assert.equal(demote?.undo?.kind, 'give-back');
  assert.ok(work.acts.every((planned) => planned.why !== '' && planned.reversal !== ''));
  assert.equal(work.stopped, null);
});

test('a plan that cannot go on says why', () => {
  const work = planActs(changed(fresh, 'source', { databases: known([]) }), {
    migration: articleMigration,
    policy: defaultPolicy,
    finish: 'drop',
  });
  assert.deepEqual(work.acts, []);
  assert.equal(work.stopped?.rule, 'R-DATABASE-MISSING');
});

test('several databases travel in one group, and ALL means those of the source', () => {
  const migration: Migration = { ...articleMigration, databases: { kind: 'all', except: [] } };
  const pair = changed(freshObservation(migration), 'source', {
    databases: known([plainDatabase('A'), plainDatabase('B]x'), plainDatabase('🚚')]),
  });
  const work = planActs(pair, { migration, policy: defaultPolicy, finish: 'drop' });
  assert.equal(work.stopped, null);
  const create = work.acts.find((planned) => planned.act.kind === 'create-availability-group');
  assert.ok(create?.act.kind === 'create-availability-group');
  assert.deepEqual(create.act.databases, ['A', 'B]x', '🚚']);
});

test('every intent reaches its goal from every station before it, and does nothing when run again', () => {
  const all: readonly Intent[] = [migrate, cutover, drop];
  let observation = fresh;
  for (const intent of all) {
    for (const station of visited(observation, intent)) {
      assert.deepEqual(visited(driven(station, intent), intent).length, 1, intent.goal);
    }
    observation = driven(observation, intent);
  }
});

test('a cutover can be taken back from every station before the promotion', () => {
  const ready = driven(fresh, migrate);
  for (const station of visited(ready, cutover)) {
    const promoted =
      station.target.distributed.known &&
      station.target.distributed.value?.localRoleDesc === 'PRIMARY';
    if (promoted) continue;
    // Without its memory `abort` leaves a login alone that it does not know: enable it as a person would.
    const unfenced = changed(station, 'source', {
      fenceLogins: known([{ name: 'app_writer', isDisabled: false }]),
    });
    const back = driven(unfenced, { goal: 'abort' });
    assert.ok(back.source.distributed.known);
    assert.equal(back.source.distributed.value?.localRoleDesc, 'PRIMARY');
  }
});
