/** FROM: tables, hints, derived tables, functions, joins and APPLY. */

import type { TableSource } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { knowsTableFunction } from './release.ts';

const TABLE_HINTS = new Set(
  `NOLOCK READUNCOMMITTED READCOMMITTED READCOMMITTEDLOCK REPEATABLEREAD SERIALIZABLE HOLDLOCK ROWLOCK PAGLOCK
  TABLOCK TABLOCKX UPDLOCK XLOCK READPAST NOWAIT NOEXPAND FORCESEEK FORCESCAN INDEX KEEPIDENTITY KEEPDEFAULTS
  IGNORE_CONSTRAINTS IGNORE_TRIGGERS SNAPSHOT`
    .trim()
    .split(/\s+/u),
);

/** Takes the comma list of FROM. */
export function parseSources(cursor: Cursor): readonly TableSource[] {
  return cursor.list(() => cursor.deeper(() => parseJoined(cursor)));
}

type Join = Extract<TableSource, { kind: 'join' }>['join'];

function parseJoined(cursor: Cursor): TableSource {
  let left = parseSource(cursor);
  for (;;) {
    if (cursor.accept('CROSS', 'JOIN')) {
      left = { kind: 'join', join: 'cross', left, right: parseSource(cursor), on: null };
    } else if (cursor.accept('CROSS', 'APPLY')) {
      left = { kind: 'apply', outer: false, left, right: parseSource(cursor) };
    } else if (cursor.accept('OUTER', 'APPLY')) {
      left = { kind: 'apply', outer: true, left, right: parseSource(cursor) };
    } else {
      const join = parseJoinWord(cursor);
      if (join === null) break;
      left = parseJoinRest(cursor, left, join);
    }
  }
  if (cursor.isOneOf('PIVOT', 'UNPIVOT', 'TABLESAMPLE'))
    throw cursor.notSimulated(cursor.peek().upper);
  return left;
}

/** `a JOIN b ON ..`, and `a JOIN b JOIN c ON .. ON ..` where the inner join comes first. */
function parseJoinRest(cursor: Cursor, left: TableSource, join: Join): TableSource {
  return cursor.deeper(() => {
    let right = parseSource(cursor);
    while (!cursor.is('ON')) {
      const inner = parseJoinWord(cursor);
      if (inner === null) throw cursor.error();
      right = parseJoinRest(cursor, right, inner);
    }
    cursor.expect('ON');
    return { kind: 'join', join, left, right, on: cursor.rules.condition(cursor) };
  });
}

function parseJoinWord(cursor: Cursor): Join | null {
  if (cursor.accept('JOIN')) return 'inner';
  const word = cursor.peek().upper;
  const join =
    word === 'INNER'
      ? 'inner'
      : word === 'LEFT'
        ? 'left'
        : word === 'RIGHT'
          ? 'right'
          : word === 'FULL'
            ? 'full'
            : null;
  if (join === null) return null;
  cursor.take();
  if (join !== 'inner') cursor.accept('OUTER');
  if (cursor.isOneOf('LOOP', 'HASH', 'MERGE', 'REMOTE')) cursor.take();
  cursor.expect('JOIN');
  return join;
}

function parseSource(cursor: Cursor): TableSource {
  const token = cursor.peek();
  if (token.upper === '(') return parseParenthesized(cursor);
  if (token.kind === 'variable') {
    cursor.take();
    return {
      kind: 'table-variable',
      name: token.value,
      alias: parseAlias(cursor),
      line: token.line,
    };
  }
  if (
    cursor.isOneOf(
      'OPENQUERY',
      'OPENROWSET',
      'OPENDATASOURCE',
      'OPENXML',
      'CONTAINSTABLE',
      'FREETEXTTABLE',
    )
  ) {
    throw cursor.notSimulated(token.upper);
  }
  const name = cursor.objectName();
  if (cursor.is('(') && !isOldHint(cursor)) {
    if (name.schema === null && !knowsTableFunction(cursor.release, name.name.toUpperCase()))
      throw cursor.fail(208, cursor.peek(), name.name);
    if (name.database !== null) throw cursor.notSimulated('functions with three-part names');
    cursor.expect('(');
    const list = cursor.is(')') ? [] : cursor.list(() => cursor.rules.expression(cursor));
    cursor.expect(')');
    if (cursor.is('WITH', '(')) throw cursor.notSimulated('WITH behind a table-valued function');
    return {
      kind: 'function',
      schema: name.schema,
      name: name.name,
      arguments: list,
      alias: parseAlias(cursor),
      line: token.line,
    };
  }
  if (cursor.is('FOR', 'SYSTEM_TIME')) throw cursor.notSimulated('FOR SYSTEM_TIME');
  const early = parseHints(cursor);
  const alias = parseAlias(cursor);
  return {
    kind: 'table',
    name,
    alias,
    hints: early.length > 0 ? early : parseHints(cursor),
    line: token.line,
  };
}

/** `FROM t (NOLOCK)`. */
function isOldHint(cursor: Cursor): boolean {
  return (
    cursor.is('(') &&
    TABLE_HINTS.has(cursor.peek(1).upper) &&
    [',', ')'].includes(cursor.peek(2).upper)
  );
}

/** Takes `WITH (hint, ...)`, or nothing; an unknown hint raises 321. */
export function parseHints(cursor: Cursor): readonly string[] {
  if (!cursor.is('WITH', '(') && !isOldHint(cursor)) return [];
  cursor.accept('WITH');
  cursor.expect('(');
  const hints: string[] = [];
  while (!cursor.accept(')')) {
    const token = cursor.take();
    if (!TABLE_HINTS.has(token.upper)) throw cursor.fail(321, token, token.value);
    hints.push(token.upper);
    if (token.upper === 'INDEX' || token.upper === 'FORCESEEK') skipHintArguments(cursor);
    cursor.accept(',');
  }
  return hints;
}

function skipHintArguments(cursor: Cursor): void {
  if (cursor.accept('=')) {
    cursor.take();
    return;
  }
  if (!cursor.accept('(')) return;
  let depth = 1;
  while (depth > 0) {
    const token = cursor.take();
    if (token.kind === 'end') throw cursor.error();
    if (token.upper === '(') depth += 1;
    if (token.upper === ')') depth -= 1;
  }
}

function parseAlias(cursor: Cursor): string | null {
  if (cursor.accept('AS')) return cursor.name();
  return cursor.isName() ? cursor.name() : null;
}

/** A derived table, or a join in parentheses. */
function parseParenthesized(cursor: Cursor): TableSource {
  const line = cursor.line;
  let ahead = 0;
  while (cursor.peek(ahead).upper === '(') ahead += 1;
  if (!['SELECT', 'VALUES', 'WITH'].includes(cursor.peek(ahead).upper)) {
    cursor.expect('(');
    const inner = cursor.deeper(() => parseJoined(cursor));
    cursor.expect(')');
    return inner;
  }
  cursor.expect('(');
  const query = cursor.deeper(() => cursor.rules.query(cursor));
  cursor.expect(')');
  const alias = parseAlias(cursor);
  if (alias === null) throw cursor.error();
  const columns = cursor.is('(') ? cursor.parenthesized(() => cursor.name()) : null;
  return { kind: 'derived', query, alias, columns, line };
}
