/**
 * Conversion between types, as CAST, CONVERT and assignment do it.
 *
 * Follows "Data type conversion" and "CAST and CONVERT" (Microsoft Learn). By target: strings in
 * `convert-string.ts`, numbers in `convert-number.ts`, dates, bytes and GUIDs in `convert-other.ts`.
 * Whether a conversion may happen without CAST (257) is the caller's question.
 */

import type { Result } from '../../../base/result.ts';
import { fail, ok } from '../../../base/result.ts';
import { unreachable } from '../../../base/assert.ts';
import type { SqlType, SqlValue, Variant } from '../../../tds/sql-type.ts';
import type { ServerMessage } from '../../session.ts';
import { SqlError, sqlError } from '../message.ts';
import type { Conversion, PlainConversion } from './conversion.ts';
import { toBit, toDecimal, toFloat, toInteger, toMoney } from './convert-number.ts';
import { toBinary, toDate, toGuid } from './convert-other.ts';
import { toText } from './convert-string.ts';
import { sameType, typeFamily } from './type.ts';

/**
 * Converts a value (CONVERT(to, value, style)). NULL stays NULL. Strings are cut to the length of
 * the target, as CAST does; an INSERT checks for truncation itself.
 * Errors: 235, 241, 242, 244, 245, 248, 281, 529, 220, 232, 8114, 8115, 8169, 8170.
 */
export function convert(conversion: Conversion): Result<SqlValue, ServerMessage> {
  try {
    return ok(convertOrThrow(conversion));
  } catch (error) {
    if (error instanceof SqlError) return fail(error.detail);
    throw error;
  }
}

/** The same as `convert`, but throws `SqlError`: for code inside of an expression. */
export function convertOrThrow(conversion: Conversion): SqlValue {
  const { value, from, to } = conversion;
  if (value === null) return null;
  if (isVariant(value)) {
    if (to.kind === 'sql_variant') return value;
    return convertOrThrow({ ...conversion, value: value.value, from: value.type });
  }
  if (from !== to && !sameType(from, to)) refuse(from, to);
  else if (from.kind !== 'char' && from.kind !== 'nchar' && from.kind !== 'binary') return value;
  return convertValue({ value, from, to, style: conversion.style ?? 0 });
}

function isVariant(value: SqlValue): value is Variant {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'variant';
}

function convertValue(conversion: PlainConversion): SqlValue {
  const { to } = conversion;
  switch (to.kind) {
    case 'bit':
      return toBit(conversion);
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return toInteger(conversion, to.kind);
    case 'decimal':
    case 'numeric':
      return toDecimal(conversion, to);
    case 'money':
    case 'smallmoney':
      return toMoney(conversion, to.kind);
    case 'float':
    case 'real':
      return toFloat(conversion, to.kind);
    case 'date':
    case 'datetime':
    case 'smalldatetime':
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return toDate(conversion);
    case 'uniqueidentifier':
      return toGuid(conversion);
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
    case 'xml':
      return toText(conversion);
    case 'binary':
    case 'varbinary':
    case 'image':
      return toBinary(conversion);
    case 'sql_variant':
      return { kind: 'variant', type: conversion.from, value: conversion.value };
    default:
      return unreachable(to);
  }
}

/** Conversions that do not exist at all (529). */
function refuse(from: SqlType, to: SqlType): void {
  const source = typeFamily(from);
  const target = typeFamily(to);
  if (source === 'string' || target === 'variant') return;
  const numeric = (family: string): boolean =>
    family === 'integer' || family === 'decimal' || family === 'money' || family === 'float';
  const newDate = (type: SqlType): boolean =>
    typeFamily(type) === 'date' && type.kind !== 'datetime' && type.kind !== 'smalldatetime';
  const refused =
    (numeric(source) && newDate(to)) ||
    (newDate(from) && numeric(target)) ||
    (source === 'guid' && (numeric(target) || target === 'date' || target === 'xml')) ||
    (target === 'guid' && (numeric(source) || source === 'date' || source === 'xml')) ||
    (source === 'float' && target === 'xml') ||
    (from.kind === 'date' && to.kind === 'time') ||
    (from.kind === 'time' && to.kind === 'date') ||
    (target === 'xml' && source !== 'binary' && source !== 'xml') ||
    (source === 'xml' && target !== 'string' && target !== 'binary' && target !== 'xml') ||
    (source === 'binary' && (target === 'float' || newDate(to)));
  if (refused) throw sqlError(529, from.kind, to.kind);
}
