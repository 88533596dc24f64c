/**
 * What every rule needs before it may answer, asked rule by rule over a grid of situations: roles of both
 * sides, phases of both registers, refused epochs. A rule that answers where it must not, shows here even
 * when another rule stands before it in the list.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { required } from '../base/assert.ts';
import type { Intent } from '../model/decision.ts';
import { known, unknown } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import type { CommitRegister, RegisterPhase } from '../model/register.ts';
import type { Side } from '../model/side.ts';
import {
  articleMigration,
  changed,
  driven,
  freshObservation,
} from '../../tests/support/observation.ts';
import { emptyMemory } from './memory.ts';
import { defaultPolicy } from './policy.ts';
import type { Rule, Situation } from './rule.ts';
import { allRules } from './table.ts';

const cutover: Intent = { goal: 'cutover' };
const sides = ['source', 'target'] as const;
const ready = driven(freshObservation(), { goal: 'migrate' });
const over = driven(ready, cutover);

function ruleOf(id: string): Rule {
  return required(
    allRules.find((rule) => rule.id === id),
    id,
  );
}

function situation(observation: Observation, change: Partial<Situation> = {}): Situation {
  return {
    observation,
    intent: cutover,
    migration: articleMigration,
    memory: emptyMemory,
    policy: defaultPolicy,
    ...change,
  };
}

function withDeadMan(deadMan: Migration['cutover']['deadMan']): Migration {
  return { ...articleMigration, cutover: { ...articleMigration.cutover, deadMan } };
}

/** A server that shows nothing any more, but what was seen last. */
function unreachable(observation: Observation, side: Side): Observation {
  return changed(observation, side, {
    connection: {
      kind: 'unreachable',
      problem: { code: 'SF-NET-001', summary: 'It does not answer.', because: [], remedy: 'Look.' },
    },
  });
}

/** And not even that. */
function away(observation: Observation, side: Side): Observation {
  const lost = unknown('it does not answer');
  return changed(unreachable(observation, side), side, {
    distributed: lost,
    databases: lost,
    fenceLogins: lost,
    control: lost,
  });
}

const jobless = changed(ready, 'source', {
  deadMan: known({
    jobExists: false,
    agentRunning: false,
    jobRunning: false,
    watcherConnected: false,
    rehearsedUtc: null,
  }),
});
const busyJob = changed(ready, 'source', {
  deadMan: known({
    jobExists: true,
    agentRunning: true,
    jobRunning: true,
    watcherConnected: false,
    rehearsedUtc: null,
  }),
});

for (const [id, observation, kept] of [
  ['R-DEAD-MAN-CREATE', jobless, ['watcher', 'off']],
  ['R-DEAD-MAN-ABSENT', jobless, ['off']],
  ['R-DEAD-MAN-BUSY', busyJob, ['watcher', 'off']],
  ['R-DEAD-MAN-REHEARSE', jobless, ['watcher', 'off']],
] as const) {
  test(`${id} answers for the dead-man that the file asks for, and for no other`, () => {
    const asked = situation(observation, { migration: withDeadMan('agent') });
    assert.notEqual(ruleOf(id).evaluate(asked), null);
    for (const deadMan of kept)
      assert.equal(
        ruleOf(id).evaluate(situation(observation, { migration: withDeadMan(deadMan) })),
        null,
        deadMan,
      );
  });
}

test('R-DEAD-MAN-DROP drops the job that this file made, and none that another tool made', () => {
  let gone = busyJob;
  for (const side of sides) gone = changed(gone, side, { distributed: known(null) });
  assert.notEqual(ruleOf('R-DEAD-MAN-DROP').evaluate(situation(gone)), null);
  const other = situation(gone, { migration: withDeadMan('off') });
  assert.equal(ruleOf('R-DEAD-MAN-DROP').evaluate(other), null);
});

for (const id of ['R-OUTAGE-OPEN', 'R-DAG-ONE-SIDED']) {
  test(`${id} says nothing about a side that does not answer`, () => {
    for (const side of sides)
      assert.equal(ruleOf(id).evaluate(situation(away(ready, side))), null, side);
  });
}

test('R-ABORT-ENABLE-LOGIN asks nothing of a source that does not answer', () => {
  const asked = situation(away(ready, 'source'), { intent: { goal: 'abort' } });
  assert.equal(ruleOf('R-ABORT-ENABLE-LOGIN').evaluate(asked), null);
});

test('R-FORCE-OTHER-OPERATOR is about a target that is alone', () => {
  const led = changed(ready, 'target', {
    leadership: known({
      kind: 'other',
      sessionId: 77,
      loginName: 'CONTOSO\\somebody',
      hostName: 'OPS2',
      loginTimeUtc: '2026-11-21T11:00:00.000Z',
    }),
  });
  const rule = ruleOf('R-FORCE-OTHER-OPERATOR');
  assert.equal(rule.evaluate(situation(led, { intent: { goal: 'force', side: 'target' } })), null);
});

/** Words for one point of the grid. */
interface Point {
  readonly source: string;
  readonly target: string;
  readonly phase: RegisterPhase;
  readonly isExpired: boolean;
  readonly isRefused: boolean;
  readonly otherPhase: RegisterPhase;
  readonly observation: Observation;
}

const roles = ['PRIMARY', 'SECONDARY', 'none'] as const;
const phases: readonly (readonly [RegisterPhase, boolean])[] = [
  ['idle', false],
  ['fenced', false],
  ['fenced', true],
  ['committing', false],
  ['aborted', false],
  ['done', false],
];

function withRole(observation: Observation, side: Side, role: string): Observation {
  const { distributed } = observation[side];
  assert.ok(distributed.known && distributed.value !== null);
  const value = role === 'none' ? null : { ...distributed.value, localRoleDesc: role };
  return changed(observation, side, { distributed: known(value) });
}

function withRow(
  observation: Observation,
  side: Side,
  change: Partial<CommitRegister> & { readonly refused: bigint },
): Observation {
  const { control } = observation[side];
  assert.ok(control.known && control.value.kind === 'present');
  const { refused, ...register } = change;
  return changed(observation, side, {
    control: known({
      ...control.value,
      register: { ...control.value.register, ...register },
      refused: { ...control.value.refused, epoch: refused },
    }),
  });
}

function grid(base: Observation): readonly Point[] {
  const points: Point[] = [];
  for (const source of roles)
    for (const target of roles)
      for (const [phase, isExpired] of phases)
        for (const isRefused of [false, true])
          for (const otherPhase of ['idle', 'fenced', 'committing'] as const) {
            let observation = withRole(withRole(base, 'source', source), 'target', target);
            observation = withRow(observation, 'source', {
              epoch: 3n,
              phase,
              isExpired,
              refused: 0n,
            });
            observation = withRow(observation, 'target', {
              epoch: 2n,
              phase: otherPhase,
              isExpired: false,
              refused: isRefused ? 3n : 0n,
            });
            points.push({ source, target, phase, isExpired, isRefused, otherPhase, observation });
          }
  return points;
}

/** Before the switch and after it: logs, sessions and databases differ. */
const points = [...grid(ready), ...grid(over)];

const atRest = ({ phase }: Point): boolean => phase !== 'fenced' && phase !== 'committing';
const given = ({ source, target }: Point): boolean =>
  source === 'PRIMARY' && target === 'SECONDARY';
const nobody = ({ source, target }: Point): boolean =>
  source === 'SECONDARY' && target === 'SECONDARY';
const gone = ({ source, target }: Point): boolean => source === 'none' && target === 'none';
const served = ({ source, target }: Point): boolean => target === 'PRIMARY' && source !== 'PRIMARY';

/** What must be so wherever the rule answers (docs/cutover.md); `some`: and it does answer somewhere. */
const needs: Readonly<Record<string, (point: Point) => boolean>> = {
  'R-DEMOTE': (point) => given(point) && atRest(point),
  'R-PROMOTE': (point) => nobody(point) && point.phase === 'committing' && !point.isRefused,
  'R-REVOKE': (point) => nobody(point) && point.phase === 'committing' && !point.isRefused,
  'R-COMMIT-EPOCH': (point) =>
    nobody(point) && point.phase === 'fenced' && !point.isExpired && !point.isRefused,
  'R-AWAIT-LSNS': (point) => nobody(point) && point.phase === 'fenced' && !point.isExpired,
  'R-STALE-FENCE': (point) => point.source === 'PRIMARY' && point.target !== 'PRIMARY',
  'R-STALE-COMMITTING': (point) => given(point) && point.phase === 'committing' && !point.isRefused,
  'R-CUTOVER-DONE': served,
  'R-VERIFY-END-FENCE': (point) =>
    point.target === 'PRIMARY' &&
    point.source === 'SECONDARY' &&
    point.phase === 'fenced' &&
    !point.isExpired,
  'R-VERIFY-FENCE-EXPIRED': (point) => served(point) && point.phase === 'fenced',
  'R-OTHER-EPOCH-CLOSE': (point) => given(point) && point.otherPhase === 'committing',
  'R-OTHER-DIRECTION': (point) => atRest(point) && point.otherPhase !== 'idle',
  'R-SPLIT-BRAIN': (point) => point.source === 'PRIMARY' && point.target === 'PRIMARY',
  'R-SPLIT-BRAIN-FENCE': (point) => point.source === 'PRIMARY' && point.target === 'PRIMARY',
  'R-SPLIT-BRAIN-NONE': (point) => point.source !== 'PRIMARY' || point.target !== 'PRIMARY',
  'R-KEEP-DONE': (point) => point.target === 'PRIMARY' && point.source === 'SECONDARY',
  'R-KEEP-NOTHING': (point) => point.source === 'none' || point.target === 'none',
  'R-FINISH-NOT-CUT-OVER': (point) => point.source === 'PRIMARY' && point.target !== 'PRIMARY',
  'R-DROP-SOURCE': (point) => point.source !== 'none' && point.target === 'none',
  'R-DROP-DONE': gone,
  'R-DROP-NOT-SERVING': (point) => !gone(point),
  'R-DROP-SESSIONS': (point) => !gone(point),
  'R-DROP-LOGINS': (point) => !gone(point),
  'R-REGISTER-DROP': gone,
  'R-DEAD-MAN-DROP': gone,
  'R-DAG-CREATE': gone,
  'R-DAG-JOIN': (point) => point.source === 'PRIMARY' && point.target === 'none',
  'R-REQUIRED-SECONDARIES': given,
  'R-SOURCE-GROUP-WAIT': ({ source }) => source === 'none',
  'R-PRIOR-STATE-RECORD': ({ source, target }) => source !== 'none' && target !== 'none',
  'R-OUTAGE-OPEN': nobody,
  'R-BUDGET-TOO-SMALL': ({ source }) => source === 'PRIMARY',
};

const intents: readonly Intent[] = [
  { goal: 'migrate' },
  cutover,
  { goal: 'abort' },
  { goal: 'finish', distributed: 'keep' },
  { goal: 'finish', distributed: 'drop' },
  { goal: 'resolve-split-brain', loser: 'source' },
];

for (const [id, isNeeded] of Object.entries(needs)) {
  test(`${id} answers nowhere but where it may`, () => {
    const rule = ruleOf(id);
    for (const point of points)
      for (const intent of intents) {
        const asked = situation(point.observation, {
          intent,
          migration: {
            ...articleMigration,
            cutover: { ...articleMigration.cutover, maxOutageMs: 20 },
          },
        });
        const decision = rule.evaluate(asked);
        if (decision === null || decision.rule !== id) continue;
        const { source, target, phase, isExpired, isRefused, otherPhase } = point;
        assert.ok(
          isNeeded(point),
          JSON.stringify({ intent, source, target, phase, isExpired, isRefused, otherPhase }),
        );
      }
  });
}
