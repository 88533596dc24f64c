/**
 * States of the whole small world: five small numbers each, kept in order of discovery.
 *
 * The order of discovery is the breadth-first order, so the store is its own queue. An open-addressing
 * table of indices finds a state again by comparing all five numbers (no state is taken for another);
 * parents give the shortest way back. About 33 bytes a state, outside the heap.
 */

import { NumberList } from './number-list.ts';

/** Numbers per state: servers, registers, operator A, operator B, environment. */
export const fields = 5;

const firstCapacity = 1 << 16;
const maxLoad = 0.7;
const noParent = 0xffff_ffff;
const rowBits = 16;
const rowMask = (1 << rowBits) - 1;
const nothing = new Uint32Array(0);

/** The states. */
export class WorldSpace {
  /** Rows of five numbers, in chunks that are never copied. */
  readonly #chunks: Uint32Array[] = [];
  readonly #parents = new NumberList();
  #table = new Uint32Array(firstCapacity);
  #mask = firstCapacity - 1;
  #size = 0;

  /** Number of states. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of the store. */
  get bytes(): number {
    const rows = this.#chunks.length * ((nothing.BYTES_PER_ELEMENT * fields) << rowBits);
    return rows + this.#parents.bytes + this.#table.byteLength;
  }

  /** One number of a state. */
  field(index: number, field: number): number {
    return this.#chunks[index >>> rowBits]?.[(index & rowMask) * fields + field] ?? 0;
  }

  /** Index of the state it was first reached from; null for the first. */
  parent(index: number): number | null {
    const parent = this.#parents.at(index);
    return parent === noParent ? null : parent;
  }

  /** Index of the state; a new one is remembered with its parent. */
  // oxlint-disable-next-line max-params -- five numbers are a state; an object a call costs a third of the speed
  add(a: number, b: number, c: number, d: number, e: number, parent: number | null): number {
    let slot = hash(a, b, c, d, e) & this.#mask;
    for (;;) {
      const entry = this.#table[slot] ?? 0;
      if (entry === 0) break;
      const rows = this.#chunks[(entry - 1) >>> rowBits] ?? nothing;
      const at = ((entry - 1) & rowMask) * fields;
      if (
        rows[at] === a &&
        rows[at + 1] === b &&
        rows[at + 2] === c &&
        rows[at + 3] === d &&
        rows[at + 4] === e
      )
        return entry - 1;
      slot = (slot + 1) & this.#mask;
    }
    const index = this.#size;
    const place = index & rowMask;
    if (place === 0) this.#chunks.push(new Uint32Array(fields << rowBits));
    const rows = this.#chunks[index >>> rowBits] ?? nothing;
    rows[place * fields] = a;
    rows[place * fields + 1] = b;
    rows[place * fields + 2] = c;
    rows[place * fields + 3] = d;
    rows[place * fields + 4] = e;
    this.#parents.push(parent ?? noParent);
    this.#table[slot] = index + 1;
    this.#size = index + 1;
    if (this.#size > this.#table.length * maxLoad) this.#growTable();
    return index;
  }

  #growTable(): void {
    const table = new Uint32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let index = 0; index < this.#size; index += 1) {
      const key = hash(
        this.field(index, 0),
        this.field(index, 1),
        this.field(index, 2),
        this.field(index, 3),
        this.field(index, 4),
      );
      let slot = key & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = index + 1;
    }
    this.#table = table;
    this.#mask = mask;
  }
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
