/** Administrative statements: which grammar reads them. Version gates and permissions are not here. */

import type { AdminEnvelope, AdminStatement } from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';
import { parseAlterGroup, parseCreateGroup, parseDropGroup } from './availability-group.ts';
import { parseBackup, parseRestore } from './backup.ts';
import { parseAlterDatabase, parseCreateDatabase, parseDropDatabase } from './database.ts';
import { parseAlterEndpoint, parseCreateEndpoint, parseDropEndpoint } from './endpoint.ts';
import { parsePermission } from './permission.ts';
import {
  parseAlterLogin,
  parseAlterServerRole,
  parseCreateCertificate,
  parseCreateLogin,
  parseCreateMasterKey,
  parseDropSecurity,
} from './security.ts';

type Rule = (cursor: Cursor) => AdminStatement;

const RULES: Readonly<Record<string, Rule | undefined>> = {
  BACKUP: parseBackup,
  RESTORE: parseRestore,
  GRANT: parsePermission,
  DENY: parsePermission,
  REVOKE: parsePermission,
  KILL: parseKill,
  DBCC: parseDbcc,
  CHECKPOINT: parseCheckpoint,
  RECONFIGURE: parseReconfigure,
  SHUTDOWN: parseShutdown,
};

/** Rules behind CREATE, ALTER and DROP, by the word that follows. */
const CREATE: Readonly<Record<string, Rule | undefined>> = {
  AVAILABILITY: parseCreateGroup,
  ENDPOINT: parseCreateEndpoint,
  LOGIN: parseCreateLogin,
  CERTIFICATE: parseCreateCertificate,
  MASTER: parseCreateMasterKey,
  DATABASE: parseCreateDatabase,
};

const ALTER: Readonly<Record<string, Rule | undefined>> = {
  AVAILABILITY: parseAlterGroup,
  ENDPOINT: parseAlterEndpoint,
  LOGIN: parseAlterLogin,
  SERVER: parseAlterServerRole,
  DATABASE: parseAlterDatabase,
};

const DROP: Readonly<Record<string, Rule | undefined>> = {
  AVAILABILITY: parseDropGroup,
  ENDPOINT: parseDropEndpoint,
  LOGIN: parseDropSecurity,
  CERTIFICATE: parseDropSecurity,
  DATABASE: parseDropDatabase,
};

const VERBS: Readonly<Record<string, typeof CREATE | undefined>> = { CREATE, ALTER, DROP };

/** Takes one administrative statement; the next token is its verb. */
export function parseAdministration(cursor: Cursor): AdminEnvelope {
  return { kind: 'admin', statement: parseAdmin(cursor) };
}

function parseAdmin(cursor: Cursor): AdminStatement {
  const verb = cursor.peek().upper;
  const objects = VERBS[verb];
  if (objects === undefined) {
    const rule = RULES[verb];
    if (rule === undefined) throw cursor.error();
    return rule(cursor);
  }
  cursor.take();
  const object = cursor.peek().upper;
  if (cursor.is('SERVER') && cursor.peek(1).upper !== 'ROLE')
    throw cursor.notSimulated(`${verb} SERVER ${cursor.peek(1).upper}`);
  const rule = objects[object];
  if (rule !== undefined) return rule(cursor);
  if (object === 'SERVER' || object === 'MASTER' || object === 'CERTIFICATE')
    throw cursor.notSimulated(`${verb} ${object}`);
  throw cursor.error();
}

function parseKill(cursor: Cursor): AdminStatement {
  cursor.expect('KILL');
  if (cursor.isOneOf('QUERY', 'STATS') || cursor.peek().kind === 'string')
    throw cursor.notSimulated('KILL of anything but a session');
  const sessionId = cursor.integer();
  if (cursor.is('WITH')) throw cursor.notSimulated('KILL WITH STATUSONLY');
  return { kind: 'kill', sessionId };
}

function parseCheckpoint(cursor: Cursor): AdminStatement {
  cursor.expect('CHECKPOINT');
  if (cursor.peek().kind === 'integer') cursor.take();
  return { kind: 'checkpoint' };
}

/** WITH OVERRIDE only skips warnings that the lab does not give. */
function parseReconfigure(cursor: Cursor): AdminStatement {
  cursor.expect('RECONFIGURE');
  cursor.accept('WITH', 'OVERRIDE');
  return { kind: 'reconfigure' };
}

function parseShutdown(cursor: Cursor): AdminStatement {
  cursor.expect('SHUTDOWN');
  return { kind: 'shutdown', noWait: cursor.accept('WITH', 'NOWAIT') };
}

function parseDbcc(cursor: Cursor): AdminStatement {
  cursor.expect('DBCC');
  const command = cursor.name().toUpperCase();
  const list: (string | number)[] = [];
  if (cursor.accept('(') && !cursor.accept(')')) {
    list.push(...cursor.list(() => parseDbccArgument(cursor)));
    cursor.expect(')');
  }
  const options = cursor.accept('WITH') ? cursor.list(() => cursor.name().toUpperCase()) : [];
  return { kind: 'dbcc', command, arguments: list, options };
}

function parseDbccArgument(cursor: Cursor): string | number {
  const token = cursor.peek();
  if (token.upper === '-') {
    cursor.take();
    return -cursor.integer();
  }
  if (token.kind === 'integer') return cursor.integer();
  return token.kind === 'string' ? cursor.string() : cursor.name();
}
