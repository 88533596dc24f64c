/** INV-9 and INV-10 over every act there is: which batch holds the act lock, and that nobody acts where somebody else leads. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Act, ActKind } from '../../src/model/act.ts';
import { known } from '../../src/model/fact.ts';
import type { Decision, Intent, Memory } from '../../src/model/decision.ts';
import type { Leadership } from '../../src/model/register.ts';
import type { Side } from '../../src/model/side.ts';
import { decide } from '../../src/reconcile/decide.ts';
import { startMemory } from '../../src/reconcile/memory.ts';
import { defaultPolicy } from '../../src/reconcile/policy.ts';
import { takesActLock } from '../../src/sim/semantics/rows.ts';
import { batchFor } from '../../src/sql/statement/batch-for.ts';
import { guards } from '../../src/sql/statement/guard.ts';
import { everyAct } from '../support/every-act.ts';
import {
  articleMigration,
  changed,
  driven,
  freshObservation,
  visited,
} from '../support/observation.ts';

/** Why an act holds no lock; those that are not here hold it. */
const without: Partial<Record<ActKind, string>> = {
  'create-endpoint': 'no role and no register',
  'start-endpoint': 'no role and no register',
  'create-peer-login': 'no role and no register',
  'grant-endpoint-connect': 'no role and no register',
  'create-availability-group': 'a group of its own, before there is a distributed one',
  'add-database': 'the local group',
  'grant-create-database': 'the local group',
  'join-availability-group': 'the local group',
  'create-listener': 'the local group',
  'set-failover-mode': 'the local group',
  'create-distributed': 'before there is a role to move',
  'join-distributed': 'before there is a role to move',
  'restart-seeding': 'no role: a seeding that gave up begins again',
  'resume-database': 'no role: the movement of one copy',
  'set-replica-synchronous': 'no role: the mode of the local replica',
  'set-distributed-mode': 'no role: the demotion asks for SYNCHRONIZED under the lock',
  'set-required-secondaries': 'no role: an option that only holds commits back',
  'disable-login': 'no role: keeps writers out',
  'enable-login': 'no role: the demotion asks for sessions under the lock',
  'kill-sessions': 'no role: ends writers',
  'create-control-database': 'no rows yet',
  'drop-register': 'only after the group is gone on both sides',
  'create-dead-man': 'a job that stands still',
  'rehearse-dead-man': 'a row of its own, which belongs to no epoch',
  'drop-dead-man': 'only after the group is gone on both sides',
  'await-lsns': 'changes nothing',
  'take-over': 'ends a session, whose locks the server sets free',
  'drop-distributed': 'DROP AVAILABILITY GROUP is alone in its batch',
};

for (const act of everyAct('Adventureworks')) {
  const reason = without[act.kind];
  const claim = reason === undefined ? 'holds the act lock' : `holds no act lock: ${reason}`;
  test(`${act.kind} ${claim}`, () => {
    const { text } = batchFor(act, articleMigration);
    // The step of the dead-man is a text inside the batch that makes its job; it holds the lock when it runs.
    const own = text.replaceAll(/N'(?:[^']|'')*'/gsu, "N''");
    assert.equal(own.includes('sys.sp_getapplock'), reason === undefined);
    assert.equal(takesActLock(act), reason === undefined, 'the model says the same');
    if (reason !== undefined) {
      assert.doesNotMatch(own, /SET \(ROLE = SECONDARY\)|FORCE_FAILOVER_ALLOW_DATA_LOSS/u);
      return;
    }
    const lock = text.indexOf('sys.sp_getapplock');
    assert.match(text, /sqlferry:act:dag/u);
    assert.ok(text.indexOf(`THROW ${guards.actLock.number}`) > lock);
    const changes = text.search(
      /UPDATE \[sqlferry|INSERT INTO \[sqlferry|ALTER AVAILABILITY GROUP \[DAG\]/u,
    );
    assert.ok(changes > lock, 'nothing is written before the lock is held');
    assert.ok(text.lastIndexOf('sys.sp_releaseapplock') > changes, 'it is held to the end');
  });
}

const other: Leadership = {
  kind: 'other',
  sessionId: 77,
  loginName: 'CONTOSO\\somebody',
  hostName: 'OPS2',
  loginTimeUtc: '2026-11-21T11:00:00.000Z',
};
const ready = driven(freshObservation(), { goal: 'migrate' });
const over = driven(ready, { goal: 'cutover' });
const back = driven(over, { goal: 'failback' });
const away = {
  connection: {
    kind: 'unreachable',
    problem: { code: 'SF-NET-001', summary: 'no route', because: [], remedy: '' },
  },
} as const;

const ways = [
  [freshObservation(), { goal: 'migrate' }],
  [ready, { goal: 'cutover' }],
  [ready, { goal: 'finish', distributed: 'drop', giveUp: true }],
  [over, { goal: 'failback' }],
  [over, { goal: 'finish', distributed: 'keep' }],
  [over, { goal: 'finish', distributed: 'drop' }],
  [back, { goal: 'finish', distributed: 'drop' }],
] as const satisfies readonly (readonly [typeof ready, Intent])[];

function ask(seen: typeof ready, intent: Intent, memory: Partial<Memory> = {}): Decision {
  return decide(seen, intent, {
    migration: articleMigration,
    memory: { ...startMemory(intent), ...memory },
    policy: defaultPolicy,
  });
}

test('wherever a way stands, an operator whose lock on a side is somebody else’s sends nothing', () => {
  const sent = new Set<Act['kind']>();
  let looks = 0;
  for (const [start, intent] of ways) {
    for (const seen of visited(start, intent)) {
      const alone = ask(seen, intent, { outageMs: 0 });
      if (alone.kind === 'act') sent.add(alone.act.kind);
      for (const goal of [intent, { goal: 'abort' }] as const satisfies readonly Intent[]) {
        for (const side of ['source', 'target'] as const) {
          const held = changed(seen, side, { leadership: known(other) });
          for (const outageMs of [null, 0, 10_000_000]) {
            looks += 1;
            const decision = ask(held, goal, { outageMs });
            assert.notEqual(decision.kind, 'act', `${goal.goal} ${decision.rule}`);
          }
        }
      }
    }
  }
  assert.ok(looks > 200 && sent.size > 15, `${looks} looks, ${sent.size} kinds of acts`);
});

test('the same while the other side does not answer, and for the two goals that a person types', () => {
  const demoted = visited(ready, { goal: 'cutover' }).filter((seen) => {
    const { distributed } = seen.source;
    return distributed.known && distributed.value?.localRoleDesc === 'SECONDARY';
  });
  assert.ok(demoted.length > 0);
  const held = (seen: typeof ready, side: Side): typeof ready =>
    changed(seen, side, { leadership: known(other) });
  for (const seen of [...demoted, ready, over]) {
    for (const side of ['source', 'target'] as const) {
      const gone = side === 'source' ? 'target' : 'source';
      const blind = held(changed(seen, gone, away), side);
      for (const intent of [
        { goal: 'cutover' },
        { goal: 'abort' },
        { goal: 'failback' },
        { goal: 'force', side },
      ] as const) {
        for (const outageMs of [0, 10_000_000]) {
          const decision = ask(blind, intent, { outageMs });
          assert.notEqual(decision.kind, 'act', `${intent.goal} ${side} ${decision.rule}`);
        }
      }
    }
  }
  const primary = (seen: typeof ready, side: Side): typeof ready => {
    const { distributed } = seen[side];
    assert.ok(distributed.known && distributed.value !== null);
    return changed(seen, side, {
      distributed: known({ ...distributed.value, localRoleDesc: 'PRIMARY' }),
    });
  };
  const split = primary(primary(ready, 'source'), 'target');
  for (const loser of ['source', 'target'] as const) {
    assert.equal(ask(split, { goal: 'resolve-split-brain', loser }).kind, 'act');
    for (const side of ['source', 'target'] as const) {
      const decision = ask(held(split, side), { goal: 'resolve-split-brain', loser });
      assert.notEqual(decision.kind, 'act', `${loser} ${side} ${decision.rule}`);
    }
  }
});
