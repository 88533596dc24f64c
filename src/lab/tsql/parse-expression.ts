/**
 * Scalar expressions and conditions.
 *
 * T-SQL keeps both apart: `SELECT 1 = 1` and `WHERE 1` are errors (102, 4145). Precedence follows
 * "Operator precedence" (Microsoft Learn): `~`, then `* / %`, then `+ - & ^ |`, comparison, NOT, AND,
 * OR. Functions are in `parse-call.ts`, literals in `parse-literal.ts`.
 */

// oxlint-disable unicorn/no-thenable -- `then` is the branch of a syntax tree that nobody awaits

import { unreachable } from '../../base/assert.ts';
import type { BinaryOperator, CaseBranch, Expression } from './ast.ts';
import { parseCall, parseKeywordFunction } from './parse-call.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseLiteral, stringLiteral } from './parse-literal.ts';
import type { Token } from './lexer.ts';

/** Takes a scalar expression. */
export function parseExpression(cursor: Cursor): Expression {
  const expression = parseAdditive(cursor);
  if (isPredicate(expression)) throw cursor.error();
  return expression;
}

/** Takes a condition; a value in its place raises 4145. */
export function parseCondition(cursor: Cursor): Expression {
  const condition = parseAny(cursor);
  if (!isPredicate(condition)) throw notCondition(cursor);
  return condition;
}

function notCondition(cursor: Cursor): Error {
  const near = cursor.peek();
  return near.kind === 'end' ? cursor.error() : cursor.fail(4145, near, near.value);
}

/** Whether an expression is true or false rather than a value. */
export function isPredicate(expression: Expression): boolean {
  switch (expression.kind) {
    case 'is-null':
    case 'like':
    case 'between':
    case 'in-list':
    case 'in-query':
    case 'quantified':
    case 'exists':
      return true;
    case 'binary':
      return (
        isComparison(expression.operator) ||
        expression.operator === 'and' ||
        expression.operator === 'or'
      );
    case 'unary':
      return expression.operator === 'not';
    case 'literal':
    case 'variable':
    case 'column':
    case 'scalar-query':
    case 'case':
    case 'cast':
    case 'call':
    case 'collate':
      return false;
  }
  return unreachable(expression);
}

function isComparison(operator: BinaryOperator): boolean {
  return (
    operator === '=' ||
    operator === '<>' ||
    operator === '<' ||
    operator === '<=' ||
    operator === '>' ||
    operator === '>='
  );
}

/** A condition or a value: what may stand between parentheses. */
function parseAny(cursor: Cursor): Expression {
  return cursor.deeper(() => {
    let left = parseAnd(cursor);
    while (cursor.is('OR')) left = logical(cursor, left, 'or');
    return left;
  });
}

function parseAnd(cursor: Cursor): Expression {
  let left = parseNot(cursor);
  while (cursor.is('AND')) left = logical(cursor, left, 'and');
  return left;
}

function logical(cursor: Cursor, left: Expression, operator: 'and' | 'or'): Expression {
  if (!isPredicate(left)) throw notCondition(cursor);
  const line = cursor.take().line;
  const right = operator === 'or' ? parseAnd(cursor) : parseNot(cursor);
  if (!isPredicate(right)) throw notCondition(cursor);
  return { kind: 'binary', operator, left, right, line };
}

function parseNot(cursor: Cursor): Expression {
  if (!cursor.is('NOT')) return parsePredicate(cursor);
  const line = cursor.take().line;
  const operand = cursor.deeper(() => parseNot(cursor));
  if (!isPredicate(operand)) throw notCondition(cursor);
  return { kind: 'unary', operator: 'not', operand, line };
}

const COMPARISONS: Readonly<Record<string, BinaryOperator | undefined>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '!<': '>=',
  '!>': '<=',
};

function parsePredicate(cursor: Cursor): Expression {
  if (cursor.is('EXISTS')) {
    const line = cursor.take().line;
    return { kind: 'exists', query: parseSubquery(cursor), line };
  }
  const left = parseAdditive(cursor);
  const next = cursor.peek();
  const comparison = next.kind === 'symbol' ? COMPARISONS[next.upper] : undefined;
  if (comparison !== undefined) {
    requireScalar(cursor, left);
    cursor.take();
    return parseComparison(cursor, left, comparison);
  }
  if (next.upper === 'IS') {
    requireScalar(cursor, left);
    return parseIs(cursor, left);
  }
  const negated = next.upper === 'NOT' && ['LIKE', 'IN', 'BETWEEN'].includes(cursor.peek(1).upper);
  const word = negated ? cursor.peek(1).upper : next.upper;
  if (word !== 'LIKE' && word !== 'IN' && word !== 'BETWEEN') return left;
  requireScalar(cursor, left);
  if (negated) cursor.take();
  cursor.take();
  if (word === 'LIKE') return parseLike(cursor, left, negated);
  return word === 'IN' ? parseIn(cursor, left, negated) : parseBetween(cursor, left, negated);
}

function requireScalar(cursor: Cursor, expression: Expression): void {
  if (isPredicate(expression)) throw cursor.error();
}

function parseComparison(cursor: Cursor, left: Expression, operator: BinaryOperator): Expression {
  const line = left.line;
  if (cursor.isOneOf('ANY', 'SOME', 'ALL')) {
    const quantifier = cursor.take().upper === 'ALL' ? 'all' : 'any';
    return {
      kind: 'quantified',
      operand: left,
      operator,
      quantifier,
      query: parseSubquery(cursor),
      line,
    };
  }
  return { kind: 'binary', operator, left, right: parseExpression(cursor), line };
}

function parseIs(cursor: Cursor, operand: Expression): Expression {
  cursor.expect('IS');
  const negated = cursor.accept('NOT');
  if (cursor.is('DISTINCT')) throw cursor.notSimulated('IS DISTINCT FROM');
  cursor.expect('NULL');
  return { kind: 'is-null', operand, negated, line: operand.line };
}

function parseLike(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const pattern = parseExpression(cursor);
  const escape = cursor.accept('ESCAPE') ? parseExpression(cursor) : null;
  return { kind: 'like', operand, pattern, escape, negated, line: operand.line };
}

function parseBetween(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const low = parseExpression(cursor);
  cursor.expect('AND');
  const high = parseExpression(cursor);
  return { kind: 'between', operand, low, high, negated, line: operand.line };
}

function parseIn(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const line = operand.line;
  if (cursor.is('(', 'SELECT') || cursor.is('(', 'WITH')) {
    return { kind: 'in-query', operand, query: parseSubquery(cursor), negated, line };
  }
  const items = cursor.parenthesized(() => parseExpression(cursor));
  return { kind: 'in-list', operand, items, negated, line };
}

function parseSubquery(cursor: Cursor) {
  cursor.expect('(');
  const query = cursor.deeper(() => cursor.rules.query(cursor));
  cursor.expect(')');
  return query;
}

const ADDITIVE = new Set<string>(['+', '-', '&', '|', '^']);
const MULTIPLICATIVE = new Set<string>(['*', '/', '%']);

function parseAdditive(cursor: Cursor): Expression {
  let left = parseMultiplicative(cursor);
  while (ADDITIVE.has(cursor.peek().upper)) left = binary(cursor, left, parseMultiplicative);
  return left;
}

function parseMultiplicative(cursor: Cursor): Expression {
  let left = parseUnary(cursor);
  while (MULTIPLICATIVE.has(cursor.peek().upper)) left = binary(cursor, left, parseUnary);
  return left;
}

function binary(
  cursor: Cursor,
  left: Expression,
  operand: (cursor: Cursor) => Expression,
): Expression {
  requireScalar(cursor, left);
  const operator = cursor.take().upper as BinaryOperator;
  const right = operand(cursor);
  requireScalar(cursor, right);
  return { kind: 'binary', operator, left, right, line: left.line };
}

function parseUnary(cursor: Cursor): Expression {
  const token = cursor.peek();
  if (token.upper !== '-' && token.upper !== '+' && token.upper !== '~')
    return parsePostfix(cursor);
  cursor.take();
  const operand = cursor.deeper(() => parseUnary(cursor));
  requireScalar(cursor, operand);
  return { kind: 'unary', operator: token.upper, operand, line: token.line };
}

function parsePostfix(cursor: Cursor): Expression {
  let operand = parsePrimary(cursor);
  while (cursor.accept('COLLATE')) {
    operand = { kind: 'collate', operand, collation: cursor.collation(), line: operand.line };
  }
  if (cursor.is('AT', 'TIME', 'ZONE')) throw cursor.notSimulated('AT TIME ZONE');
  return operand;
}

function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.peek();
  const literal = parseLiteral(cursor);
  if (literal !== null) return literal;
  if (token.kind === 'variable')
    return { kind: 'variable', name: cursor.take().value, line: token.line };
  if (token.upper === '(') return parseParenthesis(cursor);
  if (token.upper === 'CASE') return parseCase(cursor);
  if (token.upper === '{') return parseEscape(cursor);
  const keyword = parseKeywordFunction(cursor);
  if (keyword !== null) return keyword;
  if (!cursor.isName()) throw cursor.error();
  return parseNameOrCall(cursor, token);
}

/** ODBC escapes that servers read themselves: `{d '...'}`, `{t '...'}`, `{ts '...'}`, `{fn f(x)}`. */
function parseEscape(cursor: Cursor): Expression {
  const line = cursor.line;
  cursor.expect('{');
  const word = cursor.oneOf('D', 'T', 'TS', 'FN', 'GUID');
  if (word === 'GUID') throw cursor.notSimulated('{guid}');
  if (word === 'FN') {
    const call = parseExpression(cursor);
    cursor.expect('}');
    return call;
  }
  const text = cursor.string();
  cursor.expect('}');
  const operand: Expression = { kind: 'literal', ...stringLiteral(text, false), line };
  return { kind: 'cast', operand, type: { kind: 'datetime' }, style: null, attempt: false, line };
}

function parseParenthesis(cursor: Cursor): Expression {
  const line = cursor.line;
  if (cursor.is('(', 'SELECT') || cursor.is('(', 'WITH')) {
    return { kind: 'scalar-query', query: parseSubquery(cursor), line };
  }
  cursor.expect('(');
  const inner = parseAny(cursor);
  cursor.expect(')');
  return inner;
}

function parseCase(cursor: Cursor): Expression {
  const line = cursor.take().line;
  return cursor.deeper(() => {
    const operand = cursor.is('WHEN') ? null : parseExpression(cursor);
    const branches: CaseBranch[] = [];
    do {
      cursor.expect('WHEN');
      const when = operand === null ? parseCondition(cursor) : parseExpression(cursor);
      cursor.expect('THEN');
      branches.push({ when, then: parseExpression(cursor) });
    } while (cursor.is('WHEN'));
    const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : null;
    cursor.expect('END');
    return { kind: 'case', operand, branches, otherwise, line };
  });
}

/** A column, or a function with or without schema. */
function parseNameOrCall(cursor: Cursor, first: Token): Expression {
  if (cursor.is('NEXT', 'VALUE', 'FOR')) throw cursor.notSimulated('sequences');
  const name = cursor.name();
  const line = first.line;
  if (cursor.is('('))
    return parseCall(cursor, { schema: null, name, quoted: first.kind === 'identifier' });
  if (!cursor.is('.')) return { kind: 'column', qualifier: [], name, line };
  const parts = [name];
  while (cursor.accept('.')) {
    if (cursor.is('.')) parts.push('');
    else parts.push(columnPart(cursor));
  }
  const last = parts.pop() ?? name;
  if (parts.length > 3) throw cursor.fail(117, first, 'column', [...parts, last].join('.'), 3);
  if (!cursor.is('(')) return { kind: 'column', qualifier: parts, name: last, line };
  if (parts.length !== 1) throw cursor.notSimulated('functions with three-part names');
  return parseCall(cursor, { schema: parts[0] ?? null, name: last, quoted: true });
}

/** After a dot `$action`-like words do not occur, but reserved words still need brackets. */
function columnPart(cursor: Cursor): string {
  return cursor.name();
}
