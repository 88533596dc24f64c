/** Rows by the name of their database, indexed once per list: rules ask for every database. */

/** A row about a database, under either of its two names for that. */
export type Named = { readonly database: string } | { readonly name: string };

const indexes = new WeakMap<readonly Named[], ReadonlyMap<string, readonly Named[]>>();

/** The rows by lower-case name; the list must not change. */
export function byName<T extends Named>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const known = indexes.get(rows);
  // The index of a list holds the list's own rows.
  if (known !== undefined) return known as ReadonlyMap<string, readonly T[]>;
  const index = new Map<string, T[]>();
  for (const row of rows) {
    const key = ('database' in row ? row.database : row.name).toLowerCase();
    const group = index.get(key);
    if (group === undefined) index.set(key, [row]);
    else group.push(row);
  }
  indexes.set(rows, index);
  return index;
}
