/** The ids that somebody may have meant who typed one that is none. Pure. */

import { editDistance } from '../adapters/config/suggest.ts';

/** Longest text that is compared; more is no id. */
const LONGEST = 40;

/** The nearest ids, best first, at most `count`; one that shares the words of the typed one comes before others. */
export function nearestIds(
  typed: string,
  ids: readonly string[],
  count: number,
): readonly string[] {
  const word = typed.trim().toUpperCase().slice(0, LONGEST);
  if (word === '') return [];
  return ids
    .map((id) => ({ id, distance: distanceOf(word, id) }))
    .filter(({ distance }) => distance < word.length)
    .toSorted((left, right) => left.distance - right.distance || (left.id < right.id ? -1 : 1))
    .slice(0, count)
    .map(({ id }) => id);
}

function distanceOf(word: string, id: string): number {
  const whole = editDistance(word, id);
  if (word.length < 3) return whole;
  const shared = id.includes(word) || (id.length >= 3 && word.includes(id));
  return shared ? Math.min(whole, 1) : whole;
}
