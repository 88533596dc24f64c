/** Query expressions: common table expressions, set operations, VALUES, ORDER BY over the result. */

import { unreachable } from '../../../base/assert.ts';
import type { Column, SqlValue } from '../../../tds/sql-type.ts';
import type { CommonTableExpression, OrderItem, Query, QueryBody } from '../ast.ts';
import { isNullLiteral } from '../parse.ts';
import { sqlError } from '../message.ts';
import { commonType, sameType } from '../value/type.ts';
import type { Compiled } from './compiled.ts';
import { coerce, convertValue, unify } from './compiled.ts';
import type { Environment, Row, Rows } from './execution.ts';
import { drainRows, PAUSE, withPauses } from './execution.ts';
import type { Binder, CommonTable, CompiledQuery } from './binder.ts';
import { compileExpression, compileQuery } from './binder.ts';
import { rowKey } from './group.ts';
import type { RowLimit } from './limit.ts';
import { limitRows } from './limit.ts';
import type { SortKey } from './order.ts';
import { sorted } from './order.ts';
import { same } from './scope.ts';
import { compileSelect } from './select.ts';

/** Depth up to which a recursive common table expression runs (MAXRECURSION's default). */
const MAX_RECURSION = 100;

/** Compiles a query expression. */
export function queryOf(binder: Binder, query: Query): CompiledQuery {
  const inner = withCommonTables(binder, query.with);
  const limit = offsetLimit(inner, query);
  const { body } = query;
  if (body.kind === 'select') return compileSelect(inner, body, { orderBy: query.orderBy, limit });
  const compiled = compileBody(inner, body);
  return query.orderBy.length === 0 && limit === null
    ? compiled
    : orderedOutput(compiled, query.orderBy, limit);
}

function offsetLimit(binder: Binder, query: Query): RowLimit | null {
  if (query.offset === null) return null;
  const plain = { ...binder, scope: null, aggregates: null, windows: null };
  return {
    kind: 'offset',
    offset: compileExpression(plain, query.offset),
    fetch: query.fetch === null ? null : compileExpression(plain, query.fetch),
  };
}

/** A binder that also knows these common table expressions. */
export function withCommonTables(
  binder: Binder,
  expressions: readonly CommonTableExpression[],
): Binder {
  let result = binder;
  for (const expression of expressions) {
    const visible = result;
    const table: CommonTable = {
      name: expression.name,
      compile: () => compileCommonTable(visible, expression),
    };
    result = { ...result, commonTables: [...result.commonTables, table] };
  }
  return result;
}

function compileCommonTable(binder: Binder, expression: CommonTableExpression): CompiledQuery {
  const { body } = expression.query;
  const outside = { ...binder, aggregates: null, windows: null };
  if (body.kind === 'set' && body.operator === 'union-all') {
    const anchor = named(compileBody(outside, body.left), expression);
    let recursive = false;
    let working: readonly Row[] = [];
    const self: CommonTable = {
      name: expression.name,
      compile: () => {
        recursive = true;
        return { columns: anchor.columns, correlated: false, rows: () => withPauses(working) };
      },
    };
    const step = compileBody(
      { ...outside, commonTables: [...binder.commonTables, self] },
      body.right,
    );
    if (recursive) {
      const run = { anchor, step, use: (rows: readonly Row[]): void => void (working = rows) };
      return {
        columns: anchor.columns,
        correlated: anchor.correlated || step.correlated,
        rows: (outer) => recurse(run, outer),
      };
    }
  }
  return named(compileQuery(outside, expression.query), expression);
}

interface Recursion {
  readonly anchor: CompiledQuery;
  readonly step: CompiledQuery;
  use(rows: readonly Row[]): void;
}

function* recurse(run: Recursion, outer: Environment): Generator<Row | typeof PAUSE> {
  let rows = drainRows(run.anchor.rows(outer));
  for (let depth = 0; rows.length > 0; depth += 1) {
    yield* rows;
    yield PAUSE;
    if (depth > MAX_RECURSION) throw sqlError(530, MAX_RECURSION);
    run.use(rows);
    rows = drainRows(run.step.rows(outer)).map((row) =>
      row.map((value, i) => {
        const from = run.step.columns[i]?.type;
        const to = run.anchor.columns[i]?.type;
        return from === undefined || to === undefined || sameType(from, to)
          ? value
          : convertValue(value, from, to);
      }),
    );
  }
}

function named(query: CompiledQuery, expression: CommonTableExpression): CompiledQuery {
  const names = expression.columns;
  if (names !== null && names.length > query.columns.length) throw sqlError(8158, expression.name);
  if (names !== null && names.length < query.columns.length) throw sqlError(8159, expression.name);
  const columns = query.columns.map((column, i) => ({
    ...column,
    name: names?.[i] ?? column.name,
  }));
  columns.forEach((column, i) => {
    if (column.name === '') throw sqlError(8155, i + 1, expression.name);
  });
  return { columns, correlated: query.correlated, rows: (outer) => query.rows(outer) };
}

/** Compiles SELECT, VALUES or a set operation without ORDER BY. */
function compileBody(binder: Binder, body: QueryBody): CompiledQuery {
  switch (body.kind) {
    case 'select':
      return compileSelect(binder, body, { orderBy: [], limit: null });
    case 'values':
      return compileValues(binder, body.rows);
    case 'set':
      return compileSet(compileBody(binder, body.left), compileBody(binder, body.right), {
        operator: body.operator,
        body,
      });
  }
  return unreachable(body);
}

function compileValues(
  binder: Binder,
  rows: Extract<QueryBody, { kind: 'values' }>['rows'],
): CompiledQuery {
  const inner = { ...binder, aggregates: null, windows: null };
  const compiled = rows.map((row) => row.map((expression) => compileExpression(inner, expression)));
  const width = compiled[0]?.length ?? 0;
  if (compiled.some((row) => row.length !== width)) throw sqlError(10709);
  const types = Array.from({ length: width }, (_, i) =>
    unify(compiled.flatMap((row) => row[i] ?? [])),
  );
  const cells = compiled.map((row) => row.map((cell, i) => coerce(cell, types[i] ?? cell.type)));
  const columns = types.map((type, i): Column => ({
    name: '',
    type,
    nullable: compiled.some((row) => row[i]?.nullable ?? true),
  }));
  return {
    columns,
    correlated: compiled.some((row) => row.some((cell) => cell.local)),
    *rows(outer) {
      for (const row of cells) yield row.map((cell) => cell.evaluate(outer));
    },
  };
}

function compileSet(
  left: CompiledQuery,
  right: CompiledQuery,
  set: {
    operator: 'union' | 'union-all' | 'except' | 'intersect';
    body: Extract<QueryBody, { kind: 'set' }>;
  },
): CompiledQuery {
  if (left.columns.length !== right.columns.length) throw sqlError(205);
  const columns = left.columns.map((column, i): Column => {
    const other = right.columns[i] ?? column;
    const type = nullItem(set.body.left, i)
      ? other.type
      : nullItem(set.body.right, i)
        ? column.type
        : commonType(column.type, other.type);
    return { name: column.name, type, nullable: column.nullable || other.nullable };
  });
  const first = (outer: Environment): Rows => convertedRows(left, columns, outer);
  const second = (outer: Environment): Rows => convertedRows(right, columns, outer);
  const rows = (outer: Environment): Rows =>
    setRows(set.operator, columns, { left: first(outer), right: () => second(outer) });
  return { columns, correlated: left.correlated || right.correlated, rows };
}

/** The literal NULL in a SELECT of a set operation takes the type of the other side. */
function nullItem(body: QueryBody, index: number): boolean {
  if (body.kind !== 'select') return false;
  const item = body.items[index];
  return item !== undefined && item.kind === 'expression' && isNullLiteral(item.expression);
}

function* convertedRows(
  query: CompiledQuery,
  columns: readonly Column[],
  outer: Environment,
): Generator<Row | typeof PAUSE> {
  const needed = columns.some(
    (column, i) => !sameType(column.type, query.columns[i]?.type ?? column.type),
  );
  for (const row of query.rows(outer)) {
    if (row === PAUSE || !needed) yield row;
    else
      yield columns.map((column, i): SqlValue =>
        convertValue(row[i] ?? null, query.columns[i]?.type ?? column.type, column.type),
      );
  }
}

function* setRows(
  operator: 'union' | 'union-all' | 'except' | 'intersect',
  columns: readonly Column[],
  sides: { left: Rows; right: () => Rows },
): Generator<Row | typeof PAUSE> {
  if (operator === 'union-all') {
    yield* sides.left;
    yield* sides.right();
    return;
  }
  const seen = new Set<string>();
  const others = new Set<string>();
  if (operator !== 'union')
    for (const row of sides.right()) if (row !== PAUSE) others.add(rowKey(columns, row));
  const both = function* both(): Generator<Row | typeof PAUSE> {
    yield* sides.left;
    if (operator === 'union') yield* sides.right();
  };
  for (const row of both()) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    const key = rowKey(columns, row);
    if (seen.has(key)) continue;
    seen.add(key);
    if (operator === 'union' || others.has(key) === (operator === 'intersect')) yield row;
  }
}

/** ORDER BY and OFFSET over the output of a set operation. */
function orderedOutput(
  query: CompiledQuery,
  orderBy: readonly OrderItem[],
  limit: RowLimit | null,
): CompiledQuery {
  const places = orderBy.map((item) => outputPlace(item, query.columns));
  const keys = orderBy.map((item, i): SortKey => {
    const place = places[i] ?? 0;
    const type: Compiled['type'] = query.columns[place]?.type ?? { kind: 'int' };
    return { type, descending: item.descending, evaluate: () => null };
  });
  return {
    columns: query.columns,
    correlated: query.correlated,
    *rows(outer) {
      const all = drainRows(query.rows(outer)).map((row) => ({
        item: row,
        keys: places.map((place) => row[place] ?? null),
      }));
      const ordered = keys.length > 0 ? sorted(all, keys) : all;
      for (const entry of limit === null ? ordered : limitRows(ordered, limit, keys))
        yield entry === PAUSE ? PAUSE : entry.item;
    },
  };
}

function outputPlace(item: OrderItem, columns: readonly Column[]): number {
  const { expression } = item;
  if (expression.kind === 'literal' && typeof expression.value === 'number') {
    if (expression.value < 1 || expression.value > columns.length)
      throw sqlError(108, expression.value);
    return expression.value - 1;
  }
  if (expression.kind !== 'column') throw sqlError(104);
  const place = columns.findIndex((column) => same(column.name, expression.name));
  if (place === -1) throw sqlError(207, expression.name);
  return place;
}
