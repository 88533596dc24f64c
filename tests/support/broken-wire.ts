/**
 * An act that moves the role or the register, broken on the wire in every way: the same operator or
 * another one finishes, never are two copies writable, and no acknowledged commit is lost.
 */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Interception } from '../../src/engine/run.ts';
import type { Act, ActReply } from '../../src/model/act.ts';
import type { Intent } from '../../src/model/decision.ts';
import type { Side } from '../../src/model/side.ts';
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
export type BrokenKind =
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
  readonly goal: 'cutover' | 'abort';
  /** Log that the target has not confirmed: equality is not proven in the demotion. */
  readonly late: boolean;
  /** Where an earlier cutover died, so that there is something to abort. */
  readonly after: Act['kind'] | null;
  /** Points inside the batch. */
  readonly inside: readonly Omit<TrapPoint, 'pattern'>[];
  readonly statement: string;
}

const commits = (when: 'before' | 'after') => ({ when, what: 'commit' }) as const;
const statements = (when: 'before' | 'after') => ({ when, what: 'statement' }) as const;
const FORCE = 'force-failover-allow-data-loss';

const ACTS: Readonly<Record<BrokenKind, Broken>> = {
  demote: {
    side: 'source',
    text: '@from_epoch',
    goal: 'cutover',
    late: false,
    after: null,
    inside: [commits('after'), statements('before'), statements('after')],
    statement: 'set-role-secondary',
  },
  'commit-epoch': {
    side: 'source',
    text: '@commit_epoch',
    goal: 'cutover',
    late: true,
    after: null,
    inside: [commits('before'), commits('after')],
    statement: '',
  },
  promote: {
    side: 'target',
    text: '@promote_epoch',
    goal: 'cutover',
    late: false,
    after: null,
    inside: [statements('before'), statements('after')],
    statement: FORCE,
  },
  'close-epoch': {
    side: 'source',
    text: '@close_epoch',
    goal: 'cutover',
    late: false,
    after: null,
    inside: [commits('before'), commits('after')],
    statement: '',
  },
  'refuse-epoch': {
    side: 'target',
    text: '@epoch bigint = CONVERT(bigint, @refuse_epoch)',
    goal: 'abort',
    late: false,
    after: 'promote',
    inside: [commits('before'), commits('after')],
    statement: '',
  },
  'give-back': {
    side: 'source',
    text: '@give_back_epoch',
    goal: 'abort',
    late: true,
    after: 'commit-epoch',
    inside: [commits('after'), statements('before'), statements('after')],
    statement: FORCE,
  },
};

/** Where the request or its answer is broken. */
interface Point {
  readonly name: string;
  /** The fault, and the trap that tells when the server is there. */
  arm(wire: WireCutover, broken: Broken): { fault: WireFault; trap: Trap | null };
  /** The operator never hears of it and is ended from outside. */
  readonly endsRun?: true;
  /** What the operator hears in the end. */
  readonly outcome: ActReply['outcome'];
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
    plain('its answer lost in silence', { kind: 'half-open' }, true),
  ];
}

/** Breaks the first such act of a run; later ones pass. */
function breaking(
  wire: WireCutover,
  how: { readonly kind: BrokenKind; readonly point: Point; readonly stop: AbortController },
): Interception & {
  readonly outcome: () => ActReply['outcome'] | null;
  readonly release: () => void;
} {
  const broken = ACTS[how.kind];
  let trap: Trap | null = null;
  let done = false;
  let outcome: ActReply['outcome'] | null = null;
  return {
    before(act) {
      if (act.kind !== how.kind || done) return Promise.resolve(null);
      done = true;
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
      if (act.kind !== how.kind) return;
      outcome ??= reply.outcome;
      await wire.tryBoth();
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
    test(`${kind}: ${point.name}`, (context) => breakOnce(context, kind, point));
  }
}

async function breakOnce(context: TestContext, kind: BrokenKind, point: Point): Promise<void> {
  const broken = ACTS[kind];
  const cutover = { deadMan: 'off', maxOutageMs: 30_000, fenceLogins: [] } as const;
  const wire = await startWireCutover(context, cutover);
  const intent = { goal: broken.goal } as const;
  if (broken.late) {
    const database = 'Adventureworks';
    assert.ok(wire.lab.lab.fault({ fault: 'late-writer', instance: 'OnPremNode', database }).ok);
  }
  if (broken.after !== null) {
    const earlier = wire.operator('straight');
    await earlier.run({ goal: 'cutover' }, diesBefore(broken.after));
    earlier.close();
  }
  const stop = new AbortController();
  const first = wire.operator('proxied');
  const interception = breaking(wire, { kind, point, stop });
  const result = await first.run(intent, interception, stop.signal);
  assert.equal(interception.outcome(), point.outcome, `${result.outcome} ${result.rule}`);
  interception.release();
  first.close();
  wire.proxies.source.cut();
  wire.proxies.target.cut();
  await wire.tryBoth();
  await finish(wire.operator('straight'), intent);
  await wire.demandOne(broken.goal === 'cutover' ? 'target' : 'source');
}
