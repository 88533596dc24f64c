/** Temporary tables and table variables: rows in memory behind the same face as stored tables. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import { split } from '../../store/transaction.ts';
import type { Prefilter } from '../../store/connection.ts';
import type { IndexRecord, TableDefinition } from '../../store/definition.ts';
import type { Row } from '../query/execution.ts';
import { rowKey } from '../query/group.ts';
import { duplicateKeyError } from './duplicate-key.ts';
import type { TableTarget } from './target.ts';

/** Receives what takes a change back; table variables outlive a rollback and have none outside a statement. */
export type UndoLog = (undo: () => void) => void;

/** The rows of one temporary table. */
export class MemoryTable {
  readonly rows = new Map<number, Row>();
  readonly #keys = new Map<number, Map<string, number>>();
  #definition: TableDefinition;
  #nextRow = 1;
  identity: bigint | null = null;

  constructor(definition: TableDefinition) {
    this.#definition = definition;
    this.#rebuildKeys();
  }

  /** The definition; ALTER TABLE and CREATE INDEX replace it. */
  get definition(): TableDefinition {
    return this.#definition;
  }

  /** Replaces the definition; rows must already have its shape. */
  redefine(definition: TableDefinition): void {
    this.#definition = definition;
    this.#rebuildKeys();
  }

  /** A writer over the table. */
  target(undo: UndoLog): TableTarget {
    return {
      definition: this.#definition,
      database: 'tempdb',
      scan: (filters) => this.scan(filters),
      insert: (values) => this.#add(this.#nextRow++, values, undo),
      update: (before, after) => {
        const { row, values } = split(this.#definition, before);
        this.#remove(row, values);
        undo(() => this.#place(row, values));
        this.#add(row, after, undo);
      },
      updateAll: (changes) => {
        for (const change of changes) {
          const { row, values } = split(this.#definition, change.before);
          this.#remove(row, values);
          undo(() => this.#place(row, values));
        }
        for (const change of changes)
          this.#add(split(this.#definition, change.before).row, change.after, undo);
      },
      delete: (before) => {
        const { row, values } = split(this.#definition, before);
        this.#remove(row, values);
        undo(() => this.#place(row, values));
      },
      nextIdentity: (rule) => {
        this.identity = this.identity === null ? rule.seed : this.identity + rule.increment;
        return this.identity;
      },
      lastIdentity: () => this.identity,
      setIdentity: (value) => {
        this.identity = value;
      },
    };
  }

  /** Rows in the order of their numbers; filters are the caller's own business. */
  scan(_filters: readonly Prefilter[]): Iterable<Row> {
    return this.rows.values();
  }

  #rebuildKeys(): void {
    this.#keys.clear();
    for (const index of this.#definition.indexes) {
      if (index.kind === 'index') continue;
      const keys = new Map<string, number>();
      for (const [row, values] of this.rows) {
        const key = this.#keyOf(index, values);
        if (keys.has(key)) throw duplicateKeyError(this.#definition, index, values);
        keys.set(key, row);
      }
      this.#keys.set(index.id, keys);
    }
  }

  #keyOf(index: IndexRecord, values: readonly SqlValue[]): string {
    const places = index.columns.map((key) =>
      this.#definition.columns.findIndex((column) => column.id === key.column),
    );
    const columns = places.flatMap((place) => this.#definition.columns[place] ?? []);
    return rowKey(
      columns,
      places.map((place) => values[place] ?? null),
    );
  }

  #add(row: number, values: readonly SqlValue[], undo: UndoLog): void {
    for (const index of this.#definition.indexes) {
      const keys = this.#keys.get(index.id);
      if (keys?.has(this.#keyOf(index, values)) === true)
        throw duplicateKeyError(this.#definition, index, values);
    }
    this.#place(row, values);
    undo(() => this.#remove(row, values));
  }

  #place(row: number, values: readonly SqlValue[]): void {
    this.rows.set(row, [...values, row]);
    for (const index of this.#definition.indexes)
      this.#keys.get(index.id)?.set(this.#keyOf(index, values), row);
  }

  #remove(row: number, values: readonly SqlValue[]): void {
    this.rows.delete(row);
    for (const index of this.#definition.indexes)
      this.#keys.get(index.id)?.delete(this.#keyOf(index, values));
  }
}
