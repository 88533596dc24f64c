/**
 * States of the whole small world: five small numbers each, kept in order of discovery.
 *
 * The order of discovery is the breadth-first order, so the store is its own queue. An open-addressing
 * table of indices finds a state again; parents give the shortest way back.
 */

/** Numbers per state: servers, registers, operator A, operator B, environment. */
export const fields = 5;

const firstCapacity = 1 << 16;
const maxLoad = 0.6;
const noParent = 0xffff_ffff;

/** The states. */
export class WorldSpace {
  #words = new Uint32Array(firstCapacity * fields);
  #parents = new Uint32Array(firstCapacity);
  #table = new Uint32Array(firstCapacity * 2);
  #mask = firstCapacity * 2 - 1;
  #size = 0;

  /** Number of states. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of the store. */
  get bytes(): number {
    return this.#words.byteLength + this.#parents.byteLength + this.#table.byteLength;
  }

  /** One number of a state. */
  field(index: number, field: number): number {
    return this.#words[index * fields + field] ?? 0;
  }

  /** Index of the state it was first reached from; null for the first. */
  parent(index: number): number | null {
    const parent = this.#parents[index] ?? noParent;
    return parent === noParent ? null : parent;
  }

  /** Index of the state; a new one is remembered with its parent. */
  // oxlint-disable-next-line max-params -- five numbers are a state; an object a call costs a third of the speed
  add(a: number, b: number, c: number, d: number, e: number, parent: number | null): number {
    let slot = hash(a, b, c, d, e) & this.#mask;
    for (;;) {
      const entry = this.#table[slot] ?? 0;
      if (entry === 0) break;
      const at = (entry - 1) * fields;
      const words = this.#words;
      if (
        words[at] === a &&
        words[at + 1] === b &&
        words[at + 2] === c &&
        words[at + 3] === d &&
        words[at + 4] === e
      )
        return entry - 1;
      slot = (slot + 1) & this.#mask;
    }
    const index = this.#size;
    if (index * fields >= this.#words.length) this.#growStates();
    const at = index * fields;
    this.#words[at] = a;
    this.#words[at + 1] = b;
    this.#words[at + 2] = c;
    this.#words[at + 3] = d;
    this.#words[at + 4] = e;
    this.#parents[index] = parent ?? noParent;
    this.#table[slot] = index + 1;
    this.#size = index + 1;
    if (this.#size > this.#table.length * maxLoad) this.#growTable();
    return index;
  }

  #growStates(): void {
    this.#words = grown(this.#words);
    this.#parents = grown(this.#parents);
  }

  #growTable(): void {
    const table = new Uint32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let index = 0; index < this.#size; index += 1) {
      const at = index * fields;
      const words = this.#words;
      let slot =
        hash(
          words[at] ?? 0,
          words[at + 1] ?? 0,
          words[at + 2] ?? 0,
          words[at + 3] ?? 0,
          words[at + 4] ?? 0,
        ) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = index + 1;
    }
    this.#table = table;
    this.#mask = mask;
  }
}

/** A list of numbers that grows. */
export class NumberList {
  #items = new Uint32Array(firstCapacity);
  length = 0;

  /** Adds a number at the end. */
  push(value: number): void {
    if (this.length === this.#items.length) this.#items = grown(this.#items);
    this.#items[this.length] = value;
    this.length += 1;
  }

  /** The number at a position. */
  at(index: number): number {
    return this.#items[index] ?? 0;
  }
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

// oxlint-disable-next-line max-params -- as above
function hash(a: number, b: number, c: number, d: number, e: number): number {
  let h = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca77);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2_ae3d) ^ Math.imul(c, 0x27d4_eb2f);
  h = Math.imul(h ^ (h >>> 13), 0x1656_67b1) ^ Math.imul(d, 0x9e37_79b1);
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca77) ^ Math.imul(e, 0xc2b2_ae3d);
  h = Math.imul(h ^ (h >>> 15), 0x27d4_eb2f);
  return (h ^ (h >>> 13)) >>> 0;
}
