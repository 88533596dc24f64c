/**
 * Promises that a single move can break, beside roles and decisions: deadlines, equality of the logs,
 * refusals, one operator at a time, and that nothing is done any more where everything is done.
 */

import type { HadrState } from '../../lab/hadr/state.ts';
import type { Side } from '../../model/side.ts';
import { otherSide } from '../../model/side.ts';
import type { Breach } from './breach.ts';
import type { Goal } from './configuration.ts';
import { dagKey, serverKeys } from './hadr-node.ts';
import type { Operator } from './operator.ts';
import type { RegisterSpace } from './registers.ts';
import { database } from './start.ts';
import type { Move, WorldState } from './move.ts';
import type { World } from './world.ts';

const databaseKey = database.toLowerCase();
const sides = ['source', 'target'] as const;

/** Looks of an operator that is started again where everything is done. */
const looksAgain = 8;

/** The checks of one world. */
export class Promises {
  readonly #world: World;
  readonly #registers: RegisterSpace;
  readonly #again = new Map<string, Breach | null>();

  constructor(world: World, registers: RegisterSpace) {
    this.#world = world;
    this.#registers = registers;
  }

  /** Ends at which sqlferry was started once more (INV-18). */
  get again(): number {
    return this.#again.size;
  }

  /** What a move from a state breaks. */
  check(state: WorldState, move: Move): Breach | null {
    if (!this.#world.configuration.promises) return null;
    let found: Breach | null = null;
    if (move.control !== state.control) {
      const same = this.#registers.of(state.control) === this.#registers.of(move.control);
      if (!same) found = this.#decision(state, move);
    }
    if (move.act?.kind === 'demote') found ??= this.#demotion(state, move);
    if (move.sends !== null) found ??= this.#together(state, move);
    if (move.ends === 'done') found ??= this.#rest(state, move);
    return found;
  }

  #decision(state: WorldState, move: Move): Breach | null {
    const before = this.#world.control.node(state.control).control;
    const after = this.#world.control.node(move.control).control;
    for (const side of sides) {
      const from = before[side].register;
      const to = after[side].register;
      if (from?.phase === 'fenced' && to !== null && to.epoch === from.epoch) {
        if (to.phase === 'committing' && from.isExpired)
          return { invariant: 'INV-6', what: 'decided forward after the deadline' };
        if (to.phase === 'committing' && this.#isBehind(move, side))
          return { invariant: 'INV-2', what: 'decided forward while the other side lacks log' };
        if (to.phase === 'aborted' && move.by === 'dead-man' && !from.isExpired)
          return { invariant: 'INV-17', what: 'the dead-man aborts before the deadline' };
      }
      const isRefusal =
        move.act?.kind === 'refuse-epoch' && after[side].refusedEpoch > before[side].refusedEpoch;
      if (isRefusal && this.#role(state, side) !== 'SECONDARY')
        return {
          invariant: 'INV-4',
          what: `the ${side} refuses an epoch under which it is ${this.#role(state, side)} already`,
        };
    }
    return null;
  }

  /** The demotion goes past its first look: there the databases have to be SYNCHRONIZED. */
  #demotion(state: WorldState, move: Move): Breach | null {
    const { operators } = this.#world;
    const passed =
      passes(operators.operator(state.a), operators.operator(move.a)) ||
      passes(operators.operator(state.b), operators.operator(move.b));
    const side = move.act?.side ?? 'source';
    if (!passed || this.#isSynchronized(state, side)) return null;
    return { invariant: 'INV-5', what: `an outage begins on a ${side} that is not SYNCHRONIZED` };
  }

  /** One operator acts at a time, while the leadership locks are there: also where one sees one side only. */
  #together(state: WorldState, move: Move): Breach | null {
    if (!this.#world.configuration.leadership || move.who === null) return null;
    const other = this.#world.operators.operator(move.who === 'A' ? state.b : state.a);
    if (other.goal === null || other.batch === null) return null;
    return { invariant: 'INV-10', what: 'two operators act at the same time' };
  }

  /** Whoever asks for what is done already finds nothing to do. */
  #rest(state: WorldState, move: Move): Breach | null {
    const { configuration, operators } = this.#world;
    const isFirst = move.who === 'A';
    const other = operators.operator(isFirst ? move.b : move.a);
    const left = operators.operator(isFirst ? move.a : move.b);
    const { goal } = operators.operator(isFirst ? state.a : state.b);
    const isAlone = isNobody(other) && isNobody(left);
    if (configuration.look !== 'one-instant' || goal === null || !isAlone) return null;
    const key = `${move.hadr} ${move.control} ${goal}`;
    const known = this.#again.get(key);
    if (known !== undefined) return known;
    const found = this.#startAgain(move, goal);
    this.#again.set(key, found);
    return found;
  }

  #startAgain(state: WorldState, goal: Goal): Breach | null {
    const { operators } = this.#world;
    let at = operators.nobody();
    let { hadr, control } = state;
    for (let count = 0; count < looksAgain; count += 1) {
      const moves = operators.moves(at, { name: 'A', hadr, control }, [goal]);
      const next = moves.find((each) => !each.isFault);
      if (next === undefined) return null;
      if (next.sends !== null)
        return {
          invariant: 'INV-18',
          what: `sqlferry ${goal} is done, and started again it sends ${next.sends.kind}`,
        };
      if (count > 0 && operators.operator(next.operator).goal === null) return null;
      at = next.operator;
      ({ hadr, control } = next);
    }
    return null;
  }

  #isBehind(state: WorldState, side: Side): boolean {
    const { state: servers } = this.#world.hadr.node(state.hadr);
    const own = end(servers, side);
    const other = end(servers, otherSide(side));
    return own === undefined || other === undefined || other < own;
  }

  #isSynchronized(state: WorldState, side: Side): boolean {
    const { instances } = this.#world.hadr.node(state.hadr).state;
    const row = instances[serverKeys[side]]?.distributed[dagKey]?.databases[databaseKey];
    return row?.synchronizationState === 'SYNCHRONIZED';
  }

  #role(state: WorldState, side: Side): string {
    const { instances } = this.#world.hadr.node(state.hadr).state;
    return instances[serverKeys[side]]?.distributed[dagKey]?.role ?? 'without a role';
  }
}

function isNobody({ goal, orphan, late }: Operator): boolean {
  return goal === null && orphan === null && late === null;
}

function end(servers: HadrState, side: Side): bigint | undefined {
  return servers.instances[serverKeys[side]]?.databases[databaseKey]?.log.end;
}

/** A demotion of the operator leaves its first look. */
function passes(before: Operator, after: Operator): boolean {
  if (before === after) return false;
  const was = [before.batch, before.orphan, before.late];
  return [after.batch, after.orphan, after.late].some(
    (batch) =>
      batch?.act.kind === 'demote' &&
      batch.at === 'compare' &&
      was.some((each) => each?.act === batch.act && each.at === 'begin'),
  );
}
