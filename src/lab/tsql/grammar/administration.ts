/** Administrative statements: which grammar reads them. */

import type { AdminEnvelope, AdminStatement } from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';

/** Takes one administrative statement; the next token is its verb. */
export function parseAdministration(cursor: Cursor): AdminEnvelope {
  return { kind: 'admin', statement: parseAdmin(cursor) };
}

function parseAdmin(cursor: Cursor): AdminStatement {
  if (cursor.accept('CHECKPOINT')) return { kind: 'checkpoint' };
  throw cursor.error();
}
