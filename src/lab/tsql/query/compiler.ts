/** Puts the parts of the compiler together. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { Expression } from '../ast.ts';
import type { Binder, Compiler } from './binder.ts';
import { coerce } from './compiled.ts';
import type { Execution } from './execution.ts';
import { expressionOf } from './expression.ts';
import { predicateOf } from './predicate.ts';
import { queryOf } from './query.ts';

const compiler: Compiler = { expression: expressionOf, predicate: predicateOf, query: queryOf };

/** Binder for expressions without columns. */
export function plainBinder(execution: Execution): Binder {
  return { compiler, execution, scope: null, commonTables: [], aggregates: null, windows: null };
}

/** Evaluates an expression without columns, converted to the type when one is given. */
export function evaluateNow(
  execution: Execution,
  expression: Expression,
  type?: SqlType,
): SqlValue {
  const compiled = expressionOf(plainBinder(execution), expression);
  const target = type === undefined ? compiled : coerce(compiled, type);
  return target.evaluate({ frame: [], outer: null });
}
