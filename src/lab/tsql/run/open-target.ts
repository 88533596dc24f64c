/** Finds the table that a statement writes to. */

import type { ObjectName, TableVariableName } from '../ast.ts';
import { sqlError } from '../message.ts';
import type { Request } from './context.ts';
import { writtenName } from './execution.ts';
import type { TableTarget } from './target.ts';
import { storedTarget } from './target.ts';

/** Opens a table for writing: takes the write lock of its database; 208, 1087, 3906, 1222. */
export async function openTarget(
  request: Request,
  name: ObjectName | TableVariableName,
): Promise<TableTarget> {
  const { session } = request;
  if ('kind' in name) {
    const variable = request.tableVariables.get(name.name.toLowerCase());
    if (variable === undefined) throw sqlError(1087, name.name);
    return variable.target(session.transaction.lastingUndoLog);
  }
  if (name.name.startsWith('#')) {
    const temporary = session.temporaryTables.get(name.name.toLowerCase());
    if (temporary === undefined) throw sqlError(208, name.name);
    return temporary.target(session.transaction.undoLog);
  }
  const database = name.database ?? session.state.database;
  const writer = await session.transaction.writer(request, database, session.options.lockTimeoutMs);
  const definition = writer.catalog.table(name.schema ?? 'dbo', name.name);
  if (definition === undefined) throw sqlError(208, writtenName(name));
  return storedTarget(writer, definition, database);
}
