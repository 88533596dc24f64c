/** Compiles predicates with three-valued logic. */

import { unreachable } from '../../../base/assert.ts';
import type { SqlValue } from '../../../tds/sql-type.ts';
import type { Expression } from '../ast.ts';
import { sqlError } from '../message.ts';
import { hashKey, like } from '../value/operate.ts';
import { commonType, isString } from '../value/type.ts';
import type { Compiled, Predicate } from './compiled.ts';
import { coerce, forComparison, textOfValue } from './compiled.ts';
import type { Environment } from './execution.ts';
import type { Binder } from './binder.ts';
import { compileExpression, compilePredicate } from './binder.ts';
import { comparison, isComparison, negate } from './comparison.ts';
import { compileExists, compileInQuery, compileQuantified } from './subquery.ts';

/** Compiles an expression that is true, false or unknown; 4145 when it is a value. */
export function predicateOf(binder: Binder, expression: Expression): Predicate {
  switch (expression.kind) {
    case 'binary':
      return compileBinaryPredicate(binder, expression);
    case 'unary':
      return compileNot(binder, expression);
    case 'is-null': {
      const operand = compileExpression(binder, expression.operand);
      const { negated } = expression;
      return {
        local: operand.local,
        test: (environment) => (operand.evaluate(environment) === null) !== negated,
      };
    }
    case 'like':
      return compileLike(binder, expression);
    case 'between':
      return compileBetween(binder, expression);
    case 'in-list':
      return compileInList(binder, expression);
    case 'in-query':
      return compileInQuery(binder, expression);
    case 'quantified':
      return compileQuantified(binder, expression);
    case 'exists':
      return compileExists(binder, expression.query);
    case 'literal':
    case 'variable':
    case 'column':
    case 'case':
    case 'cast':
    case 'call':
    case 'collate':
    case 'scalar-query':
      throw sqlError(4145, expression.kind === 'column' ? expression.name : ')');
  }
  return unreachable(expression);
}

function compileBinaryPredicate(
  binder: Binder,
  expression: Extract<Expression, { kind: 'binary' }>,
): Predicate {
  const { operator } = expression;
  if (operator === 'and' || operator === 'or') {
    const left = compilePredicate(binder, expression.left);
    const right = compilePredicate(binder, expression.right);
    const local = left.local || right.local;
    return operator === 'and'
      ? {
          local,
          test: (environment) => conjunction(left.test(environment), () => right.test(environment)),
        }
      : {
          local,
          test: (environment) => disjunction(left.test(environment), () => right.test(environment)),
        };
  }
  if (!isComparison(operator)) throw sqlError(4145, operator);
  return comparison(
    operator,
    compileExpression(binder, expression.left),
    compileExpression(binder, expression.right),
  );
}

function conjunction(left: boolean | null, right: () => boolean | null): boolean | null {
  if (left === false) return false;
  const other = right();
  if (other === false) return false;
  return left === null || other === null ? null : true;
}

function disjunction(left: boolean | null, right: () => boolean | null): boolean | null {
  if (left === true) return true;
  const other = right();
  if (other === true) return true;
  return left === null || other === null ? null : false;
}

function compileNot(binder: Binder, expression: Extract<Expression, { kind: 'unary' }>): Predicate {
  if (expression.operator !== 'not') throw sqlError(4145, expression.operator);
  const operand = compilePredicate(binder, expression.operand);
  return { local: operand.local, test: (environment) => negate(operand.test(environment)) };
}

function compileLike(binder: Binder, expression: Extract<Expression, { kind: 'like' }>): Predicate {
  const operand = asText(compileExpression(binder, expression.operand));
  const pattern = asText(compileExpression(binder, expression.pattern));
  const escape =
    expression.escape === null ? null : asText(compileExpression(binder, expression.escape));
  return {
    local: operand.local || pattern.local || (escape?.local ?? false),
    test: (environment) => {
      const value = operand.evaluate(environment);
      const mask = pattern.evaluate(environment);
      const mark = escape === null ? null : escape.evaluate(environment);
      if (value === null || mask === null || (escape !== null && mark === null)) return null;
      return (
        like(textOfValue(value), textOfValue(mask), mark === null ? null : textOfValue(mark)) !==
        expression.negated
      );
    },
  };
}

function asText(expression: Compiled): Compiled {
  return isString(expression.type)
    ? expression
    : coerce(expression, { kind: 'nvarchar', length: 4000 });
}

function compileBetween(
  binder: Binder,
  expression: Extract<Expression, { kind: 'between' }>,
): Predicate {
  const operand = compileExpression(binder, expression.operand);
  const low = comparison('>=', operand, compileExpression(binder, expression.low));
  const high = comparison('<=', operand, compileExpression(binder, expression.high));
  const test = (environment: Environment): boolean | null =>
    conjunction(low.test(environment), () => high.test(environment));
  return {
    local: low.local || high.local,
    test: expression.negated ? (environment) => negate(test(environment)) : test,
  };
}

function compileInList(
  binder: Binder,
  expression: Extract<Expression, { kind: 'in-list' }>,
): Predicate {
  const operand = compileExpression(binder, expression.operand);
  const items = expression.items.map((item) => compileExpression(binder, item));
  const local = operand.local || items.some((item) => item.local);
  const literals = items.every(
    (item, i) => expression.items[i]?.kind === 'literal' && !item.nullLiteral,
  );
  const test = literals && items.length > 8 ? hashedIn(operand, items) : listedIn(operand, items);
  return { local, test: expression.negated ? (environment) => negate(test(environment)) : test };
}

function listedIn(operand: Compiled, items: readonly Compiled[]): Predicate['test'] {
  const tests = items.map((item) => comparison('=', operand, item).test);
  return (environment) => {
    let unknown = false;
    for (const test of tests) {
      const outcome = test(environment);
      if (outcome === true) return true;
      if (outcome === null) unknown = true;
    }
    return unknown ? null : false;
  };
}

/** Long lists of literals are looked up by key. */
function hashedIn(operand: Compiled, items: readonly Compiled[]): Predicate['test'] {
  let type = operand.type;
  for (const item of items) type = commonType(type, item.type);
  const nowhere: Environment = { frame: [], outer: null };
  const keys = new Set(
    items.map((item) => hashKey(forComparison(item, type).evaluate(nowhere), type)),
  );
  const value = forComparison(operand, type).evaluate;
  return (environment) => {
    const current: SqlValue = value(environment);
    return current === null ? null : keys.has(hashKey(current, type));
  };
}
