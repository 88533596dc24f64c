/** Types: names, families, sizes, and the common type of two. What operators give is in `result-type.ts`. */

import { unreachable } from '../../../base/assert.ts';
import type { SqlType, SqlTypeKind, TypeLength } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';

/** Family of types with common rules. */
export type TypeFamily =
  | 'integer'
  | 'decimal'
  | 'money'
  | 'float'
  | 'date'
  | 'string'
  | 'binary'
  | 'guid'
  | 'xml'
  | 'variant';

const FAMILIES: Readonly<Record<SqlTypeKind, TypeFamily>> = {
  bit: 'integer',
  tinyint: 'integer',
  smallint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  numeric: 'decimal',
  money: 'money',
  smallmoney: 'money',
  float: 'float',
  real: 'float',
  date: 'date',
  datetime: 'date',
  smalldatetime: 'date',
  time: 'date',
  datetime2: 'date',
  datetimeoffset: 'date',
  uniqueidentifier: 'guid',
  char: 'string',
  varchar: 'string',
  nchar: 'string',
  nvarchar: 'string',
  text: 'string',
  ntext: 'string',
  binary: 'binary',
  varbinary: 'binary',
  image: 'binary',
  xml: 'xml',
  sql_variant: 'variant',
};

/** Data type precedence, lowest first (Microsoft Learn, "Data type precedence"). */
const PRECEDENCE: readonly SqlTypeKind[] = [
  'binary',
  'varbinary',
  'char',
  'varchar',
  'nchar',
  'nvarchar',
  'uniqueidentifier',
  'image',
  'text',
  'ntext',
  'bit',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'smallmoney',
  'money',
  'decimal',
  'numeric',
  'real',
  'float',
  'time',
  'date',
  'smalldatetime',
  'datetime',
  'datetime2',
  'datetimeoffset',
  'xml',
  'sql_variant',
];

const RANKS = new Map(PRECEDENCE.map((kind, rank) => [kind, rank]));

/** The family a type belongs to. */
export function typeFamily(type: SqlType): TypeFamily {
  return FAMILIES[type.kind];
}

/** Whether values of the type are JavaScript strings of characters (not GUIDs). */
export function isString(type: SqlType): boolean {
  return FAMILIES[type.kind] === 'string';
}

/** Whether the type holds Unicode characters. */
export function isUnicode(type: SqlType): boolean {
  return (
    type.kind === 'nchar' ||
    type.kind === 'nvarchar' ||
    type.kind === 'ntext' ||
    type.kind === 'xml'
  );
}

/** Declared form, for example `nvarchar(30)` or `decimal(10,2)`. */
export function typeName(type: SqlType): string {
  if ('length' in type) return `${type.kind}(${type.length})`;
  if ('precision' in type) return `${type.kind}(${type.precision},${type.scale})`;
  if ('scale' in type) return `${type.kind}(${type.scale})`;
  return type.kind;
}

/** Whether two types are equal with all facets. */
export function sameType(left: SqlType, right: SqlType): boolean {
  return left === right || (left.kind === right.kind && typeName(left) === typeName(right));
}

/** Bytes a value can take at most (`max_length` of `sys.columns`; -1 for max). */
export function maxLength(type: SqlType): number {
  if ('length' in type) {
    if (type.length === 'max') return -1;
    return type.kind === 'nchar' || type.kind === 'nvarchar' ? type.length * 2 : type.length;
  }
  if ('precision' in type)
    return type.precision <= 9 ? 5 : type.precision <= 19 ? 9 : type.precision <= 28 ? 13 : 17;
  if ('scale' in type) {
    const base = type.scale <= 2 ? 3 : type.scale <= 4 ? 4 : 5;
    return type.kind === 'time' ? base : type.kind === 'datetime2' ? base + 3 : base + 5;
  }
  return FIXED_LENGTHS[type.kind];
}

const FIXED_LENGTHS: Readonly<Record<SqlTypeKind, number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  decimal: 17,
  numeric: 17,
  money: 8,
  smallmoney: 4,
  float: 8,
  real: 4,
  date: 3,
  datetime: 8,
  smalldatetime: 4,
  time: 5,
  datetime2: 8,
  datetimeoffset: 10,
  uniqueidentifier: 16,
  char: 0,
  varchar: 0,
  nchar: 0,
  nvarchar: 0,
  binary: 0,
  varbinary: 0,
  text: 16,
  ntext: 16,
  image: 16,
  xml: -1,
  sql_variant: 8016,
};

/** Digits and scale of an exact numeric type, as decimal arithmetic sees it; undefined for others. */
export function decimalFacets(
  type: SqlType,
): { readonly precision: number; readonly scale: number } | undefined {
  switch (type.kind) {
    case 'decimal':
    case 'numeric':
      return { precision: type.precision, scale: type.scale };
    case 'bit':
      return { precision: 1, scale: 0 };
    case 'tinyint':
      return { precision: 3, scale: 0 };
    case 'smallint':
      return { precision: 5, scale: 0 };
    case 'int':
      return { precision: 10, scale: 0 };
    case 'bigint':
      return { precision: 19, scale: 0 };
    case 'money':
      return { precision: 19, scale: 4 };
    case 'smallmoney':
      return { precision: 10, scale: 4 };
    case 'float':
    case 'real':
    case 'date':
    case 'datetime':
    case 'smalldatetime':
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
    case 'uniqueidentifier':
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml':
    case 'sql_variant':
      return undefined;
  }
  return unreachable(type);
}

/** The longer of two lengths. */
export function longerLength(left: TypeLength, right: TypeLength): TypeLength {
  return left === 'max' || right === 'max' ? 'max' : Math.max(left, right);
}

/** Length of a string or binary type in characters or bytes; old large types count as max. */
export function lengthOf(type: SqlType): TypeLength {
  if ('length' in type) return type.length;
  return type.kind === 'text' ||
    type.kind === 'ntext' ||
    type.kind === 'image' ||
    type.kind === 'xml'
    ? 'max'
    : 0;
}

/** nvarchar or varchar of a length, which becomes max above the limit of the type. */
export function stringType(unicode: boolean, length: TypeLength): SqlType {
  const limit = unicode ? 4000 : 8000;
  const bounded = length === 'max' ? 'max' : Math.max(1, Math.min(length, limit));
  return { kind: unicode ? 'nvarchar' : 'varchar', length: bounded };
}

/**
 * The type that two operands of a comparison, CASE, UNION or COALESCE take (the higher in precedence).
 * The untyped literal NULL has type int: leave such operands out (`isNullLiteral` of `parse.ts`).
 * Types without a common one raise 206.
 */
export function commonType(left: SqlType, right: SqlType): SqlType {
  if (sameType(left, right)) return left;
  const [low, high] = rank(left) <= rank(right) ? [left, right] : [right, left];
  refuseClash(low, high);
  if (isString(high) && isString(low)) return commonString(low, high);
  if (typeFamily(high) === 'binary' && typeFamily(low) === 'binary') {
    const length = longerLength(lengthOf(low), lengthOf(high));
    return {
      kind: low.kind === 'binary' && high.kind === 'binary' ? 'binary' : 'varbinary',
      length,
    };
  }
  if (high.kind === 'decimal' || high.kind === 'numeric') {
    const other = decimalFacets(low);
    if (other === undefined) return high;
    const scale = Math.max(high.scale, other.scale);
    const digits = Math.max(high.precision - high.scale, other.precision - other.scale);
    return { kind: high.kind, precision: Math.min(38, digits + scale), scale: Math.min(scale, 38) };
  }
  if (
    (high.kind === 'time' || high.kind === 'datetime2' || high.kind === 'datetimeoffset') &&
    typeFamily(low) === 'date'
  ) {
    const lowScale = 'scale' in low ? low.scale : low.kind === 'datetime' ? 3 : 0;
    return { kind: high.kind, scale: Math.max(high.scale, lowScale) };
  }
  return high;
}

function rank(type: SqlType): number {
  return RANKS.get(type.kind) ?? 0;
}

function refuseClash(low: SqlType, high: SqlType): void {
  const lowFamily = typeFamily(low);
  const highFamily = typeFamily(high);
  const numeric =
    highFamily === 'integer' ||
    highFamily === 'decimal' ||
    highFamily === 'money' ||
    highFamily === 'float';
  const newDate =
    high.kind === 'date' ||
    high.kind === 'time' ||
    high.kind === 'datetime2' ||
    high.kind === 'datetimeoffset';
  const lowNumeric =
    lowFamily === 'integer' ||
    lowFamily === 'decimal' ||
    lowFamily === 'money' ||
    lowFamily === 'float';
  const clash =
    (lowFamily === 'guid' && (numeric || highFamily === 'date')) ||
    (newDate && (lowNumeric || lowFamily === 'binary')) ||
    (highFamily === 'xml' && lowFamily !== 'string' && lowFamily !== 'binary') ||
    (low.kind === 'time' && high.kind === 'date');
  if (clash) throw sqlError(206, low.kind, high.kind);
}

function commonString(low: SqlType, high: SqlType): SqlType {
  const unicode = isUnicode(low) || isUnicode(high);
  const length = longerLength(lengthOf(low), lengthOf(high));
  const fixed =
    (low.kind === 'char' || low.kind === 'nchar') &&
    (high.kind === 'char' || high.kind === 'nchar');
  if (fixed && length !== 'max') return { kind: unicode ? 'nchar' : 'char', length };
  return stringType(unicode, length);
}
