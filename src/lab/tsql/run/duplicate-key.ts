/** The errors of unique keys: 2627 for constraints, 2601 for indexes. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { IndexRecord, TableDefinition } from '../../store/definition.ts';
import { sqlError } from '../message.ts';
import type { SqlError } from '../message.ts';
import { displayValue } from './display-value.ts';

/** The error for a row whose key exists. */
export function duplicateKeyError(
  table: TableDefinition,
  index: IndexRecord,
  values: readonly SqlValue[],
): SqlError {
  const key = index.columns.map(({ column }) => {
    const place = table.columns.findIndex((candidate) => candidate.id === column);
    const type = table.columns[place]?.type;
    return type === undefined ? '' : displayValue(values[place] ?? null, type);
  });
  const shown = `(${key.join(', ')})`;
  const name = `${table.schema}.${table.name}`;
  if (index.kind === 'unique-index') return sqlError(2601, name, index.name, shown);
  return sqlError(
    2627,
    index.kind === 'primary-key' ? 'PRIMARY KEY' : 'UNIQUE KEY',
    index.name,
    name,
    shown,
  );
}
