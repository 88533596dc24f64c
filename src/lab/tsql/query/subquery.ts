/** Subqueries inside expressions; those that do not depend on the outer row run once per statement. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { Expression, Query } from '../ast.ts';
import { sqlError } from '../message.ts';
import { compare, hashKey } from '../value/operate.ts';
import type { Compiled, Predicate } from './compiled.ts';
import { comparesDirectly, convertValue, forComparison } from './compiled.ts';
import type { Environment } from './execution.ts';
import { PAUSE } from './execution.ts';
import type { Binder, CompiledQuery } from './binder.ts';
import { compileExpression, compileQuery } from './binder.ts';
import { comparisonType, holds, isComparison, negate } from './comparison.ts';

function compileInner(binder: Binder, query: Query): CompiledQuery {
  return compileQuery({ ...binder, aggregates: null, windows: null }, query);
}

/** Runs once per statement when the query does not depend on the outer row. */
function once<T>(
  binder: Binder,
  query: CompiledQuery,
  compute: (environment: Environment) => T,
): (environment: Environment) => T {
  if (query.correlated) return compute;
  const { cache } = binder.execution;
  return (environment) => {
    if (cache.has(query)) return cache.get(query) as T;
    const value = compute(environment);
    cache.set(query, value);
    return value;
  };
}

function onlyColumn(query: CompiledQuery): { type: SqlType; nullLiteral: boolean } {
  const [column] = query.columns;
  if (column === undefined || query.columns.length !== 1) throw sqlError(116);
  return { type: column.type, nullLiteral: false };
}

/** `(SELECT ...)` as a value: 512 for more than one row. */
export function compileScalarQuery(binder: Binder, query: Query): Compiled {
  const inner = compileInner(binder, query);
  const { type } = onlyColumn(inner);
  return {
    type,
    nullable: true,
    local: inner.correlated,
    nullLiteral: false,
    evaluate: once(binder, inner, (environment) => {
      let value: SqlValue = null;
      let count = 0;
      for (const row of inner.rows(environment)) {
        if (row === PAUSE) continue;
        count += 1;
        if (count > 1) throw sqlError(512);
        value = row[0] ?? null;
      }
      return value;
    }),
  };
}

/** EXISTS. */
export function compileExists(binder: Binder, query: Query): Predicate {
  const inner = compileInner(binder, query);
  return {
    local: inner.correlated,
    test: once(binder, inner, (environment) => {
      for (const row of inner.rows(environment)) if (row !== PAUSE) return true;
      return false;
    }),
  };
}

interface KeySet {
  readonly keys: ReadonlySet<string | number | bigint>;
  readonly hasNull: boolean;
}

/** `x IN (SELECT ...)`. */
export function compileInQuery(
  binder: Binder,
  expression: Extract<Expression, { kind: 'in-query' }>,
): Predicate {
  const operand = compileExpression(binder, expression.operand);
  const inner = compileInner(binder, expression.query);
  const column = onlyColumn(inner);
  const type = comparisonType(operand, { ...operand, ...column });
  const direct = comparesDirectly(column.type, type);
  const value = forComparison(operand, type).evaluate;
  const collect = once(binder, inner, (environment): KeySet => {
    const keys = new Set<string | number | bigint>();
    let hasNull = false;
    for (const row of inner.rows(environment)) {
      if (row === PAUSE) continue;
      const item = row[0] ?? null;
      if (item === null) hasNull = true;
      else keys.add(hashKey(direct ? item : convertValue(item, column.type, type), type));
    }
    return { keys, hasNull };
  });
  const test = (environment: Environment): boolean | null => {
    const { keys, hasNull } = collect(environment);
    if (keys.size === 0 && !hasNull) return false;
    const current = value(environment);
    if (current === null) return null;
    if (keys.has(hashKey(current, type))) return true;
    return hasNull ? null : false;
  };
  return {
    local: operand.local || inner.correlated,
    test: expression.negated ? (environment) => negate(test(environment)) : test,
  };
}

/** `x > ALL (SELECT ...)`, `x = ANY (SELECT ...)`. */
export function compileQuantified(
  binder: Binder,
  expression: Extract<Expression, { kind: 'quantified' }>,
): Predicate {
  const { operator, quantifier } = expression;
  if (!isComparison(operator)) throw sqlError(102, operator);
  const operand = compileExpression(binder, expression.operand);
  const inner = compileInner(binder, expression.query);
  const column = onlyColumn(inner);
  const type = comparisonType(operand, { ...operand, ...column });
  const value = forComparison(operand, type).evaluate;
  const collect = once(binder, inner, (environment) => {
    const items: SqlValue[] = [];
    for (const row of inner.rows(environment)) {
      if (row !== PAUSE) items.push(convertValue(row[0] ?? null, column.type, type));
    }
    return items;
  });
  const decisive = quantifier === 'any';
  return {
    local: operand.local || inner.correlated,
    test: (environment) => {
      const current = value(environment);
      let unknown = false;
      for (const item of collect(environment)) {
        if (current === null || item === null) unknown = true;
        else if (holds(operator, compare(current, item, type)) === decisive) return decisive;
      }
      return unknown ? null : !decisive;
    },
  };
}
