/**
 * Breadth-first over the small world, to completion: every state is checked, and afterwards every
 * state is asked whether a writable copy can still be reached from it.
 */

import { required } from '../../base/assert.ts';
import type { Act } from '../../model/act.ts';
import type { Breach } from './breach.ts';
import type { Configuration } from './configuration.ts';
import { World, type Move, type WorldState } from './world.ts';
import { NumberList, WorldSpace } from './world-space.ts';

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
  /** Times that the simulated servers answered each other without end. */
  readonly restless: number;
  /** What the register said in some state, and `served by target`: a proof about nothing would lack them. */
  readonly reached: readonly string[];
  readonly bytes: number;
}

/** Explores a configuration; `tell` hears the number of states from time to time. */
export function explore(
  configuration: Configuration,
  tell: (states: number) => void = () => undefined,
): Exploration {
  const search = new Search(configuration);
  return search.run(tell);
}

const tellEvery = 1 << 18;

class Search {
  readonly #world: World;
  readonly #space = new WorldSpace();
  /** Moves that are no faults: where each state's begin, and where they lead. */
  readonly #starts = new NumberList();
  readonly #ways = new NumberList();
  #transitions = 0;
  #depth = 0;

  constructor(configuration: Configuration) {
    this.#world = new World(configuration);
  }

  run(tell: (states: number) => void): Exploration {
    const first = this.#world.first();
    this.#space.add(first.hadr, first.control, first.a, first.b, first.environment, null);
    let levelEnd = 1;
    let found: { readonly at: number; readonly breach: Breach; readonly move: Move | null } | null =
      null;
    const { limit } = this.#world.configuration;
    for (let index = 0; index < this.#space.size && found === null; index += 1) {
      if (index === levelEnd) {
        this.#depth += 1;
        levelEnd = this.#space.size;
      }
      if (index % tellEvery === tellEvery - 1) tell(this.#space.size);
      const state = this.#state(index);
      const broken = this.#world.check(state);
      if (broken !== null) found = { at: index, breach: broken, move: null };
      this.#starts.push(this.#ways.length);
      this.#world.moves(state, (move) => {
        this.#transitions += 1;
        if (move.breach !== null) found ??= { at: index, breach: move.breach, move };
        const to = this.#space.add(
          move.hadr,
          move.control,
          move.a,
          move.b,
          move.environment,
          index,
        );
        if (!move.isFault && to !== index) this.#ways.push(to);
      });
      if (this.#space.size > limit) return this.#result(false, null);
    }
    this.#starts.push(this.#ways.length);
    if (found !== null) {
      const { at, breach, move } = found;
      const trace = this.#trace(at);
      const last = move === null ? [] : [{ label: move.label, act: move.act }];
      return this.#result(false, { ...breach, trace: [...trace, ...last] });
    }
    return this.#result(true, this.#stuck());
  }

  /** A state from which no writable copy can be reached without a further fault, if there is one. */
  #stuck(): CounterExample | null {
    const reaches = new Uint8Array(this.#space.size);
    for (let index = 0; index < reaches.length; index += 1)
      reaches[index] = this.#world.isServed(this.#state(index)) ? 1 : 0;
    this.#spread(reaches);
    const stuck = reaches.indexOf(0);
    if (stuck === -1) return null;
    return {
      invariant: 'INV-7',
      what: 'no writable copy can be reached from here without a further fault',
      trace: this.#trace(stuck),
    };
  }

  /** Marks every state from which a marked one can be reached. */
  #spread(marks: Uint8Array): void {
    let changed = true;
    while (changed) {
      changed = false;
      for (let index = marks.length - 1; index >= 0; index -= 1) {
        if (marks[index] === 1) continue;
        const end = this.#starts.at(index + 1);
        for (let way = this.#starts.at(index); way < end; way += 1) {
          if (marks[this.#ways.at(way)] !== 1) continue;
          marks[index] = 1;
          changed = true;
          break;
        }
      }
    }
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
      restless: hadr.restless,
      calls: { steps: hadr.steps, decided: operators.decided },
      reached: this.#world.reached(),
      bytes: this.#space.bytes,
    };
  }
}
