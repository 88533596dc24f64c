/** The real binary killed with SIGKILL at every mark of `abort`, before and after the decision, and resumed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertEveryPoint, killAt, killAtEveryMark, openStage, SOURCE, statusOf } from './stage.ts';

const WALKS = [
  ['before', 'reply'],
  ['intent', 'outcome'],
] as const;
const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;
const ABORT = ['abort', '--confirm', 'DAG'] as const;

test('abort killed at every mark gives the writes back, before the demotion and by revoking the decision', async (t) => {
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
    await killAt(lab, 'before:demote', CUTOVER);
    const lifted = await killAtEveryMark(lab, { args: ABORT, points, afterKill });
    assertEveryPoint(lifted, points, ['enable-login:source']);
    assert.deepEqual(await stage.writableSides(), [SOURCE]);

    await killAt(lab, 'reply:demote', CUTOVER);
    assert.equal((await statusOf(lab))['phase'], 'outage');
    assert.deepEqual(await stage.writableSides(), []);
    const revoked = await killAtEveryMark(lab, { args: ABORT, points, afterKill });
    assertEveryPoint(revoked, points, ['refuse-epoch:target', 'give-back:source']);
    assert.deepEqual(await stage.writableSides(), [SOURCE]);
  }
  assert.equal((await statusOf(lab))['phase'], 'ready-for-cutover');
  const { acknowledged } = await stage.proveOn(SOURCE);
  t.diagnostic(`${kills} kills, ${acknowledged} acknowledged rows, none lost`);
});
