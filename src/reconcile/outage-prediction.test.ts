import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import {
  articleMigration,
  changed,
  driven,
  freshObservation,
  plainDatabase,
} from '../../tests/support/observation.ts';
import type { Policy } from '../model/decision.ts';
import { known } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import type { DatabaseReplicaObservation, Observation } from '../model/observation.ts';
import type { RoleChangeMeasure } from '../model/outage.ts';
import { decide } from './decide.ts';
import { emptyMemory } from './memory.ts';
import {
  leastOutageMs,
  predictionLines,
  predictionWords,
  predictOutage,
} from './outage-prediction.ts';
import { defaultPolicy } from './policy.ts';

interface Seen {
  readonly databases: number;
  readonly sendKb: number | null;
  readonly sendRateKb: number | null;
  readonly redoKb: number | null;
  readonly redoRateKb: number | null;
  readonly toSource: number | null;
  readonly toTarget: number | null;
}

const calm: Seen = {
  databases: 1,
  sendKb: 0,
  sendRateKb: null,
  redoKb: 0,
  redoRateKb: null,
  toSource: 1,
  toTarget: 1,
};

const nameOf = (at: number): string => `db${at}`;

function migrationOf(databases: number): Migration {
  const names = Array.from({ length: databases }, (_none, at) => nameOf(at));
  return { ...articleMigration, databases: { kind: 'named', names } };
}

function observationOf(seen: Seen): Observation {
  const row = (kb: number | null, rateKb: number | null): DatabaseReplicaObservation => ({
    synchronizationStateDesc: 'SYNCHRONIZED',
    synchronizationHealthDesc: 'HEALTHY',
    isSuspended: false,
    suspendReasonDesc: null,
    databaseStateDesc: 'ONLINE',
    lastHardenedLsn: null,
    endOfLogLsn: null,
    lastCommitLsn: null,
    logSendQueueKb: kb,
    logSendRateKb: rateKb,
    redoQueueKb: kb,
    redoRateKb: rateKb,
    secondaryLagSeconds: null,
  });
  const rows = Array.from({ length: seen.databases }, (_none, at) => plainDatabase(nameOf(at)));
  const start = freshObservation();
  return {
    source: {
      ...start.source,
      roundTripMs: seen.toSource,
      databases: known(
        rows.map((one) => ({ ...one, distributed: row(seen.sendKb, seen.sendRateKb) })),
      ),
    },
    target: {
      ...start.target,
      roundTripMs: seen.toTarget,
      databases: known(rows.map((one) => ({ ...one, local: row(seen.redoKb, seen.redoRateKb) }))),
    },
  };
}

const predicted = (seen: Seen, policy: Policy = defaultPolicy) =>
  predictOutage(observationOf(seen), migrationOf(seen.databases), policy);

const size = fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: null });
const trip = fc.option(fc.double({ min: 0, max: 500, noNaN: true }), { nil: null });
const anySeen: fc.Arbitrary<Seen> = fc.record({
  databases: fc.integer({ min: 1, max: 100 }),
  sendKb: size,
  sendRateKb: size,
  redoKb: size,
  redoRateKb: size,
  toSource: trip,
  toTarget: trip,
});
const anyMeasure: fc.Arbitrary<RoleChangeMeasure | null> = fc.option(
  fc.record({
    demoteMs: fc.integer({ min: 0, max: 60_000 }),
    promoteMs: fc.integer({ min: 0, max: 60_000 }),
    databases: fc.integer({ min: 1, max: 100 }),
    by: fc.constantFrom<RoleChangeMeasure['by']>('cutover', 'failback', 'abort'),
    at: fc.constant('2026-11-21T12:00:00.000Z'),
  }),
  { nil: null },
);
const withMeasure = (measuredRoleChange: RoleChangeMeasure | null): Policy => ({
  ...defaultPolicy,
  measuredRoleChange,
});

test('a prediction is the sum of its parts, finite and never negative', () => {
  fc.assert(
    fc.property(anySeen, anyMeasure, (seen, measure) => {
      const { totalMs, queueMs, demoteMs, promoteMs, roundTripsMs } = predicted(
        seen,
        withMeasure(measure),
      );
      const parts = [queueMs, demoteMs, promoteMs, roundTripsMs];
      for (const part of parts) assert.ok(Number.isSafeInteger(part) && part >= 0, String(part));
      assert.equal(
        totalMs,
        parts.reduce((sum, part) => sum + part, 0),
      );
    }),
  );
});

test('more to send, more to redo, a longer way or another database never shorten it', () => {
  fc.assert(
    fc.property(anySeen, anyMeasure, fc.nat({ max: 100_000 }), (seen, measure, more) => {
      const policy = withMeasure(measure);
      const before = predicted(seen, policy).totalMs;
      const longer: readonly Partial<Seen>[] = [
        { sendKb: (seen.sendKb ?? 0) + more },
        { redoKb: (seen.redoKb ?? 0) + more },
        { databases: seen.databases + 1 },
        ...(seen.toSource === null ? [] : [{ toSource: seen.toSource + more }]),
        ...(seen.toTarget === null ? [] : [{ toTarget: seen.toTarget + more }]),
      ];
      for (const change of longer) {
        assert.ok(predicted({ ...seen, ...change }, policy).totalMs >= before);
      }
    }),
  );
});

test('a faster rate never lengthens it, and a rate that is not shown counts as the assumed one', () => {
  fc.assert(
    fc.property(anySeen, fc.integer({ min: 1, max: 100_000 }), (seen, rate) => {
      const slow = predicted({ ...seen, redoRateKb: rate }).totalMs;
      assert.ok(predicted({ ...seen, redoRateKb: rate * 2 }).totalMs <= slow);
      for (const hidden of [null, 0]) {
        assert.deepEqual(
          predicted({ ...seen, redoRateKb: hidden }),
          predicted({ ...seen, redoRateKb: defaultPolicy.assumedRateKb }),
        );
      }
    }),
  );
});

test('a measured switch replaces the default, and databases that came later are added', () => {
  const measured = withMeasure({
    demoteMs: 30,
    promoteMs: 50,
    databases: 2,
    by: 'cutover',
    at: '2026-11-21T12:00:00.000Z',
  });
  const two = predicted({ ...calm, databases: 2 }, measured);
  assert.deepEqual([two.demoteMs, two.promoteMs, two.roundTripsMs], [30, 50, 2]);
  assert.match(predictionWords(two), /measured by the cutover of 2026-11-21T12:00:00.000Z/u);
  const five = predicted({ ...calm, databases: 5 }, measured);
  const more = 3 * defaultPolicy.roleChangePerDatabaseMs;
  assert.deepEqual([five.demoteMs, five.promoteMs], [30 + more, 50 + more]);
});

test('without a measure the default grows with the databases and says that it is one', () => {
  const one = predicted(calm);
  const ten = predicted({ ...calm, databases: 10 });
  assert.equal(one.demoteMs, defaultPolicy.roleChangeMs);
  assert.equal(ten.demoteMs - one.demoteMs, 9 * defaultPolicy.roleChangePerDatabaseMs);
  assert.match(predictionWords(ten), /assumed for 10 databases, nothing was measured yet/u);
});

test('the least outage has no queues in it', () => {
  const seen = { ...calm, redoKb: 10_240 };
  assert.equal(predicted(seen).queueMs, 1000);
  assert.equal(leastOutageMs(predicted(seen)), predicted(calm).totalMs);
});

test('a budget of one second is refused with the parts before anything was measured, and accepted afterwards', () => {
  const ready = driven(freshObservation(), { goal: 'migrate' });
  const migration = {
    ...articleMigration,
    cutover: { ...articleMigration.cutover, maxOutageMs: 1000 },
  };
  const decided = (policy: Policy) =>
    decide(ready, { goal: 'cutover' }, { migration, memory: emptyMemory, policy });
  const refused = decided(defaultPolicy);
  assert.equal(refused.rule, 'R-BUDGET-TOO-SMALL');
  assert.ok(refused.kind === 'needs-human');
  assert.equal(refused.blockers.length, 3);
  const measure = {
    demoteMs: 40,
    promoteMs: 60,
    databases: 1,
    by: 'failback',
    at: '2026-11-21T12:00:00.000Z',
  } as const;
  assert.equal(decided(withMeasure(measure)).kind, 'act');
  const slow = decided(withMeasure({ ...measure, promoteMs: 990 }));
  assert.equal(
    slow.rule,
    'R-BUDGET-TOO-SMALL',
    'a measured switch that does not fit is refused too',
  );
});

test('a refusal lists every part of the prediction', () => {
  const ready = driven(freshObservation(), { goal: 'migrate' });
  const late = changed(ready, 'target', {
    databases: known(
      (ready.target.databases.known ? ready.target.databases.value : []).map((one) => ({
        ...one,
        local: one.local === null ? null : { ...one.local, redoQueueKb: 1_024_000 },
      })),
    ),
  });
  const decision = decide(
    late,
    { goal: 'cutover' },
    {
      migration: articleMigration,
      memory: emptyMemory,
      policy: defaultPolicy,
    },
  );
  assert.ok(decision.kind === 'needs-human');
  assert.equal(decision.rule, 'R-OUTAGE-PREDICTED');
  const parts = predictionLines(predictOutage(late, articleMigration, defaultPolicy));
  assert.deepEqual(
    decision.blockers,
    parts.map((line) => `${line}.`),
  );
  assert.match(decision.blockers[0] ?? '', /100000 ms to send and redo/u);
});
