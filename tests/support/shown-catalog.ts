/**
 * A catalog whose views a test can make show something else: NULL in a column, a state that the lab
 * never comes to, rows of another group, rows in another order.
 *
 * For guards that ask for what a real server may show and our lab does not bring about.
 */

import { makeCatalog } from '../../src/lab/catalog/catalog.ts';
import type { CatalogFactory } from '../../src/lab/world/record.ts';
import type { SqlValue } from '../../src/tds/sql-type.ts';

/** A row of a view by column name. */
export type ShownRow = Readonly<Record<string, SqlValue>>;

/** What a view shows instead of these rows; `instance` is the name of the server in small letters. */
export type Showing = (rows: readonly ShownRow[], instance: string) => readonly ShownRow[];

/** Views that show something else, by name (`sys.databases`). */
export class ShownViews {
  readonly #showing = new Map<string, Showing>();

  /** From now on the view shows this, on both servers. */
  show(view: string, showing: Showing): void {
    this.#showing.set(view, showing);
  }

  /** Every view shows again what is so. */
  showAll(): void {
    this.#showing.clear();
  }

  /** The lab's catalog behind it. */
  factory(): CatalogFactory {
    return (source) => {
      const catalog = makeCatalog(source);
      return {
        ...catalog,
        rowset: (identity, name) => {
          const rowset = catalog.rowset(identity, name);
          const showing = this.#showing.get(`${name.schema}.${name.name}`.toLowerCase());
          if (rowset === undefined || showing === undefined) return rowset;
          const names = rowset.columns.map((column) => column.name);
          const named = (values: readonly SqlValue[]): ShownRow =>
            Object.fromEntries(names.map((column, index) => [column, values[index] ?? null]));
          return {
            columns: rowset.columns,
            rows: () =>
              showing([...rowset.rows()].map(named), source.record().key).map((row) =>
                names.map((column) => row[column] ?? null),
              ),
          };
        },
      };
    };
  }
}
