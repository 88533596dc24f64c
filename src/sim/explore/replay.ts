/**
 * INV-8 as a question to every situation of servers and registers: what if a batch that was sent some
 * time ago arrives now (again)? Asked for every role act that was sent anywhere in the world, wherever
 * its time is over: its effect is there already, its epoch was decided otherwise, or a later one runs.
 * Then it must change neither register nor refused epoch nor role. The locks are taken to be free: a
 * batch that waits for one arrives in a later situation.
 */

import type { Act } from '../../model/act.ts';
import { otherSide, type Side } from '../../model/side.ts';
import { newBatch, stepBatch } from '../semantics/batch.ts';
import type { Control, RegisterRow } from '../semantics/control.ts';
import { dagKey, serverKeys, textOf } from './hadr-node.ts';
import type { RegisterSpace } from './registers.ts';
import { Work } from './work.ts';
import type { WorldState } from './move.ts';
import type { World } from './world.ts';

/** Sub-steps that a batch may take before it counts as endless. */
const mostSteps = 20;

/** Room for registers in the number of a situation. */
const room = 2 ** 20;

/** Session of the batch that arrives again. */
const lateSession = 'late';

/** Acts that register, refused epoch or roles rest on. */
const roleActs: ReadonlySet<Act['kind']> = new Set<Act['kind']>([
  'demote',
  'commit-epoch',
  'promote',
  'refuse-epoch',
  'give-back',
  'close-epoch',
]);

/** A batch that changes something where its time is over. */
export interface Replay {
  readonly act: Act;
  readonly what: string;
  /** Whether a state is one of those in which it does. */
  readonly isIn: (state: WorldState) => boolean;
}

/** What was sent and where it could arrive, of one world. */
export class Replays {
  readonly #world: World;
  readonly #registers: RegisterSpace;
  readonly #situations = new Set<number>();
  readonly #seen = new WeakSet<Act>();
  readonly #acts = new Map<string, Act>();
  /** Batches that were tried, of all acts in all situations. */
  tried = 0;

  constructor(world: World, registers: RegisterSpace) {
    this.#world = world;
    this.#registers = registers;
  }

  /** A batch was sent. */
  sent(act: Act): void {
    if (this.#seen.has(act)) return;
    this.#seen.add(act);
    if (roleActs.has(act.kind)) this.#acts.set(textOf(act), act);
  }

  /** A state was seen. */
  note(state: WorldState): void {
    this.#situations.add(this.#situation(state));
  }

  /** Every batch that changes something somewhere where its time is over. */
  *broken(): Generator<Replay> {
    for (const act of this.#acts.values()) {
      const found = new Map<number, string>();
      for (const situation of this.#situations) {
        const what = this.#effect(act, situation);
        if (what !== null) found.set(situation, what);
      }
      const [first] = found.values();
      if (first === undefined) continue;
      yield {
        act,
        what: `a ${act.kind} that was sent earlier arrives ${first}`,
        isIn: (state) => found.has(this.#situation(state)),
      };
    }
  }

  #situation(state: WorldState): number {
    return state.hadr * room + this.#registers.of(state.control);
  }

  /** What the batch changes in a situation in which its time is over. */
  #effect(act: Act, situation: number): string | null {
    const hadr = Math.floor(situation / room);
    const registers = situation % room;
    const control = this.#registers.control(registers);
    if (!isOver(act, control, this.#role(hadr, act.side))) return null;
    this.tried += 1;
    const { configuration } = this.#world;
    const place = { name: 'A', hadr, control: 0 } as const;
    const work = new Work(this.#world.hadr, place, { control, configuration, act });
    let batch = newBatch(act, lateSession);
    for (let count = 0; count < mostSteps; count += 1) {
      const step = stepBatch(work.pair, batch);
      if (step.kind !== 'next') break;
      ({ batch } = step);
    }
    for (const side of ['source', 'target'] as const) {
      const before = this.#role(hadr, side);
      const after = this.#role(work.hadr, side);
      if (before !== after) return `and changes the ${side} from ${before} to ${after}`;
    }
    if (this.#registers.intern(work.pair.control) !== registers) return 'and changes the register';
    return null;
  }

  #role(hadr: number, side: Side): string {
    const { instances } = this.#world.hadr.node(hadr).state;
    return instances[serverKeys[side]]?.distributed[dagKey]?.role ?? 'none';
  }
}

/** The time of a batch is over: it took effect, or the epoch was decided otherwise, or a later one began. */
function isOver(act: Act, control: Control, role: string): boolean {
  const own = control[act.side];
  switch (act.kind) {
    case 'demote':
      return own.register !== null && own.register.epoch > act.fromEpoch;
    case 'commit-epoch':
      return isPast(own.register, act.epoch, ['committing', 'aborted', 'done']);
    case 'close-epoch':
      return isPast(own.register, act.epoch, ['aborted', 'done']);
    case 'give-back':
      if (isPast(own.register, act.epoch, ['done'])) return true;
      if (own.register?.phase === 'committing') return act.from === 'fenced';
      return own.register?.phase === 'aborted' && !own.register.isOwed;
    case 'promote':
      return (
        role === 'PRIMARY' ||
        isPast(control[otherSide(act.side)].register, act.epoch, ['aborted', 'done'])
      );
    case 'refuse-epoch':
      return own.refusedEpoch >= act.epoch;
    default:
      return false;
  }
}

function isPast(
  row: RegisterRow | null,
  epoch: bigint,
  phases: readonly RegisterRow['phase'][],
): boolean {
  return row !== null && (row.epoch > epoch || (row.epoch === epoch && phases.includes(row.phase)));
}
