/** What may go wrong in a simulated run, as data: drawn from a seed, enumerated as cells, shrunk one by one. */

import type { Prng } from '../../base/prng.ts';
import type { ActKind } from '../../model/act.ts';

/** Where in the life of one request a fault strikes. */
export type FaultPoint =
  /** The operator has decided; nothing has left yet. */
  | 'before'
  /** The request has reached the server; nothing is executed yet. */
  | 'arrived'
  /** The batch has ended; its reply has not left the server. */
  | 'effect'
  /** The reply is on its way. */
  | 'reply';

/** Every point, in order. */
export const faultPoints: readonly FaultPoint[] = ['before', 'arrived', 'effect', 'reply'];

/** What happens to whom; `docs/simulation.md` explains each. */
export const faultKinds = [
  'kill',
  'pause',
  'drop',
  'delay',
  'duplicate',
  'stall',
  'partition',
  'crash-source',
  'crash-target',
  'isolate-source',
  'isolate-target',
  'slow-redo',
  'clock-forward',
  'clock-backward',
  'agent-stop',
  'agent-late',
  'rival-cutover',
  'rival-abort',
  'rival-other-file',
  'log-backup',
  'late-commit',
  'late-commit-cut',
  'made-asynchronous',
  'demoted-by-hand',
  'seeding-cancelled',
  'rights-source',
  'rights-target',
  'register-tampered',
  'register-newer',
  'register-foreign',
  'register-away',
  'store-lost',
  'store-rolled-back',
] as const;

/** Kind of a fault. */
export type FaultKind = (typeof faultKinds)[number];

/** One fault: when the n-th request of this kind is at this point. */
export interface Fault {
  readonly kind: FaultKind;
  readonly act: ActKind | 'observe';
  readonly nth: number;
  readonly point: FaultPoint;
  /** How long it lasts, in virtual milliseconds. */
  readonly durationMs: number;
}

/** One short line, for traces and reports. */
export function faultText(fault: Fault): string {
  return `${fault.kind} at ${fault.act}#${fault.nth} ${fault.point} for ${fault.durationMs} ms`;
}

/** Acts of the cutover, from the first change of the source to its end. */
export const cutoverActs: readonly ActKind[] = [
  'set-distributed-mode',
  'set-required-secondaries',
  'record-prior-state',
  'disable-login',
  'kill-sessions',
  'rehearse-dead-man',
  'demote',
  'await-lsns',
  'commit-epoch',
  'promote',
  'refuse-epoch',
  'give-back',
  'close-epoch',
  'enable-login',
];

/** Acts between the fence and the end of the outage. */
export const outageActs: readonly ActKind[] = [
  'demote',
  'await-lsns',
  'commit-epoch',
  'promote',
  'refuse-epoch',
  'give-back',
  'close-epoch',
];

const DURATIONS_MS = [40, 400, 3_000, 12_000, 20_000, 45_000];
const LONG_MS = [5_000, 16_000, 20_000, 30_000, 45_000];
const STALLS_MS = [5, 30, 300, 1_500];
const MOST_FAULTS = 4;

/** Draws what goes wrong in one run: single faults, or one of the storms that single faults rarely reach. */
export function drawFaults(prng: Prng, acts: readonly ActKind[] = cutoverActs): readonly Fault[] {
  switch (prng.below(7)) {
    case 0:
    case 1:
      return drawStorm(prng);
    case 2:
      return drawGhosts(prng);
    case 3:
      return drawRace(prng);
    case 4:
      return drawEcho(prng);
    default: {
      const count = prng.below(MOST_FAULTS + 1);
      return Array.from({ length: count }, () => drawFault(prng, acts));
    }
  }
}

/**
 * A batch or a process that comes back after its epoch has ended, a second operator at that very moment,
 * and a log that was not equal in the demotion.
 */
function drawStorm(prng: Prng): readonly Fault[] {
  const point = pick(prng, faultPoints);
  const at = { act: pick(prng, outageActs), nth: 0, point };
  const late: Fault = {
    kind: pick(prng, ['late-commit', 'late-commit', 'late-commit-cut']),
    act: 'demote',
    nth: 0,
    point: 'arrived',
    durationMs: pick(prng, DURATIONS_MS),
  };
  const long: Fault = {
    ...at,
    kind: pick(prng, ['delay', 'pause']),
    durationMs: pick(prng, LONG_MS),
  };
  const rival: Fault = {
    ...at,
    kind: pick(prng, ['rival-cutover', 'rival-abort', 'rival-other-file']),
    durationMs: 0,
  };
  const asynchronous: Fault = { ...late, kind: 'made-asynchronous' };
  return [
    ...(prng.below(6) === 0 ? [asynchronous] : []),
    ...(prng.below(3) > 0 ? [late] : []),
    long,
    ...(prng.below(3) > 0 ? [rival] : []),
    ...(prng.below(3) === 0 ? [drawFault(prng, cutoverActs)] : []),
  ];
}

/**
 * Batches of an epoch that arrive in a later one: held on the wire or delivered twice, again and again,
 * while somebody goes back and begins anew.
 */
function drawGhosts(prng: Prng): readonly Fault[] {
  const ghosts = Array.from({ length: 2 + prng.below(2) }, (): Fault => ({
    kind: pick(prng, ['delay', 'duplicate', 'duplicate']),
    act: pick(prng, outageActs),
    nth: prng.below(4) === 0 ? 1 : 0,
    point: pick(prng, faultPoints),
    durationMs: 500 + prng.below(30_000),
  }));
  const rival: Fault = {
    kind: pick(prng, ['rival-cutover', 'rival-abort']),
    act: pick(prng, ['demote', 'promote', 'close-epoch']),
    nth: 0,
    point: pick(prng, faultPoints),
    durationMs: 0,
  };
  const gone: Fault = { ...rival, kind: 'kill', durationMs: pick(prng, DURATIONS_MS) };
  return [
    ...ghosts,
    ...(prng.below(2) === 0 ? [rival] : []),
    ...(prng.below(2) === 0 ? [gone] : []),
  ];
}

/** One batch that arrives again while a later fence is held open by log that does not arrive. */
function drawEcho(prng: Prng): readonly Fault[] {
  const echo: Fault = {
    kind: 'duplicate',
    act: pick(prng, [
      'close-epoch',
      'close-epoch',
      'commit-epoch',
      'promote',
      'give-back',
      'demote',
    ]),
    nth: 0,
    point: 'effect',
    durationMs: 2_000 + prng.below(28_000),
  };
  const open: Fault = {
    kind: 'late-commit-cut',
    act: 'demote',
    nth: 1 + prng.below(2),
    point: 'arrived',
    durationMs: pick(prng, LONG_MS),
  };
  const first: Fault = { ...open, kind: 'late-commit', nth: 0 };
  const gone: Fault = { ...first, kind: 'kill', act: 'promote', point: 'before' };
  return [
    echo,
    open,
    ...(prng.below(2) === 0 ? [first] : []),
    ...(prng.below(3) === 0 ? [gone] : []),
  ];
}

/** Two operators on one server at the same moment: a batch that stands still between two of its steps. */
function drawRace(prng: Prng): readonly Fault[] {
  const act = pick(prng, ['demote', 'promote', 'promote', 'give-back', 'commit-epoch'] as const);
  const stall: Fault = {
    kind: 'stall',
    act,
    nth: 0,
    point: pick(prng, ['before', 'arrived']),
    durationMs: pick(prng, STALLS_MS),
  };
  const rival: Fault = {
    kind: pick(prng, ['rival-abort', 'rival-cutover', 'rival-abort']),
    act: prng.below(2) === 0 ? act : pick(prng, outageActs),
    nth: 0,
    point: pick(prng, faultPoints),
    durationMs: 0,
  };
  return [stall, rival, ...(prng.below(2) === 0 ? [drawFault(prng, outageActs)] : [])];
}

function drawFault(prng: Prng, acts: readonly ActKind[]): Fault {
  const pool: readonly (ActKind | 'observe')[] = prng.below(2) === 0 ? outageActs : acts;
  const act = prng.below(6) === 0 ? 'observe' : pick(prng, pool);
  return {
    kind: pick(prng, faultKinds),
    act,
    nth: act === 'observe' ? prng.below(25) : prng.below(8) === 0 ? 1 : 0,
    point: pick(prng, faultPoints),
    durationMs: pick(prng, DURATIONS_MS),
  };
}

/** One of them. */
export function pick<T>(prng: Prng, values: readonly T[]): T {
  const value = values[prng.below(values.length)];
  if (value === undefined) throw new RangeError('pick: nothing to choose from');
  return value;
}

/** For how long a request or its steps are held; null when no fault says so. */
export function lasting(faults: readonly Fault[], kind: 'delay' | 'stall'): number | null {
  return faults.find((fault) => fault.kind === kind)?.durationMs ?? null;
}

/** For how long a reply is held: on the wire, or by a server that is slow to send it. */
export function lateness(faults: readonly Fault[]): number {
  return Math.max(lasting(faults, 'delay') ?? 0, lasting(faults, 'stall') ?? 0);
}
