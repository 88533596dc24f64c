/** Control flow: DECLARE, SET, IF, WHILE, BEGIN, TRY, RETURN, THROW, RAISERROR, WAITFOR, transactions. EXEC is in `parse-execute.ts`. */

// oxlint-disable unicorn/no-thenable -- `then` is the branch of a syntax tree that nobody awaits

import type {
  ControlStatement,
  Expression,
  Statement,
  TransactionStatement,
  VariableDeclaration,
} from './ast.ts';
import { parseTableElements } from './parse-column.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseType } from './parse-type.ts';

/** Takes DECLARE. */
export function parseDeclare(cursor: Cursor): ControlStatement {
  cursor.expect('DECLARE');
  if (cursor.isName() && cursor.peek().kind !== 'variable') throw cursor.notSimulated('cursors');
  return { kind: 'declare', variables: cursor.list(() => parseDeclaration(cursor)) };
}

function parseDeclaration(cursor: Cursor): VariableDeclaration {
  const name = cursor.variable();
  cursor.accept('AS');
  if (cursor.accept('TABLE')) return { kind: 'table', name, ...parseTableElements(cursor) };
  if (cursor.is('CURSOR')) throw cursor.notSimulated('cursors');
  const type = parseType(cursor, 'declaration');
  const initial = cursor.accept('=') ? cursor.rules.expression(cursor) : null;
  return { kind: 'scalar', name, type, initial };
}

/** Takes IF. */
export function parseIf(cursor: Cursor): ControlStatement {
  cursor.expect('IF');
  const condition = cursor.rules.condition(cursor);
  const then = cursor.rules.statement(cursor);
  if (cursor.is(';', 'ELSE')) cursor.take();
  const otherwise = cursor.accept('ELSE') ? cursor.rules.statement(cursor) : null;
  return { kind: 'if', condition, then, otherwise };
}

/** Takes WHILE. */
export function parseWhile(cursor: Cursor): ControlStatement {
  cursor.expect('WHILE');
  const condition = cursor.rules.condition(cursor);
  return { kind: 'while', condition, body: cursor.rules.statement(cursor) };
}

/** Takes what begins with BEGIN: a transaction, TRY and its CATCH, or a block. */
export function parseBegin(cursor: Cursor): ControlStatement | TransactionStatement {
  cursor.expect('BEGIN');
  if (cursor.isOneOf('TRAN', 'TRANSACTION')) {
    cursor.take();
    const name = parseTransactionName(cursor);
    if (cursor.accept('WITH', 'MARK') && cursor.peek().kind === 'string') cursor.take();
    return { kind: 'begin-transaction', name };
  }
  if (cursor.isOneOf('DISTRIBUTED', 'DIALOG', 'CONVERSATION', 'ATOMIC'))
    throw cursor.notSimulated(`BEGIN ${cursor.peek().upper}`);
  if (cursor.accept('TRY')) return parseTry(cursor);
  const statements = parseUntilEnd(cursor, false);
  cursor.expect('END');
  return { kind: 'block', statements };
}

function parseTry(cursor: Cursor): ControlStatement {
  const body = parseUntilEnd(cursor, true);
  cursor.expect('END', 'TRY');
  cursor.accept(';');
  cursor.expect('BEGIN', 'CATCH');
  const handler = parseUntilEnd(cursor, true);
  cursor.expect('END', 'CATCH');
  return { kind: 'try', body, handler };
}

/** Statements up to END. An empty block is an error, except in TRY and CATCH. */
function parseUntilEnd(cursor: Cursor, mayBeEmpty: boolean): readonly Statement[] {
  const statements: Statement[] = [];
  while (cursor.accept(';'));
  while (!cursor.is('END')) {
    statements.push(cursor.rules.statement(cursor));
    while (cursor.accept(';'));
  }
  if (statements.length === 0 && !mayBeEmpty) throw cursor.error();
  return statements;
}

/** Takes RETURN and its value. */
export function parseReturn(cursor: Cursor): ControlStatement {
  cursor.expect('RETURN');
  const next = cursor.peek();
  const call = next.kind === 'word' && cursor.isName() && cursor.peek(1).upper === '(';
  const value =
    call ||
    ['integer', 'decimal', 'float', 'money', 'binary', 'string', 'variable'].includes(next.kind) ||
    ['(', '-', '+', '~', 'NULL', 'CASE', 'CONVERT', 'COALESCE'].includes(next.upper);
  return { kind: 'return', value: value ? cursor.rules.expression(cursor) : null };
}

/** Takes THROW. */
export function parseThrow(cursor: Cursor): ControlStatement {
  cursor.expect('THROW');
  const next = cursor.peek();
  if (next.kind !== 'integer' && next.kind !== 'variable')
    return { kind: 'throw', number: null, message: null, state: null };
  const number = parseSimple(cursor);
  cursor.expect(',');
  const message = parseSimple(cursor);
  cursor.expect(',');
  return { kind: 'throw', number, message, state: parseSimple(cursor) };
}

/** THROW and RAISERROR take constants and variables, no expressions. */
function parseSimple(cursor: Cursor): Expression {
  const token = cursor.peek();
  if (
    token.upper === '-' ||
    token.kind === 'integer' ||
    token.kind === 'string' ||
    token.kind === 'variable' ||
    token.kind === 'binary' ||
    token.upper === 'NULL'
  ) {
    return parseOperand(cursor);
  }
  throw cursor.error();
}

/** A constant or variable; what follows (`+`) is a syntax error of the caller. */
function parseOperand(cursor: Cursor): Expression {
  const ahead = cursor.is('-') ? 2 : 1;
  const next = cursor.peek(ahead);
  if (['+', '-', '*', '/', '%'].includes(next.upper)) throw cursor.error(next);
  return cursor.rules.expression(cursor);
}

/** Takes RAISERROR. */
export function parseRaiserror(cursor: Cursor): ControlStatement {
  cursor.expect('RAISERROR', '(');
  const message = parseSimple(cursor);
  cursor.expect(',');
  const severity = parseSimple(cursor);
  cursor.expect(',');
  const state = parseSimple(cursor);
  const values: Expression[] = [];
  while (cursor.accept(',')) values.push(parseSimple(cursor));
  cursor.expect(')');
  const options = cursor.accept('WITH')
    ? cursor.list(() => cursor.oneOf('LOG', 'NOWAIT', 'SETERROR'))
    : [];
  return { kind: 'raiserror', message, severity, state, arguments: values, options };
}

/** Takes WAITFOR. */
export function parseWaitfor(cursor: Cursor): ControlStatement {
  cursor.expect('WAITFOR');
  if (cursor.is('(')) throw cursor.notSimulated('WAITFOR (RECEIVE)');
  const mode = cursor.oneOf('DELAY', 'TIME') === 'DELAY' ? 'delay' : 'time';
  return { kind: 'waitfor', mode, value: parseSimple(cursor) };
}

/** Takes COMMIT, ROLLBACK or SAVE. */
export function parseTransaction(cursor: Cursor): TransactionStatement {
  const word = cursor.oneOf('COMMIT', 'ROLLBACK', 'SAVE');
  const named = cursor.isOneOf('TRAN', 'TRANSACTION');
  if (named) cursor.take();
  else if (word !== 'SAVE') cursor.accept('WORK');
  if (word === 'SAVE') {
    const name = named ? parseTransactionName(cursor) : null;
    if (name === null) throw cursor.error();
    return { kind: 'save-transaction', name };
  }
  const name = named ? parseTransactionName(cursor) : null;
  if (word === 'ROLLBACK') return { kind: 'rollback', name };
  if (cursor.accept('WITH', '(')) {
    cursor.expect('DELAYED_DURABILITY', '=');
    cursor.oneOf('ON', 'OFF');
    cursor.expect(')');
  }
  return { kind: 'commit' };
}

function parseTransactionName(cursor: Cursor): string | null {
  if (cursor.peek().kind === 'variable')
    throw cursor.notSimulated('transaction names in variables');
  return cursor.isName() ? cursor.name() : null;
}
