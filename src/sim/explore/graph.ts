/**
 * The ways between the states of a small world, with who goes each: what can be reached by whom.
 *
 * Faults are not among the ways. One number a way: the state it leads to, who makes the move, and
 * whether it is an act of sqlferry that changed servers or registers.
 */

import type { Mover } from './mover.ts';
import { NumberList } from './number-list.ts';

/** Most states that a way has room for. */
export const maxStates = 2 ** 28;

const stateMask = maxStates - 1;
const moverShift = 28;
const moverMask = 7;
const effectBit = 0x8000_0000;

const movers: readonly Mover[] = [
  'server',
  'dead-man',
  'batch',
  'operator',
  'person',
  'application',
  'clock',
  'network',
];

/** A set of movers, as bits. */
export function moverSet(...members: readonly Mover[]): number {
  let set = 0;
  for (const mover of members) set |= 1 << movers.indexOf(mover);
  return set;
}

/** States by number, each with its ways; filled state by state. */
export class Graph {
  readonly #starts = new NumberList();
  readonly #ways = new NumberList();

  /** States whose ways are known. */
  get size(): number {
    return Math.max(0, this.#starts.length - 1);
  }

  /** Bytes of the graph. */
  get bytes(): number {
    return this.#starts.bytes + this.#ways.bytes;
  }

  /** What follows are the ways of the next state. */
  begin(): void {
    this.#starts.push(this.#ways.length);
  }

  /** One way of the state that was begun last. */
  add(to: number, by: Mover, isEffective: boolean): void {
    const word = to | (movers.indexOf(by) << moverShift);
    this.#ways.push((isEffective ? word | effectBit : word) >>> 0);
  }

  /** The last state is complete. */
  end(): void {
    this.#starts.push(this.#ways.length);
  }

  /** Position of the first way of a state; those of state n end where those of n + 1 begin. */
  first(index: number): number {
    return this.#starts.at(index);
  }

  /** Where a way leads. */
  to(way: number): number {
    return this.#ways.at(way) & stateMask;
  }

  /** Whether one of these movers goes the way. */
  isBy(way: number, by: number): boolean {
    return ((by >>> ((this.#ways.at(way) >>> moverShift) & moverMask)) & 1) === 1;
  }

  /** Whether the way is an act of sqlferry that changed servers or registers. */
  isEffective(way: number): boolean {
    return (this.#ways.at(way) & effectBit) !== 0;
  }

  /** Marks every state from which these movers can reach a marked one. */
  spreadBack(marks: Uint8Array, by: number): void {
    let changed = true;
    while (changed) {
      changed = false;
      for (let index = marks.length - 1; index >= 0; index -= 1) {
        if (marks[index] === 1 || !this.#leadsTo(index, marks, by)) continue;
        marks[index] = 1;
        changed = true;
      }
    }
  }

  /** Marks every state that these movers can reach from a marked one, not going on beyond `ends`. */
  spreadForward(marks: Uint8Array, by: number, ends: Uint8Array): void {
    let changed = true;
    while (changed) {
      changed = false;
      for (let index = 0; index < marks.length; index += 1) {
        if (marks[index] !== 1 || ends[index] === 1) continue;
        const end = this.first(index + 1);
        for (let way = this.first(index); way < end; way += 1) {
          const to = this.to(way);
          if (marks[to] === 1 || !this.isBy(way, by)) continue;
          marks[to] = 1;
          // What lies behind comes in this turn; what lies before, in the next.
          if (to < index) changed = true;
        }
      }
    }
  }

  #leadsTo(index: number, marks: Uint8Array, by: number): boolean {
    const end = this.first(index + 1);
    for (let way = this.first(index); way < end; way += 1)
      if (marks[this.to(way)] === 1 && this.isBy(way, by)) return true;
    return false;
  }
}
