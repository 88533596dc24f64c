/** Foreign keys: rows that point nowhere, and rows that others point to (547). */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { Prefilter } from '../../store/connection.ts';
import type { ForeignKeyRecord, TableDefinition } from '../../store/definition.ts';
import type { StoreTransaction } from '../../store/transaction.ts';
import { sqlError } from '../message.ts';
import type { Row } from '../query/execution.ts';
import { rowKey } from '../query/group.ts';
import type { RowChange } from './target.ts';
import { storedTarget } from './target.ts';

/** Where foreign keys are checked. */
export interface KeyCheck {
  readonly transaction: StoreTransaction;
  readonly database: string;
}

function places(table: TableDefinition, ids: readonly number[]): number[] {
  return ids.map((id) => table.columns.findIndex((column) => column.id === id));
}

function find(
  check: KeyCheck,
  table: TableDefinition,
  key: { places: readonly number[]; values: readonly SqlValue[] },
): Row[] {
  const filters = key.places.map((column, i): Prefilter => ({
    column,
    operator: '=',
    values: [key.values[i] ?? null],
  }));
  const columns = key.places.flatMap((place) => table.columns[place] ?? []);
  const wanted = rowKey(columns, key.values);
  const rows: Row[] = [];
  for (const row of check.transaction.scan(table, filters)) {
    if (
      rowKey(
        columns,
        key.places.map((place) => row[place] ?? null),
      ) === wanted
    )
      rows.push(row);
  }
  return rows;
}

/** Checks that every new row finds the rows it refers to. */
export function checkReferences(
  check: KeyCheck,
  table: TableDefinition,
  { rows, verb }: { readonly rows: readonly (readonly SqlValue[])[]; readonly verb: string },
): void {
  for (const key of table.foreignKeys) {
    const parent = check.transaction.catalog.tableById(key.referencedTable);
    if (parent === undefined) continue;
    const own = places(table, key.columns);
    const columns = own.flatMap((place) => table.columns[place] ?? []);
    const seen = new Set<string>();
    for (const row of rows) {
      const values = own.map((place) => row[place] ?? null);
      if (values.includes(null)) continue;
      const text = rowKey(columns, values);
      if (seen.has(text)) continue;
      seen.add(text);
      if (
        find(check, parent, { places: places(parent, key.referencedColumns), values }).length === 0
      ) {
        throw conflict(check, {
          verb,
          kind: 'FOREIGN KEY',
          key,
          table: parent,
          column: key.referencedColumns[0] ?? 0,
        });
      }
    }
  }
}

interface Conflict {
  readonly verb: string;
  readonly kind: string;
  readonly key: ForeignKeyRecord;
  readonly table: TableDefinition;
  readonly column: number;
}

function conflict(check: KeyCheck, at: Conflict): Error {
  const single = at.key.columns.length === 1;
  const column = single
    ? at.table.columns.find((candidate) => candidate.id === at.column)?.name
    : undefined;
  return sqlError(
    547,
    at.verb,
    at.kind,
    at.key.name,
    check.database,
    `${at.table.schema}.${at.table.name}`,
    column === undefined ? '' : ", column '",
    column ?? '',
    column === undefined ? '' : "'",
  );
}

const MAX_CASCADE = 32;

/** Handles rows that point to removed or changed keys: refuses, cascades, or sets NULL. */
export function releaseReferences(
  check: KeyCheck,
  table: TableDefinition,
  change: { removed: readonly RowChange[]; verb: string; depth?: number },
): void {
  const depth = change.depth ?? 0;
  if (depth > MAX_CASCADE) throw sqlError(217, MAX_CASCADE);
  for (const child of check.transaction.catalog.tables()) {
    for (const key of child.foreignKeys) {
      if (key.referencedTable === table.id)
        releaseKey(check, { child, key, table, depth, ...change });
    }
  }
}

interface Release {
  readonly child: TableDefinition;
  readonly key: ForeignKeyRecord;
  readonly table: TableDefinition;
  readonly removed: readonly RowChange[];
  readonly verb: string;
  readonly depth: number;
}

function releaseKey(check: KeyCheck, release: Release): void {
  const { child, key, table } = release;
  const referenced = places(table, key.referencedColumns);
  const columns = referenced.flatMap((place) => table.columns[place] ?? []);
  const own = places(child, key.columns);
  for (const { before, after } of release.removed) {
    const values = referenced.map((place) => before[place] ?? null);
    if (values.includes(null)) continue;
    if (
      after.length > 0 &&
      rowKey(
        columns,
        referenced.map((place) => after[place] ?? null),
      ) === rowKey(columns, values)
    )
      continue;
    const orphans = find(check, child, { places: own, values });
    // Another row of the statement may have taken over the key.
    if (orphans.length === 0 || find(check, table, { places: referenced, values }).length > 0)
      continue;
    if (key.onDelete === 'no-action' || after.length > 0) {
      throw conflict(check, {
        verb: release.verb,
        kind: child.id === table.id ? 'SAME TABLE REFERENCE' : 'REFERENCE',
        key,
        table: child,
        column: key.columns[0] ?? 0,
      });
    }
    const target = storedTarget(check.transaction, child, check.database);
    if (key.onDelete === 'cascade') {
      for (const orphan of orphans) target.delete(orphan);
      releaseReferences(check, child, {
        removed: orphans.map((orphan) => ({ before: orphan, after: [] })),
        verb: release.verb,
        depth: release.depth + 1,
      });
    } else {
      for (const orphan of orphans)
        target.update(
          orphan,
          child.columns.map((_, i) => (own.includes(i) ? null : (orphan[i] ?? null))),
        );
    }
  }
}
