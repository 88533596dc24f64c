/** Whole ways of the register protocol through the rules: what follows when a batch dies or a reply is lost. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  articleMigration,
  changed,
  driven,
  freshObservation,
  lsnAt,
} from '../../tests/support/observation.ts';
import type { Act } from '../model/act.ts';
import type { Decision, Intent, Memory } from '../model/decision.ts';
import { known, unknown } from '../model/fact.ts';
import type { Observation } from '../model/observation.ts';
import type { CommitRegister } from '../model/register.ts';
import type { Side } from '../model/side.ts';
import { decide } from './decide.ts';
import { startMemory } from './memory.ts';
import { defaultPolicy } from './policy.ts';
import { predict } from './predict.ts';
import { registerOf } from './register-look.ts';
import { glance } from './parts.ts';

const cutover: Intent = { goal: 'cutover' };
const failback: Intent = { goal: 'failback' };
const abort: Intent = { goal: 'abort' };
const ready = driven(freshObservation(), { goal: 'migrate' });
const over = driven(ready, cutover);

const demotion: Act = {
  kind: 'demote',
  side: 'source',
  databases: ['Adventureworks'],
  fromEpoch: 0n,
  budgetMs: 30_000,
  targetLsns: [],
  refuseEpoch: 0n,
};
/** Demoted, the LSNs not proven in the batch: fenced. */
const fenced = predict(ready, demotion, articleMigration);
const committing = register(fenced, 'source', { phase: 'committing' });
const fencedFailback = predict(over, { ...demotion, side: 'target' }, articleMigration);

function register(
  observation: Observation,
  side: Side,
  change: Partial<CommitRegister> & { readonly refused?: bigint },
): Observation {
  const control = observation[side].control;
  assert.ok(control.known && control.value.kind === 'present');
  const { refused, ...own } = change;
  return changed(observation, side, {
    control: known({
      ...control.value,
      register: { ...control.value.register, ...own },
      refused: { ...control.value.refused, epoch: refused ?? control.value.refused.epoch },
    }),
  });
}

function ask(seen: Observation, intent: Intent, memory: Partial<Memory> = {}): Decision {
  return decide(seen, intent, {
    migration: articleMigration,
    memory: { ...startMemory(intent), outageMs: 0, ...memory },
    policy: defaultPolicy,
  });
}

/** Acts decided one after the other on servers that do as they should, until something else is decided. */
function acts(start: Observation, intent: Intent, memory: Partial<Memory> = {}): readonly string[] {
  const done: string[] = [];
  let seen = start;
  for (let step = 0; step < 20; step += 1) {
    const decision = ask(seen, intent, memory);
    if (decision.kind !== 'act') return [...done, decision.rule];
    const { act } = decision;
    done.push(`${act.kind} ${act.side}`);
    seen = predict(seen, act, articleMigration);
  }
  throw new Error(done.join(', '));
}

function phaseOf(observation: Observation, side: Side): string | null {
  const control = glance(observation, side === 'source' ? 'sourceControl' : 'targetControl');
  return control === null ? null : (registerOf(control)?.phase ?? null);
}

test('a fenced epoch with equal logs is decided, promoted and closed by whoever comes', () => {
  assert.deepEqual(acts(fenced, cutover), [
    'commit-epoch source',
    'promote target',
    'close-epoch source',
    'R-CUTOVER-DONE',
  ]);
});

test('a committing epoch is promoted without being decided a second time', () => {
  assert.deepEqual(acts(committing, cutover), [
    'promote target',
    'close-epoch source',
    'R-CUTOVER-DONE',
  ]);
});

test('an expired fence goes back, whatever the logs are', () => {
  const expired = register(fenced, 'source', { isExpired: true });
  assert.equal(acts(expired, cutover)[0], 'give-back source');
});

test('abort of a committing epoch lets the target refuse it first, then takes the role back', () => {
  assert.deepEqual(acts(committing, abort).slice(0, 2), [
    'refuse-epoch target',
    'give-back source',
  ]);
});

test('a committing epoch that was refused is never promoted', () => {
  const refused = register(committing, 'target', { refused: 1n });
  assert.equal(acts(refused, cutover)[0], 'give-back source');
});

test('an aborted epoch whose role is not back yet is finished by whoever comes', () => {
  const aborted = register(fenced, 'source', { phase: 'aborted' });
  for (const intent of [cutover, abort]) {
    assert.equal(acts(aborted, intent)[0], 'give-back source', intent.goal);
  }
});

test('a demotion that died before its role change is ended without a role change', () => {
  const died = register(ready, 'source', { epoch: 1n, phase: 'fenced' });
  const decision = ask(died, cutover, { outageMs: null });
  assert.equal(decision.rule, 'R-STALE-FENCE');
  assert.ok(decision.kind === 'act');
  assert.equal(phaseOf(predict(died, decision.act, articleMigration), 'source'), 'aborted');
});

test('the run whose epoch somebody else aborted stops and lets the applications in', () => {
  const given = predict(
    predict(
      fenced,
      { kind: 'disable-login', side: 'source', login: 'app_writer' },
      articleMigration,
    ),
    {
      kind: 'give-back',
      side: 'source',
      databases: ['Adventureworks'],
      epoch: 1n,
      from: 'fenced',
    },
    articleMigration,
  );
  const memory = { outageMs: null, fencedEpoch: 1n, fencedLogins: ['app_writer'] };
  assert.deepEqual(acts(given, cutover, memory), ['enable-login source', 'R-TAKEN-BACK']);
});

test('a new run after an aborted attempt takes the next epoch', () => {
  const again = register(ready, 'source', { epoch: 4n, phase: 'aborted' });
  assert.notEqual(ask(again, cutover, { outageMs: null }).rule, 'R-TAKEN-BACK');
});

test('a failback is decided and promoted the other way round, with the register of the target', () => {
  assert.deepEqual(acts(fencedFailback, failback), [
    'commit-epoch target',
    'promote source',
    'enable-login source',
    'close-epoch target',
    'R-CUTOVER-DONE',
  ]);
});

test('the demotion of a failback makes the target refuse the epoch that promoted it', () => {
  const control = glance(fencedFailback, 'targetControl');
  assert.ok(control?.kind === 'present');
  const epoch = glance(over, 'sourceControl');
  assert.ok(epoch?.kind === 'present');
  const decided = predict(
    over,
    { ...demotion, side: 'target', refuseEpoch: epoch.register.epoch },
    articleMigration,
  );
  const after = glance(decided, 'targetControl');
  assert.ok(after?.kind === 'present');
  assert.equal(after.refused.epoch, epoch.register.epoch);
});

test('abort finds a failback by its register and gives the role back to the target', () => {
  assert.equal(acts(fencedFailback, abort)[0], 'give-back target');
});

test('cutover does not meddle with a failback under way', () => {
  assert.equal(ask(fencedFailback, cutover).rule, 'R-OTHER-DIRECTION');
});

test('nothing is promoted while the register of either side cannot be read', () => {
  for (const side of ['source', 'target'] as const) {
    const blind = changed(committing, side, { control: unknown('no right to look') });
    const decision = ask(blind, cutover);
    assert.equal(decision.kind, 'wait', side);
    assert.equal(decision.rule, 'R-UNKNOWN', side);
  }
});

test('nothing goes back to a source that does not hold everything the target shows', () => {
  const databases = fenced.target.databases;
  assert.ok(databases.known);
  const ahead = changed(register(fenced, 'source', { isExpired: true }), 'target', {
    databases: known(
      databases.value.map((database) => ({
        ...database,
        local:
          database.local === null
            ? null
            : { ...database.local, lastHardenedLsn: lsnAt(99n), endOfLogLsn: lsnAt(99n) },
      })),
    ),
  });
  assert.equal(ask(ahead, abort).kind, 'wait');
});

test('a promotion that fails again and again is revoked, so that the source serves', () => {
  const memory = { attempts: { 'promote target': defaultPolicy.maxAttempts } };
  assert.deepEqual(acts(committing, cutover, memory).slice(0, 2), [
    'refuse-epoch target',
    'give-back source',
  ]);
});

test('the words of a failback name the sides as they are', () => {
  const decision = ask(fencedFailback, failback);
  assert.match(decision.because, /source has the log/u);
  assert.ok(decision.kind === 'act' && decision.act.side === 'target');
});

function role(observation: Observation, side: Side, localRoleDesc: string): Observation {
  const dag = observation[side].distributed;
  assert.ok(dag.known && dag.value !== null);
  return changed(observation, side, { distributed: known({ ...dag.value, localRoleDesc }) });
}

function away(observation: Observation, side: Side): Observation {
  const lost = unknown('it does not answer');
  return changed(observation, side, {
    connection: {
      kind: 'unreachable',
      problem: { code: 'SF-NET-001', summary: 'It does not answer.', because: [], remedy: 'Look.' },
    },
    distributed: lost,
    databases: lost,
    control: lost,
    leadership: lost,
    operators: lost,
  });
}

const led: Partial<Observation['source']> = {
  leadership: known({
    kind: 'other',
    sessionId: 77,
    loginName: 'CONTOSO\\somebody',
    hostName: 'OPS2',
    loginTimeUtc: '2026-11-21T11:00:00.000Z',
  }),
};

/** One fact changed, each by itself enough to forbid the act. */
const spoils: readonly (readonly [string, (seen: Observation) => Observation])[] = [
  ['the seal of the source is broken', (seen) => register(seen, 'source', { isIntact: false })],
  [
    'the register belongs to another pair',
    (seen) => register(seen, 'source', { targetId: 'OTHER' }),
  ],
  ['the epoch is done', (seen) => register(seen, 'source', { phase: 'done' })],
  ['the epoch never began', (seen) => register(seen, 'source', { phase: 'idle' })],
  ['the target is PRIMARY', (seen) => role(seen, 'target', 'PRIMARY')],
  ['the target is RESOLVING', (seen) => role(seen, 'target', 'RESOLVING')],
  ['the source is RESOLVING', (seen) => role(seen, 'source', 'RESOLVING')],
  ['another operator leads', (seen) => changed(seen, 'target', led)],
  ['the source is away', (seen) => away(seen, 'source')],
  [
    'a newer sqlferry wrote the register',
    (seen) => changed(seen, 'target', { control: known({ kind: 'newer-protocol', protocol: 2 }) }),
  ],
];

const promotion: typeof spoils = [
  ...spoils,
  ['the epoch is only fenced', (seen) => register(seen, 'source', { phase: 'fenced' })],
  ['the epoch is aborted', (seen) => register(seen, 'source', { phase: 'aborted' })],
  ['the target refused the epoch', (seen) => register(seen, 'target', { refused: 1n })],
  ['the source is PRIMARY', (seen) => role(seen, 'source', 'PRIMARY')],
  ['the target is away', (seen) => away(seen, 'target')],
];

test('each fact that a promotion rests on forbids it when it alone is different', () => {
  assert.equal(ask(committing, cutover).rule, 'R-PROMOTE');
  for (const [what, spoil] of promotion) {
    const decision = ask(spoil(committing), cutover);
    assert.notEqual(decision.rule, 'R-PROMOTE', what);
  }
});

test('each fact that giving the role back rests on forbids it when it alone is different', () => {
  const expired = register(fenced, 'source', { isExpired: true });
  assert.equal(ask(expired, cutover).rule, 'R-GIVE-BACK');
  for (const [what, spoil] of [
    ...spoils,
    [
      'the epoch is committing',
      (seen: Observation) => register(seen, 'source', { phase: 'committing' }),
    ],
    [
      'the deadline is not over',
      (seen: Observation) => register(seen, 'source', { isExpired: false }),
    ],
  ] as typeof spoils) {
    const decision = ask(spoil(expired), cutover);
    assert.ok(decision.kind !== 'act' || decision.act.kind !== 'give-back', what);
  }
});

test('after a failback the way there again is called cutover, after a cutover nothing is called failback twice', () => {
  const back = driven(over, failback);
  const done = ask(back, failback, { outageMs: null });
  assert.equal(done.kind, 'done');
  assert.match(done.because, /sqlferry cutover switches again/u);
  assert.doesNotMatch(done.because, /failback/u);
});
