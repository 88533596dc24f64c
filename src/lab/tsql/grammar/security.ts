/** Logins, server roles, certificates and the master key ("CREATE LOGIN", "CREATE CERTIFICATE", Microsoft Learn). */

import type { SecurityStatement } from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';
import { NAME, parseOptionList, rule, STRING, SWITCH } from './option.ts';
import type { OptionTable } from './option.ts';

const LOGIN_OPTIONS: OptionTable = {
  PASSWORD: rule(parsePassword),
  SID: rule(parseBinary),
  DEFAULT_DATABASE: NAME,
  DEFAULT_LANGUAGE: NAME,
  CHECK_POLICY: SWITCH,
  CHECK_EXPIRATION: SWITCH,
};

/** `= 'text'` with the words that may follow; hashed passwords are not simulated. */
function parsePassword(cursor: Cursor): string {
  cursor.expect('=');
  if (cursor.peek().kind === 'binary') throw cursor.notSimulated('hashed passwords');
  const password = cursor.string();
  while (cursor.isOneOf('MUST_CHANGE', 'UNLOCK')) cursor.take();
  if (cursor.accept('OLD_PASSWORD')) {
    cursor.expect('=');
    cursor.string();
  }
  return password;
}

function parseBinary(cursor: Cursor): Uint8Array {
  cursor.expect('=');
  return takeBinary(cursor);
}

function takeBinary(cursor: Cursor): Uint8Array {
  const token = cursor.peek();
  if (token.kind !== 'binary') throw cursor.error();
  cursor.take();
  return Uint8Array.from(Buffer.from(token.value, 'hex'));
}

/** Takes CREATE LOGIN behind the word CREATE. */
export function parseCreateLogin(cursor: Cursor): SecurityStatement {
  cursor.expect('LOGIN');
  const login = cursor.name();
  if (cursor.accept('FROM')) {
    if (cursor.isOneOf('CERTIFICATE', 'ASYMMETRIC', 'EXTERNAL'))
      throw cursor.notSimulated(`CREATE LOGIN FROM ${cursor.peek().upper}`);
    cursor.expect('WINDOWS');
    const values = cursor.accept('WITH')
      ? parseOptionList(cursor, { DEFAULT_DATABASE: NAME, DEFAULT_LANGUAGE: NAME }, 'CREATE LOGIN')
      : new Map<string, unknown>();
    return {
      kind: 'create-login',
      login,
      source: { kind: 'windows' },
      defaultDatabase: text(values, 'DEFAULT_DATABASE'),
    };
  }
  cursor.expect('WITH');
  const first = cursor.peek();
  const values = parseOptionList(cursor, LOGIN_OPTIONS, 'CREATE LOGIN');
  const password = text(values, 'PASSWORD');
  if (password === null) throw cursor.error(first);
  const sid = values.get('SID');
  const policy = values.get('CHECK_POLICY');
  const source = {
    kind: 'password',
    password,
    sid: sid instanceof Uint8Array ? sid : null,
    checkPolicy: typeof policy === 'boolean' ? policy : null,
  } as const;
  return { kind: 'create-login', login, source, defaultDatabase: text(values, 'DEFAULT_DATABASE') };
}

function text(values: ReadonlyMap<string, unknown>, name: string): string | null {
  const value = values.get(name);
  return typeof value === 'string' ? value : null;
}

/** Takes ALTER LOGIN behind the word ALTER. */
export function parseAlterLogin(cursor: Cursor): SecurityStatement {
  cursor.expect('LOGIN');
  const login = cursor.name();
  if (cursor.accept('ENABLE')) return { kind: 'alter-login', login, change: { kind: 'enable' } };
  if (cursor.accept('DISABLE')) return { kind: 'alter-login', login, change: { kind: 'disable' } };
  cursor.expect('WITH');
  const option = cursor.peek();
  const values = parseOptionList(cursor, { ...LOGIN_OPTIONS, NAME }, 'ALTER LOGIN');
  const password = text(values, 'PASSWORD');
  const database = text(values, 'DEFAULT_DATABASE');
  if (values.size === 1 && password !== null)
    return { kind: 'alter-login', login, change: { kind: 'password', password } };
  if (values.size === 1 && database !== null)
    return { kind: 'alter-login', login, change: { kind: 'default-database', database } };
  throw cursor.fail(49_901, option, 'this change of a login');
}

/** Takes ALTER SERVER ROLE behind the word ALTER. */
export function parseAlterServerRole(cursor: Cursor): SecurityStatement {
  cursor.expect('SERVER', 'ROLE');
  const role = cursor.name();
  const change = cursor.oneOf('ADD', 'DROP') === 'ADD' ? 'add' : 'drop';
  cursor.expect('MEMBER');
  return { kind: 'alter-server-role', role, change, member: cursor.name() };
}

/** Takes CREATE MASTER KEY behind the word CREATE. */
export function parseCreateMasterKey(cursor: Cursor): SecurityStatement {
  cursor.expect('MASTER', 'KEY', 'ENCRYPTION', 'BY', 'PASSWORD', '=');
  return { kind: 'create-master-key', password: cursor.string() };
}

/** Takes CREATE CERTIFICATE behind the word CREATE. */
export function parseCreateCertificate(cursor: Cursor): SecurityStatement {
  cursor.expect('CERTIFICATE');
  const name = cursor.name();
  const authorization = cursor.accept('AUTHORIZATION') ? cursor.name() : null;
  const empty = {
    subject: null,
    startDate: null,
    expiryDate: null,
    fromFile: null,
    fromBinary: null,
  } as const;
  if (cursor.accept('FROM')) {
    if (cursor.accept('BINARY', '=')) {
      return {
        kind: 'create-certificate',
        name,
        authorization,
        ...empty,
        fromBinary: takeBinary(cursor),
      };
    }
    if (cursor.isOneOf('EXECUTABLE', 'ASSEMBLY'))
      throw cursor.notSimulated(`CREATE CERTIFICATE FROM ${cursor.peek().upper}`);
    cursor.expect('FILE', '=');
    const fromFile = cursor.string();
    if (cursor.is('WITH', 'PRIVATE', 'KEY'))
      throw cursor.notSimulated('private keys of certificates in files');
    return { kind: 'create-certificate', name, authorization, ...empty, fromFile };
  }
  if (cursor.is('ENCRYPTION')) throw cursor.notSimulated('certificates with a password');
  cursor.expect('WITH');
  const values = parseOptionList(
    cursor,
    { SUBJECT: STRING, START_DATE: STRING, EXPIRY_DATE: STRING },
    'CREATE CERTIFICATE',
  );
  if (!values.has('SUBJECT')) throw cursor.error();
  return {
    kind: 'create-certificate',
    name,
    authorization,
    ...empty,
    subject: text(values, 'SUBJECT'),
    startDate: text(values, 'START_DATE'),
    expiryDate: text(values, 'EXPIRY_DATE'),
  };
}

/** Takes DROP LOGIN or DROP CERTIFICATE behind the word DROP. */
export function parseDropSecurity(cursor: Cursor): SecurityStatement {
  if (cursor.accept('LOGIN')) return { kind: 'drop-login', login: cursor.name() };
  cursor.expect('CERTIFICATE');
  return { kind: 'drop-certificate', name: cursor.name() };
}
