/** One simulated run as data: everything that is drawn before it begins. */

import { makePrng } from '../../base/prng.ts';
import type { Intent } from '../../model/decision.ts';
import { drawFaults, pick, type Fault } from './fault.ts';
import { noHooks, type HookPlan } from './hook.ts';
import { otherFiles, shapes, type Shape } from './prepare.ts';

/** Where a run begins. */
export type StartPoint = 'bare' | 'ready';

/** One run. */
export interface Scenario {
  readonly seed: number;
  readonly shape: Shape;
  readonly start: StartPoint;
  /** Goals of the first operator, one after the other. */
  readonly goals: readonly Intent[];
  readonly faults: readonly Fault[];
  /** Faults that strike one after the other, each at the next request that fits once the one before has struck. */
  readonly sequence: readonly Fault[];
  /** A second operator begins at this virtual time after the start; null: there is none. */
  readonly rival: {
    readonly afterMs: number;
    readonly goal: 'cutover' | 'abort';
    readonly takeOver: boolean;
  } | null;
  /** How the file of a second operator differs, where one has another file. */
  readonly otherFile: (typeof otherFiles)[number];
  /** Programs around the switch. */
  readonly hooks: HookPlan;
  /** What is not in order before anybody comes. */
  readonly mishaps: readonly Mishap[];
  /** Pause between two goals of the first operator. */
  readonly pauseMs: number;
  /** A killed operator is started again after this; null: only when everything is healed. */
  readonly restartAfterMs: number | null;
  /** What the operator that is started again wants: the same, or the next goal of the list. */
  readonly afterKill: 'again' | 'next';
  readonly latencyMs: number;
  readonly writers: number;
  readonly writePauseMs: number;
  /** The leadership lock does not exist: the register alone keeps operators apart. */
  readonly isRegisterAlone: boolean;
  /** How long faults may strike, in virtual milliseconds. */
  readonly safetyMs: number;
}

/** What is not in order before anybody comes. */
export type Mishap = 'endpoint-stopped' | 'replica-asynchronous' | 'database-missing';

const cutover: Intent = { goal: 'cutover' };
const abort: Intent = { goal: 'abort' };
const keep: Intent = { goal: 'finish', distributed: 'keep' };
const drop: Intent = { goal: 'finish', distributed: 'drop' };
const failback: Intent = { goal: 'failback' };

const ways: readonly (readonly Intent[])[] = [
  [cutover],
  [cutover],
  [cutover],
  [cutover, abort],
  [cutover, keep],
  [cutover, drop],
  [cutover, failback],
  [cutover, failback, cutover],
  [cutover, abort, cutover],
  [cutover, abort, cutover, failback],
];

/** Ways with a second epoch, for what comes back from the first. */
const longWays: readonly (readonly Intent[])[] = [
  [cutover, failback, cutover],
  [cutover, failback, cutover],
  [cutover, abort, cutover],
  [cutover, abort, cutover, failback],
];

/** A run begins on bare servers this often: one in so many. */
const BARE_ONE_IN = 40;

const hookPlans: readonly HookPlan[] = [
  ...Array.from({ length: 18 }, () => noHooks),
  { beforeFence: 'well', afterPromote: 'well' },
  { beforeFence: 'slow', afterPromote: 'slow' },
  { beforeFence: 'fails', afterPromote: null },
  { beforeFence: 'hangs', afterPromote: null },
  { beforeFence: null, afterPromote: 'fails' },
  { beforeFence: null, afterPromote: 'hangs' },
];

/** The source is dead this often: one in so many. */
const DISASTER_ONE_IN = 50;

const mishapLists: readonly (readonly Mishap[])[] = [
  ...Array.from({ length: 36 }, () => []),
  ['replica-asynchronous'],
  ['replica-asynchronous'],
  ['replica-asynchronous'],
  ['endpoint-stopped'],
];

/** Draws a run from its seed. */
export function drawScenario(seed: number): Scenario {
  const prng = makePrng(seed);
  const shape = pick(prng.split('shape'), shapes);
  const rivals = prng.split('rival');
  const pace = prng.split('pace');
  const faults = drawFaults(prng.split('faults'));
  const start: StartPoint = prng.below(BARE_ONE_IN) === 0 ? 'bare' : 'ready';
  const isEchoing = faults.some((fault) => fault.kind === 'duplicate');
  const scenario: Scenario = {
    seed,
    shape,
    start,
    goals: pick(prng.split('way'), isEchoing ? longWays : ways),
    faults,
    sequence: [],
    rival:
      rivals.below(3) === 0
        ? {
            afterMs: pick(rivals, [0, 20, 200, 2_000, 9_000]) + rivals.below(100),
            goal: rivals.below(2) === 0 ? 'cutover' : 'abort',
            takeOver: rivals.below(2) === 0,
          }
        : null,
    otherFile: pick(prng.split('file'), otherFiles),
    hooks: pick(prng.split('hooks'), hookPlans),
    mishaps: start === 'ready' ? pick(prng.split('mishaps'), mishapLists) : [],
    pauseMs: 0,
    restartAfterMs: pick(pace, [null, 10, 1_000, 20_000]),
    afterKill: pick(pace, ['again', 'next']),
    latencyMs: pick(pace, [1, 3, 20, 80]),
    writers: pick(pace, [0, 1, 1, 1, 2]),
    writePauseMs: pick(pace, [500, 1_500, 4_000]),
    isRegisterAlone: rivals.below(2) === 0,
    safetyMs: 90_000,
  };
  return prng.split('disaster').below(DISASTER_ONE_IN) === 0 ? disaster(scenario) : scenario;
}

/** The source dies before anybody comes, the loss is accepted, and the source comes back as a second primary. */
function disaster(scenario: Scenario): Scenario {
  const dead: Fault = {
    kind: 'crash-source',
    act: 'observe',
    nth: 0,
    point: 'before',
    durationMs: 20_000,
  };
  return {
    ...scenario,
    start: 'ready',
    mishaps: [],
    goals: [
      { goal: 'force', side: 'target' },
      { goal: 'resolve-split-brain', loser: 'source' },
      failback,
    ],
    faults: [dead, ...scenario.faults],
    pauseMs: 25_000,
    safetyMs: 120_000,
  };
}
