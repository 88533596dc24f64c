import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goodFacts } from '../../tests/support/facts.ts';
import { articleMigration, changed } from '../../tests/support/observation.ts';
import { circumstances, ready, unseeded, withCopy } from '../../tests/support/waiting-case.ts';
import type { Circumstances, SeedingStream } from '../model/circumstance.ts';
import type { DatabaseToCopy, Estimate } from '../model/estimate.ts';
import { known, unknown } from '../model/fact.ts';
import { estimateOutage, estimateSeeding } from './estimate.ts';
import { estimates } from './estimate-facts.ts';
import { estimateLink } from './estimate-link.ts';
import { estimatesOfLook } from './estimate-observation.ts';

const MB = 1024 ** 2;
const GB = 1024 ** 3;

const stream: SeedingStream = {
  isSource: true,
  remote: 'TCP://SQLVM.contoso.com:5022',
  transferredBytes: 600 * MB,
  bytesPerSecond: 20 * MB,
  startedUtc: '2026-11-21T11:59:00.000Z',
  endedUtc: null,
};

function link(streams: readonly SeedingStream[], sendRatesKb: readonly number[] = []) {
  return estimateLink({
    circumstances: { ...circumstances({}), streams },
    serverUtc: '2026-11-21T12:00:00.000Z',
    sendRatesKb,
    receiver: articleMigration.target,
  });
}

test('the bandwidth is a range between the average of a running seeding and this moment', () => {
  const measured = link([stream]);
  assert.deepEqual([measured.low, measured.high], [10 * MB, 20 * MB]);
  assert.match(measured.restsOn[0] ?? '', /^Measured: 1 running seeding/u);
});

test('seedings that run together share the line, so their rates add up', () => {
  const measured = link([stream, stream]);
  assert.deepEqual([measured.low, measured.high], [20 * MB, 40 * MB]);
});

test('without a running seeding the last ones count, from the slowest alone to all together', () => {
  const ended = { ...stream, endedUtc: '2026-11-21T11:59:30.000Z' };
  const slow = { ...ended, transferredBytes: 300 * MB };
  const measured = link([ended, slow]);
  assert.deepEqual([measured.low, measured.high], [10 * MB, 30 * MB]);
});

test('a stream that only arrives, goes to a replica of the own side, or of a moment, measures nothing', () => {
  assert.equal(link([{ ...stream, isSource: false }]).low, null);
  assert.equal(link([{ ...stream, remote: 'TCP://OnPremNode2.contoso.com:5022' }]).low, null);
  const moment = { ...stream, endedUtc: '2026-11-21T11:59:00.100Z' };
  assert.equal(link([moment]).low, null);
});

test('the rate of sent log is only a least value, and nothing at all is said to be unknown', () => {
  assert.deepEqual([link([], [2048]).low, link([], [2048]).high], [2 * MB, null]);
  const nothing = link([]);
  assert.deepEqual([nothing.low, nothing.high], [null, null]);
  assert.match(nothing.restsOn[0] ?? '', /Nothing has travelled/u);
});

const database: DatabaseToCopy = {
  name: 'Sales',
  left: { low: GB, high: 2 * GB },
  sizeRestsOn: 'Sizes.',
  logBytesPerSecond: MB,
  logRestsOn: 'Counter.',
  logFree: 500 * MB,
  logGrowth: null,
};
const bandwidth = { low: 10 * MB, high: 20 * MB, restsOn: ['Measured.'] };

function pick(all: readonly Estimate[], id: Estimate['id'], name: string | null = null): Estimate {
  const found = all.find((each) => each.id === id && each.database === name);
  assert.ok(found !== undefined, `${id} is not there`);
  return found;
}

test('the seeding takes from the least size on the fastest line to the most on the slowest', () => {
  const all = estimateSeeding({ bandwidth, databases: [database] });
  const total = pick(all, 'EST-SEEDING-TOTAL');
  assert.deepEqual([total.low, total.high], [51_200, 204_800]);
  assert.equal(
    total.words,
    'The seeding of [Sales] takes 51.2 s to 3 min 25 s (at most 2.0 GB to send).',
  );
  assert.ok(total.restsOn.length > 0);
});

test('of several databases each is told, alone on the line or sharing it', () => {
  const all = estimateSeeding({ bandwidth, databases: [database, { ...database, name: 'Other' }] });
  const one = pick(all, 'EST-SEEDING', 'Other');
  assert.deepEqual([one.low, one.high], [51_200, 409_600]);
  assert.match(one.restsOn.join(' '), /Most: 2 databases share it/u);
  assert.equal(pick(all, 'EST-SEEDING-TOTAL').high, 409_600);
});

test('the log that grows meanwhile is held against the room it has', () => {
  const growth = (change: Partial<DatabaseToCopy>) =>
    pick(
      estimateSeeding({ bandwidth, databases: [{ ...database, ...change }] }),
      'EST-LOG-GROWTH',
      'Sales',
    );
  const grows = growth({});
  assert.ok(Math.abs((grows.low ?? 0) - 51.2 * MB) < 1);
  assert.ok(Math.abs((grows.high ?? 0) - 4 * 204.8 * MB) < 1);
  assert.match(grows.warning ?? '', /has to grow by up to 319 MB/u);
  assert.match(growth({ logGrowth: 0 }).warning ?? '', /may run full \(9002\)/u);
  assert.equal(growth({ logFree: 2 * GB }).warning, null);
});

test('without a bandwidth no time is made up: it is told for usual lines', () => {
  const none = { low: null, high: null, restsOn: ['Nothing.'] };
  const total = pick(
    estimateSeeding({ bandwidth: none, databases: [database] }),
    'EST-SEEDING-TOTAL',
  );
  assert.deepEqual([total.low, total.high], [null, null]);
  assert.match(
    total.words,
    /at most 3 min 25 s over 100 Mbit\/s \(10\.0 MB\/s\), 20\.5 s over 1 Gbit\/s/u,
  );
});

test('without every size the whole is not known, and says so', () => {
  const blind = { ...database, left: null };
  const total = pick(
    estimateSeeding({ bandwidth, databases: [database, blind] }),
    'EST-SEEDING-TOTAL',
  );
  assert.equal(total.high, null);
  assert.match(total.words, /not every size is shown/u);
});

test('nothing to copy is nothing to estimate', () => {
  assert.deepEqual(estimateSeeding({ bandwidth, databases: [] }), []);
});

test('the outage is a wider range while nothing was measured', () => {
  const input = { totalMs: 2000, queueMs: 0, restsOn: [] };
  const assumed = estimateOutage({ ...input, isMeasured: false });
  const measured = estimateOutage({ ...input, isMeasured: true });
  assert.deepEqual([assumed.low, assumed.high], [400, 6000]);
  assert.deepEqual([measured.low, measured.high], [1400, 3000]);
});

test('from the facts of assess: sizes, log backups of a day, and the disk of the log file', () => {
  const all = estimates(goodFacts, articleMigration);
  assert.ok(all.some(({ id }) => id === 'EST-SEEDING-TOTAL'));
  for (const { words, restsOn } of all) {
    assert.match(words, /\.$/u);
    assert.ok(restsOn.length > 0, words);
  }
  const blind = { ...goodFacts.source, flow: unknown('no right') };
  const unsized = estimates({ ...goodFacts, source: blind }, articleMigration);
  assert.match(pick(unsized, 'EST-SEEDING-TOTAL').words, /not known/u);
});

test('from a look: what a running seeding still has to send is exact', () => {
  const flow: Circumstances = { ...circumstances({}), streams: [stream] };
  const seen = changed(
    withCopy(unseeded, 'source', {
      seeding: {
        stateDesc: 'SEEDING',
        failureStateDesc: null,
        errorCode: null,
        attempts: 1,
        transferredBytes: 600 * MB,
        totalBytes: 1000 * MB,
        bytesPerSecond: 20 * MB,
      },
    }),
    'source',
    { circumstances: known(flow) },
  );
  const all = estimatesOfLook({ observation: seen, migration: articleMigration, outage: null });
  const total = pick(all, 'EST-SEEDING-TOTAL');
  assert.deepEqual([total.low, total.high], [20_000, 40_000]);
});

test('once everything has arrived only the outage is left to estimate', () => {
  const outage = { totalMs: 2000, queueMs: 0, isMeasured: true, restsOn: ['Measured.'] };
  const all = estimatesOfLook({ observation: ready, migration: articleMigration, outage });
  assert.deepEqual(
    all.map(({ id }) => id),
    ['EST-OUTAGE'],
  );
});
