/** Long lists of small numbers outside the heap, in chunks: they grow without ever being copied. */

const chunkBits = 18;
const chunkSize = 1 << chunkBits;
const chunkMask = chunkSize - 1;

/** Unsigned 32-bit numbers. */
export class NumberList {
  readonly #chunks: Uint32Array[] = [];
  #last = new Uint32Array(0);
  #length = 0;

  /** Numbers in the list. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of the list. */
  get bytes(): number {
    return this.#chunks.length * chunkSize * Uint32Array.BYTES_PER_ELEMENT;
  }

  /** Adds a number at the end. */
  push(value: number): void {
    const place = this.#length & chunkMask;
    if (place === 0) {
      this.#last = new Uint32Array(chunkSize);
      this.#chunks.push(this.#last);
    }
    this.#last[place] = value;
    this.#length += 1;
  }

  /** The number at a position; 0 beyond the end. */
  at(index: number): number {
    return this.#chunks[index >>> chunkBits]?.[index & chunkMask] ?? 0;
  }
}
