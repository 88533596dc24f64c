import assert from 'node:assert/strict';
import { test } from 'node:test';

import { captureContext } from '../../tests/support/cli-context.ts';
import { freshObservation } from '../../tests/support/observation.ts';
import { formatUtc } from '../base/utc.ts';
import { known } from '../model/fact.ts';
import { clockWarnings, START_LIMIT_MS, startMistake, waitForStart } from './start-time.ts';

const HOUR_MS = 3_600_000;
const empty = freshObservation();

test('starts when the time has come, and says until when it waits', async () => {
  const { context, stdout } = captureContext();
  assert.equal(await waitForStart(context, 3 * HOUR_MS), null);
  assert.equal(context.clock.now(), 3 * HOUR_MS);
  assert.match(stdout(), /Waiting until 1970-01-01T03:00:00\.000Z \(3 h 00 min\)/u);
});

test('a machine that slept through the time does not start', async () => {
  const { context, advance } = captureContext();
  const asleep = {
    ...context,
    clock: {
      ...context.clock,
      sleep: (delayMs: number) => {
        advance(delayMs + 2 * HOUR_MS);
        return Promise.resolve();
      },
    },
  };
  const answer = await waitForStart(asleep, HOUR_MS);
  assert.ok(answer !== null && answer !== 'stopped');
  assert.equal(answer.code, 'SF-CLI-015');
  assert.match(answer.because.join(' '), /1 h 01 min later/u);
});

test('a clock that is set back again and again ends the wait in the end', async () => {
  const { context } = captureContext();
  const stuck = { ...context, clock: { ...context.clock, now: () => 0 } };
  const answer = await waitForStart(stuck, HOUR_MS);
  assert.ok(answer !== null && answer !== 'stopped');
  assert.match(answer.because.join(' '), /1 h 00 min earlier/u);
});

test('Ctrl-C ends the wait', async () => {
  const { context } = captureContext();
  const clock = { ...context.clock, sleep: () => Promise.reject(new Error('Ctrl-C')) };
  assert.equal(await waitForStart({ ...context, clock }, HOUR_MS), 'stopped');
});

test('the past and anything beyond a week are mistakes; the limit itself is none', () => {
  assert.match(startMistake(-1, 0)?.summary ?? '', /in the past/u);
  assert.equal(startMistake(0, 0), null);
  assert.equal(startMistake(START_LIMIT_MS, 0), null);
  assert.match(startMistake(START_LIMIT_MS + 1, 0)?.summary ?? '', /at most 7 days/u);
});

test('a server whose clock differs is named with what the time is there', () => {
  const at = HOUR_MS;
  const seen = (source: number, target: number) => ({
    source: { ...empty.source, serverUtc: known(formatUtc(source)) },
    target: { ...empty.target, serverUtc: known(formatUtc(target)) },
  });
  assert.deepEqual(clockWarnings(seen(4000, -4000), 0, at), []);
  const [ahead, behind, ...more] = clockWarnings(seen(2 * HOUR_MS, -HOUR_MS), 0, at);
  assert.deepEqual(more, []);
  assert.match(ahead ?? '', /OnPremNode.* 2 h 00 min ahead of .*03:00:00\.000Z there/u);
  assert.match(behind ?? '', /SQLVM.* 1 h 00 min behind .*T00:00:00\.000Z there/u);
});
