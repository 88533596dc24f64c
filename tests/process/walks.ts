/** The walks over the marks: a command is killed at the next mark, again and again, until it comes to its end. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import {
  assertEveryPoint,
  killAt,
  killAtEveryMark,
  openStage,
  SOURCE,
  statusOf,
  TARGET,
} from './stage.ts';

/** Points of one walk; the last one of them lets the act happen, or the walk would stand still. */
export type WalkPoints = readonly ['before', 'reply'] | readonly ['intent', 'outcome'];

const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;
const FAILBACK = ['failback', '--confirm', 'DAG'] as const;
const ABORT = ['abort', '--confirm', 'DAG'] as const;
const DROP = ['finish', '--drop', '--confirm', 'DAG'] as const;

/** `migrate` and `finish`: the side that serves takes writes after every kill. */
export async function walkMigrate(t: TestContext, points: WalkPoints): Promise<void> {
  const stage = await openStage(t);
  const { lab } = stage;
  const serves = (name: string) => async (place: string) => {
    assert.deepEqual(await stage.writableSides(), [name], place);
  };
  const migrated = await killAtEveryMark(lab, {
    args: ['migrate', '--yes'],
    points,
    afterKill: serves(SOURCE),
  });
  assertEveryPoint(migrated, points, [
    'create-control-database:source',
    'create-register:target',
    'create-dead-man:source',
    'create-availability-group:source',
    'create-distributed:source',
    'join-distributed:target',
  ]);
  await lab.cli(0, ...CUTOVER);
  const finished = await killAtEveryMark(lab, { args: DROP, points, afterKill: serves(TARGET) });
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
}

/** `cutover`, then `failback`: at most one side takes writes after every kill. */
export async function walkCutover(t: TestContext, points: WalkPoints): Promise<void> {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  const afterKill = async (place: string): Promise<void> => {
    const sides = await stage.writableSides();
    assert.ok(sides.length <= 1, `${place}: ${sides.join(' and ')} took writes`);
  };
  const there = await killAtEveryMark(lab, { args: CUTOVER, points, afterKill });
  assertEveryPoint(there, points, [
    'disable-login:source',
    'demote:source',
    'promote:target',
    'close-epoch:source',
  ]);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  const back = await killAtEveryMark(lab, { args: FAILBACK, points, afterKill });
  assertEveryPoint(back, points, [
    'disable-login:target',
    'demote:target',
    'promote:source',
    'close-epoch:target',
  ]);
  assert.deepEqual(await stage.writableSides(), [SOURCE]);
  assert.equal((await statusOf(lab))['outage'], null);
  const { acknowledged } = await stage.proveOn(SOURCE);
  t.diagnostic(
    `${there.size} kills of cutover, ${back.size} of failback, ${acknowledged} acknowledged rows, none lost`,
  );
}

/** `abort` before the demotion, and `abort` that revokes a decision. */
export async function walkAbort(t: TestContext, points: WalkPoints): Promise<void> {
  const stage = await openStage(t);
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  const afterKill = async (place: string): Promise<void> => {
    const sides = await stage.writableSides();
    assert.ok(sides.length <= 1, `${place}: ${sides.join(' and ')} took writes`);
  };
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
  assert.equal((await statusOf(lab))['phase'], 'ready-for-cutover');
  const { acknowledged } = await stage.proveOn(SOURCE);
  t.diagnostic(
    `${lifted.size + revoked.size} kills of abort, ${acknowledged} acknowledged rows, none lost`,
  );
}
