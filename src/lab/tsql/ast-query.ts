/**
 * The part of the syntax tree that gives values and rows: expressions and queries.
 *
 * Reachable through `ast.ts` as well. Names are stored without brackets or quotes, as written.
 */

import type { SqlType, SqlValue } from '../../tds/sql-type.ts';
import type { ObjectName } from './ast-admin.ts';

/** Line in the batch, from 1. */
export interface Located {
  readonly line: number;
}

/* ---------------------------------------------------------------- expressions */

/** Binary operators; `<>` also stands for `!=`. */
export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&'
  | '|'
  | '^'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'and'
  | 'or';

/** A scalar expression or a predicate. */
export type Expression = Located &
  (
    | { readonly kind: 'literal'; readonly type: SqlType; readonly value: SqlValue }
    /** `@x` or `@@x`, with the at-signs. */
    | { readonly kind: 'variable'; readonly name: string }
    /** `[[database.]schema.]table.column`, qualifier parts outermost first. */
    | { readonly kind: 'column'; readonly qualifier: readonly string[]; readonly name: string }
    | {
        readonly kind: 'unary';
        readonly operator: '-' | '+' | '~' | 'not';
        readonly operand: Expression;
      }
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'is-null'; readonly operand: Expression; readonly negated: boolean }
    | {
        readonly kind: 'like';
        readonly operand: Expression;
        readonly pattern: Expression;
        readonly escape: Expression | null;
        readonly negated: boolean;
      }
    | {
        readonly kind: 'between';
        readonly operand: Expression;
        readonly low: Expression;
        readonly high: Expression;
        readonly negated: boolean;
      }
    | {
        readonly kind: 'in-list';
        readonly operand: Expression;
        readonly items: readonly Expression[];
        readonly negated: boolean;
      }
    | {
        readonly kind: 'in-query';
        readonly operand: Expression;
        readonly query: Query;
        readonly negated: boolean;
      }
    /** `operand = ANY (query)`, `> ALL (query)`. */
    | {
        readonly kind: 'quantified';
        readonly operand: Expression;
        readonly operator: BinaryOperator;
        readonly quantifier: 'any' | 'all';
        readonly query: Query;
      }
    | { readonly kind: 'exists'; readonly query: Query }
    | { readonly kind: 'scalar-query'; readonly query: Query }
    /** `CASE operand WHEN ...` (operand null: searched). */
    | {
        readonly kind: 'case';
        readonly operand: Expression | null;
        readonly branches: readonly CaseBranch[];
        readonly otherwise: Expression | null;
      }
    | {
        readonly kind: 'cast';
        readonly operand: Expression;
        readonly type: SqlType;
        readonly style: Expression | null;
        readonly attempt: boolean;
      }
    | FunctionCall
    /** `COLLATE name` after an expression. */
    | { readonly kind: 'collate'; readonly operand: Expression; readonly collation: string }
  );

/** One WHEN of a CASE. */
export interface CaseBranch {
  readonly when: Expression;
  readonly then: Expression;
}

/** Scalar function, aggregate, or window function. */
export interface FunctionCall {
  readonly kind: 'call';
  /** Schema for `sys.fn_...` and `dbo.f`; null for built-in functions. */
  readonly schema: string | null;
  /** Upper case for built-in functions. */
  readonly name: string;
  /** `COUNT(*)` has one `star` argument. */
  readonly arguments: readonly (Expression | { readonly kind: 'star' })[];
  readonly distinct: boolean;
  readonly over: {
    readonly partitionBy: readonly Expression[];
    readonly orderBy: readonly OrderItem[];
  } | null;
  /** `WITHIN GROUP (ORDER BY ...)` of STRING_AGG. */
  readonly withinGroup: readonly OrderItem[] | null;
}

/* ---------------------------------------------------------------- queries */

/** A query expression with its common table expressions. */
export interface Query extends Located {
  readonly kind: 'query';
  readonly with: readonly CommonTableExpression[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly offset: Expression | null;
  readonly fetch: Expression | null;
  /** Option names of OPTION (...), ignored. */
  readonly hints: readonly string[];
}

/** `name (columns) AS (query)`. */
export interface CommonTableExpression {
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly query: Query;
}

/** SELECT, or two of them combined; VALUES stands in derived tables and INSERT. */
export type QueryBody =
  | SelectBody
  | {
      readonly kind: 'set';
      readonly operator: 'union' | 'union-all' | 'except' | 'intersect';
      readonly left: QueryBody;
      readonly right: QueryBody;
    }
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] };

/** One SELECT. */
export interface SelectBody extends Located {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly top: {
    readonly count: Expression;
    readonly percent: boolean;
    readonly withTies: boolean;
  } | null;
  readonly items: readonly SelectItem[];
  /** SELECT ... INTO. */
  readonly into: ObjectName | null;
  readonly from: readonly TableSource[];
  readonly where: Expression | null;
  readonly groupBy: readonly Expression[];
  readonly having: Expression | null;
}

/** One item of the select list. */
export type SelectItem =
  | { readonly kind: 'star'; readonly qualifier: readonly string[] }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly alias: string | null }
  /** `@x = expression`, `@x += expression`. */
  | {
      readonly kind: 'assign';
      readonly variable: string;
      readonly operator: AssignOperator;
      readonly expression: Expression;
    };

/** `=`, `+=`, ... */
export type AssignOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=';

/** What stands in FROM. */
export type TableSource =
  | {
      readonly kind: 'table';
      readonly name: ObjectName;
      readonly alias: string | null;
      readonly hints: readonly string[];
      readonly line: number;
    }
  | {
      readonly kind: 'table-variable';
      readonly name: string;
      readonly alias: string | null;
      readonly line: number;
    }
  | {
      readonly kind: 'derived';
      readonly query: Query;
      readonly alias: string;
      readonly columns: readonly string[] | null;
      readonly line: number;
    }
  | {
      readonly kind: 'function';
      readonly schema: string | null;
      readonly name: string;
      readonly arguments: readonly Expression[];
      readonly alias: string | null;
      readonly line: number;
    }
  | {
      readonly kind: 'join';
      readonly join: 'inner' | 'left' | 'right' | 'full' | 'cross';
      readonly left: TableSource;
      readonly right: TableSource;
      readonly on: Expression | null;
    }
  | {
      readonly kind: 'apply';
      readonly outer: boolean;
      readonly left: TableSource;
      readonly right: TableSource;
    };

/** One item of ORDER BY. */
export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}
