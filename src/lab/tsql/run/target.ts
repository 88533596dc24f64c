/** What INSERT, UPDATE and DELETE write to: one face for stored tables and tables in memory. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { Prefilter } from '../../store/connection.ts';
import type { ColumnRecord, TableDefinition } from '../../store/definition.ts';
import type { StoreTransaction } from '../../store/transaction.ts';
import { split } from '../../store/transaction.ts';
import type { Row } from '../query/execution.ts';
import { rowKey } from '../query/group.ts';
import { duplicateKeyError } from './duplicate-key.ts';

/** One changed row. */
export interface RowChange {
  readonly before: Row;
  readonly after: readonly SqlValue[];
}

/** A table that is written to. Duplicate keys raise 2627 or 2601. */
export interface TableTarget {
  readonly definition: TableDefinition;
  readonly database: string;
  scan(filters: readonly Prefilter[]): Iterable<Row>;
  insert(values: readonly SqlValue[]): void;
  update(before: Row, after: readonly SqlValue[]): void;
  /** Updates that may swap keys: all old rows go before the first new one comes. */
  updateAll(changes: readonly RowChange[]): void;
  delete(before: Row): void;
  nextIdentity(rule: { seed: bigint; increment: bigint }): bigint;
  lastIdentity(): bigint | null;
  setIdentity(value: bigint | null): void;
}

/** SQLITE_CONSTRAINT_UNIQUE. */
const UNIQUE_VIOLATION = 2067;

/** A stored table in a writing transaction. */
export function storedTarget(
  transaction: StoreTransaction,
  definition: TableDefinition,
  database: string,
): TableTarget {
  const guarded = (values: readonly SqlValue[], write: () => void): void => {
    try {
      write();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw violatedKey(transaction, definition, values) ?? error;
    }
  };
  return {
    definition,
    database,
    scan: (filters) => transaction.scan(definition, filters),
    insert: (values) => guarded(values, () => transaction.insert(definition, values)),
    update: (before, after) => guarded(after, () => transaction.update(definition, before, after)),
    updateAll: (changes) => {
      for (const change of changes) transaction.delete(definition, change.before);
      for (const change of changes) {
        const { row } = split(definition, change.before);
        guarded(change.after, () => transaction.insertAs(definition, row, change.after));
      }
    },
    delete: (before) => transaction.delete(definition, before),
    nextIdentity: (rule) => transaction.nextIdentity(definition, rule),
    lastIdentity: () => transaction.lastIdentity(definition),
    setIdentity: (value) => transaction.setIdentity(definition, value),
  };
}

/** Whether an error is SQLite's refusal of a duplicate key. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'errcode' in error &&
    error.errcode === UNIQUE_VIOLATION
  );
}

/** Finds the key that a row would duplicate. */
function violatedKey(
  transaction: StoreTransaction,
  table: TableDefinition,
  values: readonly SqlValue[],
): Error | undefined {
  for (const index of table.indexes) {
    if (index.kind === 'index') continue;
    const places = index.columns.map((key) =>
      table.columns.findIndex((column) => column.id === key.column),
    );
    const columns = places.flatMap((place): ColumnRecord[] => {
      const column = table.columns[place];
      return column === undefined ? [] : [column];
    });
    const wanted = rowKey(
      columns,
      places.map((place) => values[place] ?? null),
    );
    const filters = places.flatMap((place): Prefilter[] => {
      const value = values[place] ?? null;
      return value === null ? [] : [{ column: place, operator: '=', values: [value] }];
    });
    for (const row of transaction.scan(table, filters)) {
      if (
        rowKey(
          columns,
          places.map((place) => row[place] ?? null),
        ) === wanted
      )
        return duplicateKeyError(table, index, values);
    }
  }
  return undefined;
}
