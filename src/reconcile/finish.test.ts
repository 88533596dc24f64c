/** `finish` on every side: after a cutover, after a failback, and of a migration that is given up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  articleMigration,
  changed,
  driven,
  freshObservation,
  visited,
} from '../../tests/support/observation.ts';
import type { Decision, Intent } from '../model/decision.ts';
import { known } from '../model/fact.ts';
import type { Observation } from '../model/observation.ts';
import type { Side } from '../model/side.ts';
import { decide, demotingSideOf } from './decide.ts';
import { dagRole } from './look.ts';
import { startMemory } from './memory.ts';
import { glance } from './parts.ts';
import { defaultPolicy } from './policy.ts';
import { predict, settle } from './predict.ts';

const keep: Intent = { goal: 'finish', distributed: 'keep' };
const drop: Intent = { goal: 'finish', distributed: 'drop' };
const giveUp: Intent = { goal: 'finish', distributed: 'drop', giveUp: true };
const ready = driven(freshObservation(), { goal: 'migrate' });
const over = driven(ready, { goal: 'cutover' });
const back = driven(over, { goal: 'failback' });

function ask(seen: Observation, intent: Intent): Decision {
  return decide(seen, intent, {
    migration: articleMigration,
    memory: startMemory(intent),
    policy: defaultPolicy,
  });
}

/** Acts until it is done, on servers that do as they should. */
function acts(start: Observation, intent: Intent): readonly string[] {
  const done: string[] = [];
  let seen = start;
  for (let step = 0; step < 40; step += 1) {
    const decision = ask(seen, intent);
    if (decision.kind === 'done') return done;
    if (decision.kind === 'wait') {
      seen = settle(seen, articleMigration);
      continue;
    }
    assert.ok(decision.kind === 'act', `${decision.rule}: ${decision.because}`);
    done.push(`${decision.act.kind} ${decision.act.side}`);
    seen = predict(seen, decision.act, articleMigration);
  }
  throw new Error(done.join(', '));
}

function roles(seen: Observation): string {
  return `${dagRole(glance(seen, 'sourceDag'))} ${dagRole(glance(seen, 'targetDag'))}`;
}

function drops(list: readonly string[]): readonly string[] {
  return list.filter((act) => act.startsWith('drop-distributed'));
}

test('after a cutover the target loses the group first, after a failback the source: the side that serves', () => {
  assert.deepEqual(drops(acts(over, drop)), ['drop-distributed target', 'drop-distributed source']);
  assert.equal(roles(back), 'PRIMARY SECONDARY');
  assert.deepEqual(drops(acts(back, drop)), ['drop-distributed source', 'drop-distributed target']);
});

test('after a failback nothing of sqlferry is left on either side, and the logins serve on the source', () => {
  const end = driven(back, drop);
  for (const side of ['source', 'target'] as const) {
    const { control, deadMan } = end[side];
    assert.ok(control.known && control.value.kind === 'missing', side);
    assert.ok(deadMan.known && !deadMan.value.jobExists, side);
  }
  const enabled = (side: Side): boolean => {
    const { fenceLogins } = end[side];
    assert.ok(fenceLogins.known && fenceLogins.value.length > 0);
    return fenceLogins.value.every((login) => !login.isDisabled);
  };
  assert.deepEqual([enabled('source'), enabled('target')], [true, false]);
});

test('a drop that was stopped after any act goes on in its direction', () => {
  for (const [start, intent] of [
    [over, drop],
    [back, drop],
    [ready, giveUp],
  ] as const) {
    const way = visited(start, intent);
    const whole = drops(acts(start, intent));
    for (const seen of way) {
      const rest = drops(acts(seen, intent));
      assert.deepEqual(rest, whole.slice(whole.length - rest.length), JSON.stringify(intent));
    }
  }
});

test('keep after a failback makes both sides asynchronous and leaves the roles', () => {
  const end = driven(back, keep);
  assert.equal(roles(end), 'PRIMARY SECONDARY');
  for (const part of ['sourceDag', 'targetDag'] as const) {
    const modes = glance(end, part)?.members.map((member) => member.availabilityModeDesc);
    assert.deepEqual(modes, ['ASYNCHRONOUS_COMMIT', 'ASYNCHRONOUS_COMMIT']);
  }
});

test('before any cutover finish stops, and says how a migration is given up', () => {
  for (const intent of [keep, drop]) {
    const decision = ask(ready, intent);
    assert.equal(decision.rule, 'R-FINISH-NOT-CUT-OVER');
    assert.ok(decision.kind === 'needs-human');
    assert.equal(decision.remedy.includes('--give-up'), intent === drop);
  }
});

test('a migration is given up: the copy is fenced first, the source loses the group first and serves on', () => {
  assert.deepEqual(acts(ready, giveUp).slice(0, 3), [
    'disable-login target',
    'drop-distributed source',
    'drop-distributed target',
  ]);
  const end = driven(ready, giveUp);
  const { control, fenceLogins } = end.source;
  assert.ok(control.known && control.value.kind === 'missing');
  assert.ok(fenceLogins.known && fenceLogins.value.every((login) => !login.isDisabled));
});

test('a cutover that was begun and is given up gives the applications their login back', () => {
  const begun = visited(ready, { goal: 'cutover' }).find((seen) => {
    const logins = glance(seen, 'sourceFenceLogins');
    return logins?.some((login) => login.isDisabled) === true;
  });
  assert.ok(begun !== undefined);
  assert.ok(acts(begun, giveUp).includes('enable-login source'));
});

test('sessions in the copy that is left behind stop a drop, whichever side that is', () => {
  const session = {
    sessionId: 61,
    loginName: 'app_writer',
    hostName: 'WEB1',
    programName: 'shop',
    database: 'Adventureworks',
    loginTimeUtc: '2026-11-21T11:00:00.000Z',
    openTransactions: 0,
  };
  for (const [start, intent, side] of [
    [over, drop, 'source'],
    [back, drop, 'target'],
    [ready, giveUp, 'target'],
  ] as const) {
    const seen = changed(start, side, { sessions: known([session]) });
    const fenced = { kind: 'disable-login', side, login: 'app_writer' } as const;
    const decision = ask(predict(seen, fenced, articleMigration), intent);
    assert.equal(decision.rule, 'R-DROP-SESSIONS');
    assert.match(decision.because, new RegExp(side, 'u'));
    const other = side === 'source' ? 'target' : 'source';
    const serving = changed(start, other, { sessions: known([session]) });
    assert.notEqual(ask(serving, intent).rule, 'R-DROP-SESSIONS');
  }
});

test('the direction of finish follows the roles, then the register, then the typed word', () => {
  assert.equal(demotingSideOf(over, drop), 'source');
  assert.equal(demotingSideOf(back, drop), 'target');
  assert.equal(demotingSideOf(back, keep), 'target');
  assert.equal(demotingSideOf(ready, drop), 'source');
  assert.equal(demotingSideOf(ready, giveUp), 'target');
  assert.equal(
    demotingSideOf(over, giveUp),
    'source',
    'after a cutover there is nothing to give up',
  );
});
