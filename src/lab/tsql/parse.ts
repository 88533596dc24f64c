/** Entry of the parser: text in, syntax tree or one error out. */

import type { Result } from '../../base/result.ts';
import { fail, ok } from '../../base/result.ts';
import type { ServerMessage } from '../session.ts';
import type { Batch, Expression } from './ast.ts';
import { tokenize } from './lexer.ts';
import { SqlError } from './message.ts';
import { Cursor } from './parse-cursor.ts';
import type { Rules } from './parse-cursor.ts';
import { parseExecute } from './parse-execute.ts';
import { parseCondition, parseExpression } from './parse-expression.ts';
import { parseQueryAfterWith } from './parse-query.ts';
import { parseStatement, parseStatements } from './parse-statement.ts';
import { NEWEST_RELEASE } from './release.ts';
import type { Release } from './release.ts';

const rules: Rules = {
  query: (cursor) => parseQueryAfterWith(cursor, []),
  statement: parseStatement,
  execute: parseExecute,
  expression: parseExpression,
  condition: parseCondition,
};

/** Parses a batch; one syntax error refuses all of it, with number, line and text of a server. */
export function parseBatch(
  text: string,
  release: Release = NEWEST_RELEASE,
): Result<Batch, ServerMessage> {
  return guarded(text, release, (cursor) => ({ statements: parseStatements(cursor) }));
}

/** Parses one expression, for example a DEFAULT kept as text. */
export function parseExpressionText(text: string): Result<Expression, ServerMessage> {
  return guarded(text, NEWEST_RELEASE, (cursor) => wholeText(cursor, parseExpression));
}

/** Parses one condition, for example a CHECK kept as text. */
export function parseConditionText(text: string): Result<Expression, ServerMessage> {
  return guarded(text, NEWEST_RELEASE, (cursor) => wholeText(cursor, parseCondition));
}

/** The literal NULL: it has the type int, but takes the type of its neighbours in CASE, UNION and comparisons. */
export function isNullLiteral(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === null;
}

function wholeText(cursor: Cursor, rule: (cursor: Cursor) => Expression): Expression {
  const expression = rule(cursor);
  if (cursor.peek().kind !== 'end') throw cursor.error();
  return expression;
}

function guarded<T>(
  text: string,
  release: Release,
  rule: (cursor: Cursor) => T,
): Result<T, ServerMessage> {
  try {
    return ok(rule(new Cursor({ text, tokens: tokenize(text), rules, release })));
  } catch (error) {
    if (error instanceof SqlError) return fail(error.detail);
    throw error;
  }
}
