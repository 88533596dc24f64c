/** One SELECT: from sources to output rows. */

import { unreachable } from '../../../base/assert.ts';
import type { Column } from '../../../tds/sql-type.ts';
import type { Expression, OrderItem, SelectBody, SelectItem } from '../ast.ts';
import { sqlError } from '../message.ts';
import type { AggregateCollector, WindowCollector } from './collector.ts';
import type { Compiled } from './compiled.ts';
import { coerce } from './compiled.ts';
import { hasAggregate } from './conjunct.ts';
import type { Environment, Frame, Frames, Row } from './execution.ts';
import { PAUSE } from './execution.ts';
import type { Binder, CompiledQuery } from './binder.ts';
import { compileExpression, compilePredicate } from './binder.ts';
import { assignOperator, binaryOperation } from './expression.ts';
import { canonical, checkGrouped, groupFrames, rowKey } from './group.ts';
import type { RowLimit } from './limit.ts';
import { limitRows } from './limit.ts';
import type { SortKey } from './order.ts';
import { sorted, sortKey } from './order.ts';
import { Scope } from './scope.ts';
import type { BlockBinder } from './source-plan.ts';
import { compileFrom } from './source.ts';
import { applyWindows } from './window.ts';

/** A compiled item of the select list. */
export interface OutputItem {
  readonly column: Column;
  readonly compiled: Compiled;
  /** What was written; null for columns of a star. */
  readonly source: Expression | null;
}

interface Ordering {
  readonly key: SortKey;
  /** Place in the select list, when the item is one of it. */
  readonly output: number | null;
}

/** Compiles a SELECT with the ORDER BY and OFFSET that belong to it. */
export function compileSelect(
  binder: Binder,
  body: SelectBody,
  tail: { orderBy: readonly OrderItem[]; limit: RowLimit | null },
): CompiledQuery {
  const scope = new Scope(binder.scope);
  const block: BlockBinder = { ...binder, scope, aggregates: null, windows: null };
  const from = compileFrom(block, body.from, body.where);
  const where = body.where === null ? null : compilePredicate(block, body.where);
  const aggregates: AggregateCollector = { slot: scope.newSlot(), list: [] };
  const windows: WindowCollector = { slot: scope.newSlot(), list: [] };
  const grouped = isGrouped(body, tail.orderBy);
  const output: BlockBinder = { ...block, aggregates: grouped ? aggregates : null, windows };
  const keys = body.groupBy.map((expression) => compileExpression(block, expression));
  const items = body.items.flatMap((item) => compileItem(output, item));
  const having =
    body.having === null ? null : compilePredicate({ ...output, windows: null }, body.having);
  const orderings = tail.orderBy.map((item) =>
    compileOrdering(output, item, { items, distinct: body.distinct }),
  );
  if (grouped) checkGrouping(body, tail.orderBy, { scope, items });
  const limit = tail.limit ?? topLimit(binder, body);
  const countsOnly = limit === null && orderings.length === 0 && isPlainCount(body);

  const rows = function* rows(outer: Environment): Generator<Row | typeof PAUSE> {
    const environment: Environment = { frame: [], outer };
    const known = countsOnly ? from?.scan?.handle.count() : undefined;
    if (known !== undefined) {
      environment.frame[aggregates.slot] = aggregates.list.map(({ type }) =>
        type.kind === 'bigint' ? BigInt(known) : known,
      );
      yield project(items, environment);
      return;
    }
    let frames: Frames = from === null ? [[]] : from.produce(outer, []);
    if (where !== null) frames = filter(frames, where.test, environment);
    if (grouped) frames = groupFrames(frames, { keys, aggregates }, environment);
    if (having !== null) frames = filter(frames, having.test, environment);
    if (windows.list.length > 0) frames = yield* windowed(frames, windows, environment);
    const finish = { items, orderings, limit, environment };
    yield* body.distinct ? distinctRows(frames, finish) : plainRows(frames, finish);
  };
  return {
    columns: items.map((item) => item.column),
    get correlated() {
      return scope.correlated;
    },
    rows,
  };
}

function isGrouped(body: SelectBody, orderBy: readonly OrderItem[]): boolean {
  return (
    body.groupBy.length > 0 ||
    body.having !== null ||
    body.items.some((item) => item.kind !== 'star' && hasAggregate(item.expression)) ||
    orderBy.some((item) => hasAggregate(item.expression))
  );
}

/** `SELECT COUNT(*) FROM table`: the store knows the number without reading rows. */
function isPlainCount(body: SelectBody): boolean {
  if (
    body.where !== null ||
    body.having !== null ||
    body.groupBy.length > 0 ||
    body.from.length !== 1 ||
    body.from[0]?.kind !== 'table'
  )
    return false;
  return body.items.every(
    (item) =>
      item.kind === 'expression' &&
      item.expression.kind === 'call' &&
      item.expression.over === null &&
      item.expression.arguments[0]?.kind === 'star',
  );
}

function checkGrouping(
  body: SelectBody,
  orderBy: readonly OrderItem[],
  at: { scope: Scope; items: readonly OutputItem[] },
): void {
  const groups = new Set(body.groupBy.map((expression) => canonical(expression, at.scope)));
  for (const item of body.items) {
    if (item.kind === 'star') {
      for (const source of at.scope.matching(item.qualifier)) {
        for (const column of source.columns)
          checkGrouped(
            { kind: 'column', qualifier: [source.alias], name: column.name, line: 1 },
            groups,
            at.scope,
          );
      }
    } else checkGrouped(item.expression, groups, at.scope);
  }
  if (body.having !== null) checkGrouped(body.having, groups, at.scope);
  for (const item of orderBy) {
    if (namedOutput(item.expression, at.items) === null)
      checkGrouped(item.expression, groups, at.scope);
  }
}

/** Compiles an item of a select list or of OUTPUT. */
export function compileItem(binder: BlockBinder, item: SelectItem): OutputItem[] {
  switch (item.kind) {
    case 'star': {
      const sources = binder.scope.matching(item.qualifier);
      if (sources.length === 0 && item.qualifier.length > 0)
        throw sqlError(107, item.qualifier.join('.'));
      if (sources.length === 0) throw sqlError(263);
      return sources.flatMap((source) =>
        source.columns.map((column, index): OutputItem => ({
          column,
          source: null,
          compiled: {
            type: column.type,
            nullable: column.nullable,
            local: true,
            nullLiteral: false,
            evaluate: (environment) => environment.frame[source.slot]?.[index] ?? null,
          },
        })),
      );
    }
    case 'expression': {
      const { expression } = item;
      const compiled = compileExpression(binder, expression);
      const name = item.alias ?? (expression.kind === 'column' ? expression.name : '');
      const plain =
        expression.kind === 'column'
          ? binder.scope.resolve(expression.qualifier, expression.name).column
          : null;
      const column: Column = {
        name,
        type: compiled.type,
        nullable: compiled.nullable,
        ...(plain?.identity === true ? { identity: true } : {}),
      };
      return [{ column, compiled, source: expression }];
    }
    case 'assign': {
      const compiled = compileAssignment(binder, item);
      return [
        {
          column: { name: '', type: compiled.type, nullable: true },
          compiled,
          source: item.expression,
        },
      ];
    }
  }
  return unreachable(item);
}

function compileAssignment(
  binder: Binder,
  item: Extract<SelectItem, { kind: 'assign' }>,
): Compiled {
  const variable = binder.execution.variable(item.variable);
  if (variable === undefined) throw sqlError(137, item.variable);
  const value = compileExpression(binder, item.expression);
  const current: Compiled = {
    type: variable.type,
    nullable: true,
    local: false,
    nullLiteral: false,
    evaluate: () => variable.value,
  };
  const total =
    item.operator === '=' ? value : binaryOperation(assignOperator(item.operator), current, value);
  const converted = coerce(total, variable.type);
  return {
    ...converted,
    evaluate: (environment) => {
      variable.value = converted.evaluate(environment);
      return variable.value;
    },
  };
}

/** The select item that an ORDER BY item names by alias or by number. */
function namedOutput(expression: Expression, items: readonly OutputItem[]): number | null {
  if (expression.kind === 'literal' && typeof expression.value === 'number') {
    if (expression.value < 1 || expression.value > items.length)
      throw sqlError(108, expression.value);
    return expression.value - 1;
  }
  if (expression.kind !== 'column' || expression.qualifier.length > 0) return null;
  const wanted = expression.name.toLowerCase();
  const index = items.findIndex((item) => item.column.name.toLowerCase() === wanted);
  return index === -1 ? null : index;
}

function compileOrdering(
  binder: BlockBinder,
  item: OrderItem,
  select: { items: readonly OutputItem[]; distinct: boolean },
): Ordering {
  let output = namedOutput(item.expression, select.items);
  if (output === null && select.distinct) {
    const wanted = canonical(item.expression, binder.scope);
    output = select.items.findIndex(
      (candidate) =>
        candidate.source !== null && canonical(candidate.source, binder.scope) === wanted,
    );
    if (output === -1) throw sqlError(145);
  }
  const compiled =
    output === null ? compileExpression(binder, item.expression) : select.items[output]?.compiled;
  if (compiled === undefined) throw sqlError(108, 0);
  return { key: sortKey(item, compiled), output };
}

function topLimit(binder: Binder, body: SelectBody): RowLimit | null {
  if (body.top === null) return null;
  const count = compileExpression(
    { ...binder, scope: null, aggregates: null, windows: null },
    body.top.count,
  );
  return { kind: 'top', count, percent: body.top.percent, withTies: body.top.withTies };
}

function* filter(
  frames: Frames,
  test: (environment: Environment) => boolean | null,
  environment: Environment,
): Generator<Frame | typeof PAUSE> {
  for (const frame of frames) {
    if (frame === PAUSE) {
      yield PAUSE;
      continue;
    }
    environment.frame = frame;
    if (test(environment) === true) yield frame;
  }
}

function* windowed(
  frames: Frames,
  windows: WindowCollector,
  environment: Environment,
): Generator<typeof PAUSE, Frame[]> {
  const all: Frame[] = [];
  for (const frame of frames) {
    if (frame === PAUSE) yield PAUSE;
    // The slot is written: rows of a scan may share a frame with nobody, but groups and joins may.
    else all.push(frame.slice());
  }
  applyWindows(all, windows, environment);
  return all;
}

interface Finish {
  readonly items: readonly OutputItem[];
  readonly orderings: readonly Ordering[];
  readonly limit: RowLimit | null;
  readonly environment: Environment;
}

function project(items: readonly OutputItem[], environment: Environment): Row {
  const row: Row = [];
  for (const item of items) row.push(item.compiled.evaluate(environment));
  return row;
}

/** Sorts frames, cuts, and only then evaluates the select list: assignments happen for rows that count. */
function* plainRows(frames: Frames, finish: Finish): Generator<Row | typeof PAUSE> {
  const { items, orderings, limit, environment } = finish;
  const keys = orderings.map((ordering) => ordering.key);
  let ordered: Iterable<{ item: Frame; keys: Row } | typeof PAUSE> = keyed(
    frames,
    keys,
    environment,
  );
  if (keys.length > 0) {
    const all: { item: Frame; keys: Row }[] = [];
    for (const entry of ordered) {
      if (entry === PAUSE) yield PAUSE;
      else all.push(entry);
    }
    ordered = sorted(all, keys);
  }
  for (const entry of limit === null ? ordered : limitRows(ordered, limit, keys)) {
    if (entry === PAUSE) {
      yield PAUSE;
      continue;
    }
    environment.frame = entry.item;
    yield project(items, environment);
  }
}

function* keyed(
  frames: Frames,
  keys: readonly SortKey[],
  environment: Environment,
): Generator<{ item: Frame; keys: Row } | typeof PAUSE> {
  for (const frame of frames) {
    if (frame === PAUSE) {
      yield PAUSE;
      continue;
    }
    environment.frame = frame;
    yield { item: frame, keys: keys.map((key) => key.evaluate(environment)) };
  }
}

function* distinctRows(frames: Frames, finish: Finish): Generator<Row | typeof PAUSE> {
  const { items, orderings, limit, environment } = finish;
  const keys = orderings.map((ordering) => ordering.key);
  const seen = new Set<string>();
  const all: { item: Row; keys: Row }[] = [];
  for (const frame of frames) {
    if (frame === PAUSE) {
      yield PAUSE;
      continue;
    }
    environment.frame = frame;
    const row = project(items, environment);
    const key = rowKey(
      items.map((item) => item.compiled),
      row,
    );
    if (seen.has(key)) continue;
    seen.add(key);
    all.push({ item: row, keys: orderings.map((ordering) => row[ordering.output ?? 0] ?? null) });
  }
  const ordered: Iterable<{ item: Row; keys: Row } | typeof PAUSE> =
    keys.length > 0 ? sorted(all, keys) : all;
  for (const entry of limit === null ? ordered : limitRows(ordered, limit, keys))
    yield entry === PAUSE ? PAUSE : entry.item;
}
