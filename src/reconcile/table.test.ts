import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ActKind } from '../model/act.ts';
import type { Intent } from '../model/decision.ts';
import { generalAnswers } from './general-answer.ts';
import { allRules, rulesFor } from './table.ts';

const golden = new URL('rule-table.golden.txt', import.meta.url);

const intents: readonly Intent[] = [
  { goal: 'migrate' },
  { goal: 'cutover' },
  { goal: 'abort' },
  { goal: 'failback' },
  { goal: 'force', side: 'target' },
  { goal: 'resolve-split-brain', loser: 'source' },
  { goal: 'finish', distributed: 'keep' },
  { goal: 'finish', distributed: 'drop' },
];

// The compiler demands every act here: a new one without a rule fails below.
const actKinds: Record<ActKind, true> = {
  'create-endpoint': true,
  'start-endpoint': true,
  'create-peer-login': true,
  'grant-endpoint-connect': true,
  'create-availability-group': true,
  'add-database': true,
  'grant-create-database': true,
  'join-availability-group': true,
  'create-listener': true,
  'set-failover-mode': true,
  'create-distributed': true,
  'join-distributed': true,
  'restart-seeding': true,
  'resume-database': true,
  'set-replica-synchronous': true,
  'set-distributed-mode': true,
  'disable-login': true,
  'enable-login': true,
  'kill-sessions': true,
  demote: true,
  promote: true,
  'give-back': true,
  'drop-distributed': true,
  'create-control-database': true,
  'create-register': true,
  'drop-register': true,
  'create-dead-man': true,
  'rehearse-dead-man': true,
  'drop-dead-man': true,
  'set-required-secondaries': true,
  'record-prior-state': true,
  'await-lsns': true,
  'commit-epoch': true,
  'refuse-epoch': true,
  'close-epoch': true,
  'fence-split-brain': true,
  'force-promote-accepting-data-loss': true,
  'take-over': true,
};

function dump(): string {
  const lines: string[] = [];
  for (const intent of intents) {
    const name = intent.goal === 'finish' ? `finish --${intent.distributed}` : intent.goal;
    lines.push(`# ${name}`);
    for (const rule of rulesFor(intent)) {
      lines.push(
        `${rule.id} | ${rule.phase} | ${rule.emits} | ${rule.needs.join(' ')} | ${rule.title}`,
      );
    }
    lines.push('');
  }
  return lines.join('\n');
}

test('the rule table is the one that was reviewed (UPDATE_GOLDEN=1 writes it anew)', () => {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, dump());
  assert.equal(dump(), readFileSync(golden, 'utf8'));
});

test('every act has a rule that emits it', () => {
  const emitted = new Set<string>(allRules.map((rule) => rule.emits));
  assert.deepEqual(
    Object.keys(actKinds).filter((kind) => !emitted.has(kind)),
    [],
  );
});

test('every rule with an act says how the act is taken back, no other rule does', () => {
  for (const rule of allRules) {
    const isAct = Object.hasOwn(actKinds, rule.emits);
    assert.equal(rule.reversal !== null, isAct, rule.id);
  }
});

test('ids are unique and of one form, texts are there', () => {
  const texts = [...allRules, ...generalAnswers];
  const ids = texts.map((rule) => rule.id);
  assert.equal(new Set(ids).size, ids.length);
  for (const rule of texts) {
    assert.match(rule.id, /^R(-[A-Z]+)+$/u);
    assert.ok(rule.title.length > 10, rule.id);
    assert.ok(rule.why.length > 20, rule.id);
    assert.ok(!rule.title.endsWith('.'), rule.id);
  }
});

test('no intent looks at a rule twice', () => {
  for (const intent of intents) {
    const ids = rulesFor(intent).map((rule) => rule.id);
    assert.equal(new Set(ids).size, ids.length, JSON.stringify(intent));
  }
});
