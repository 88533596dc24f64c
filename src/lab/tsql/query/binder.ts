/**
 * What compilation carries along, and the three entry points through which expressions, predicates
 * and queries contain one another. `compiler.ts` puts the parts together.
 */

import type { Column } from '../../../tds/sql-type.ts';
import type { Expression, Query } from '../ast.ts';
import type { AggregateCollector, WindowCollector } from './collector.ts';
import type { Compiled, Predicate } from './compiled.ts';
import type { Environment, Execution, Rows } from './execution.ts';
import type { Scope } from './scope.ts';

/** A compiled query. */
export interface CompiledQuery {
  readonly columns: readonly Column[];
  /** Depends on the query block around it. */
  readonly correlated: boolean;
  /** The rows; `outer` is the environment of the block around it. */
  rows(outer: Environment): Rows;
}

/** The parts of the compiler. */
export interface Compiler {
  expression(binder: Binder, expression: Expression): Compiled;
  predicate(binder: Binder, expression: Expression): Predicate;
  query(binder: Binder, query: Query): CompiledQuery;
}

/** A common table expression in sight. */
export interface CommonTable {
  readonly name: string;
  /** Compiles one use of it. */
  compile(): CompiledQuery;
}

/** What the compilation of one query block carries along. */
export interface Binder {
  readonly compiler: Compiler;
  readonly execution: Execution;
  /** Null where no columns exist: SET, PRINT, VALUES. */
  readonly scope: Scope | null;
  readonly commonTables: readonly CommonTable[];
  /** Null where aggregates are not allowed. */
  readonly aggregates: AggregateCollector | null;
  readonly windows: WindowCollector | null;
}

/** Compiles an expression that gives a value. */
export function compileExpression(binder: Binder, expression: Expression): Compiled {
  return binder.compiler.expression(binder, expression);
}

/** Compiles an expression that is true, false or unknown; 4145 when it is a value. */
export function compilePredicate(binder: Binder, expression: Expression): Predicate {
  return binder.compiler.predicate(binder, expression);
}

/** Compiles a query expression. */
export function compileQuery(binder: Binder, query: Query): CompiledQuery {
  return binder.compiler.query(binder, query);
}
