/** Entry of the parser: text in, syntax tree or one error out. */

import type { Result } from '../../base/result.ts';
import { fail } from '../../base/result.ts';
import type { ServerMessage } from '../session.ts';
import type { Batch, Expression } from './ast.ts';
import { serverMessage } from './message.ts';

/** Parses a batch; one syntax error refuses all of it, with number, line and text of a server. */
export function parseBatch(text: string): Result<Batch, ServerMessage> {
  return fail(serverMessage(102, text.slice(0, 30)));
}

/** Parses one expression, for example a DEFAULT kept as text. */
export function parseExpressionText(text: string): Result<Expression, ServerMessage> {
  return fail(serverMessage(102, text.slice(0, 30)));
}

/** The literal NULL: it has the type int, but takes the type of its neighbours in CASE, UNION and comparisons. */
export function isNullLiteral(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === null;
}
