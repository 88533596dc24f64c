/** TOP, WITH TIES, PERCENT, OFFSET and FETCH. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import type { Compiled } from './compiled.ts';
import { convertValue } from './compiled.ts';
import { PAUSE } from './execution.ts';
import type { SortKey } from './order.ts';
import { compareKeys } from './order.ts';

/** How many rows of an ordered stream come out. */
export type RowLimit =
  | {
      readonly kind: 'top';
      readonly count: Compiled;
      readonly percent: boolean;
      readonly withTies: boolean;
    }
  | { readonly kind: 'offset'; readonly offset: Compiled; readonly fetch: Compiled | null };

interface Keyed {
  readonly keys: readonly SqlValue[];
}

/** Cuts a stream. */
export function limitRows<T extends Keyed>(
  entries: Iterable<T | typeof PAUSE>,
  limit: RowLimit,
  keys: readonly SortKey[],
): Iterable<T | typeof PAUSE> {
  if (limit.kind === 'offset') {
    const offset = rowNumber(limit.offset);
    const count = limit.fetch === null ? Number.POSITIVE_INFINITY : rowNumber(limit.fetch);
    return slice(entries, offset, offset + count);
  }
  if (limit.percent) return percentOf(entries, limit.count);
  const count = rowNumber(limit.count);
  return limit.withTies ? withTies(entries, count, keys) : slice(entries, 0, count);
}

function rowNumber(expression: Compiled): number {
  const value = convertValue(expression.evaluate({ frame: [], outer: null }), expression.type, {
    kind: 'bigint',
  });
  const count = value === null ? -1 : Number(value);
  if (count < 0) throw sqlError(127);
  return count;
}

function* slice<T>(
  entries: Iterable<T | typeof PAUSE>,
  from: number,
  to: number,
): Generator<T | typeof PAUSE> {
  if (to <= from) return;
  let position = 0;
  for (const entry of entries) {
    if (entry === PAUSE) {
      yield PAUSE;
      continue;
    }
    if (position >= from) yield entry;
    position += 1;
    if (position >= to) return;
  }
}

function* withTies<T extends Keyed>(
  entries: Iterable<T | typeof PAUSE>,
  count: number,
  keys: readonly SortKey[],
): Generator<T | typeof PAUSE> {
  if (keys.length === 0) throw sqlError(1062);
  let taken = 0;
  let last: readonly SqlValue[] | null = null;
  for (const entry of entries) {
    if (entry === PAUSE) {
      yield PAUSE;
      continue;
    }
    if (taken >= count && (last === null || compareKeys(keys, last, entry.keys) !== 0)) return;
    taken += 1;
    last = entry.keys;
    yield entry;
  }
}

function* percentOf<T>(
  entries: Iterable<T | typeof PAUSE>,
  percent: Compiled,
): Generator<T | typeof PAUSE> {
  const share = Number(
    convertValue(percent.evaluate({ frame: [], outer: null }), percent.type, { kind: 'float' }),
  );
  if (!(share >= 0 && share <= 100)) throw sqlError(1031);
  const all: T[] = [];
  for (const entry of entries) {
    if (entry === PAUSE) yield PAUSE;
    else all.push(entry);
  }
  yield* all.slice(0, Math.ceil((all.length * share) / 100));
}
