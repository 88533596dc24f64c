/** What a definition states about the catalog of one instance; ALTER DATABASE may change it. */

import type { DeclaredCatalog, DeclaredRecord, DeclaredRow } from '../declared.ts';
import { nameKey } from '../hadr/state.ts';
import type { InstanceDefinition } from './definition.ts';

/** The stated rows of one instance. */
export class DeclaredRows {
  readonly #views = new Map<string, DeclaredRecord[]>();

  constructor(definition: Pick<InstanceDefinition, 'catalog' | 'databases'>) {
    this.#addAll(null, definition.catalog);
    for (const database of definition.databases)
      this.#addAll(nameKey(database.name), database.catalog);
  }

  /** Rows stated for a view, in the order of the definition. */
  of(view: string): readonly DeclaredRecord[] {
    return this.#views.get(view.toLowerCase()) ?? [];
  }

  /** Columns stated for a database in a view that has one row per database. */
  about(database: string, view: string): DeclaredRow {
    const key = nameKey(database);
    return Object.assign(
      {},
      ...this.of(view)
        .filter((record) => record.database === key)
        .map((record) => record.row),
    ) as DeclaredRow;
  }

  /** States columns of a database from now on. */
  state(database: string, view: string, row: DeclaredRow): void {
    this.#add(nameKey(database), view, row);
  }

  /** States columns of the instance from now on. */
  stateHere(view: string, row: DeclaredRow): void {
    this.#add(null, view, row);
  }

  #addAll(database: string | null, catalog: DeclaredCatalog | undefined): void {
    for (const [view, rows] of Object.entries(catalog ?? {}))
      for (const row of rows) this.#add(database, view, row);
  }

  #add(database: string | null, view: string, row: DeclaredRow): void {
    const key = view.toLowerCase();
    const records = this.#views.get(key) ?? [];
    records.push({ database, row });
    this.#views.set(key, records);
  }
}
