/** Real chance, from the operating system: the only place of the program that rolls dice. */

import { randomInt, randomUUID } from 'node:crypto';

import type { Random } from '../ports/random.ts';

/** Largest range `randomInt` takes (2^48 - 1). */
const RANGE = 281_474_976_710_655;

/** Chance from the operating system's generator. */
export const systemRandom: Random = {
  next: () => randomInt(RANGE) / RANGE,
  guid: () => randomUUID().toUpperCase(),
};
