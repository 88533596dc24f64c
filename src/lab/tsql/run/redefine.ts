/** Replaces the definition of a table, wherever its rows live. */

import { required } from '../../../base/assert.ts';
import type { TableDefinition } from '../../store/definition.ts';
import type { ObjectName } from '../ast.ts';
import { sqlError } from '../message.ts';
import type { Request } from './context.ts';
import { writtenName } from './execution.ts';
import { isUniqueViolation } from './target.ts';

/** Changes keys, indexes, checks and defaults; rows stay as they are. 1505 when a new unique key finds duplicates. */
export async function redefine(
  request: Request,
  name: ObjectName,
  change: (table: TableDefinition) => TableDefinition,
): Promise<void> {
  const { session } = request;
  if (name.name.startsWith('#')) {
    const memory = session.temporaryTables.get(name.name.toLowerCase());
    if (memory === undefined) throw sqlError(4902, name.name);
    const before = memory.definition;
    memory.redefine(change(before));
    session.transaction.undoLog(() => memory.redefine(before));
    return;
  }
  const writer = await session.transaction.writer(
    request,
    name.database ?? session.state.database,
    session.options.lockTimeoutMs,
  );
  const table = writer.catalog.table(name.schema ?? 'dbo', name.name);
  if (table === undefined) throw sqlError(4902, writtenName(name));
  const after = change(table);
  try {
    if (after !== table) writer.put({ kind: 'table', table: after });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const index = required(
      after.indexes.find((candidate) => !table.indexes.includes(candidate)),
      'new unique index',
    );
    throw sqlError(1505, `${after.schema}.${after.name}`, index.name, '(duplicate)');
  }
}
