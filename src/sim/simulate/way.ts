/** Ways through the acts without chance: scenarios that send certain acts, so that each can be struck. */

import { required } from '../../base/assert.ts';
import type { Intent } from '../../model/decision.ts';
import type { Fault } from './fault.ts';
import { noHooks } from './hook.ts';
import { shapes } from './prepare.ts';
import type { Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';

const cutover: Intent = { goal: 'cutover' };
const abort: Intent = { goal: 'abort' };
const failback: Intent = { goal: 'failback' };
const migrate: Intent = { goal: 'migrate' };

const plain: Scenario = {
  seed: 1,
  shape: shapeOf(2022),
  start: 'ready',
  goals: [cutover],
  faults: [],
  sequence: [],
  rival: null,
  otherFile: 'short-budget',
  hooks: noHooks,
  mishaps: [],
  pauseMs: 0,
  restartAfterMs: 100,
  afterKill: 'again',
  latencyMs: 3,
  writers: 1,
  writePauseMs: 300,
  isRegisterAlone: false,
  safetyMs: 90_000,
};

const late: Fault = { kind: 'late-commit', act: 'demote', nth: 0, point: 'arrived', durationMs: 0 };
const cut: Fault = { ...late, kind: 'late-commit-cut', durationMs: 45_000 };
const killed: Fault = { kind: 'kill', act: 'promote', nth: 0, point: 'before', durationMs: 10 };
/** The source is dead from the first look on, and comes back. */
const dead: Fault = {
  kind: 'crash-source',
  act: 'observe',
  nth: 0,
  point: 'before',
  durationMs: 30_000,
};

/** Somebody ends the seeding as soon as it has begun. */
const cancelled: Fault = {
  kind: 'seeding-cancelled',
  act: 'join-distributed',
  nth: 0,
  point: 'reply',
  durationMs: 0,
};

/** Ways through the acts, the shortest first. */
export const ways: readonly Scenario[] = [
  plain,
  { ...plain, faults: [late] },
  { ...plain, faults: [cut] },
  { ...plain, goals: [cutover, abort], faults: [killed], afterKill: 'next' },
  { ...plain, goals: [cutover, abort], faults: [killed], afterKill: 'next', shape: shapeOf(2019) },
  { ...plain, goals: [cutover, { goal: 'finish', distributed: 'keep' }] },
  { ...plain, goals: [cutover, { goal: 'finish', distributed: 'drop' }] },
  { ...plain, goals: [cutover, failback] },
  {
    ...plain,
    start: 'bare',
    goals: [cutover, { goal: 'finish', distributed: 'drop' }],
    safetyMs: 180_000,
  },
  { ...plain, rival: { afterMs: 500, goal: 'cutover', takeOver: true } },
  {
    ...plain,
    goals: [
      { goal: 'force', side: 'target' },
      { goal: 'resolve-split-brain', loser: 'source' },
      failback,
    ],
    faults: [dead],
    pauseMs: 35_000,
    safetyMs: 180_000,
  },
  { ...plain, goals: [migrate, cutover], mishaps: ['endpoint-stopped'], safetyMs: 180_000 },
  { ...plain, goals: [cutover], mishaps: ['replica-asynchronous'], safetyMs: 180_000 },
  {
    ...plain,
    start: 'bare',
    shape: { ...shapeOf(2022), databases: 2 },
    mishaps: ['database-missing'],
    safetyMs: 180_000,
  },
  { ...plain, start: 'bare', faults: [cancelled], safetyMs: 300_000 },
];

const lateAfter = [2, 3, 4, 5].map((nth) => ({ ...late, nth }));
const lateAgain = [late, { ...late, nth: 1 }, ...lateAfter];
const goals = [cutover, failback, cutover];
/** After each goal there is time for a fault to be over. */
const steady = { ...plain, writePauseMs: 1_500, pauseMs: 4_000, safetyMs: 180_000 };

type PairWay =
  | 'straight'
  | 'late'
  | 'patient'
  | 'cut'
  | 'revoked'
  | 'cutLater'
  | 'revokedLater'
  | 'raced';

/** Ways with several epochs, for ordered pairs: the second fault may come in an epoch after the first. */
export const pairWays: Readonly<Record<PairWay, Scenario>> = {
  straight: { ...steady, goals },
  /** A request that is held for long is over before the next goal is tried. */
  patient: {
    ...steady,
    goals: [cutover, ...goals, failback],
    faults: lateAgain,
    pauseMs: 25_000,
    safetyMs: 240_000,
  },
  /** The log is not equal in the demotion: await-lsns and commit-epoch. */
  late: { ...steady, goals, faults: lateAgain },
  /** The log does not arrive: the epoch is taken back, give-back. */
  cut: {
    ...steady,
    goals: [cutover, abort, cutover, abort, cutover, failback],
    faults: [{ ...cut, durationMs: 20_000 }, { ...cut, nth: 1, durationMs: 20_000 }, ...lateAfter],
  },
  /** Killed before the promotion and taken back: refuse-epoch, give-back. */
  revoked: {
    ...steady,
    goals: [cutover, abort, cutover, abort, cutover],
    faults: [killed, { ...killed, nth: 1 }, ...lateAfter],
    afterKill: 'next',
  },
  /** Both again, after epochs that came to their end: give-back and refuse-epoch after close-epoch. */
  cutLater: {
    ...steady,
    goals: [...goals, abort, cutover, failback],
    faults: [
      late,
      { ...late, nth: 1 },
      { ...cut, nth: 2, durationMs: 20_000 },
      { ...cut, nth: 3, durationMs: 20_000 },
    ],
  },
  /** Somebody aborts while a promotion stands still, in later epochs too, and whatever was killed is tried again. */
  raced: {
    ...steady,
    goals: [...goals, failback, cutover, abort],
    faults: [late, { ...late, nth: 1 }, ...[1, 2, 3, 4].flatMap((nth) => abortedAt(nth))],
    pauseMs: 25_000,
    isRegisterAlone: true,
    safetyMs: 300_000,
  },
  revokedLater: {
    ...steady,
    goals: [...goals, abort, cutover, abort],
    faults: [late, { ...late, nth: 1 }, { ...killed, nth: 2 }, { ...killed, nth: 3 }],
    afterKill: 'next',
  },
};

/** The n-th promotion waits in its process while a second operator goes back. */
function abortedAt(nth: number): readonly Fault[] {
  const at = { act: 'promote', nth, point: 'before' } as const;
  return [
    { ...at, kind: 'pause', durationMs: 16_000 },
    { ...at, kind: 'rival-abort', durationMs: 0 },
  ];
}

function shapeOf(version: 2019 | 2022): Scenario['shape'] {
  const found = shapes.find(
    (shape) => shape.version === version && shape.databases === 1 && shape.deadMan === 'agent',
  );
  return required(found, `shape of ${version}`);
}

/** Acts that each way sends when nothing else goes wrong. */
export async function actsOfWays(): Promise<readonly ReadonlySet<string>[]> {
  const sent: ReadonlySet<string>[] = [];
  for (const way of ways) sent.push((await simulate(way)).acts);
  return sent;
}
