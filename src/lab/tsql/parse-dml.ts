/** INSERT, UPDATE, DELETE, TRUNCATE and their OUTPUT. */

import type {
  Assignment,
  CommonTableExpression,
  DmlTarget,
  Expression,
  InsertSource,
  ObjectName,
  OutputClause,
  Query,
  QueryStatement,
  TableSource,
  TableVariableName,
} from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import {
  parseAssignOperator,
  parseOptions,
  parseQueryAfterWith,
  parseSelectItem,
  parseValues,
} from './parse-query.ts';
import { parseHints, parseSources } from './parse-source.ts';

type Ctes = readonly CommonTableExpression[];

/** Takes an INSERT. */
export function parseInsert(cursor: Cursor, ctes: Ctes): QueryStatement {
  cursor.expect('INSERT');
  if (cursor.is('TOP')) throw cursor.notSimulated('INSERT TOP');
  cursor.accept('INTO');
  const table = parseTarget(cursor);
  parseHints(cursor);
  const columns =
    cursor.is('(') && !cursor.is('(', 'SELECT') && !cursor.is('(', '(')
      ? cursor.parenthesized(() => cursor.name())
      : null;
  const output = parseOutput(cursor);
  const source = parseInsertSource(cursor);
  return { kind: 'insert', with: ctes, table, columns, source, output };
}

function parseInsertSource(cursor: Cursor): InsertSource {
  if (cursor.accept('DEFAULT', 'VALUES')) return { kind: 'default-values' };
  if (cursor.isOneOf('EXEC', 'EXECUTE'))
    return { kind: 'execute', execute: cursor.rules.execute(cursor) };
  if (cursor.is('VALUES')) {
    const line = cursor.line;
    const body = parseValues(cursor, true);
    const query: Query = {
      kind: 'query',
      with: [],
      body,
      orderBy: [],
      offset: null,
      fetch: null,
      hints: parseOptions(cursor),
      line,
    };
    return { kind: 'query', query };
  }
  return { kind: 'query', query: parseQueryAfterWith(cursor, []) };
}

function parseTarget(cursor: Cursor): ObjectName | TableVariableName {
  if (cursor.peek().kind === 'variable') return { kind: 'table-variable', name: cursor.variable() };
  return cursor.objectName();
}

function parseDmlTarget(cursor: Cursor): DmlTarget {
  const target = parseTarget(cursor);
  parseHints(cursor);
  return 'kind' in target ? target : { kind: 'name', name: target };
}

/** Takes an UPDATE. */
export function parseUpdate(cursor: Cursor, ctes: Ctes): QueryStatement {
  cursor.expect('UPDATE');
  if (cursor.is('STATISTICS')) throw cursor.notSimulated('UPDATE STATISTICS');
  const top = parseDmlTop(cursor);
  const target = parseDmlTarget(cursor);
  cursor.expect('SET');
  const assignments = cursor.list(() => parseAssignment(cursor));
  return { kind: 'update', with: ctes, top, target, assignments, ...parseTail(cursor) };
}

/** Takes a DELETE. */
export function parseDelete(cursor: Cursor, ctes: Ctes): QueryStatement {
  cursor.expect('DELETE');
  const top = parseDmlTop(cursor);
  cursor.accept('FROM');
  const target = parseDmlTarget(cursor);
  return { kind: 'delete', with: ctes, top, target, ...parseTail(cursor) };
}

interface Tail {
  readonly output: OutputClause | null;
  readonly from: readonly TableSource[];
  readonly where: Expression | null;
}

function parseTail(cursor: Cursor): Tail {
  const output = parseOutput(cursor);
  const from = cursor.accept('FROM') ? parseSources(cursor) : [];
  let where: Expression | null = null;
  if (cursor.accept('WHERE')) {
    if (cursor.is('CURRENT', 'OF')) throw cursor.notSimulated('cursors');
    where = cursor.rules.condition(cursor);
  }
  parseOptions(cursor);
  return { output, from, where };
}

/** TOP of UPDATE and DELETE: in parentheses, without PERCENT. */
function parseDmlTop(cursor: Cursor): Expression | null {
  if (!cursor.accept('TOP')) return null;
  cursor.expect('(');
  const count = cursor.rules.expression(cursor);
  cursor.expect(')');
  if (cursor.is('PERCENT')) throw cursor.notSimulated('TOP PERCENT in UPDATE and DELETE');
  return count;
}

function parseAssignment(cursor: Cursor): Assignment {
  let variable: string | null = null;
  if (cursor.peek().kind === 'variable') {
    variable = cursor.variable();
    const columnFollows =
      cursor.is('=') && cursor.isName(1) && parseAssignOperator(cursor, columnEnd(cursor)) !== null;
    if (!columnFollows) {
      const operator = takeOperator(cursor);
      return { column: null, variable, operator, expression: cursor.rules.expression(cursor) };
    }
    cursor.expect('=');
  }
  const column = parseColumn(cursor);
  const operator = takeOperator(cursor);
  const expression = cursor.accept('DEFAULT') ? null : cursor.rules.expression(cursor);
  return { column, variable, operator, expression };
}

/** How many tokens ahead the column name of `@v = t.column` ends. */
function columnEnd(cursor: Cursor): number {
  let ahead = 2;
  while (cursor.peek(ahead).upper === '.') ahead += 2;
  return ahead;
}

/** The name of the changed column; a qualifier names the target again and is dropped. */
function parseColumn(cursor: Cursor): string {
  let column = cursor.name();
  while (cursor.accept('.')) column = cursor.name();
  return column;
}

function takeOperator(cursor: Cursor) {
  const operator = parseAssignOperator(cursor, 0);
  if (operator === null) throw cursor.error();
  cursor.take();
  return operator;
}

function parseOutput(cursor: Cursor): OutputClause | null {
  if (!cursor.accept('OUTPUT')) return null;
  const items = cursor.list(() => parseSelectItem(cursor));
  if (!cursor.accept('INTO')) return { items, into: null };
  const into = parseTarget(cursor);
  if (cursor.is('(')) throw cursor.notSimulated('OUTPUT INTO with a column list');
  return { items, into };
}

/** Takes a TRUNCATE TABLE. */
export function parseTruncate(cursor: Cursor): QueryStatement {
  cursor.expect('TRUNCATE', 'TABLE');
  const table = cursor.objectName();
  if (cursor.is('WITH', '(', 'PARTITIONS')) throw cursor.notSimulated('partitions');
  return { kind: 'truncate', table };
}
