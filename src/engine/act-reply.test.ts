import assert from 'node:assert/strict';
import test from 'node:test';

import type { Act, ActReply } from '../model/act.ts';
import type { Observation } from '../model/observation.ts';
import { driven, freshObservation, lsnAt } from '../../tests/support/observation.ts';
import { observationAfterReply } from './act-reply.ts';

const ready = driven(freshObservation(), { goal: 'migrate' });
const finalLsns = [{ database: 'Adventureworks', lsn: lsnAt(9000n) }];
const demote: Act = {
  kind: 'demote',
  side: 'source',
  databases: ['Adventureworks'],
  fromEpoch: 0n,
  budgetMs: 30_000,
  targetLsns: [],
  refuseEpoch: 0n,
};
const answered: ActReply & { outcome: 'ok' } = {
  outcome: 'ok',
  elapsedMs: 1,
  generation: 1,
  localRoleDesc: 'SECONDARY',
  registerPhase: 'fenced',
  finalLsns,
};

function registerOf(seen: Observation | null): string {
  const control = seen?.source.control;
  if (control?.known !== true || control.value.kind !== 'present') return 'none';
  return `${control.value.register.epoch} ${control.value.register.phase}`;
}

test('the reply of a demotion shows role and phase of its own epoch', () => {
  const seen = observationAfterReply(ready, demote, answered);
  assert.equal(registerOf(seen), '1 fenced');
  const dag = seen?.source.distributed;
  assert.ok(dag?.known === true && dag.value?.localRoleDesc === 'SECONDARY');
  assert.equal(
    registerOf(observationAfterReply(ready, demote, { ...answered, registerPhase: 'committing' })),
    '1 committing',
  );
});

test('a reply over another session, a refusal, or one that says too little stands for nothing', () => {
  const { registerPhase, ...silent } = answered;
  assert.equal(registerPhase, 'fenced');
  const problem = { code: 'SF-NET-003', summary: 'lost', because: [], remedy: '' } as const;
  const useless: readonly ActReply[] = [
    { ...answered, generation: 2 },
    { ...answered, localRoleDesc: 'RESOLVING' },
    { ...answered, finalLsns: [] },
    silent,
    { outcome: 'unknown', elapsedMs: 1, problem },
    { outcome: 'failed', elapsedMs: 1, problem },
  ];
  for (const reply of useless) assert.equal(observationAfterReply(ready, demote, reply), null);
});

test('log that was waited for counts as hardened on the target, and a committed epoch as committing', () => {
  const fenced = observationAfterReply(ready, demote, answered);
  assert.ok(fenced !== null);
  const wait: Act = { kind: 'await-lsns', side: 'target', finalLsns, waitMs: 1 };
  const arrived = observationAfterReply(fenced, wait, {
    outcome: 'ok',
    elapsedMs: 1,
    generation: 1,
  });
  const databases = arrived?.target.databases;
  assert.ok(databases?.known === true);
  assert.equal(databases.value[0]?.local?.lastHardenedLsn, lsnAt(9000n));
  const commit: Act = { kind: 'commit-epoch', side: 'source', epoch: 1n };
  assert.equal(
    registerOf(observationAfterReply(fenced, commit, { ...answered, registerPhase: 'committing' })),
    '1 committing',
  );
  assert.equal(observationAfterReply(fenced, commit, answered), null);
});

test('the reply of a promotion is never taken for a look', () => {
  const promote: Act = { kind: 'promote', side: 'target', epoch: 1n, finalLsns, waitMs: 1 };
  assert.equal(
    observationAfterReply(ready, promote, { ...answered, localRoleDesc: 'PRIMARY' }),
    null,
  );
});
