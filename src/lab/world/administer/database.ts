/** CREATE, DROP and ALTER DATABASE ... SET. */

import { unreachable } from '../../../base/assert.ts';
import type { DeclaredRow } from '../../declared.ts';
import { nameKey } from '../../hadr/state.ts';
import type { DatabaseState } from '../../hadr/state.ts';
import type { TimelessEvent } from '../engine-host.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { AdminStatement } from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import { serverMessage } from '../../tsql/message.ts';
import { databaseOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';
import { systemDatabaseIds } from '../row-keeper.ts';

type DatabaseStatement = Extract<
  AdminStatement,
  { readonly kind: 'create-database' | 'drop-database' | 'alter-database-set' }
>;
type SetStatement = Extract<AdminStatement, { readonly kind: 'alter-database-set' }>;
type Options = Extract<TimelessEvent, { readonly kind: 'set-database' }>['options'];

/** The error that ended the statement, or null. */
export function databaseStatement(
  parts: InstanceParts,
  request: RequestContext,
  statement: DatabaseStatement,
): ServerMessage | null {
  switch (statement.kind) {
    case 'create-database':
      return create(parts, request, statement.database);
    case 'drop-database':
      for (const name of statement.databases) {
        const error = drop(parts, request, { name, ifExists: statement.ifExists });
        if (error !== null) return error;
      }
      return null;
    case 'alter-database-set':
      return alter(parts, request, statement);
  }
  return unreachable(statement);
}

function create(parts: InstanceParts, request: RequestContext, name: string): ServerMessage | null {
  const login = request.identity.loginName;
  if (parts.security.hasServerPermission(login, 'CREATE ANY DATABASE') !== true)
    return serverMessage(262, 'CREATE DATABASE', 'master');
  if (databaseOf(parts, name) !== undefined || systemDatabaseIds[nameKey(name)] !== undefined)
    return serverMessage(1801, name);
  const store = parts.rows.create({ instance: parts.key, database: name });
  parts.host.apply({
    kind: 'add-database',
    instance: parts.key,
    database: {
      name,
      recoveryModel: 'FULL',
      fullBackupTaken: false,
      sizeBytes: store.dataBytes(),
      owner: login,
      familyId: parts.random.guid(),
      forkId: parts.random.guid(),
    },
  });
  return null;
}

function drop(
  parts: InstanceParts,
  request: RequestContext,
  given: { readonly name: string; readonly ifExists: boolean },
): ServerMessage | null {
  const database = databaseOf(parts, given.name);
  if (database === undefined)
    return given.ifExists ? null : serverMessage(3701, 'drop', 'database', given.name);
  if (!mayAlter(parts, request)) return serverMessage(3701, 'drop', 'database', given.name);
  if (database.group !== null) return serverMessage(3752, database.name);
  if (parts.sessions.inDatabase(database.key).length > 0)
    return serverMessage(3702, 'drop', 'database', database.name);
  parts.host.apply({ kind: 'drop-database', instance: parts.key, database: database.key });
  return null;
}

function mayAlter(parts: InstanceParts, { identity }: RequestContext): boolean {
  return parts.security.hasServerPermission(identity.loginName, 'ALTER ANY DATABASE') === true;
}

function alter(
  parts: InstanceParts,
  request: RequestContext,
  statement: SetStatement,
): ServerMessage | null {
  const database = databaseOf(parts, statement.database);
  if (!mayAlter(parts, request) || database === undefined) {
    request.inform(serverMessage(5011, statement.database));
    return serverMessage(5069);
  }
  const options = optionsOf(database, statement);
  const stated = options === null ? statedOption(statement) : null;
  if (stated !== null) {
    parts.declared.state(database.name, 'sys.databases', stated);
    return null;
  }
  if (options === null)
    return serverMessage(
      NOT_SIMULATED,
      `ALTER DATABASE ... SET ${statement.option} ${statement.value ?? ''}`.trim(),
    );
  const changes = Object.entries(options).some(
    ([name, value]) => database[name as keyof Options] !== value,
  );
  // Whatever restricts access or breaks the log chain is refused for a member of a group.
  if (database.group !== null && changes) {
    request.inform(serverMessage(1468, database.name));
    return serverMessage(5069);
  }
  if (options.userAccess === 'SINGLE_USER' || options.readOnly === true) {
    const others = parts.sessions
      .inDatabase(database.key)
      .filter((each) => each.identity.sessionId !== request.identity.sessionId);
    if (others.length > 0 && statement.rollback !== 'immediate') {
      request.inform(serverMessage(5070, database.name));
      return serverMessage(5069);
    }
    parts.sessions.end(others, null);
  }
  parts.host.apply({
    kind: 'set-database',
    instance: parts.key,
    database: database.key,
    options,
  });
  return null;
}

const ON_OFF: Readonly<Record<string, string | undefined>> = {
  AUTO_SHRINK: 'is_auto_shrink_on',
  DB_CHAINING: 'is_db_chaining_on',
  QUERY_STORE: 'is_query_store_on',
  TRUSTWORTHY: 'is_trustworthy_on',
};
const PAGE_VERIFY_CODES = ['NONE', 'TORN_PAGE_DETECTION', 'CHECKSUM'];
const DURABILITY_CODES = ['DISABLED', 'ALLOWED', 'FORCED'];

/** Columns of sys.databases for options that the lab shows and does not act out; null for others. */
function statedOption({ option, value }: SetStatement): DeclaredRow | null {
  const name = option.toUpperCase();
  const text = (value ?? '').toUpperCase();
  const column = ON_OFF[name];
  if (column !== undefined) return { [column]: text === 'ON' };
  if (name === 'ENABLE_BROKER' || name === 'DISABLE_BROKER')
    return { is_broker_enabled: name === 'ENABLE_BROKER' };
  if (name === 'PAGE_VERIFY')
    return { page_verify_option: PAGE_VERIFY_CODES.indexOf(text), page_verify_option_desc: text };
  return name === 'DELAYED_DURABILITY'
    ? { delayed_durability: DURABILITY_CODES.indexOf(text), delayed_durability_desc: text }
    : null;
}

/** What the statement changes; null for options the lab does not know. */
function optionsOf(database: DatabaseState, { option, value }: SetStatement): Options | null {
  switch (`${option} ${value ?? ''}`.trim().toUpperCase()) {
    case 'RECOVERY FULL':
      return {
        recoveryModel: 'FULL',
        // Under SIMPLE the chain of log backups ends: a new full backup has to begin it again.
        fullBackupTaken: database.fullBackupTaken && database.recoveryModel !== 'SIMPLE',
      };
    case 'RECOVERY BULK_LOGGED':
      return { recoveryModel: 'BULK_LOGGED' };
    case 'RECOVERY SIMPLE':
      return { recoveryModel: 'SIMPLE' };
    case 'SINGLE_USER':
      return { userAccess: 'SINGLE_USER' };
    case 'RESTRICTED_USER':
      return { userAccess: 'RESTRICTED_USER' };
    case 'MULTI_USER':
      return { userAccess: 'MULTI_USER' };
    case 'READ_ONLY':
      return { readOnly: true };
    case 'READ_WRITE':
      return { readOnly: false };
    case 'AUTO_CLOSE ON':
      return { autoClose: true };
    case 'AUTO_CLOSE OFF':
      return { autoClose: false };
    default:
      return null;
  }
}
