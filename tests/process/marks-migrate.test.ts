/** The real binary killed with SIGKILL at every mark of `migrate` and `finish`, and resumed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertEveryPoint, killAtEveryMark, openStage, SOURCE, statusOf, TARGET } from './stage.ts';

/** The first walk kills on both sides of the intent and after the answer, the second one after it is on disk. */
const WALKS = [
  ['before', 'reply'],
  ['intent', 'outcome'],
] as const;

for (const points of WALKS) {
  test(`migrate and finish killed at every mark (${points.join(', ')}) come to their end`, async (t) => {
    const stage = await openStage(t);
    const { lab } = stage;
    const migrated = await killAtEveryMark(lab, {
      args: ['migrate', '--yes'],
      points,
      afterKill: async (place) => {
        assert.deepEqual(await stage.writableSides(), [SOURCE], place);
      },
    });
    assertEveryPoint(migrated, points, [
      'create-control-database:source',
      'create-register:target',
      'create-dead-man:source',
      'create-availability-group:source',
      'create-distributed:source',
      'join-distributed:target',
    ]);
    await lab.cli(0, 'cutover', '--confirm', 'DAG');
    const finished = await killAtEveryMark(lab, {
      args: ['finish', '--drop', '--confirm', 'DAG'],
      points,
      afterKill: async (place) => {
        assert.deepEqual(await stage.writableSides(), [TARGET], place);
      },
    });
    assertEveryPoint(finished, points, [
      'drop-distributed:target',
      'drop-distributed:source',
      'drop-register:source',
      'drop-register:target',
      'drop-dead-man:source',
    ]);
    assert.equal((await statusOf(lab))['phase'], 'finished');
    const { acknowledged } = await stage.proveOn(TARGET);
    t.diagnostic(
      `${migrated.size} kills of migrate, ${finished.size} of finish, ${acknowledged} acknowledged rows, none lost`,
    );
  });
}
