/** Logins, roles, permissions, master key and certificates. */

import { unreachable } from '../../../base/assert.ts';
import { Secret } from '../../../base/secret.ts';
import { nameKey } from '../../hadr/state.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { SecurityStatement } from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import { serverMessage } from '../../tsql/message.ts';
import { publishEndpointAccounts, stateOf } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';
import type { PermissionRecord } from '../record.ts';
import { sidOf } from '../../sid.ts';
import { createCertificate, publishEndpointCertificates } from './certificate.ts';

type StatementOf<K extends SecurityStatement['kind']> = Extract<
  SecurityStatement,
  { readonly kind: K }
>;

/** The error that ended the statement, or null. */
export function securityStatement(
  parts: InstanceParts,
  request: RequestContext,
  statement: SecurityStatement,
): ServerMessage | null {
  const error = run(parts, request, statement);
  if (error === null) {
    publishEndpointAccounts(parts);
    publishEndpointCertificates(parts);
  }
  return error;
}

function run(
  parts: InstanceParts,
  request: RequestContext,
  statement: SecurityStatement,
): ServerMessage | null {
  switch (statement.kind) {
    case 'create-login':
      return createLogin(parts, request, statement);
    case 'alter-login':
      return alterLogin(parts, request, statement);
    case 'drop-login':
      return dropLogin(parts, request, statement.login);
    case 'alter-server-role':
      return alterServerRole(parts, request, statement);
    case 'permission':
      return permission(parts, request, statement);
    case 'create-master-key':
      if (!isAdministrator(parts, request)) return serverMessage(15_247);
      if (parts.security.hasMasterKey) return serverMessage(15_578);
      parts.security.hasMasterKey = true;
      return null;
    case 'create-certificate':
      if (!isAdministrator(parts, request)) return serverMessage(15_247);
      return createCertificate(parts, statement);
    case 'drop-certificate':
      if (
        !parts.security.certificates.some((each) => nameKey(each.name) === nameKey(statement.name))
      )
        return serverMessage(15_151, 'drop', 'certificate', statement.name);
      parts.security.certificates = parts.security.certificates.filter(
        (each) => nameKey(each.name) !== nameKey(statement.name),
      );
      return null;
    case 'backup-certificate':
      return serverMessage(NOT_SIMULATED, 'BACKUP CERTIFICATE');
  }
  return unreachable(statement);
}

function isAdministrator(parts: InstanceParts, { identity }: RequestContext): boolean {
  return parts.security.hasServerPermission(identity.loginName, 'CONTROL SERVER') === true;
}

function mayAlterLogins(parts: InstanceParts, { identity }: RequestContext): boolean {
  return parts.security.hasServerPermission(identity.loginName, 'ALTER ANY LOGIN') === true;
}

function createLogin(
  parts: InstanceParts,
  request: RequestContext,
  { login, source, defaultDatabase }: StatementOf<'create-login'>,
): ServerMessage | null {
  if (!mayAlterLogins(parts, request)) return serverMessage(15_247);
  if (parts.security.principal(login) !== undefined) return serverMessage(15_025, login);
  const domain = login.split('\\')[0] ?? '';
  if (source.kind === 'windows' && !login.includes('\\')) return serverMessage(15_407, login);
  // Accounts of another domain than the instance's cannot be looked up.
  const known = [stateOf(parts).domain, 'NT SERVICE', 'NT AUTHORITY', 'BUILTIN'];
  if (source.kind === 'windows' && !known.some((each) => nameKey(each ?? '') === nameKey(domain)))
    return serverMessage(15_401, login);
  parts.security.add({
    name: login,
    type: source.kind === 'windows' ? 'U' : 'S',
    sid: (source.kind === 'password' ? source.sid : null) ?? sidOf(login),
    isDisabled: false,
    defaultDatabase: defaultDatabase ?? 'master',
    roles: [],
    at: parts.clock.now(),
  });
  if (source.kind === 'password') parts.security.setPassword(login, new Secret(source.password));
  return null;
}

function alterLogin(
  parts: InstanceParts,
  request: RequestContext,
  { login, change }: StatementOf<'alter-login'>,
): ServerMessage | null {
  const known = parts.security.principal(login);
  const own = nameKey(request.identity.loginName) === nameKey(login) && change.kind === 'password';
  if (known === undefined || known.type === 'R' || (!own && !mayAlterLogins(parts, request)))
    return serverMessage(15_151, 'alter', 'login', login);
  const modifiedAt = parts.clock.now();
  switch (change.kind) {
    case 'enable':
    case 'disable':
      parts.security.change(login, { isDisabled: change.kind === 'disable', modifiedAt });
      return null;
    case 'password':
      parts.security.setPassword(login, new Secret(change.password));
      parts.security.change(login, { modifiedAt });
      return null;
    case 'default-database':
      parts.security.change(login, { defaultDatabase: change.database, modifiedAt });
      return null;
  }
  return unreachable(change);
}

function dropLogin(
  parts: InstanceParts,
  request: RequestContext,
  login: string,
): ServerMessage | null {
  const known = parts.security.principal(login);
  if (known === undefined || known.type === 'R' || !mayAlterLogins(parts, request))
    return serverMessage(15_151, 'drop', 'login', login);
  const online = parts.sessions
    .records()
    .some((each) => nameKey(each.identity.loginName) === nameKey(login));
  if (online) return serverMessage(15_434, login);
  parts.security.remove(login);
  return null;
}

function alterServerRole(
  parts: InstanceParts,
  request: RequestContext,
  { role, change, member }: StatementOf<'alter-server-role'>,
): ServerMessage | null {
  const known = parts.security.principal(member);
  if (!isAdministrator(parts, request) || parts.security.isMember(member, role) === null)
    return serverMessage(15_151, 'alter', 'server role', role);
  if (known === undefined) return serverMessage(15_151, 'add', 'principal', member);
  const others = known.roles.filter((each) => each !== nameKey(role));
  parts.security.change(member, {
    roles: change === 'add' ? [...others, nameKey(role)] : others,
    modifiedAt: parts.clock.now(),
  });
  return null;
}

function permission(
  parts: InstanceParts,
  request: RequestContext,
  statement: StatementOf<'permission'>,
): ServerMessage | null {
  const { on } = statement;
  const name = on.name?.name ?? '';
  const securable = securableOf(on.class, name);
  if (securable === null) return serverMessage(NOT_SIMULATED, `permissions on class ${on.class}`);
  const { endpoint } = stateOf(parts);
  const exists =
    securable.class === 'SERVER' ||
    (securable.class === 'ENDPOINT'
      ? nameKey(endpoint?.name ?? '') === nameKey(name)
      : parts.security.principal(name) !== undefined);
  if (!exists || !isAdministrator(parts, request))
    return serverMessage(15_151, 'find', on.class.toLowerCase(), name);
  for (const grantee of statement.to) {
    if (parts.security.principal(grantee) === undefined)
      return serverMessage(15_151, 'find', 'login', grantee);
  }
  for (const grantee of statement.to.map(nameKey)) {
    for (const each of statement.permissions.map((text) => text.toUpperCase())) {
      const rest = parts.security.permissions.filter(
        (old) =>
          old.grantee !== grantee ||
          old.permission !== each ||
          JSON.stringify(old.securable) !== JSON.stringify(securable),
      );
      const state = statement.action === 'deny' ? 'DENY' : 'GRANT';
      parts.security.permissions =
        statement.action === 'revoke'
          ? rest
          : [...rest, { grantee, permission: each, state, securable }];
    }
  }
  return null;
}

function securableOf(
  securableClass: StatementOf<'permission'>['on']['class'],
  name: string,
): PermissionRecord['securable'] | null {
  switch (securableClass) {
    case 'SERVER':
      return { class: 'SERVER' };
    case 'ENDPOINT':
    case 'LOGIN':
      return { class: securableClass, name: nameKey(name) };
    case 'DATABASE':
    case 'SCHEMA':
    case 'OBJECT':
    case 'AVAILABILITY GROUP':
      return null;
  }
  return unreachable(securableClass);
}
