/** A seeded source of chance: the same seed gives the same numbers on every machine. */
export interface Prng {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  /** A child whose numbers do not depend on how often the parent is asked. */
  split(label: string): Prng;
}

/** Makes a generator (mulberry32: 32 bits of state, enough for test schedules and sample data). */
export function makePrng(seed: number): Prng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    split: (label) => makePrng(hashLabel(seed, label)),
  };
}

/** FNV-1a over the seed and the label. */
function hashLabel(seed: number, label: string): number {
  let hash = (2_166_136_261 ^ seed) >>> 0;
  for (const character of label) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  }
  return hash;
}
