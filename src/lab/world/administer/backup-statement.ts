/** BACKUP and RESTORE: to the part that knows how, with the message that closes a failure (3013). */

import { unreachable } from '../../../base/assert.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { BackupStatement } from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import { serverMessage } from '../../tsql/message.ts';
import type { InstanceParts } from '../instance-parts.ts';
import { backup } from './backup.ts';
import { inspect } from './restore-inspect.ts';
import { restore } from './restore.ts';

/** The error that ended the statement, or null. */
export async function backupStatement(
  parts: InstanceParts,
  request: RequestContext,
  statement: BackupStatement,
): Promise<ServerMessage | null> {
  switch (statement.kind) {
    case 'backup': {
      const error = await backup(parts, request, statement);
      return closing(request, error, `BACKUP ${statement.what.toUpperCase()}`);
    }
    case 'restore': {
      const error = await restore(parts, request, statement);
      return closing(request, error, `RESTORE ${statement.what.toUpperCase()}`);
    }
    case 'restore-inspect': {
      const what = statement.what === 'verifyonly' ? 'VERIFY DATABASE' : 'RESTORE';
      const word =
        statement.what === 'verifyonly' ? what : `${what} ${statement.what.toUpperCase()}`;
      return closing(request, inspect(parts, request, statement), word);
    }
  }
  return unreachable(statement);
}

/** A failed backup or restore says why, and then that it ended. */
function closing(
  request: RequestContext,
  error: ServerMessage | null,
  what: string,
): ServerMessage | null {
  if (error === null || error.number === NOT_SIMULATED) return error;
  request.inform(error);
  return serverMessage(3013, what);
}
