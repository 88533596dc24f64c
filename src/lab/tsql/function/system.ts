/** System, metadata and security functions ("System functions", "Metadata functions", "Security functions", Microsoft Learn). */

import type { SqlType, SqlValue, Variant } from '../../../tds/sql-type.ts';
import type { ApplicationLockName, ApplicationLockRequest } from '../../instance.ts';
import type { ObjectName } from '../ast.ts';
import { sqlError } from '../message.ts';
import { text as textOf, BIGINT, INT, lenient, strict, SYSNAME, VARIANT, whole } from './define.ts';
import type { Argument, FunctionTable } from './define.ts';
import type { ScalarContext, ScalarFunction } from './scalar.ts';

/** A function without arguments. */
function constant(type: SqlType, evaluate: (context: ScalarContext) => SqlValue): ScalarFunction {
  return lenient({ count: [0, 0], type, evaluate: (_list, context) => evaluate(context) });
}

/** The login of the session; an argument names another principal, of which only the name itself is known. */
function loginName(count: readonly [number, number]): ScalarFunction {
  return lenient({
    count,
    type: SYSNAME,
    evaluate: ([argument], context) =>
      argument === undefined ? context.identity.loginName : principalName(argument),
  });
}

/** Principal 1 with SID 0x01 is `sa` on every server; the others need the catalog and are NULL. */
function principalName({ value, type }: Argument): string | null {
  const first =
    value instanceof Uint8Array
      ? value.length === 1 && value[0] === 1
      : whole({ value, type }) === 1;
  return value !== null && first ? 'sa' : null;
}

/** Splits `[a].b."c"` into its parts; undefined when it is no name. */
export function parseName(source: string): ObjectName | undefined {
  const parts: (string | null)[] = [];
  const part = /\s*(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.[\]"]*?))\s*(?:\.|$)/uy;
  let at = 0;
  while (at <= source.length && parts.length < 5) {
    part.lastIndex = at;
    const match = part.exec(source);
    if (match === null) return undefined;
    const raw =
      match[1]?.replaceAll(']]', ']') ?? match[2]?.replaceAll('""', '"') ?? match[3] ?? '';
    parts.push(raw === '' ? null : raw);
    at = part.lastIndex;
    if (!match[0].endsWith('.')) break;
  }
  const name = parts.at(-1);
  if (name === null || name === undefined || parts.length > 3) return undefined;
  return { database: parts.at(-3) ?? null, schema: parts.at(-2) ?? null, name };
}

function objectId(list: readonly Argument[], context: ScalarContext): SqlValue {
  const name = parseName(textOf(list[0]));
  if (name === undefined) return null;
  // A database that does not exist holds no object: NULL, not an error.
  if (name.database !== null && context.instance.databaseId(name.database) === null) return null;
  return context.objectId(
    name,
    list[1] === undefined ? null : textOf(list[1]).trim().toUpperCase(),
  );
}

function objectName(list: readonly Argument[], context: ScalarContext) {
  const database =
    list[1] === undefined ? context.state.database : context.instance.databaseName(whole(list[1]));
  return database === null ? null : context.objectName(whole(list[0]), database);
}

function hasPermission(list: readonly Argument[], context: ScalarContext): SqlValue {
  const [securable, securableClass, permission] = list;
  if (permission === undefined || permission.value === null) return null;
  if (list.length > 3) throw sqlError(49_901, 'sub-securables of HAS_PERMS_BY_NAME');
  const name = (argument: Argument | undefined): string | null =>
    argument === undefined || argument.value === null ? null : textOf(argument);
  return context.instance.hasPermission(
    context.identity,
    { name: name(securable), securableClass: name(securableClass) },
    textOf(permission),
  );
}

/** One field of the error that CATCH handles. */
function errorField(
  type: SqlType,
  field: (context: NonNullable<ScalarContext['error']>) => SqlValue,
): ScalarFunction {
  return constant(type, (context) => (context.error === null ? null : field(context.error)));
}

function variant(type: SqlType, value: SqlValue): Variant | null {
  return value === null ? null : { kind: 'variant', type, value };
}

function connectionProperty(name: string, context: ScalarContext): SqlValue {
  const { identity } = context;
  const properties: Readonly<Record<string, SqlValue | undefined>> = {
    net_transport: 'TCP',
    protocol_type: 'TSQL',
    auth_scheme: identity.loginName.includes('\\') ? 'NTLM' : 'SQL',
    local_net_address: identity.serverAddress,
    local_tcp_port: identity.serverPort,
    client_net_address: identity.clientAddress,
    physical_net_transport: 'TCP',
  };
  const value = properties[name.toLowerCase()] ?? null;
  return variant(typeof value === 'number' ? INT : SYSNAME, value);
}

function contextInfo(context: ScalarContext): SqlValue {
  const { contextInfo: bytes } = context.state;
  if (bytes === null) return null;
  const filled = new Uint8Array(128);
  filled.set(bytes.slice(0, 128));
  return filled;
}

function databaseName(list: readonly Argument[], context: ScalarContext): SqlValue {
  return list[0] === undefined
    ? context.state.database
    : context.instance.databaseName(whole(list[0]));
}

function databaseId(list: readonly Argument[], context: ScalarContext): SqlValue {
  return context.instance.databaseId(
    list[0] === undefined ? context.state.database : textOf(list[0]),
  );
}

/** Metadata and identity of the session. */
const metadata: FunctionTable = {
  DB_ID: strict({ count: [0, 1], type: { kind: 'smallint' }, evaluate: databaseId }),
  DB_NAME: strict({ count: [0, 1], type: SYSNAME, evaluate: databaseName }),
  ORIGINAL_DB_NAME: constant(SYSNAME, (context) => context.state.database),
  OBJECT_ID: strict({ count: [1, 2], type: INT, evaluate: objectId }),
  OBJECT_NAME: strict({
    count: [1, 2],
    type: SYSNAME,
    evaluate: (list, context) => objectName(list, context)?.name ?? null,
  }),
  OBJECT_SCHEMA_NAME: strict({
    count: [1, 2],
    type: SYSNAME,
    evaluate: (list, context) => objectName(list, context)?.schema ?? null,
  }),
  COL_LENGTH: strict({
    count: [2, 2],
    type: { kind: 'smallint' },
    evaluate: (list, context) => {
      const table = parseName(textOf(list[0]));
      return table === undefined ? null : context.columnLength(table, textOf(list[1]));
    },
  }),
  SCHEMA_NAME: lenient({
    count: [0, 1],
    type: SYSNAME,
    evaluate: (list) =>
      list[0] === undefined || whole(list[0]) === 1 ? 'dbo' : schemaName(whole(list[0])),
  }),
  SERVERPROPERTY: strict({
    count: [1, 1],
    type: VARIANT,
    evaluate: (list, context) => context.instance.serverProperty(textOf(list[0])),
  }),
  DATABASEPROPERTYEX: strict({
    count: [2, 2],
    type: VARIANT,
    evaluate: (list, context) =>
      context.instance.databaseProperty(textOf(list[0]), textOf(list[1])),
  }),
  CONNECTIONPROPERTY: strict({
    count: [1, 1],
    type: VARIANT,
    evaluate: (list, context) => connectionProperty(textOf(list[0]), context),
  }),
  SESSION_CONTEXT: strict({
    count: [1, 1],
    type: VARIANT,
    evaluate: (list, context) => context.sessionContext.get(textOf(list[0]).toLowerCase()) ?? null,
  }),
  CONTEXT_INFO: constant({ kind: 'varbinary', length: 128 }, contextInfo),
  HOST_NAME: constant(SYSNAME, (context) => context.identity.hostName),
  HOST_ID: constant({ kind: 'char', length: 10 }, (context) =>
    String(context.identity.hostProcessId).padEnd(10),
  ),
  APP_NAME: constant(SYSNAME, (context) => context.identity.programName),
  SCOPE_IDENTITY: constant({ kind: 'numeric', precision: 38, scale: 0 }, (context) =>
    context.scopeIdentity === null
      ? null
      : { kind: 'decimal', unscaled: context.scopeIdentity, scale: 0 },
  ),
  ROWCOUNT_BIG: constant(BIGINT, (context) => context.rowCount),
  NEWID: constant({ kind: 'uniqueidentifier' }, (context) => context.instance.random.guid()),
  SQL_VARIANT_PROPERTY: strict({
    count: [2, 2],
    type: VARIANT,
    evaluate: (list) => variantProperty(list),
  }),
};

/** The fixed schemas; others need the catalog and are NULL. */
function schemaName(id: number): string | null {
  return id === 2 ? 'guest' : id === 3 ? 'INFORMATION_SCHEMA' : id === 4 ? 'sys' : null;
}

function variantProperty(list: readonly Argument[]): SqlValue {
  const [argument, property] = list;
  const value = argument?.value;
  const type =
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'variant'
      ? value.type
      : argument?.type;
  if (type === undefined || textOf(property).toLowerCase() !== 'basetype') return null;
  return variant(SYSNAME, type.kind);
}

const LOCK_MODES: readonly ApplicationLockRequest['mode'][] = [
  'Shared',
  'Update',
  'IntentShared',
  'IntentExclusive',
  'Exclusive',
];

/** The lock that principal, resource and owner name in the current database; null for an unknown owner. */
function lockName(
  [principal, resource]: readonly Argument[],
  ownerArgument: Argument | undefined,
  { state }: ScalarContext,
): ApplicationLockName | null {
  const wanted = textOf(ownerArgument).toLowerCase();
  if (wanted !== 'session' && wanted !== 'transaction') return null;
  return {
    database: state.database,
    principal: textOf(principal),
    resource: textOf(resource),
    owner: wanted === 'session' ? 'Session' : 'Transaction',
  };
}

/** Principals and permissions. */
const security: FunctionTable = {
  SUSER_SNAME: loginName([0, 1]),
  SUSER_NAME: loginName([0, 1]),
  SYSTEM_USER: loginName([0, 0]),
  ORIGINAL_LOGIN: loginName([0, 0]),
  USER_NAME: lenient({
    count: [0, 1],
    type: SYSNAME,
    evaluate: (list, context) =>
      list[0] === undefined ? context.userName : whole(list[0]) === 1 ? 'dbo' : null,
  }),
  USER: constant(SYSNAME, (context) => context.userName),
  CURRENT_USER: constant(SYSNAME, (context) => context.userName),
  SESSION_USER: constant(SYSNAME, (context) => context.userName),
  SUSER_SID: lenient({
    count: [0, 2],
    type: { kind: 'varbinary', length: 85 },
    evaluate: (list, context) =>
      sid(list[0] === undefined ? context.identity.loginName : textOf(list[0])),
  }),
  CERT_ID: strict({
    count: [1, 1],
    type: INT,
    evaluate: (list, context) => {
      const name = parseName(textOf(list[0]));
      if (name === undefined) return null;
      return context.instance.certificate(context.state.database, name.name)?.certificateId ?? null;
    },
  }),
  CERTENCODED: strict({
    count: [1, 1],
    type: { kind: 'varbinary', length: 'max' },
    evaluate: ([id], context) =>
      id === undefined
        ? null
        : (context.instance.certificate(context.state.database, whole(id))?.encoded ?? null),
  }),
  DEFAULT_DOMAIN: constant(SYSNAME, (context) => context.instance.defaultDomain()),
  HAS_PERMS_BY_NAME: lenient({ count: [3, 5], type: INT, evaluate: hasPermission }),
  APPLOCK_MODE: strict({
    count: [3, 3],
    type: { kind: 'nvarchar', length: 32 },
    evaluate: (list, context) => {
      const lock = lockName(list, list[2], context);
      return lock === null ? null : context.instance.applicationLockMode(context.identity, lock);
    },
  }),
  APPLOCK_TEST: strict({
    count: [4, 4],
    type: { kind: 'smallint' },
    evaluate: (list, context) => {
      const lock = lockName(list, list[3], context);
      const wanted = textOf(list[2]).toLowerCase();
      const mode = LOCK_MODES.find((each) => each.toLowerCase() === wanted);
      if (lock === null || mode === undefined) return null;
      return context.instance.testApplicationLock(context.identity, { ...lock, mode }) ? 1 : 0;
    },
  }),
  IS_SRVROLEMEMBER: strict({
    count: [1, 2],
    type: INT,
    evaluate: (list, context) =>
      context.instance.isServerRoleMember(
        context.identity,
        textOf(list[0]),
        list[1] === undefined ? null : textOf(list[1]),
      ),
  }),
};

/** Only sa has a SID that does not depend on the catalog. */
function sid(login: string): SqlValue {
  return login.toLowerCase() === 'sa' ? Uint8Array.of(1) : null;
}

/** Errors and transactions. */
const errors: FunctionTable = {
  ERROR_NUMBER: errorField(INT, (error) => error.number),
  ERROR_MESSAGE: errorField({ kind: 'nvarchar', length: 4000 }, (error) => error.text),
  ERROR_SEVERITY: errorField(INT, (error) => error.severity),
  ERROR_STATE: errorField(INT, (error) => error.state),
  ERROR_LINE: errorField(INT, (error) => error.line),
  ERROR_PROCEDURE: errorField(SYSNAME, (error) =>
    error.procedure === '' ? null : error.procedure,
  ),
  XACT_STATE: constant({ kind: 'smallint' }, (context) => context.transactionState),
};

/** The system functions. */
export const systemFunctions: FunctionTable = { ...metadata, ...security, ...errors };
