/** Rows of the views about principals, permissions, certificates and keys of the server. */

import { unreachable } from '../../../base/assert.ts';
import type { PermissionRecord, PrincipalRecord } from '../../world/record.ts';
import type { PlainRow } from '../cell.ts';
import { can, type ViewContext, type ViewTable } from '../view.ts';
import { localReplica } from './copy-state.ts';

const TYPE_TEXT: Readonly<Record<PrincipalRecord['type'], string>> = {
  S: 'SQL_LOGIN',
  U: 'WINDOWS_LOGIN',
  R: 'SERVER_ROLE',
  C: 'CERTIFICATE_MAPPED_LOGIN',
};

/** `type` of sys.server_permissions by name of the permission. */
const PERMISSION_TYPES: Readonly<Record<string, string>> = {
  ALTER: 'AL',
  'ALTER ANY AVAILABILITY GROUP': 'ALAG',
  'ALTER ANY CONNECTION': 'ALCO',
  'ALTER ANY DATABASE': 'ALDB',
  'ALTER ANY ENDPOINT': 'ALHE',
  'ALTER ANY LOGIN': 'ALLG',
  'ALTER SERVER STATE': 'ALSS',
  CONNECT: 'CO',
  'CONNECT ANY DATABASE': 'CADB',
  'CONNECT SQL': 'COSQ',
  CONTROL: 'CL',
  'CONTROL SERVER': 'CL',
  'CREATE ANY DATABASE': 'CRDB',
  'CREATE AVAILABILITY GROUP': 'CRAC',
  'CREATE ENDPOINT': 'CRHE',
  'SELECT ALL USER SECURABLES': 'SUS',
  'TAKE OWNERSHIP': 'TO',
  'VIEW ANY DATABASE': 'VWDB',
  'VIEW ANY DEFINITION': 'VWAD',
  'VIEW DEFINITION': 'VW',
  'VIEW SERVER PERFORMANCE STATE': 'VWSP',
  'VIEW SERVER SECURITY STATE': 'VWSS',
  'VIEW SERVER STATE': 'VWSS',
};
const CLASS_TEXT = {
  SERVER: { code: 100, text: 'SERVER' },
  LOGIN: { code: 101, text: 'SERVER_PRINCIPAL' },
  ENDPOINT: { code: 105, text: 'ENDPOINT' },
} as const;
const SA_ID = 1;
const AVAILABILITY_GROUP_CLASS = 108;
/** Keys of 128 to 256 bits; the service master key of a server from 2012 on is AES 256. */
const MASTER_KEY_BITS = 256;
const EPOCH = 0;
const RSA_BITS = 2048;

/** Views about principals, permissions, certificates and keys. */
export const securityViews: ViewTable = {
  'sys.server_principals': { visibility: 'everyone', rows: principalRows },
  'sys.sql_logins': { visibility: 'everyone', rows: sqlLoginRows },
  'sys.server_role_members': { visibility: 'everyone', rows: memberRows },
  'sys.server_permissions': { visibility: 'everyone', rows: permissionRows },
  'sys.certificates': { visibility: 'everyone', rows: certificateRows },
  'sys.symmetric_keys': { visibility: 'everyone', rows: keyRows },
};

/** `principal_id` of a login or role; undefined when there is none. */
export function principalIdOf(
  context: Pick<ViewContext, 'record'>,
  name: string,
): number | undefined {
  const wanted = name.toLowerCase();
  return context.record.principals.find((item) => item.name.toLowerCase() === wanted)?.principalId;
}

/** Everyone sees roles, sa and themselves; the rest needs ALTER ANY LOGIN or VIEW ANY DEFINITION. */
function visiblePrincipals(context: ViewContext): readonly PrincipalRecord[] {
  const { principals } = context.record;
  if (can(context, 'ALTER ANY LOGIN') || can(context, 'VIEW ANY DEFINITION')) return principals;
  const own = context.identity.loginName.toLowerCase();
  return principals.filter(
    (item) => item.type === 'R' || item.principalId === SA_ID || item.name.toLowerCase() === own,
  );
}

function* principalRows(context: ViewContext): Iterable<PlainRow> {
  for (const principal of visiblePrincipals(context)) {
    const isRole = principal.type === 'R';
    yield {
      ...principalBase(principal),
      owning_principal_id: isRole ? SA_ID : null,
      is_fixed_role: principal.isFixedRole,
    };
  }
}

function* sqlLoginRows(context: ViewContext): Iterable<PlainRow> {
  for (const principal of visiblePrincipals(context)) {
    if (principal.type === 'S') {
      yield {
        ...principalBase(principal),
        is_policy_checked: principal.checkPolicy,
        is_expiration_checked: false,
        password_hash: can(context, 'CONTROL SERVER') ? principal.passwordHash : null,
      };
    }
  }
}

function principalBase(principal: PrincipalRecord): PlainRow {
  const isRole = principal.type === 'R';
  return {
    name: principal.name,
    principal_id: principal.principalId,
    sid: principal.sid,
    type: principal.type,
    type_desc: TYPE_TEXT[principal.type],
    is_disabled: principal.isDisabled,
    create_date: principal.createdAt,
    modify_date: principal.modifiedAt,
    default_database_name: isRole ? null : principal.defaultDatabase,
    default_language_name: isRole ? null : 'us_english',
  };
}

function* memberRows(context: ViewContext): Iterable<PlainRow> {
  for (const principal of visiblePrincipals(context)) {
    for (const role of principal.roles) {
      const roleId = principalIdOf(context, role);
      if (roleId !== undefined) {
        yield { role_principal_id: roleId, member_principal_id: principal.principalId };
      }
    }
  }
}

function* permissionRows(context: ViewContext): Iterable<PlainRow> {
  const visible = new Map(
    visiblePrincipals(context).map((item) => [item.name.toLowerCase(), item.principalId]),
  );
  for (const permission of context.record.permissions) {
    const grantee = visible.get(permission.grantee);
    const major = majorId(context, permission);
    if (grantee === undefined || major === undefined) continue;
    const securableClass = CLASS_TEXT[permission.securable.class];
    yield {
      class: securableClass.code,
      class_desc: securableClass.text,
      major_id: major,
      minor_id: 0,
      grantee_principal_id: grantee,
      grantor_principal_id: SA_ID,
      type: PERMISSION_TYPES[permission.permission] ?? permission.permission.slice(0, 4),
      permission_name: permission.permission,
      state: permission.state === 'GRANT' ? 'G' : 'D',
      state_desc: permission.state,
    };
  }
  yield* groupGrantRows(context, visible);
}

/** GRANT CREATE ANY DATABASE on a group is a row about the local replica, class 108. */
function* groupGrantRows(
  { instance }: ViewContext,
  visible: ReadonlyMap<string, number>,
): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    const grantee = visible.get(group.createAnyDatabase?.toLowerCase() ?? '');
    const replica = localReplica(instance, group);
    if (grantee === undefined || replica === undefined) continue;
    yield {
      class: AVAILABILITY_GROUP_CLASS,
      class_desc: 'AVAILABILITY GROUP',
      major_id: replica.metadataId,
      minor_id: 0,
      grantee_principal_id: grantee,
      grantor_principal_id: SA_ID,
      type: 'CRDB',
      permission_name: 'CREATE ANY DATABASE',
      state: 'G',
      state_desc: 'GRANT',
    };
  }
}

function majorId(context: ViewContext, { securable }: PermissionRecord): number | undefined {
  switch (securable.class) {
    case 'SERVER':
      return 0;
    case 'LOGIN':
      return principalIdOf(context, securable.name);
    case 'ENDPOINT': {
      const { endpoint } = context.instance;
      return endpoint?.name.toLowerCase() === securable.name.toLowerCase()
        ? endpoint.id
        : undefined;
    }
  }
  return unreachable(securable);
}

/** Keys and certificates belong to a database; the lab makes them in master only. */
function isMaster(context: ViewContext): boolean {
  return context.database.toLowerCase() === 'master';
}

function* certificateRows(context: ViewContext): Iterable<PlainRow> {
  if (!isMaster(context) || !can(context, 'VIEW ANY DEFINITION')) return;
  for (const certificate of context.record.certificates) {
    const { hasPrivateKey } = certificate;
    yield {
      name: certificate.name,
      certificate_id: certificate.certificateId,
      principal_id: certificate.ownerId,
      pvt_key_encryption_type: hasPrivateKey ? 'MK' : 'NA',
      pvt_key_encryption_type_desc: hasPrivateKey ? 'ENCRYPTED_BY_MASTER_KEY' : 'NO_PRIVATE_KEY',
      is_active_for_begin_dialog: true,
      issuer_name: certificate.subject,
      cert_serial_number: hex(certificate.thumbprint),
      subject: certificate.subject,
      expiry_date: certificate.expiresAt,
      start_date: certificate.startAt,
      thumbprint: certificate.thumbprint,
      key_length: RSA_BITS,
    };
  }
}

function* keyRows(context: ViewContext): Iterable<PlainRow> {
  if (!isMaster(context) || !can(context, 'VIEW ANY DEFINITION')) return;
  const names = context.record.hasMasterKey
    ? ['##MS_DatabaseMasterKey##', '##MS_ServiceMasterKey##']
    : ['##MS_ServiceMasterKey##'];
  for (const name of names) {
    yield {
      name,
      principal_id: 1,
      symmetric_key_id: name === '##MS_DatabaseMasterKey##' ? 101 : 102,
      key_length: MASTER_KEY_BITS,
      key_algorithm: 'A3',
      algorithm_desc: 'AES_256',
      create_date: EPOCH,
      modify_date: EPOCH,
    };
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
