/** HAS_PERMS_BY_NAME and access to databases: server permissions, users and fixed database roles. */

import { accessTo } from '../hadr/access.ts';
import { nameKey } from '../hadr/state.ts';
import type { DatabaseAccess, Securable, SessionIdentity } from '../instance.ts';
import type { Database } from '../store/database.ts';
import { serverMessage } from '../tsql/message.ts';
import { messageOf } from './engine-host.ts';
import { databaseOf } from './instance-parts.ts';
import type { InstanceParts } from './instance-parts.ts';

/** What fixed database roles may do. */
const databaseRoleBrings: Readonly<Record<string, readonly string[] | undefined>> = {
  db_datareader: ['SELECT'],
  db_datawriter: ['INSERT', 'UPDATE', 'DELETE'],
  db_ddladmin: ['ALTER', 'CREATE TABLE', 'CREATE SCHEMA'],
  db_backupoperator: ['BACKUP DATABASE', 'BACKUP LOG', 'CHECKPOINT'],
  db_securityadmin: ['ALTER ANY ROLE'],
  db_accessadmin: ['ALTER ANY USER'],
};

const everyUser = ['CONNECT', 'VIEW DATABASE STATE'];

/** 1, 0, or null for a class or permission that does not exist. */
export function hasPermission(
  parts: InstanceParts,
  identity: SessionIdentity,
  asked: { readonly securable: Securable; readonly permission: string },
): 0 | 1 | null {
  const { securable, permission } = asked;
  const login = identity.loginName;
  switch (securable.securableClass?.toUpperCase() ?? null) {
    case null:
    case 'SERVER':
      return bit(parts.security.hasServerPermission(login, permission));
    case 'AVAILABILITY GROUP':
      return bit(parts.security.hasServerPermission(login, 'ALTER ANY AVAILABILITY GROUP'));
    case 'ENDPOINT':
    case 'LOGIN': {
      const on = securable.securableClass?.toUpperCase() === 'LOGIN' ? 'LOGIN' : 'ENDPOINT';
      return bit(
        parts.security.hasPermissionOn(login, permission, {
          class: on,
          name: securable.name ?? '',
        }),
      );
    }
    case 'DATABASE':
    case 'SCHEMA':
    case 'OBJECT': {
      const current = parts.sessions.get(identity.sessionId)?.record.state.database ?? 'master';
      const names = partsOfName(securable.name ?? '');
      const whole = securable.securableClass?.toUpperCase() === 'DATABASE';
      // An object may be named with its database (HAS_PERMS_BY_NAME, "securable").
      const named = whole || names.length > 2 ? names[0] : undefined;
      return databasePermission(parts, login, {
        database: named ?? current,
        permission: permission.toUpperCase(),
      });
    }
    default:
      return null;
  }
}

/** Parts of a name with dots between them; brackets may be around each. */
function partsOfName(name: string): readonly string[] {
  const parts = name.match(/\[(?:[^\]]|\]\])*\]|[^.[\]]+/gu) ?? [];
  return parts.map((each) =>
    each.startsWith('[') ? each.slice(1, -1).replaceAll(']]', ']') : each,
  );
}

function bit(value: boolean | null): 0 | 1 | null {
  return value === null ? null : value ? 1 : 0;
}

function databasePermission(
  parts: InstanceParts,
  login: string,
  asked: { readonly database: string; readonly permission: string },
): 0 | 1 | null {
  const place = { instance: parts.key, database: asked.database };
  const store = parts.rows.store(place) ?? parts.rows.systemStore(place);
  if (store === undefined) return null;
  if (entersAsOwner(parts, login, asked.database)) return 1;
  if (asked.permission === 'CONNECT')
    return hasDatabaseAccess(parts, login, asked.database) ? 1 : 0;
  const roles = rolesIn(store, login);
  if (roles === undefined) return 0;
  const brings = (role: string): boolean =>
    role === 'db_owner' || (databaseRoleBrings[role]?.includes(asked.permission) ?? false);
  return everyUser.includes(asked.permission) || roles.some(brings) ? 1 : 0;
}

/** SELECT in `msdb`, by a role there or SELECT ALL USER SECURABLES. */
export function mayReadMsdb(parts: InstanceParts, login: string): boolean {
  return (
    parts.security.hasServerPermission(login, 'SELECT ALL USER SECURABLES') === true ||
    databasePermission(parts, login, { database: 'msdb', permission: 'SELECT' }) === 1
  );
}

/** sysadmin, CONTROL SERVER (it contains CONTROL of every database) and the owner enter without a user of their own. */
function entersAsOwner(parts: InstanceParts, login: string, database: string): boolean {
  const owner = databaseOf(parts, database)?.owner ?? null;
  return (
    parts.security.hasServerPermission(login, 'CONTROL SERVER') === true ||
    (owner !== null && nameKey(owner) === nameKey(login))
  );
}

/** Lower-case roles of the login's user; undefined without a user. */
function rolesIn(store: Database, login: string): readonly string[] | undefined {
  const user = store.catalog
    .principals()
    .find((each) => each.type === 'user' && nameKey(each.login ?? '') === nameKey(login));
  return user?.roles.map(nameKey);
}

/** The login may enter the database, its state aside. */
export function hasDatabaseAccess(parts: InstanceParts, login: string, database: string): boolean {
  if (entersAsOwner(parts, login, database)) return true;
  const place = { instance: parts.key, database };
  if (parts.rows.systemStore(place) !== undefined) return true;
  if (parts.security.hasServerPermission(login, 'CONNECT ANY DATABASE') === true) return true;
  const store = parts.rows.store(place);
  return store !== undefined && rolesIn(store, login) !== undefined;
}

/** Error of opening a database that the definition states to be in this state. */
const CLOSED: Readonly<Record<string, number | undefined>> = {
  RESTORING: 927,
  RECOVERING: 922,
  RECOVERY_PENDING: 945,
  SUSPECT: 926,
  OFFLINE: 942,
};

/** Opens a database for a session, or says why not. */
export function openDatabase(
  parts: InstanceParts,
  identity: SessionIdentity,
  name: string,
): DatabaseAccess {
  const place = { instance: parts.key, database: nameKey(name) };
  const system = parts.rows.systemStore(place);
  if (system !== undefined) return { kind: 'open', store: system, writable: true };
  const database = databaseOf(parts, name);
  if (database === undefined) return { kind: 'refused', error: serverMessage(911, name) };
  const closed = CLOSED[String(parts.declared.about(name, 'sys.databases')['state_desc'])];
  if (closed !== undefined) return { kind: 'refused', error: serverMessage(closed, database.name) };
  const access = accessTo(parts.host.state, place, identity.readOnlyIntent);
  if (access.kind === 'refused') return { kind: 'refused', error: messageOf(access.error) };
  if (!hasDatabaseAccess(parts, identity.loginName, name))
    return { kind: 'refused', error: serverMessage(916, identity.loginName, database.name) };
  const others = parts.sessions
    .inDatabase(name)
    .some((each) => each.identity.sessionId !== identity.sessionId);
  if (database.userAccess === 'SINGLE_USER' && others)
    return { kind: 'refused', error: serverMessage(924, database.name) };
  const store = parts.rows.store(place);
  return store === undefined
    ? { kind: 'refused', error: serverMessage(945, database.name) }
    : { kind: 'open', store, writable: access.writable };
}
