/**
 * An act that moves the role or the register, broken on the wire in every way: the same operator or
 * another one finishes, never are two copies writable, and no acknowledged commit is lost.
 */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import type { Interception } from '../../src/engine/run.ts';
import type { Act, ActReply } from '../../src/model/act.ts';
import type { Intent } from '../../src/model/decision.ts';
import { otherSide, type Side } from '../../src/model/side.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Trap, TrapPoint } from '../../src/lab/world/trap.ts';
import type { WireFault } from './fault-proxy.ts';
import {
  diesBefore,
  instanceOf,
  startWireCutover,
  type Operator,
  type WireCutover,
} from './wire-cutover.ts';

/** The acts that are broken. */
export type BrokenKind = SwitchKind | 'fence-split-brain' | 'force-promote-accepting-data-loss';

/** Those of a switch, which a failback runs the other way round. */
export type SwitchKind =
  | 'demote'
  | 'commit-epoch'
  | 'promote'
  | 'close-epoch'
  | 'refuse-epoch'
  | 'give-back';

interface Broken {
  readonly side: Side;
  /** Part of the batch that no other act's batch has. */
  readonly text: string;
  readonly intent: Intent;
  /** The side that takes writes in the end. */
  readonly ends: Side;
  /** Log that the target has not confirmed: equality is not proven in the demotion. */
  readonly late: boolean;
  /** Where an earlier cutover died, so that there is something to abort. */
  readonly after: Act['kind'] | null;
  /** Points inside the batch. */
  readonly inside: readonly Omit<TrapPoint, 'pattern'>[];
  readonly statement: string;
  /** What has happened before, from the state after `migrate`. */
  readonly prepare?: (wire: WireCutover) => Promise<void>;
  /** Two copies take writes until the act: nobody asks both before the end. */
  readonly isSplit?: true;
}

const commits = (when: 'before' | 'after') => ({ when, what: 'commit' }) as const;
const statements = (when: 'before' | 'after') => ({ when, what: 'statement' }) as const;
const FORCE = 'force-failover-allow-data-loss';

const SWITCH: Readonly<Record<SwitchKind, Broken>> = {
  demote: {
    side: 'source',
    text: '@from_epoch',
    intent: { goal: 'cutover' },
    ends: 'target',
    late: false,
    after: null,
    inside: [commits('after'), statements('before'), statements('after')],
    statement: 'set-role-secondary',
  },
  'commit-epoch': {
    side: 'source',
    text: '@commit_epoch',
    intent: { goal: 'cutover' },
    ends: 'target',
    late: true,
    after: null,
    inside: [commits('before'), commits('after')],
    statement: '',
  },
  promote: {
    side: 'target',
    text: '@promote_epoch',
    intent: { goal: 'cutover' },
    ends: 'target',
    late: false,
    after: null,
    inside: [statements('before'), statements('after')],
    statement: FORCE,
  },
  'close-epoch': {
    side: 'source',
    text: '@close_epoch',
    intent: { goal: 'cutover' },
    ends: 'target',
    late: false,
    after: null,
    inside: [commits('before'), commits('after')],
    statement: '',
  },
  'refuse-epoch': {
    side: 'target',
    text: '@epoch bigint = CONVERT(bigint, @refuse_epoch)',
    intent: { goal: 'abort' },
    ends: 'source',
    late: false,
    after: 'promote',
    inside: [commits('before'), commits('after')],
    statement: '',
  },
  'give-back': {
    side: 'source',
    text: '@give_back_epoch',
    intent: { goal: 'abort' },
    ends: 'source',
    late: true,
    after: 'commit-epoch',
    inside: [commits('after'), statements('before'), statements('after')],
    statement: FORCE,
  },
};

const DISASTER: Readonly<Record<Exclude<BrokenKind, SwitchKind>, Broken>> = {
  'fence-split-brain': {
    side: 'target',
    text: 'SET (ROLE = SECONDARY)',
    intent: { goal: 'resolve-split-brain', loser: 'target' },
    ends: 'source',
    late: false,
    after: null,
    inside: [statements('before'), statements('after')],
    statement: 'set-role-secondary',
    prepare: splitBrain,
    isSplit: true,
  },
  'force-promote-accepting-data-loss': {
    side: 'target',
    text: 'FORCE_FAILOVER_ALLOW_DATA_LOSS',
    intent: { goal: 'force', side: 'target' },
    ends: 'target',
    late: false,
    after: null,
    inside: [statements('before'), statements('after')],
    statement: FORCE,
    prepare: loseSource,
  },
};

const ACTS: Readonly<Record<BrokenKind, Broken>> = { ...SWITCH, ...DISASTER };

const DAG_FORCED = 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS';

/** Somebody forces the target while the source serves. */
async function splitBrain(wire: WireCutover): Promise<void> {
  const { lab } = wire.lab;
  const ends = { a: instanceOf.source, b: instanceOf.target };
  assert.ok(lab.fault({ fault: 'partition', ...ends }).ok);
  const session = await wire.lab.session('target');
  const request = { text: DAG_FORCED, parameters: [], limitMs: 10_000 };
  await session.execute({ ...request, signal: new AbortController().signal });
  assert.ok(lab.fault({ fault: 'heal' }).ok);
}

/** The source is gone; everything it acknowledged is on the target. */
async function loseSource(wire: WireCutover): Promise<void> {
  await wire.caughtUp();
  wire.lab.lab.world().crash(instanceOf.source);
}

/** The same act of a failback: the sides are exchanged, and a cutover has been before. */
function mirrored(kind: SwitchKind): Broken {
  const broken = SWITCH[kind];
  const { goal } = broken.intent;
  return {
    ...broken,
    side: otherSide(broken.side),
    intent: goal === 'cutover' ? { goal: 'failback' } : broken.intent,
    ends: otherSide(broken.ends),
    prepare: async (wire) => {
      const operator = wire.operator('straight');
      const result = await operator.run({ goal: 'cutover' });
      assert.equal(result.outcome, 'done', JSON.stringify(operator.problems.at(-1)));
      operator.close();
    },
  };
}

/** Where the request or its answer is broken. */
interface Point {
  readonly name: string;
  /** The fault, and the trap that tells when the server is there. */
  arm(wire: WireCutover, broken: Broken): { fault: WireFault; trap: Trap | null };
  /** The operator never hears of it and is ended from outside. */
  readonly endsRun?: true;
  /** What the operator hears in the end. */
  readonly outcome: ActReply['outcome'];
  /** The operator waits for this answer no longer than this, in milliseconds. */
  readonly patienceMs?: number;
}

function held(name: string, pointOf: (broken: Broken) => TrapPoint): Point {
  return {
    name,
    outcome: 'unknown',
    arm(wire, broken) {
      const trap = wire.lab.lab.world().traps(instanceOf[broken.side]).hold(pointOf(broken));
      return { fault: { kind: 'reset-when', when: trap.reached }, trap };
    },
  };
}

function plain(name: string, fault: WireFault, endsRun = false): Point {
  return {
    name,
    outcome: fault.kind === 'latency' ? 'ok' : 'unknown',
    arm: () => ({ fault, trap: null }),
    ...(endsRun ? { endsRun: true } : {}),
  };
}

function pointsOf(broken: Broken): readonly Point[] {
  const inside = broken.inside.map(({ when, what }) => {
    const pattern = what === 'commit' ? 'sqlferry_control' : broken.statement;
    const place = what === 'commit' ? 'the register is written' : broken.statement;
    return held(`reset inside it, ${when} ${place}`, () => ({ when, what, pattern }));
  });
  const batch = (when: 'before' | 'after') => (of: Broken) =>
    ({ when, what: 'batch', pattern: of.text }) as const;
  return [
    plain('reset before it leaves', { kind: 'reset-before' }),
    plain('cut in its middle', { kind: 'cut-request', bytes: 700 }),
    held('reset after it arrived and before it runs', batch('before')),
    ...inside,
    held('reset after its effect and before the answer', batch('after')),
    plain('its answer cut after one byte', { kind: 'cut-reply', bytes: 1 }),
    plain('its answer cut inside a token', { kind: 'cut-reply', bytes: 90 }),
    plain('slow by 60 ms each way', { kind: 'latency', delayMs: 60 }),
    {
      ...plain('slower than the operator waits', { kind: 'latency', delayMs: 400 }),
      outcome: 'unknown',
      patienceMs: 200,
    },
    plain('its answer lost in silence', { kind: 'half-open' }, true),
  ];
}

/** A clock on which the limit of a request can be made short. */
function impatientClock(): Clock & { patienceMs: number | null } {
  const clock = {
    ...systemClock,
    patienceMs: null as number | null,
    schedule: (delayMs: number, callback: () => void) =>
      systemClock.schedule(Math.min(delayMs, clock.patienceMs ?? delayMs), callback),
  };
  return clock;
}

interface Breaking {
  readonly kind: BrokenKind;
  readonly broken: Broken;
  readonly point: Point;
  readonly stop: AbortController;
  readonly clock: ReturnType<typeof impatientClock>;
}

/** Breaks the first such act of a run; later ones pass. */
function breaking(
  wire: WireCutover,
  how: Breaking,
): Interception & {
  readonly outcome: () => ActReply['outcome'] | null;
  readonly release: () => void;
} {
  const { broken, clock } = how;
  const isIt = (act: Act): boolean => act.kind === how.kind && act.side === broken.side;
  let trap: Trap | null = null;
  let done = false;
  let outcome: ActReply['outcome'] | null = null;
  return {
    before(act) {
      if (!isIt(act) || done) return Promise.resolve(null);
      done = true;
      clock.patienceMs = how.point.patienceMs ?? null;
      const armed = how.point.arm(wire, broken);
      ({ trap } = armed);
      const begun = wire.proxies[broken.side].arm(armed.fault);
      // The operator is ended from outside, and its machine with it.
      if (how.point.endsRun === true) {
        void endRun(wire, { begun, side: broken.side, stop: how.stop });
      }
      return Promise.resolve(null);
    },
    async after(act, reply) {
      if (!isIt(act)) return;
      clock.patienceMs = null;
      outcome ??= reply.outcome;
      if (broken.isSplit !== true) await wire.tryBoth();
    },
    outcome: () => outcome,
    release: () => trap?.release(),
  };
}

/** Ends the run and, after the server had time for the batch, the machine it ran on. */
async function endRun(
  wire: WireCutover,
  of: {
    readonly begun: Promise<void>;
    readonly side: Side;
    readonly stop: AbortController;
  },
): Promise<void> {
  await of.begun;
  of.stop.abort();
  const session = await wire.lab.session(of.side);
  await session.execute({
    text: "WAITFOR DELAY '00:00:00.300';",
    parameters: [],
    limitMs: 5000,
    signal: new AbortController().signal,
  });
  wire.proxies[of.side].cut();
}

async function finish(operator: Operator, intent: Intent): Promise<void> {
  let last = '';
  for (let tries = 0; tries < 3; tries += 1) {
    const result = await operator.run(intent);
    if (result.outcome === 'done') return;
    last = `${result.outcome} ${result.rule} ${JSON.stringify(operator.problems.at(-1))}`;
  }
  assert.fail(`the second run does not finish: ${last}`);
}

/** Tests of one act: the wire is broken at every point, the same goal is asked for again without faults. */
export function breakEverywhere(kind: BrokenKind): void {
  const broken = ACTS[kind];
  for (const point of pointsOf(broken)) {
    test(`${kind}: ${point.name}`, (context) => breakOnce(context, { kind, broken, point }));
  }
}

/** The points at which a failback's acts are broken too; the text of the batch is the same. */
const MIRRORED_POINTS = [
  'reset before it leaves',
  'reset after its effect and before the answer',
  'its answer cut inside a token',
  'its answer lost in silence',
];

/** Tests of one act of a failback. */
export function breakMirrored(kind: SwitchKind): void {
  const broken = mirrored(kind);
  const points = pointsOf(broken).filter(({ name }) => MIRRORED_POINTS.includes(name));
  assert.equal(points.length, MIRRORED_POINTS.length);
  for (const point of points) {
    test(`${kind} of a failback: ${point.name}`, (context) =>
      breakOnce(context, { kind, broken, point }));
  }
}

async function breakOnce(
  context: TestContext,
  how: Pick<Breaking, 'kind' | 'broken' | 'point'>,
): Promise<void> {
  const { broken, point } = how;
  const cutover = { deadMan: 'off', maxOutageMs: 30_000, fenceLogins: [] } as const;
  const wire = await startWireCutover(context, cutover);
  await broken.prepare?.(wire);
  const { intent } = broken;
  const demoting = intent.goal === 'abort' ? broken.ends : otherSide(broken.ends);
  if (broken.late) {
    const instance = instanceOf[demoting];
    assert.ok(
      wire.lab.lab.fault({ fault: 'late-writer', instance, database: 'Adventureworks' }).ok,
    );
  }
  if (broken.after !== null) {
    const earlier = wire.operator('straight');
    const goal = demoting === 'source' ? 'cutover' : 'failback';
    await earlier.run({ goal }, diesBefore(broken.after));
    earlier.close();
  }
  const stop = new AbortController();
  const clock = impatientClock();
  const first = wire.operator('proxied', { clock });
  const interception = breaking(wire, { ...how, stop, clock });
  const result = await first.run(intent, interception, stop.signal);
  assert.equal(interception.outcome(), point.outcome, `${result.outcome} ${result.rule}`);
  interception.release();
  first.close();
  wire.proxies.source.cut();
  wire.proxies.target.cut();
  if (broken.isSplit !== true) await wire.tryBoth();
  await finish(wire.operator('straight'), intent);
  await wire.demandOne(broken.ends);
}

/** Kinds of acts that are broken on the wire at every point. */
export const brokenKinds: ReadonlySet<string> = new Set(Object.keys(ACTS));

/** Names of the points at which an act is broken. */
export function pointNames(kind: BrokenKind): readonly string[] {
  return pointsOf(ACTS[kind]).map(({ name }) => name);
}
