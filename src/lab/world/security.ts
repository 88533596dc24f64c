/** Logins, server roles and permissions of one instance, and what they add up to. */

import { createHash } from 'node:crypto';

import type { Secret } from '../../base/secret.ts';
import { nameKey } from '../hadr/state.ts';
import { SA_SID, sidOf } from '../sid.ts';
import type { LoginDefinition } from './definition.ts';
import type { CertificateRecord, PermissionRecord, PrincipalRecord } from './record.ts';

/** Fixed server roles with their `principal_id` (Microsoft Learn, sys.server_principals). */
const fixedRoles = [
  ['public', 2],
  ['sysadmin', 3],
  ['securityadmin', 4],
  ['serveradmin', 5],
  ['setupadmin', 6],
  ['processadmin', 7],
  ['diskadmin', 8],
  ['dbcreator', 9],
  ['bulkadmin', 10],
] as const;

/** Server permissions that HAS_PERMS_BY_NAME knows here. */
const serverPermissions = new Set([
  'ADMINISTER BULK OPERATIONS',
  'ALTER ANY AVAILABILITY GROUP',
  'ALTER ANY CONNECTION',
  'ALTER ANY CREDENTIAL',
  'ALTER ANY DATABASE',
  'ALTER ANY ENDPOINT',
  'ALTER ANY LOGIN',
  'ALTER ANY SERVER ROLE',
  'ALTER SERVER STATE',
  'ALTER SETTINGS',
  'ALTER TRACE',
  'CONNECT ANY DATABASE',
  'CONNECT SQL',
  'CONTROL SERVER',
  'CREATE ANY DATABASE',
  'CREATE AVAILABILITY GROUP',
  'CREATE ENDPOINT',
  'IMPERSONATE ANY LOGIN',
  'SHUTDOWN',
  'VIEW ANY DATABASE',
  'VIEW ANY DEFINITION',
  'VIEW SERVER PERFORMANCE STATE',
  'VIEW SERVER SECURITY STATE',
  'VIEW SERVER STATE',
]);

/** What contains a permission, besides CONTROL SERVER (Microsoft Learn, permissions hierarchy). */
const impliedBy: Readonly<Record<string, readonly string[] | undefined>> = {
  'CREATE AVAILABILITY GROUP': ['ALTER ANY AVAILABILITY GROUP'],
  'CREATE ANY DATABASE': ['ALTER ANY DATABASE'],
  'CREATE ENDPOINT': ['ALTER ANY ENDPOINT'],
  'VIEW ANY DATABASE': ['ALTER ANY DATABASE', 'VIEW ANY DEFINITION'],
  'VIEW SERVER STATE': ['ALTER SERVER STATE'],
  'VIEW SERVER PERFORMANCE STATE': ['VIEW SERVER STATE', 'ALTER SERVER STATE'],
  'VIEW SERVER SECURITY STATE': ['VIEW SERVER STATE', 'ALTER SERVER STATE'],
};

/** What fixed server roles bring. */
const roleBrings: Readonly<Record<string, readonly string[] | undefined>> = {
  public: ['VIEW ANY DATABASE', 'CONNECT SQL'],
  securityadmin: ['ALTER ANY LOGIN'],
  serveradmin: ['ALTER ANY ENDPOINT', 'ALTER SERVER STATE', 'ALTER SETTINGS', 'SHUTDOWN'],
  processadmin: ['ALTER ANY CONNECTION', 'ALTER SERVER STATE'],
  dbcreator: ['CREATE ANY DATABASE', 'ALTER ANY DATABASE'],
  bulkadmin: ['ADMINISTER BULK OPERATIONS'],
};

const firstLoginId = 256;

/** Version 2, four bytes of salt, SHA-512 over password and salt; the salt comes from the name, so that logins of one name and password have one hash everywhere. */
function hashOf(name: string, password: Secret): Uint8Array {
  const salt = createHash('sha512').update(nameKey(name)).digest().subarray(0, 4);
  const digest = createHash('sha512').update(password.reveal(), 'utf16le').update(salt).digest();
  return Uint8Array.from([2, 0, ...salt, ...digest]);
}

/** The security of one instance; changed by its administrators only. */
export class Security {
  principals: readonly PrincipalRecord[];
  permissions: readonly PermissionRecord[] = [];
  certificates: readonly CertificateRecord[] = [];
  hasMasterKey = false;
  readonly #passwords = new Map<string, Secret>();
  #nextId = firstLoginId;

  constructor(createdAt: number) {
    this.principals = fixedRoles.map(([name, principalId]) => ({
      principalId,
      name,
      sid: Uint8Array.of(principalId),
      type: 'R',
      isDisabled: false,
      createdAt,
      modifiedAt: createdAt,
      defaultDatabase: 'master',
      isFixedRole: true,
      roles: [],
      checkPolicy: false,
    }));
  }

  /** A login or role by name. */
  principal(name: string): PrincipalRecord | undefined {
    return this.principals.find((each) => nameKey(each.name) === nameKey(name));
  }

  /** Adds a SQL login as a definition has it. */
  addLogin(login: LoginDefinition, at: number): void {
    const isSa = nameKey(login.name) === 'sa';
    this.add({
      name: login.name,
      type: 'S',
      sid: isSa ? SA_SID : (login.sid ?? sidOf(login.name)),
      isDisabled: login.disabled,
      defaultDatabase: login.defaultDatabase ?? 'master',
      roles: isSa ? ['sysadmin'] : login.roles.map(nameKey),
      at,
    });
    this.setPassword(login.name, login.password);
    this.permissions = [
      ...this.permissions,
      ...login.permissions.map((permission) => ({
        grantee: nameKey(login.name),
        permission: permission.toUpperCase(),
        state: 'GRANT' as const,
        securable: { class: 'SERVER' as const },
      })),
    ];
  }

  /** Adds a principal. */
  add(
    given: Pick<
      PrincipalRecord,
      'name' | 'type' | 'sid' | 'isDisabled' | 'defaultDatabase' | 'roles'
    > & {
      readonly at: number;
    },
  ): void {
    const { at, ...rest } = given;
    const isSa = nameKey(given.name) === 'sa';
    this.#nextId += 1;
    const record: PrincipalRecord = {
      ...rest,
      principalId: isSa ? 1 : this.#nextId,
      createdAt: at,
      modifiedAt: at,
      isFixedRole: false,
      checkPolicy: given.type === 'S',
    };
    this.principals = [...this.principals, record];
  }

  /** Changes a principal. */
  change(name: string, change: Partial<PrincipalRecord>): void {
    this.principals = this.principals.map((each) =>
      nameKey(each.name) === nameKey(name) ? { ...each, ...change } : each,
    );
  }

  /** Removes a login with its permissions. */
  remove(name: string): void {
    this.principals = this.principals.filter((each) => nameKey(each.name) !== nameKey(name));
    this.permissions = this.permissions.filter((each) => each.grantee !== nameKey(name));
    this.#passwords.delete(nameKey(name));
  }

  /** Takes every server role and permission from a login; it may still connect. */
  revokeAll(login: string): void {
    this.change(login, { roles: [] });
    this.permissions = this.permissions.filter((each) => each.grantee !== nameKey(login));
  }

  /** Sets the password of a SQL login. */
  setPassword(name: string, password: Secret): void {
    this.#passwords.set(nameKey(name), password);
    this.change(name, { passwordHash: hashOf(name, password) });
  }

  /** The password is the login's. */
  passwordIs(name: string, password: string): boolean {
    return this.#passwords.get(nameKey(name))?.reveal() === password;
  }

  /** Member of a fixed server role; null for a role that does not exist. */
  isMember(login: string, role: string): boolean | null {
    const known = this.principal(role);
    if (known?.type !== 'R') return null;
    if (nameKey(role) === 'public') return true;
    return this.principal(login)?.roles.includes(nameKey(role)) ?? false;
  }

  /** Permission on the server; null for a permission that does not exist. */
  hasServerPermission(login: string, permission: string): boolean | null {
    const wanted = permission.toUpperCase();
    if (!serverPermissions.has(wanted)) return null;
    if (this.isMember(login, 'sysadmin') === true) return true;
    const sources = [wanted, 'CONTROL SERVER', ...(impliedBy[wanted] ?? [])];
    const roles = ['public', ...(this.principal(login)?.roles ?? [])];
    const grantees = new Set([nameKey(login), ...roles]);
    const onServer = this.permissions.filter(
      (each) => each.securable.class === 'SERVER' && grantees.has(each.grantee),
    );
    // A DENY of what contains a permission denies that permission too.
    if (onServer.some((each) => each.state === 'DENY' && sources.includes(each.permission)))
      return false;
    return (
      onServer.some((each) => each.state === 'GRANT' && sources.includes(each.permission)) ||
      roles.some((role) => sources.some((source) => roleBrings[role]?.includes(source)))
    );
  }

  /** Permission on an endpoint or a login. */
  hasPermissionOn(
    login: string,
    permission: string,
    on: { readonly class: 'ENDPOINT' | 'LOGIN'; readonly name: string },
  ): boolean {
    const above = on.class === 'ENDPOINT' ? 'ALTER ANY ENDPOINT' : 'ALTER ANY LOGIN';
    if (this.hasServerPermission(login, above) === true) return true;
    return this.permissions.some(
      (each) =>
        each.grantee === nameKey(login) &&
        each.state === 'GRANT' &&
        each.securable.class === on.class &&
        nameKey(each.securable.name) === nameKey(on.name) &&
        [permission.toUpperCase(), 'CONTROL'].includes(each.permission),
    );
  }

  /** Lower-case accounts that may connect to an endpoint. */
  endpointAccounts(endpoint: string): readonly string[] {
    return this.principals
      .filter((each) => each.type !== 'R' && !each.isDisabled)
      .map((each) => nameKey(each.name))
      .filter((login) =>
        this.hasPermissionOn(login, 'CONNECT', { class: 'ENDPOINT', name: endpoint }),
      );
  }
}
