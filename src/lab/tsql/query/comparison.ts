/** Comparison operators: how operands meet in one type, and three-valued NOT. */

import { unreachable } from '../../../base/assert.ts';
import type { SqlType } from '../../../tds/sql-type.ts';
import type { BinaryOperator } from '../ast.ts';
import { compare } from '../value/operate.ts';
import { commonType } from '../value/type.ts';
import type { Compiled, Predicate } from './compiled.ts';
import { forComparison } from './compiled.ts';

/** A comparison operator. */
export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** Whether an operator compares. */
export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return ['=', '<>', '<', '<=', '>', '>='].includes(operator);
}

/** NOT of three-valued logic. */
export function negate(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}

/** The type two compared operands meet in. */
export function comparisonType(left: Compiled, right: Compiled): SqlType {
  if (left.nullLiteral) return right.type;
  return right.nullLiteral ? left.type : commonType(left.type, right.type);
}

/** The outcome of an operator on the result of `compare`. */
export function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
  return unreachable(operator);
}

/** A comparison of compiled operands. */
export function comparison(
  operator: ComparisonOperator,
  left: Compiled,
  right: Compiled,
): Predicate {
  const type = comparisonType(left, right);
  const first = forComparison(left, type).evaluate;
  const second = forComparison(right, type).evaluate;
  return {
    local: left.local || right.local,
    test: (environment) => {
      const a = first(environment);
      const b = second(environment);
      return a === null || b === null ? null : holds(operator, compare(a, b, type));
    },
  };
}
