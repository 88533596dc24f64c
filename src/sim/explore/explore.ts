/**
 * Breadth-first over the small world, to completion: every state and every move is checked, and
 * afterwards the whole graph is asked what must still be possible and what must come to an end.
 */

import { required } from '../../base/assert.ts';
import type { Act } from '../../model/act.ts';
import type { Breach } from './breach.ts';
import type { Configuration } from './configuration.ts';
import { Graph, maxStates } from './graph.ts';
import { textOf } from './hadr-node.ts';
import { Liveness, type Stuck } from './liveness.ts';
import { Promises } from './promise.ts';
import { RegisterSpace } from './registers.ts';
import { Replays, type Replay } from './replay.ts';
import type { Move, WorldState } from './move.ts';
import { World } from './world.ts';
import { WorldSpace } from './world-space.ts';

/** One line of a counter-example. */
export interface TraceLine {
  readonly label: string;
  readonly act: Act | null;
}

/** A broken invariant with the shortest way to it. */
export interface CounterExample extends Breach {
  readonly trace: readonly TraceLine[];
}

/** What an exploration found. */
export interface Exploration {
  readonly configuration: Configuration;
  readonly states: number;
  readonly transitions: number;
  /** Longest of the shortest ways to a state. */
  readonly depth: number;
  /** All states were seen; false when the limit was reached or an invariant fell. */
  readonly isComplete: boolean;
  readonly counterExample: CounterExample | null;
  /** Situations of the servers, of the registers, and operators that occurred. */
  readonly parts: { readonly hadr: number; readonly control: number; readonly operators: number };
  /** Calls of the lab's engine and of the shipping decide(). */
  readonly calls: { readonly steps: number; readonly decided: number };
  /** Batches that were tried again where their time is over (INV-8). */
  readonly replayed: number;
  /** States that were asked whether the fence is lifted (INV-6) and whether an operator ends (INV-18, INV-19), and ends after which it was started again. */
  readonly asked: { readonly fenced: number; readonly alone: number; readonly again: number };
  /** Times that the simulated servers answered each other without end. */
  readonly restless: number;
  /** What the register said in some state, and `served by target`: a proof about nothing would lack them. */
  readonly reached: readonly string[];
  /** Bytes of states and ways, outside the heap. */
  readonly bytes: number;
}

/** Explores a configuration. */
export function explore(configuration: Configuration): Exploration {
  const search = new Search(configuration);
  return search.run();
}

interface Found {
  readonly at: number;
  readonly breach: Breach;
  readonly move: Move | null;
}

class Search {
  readonly #world: World;
  readonly #space = new WorldSpace();
  readonly #graph = new Graph();
  readonly #registers: RegisterSpace;
  readonly #promises: Promises;
  readonly #replays: Replays;
  #transitions = 0;
  #depth = 0;
  #asked = { fenced: 0, alone: 0 };

  constructor(configuration: Configuration) {
    this.#world = new World(configuration);
    this.#registers = new RegisterSpace(this.#world.control);
    this.#promises = new Promises(this.#world, this.#registers);
    this.#replays = new Replays(this.#world, this.#registers);
  }

  run(): Exploration {
    const first = this.#world.first();
    this.#space.add(first.hadr, first.control, first.a, first.b, first.environment, null);
    let levelEnd = 1;
    let found: Found | null = null;
    const limit = Math.min(this.#world.configuration.limit, maxStates - 1);
    for (let index = 0; index < this.#space.size && found === null; index += 1) {
      if (index === levelEnd) {
        this.#depth += 1;
        levelEnd = this.#space.size;
      }
      found = this.#visit(index);
      if (this.#space.size > limit) return this.#result(false, null);
    }
    this.#graph.end();
    if (found !== null) {
      const { at, breach, move } = found;
      const last = move === null ? [] : [{ label: move.label, act: move.act }];
      return this.#result(false, { ...breach, trace: [...this.#trace(at), ...last] });
    }
    return this.#result(true, this.#stuck() ?? this.#replayed());
  }

  /** Everything that may happen in one state. */
  #visit(index: number): Found | null {
    const state = this.#state(index);
    const broken = this.#world.check(state);
    let found: Found | null = broken === null ? null : { at: index, breach: broken, move: null };
    this.#replays.note(state);
    this.#graph.begin();
    this.#world.moves(state, (move) => {
      this.#transitions += 1;
      if (move.sends !== null) this.#replays.sent(move.sends);
      if (found === null) {
        const breach = move.breach ?? this.#promises.check(state, move);
        if (breach !== null) found = { at: index, breach, move };
      }
      const { hadr, control, a, b, environment } = move;
      const to = this.#space.add(hadr, control, a, b, environment, index);
      if (!move.isFault && to !== index)
        this.#graph.add(to, move.by, this.#isEffective(state, move));
    });
    return found;
  }

  /** An act of sqlferry that changed the servers or the registers, not a lock alone. */
  #isEffective(state: WorldState, move: Move): boolean {
    if (move.act === null || (move.by !== 'batch' && move.by !== 'operator')) return false;
    if (move.hadr !== state.hadr) return true;
    if (move.control === state.control) return false;
    return this.#registers.of(move.control) !== this.#registers.of(state.control);
  }

  #stuck(): CounterExample | null {
    const liveness = new Liveness(this.#world, this.#graph, (index) => this.#state(index));
    const stuck = liveness.check();
    this.#asked = liveness.asked;
    if (stuck === null) return null;
    return { ...stuck.breach, trace: [...this.#trace(stuck.at), ...this.#round(stuck)] };
  }

  /** A circle, once round. */
  #round({ at, circle }: Stuck): readonly TraceLine[] {
    if (circle === null) return [];
    const parents = new Map<number, number>();
    const queue = [at];
    for (let next = 0; next < queue.length && !parents.has(at); next += 1) {
      const from = queue[next] ?? at;
      const end = this.#graph.first(from + 1);
      for (let way = this.#graph.first(from); way < end; way += 1) {
        const to = this.#graph.to(way);
        if (circle.states[to] !== 1 || parents.has(to) || !this.#graph.isBy(way, circle.by))
          continue;
        // The first way has to be the act itself, not one beside it.
        if (from === at && !this.#graph.isEffective(way)) continue;
        parents.set(to, from);
        queue.push(to);
      }
    }
    return this.#path(at, parents).map((line) => ({ ...line, label: `again: ${line.label}` }));
  }

  /** The lines of a way back to where it began. */
  #path(end: number, parents: ReadonlyMap<number, number>): readonly TraceLine[] {
    const lines: TraceLine[] = [];
    let at = end;
    for (let parent = parents.get(at); parent !== undefined; parent = parents.get(at)) {
      lines.unshift(this.#line(parent, at));
      at = parent;
      if (at === end || lines.length > parents.size) break;
    }
    return lines;
  }

  /** A batch that was sent, and changes something long after (INV-8). */
  #replayed(): CounterExample | null {
    for (const replay of this.#replays.broken()) {
      const trace = this.#witness(replay);
      if (trace !== null) return { invariant: 'INV-8', what: replay.what, trace };
    }
    return null;
  }

  /** A way on which the batch is sent and after which it does harm; null when there is none. */
  #witness({ act, isIn }: Replay): readonly TraceLine[] | null {
    const text = textOf(act);
    const parents = new Map<number, number>();
    const queue: number[] = [];
    for (let from = 0; from < this.#space.size; from += 1) {
      this.#world.moves(this.#state(from), (move) => {
        if (move.sends === null || textOf(move.sends) !== text) return;
        const to = this.#find(move);
        if (!parents.has(to)) queue.push(to);
        if (!parents.has(to)) parents.set(to, -1 - from);
      });
    }
    for (let next = 0; next < queue.length; next += 1) {
      const from = queue[next] ?? 0;
      const state = this.#state(from);
      if (isIn(state)) {
        const last = { label: `a copy of ${act.kind} arrives on the ${act.side}`, act };
        return [...this.#wayThrough(from, parents), last];
      }
      this.#world.moves(state, (move) => {
        const to = this.#find(move);
        if (parents.has(to)) return;
        parents.set(to, from);
        queue.push(to);
      });
    }
    return null;
  }

  /** From the beginning to where the batch was sent, and on from there. */
  #wayThrough(end: number, parents: ReadonlyMap<number, number>): readonly TraceLine[] {
    const lines: TraceLine[] = [];
    let at = end;
    for (;;) {
      const parent = parents.get(at) ?? -1;
      if (parent < 0) return [...this.#trace(-1 - parent), this.#line(-1 - parent, at), ...lines];
      lines.unshift(this.#line(parent, at));
      at = parent;
    }
  }

  #find({ hadr, control, a, b, environment }: WorldState): number {
    return this.#space.add(hadr, control, a, b, environment, null);
  }

  #state(index: number): WorldState {
    const space = this.#space;
    return {
      hadr: space.field(index, 0),
      control: space.field(index, 1),
      a: space.field(index, 2),
      b: space.field(index, 3),
      environment: space.field(index, 4),
    };
  }

  /** The way from the first state to this one, by asking each parent again. */
  #trace(index: number): readonly TraceLine[] {
    const lines: TraceLine[] = [];
    let at = index;
    for (let parent = this.#space.parent(at); parent !== null; parent = this.#space.parent(at)) {
      lines.unshift(this.#line(parent, at));
      at = parent;
    }
    return lines;
  }

  #line(from: number, to: number): TraceLine {
    const wanted = this.#state(to);
    let line: TraceLine | null = null;
    this.#world.moves(this.#state(from), (move) => {
      const same =
        move.hadr === wanted.hadr &&
        move.control === wanted.control &&
        move.a === wanted.a &&
        move.b === wanted.b &&
        move.environment === wanted.environment;
      if (same) line ??= { label: move.label, act: move.act };
    });
    return required(line as TraceLine | null, 'the move to a state that was reached');
  }

  #result(isComplete: boolean, counterExample: CounterExample | null): Exploration {
    const { hadr, control, operators, configuration } = this.#world;
    return {
      configuration,
      states: this.#space.size,
      transitions: this.#transitions,
      depth: this.#depth,
      isComplete,
      counterExample,
      parts: { hadr: hadr.size, control: control.size, operators: operators.size },
      replayed: this.#replays.tried,
      asked: { ...this.#asked, again: this.#promises.again },
      restless: hadr.restless,
      calls: { steps: hadr.steps, decided: operators.decided },
      reached: this.#world.reached(),
      bytes: this.#space.bytes + this.#graph.bytes,
    };
  }
}
