/** Sorting: NULL first ascending, comparison by type, stable. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { OrderItem } from '../ast.ts';
import { compare } from '../value/operate.ts';
import type { Compiled } from './compiled.ts';
import type { Environment } from './execution.ts';

/** A compiled sort key. */
export interface SortKey {
  readonly type: SqlType;
  readonly descending: boolean;
  readonly evaluate: (environment: Environment) => SqlValue;
}

/** A sort key from its parts. */
export function sortKey(item: OrderItem, compiled: Compiled): SortKey {
  return { type: compiled.type, descending: item.descending, evaluate: compiled.evaluate };
}

/** Compares two lists of key values. */
export function compareKeys(
  keys: readonly SortKey[],
  left: readonly SqlValue[],
  right: readonly SqlValue[],
): number {
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    if (key === undefined) continue;
    const order = compareNullable(left[i] ?? null, right[i] ?? null, key.type);
    if (order !== 0) return key.descending ? -order : order;
  }
  return 0;
}

/** Compares values, NULL below everything. */
export function compareNullable(left: SqlValue, right: SqlValue, type: SqlType): number {
  if (left === null) return right === null ? 0 : -1;
  return right === null ? 1 : compare(left, right, type);
}

/** Items with their key values, sorted. */
export function sorted<T>(
  items: { item: T; keys: SqlValue[] }[],
  keys: readonly SortKey[],
): { item: T; keys: SqlValue[] }[] {
  return items.sort((left, right) => compareKeys(keys, left.keys, right.keys));
}
