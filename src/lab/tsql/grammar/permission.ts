/** GRANT, DENY and REVOKE on the server, a securable of it, or an object of a database. */

import type { ObjectName, SecurityStatement } from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';

type Target = Extract<SecurityStatement, { readonly kind: 'permission' }>['on'];

const SERVER_WORDS =
  /^(?:ADMINISTER|ALTER ANY (?:AVAILABILITY|CONNECTION|CREDENTIAL|DATABASE|ENDPOINT|EVENT NOTIFICATION|EVENT SESSION|LINKED|LOGIN|SERVER)|ALTER (?:RESOURCES|SERVER STATE|SETTINGS|TRACE)|AUTHENTICATE SERVER|CONNECT (?:ANY DATABASE|SQL)|CONTROL SERVER|CREATE (?:ANY DATABASE|AVAILABILITY GROUP|DDL EVENT|ENDPOINT|LOGIN|SERVER ROLE)|EXTERNAL ACCESS|IMPERSONATE ANY|SELECT ALL USER|SHUTDOWN|UNSAFE|VIEW ANY|VIEW SERVER)/u;

/** Takes GRANT, DENY or REVOKE. */
export function parsePermission(cursor: Cursor): SecurityStatement {
  const verb = cursor.oneOf('GRANT', 'DENY', 'REVOKE');
  if (verb === 'REVOKE') cursor.accept('GRANT', 'OPTION', 'FOR');
  const permissions = cursor.list(() => parseName(cursor));
  const on = cursor.accept('ON') ? parseTarget(cursor) : implied(permissions);
  if (verb === 'REVOKE' && cursor.accept('FROM')) return finish(cursor, { verb, permissions, on });
  cursor.expect('TO');
  return finish(cursor, { verb, permissions, on });
}

interface Head {
  readonly verb: 'GRANT' | 'DENY' | 'REVOKE';
  readonly permissions: readonly string[];
  readonly on: Target;
}

function finish(cursor: Cursor, head: Head): SecurityStatement {
  const to = cursor.list(() => (cursor.accept('PUBLIC') ? 'public' : cursor.name()));
  if (cursor.is('WITH', 'GRANT', 'OPTION')) throw cursor.notSimulated('WITH GRANT OPTION');
  cursor.accept('CASCADE');
  if (cursor.is('AS')) throw cursor.notSimulated('GRANT AS');
  const action = head.verb === 'GRANT' ? 'grant' : head.verb === 'DENY' ? 'deny' : 'revoke';
  return { kind: 'permission', action, permissions: head.permissions, on: head.on, to };
}

/** One permission of several words, upper case. */
function parseName(cursor: Cursor): string {
  const parts: string[] = [];
  while (cursor.peek().kind === 'word' && !cursor.isOneOf('ON', 'TO', 'FROM'))
    parts.push(cursor.take().upper);
  if (parts.length === 0) throw cursor.error();
  if (cursor.is('(')) throw cursor.notSimulated('permissions on columns');
  return parts.join(' ');
}

/** Without ON: permissions of the server, else of the current database. */
function implied(permissions: readonly string[]): Target {
  const server = permissions.every((permission) => SERVER_WORDS.test(permission));
  return { class: server ? 'SERVER' : 'DATABASE', name: null };
}

function parseTarget(cursor: Cursor): Target {
  const plain = (name: string): ObjectName => ({ database: null, schema: null, name });
  if (cursor.accept('AVAILABILITY', 'GROUP', '::'))
    return { class: 'AVAILABILITY GROUP', name: plain(cursor.name()) };
  if (cursor.peek(1).upper !== '::') return { class: 'OBJECT', name: cursor.objectName() };
  const word = cursor.peek().upper;
  switch (word) {
    case 'ENDPOINT':
    case 'LOGIN':
    case 'DATABASE':
    case 'SCHEMA':
      cursor.expect(word, '::');
      return { class: word, name: plain(cursor.name()) };
    case 'OBJECT':
      cursor.expect(word, '::');
      return { class: 'OBJECT', name: cursor.objectName() };
    default:
      throw cursor.notSimulated(`permissions on ${word}`);
  }
}
