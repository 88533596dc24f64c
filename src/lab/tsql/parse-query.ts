/** SELECT: common table expressions, set operations, select list, ORDER BY, OFFSET, OPTION. FROM is in `parse-source.ts`. */

import type {
  AssignOperator,
  CommonTableExpression,
  Expression,
  OrderItem,
  Query,
  QueryBody,
  SelectBody,
  SelectItem,
} from './ast.ts';
import { parseOrderItem } from './parse-call.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseSources } from './parse-source.ts';

const ASSIGN_OPERATORS: readonly AssignOperator[] = [
  '=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
];

/** Most rows of a VALUES list; more raises 10738. */
const MAX_VALUES_ROWS = 1000;

/** Takes a query, with its WITH list when there is one. */
export function parseQuery(cursor: Cursor): Query {
  return parseQueryAfterWith(cursor, parseWith(cursor));
}

/** Takes `WITH name AS (...)`, or nothing. */
export function parseWith(cursor: Cursor): readonly CommonTableExpression[] {
  if (!cursor.accept('WITH')) return [];
  if (cursor.is('XMLNAMESPACES')) throw cursor.notSimulated('XML');
  return cursor.list(() => {
    const name = cursor.name();
    const columns = cursor.is('(') ? cursor.parenthesized(() => cursor.name()) : null;
    cursor.expect('AS', '(');
    const query = cursor.deeper(() => parseQuery(cursor));
    cursor.expect(')');
    return { name, columns, query };
  });
}

/** Takes the query behind a WITH list. */
export function parseQueryAfterWith(cursor: Cursor, ctes: readonly CommonTableExpression[]): Query {
  const line = cursor.line;
  const body = parseBody(cursor);
  const orderBy: OrderItem[] = cursor.accept('ORDER', 'BY')
    ? cursor.list(() => parseOrderItem(cursor))
    : [];
  let offset: Expression | null = null;
  let fetch: Expression | null = null;
  if (orderBy.length > 0 && cursor.accept('OFFSET')) {
    offset = cursor.rules.expression(cursor);
    cursor.oneOf('ROW', 'ROWS');
    if (cursor.accept('FETCH')) {
      cursor.oneOf('FIRST', 'NEXT');
      fetch = cursor.rules.expression(cursor);
      cursor.oneOf('ROW', 'ROWS');
      cursor.expect('ONLY');
    }
  }
  if (cursor.is('FOR')) throw cursor.notSimulated('FOR XML, FOR JSON and FOR BROWSE');
  return {
    kind: 'query',
    with: ctes,
    body,
    orderBy,
    offset,
    fetch,
    hints: parseOptions(cursor),
    line,
  };
}

/** Takes `OPTION (...)`, or nothing. */
export function parseOptions(cursor: Cursor): readonly string[] {
  if (!cursor.accept('OPTION')) return [];
  return cursor.parenthesized(() => parseHint(cursor));
}

/** Takes one hint as text: words and numbers up to the next comma or closing parenthesis. */
function parseHint(cursor: Cursor): string {
  const first = cursor.take();
  if (first.kind !== 'word') throw cursor.error(first);
  let depth = 0;
  while (depth > 0 || !cursor.isOneOf(',', ')')) {
    const token = cursor.peek();
    if (token.kind === 'end') throw cursor.error();
    if (token.upper === '(') depth += 1;
    if (token.upper === ')') depth -= 1;
    cursor.take();
  }
  return cursor.textSince(first).toUpperCase();
}

function parseBody(cursor: Cursor): QueryBody {
  let left = parseIntersect(cursor);
  for (;;) {
    if (cursor.accept('UNION')) {
      const operator = cursor.accept('ALL') ? 'union-all' : 'union';
      left = { kind: 'set', operator, left, right: parseIntersect(cursor) };
    } else if (cursor.accept('EXCEPT')) {
      left = { kind: 'set', operator: 'except', left, right: parseIntersect(cursor) };
    } else {
      return left;
    }
  }
}

function parseIntersect(cursor: Cursor): QueryBody {
  let left = parseTerm(cursor);
  while (cursor.accept('INTERSECT'))
    left = { kind: 'set', operator: 'intersect', left, right: parseTerm(cursor) };
  return left;
}

function parseTerm(cursor: Cursor): QueryBody {
  if (cursor.is('SELECT')) return parseSelect(cursor);
  if (cursor.is('VALUES')) return parseValues(cursor);
  cursor.expect('(');
  const body = cursor.deeper(() => parseBody(cursor));
  cursor.expect(')');
  return body;
}

/**
 * Takes `VALUES (...), (...)`. Under INSERT a value may be DEFAULT, which becomes a column of that
 * name without qualifier: no real column can stand there.
 */
export function parseValues(cursor: Cursor, withDefaults = false): QueryBody {
  const first = cursor.peek();
  cursor.expect('VALUES');
  const rows = cursor.list(() =>
    cursor.parenthesized((): Expression => {
      if (withDefaults && cursor.is('DEFAULT')) {
        return { kind: 'column', qualifier: [], name: 'DEFAULT', line: cursor.take().line };
      }
      return cursor.rules.expression(cursor);
    }),
  );
  if (rows.length > MAX_VALUES_ROWS) throw cursor.fail(10738, first);
  if (rows.some((row) => row.length !== rows[0]?.length)) throw cursor.fail(10709, first);
  return { kind: 'values', rows };
}

function parseSelect(cursor: Cursor): SelectBody {
  const line = cursor.line;
  cursor.expect('SELECT');
  const distinct = cursor.accept('DISTINCT');
  if (!distinct) cursor.accept('ALL');
  const top = parseTop(cursor);
  const items = cursor.list(() => parseSelectItem(cursor));
  const into = cursor.accept('INTO') ? cursor.objectName() : null;
  const from = cursor.accept('FROM') ? parseSources(cursor) : [];
  const where = cursor.accept('WHERE') ? cursor.rules.condition(cursor) : null;
  const groupBy = parseGroupBy(cursor);
  const having = cursor.accept('HAVING') ? cursor.rules.condition(cursor) : null;
  if (cursor.is('WINDOW')) throw cursor.notSimulated('named windows');
  return { kind: 'select', distinct, top, items, into, from, where, groupBy, having, line };
}

/** Takes TOP, or nothing. */
export function parseTop(cursor: Cursor): SelectBody['top'] {
  if (!cursor.accept('TOP')) return null;
  const count = cursor.is('(') ? parenthesizedCount(cursor) : bareCount(cursor);
  const percent = cursor.accept('PERCENT');
  const withTies = cursor.accept('WITH', 'TIES');
  return { count, percent, withTies };
}

function parenthesizedCount(cursor: Cursor): Expression {
  if (cursor.is('(', 'SELECT')) return cursor.rules.expression(cursor);
  cursor.expect('(');
  const count = cursor.rules.expression(cursor);
  cursor.expect(')');
  return count;
}

function bareCount(cursor: Cursor): Expression {
  const token = cursor.take();
  const line = token.line;
  if (token.kind === 'integer')
    return { kind: 'literal', type: { kind: 'bigint' }, value: BigInt(token.value), line };
  if (token.kind === 'decimal' || token.kind === 'float')
    return { kind: 'literal', type: { kind: 'float' }, value: Number(token.value), line };
  throw cursor.error(token);
}

function parseGroupBy(cursor: Cursor): readonly Expression[] {
  if (!cursor.accept('GROUP', 'BY')) return [];
  if (cursor.isOneOf('ROLLUP', 'CUBE', 'GROUPING') || cursor.is('(', ')'))
    throw cursor.notSimulated('grouping sets');
  cursor.accept('ALL');
  const items = cursor.list(() => cursor.rules.expression(cursor));
  if (cursor.is('WITH', 'ROLLUP') || cursor.is('WITH', 'CUBE'))
    throw cursor.notSimulated('grouping sets');
  return items;
}

/** Takes one item of a select list or of OUTPUT. */
export function parseSelectItem(cursor: Cursor): SelectItem {
  const token = cursor.peek();
  if (cursor.accept('*')) return { kind: 'star', qualifier: [] };
  const assign = parseAssignOperator(cursor, 1);
  if (token.kind === 'variable' && assign !== null) {
    cursor.take();
    cursor.take();
    return {
      kind: 'assign',
      variable: token.value,
      operator: assign,
      expression: cursor.rules.expression(cursor),
    };
  }
  if (assign === '=' && (cursor.isName() || token.kind === 'string')) {
    cursor.take();
    cursor.take();
    return { kind: 'expression', expression: cursor.rules.expression(cursor), alias: token.value };
  }
  const star = parseQualifiedStar(cursor);
  if (star !== null) return star;
  const expression = cursor.rules.expression(cursor);
  return { kind: 'expression', expression, alias: parseColumnAlias(cursor) };
}

/** The assignment operator some tokens ahead, or null. */
export function parseAssignOperator(cursor: Cursor, ahead: number): AssignOperator | null {
  const symbol = cursor.peek(ahead).upper;
  return ASSIGN_OPERATORS.find((operator) => operator === symbol) ?? null;
}

function parseQualifiedStar(cursor: Cursor): SelectItem | null {
  let ahead = 0;
  while (cursor.isName(ahead) && cursor.peek(ahead + 1).upper === '.') ahead += 2;
  if (ahead === 0 || cursor.peek(ahead).upper !== '*') return null;
  const qualifier: string[] = [];
  while (!cursor.is('*')) {
    qualifier.push(cursor.name());
    cursor.expect('.');
  }
  cursor.take();
  return { kind: 'star', qualifier };
}

function parseColumnAlias(cursor: Cursor): string | null {
  const explicit = cursor.accept('AS');
  if (cursor.peek().kind === 'string') return cursor.take().value;
  if (cursor.isName()) return cursor.name();
  if (explicit) throw cursor.error();
  return null;
}
