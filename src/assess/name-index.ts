/** Rows by a key, indexed once per list: rules ask for every database, and there may be thousands. */

/** A row about a database, under either of its two names for that. */
export type Named = { readonly database: string } | { readonly name: string };

const indexes = new WeakMap<object, Map<unknown, ReadonlyMap<string, readonly unknown[]>>>();

/** The rows by a key; the list must not change, and the key must be a function that is made once. */
export function indexed<T>(
  rows: readonly T[],
  key: (row: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const ofList = indexes.get(rows) ?? new Map<unknown, ReadonlyMap<string, readonly unknown[]>>();
  indexes.set(rows, ofList);
  const known = ofList.get(key);
  // The index of a list by a function over its rows holds the list's own rows.
  if (known !== undefined) return known as ReadonlyMap<string, readonly T[]>;
  const index = new Map<string, T[]>();
  for (const row of rows) {
    const value = key(row);
    const group = index.get(value);
    if (group === undefined) index.set(value, [row]);
    else group.push(row);
  }
  ofList.set(key, index);
  return index;
}

/** The rows by the lower-case name of their database. */
export function byName<T extends Named>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return indexed<T>(rows, nameOf);
}

function nameOf(row: Named): string {
  return ('database' in row ? row.database : row.name).toLowerCase();
}
