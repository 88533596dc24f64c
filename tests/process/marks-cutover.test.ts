/** The real binary killed with SIGKILL at every mark of `cutover` and `failback`, and finished by the next one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertEveryPoint, killAtEveryMark, openStage, SOURCE, statusOf, TARGET } from './stage.ts';

const WALKS = [
  ['before', 'reply'],
  ['intent', 'outcome'],
] as const;

test('cutover and failback killed at every mark end with one writable copy and every row once', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  let kills = 0;
  const afterKill = async (place: string): Promise<void> => {
    kills += 1;
    const sides = await stage.writableSides();
    assert.ok(sides.length <= 1, `${place}: ${sides.join(' and ')} took writes`);
  };
  for (const points of WALKS) {
    const there = await killAtEveryMark(lab, {
      args: ['cutover', '--confirm', 'DAG'],
      points,
      afterKill,
    });
    assertEveryPoint(there, points, [
      'disable-login:source',
      'demote:source',
      'promote:target',
      'close-epoch:source',
    ]);
    assert.deepEqual(await stage.writableSides(), [TARGET]);
    const back = await killAtEveryMark(lab, {
      args: ['failback', '--confirm', 'DAG'],
      points,
      afterKill,
    });
    assertEveryPoint(back, points, [
      'disable-login:target',
      'demote:target',
      'promote:source',
      'close-epoch:target',
    ]);
    assert.deepEqual(await stage.writableSides(), [SOURCE]);
  }
  assert.equal((await statusOf(lab))['outage'], null);
  const { acknowledged } = await stage.proveOn(SOURCE);
  t.diagnostic(`${kills} kills, ${acknowledged} acknowledged rows, none lost`);
});
