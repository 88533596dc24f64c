import assert from 'node:assert/strict';
import test from 'node:test';

import { systemClock } from './clock.ts';
import { systemRandom } from './random.ts';

test('a sleep ends at once with the reason of its signal', async () => {
  const stop = new AbortController();
  const sleep = systemClock.sleep(3_600_000, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(sleep, /enough/u);
  await assert.rejects(systemClock.sleep(3_600_000, stop.signal), /enough/u);
});

test('an appointment beyond the limit of a timer is not kept early', () => {
  let called = false;
  const cancel = systemClock.schedule(3_000_000_000, () => {
    called = true;
  });
  cancel();
  assert.equal(called, false);
});

test('the clock for durations does not go back', () => {
  const first = systemClock.monotonic();
  assert.ok(systemClock.monotonic() >= first);
  assert.ok(Math.abs(systemClock.now() - Date.now()) < 1000);
});

test('chance stays in its range and a GUID has its form', () => {
  for (let round = 0; round < 100; round += 1) {
    const number = systemRandom.next();
    assert.ok(number >= 0 && number < 1);
  }
  assert.match(
    systemRandom.guid(),
    /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/u,
  );
});
