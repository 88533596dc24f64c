/** Strongly connected components of a part of a graph (Tarjan, without recursion). */

import type { Graph } from './graph.ts';

const unseen = 0;
const closed = 0xffff_ffff;

/** Which states and which movers belong to the part that is looked at. */
export interface Part {
  /** 1: the state belongs to it. */
  readonly states: Uint8Array;
  readonly by: number;
}

/** An effective act of sqlferry that can be followed by itself: the state it leaves, or null. */
export function effectiveCycle(graph: Graph, part: Part): number | null {
  const component = components(graph, part);
  for (let index = 0; index < component.length; index += 1) {
    if (part.states[index] !== 1) continue;
    const end = graph.first(index + 1);
    for (let way = graph.first(index); way < end; way += 1) {
      if (!graph.isEffective(way) || !graph.isBy(way, part.by)) continue;
      const to = graph.to(way);
      if (part.states[to] === 1 && component[to] === component[index]) return index;
    }
  }
  return null;
}

/** A number per state that the states of one component share. */
export function components(graph: Graph, part: Part): Uint32Array {
  const search = new Search(graph, part);
  for (let index = 0; index < part.states.length; index += 1)
    if (part.states[index] === 1) search.from(index);
  return search.component;
}

class Search {
  readonly component: Uint32Array;
  readonly #graph: Graph;
  readonly #part: Part;
  /** Order of discovery, lowered to that of the oldest state that can be reached; then closed. */
  readonly #low: Uint32Array;
  /** The way that is looked at next, of every state on the path. */
  readonly #next: Uint32Array;
  readonly #path: number[] = [];
  readonly #open: number[] = [];
  #count = 0;
  #components = 0;

  constructor(graph: Graph, part: Part) {
    this.#graph = graph;
    this.#part = part;
    const size = part.states.length;
    this.component = new Uint32Array(size);
    this.#low = new Uint32Array(size);
    this.#next = new Uint32Array(size);
  }

  from(root: number): void {
    if (this.#low[root] !== unseen) return;
    this.#enter(root);
    while (this.#path.length > 0) this.#step(this.#path.at(-1) ?? root);
  }

  #enter(index: number): void {
    this.#count += 1;
    this.#low[index] = this.#count;
    // Until the component is known, its number is the order of discovery of the state itself.
    this.component[index] = this.#count;
    this.#next[index] = this.#graph.first(index);
    this.#path.push(index);
    this.#open.push(index);
  }

  #step(index: number): void {
    const end = this.#graph.first(index + 1);
    let way = this.#next[index] ?? end;
    for (; way < end; way += 1) {
      const to = this.#graph.to(way);
      if (this.#part.states[to] !== 1 || !this.#graph.isBy(way, this.#part.by)) continue;
      if (this.#low[to] === unseen) {
        this.#next[index] = way;
        this.#enter(to);
        return;
      }
      this.#lower(index, to);
    }
    this.#next[index] = way;
    this.#leave(index);
  }

  #lower(index: number, to: number): void {
    const low = this.#low[to] ?? closed;
    if (low !== closed && low < (this.#low[index] ?? closed)) this.#low[index] = low;
  }

  #leave(index: number): void {
    this.#path.pop();
    if (this.#low[index] === this.component[index]) {
      this.#components += 1;
      for (;;) {
        const member = this.#open.pop() ?? index;
        this.#low[member] = closed;
        this.component[member] = this.#components;
        if (member === index) break;
      }
    }
    const above = this.#path.at(-1);
    if (above !== undefined) this.#lower(above, index);
  }
}
