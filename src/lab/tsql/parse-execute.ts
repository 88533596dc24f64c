/** EXEC and the implicit EXEC of a batch's first statement. */

import type { ExecuteArgument, ExecuteStatement, Expression } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseLiteral, stringLiteral } from './parse-literal.ts';

/** Takes EXEC[UTE]. */
export function parseExecute(cursor: Cursor): ExecuteStatement {
  cursor.oneOf('EXEC', 'EXECUTE');
  if (cursor.is('AS')) throw cursor.notSimulated('EXECUTE AS');
  if (cursor.accept('(')) {
    const text = cursor.rules.expression(cursor);
    cursor.expect(')');
    if (cursor.is('AT')) throw cursor.notSimulated('EXECUTE AT');
    return { kind: 'execute-text', text };
  }
  let result: string | null = null;
  if (cursor.peek().kind === 'variable') {
    if (cursor.peek(1).upper !== '=')
      throw cursor.notSimulated('EXECUTE of a procedure named by a variable');
    result = cursor.variable();
    cursor.expect('=');
  }
  return parseProcedureCall(cursor, result);
}

/** Takes a procedure name and its arguments. */
export function parseProcedureCall(cursor: Cursor, result: string | null): ExecuteStatement {
  const procedure = cursor.objectName();
  if (cursor.is(';') && cursor.peek(1).kind === 'integer')
    throw cursor.notSimulated('numbered procedures');
  const list = startsArgument(cursor) ? cursor.list(() => parseArgument(cursor)) : [];
  if (cursor.accept('WITH')) cursor.expect('RECOMPILE');
  return { kind: 'execute-procedure', result, procedure, arguments: list };
}

function startsArgument(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind === 'word')
    return token.upper === 'NULL' || token.upper === 'DEFAULT' || cursor.isName();
  if (token.kind === 'symbol') return token.upper === '-' || token.upper === '+';
  return token.kind !== 'end';
}

function parseArgument(cursor: Cursor): ExecuteArgument {
  let name: string | null = null;
  if (cursor.peek().kind === 'variable' && cursor.peek(1).upper === '=') {
    name = cursor.variable();
    cursor.expect('=');
  }
  const value = cursor.accept('DEFAULT') ? null : parseArgumentValue(cursor);
  const output = cursor.isOneOf('OUTPUT', 'OUT');
  if (output) cursor.take();
  return { name, value, output };
}

/** A constant, a variable, or a bare word, which stands for a string (`sp_who active`). */
function parseArgumentValue(cursor: Cursor): Expression {
  const token = cursor.peek();
  const line = token.line;
  if (token.upper === '-' || token.upper === '+') {
    cursor.take();
    const operand = parseLiteral(cursor);
    if (operand === null) throw cursor.error();
    return { kind: 'unary', operator: token.upper, operand, line };
  }
  const literal = parseLiteral(cursor);
  if (literal !== null) return literal;
  if (token.kind === 'variable') return { kind: 'variable', name: cursor.variable(), line };
  const word = cursor.name();
  return { kind: 'literal', ...stringLiteral(word, true), line };
}
