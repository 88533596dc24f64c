/** One sqlferry that is put to sleep (SIGSTOP) at every mark of every command and woken again (SIGCONT). */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  assertEveryPoint,
  killAt,
  openStage,
  sleepAtEveryMark,
  SOURCE,
  statusOf,
  TARGET,
} from './stage.ts';

const POINTS = ['before', 'intent', 'reply', 'outcome'] as const;
const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;
/** Acts around which both sides are asked for a write; the others touch no data. */
const TENDER =
  /:(?:demote|promote|give-back|refuse-epoch|close-epoch|disable-login|drop-distributed):/u;

test('a sleep at any mark of migrate, cutover, failback, abort and finish changes nothing: one copy, every row', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  let sleeps = 0;
  const walk = async (args: readonly string[], acts: readonly string[]): Promise<void> => {
    const places = await sleepAtEveryMark(lab, args, async (place) => {
      if (!TENDER.test(place)) return;
      const sides = await stage.writableSides();
      assert.ok(sides.length <= 1, `${place}: ${sides.join(' and ')} took writes`);
    });
    assertEveryPoint(places, POINTS, acts);
    sleeps += places.size;
  };
  await walk(['migrate', '--yes'], ['create-register:source', 'join-distributed:target']);
  await walk(CUTOVER, ['demote:source', 'promote:target', 'close-epoch:source']);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await walk(
    ['failback', '--confirm', 'DAG'],
    ['demote:target', 'promote:source', 'close-epoch:target'],
  );
  assert.deepEqual(await stage.writableSides(), [SOURCE]);
  await killAt(lab, 'reply:demote', CUTOVER);
  await walk(['abort', '--confirm', 'DAG'], ['refuse-epoch:target', 'give-back:source']);
  assert.deepEqual(await stage.writableSides(), [SOURCE]);
  await lab.cli(0, ...CUTOVER);
  await walk(
    ['finish', '--drop', '--confirm', 'DAG'],
    ['drop-distributed:target', 'drop-distributed:source', 'drop-register:source'],
  );
  assert.equal((await statusOf(lab))['phase'], 'finished');
  const { acknowledged } = await stage.proveOn(TARGET);
  t.diagnostic(`${sleeps} sleeps, ${acknowledged} acknowledged rows, none lost`);
});
