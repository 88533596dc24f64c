/**
 * Function calls and the built-in functions with a grammar of their own.
 *
 * COALESCE, NULLIF, IIF and CHOOSE become CASE here, as the server itself does it. The date part of
 * DATEADD and its like becomes a varchar literal with its long name in lower case.
 */

// oxlint-disable unicorn/no-thenable -- `then` is the branch of a syntax tree that nobody awaits

import type { CaseBranch, Expression, FunctionCall, OrderItem } from './ast.ts';
import type { Token } from './lexer.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseType } from './parse-type.ts';
import { knowsFunction } from './release.ts';

/** Date parts and their short names ("DATEPART", Microsoft Learn). */
const DATE_PARTS: Readonly<Record<string, string | undefined>> = {
  year: 'year',
  yy: 'year',
  yyyy: 'year',
  quarter: 'quarter',
  qq: 'quarter',
  q: 'quarter',
  month: 'month',
  mm: 'month',
  m: 'month',
  dayofyear: 'dayofyear',
  dy: 'dayofyear',
  y: 'dayofyear',
  day: 'day',
  dd: 'day',
  d: 'day',
  week: 'week',
  wk: 'week',
  ww: 'week',
  weekday: 'weekday',
  dw: 'weekday',
  w: 'weekday',
  hour: 'hour',
  hh: 'hour',
  minute: 'minute',
  mi: 'minute',
  n: 'minute',
  second: 'second',
  ss: 'second',
  s: 'second',
  millisecond: 'millisecond',
  ms: 'millisecond',
  microsecond: 'microsecond',
  mcs: 'microsecond',
  nanosecond: 'nanosecond',
  ns: 'nanosecond',
  tzoffset: 'tzoffset',
  tz: 'tzoffset',
  iso_week: 'iso_week',
  isowk: 'iso_week',
  isoww: 'iso_week',
};

const DATE_PART_FUNCTIONS = new Set([
  'DATEADD',
  'DATEDIFF',
  'DATEDIFF_BIG',
  'DATEPART',
  'DATENAME',
  'DATETRUNC',
]);

/** Functions written without parentheses. */
const BARE_FUNCTIONS = new Set([
  'CURRENT_TIMESTAMP',
  'SYSTEM_USER',
  'SESSION_USER',
  'CURRENT_USER',
  'USER',
]);

/** Takes a function whose name is a reserved word, or null. */
export function parseKeywordFunction(cursor: Cursor): Expression | null {
  const token = cursor.peek();
  if (token.kind !== 'word') return null;
  if (BARE_FUNCTIONS.has(token.upper)) {
    cursor.take();
    return plainCall(token, token.upper, []);
  }
  switch (token.upper) {
    case 'CONVERT':
    case 'TRY_CONVERT':
      return parseConvert(cursor, token.upper === 'TRY_CONVERT');
    case 'COALESCE':
    case 'NULLIF':
      cursor.take();
      return rewrite(cursor, token, argumentList(cursor));
    case 'LEFT':
    case 'RIGHT':
      if (cursor.peek(1).upper !== '(') return null;
      cursor.take();
      return plainCall(token, token.upper, argumentList(cursor));
    default:
      return null;
  }
}

/** Name in front of the opening parenthesis. */
interface CallName {
  readonly schema: string | null;
  readonly name: string;
  /** The name was in brackets: never one of the special forms. */
  readonly quoted: boolean;
}

/** Takes the parenthesis of a call and what may follow it. */
export function parseCall(cursor: Cursor, call: CallName): Expression {
  const token = cursor.peek(-1);
  const upper = call.name.toUpperCase();
  if (call.schema !== null) {
    return { ...plainCall(token, call.name, argumentList(cursor)), schema: call.schema };
  }
  if (!knowsFunction(cursor.release, upper))
    throw cursor.fail(195, token, call.name, 'built-in function name');
  if (!call.quoted) {
    const special = specialForm(cursor, token, upper);
    if (special !== null) return special;
  }
  return parseAggregateOrCall(cursor, token, upper);
}

function specialForm(cursor: Cursor, token: Token, upper: string): Expression | null {
  if (DATE_PART_FUNCTIONS.has(upper)) return parseDatePartCall(cursor, token, upper);
  switch (upper) {
    case 'CAST':
    case 'TRY_CAST':
      return parseCast(cursor, token, upper === 'TRY_CAST');
    case 'IIF':
      return parseIif(cursor, token);
    case 'CHOOSE':
      return rewrite(cursor, token, argumentList(cursor));
    case 'TRIM':
      return parseTrim(cursor, token);
    case 'PARSE':
    case 'TRY_PARSE':
    case 'IDENTITY':
      throw cursor.notSimulated(`${upper}()`);
    default:
      return null;
  }
}

function plainCall(
  token: Token,
  name: string,
  list: readonly Expression[],
): Expression & FunctionCall {
  return {
    kind: 'call',
    schema: null,
    name,
    arguments: list,
    distinct: false,
    over: null,
    withinGroup: null,
    line: token.line,
  };
}

function argumentList(cursor: Cursor): Expression[] {
  cursor.expect('(');
  if (cursor.accept(')')) return [];
  const list = cursor.deeper(() => cursor.list(() => cursor.rules.expression(cursor)));
  cursor.expect(')');
  return list;
}

function parseAggregateOrCall(cursor: Cursor, token: Token, name: string): Expression {
  cursor.expect('(');
  const distinct = cursor.accept('DISTINCT');
  if (!distinct) cursor.accept('ALL');
  let list: FunctionCall['arguments'] = [];
  if (cursor.is('*', ')')) {
    cursor.take();
    list = [{ kind: 'star' }];
  } else if (!cursor.is(')')) {
    list = cursor.deeper(() => cursor.list(() => cursor.rules.expression(cursor)));
  }
  cursor.expect(')');
  const withinGroup = parseWithinGroup(cursor);
  return {
    kind: 'call',
    schema: null,
    name,
    arguments: list,
    distinct,
    over: parseOver(cursor),
    withinGroup,
    line: token.line,
  };
}

function parseWithinGroup(cursor: Cursor): readonly OrderItem[] | null {
  if (!cursor.accept('WITHIN')) return null;
  cursor.expect('GROUP', '(', 'ORDER', 'BY');
  const items = cursor.list(() => parseOrderItem(cursor));
  cursor.expect(')');
  return items;
}

function parseOver(cursor: Cursor): FunctionCall['over'] {
  if (!cursor.accept('OVER')) return null;
  if (!cursor.is('(')) throw cursor.notSimulated('named windows');
  cursor.expect('(');
  const partitionBy = cursor.accept('PARTITION', 'BY')
    ? cursor.list(() => cursor.rules.expression(cursor))
    : [];
  const orderBy = cursor.accept('ORDER', 'BY') ? cursor.list(() => parseOrderItem(cursor)) : [];
  if (cursor.isOneOf('ROWS', 'RANGE')) throw cursor.notSimulated('window frames');
  cursor.expect(')');
  return { partitionBy, orderBy };
}

/** Takes one item of ORDER BY. */
export function parseOrderItem(cursor: Cursor): OrderItem {
  const expression = cursor.rules.expression(cursor);
  const descending = cursor.accept('DESC');
  if (!descending) cursor.accept('ASC');
  return { expression, descending };
}

function parseCast(cursor: Cursor, token: Token, attempt: boolean): Expression {
  cursor.expect('(');
  const operand = cursor.deeper(() => cursor.rules.expression(cursor));
  cursor.expect('AS');
  const type = parseType(cursor, 'cast');
  cursor.expect(')');
  return { kind: 'cast', operand, type, style: null, attempt, line: token.line };
}

function parseConvert(cursor: Cursor, attempt: boolean): Expression {
  const line = cursor.take().line;
  cursor.expect('(');
  const type = parseType(cursor, 'cast');
  cursor.expect(',');
  const operand = cursor.deeper(() => cursor.rules.expression(cursor));
  const style = cursor.accept(',') ? cursor.rules.expression(cursor) : null;
  cursor.expect(')');
  return { kind: 'cast', operand, type, style, attempt, line };
}

function parseDatePartCall(cursor: Cursor, token: Token, name: string): Expression {
  cursor.expect('(');
  const word = cursor.take();
  const part = DATE_PARTS[word.value.toLowerCase()];
  if (word.kind !== 'word' || part === undefined)
    throw cursor.fail(155, word, word.value, token.value.toLowerCase());
  const first: Expression = {
    kind: 'literal',
    type: { kind: 'varchar', length: part.length },
    value: part,
    line: word.line,
  };
  cursor.expect(',');
  const rest = cursor.deeper(() => cursor.list(() => cursor.rules.expression(cursor)));
  cursor.expect(')');
  return plainCall(token, name, [first, ...rest]);
}

function parseIif(cursor: Cursor, token: Token): Expression {
  cursor.expect('(');
  const when = cursor.rules.condition(cursor);
  cursor.expect(',');
  const then = cursor.rules.expression(cursor);
  cursor.expect(',');
  const otherwise = cursor.rules.expression(cursor);
  cursor.expect(')');
  return { kind: 'case', operand: null, branches: [{ when, then }], otherwise, line: token.line };
}

/** `TRIM(x)` and `TRIM([BOTH] characters FROM x)`; the second form is a call with two arguments, x first. */
function parseTrim(cursor: Cursor, token: Token): Expression {
  cursor.expect('(');
  if (cursor.isOneOf('LEADING', 'TRAILING')) throw cursor.notSimulated('TRIM (LEADING | TRAILING)');
  if (cursor.is('BOTH')) cursor.take();
  const first = cursor.deeper(() => cursor.rules.expression(cursor));
  const list = cursor.accept('FROM') ? [cursor.rules.expression(cursor), first] : [first];
  cursor.expect(')');
  return plainCall(token, 'TRIM', list);
}

/** COALESCE, NULLIF and CHOOSE as CASE. */
function rewrite(cursor: Cursor, token: Token, list: readonly Expression[]): Expression {
  const line = token.line;
  const name = token.value.toUpperCase();
  const [first, second] = list;
  if (first === undefined || second === undefined)
    throw cursor.fail(
      name === 'NULLIF' ? 174 : 189,
      token,
      ...(name === 'NULLIF' ? [name, 2] : [name, 2, 254]),
    );
  switch (name) {
    case 'NULLIF': {
      if (list.length > 2) throw cursor.fail(174, token, name, 2);
      const when: Expression = { kind: 'binary', operator: '=', left: first, right: second, line };
      const nothing: Expression = { kind: 'literal', type: { kind: 'int' }, value: null, line };
      return {
        kind: 'case',
        operand: null,
        branches: [{ when, then: nothing }],
        otherwise: first,
        line,
      };
    }
    case 'CHOOSE': {
      const branches = list.slice(1).map((then, index): CaseBranch => ({
        when: { kind: 'literal', type: { kind: 'int' }, value: index + 1, line },
        then,
      }));
      return { kind: 'case', operand: first, branches, otherwise: null, line };
    }
    default: {
      const branches = list.slice(0, -1).map((then): CaseBranch => ({
        when: { kind: 'is-null', operand: then, negated: true, line },
        then,
      }));
      return { kind: 'case', operand: null, branches, otherwise: list.at(-1) ?? first, line };
    }
  }
}
