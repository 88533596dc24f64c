/** Compiled expressions: a static type and a closure; and the conversions between them. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { SqlError } from '../message.ts';
import { convert } from '../value/convert.ts';
import { commonType, isString, sameType, typeFamily } from '../value/type.ts';
import type { Environment } from './execution.ts';

/** A compiled scalar expression. */
export interface Compiled {
  readonly type: SqlType;
  readonly nullable: boolean;
  /** Depends on the current row of its own query block. */
  readonly local: boolean;
  /** The untyped literal NULL. */
  readonly nullLiteral: boolean;
  readonly evaluate: (environment: Environment) => SqlValue;
}

/** A compiled predicate: true, false, or null for unknown. */
export interface Predicate {
  readonly local: boolean;
  readonly test: (environment: Environment) => boolean | null;
}

/** The characters of a value that has a string type; empty for anything else. */
export function textOfValue(value: SqlValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Converts a value; throws the SQL error. */
export function convertValue(value: SqlValue, from: SqlType, to: SqlType): SqlValue {
  if (value === null) return null;
  const result = convert({ value, from, to });
  if (!result.ok) throw new SqlError(result.error);
  return result.value;
}

/** The values of both types have the same JavaScript form and compare without conversion. */
export function comparesDirectly(from: SqlType, to: SqlType): boolean {
  if (from.kind === to.kind) return true;
  const family = typeFamily(from);
  if (family !== typeFamily(to)) return false;
  if (family === 'integer') return isNumberKind(from) && isNumberKind(to);
  if (family === 'date') return isPlainMoment(from) && isPlainMoment(to);
  return (
    family === 'string' ||
    family === 'binary' ||
    family === 'decimal' ||
    family === 'money' ||
    family === 'float'
  );
}

function isNumberKind(type: SqlType): boolean {
  return type.kind === 'tinyint' || type.kind === 'smallint' || type.kind === 'int';
}

function isPlainMoment(type: SqlType): boolean {
  return (
    type.kind === 'date' ||
    type.kind === 'datetime' ||
    type.kind === 'datetime2' ||
    type.kind === 'smalldatetime'
  );
}

/** The expression converted for a comparison. */
export function forComparison(expression: Compiled, to: SqlType): Compiled {
  if (expression.nullLiteral || comparesDirectly(expression.type, to)) return expression;
  return coerce(expression, to);
}

/** The expression converted to exactly this type. */
export function coerce(expression: Compiled, to: SqlType): Compiled {
  const from = expression.type;
  if (sameType(from, to)) return expression;
  if (expression.nullLiteral) return { ...expression, type: to };
  if (isString(from) && isString(to) && widens(from, to)) return { ...expression, type: to };
  const { evaluate } = expression;
  return {
    ...expression,
    type: to,
    evaluate: (environment) => convertValue(evaluate(environment), from, to),
  };
}

function widens(from: SqlType, to: SqlType): boolean {
  if (to.kind === 'char' || to.kind === 'nchar') return false;
  if (!('length' in from) || !('length' in to)) return false;
  if (to.kind === 'varchar' && from.kind !== 'varchar' && from.kind !== 'char') return false;
  return to.length === 'max' || (from.length !== 'max' && from.length <= to.length);
}

/** The type that several expressions agree on; int when all are the literal NULL. */
export function unify(expressions: readonly Compiled[]): SqlType {
  let type: SqlType | undefined;
  for (const expression of expressions) {
    if (expression.nullLiteral) continue;
    type = type === undefined ? expression.type : commonType(type, expression.type);
  }
  return type ?? { kind: 'int' };
}
