/**
 * What must be possible, and what must come to an end: questions to the whole graph of a world.
 *
 * A way that leads on for ever is fair when whatever is possible again and again happens some time. On
 * a finite graph every fair way reaches a goal exactly when the goal can be reached from every state
 * that can be reached; that is what is asked here.
 */

import type { Side } from '../../model/side.ts';
import { effectiveCycle } from './cycle.ts';
import type { Breach } from './breach.ts';
import { moverSet, type Graph } from './graph.ts';
import type { WorldState } from './move.ts';
import type { World } from './world.ts';

/** A state from which something that was promised cannot come. */
export interface Stuck {
  readonly at: number;
  readonly breach: Breach;
  /** Set for a circle: the states it may lead through, and who moves in it. */
  readonly circle: { readonly states: Uint8Array; readonly by: number } | null;
}

const everybody = moverSet(
  'server',
  'dead-man',
  'batch',
  'operator',
  'person',
  'application',
  'clock',
  'network',
);
/** Nobody operates: the servers, what runs on them, and time. */
const unattended = moverSet('server', 'dead-man', 'batch', 'clock');
/** One operator, no person and no application beside it, and a network that heals. */
const attended = moverSet('server', 'dead-man', 'batch', 'operator', 'clock', 'network');
/** The same while the network stays as it is. */
const undisturbed = moverSet('server', 'dead-man', 'batch', 'operator', 'clock');

/** The questions of one world. */
export class Liveness {
  readonly #world: World;
  readonly #graph: Graph;
  readonly #state: (index: number) => WorldState;
  /** States that were asked: fenced ones that nobody attends, and those of an operator that is alone. */
  readonly asked = { fenced: 0, alone: 0 };

  constructor(world: World, graph: Graph, state: (index: number) => WorldState) {
    this.#world = world;
    this.#graph = graph;
    this.#state = state;
  }

  /** The first promise that is not kept, if there is one. */
  check(): Stuck | null {
    return (
      this.#reachable() ??
      this.#lifted('source') ??
      this.#lifted('target') ??
      this.#ends() ??
      this.#circles()
    );
  }

  /** INV-7: from every state one writable copy can be reached without a further fault. */
  #reachable(): Stuck | null {
    const marks = this.#marks((state) => this.#world.isServed(state));
    this.#graph.spreadBack(marks, everybody);
    const what = 'no writable copy can be reached from here without a further fault';
    return stuckAt(marks.indexOf(0), { invariant: 'INV-7', what });
  }

  /** INV-6: while its dead-man runs, a fence that nobody decides is lifted by the servers alone. */
  #lifted(side: Side): Stuck | null {
    const waiting = this.#marks((state) => this.#waitsForDeadMan(state, side));
    if (!waiting.includes(1)) return null;
    const lifted = this.#marks((state) => this.#isLifted(state, side));
    this.#graph.spreadForward(waiting, unattended, lifted);
    this.asked.fenced += count(waiting);
    this.#graph.spreadBack(lifted, unattended);
    const at = waiting.findIndex((mark, index) => mark === 1 && lifted[index] !== 1);
    const what = `without an operator the ${side} stays fenced, although its dead-man ran`;
    return stuckAt(at, { invariant: 'INV-6', what });
  }

  /** INV-18: an operator that is alone comes to its end. */
  #ends(): Stuck | null {
    const ended = this.#marks((state) => this.#running(state) === 0);
    this.#graph.spreadBack(ended, attended);
    const alone = this.#marks((state) => this.#running(state) === 1);
    this.asked.alone = count(alone);
    const at = alone.findIndex((mark, index) => mark === 1 && ended[index] !== 1);
    const what = 'an operator that is alone, without further faults, never comes to an end';
    return stuckAt(at, { invariant: 'INV-18', what });
  }

  /** INV-19: one operator does not go round in a circle in which its acts change something. */
  #circles(): Stuck | null {
    const states = this.#marks((state) => this.#running(state) === 1);
    const circle = { states, by: undisturbed };
    const at = effectiveCycle(this.#graph, circle);
    const what = 'the same acts change servers and registers round and round';
    return at === null ? null : { at, breach: { invariant: 'INV-19', what }, circle };
  }

  #marks(isMarked: (state: WorldState) => boolean): Uint8Array {
    const marks = new Uint8Array(this.#graph.size);
    for (let index = 0; index < marks.length; index += 1)
      if (isMarked(this.#state(index))) marks[index] = 1;
    return marks;
  }

  #running({ a, b }: WorldState): number {
    const { operators } = this.#world;
    const isRunning = (id: number): number => (operators.operator(id).goal === null ? 0 : 1);
    return isRunning(a) + isRunning(b);
  }

  #waitsForDeadMan(state: WorldState, side: Side): boolean {
    const { control, deadMan } = this.#world.control.node(state.control);
    const row = control[side].register;
    const job = deadMan[side];
    // Rows that somebody has spoilt end the job: nothing here says any more what was promised.
    if (row?.isIntact !== true || job === null) return false;
    const isDue = row.phase === 'fenced' || (row.phase === 'aborted' && row.isOwed);
    if (!isDue) return false;
    return job.epoch === null || job.epoch === row.epoch;
  }

  /** It takes writes again, or somebody decided forward. */
  #isLifted(state: WorldState, side: Side): boolean {
    const facts = this.#world.hadr.facts(state.hadr);
    if (side === 'source' ? facts.sourceWritable : facts.targetWritable) return true;
    const phase = this.#world.control.node(state.control).control[side].register?.phase;
    return phase === 'committing' || phase === 'done';
  }
}

function count(marks: Uint8Array): number {
  let found = 0;
  for (const mark of marks) found += mark;
  return found;
}

function stuckAt(at: number, breach: Breach): Stuck | null {
  return at === -1 ? null : { at, breach, circle: null };
}
