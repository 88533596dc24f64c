import assert from 'node:assert/strict';
import { test } from 'node:test';

import { articleMigration, freshObservation } from '../../tests/support/observation.ts';
import { captureContext } from '../../tests/support/cli-context.ts';
import type { Intent, Memory } from '../model/decision.ts';
import { unknown } from '../model/fact.ts';
import type { Observation } from '../model/observation.ts';
import { decide } from '../reconcile/decide.ts';
import { emptyMemory, rememberAct, rememberObservation } from '../reconcile/memory.ts';
import { defaultPolicy } from '../reconcile/policy.ts';
import { predict, settle } from '../reconcile/predict.ts';
import { makeStyle } from './output/style.ts';
import { statusScreen } from './output/status-screen.ts';
import { statusDocument } from './status-document.ts';
import type { StatusDocument, StatusPhase } from './status-document.ts';

/** What `status` shows for an observation. */
function document(observation: Observation): StatusDocument {
  const decision = decide(
    observation,
    { goal: 'migrate' },
    { migration: articleMigration, memory: emptyMemory, policy: defaultPolicy },
  );
  return statusDocument({
    migration: articleMigration,
    observation,
    decision,
    action: decision.kind,
    outageSince: null,
    policy: defaultPolicy,
    waiting: [],
    observedAt: '2026-11-21T21:00:00.000Z',
  });
}

/** Every state that a goal passes through, by the rules and the predicted servers. */
function way(start: Observation, intent: Intent): readonly Observation[] {
  const seen: Observation[] = [start];
  let observation = start;
  let memory: Memory = emptyMemory;
  for (let pass = 0; pass < 200; pass += 1) {
    memory = rememberObservation(memory, observation, 60_000);
    const decision = decide(observation, intent, {
      migration: articleMigration,
      memory: { ...memory, outageMs: memory.outageMs === null ? null : 0, seedingStillMs: 0 },
      policy: defaultPolicy,
    });
    if (decision.kind === 'done' || decision.kind === 'needs-human') return seen;
    if (decision.kind === 'act') {
      memory = rememberAct(memory, decision.act, { outcome: 'ok', elapsedMs: 1 });
      observation = predict(observation, decision.act, articleMigration);
      seen.push(observation);
    }
    const settled = settle(observation, articleMigration);
    if (JSON.stringify(settled, exact) !== JSON.stringify(observation, exact)) seen.push(settled);
    observation = settled;
  }
  throw new Error('the goal was not reached');
}

function exact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}

const PHASES: readonly StatusPhase[] = [
  'not-started',
  'preparing',
  'seeding',
  'synchronizing',
  'ready-for-cutover',
  'fenced',
  'outage',
  'cut-over',
  'finished',
];

test('the phase never goes back on the way from fresh servers to the finish', () => {
  const migrated = way(freshObservation(), { goal: 'migrate' });
  const cut = way(migrated.at(-1) ?? freshObservation(), { goal: 'cutover' });
  const dropped = way(cut.at(-1) ?? freshObservation(), { goal: 'finish', distributed: 'drop' });
  const phases = [...migrated, ...cut, ...dropped].map((one) => document(one).phase);
  const ranks = phases.map((phase) => PHASES.indexOf(phase));
  const strays = phases.filter((_, at) => at > 0 && (ranks[at] ?? -1) < (ranks[at - 1] ?? -1));
  assert.ok(!ranks.includes(-1), phases.join(' '));
  assert.deepEqual(strays, [], phases.join(' '));
  for (const phase of [
    'not-started',
    'preparing',
    'ready-for-cutover',
    'outage',
    'cut-over',
    'finished',
  ]) {
    assert.ok(phases.includes(phase as StatusPhase), `${phase} in ${phases.join(' ')}`);
  }
});

test('only one side is ever writable, none in the outage, and the outage says what ends it', () => {
  const migrated = way(freshObservation(), { goal: 'migrate' });
  const cut = way(migrated.at(-1) ?? freshObservation(), { goal: 'cutover' });
  for (const one of [...migrated, ...cut]) {
    const seen = document(one);
    assert.ok(!(seen.source.writable === true && seen.target.writable === true), seen.phase);
    assert.equal(seen.outage !== null, seen.phase === 'outage');
    if (seen.phase === 'outage') {
      assert.equal(seen.source.writable, false);
      assert.match(seen.outage?.ends ?? '', /sqlferry cutover/u);
    }
  }
});

test('a side that cannot be read makes the phase unknown, never ready', () => {
  const ready = way(freshObservation(), { goal: 'migrate' }).at(-1) ?? freshObservation();
  const seen = document({
    ...ready,
    target: { ...ready.target, distributed: unknown('the login lacks VIEW SERVER STATE') },
  });
  assert.equal(seen.phase, 'unknown');
  assert.equal(seen.readyForCutover, false);
  assert.equal(seen.target.writable, null);
  assert.match(seen.blockers.join(' '), /VIEW SERVER STATE/u);
});

test('log sequence numbers are decimal strings, and not known is not equal', () => {
  const ready = way(freshObservation(), { goal: 'migrate' }).at(-1) ?? freshObservation();
  const [database] = document(ready).databases;
  assert.match(database?.sourceHardenedLsn ?? '', /^\d+$/u);
  assert.equal(database?.lsnEqual, true);
  const blind = document({ ...ready, target: { ...ready.target, databases: unknown('no right') } });
  assert.equal(blind.databases[0]?.lsnEqual, null);
});

test('every screen of the way fits 100 columns and carries its next step', () => {
  const { context } = captureContext();
  for (const one of way(freshObservation(), { goal: 'migrate' })) {
    const screen = statusScreen({
      document: document(one),
      width: context.io.stdout.columns,
      style: makeStyle(false),
    });
    for (const line of screen.split('\n')) assert.ok(line.length <= 110, line);
    assert.match(screen, /^next /mu);
  }
});
