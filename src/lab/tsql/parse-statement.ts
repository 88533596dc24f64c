/** One statement: which rule reads it. */

import type {
  ControlStatement,
  DefinitionStatement,
  QueryStatement,
  Statement,
  TransactionStatement,
  AdminEnvelope,
} from './ast.ts';
import { parseAdministration } from './grammar/administration.ts';
import {
  parseBegin,
  parseDeclare,
  parseIf,
  parseRaiserror,
  parseReturn,
  parseThrow,
  parseTransaction,
  parseWaitfor,
  parseWhile,
} from './parse-control.ts';
import type { Cursor } from './parse-cursor.ts';
import {
  parseAlterTable,
  parseCreateIndex,
  parseCreateSchema,
  parseCreateTable,
  parseDropObject,
} from './parse-definition.ts';
import { parseDelete, parseInsert, parseTruncate, parseUpdate } from './parse-dml.ts';
import { parseExecute, parseProcedureCall } from './parse-execute.ts';
import { parseQueryAfterWith, parseWith } from './parse-query.ts';
import { parseSet } from './parse-set.ts';

type StatementBody =
  | QueryStatement
  | DefinitionStatement
  | ControlStatement
  | TransactionStatement
  | AdminEnvelope;

/** Takes one statement; the semicolon behind it is left. */
export function parseStatement(cursor: Cursor): Statement {
  const line = cursor.line;
  return cursor.deeper(() => ({ ...parseBody(cursor), line }));
}

/** Takes all statements of a batch. */
export function parseStatements(cursor: Cursor): readonly Statement[] {
  const statements: Statement[] = [];
  for (;;) {
    let separated = false;
    while (cursor.accept(';')) separated = true;
    if (cursor.peek().kind === 'end') return statements;
    if (cursor.is('WITH') && !separated && statements.length > 0)
      throw cursor.fail(319, cursor.peek());
    if (statements.length === 0 && startsImplicitExecute(cursor)) {
      const line = cursor.line;
      statements.push({ ...parseProcedureCall(cursor, null), line });
    } else {
      statements.push(parseStatement(cursor));
    }
  }
}

/** Words that begin a statement without being reserved. */
const UNRESERVED_STARTS = new Set(['THROW', 'DISABLE', 'ENABLE', 'MOVE', 'GET', 'RECEIVE', 'SEND']);

/** The first statement of a batch may leave EXEC out. */
function startsImplicitExecute(cursor: Cursor): boolean {
  const token = cursor.peek();
  return cursor.isName() && !UNRESERVED_STARTS.has(token.upper) && cursor.peek(1).upper !== ':';
}

type Rule = (cursor: Cursor) => StatementBody;

const select: Rule = (cursor) => ({ kind: 'select', query: parseQueryAfterWith(cursor, []) });

const RULES: Readonly<Record<string, Rule | undefined>> = {
  SELECT: select,
  '(': select,
  WITH: parseWithStatement,
  INSERT: (cursor) => parseInsert(cursor, []),
  UPDATE: (cursor) => parseUpdate(cursor, []),
  DELETE: (cursor) => parseDelete(cursor, []),
  TRUNCATE: parseTruncate,
  DECLARE: parseDeclare,
  SET: parseSet,
  IF: parseIf,
  WHILE: parseWhile,
  BEGIN: parseBegin,
  RETURN: parseReturn,
  THROW: parseThrow,
  RAISERROR: parseRaiserror,
  WAITFOR: parseWaitfor,
  COMMIT: parseTransaction,
  ROLLBACK: parseTransaction,
  SAVE: parseTransaction,
  EXEC: parseExecute,
  EXECUTE: parseExecute,
  BREAK: (cursor) => word(cursor, 'break'),
  CONTINUE: (cursor) => word(cursor, 'continue'),
  PRINT: parsePrint,
  USE: parseUse,
  CREATE: parseCreate,
  ALTER: parseAlter,
  DROP: parseDrop,
  BACKUP: parseAdministration,
  RESTORE: parseAdministration,
  GRANT: parseAdministration,
  DENY: parseAdministration,
  REVOKE: parseAdministration,
  KILL: parseAdministration,
  DBCC: parseAdministration,
  CHECKPOINT: parseAdministration,
  SHUTDOWN: parseAdministration,
  MERGE: notSimulated,
  GOTO: notSimulated,
  OPEN: notSimulated,
  CLOSE: notSimulated,
  DEALLOCATE: notSimulated,
  FETCH: notSimulated,
  BULK: notSimulated,
  REVERT: notSimulated,
  RECONFIGURE: parseAdministration,
  DISABLE: notSimulated,
  ENABLE: notSimulated,
  RECEIVE: notSimulated,
  READTEXT: notSimulated,
  WRITETEXT: notSimulated,
  UPDATETEXT: notSimulated,
};

function parseBody(cursor: Cursor): StatementBody {
  const rule = RULES[cursor.peek().upper];
  if (rule !== undefined) return rule(cursor);
  if (cursor.isName() && cursor.peek(1).upper === ':') throw cursor.notSimulated('labels');
  throw cursor.error();
}

function notSimulated(cursor: Cursor): never {
  throw cursor.notSimulated(cursor.peek().upper);
}

function word(cursor: Cursor, kind: 'break' | 'continue'): ControlStatement {
  cursor.take();
  return { kind };
}

function parsePrint(cursor: Cursor): ControlStatement {
  cursor.expect('PRINT');
  return { kind: 'print', message: cursor.rules.expression(cursor) };
}

function parseUse(cursor: Cursor): ControlStatement {
  cursor.expect('USE');
  return { kind: 'use', database: cursor.name() };
}

function parseWithStatement(cursor: Cursor): StatementBody {
  const ctes = parseWith(cursor);
  switch (cursor.peek().upper) {
    case 'INSERT':
      return parseInsert(cursor, ctes);
    case 'UPDATE':
      return parseUpdate(cursor, ctes);
    case 'DELETE':
      return parseDelete(cursor, ctes);
    case 'MERGE':
      throw cursor.notSimulated('MERGE');
    default:
      return { kind: 'select', query: parseQueryAfterWith(cursor, ctes) };
  }
}

/** Objects the lab has no statement for. */
const UNKNOWN_OBJECTS = new Set(
  `PROCEDURE PROC VIEW FUNCTION TRIGGER TYPE SEQUENCE SYNONYM STATISTICS ROLE APPLICATION ASSEMBLY PARTITION
  COLUMNSTORE SPATIAL XML FULLTEXT QUEUE SERVICE CONTRACT MESSAGE ROUTE SYMMETRIC ASYMMETRIC CREDENTIAL EVENT
  RESOURCE WORKLOAD EXTERNAL AGGREGATE RULE DEFAULT COLUMN BROKER REMOTE CRYPTOGRAPHIC AUTHORIZATION SECURITY`
    .trim()
    .split(/\s+/u),
);

function parseCreate(cursor: Cursor): StatementBody {
  const first = cursor.peek(1);
  switch (first.upper) {
    case 'TABLE':
      cursor.take();
      return parseCreateTable(cursor);
    case 'UNIQUE':
    case 'CLUSTERED':
    case 'NONCLUSTERED':
    case 'INDEX':
      cursor.take();
      return parseCreateIndex(cursor);
    case 'SCHEMA':
      cursor.take();
      return parseCreateSchema(cursor);
    case 'USER': {
      cursor.take();
      return parseCreateUser(cursor);
    }
    case 'OR':
      cursor.take();
      throw cursor.notSimulated('CREATE OR ALTER');
    default:
      refuseUnknown(cursor, 'CREATE');
      return parseAdministration(cursor);
  }
}

function refuseUnknown(cursor: Cursor, verb: string): void {
  const object = cursor.peek(1).upper;
  if (UNKNOWN_OBJECTS.has(object)) throw cursor.notSimulated(`${verb} ${object}`);
}

function parseCreateUser(cursor: Cursor): DefinitionStatement {
  cursor.expect('USER');
  const name = cursor.name();
  if (cursor.accept('WITHOUT', 'LOGIN')) return { kind: 'create-user', name, login: null };
  let login = name;
  if (cursor.isOneOf('FOR', 'FROM')) {
    cursor.take();
    if (cursor.isOneOf('CERTIFICATE', 'ASYMMETRIC', 'EXTERNAL'))
      throw cursor.notSimulated(`CREATE USER FOR ${cursor.peek().upper}`);
    cursor.expect('LOGIN');
    login = cursor.name();
  }
  if (cursor.accept('WITH')) {
    if (cursor.is('PASSWORD')) throw cursor.notSimulated('contained users');
    cursor.expect('DEFAULT_SCHEMA', '=');
    cursor.name();
  }
  return { kind: 'create-user', name, login };
}

function parseAlter(cursor: Cursor): StatementBody {
  switch (cursor.peek(1).upper) {
    case 'TABLE':
      cursor.take();
      return parseAlterTable(cursor);
    case 'ROLE':
      cursor.take();
      return parseAlterRole(cursor);
    case 'INDEX':
    case 'SCHEMA':
    case 'USER':
      throw cursor.notSimulated(`ALTER ${cursor.peek(1).upper}`);
    default:
      refuseUnknown(cursor, 'ALTER');
      return parseAdministration(cursor);
  }
}

function parseAlterRole(cursor: Cursor): DefinitionStatement {
  cursor.expect('ROLE');
  const role = cursor.name();
  const change = cursor.oneOf('ADD', 'DROP') === 'ADD' ? 'add' : 'drop';
  cursor.expect('MEMBER');
  return { kind: 'alter-role', role, change, member: cursor.name() };
}

function parseDrop(cursor: Cursor): StatementBody {
  const object = cursor.peek(1).upper;
  if (object === 'TABLE' || object === 'INDEX' || object === 'SCHEMA' || object === 'USER') {
    cursor.take();
    return parseDropObject(cursor);
  }
  refuseUnknown(cursor, 'DROP');
  return parseAdministration(cursor);
}
