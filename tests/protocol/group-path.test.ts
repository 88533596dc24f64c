/** The availability-group path in the pure core: every rule of it, the whole plan, and who acts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  freshGrouped,
  groupedMigration,
  failedOver,
  drivenGrouped,
} from '../support/grouped-observation.ts';
import { groupedScenarios, overGrouped, readyGrouped } from '../support/grouped-scenarios.ts';
import { articleMigration, freshObservation } from '../support/observation.ts';
import { batchFor } from '../../src/sql/statement/batch-for.ts';
import { decide } from '../../src/reconcile/decide.ts';
import { bindTo } from '../../src/reconcile/look.ts';
import { emptyMemory } from '../../src/reconcile/memory.ts';
import { planActs } from '../../src/reconcile/plan.ts';
import { defaultPolicy } from '../../src/reconcile/policy.ts';
import { allRules } from '../../src/reconcile/table.ts';

for (const { rule, says, seen, intent, memory, migration } of groupedScenarios) {
  test(`${rule} ${says}`, () => {
    const decision = decide(seen, intent, {
      migration: migration ?? groupedMigration,
      memory: { ...emptyMemory, ...memory },
      policy: defaultPolicy,
    });
    assert.equal(
      decision.rule,
      rule,
      JSON.stringify(decision, (_key, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      ),
    );
    const text = allRules.find((each) => each.id === rule);
    assert.equal(decision.kind === 'act' ? decision.act.kind : decision.kind, text?.emits);
  });
}

const plan = (finish: 'keep' | 'drop') =>
  planActs(freshGrouped, { migration: groupedMigration, policy: defaultPolicy, finish });

test('the plan of two plus two goes to the finish and touches every replica it has to', () => {
  const { acts, stopped } = plan('keep');
  assert.equal(stopped, null);
  const shown = acts.map(({ act }) => {
    const instance = 'instance' in act ? act.instance : undefined;
    return `${act.kind} ${instance ?? ('replica' in act ? act.replica : act.side)}`;
  });
  for (const wanted of [
    'create-endpoint SQLVM2',
    'join-availability-group SQLVM2',
    'grant-create-database SQLVM2',
    'create-listener target',
    'set-failover-mode OnPremNode2',
    'set-failover-mode SQLVM2',
  ]) {
    assert.ok(shown.includes(wanted), `${wanted} in\n${shown.join('\n')}`);
  }
  assert.ok(
    !shown.includes('create-availability-group source'),
    'the group of the source is used as it is',
  );
});

test('before the fence every automatic failover is off, and each is given back before the end', () => {
  const { acts } = plan('keep');
  const at = (kind: string, mode?: string): readonly number[] =>
    acts.flatMap(({ act }, index) =>
      act.kind === kind && (mode === undefined || ('mode' in act && act.mode === mode))
        ? [index]
        : [],
    );
  const [demote = -1] = at('demote');
  const manual = at('set-failover-mode', 'MANUAL');
  const automatic = at('set-failover-mode', 'AUTOMATIC');
  assert.equal(manual.length, 4);
  assert.equal(automatic.length, 4);
  assert.ok(manual.every((index) => index < demote) && automatic.every((index) => index > demote));
  const [record = 99] = at('record-prior-state');
  assert.ok(
    manual.every((index) => record < index),
    'recorded before the first is changed',
  );
});

test('the distributed group names the listeners with the port of the endpoint', () => {
  const { text } = batchFor({ kind: 'create-distributed', side: 'source' }, groupedMigration);
  assert.match(text, /LISTENER_URL = N'TCP:\/\/OnPremAG_LST\.contoso\.com:5022'/u);
  assert.match(text, /LISTENER_URL = N'TCP:\/\/AzureAG_LST\.contoso\.com:5022'/u);
  assert.ok(!text.includes('60173'));
});

test('after a local failover acts go to the replica that is primary now, and the register keeps the name of the listener', () => {
  const moved = failedOver(readyGrouped, 'source');
  const bound = bindTo(groupedMigration, moved);
  assert.deepEqual(
    bound.source.instances.map(({ name }) => name),
    ['OnPremNode2', 'OnPremNode1'],
  );
  assert.equal(bound.target, groupedMigration.target);
  const { text } = batchFor({ kind: 'create-register', side: 'target' }, bound);
  assert.match(text, /N'OnPremAG_LST'/u);
  assert.ok(
    !text.includes('OnPremNode'),
    'no instance that may change is written into the register',
  );
});

test('a local failover before, between and after leads to the same end', () => {
  const cutover = { goal: 'cutover' } as const;
  for (const start of [
    readyGrouped,
    failedOver(readyGrouped, 'source'),
    failedOver(readyGrouped, 'target'),
  ]) {
    const end = drivenGrouped(start, cutover);
    assert.ok(end.target.distributed.known);
    assert.equal(end.target.distributed.value?.localRoleDesc, 'PRIMARY');
  }
  const back = drivenGrouped(failedOver(overGrouped, 'target'), { goal: 'failback' });
  assert.ok(back.source.distributed.known);
  assert.equal(back.source.distributed.value?.localRoleDesc, 'PRIMARY');
});

test('asynchronous replicas are not waited for, and ready says so', () => {
  const { group } = readyGrouped.target;
  assert.ok(group?.known === true);
  const seen = {
    ...readyGrouped,
    target: {
      ...readyGrouped.target,
      group: {
        known: true as const,
        value: {
          ...group.value,
          replicas: group.value.replicas.map((row) =>
            row.serverName === 'SQLVM2'
              ? {
                  ...row,
                  availabilityModeDesc: 'ASYNCHRONOUS_COMMIT',
                  failoverModeDesc: 'MANUAL',
                  synchronizationHealthDesc: 'PARTIALLY_HEALTHY',
                }
              : row,
          ),
        },
      },
    },
  };
  const decision = decide(
    seen,
    { goal: 'migrate' },
    { migration: groupedMigration, memory: emptyMemory, policy: defaultPolicy },
  );
  assert.equal(decision.rule, 'R-READY');
  assert.match(
    decision.because,
    /\[SQLVM2\] on the target commits asynchronously: it never becomes SYNCHRONIZED and is not waited for\./u,
  );
});

test('nothing of this path shows on a standalone pair', () => {
  const own = new Set(groupedScenarios.map(({ rule }) => rule));
  own.delete('R-PATH-UNSUPPORTED');
  for (const finish of ['keep', 'drop'] as const) {
    const { acts } = planActs(freshObservation(), {
      migration: articleMigration,
      policy: defaultPolicy,
      finish,
    });
    assert.deepEqual(
      acts.filter(({ rule }) => own.has(rule)),
      [],
    );
  }
});
