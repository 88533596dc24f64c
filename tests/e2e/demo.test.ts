/** The demo: whole without faults, and honest when the lab loses a commit. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { eventsOf, expectCli, startCli, temporaryFolder } from './harness.ts';

test('every acknowledged order is on the target, and the demo takes less than 30 s', async () => {
  const started = performance.now();
  const result = await expectCli(0, ['demo', '--seed', '7', '--json']);
  assert.ok(performance.now() - started < 30_000);
  const last = eventsOf(result).at(-1);
  assert.equal(last?.['kind'], 'result');
  assert.equal(last?.['lostCommits'], 0);
  assert.equal(last?.['doubledCommits'], 0);
  assert.ok(Number(last?.['acknowledged']) >= 300);
  assert.ok(Number(last?.['rows']) >= 50_000);
  assert.equal(last?.['serialRoundTrips'], 2);
  assert.ok(Number(last?.['outageMs']) > 0);
});

test('a commit that the lab loses makes the demo end with 1', async (t) => {
  const folder = temporaryFolder(t);
  const demo = startCli(['demo', '--seed', '8', '--dir', folder, '--json']);
  await demo.sees('"outcome":"ready-for-cutover"');
  await expectCli(0, [
    'lab',
    'fault',
    'lose-commit',
    'SQLVM',
    'Adventureworks',
    '--dir',
    join(folder, 'lab'),
  ]);
  const result = await demo.ended;
  assert.equal(result.code, 1, result.stderr);
  assert.match(result.stderr, /SF-DEMO-001/u);
  const last = eventsOf(result).at(-1);
  assert.ok(Number(last?.['lostCommits']) >= 1);
});
