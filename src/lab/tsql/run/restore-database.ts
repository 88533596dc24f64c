/** USE inside EXEC lasts as long as the EXEC. */

import type { Request } from './context.ts';

/** Puts the session back into the database it was in. */
export function restoreDatabase(request: Request, database: string): void {
  const { state } = request.session;
  if (state.database === database) return;
  const from = state.database;
  state.database = database;
  request.sink.databaseChanged(from, database);
}
