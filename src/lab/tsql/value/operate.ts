/** Operators over typed values: comparison, hashing, and (through `arithmetic.ts`) arithmetic and concatenation. */

import type { DateTime, Decimal, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { utcTicks } from './calendar.ts';
import { compareStrings, foldString } from './collate.ts';
import { isDateTime, isDecimal } from './convert-number.ts';
import {
  compareDecimal,
  decimal,
  formatDecimal,
  normalizeDecimal,
  numberToDecimal,
} from './decimal.ts';
import { toHex } from './number-text.ts';
import { typeFamily } from './type.ts';

export { arithmetic } from './arithmetic.ts';
export { like } from './like.ts';

/** Compares two non-null values of one type: negative, 0, positive. Variants compare by the family of their own type first. */
export function compare(left: SqlValue, right: SqlValue, type: SqlType): number {
  if (typeof left === 'string' && typeof right === 'string') {
    return type.kind === 'uniqueidentifier'
      ? compareGuids(left, right)
      : compareStrings(left, right);
  }
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'bigint' && typeof right === 'bigint')
    return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right);
  if (isDecimal(left) && isDecimal(right)) return compareDecimal(left, right);
  if (isDateTime(left) && isDateTime(right)) return compareDates(left, right);
  return compareMixed(left, right);
}

function compareDates(left: DateTime, right: DateTime): number {
  if (left.offsetMinutes === right.offsetMinutes)
    return left.days - right.days || left.ticks - right.ticks;
  const difference = utcTicks(left) - utcTicks(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** GUIDs compare from their last group backwards, as the server sorts them. */
function compareGuids(left: string, right: string): number {
  if (left === right) return 0;
  const first = guidKey(left);
  const second = guidKey(right);
  return first < second ? -1 : first > second ? 1 : 0;
}

function guidKey(guid: string): string {
  const swap = (group: string): string => (group.match(/../gu) ?? []).toReversed().join('');
  return (
    guid.slice(24) +
    guid.slice(19, 23) +
    swap(guid.slice(14, 18)) +
    swap(guid.slice(9, 13)) +
    swap(guid.slice(0, 8))
  ).toUpperCase();
}

/** Bytes compare from the left; zeros at the end do not count. */
function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Order of families inside sql_variant. */
const VARIANT_ORDER = ['guid', 'binary', 'string', 'integer', 'date'] as const;

/** Values of different JavaScript forms: variants, or numbers of different exactness. */
function compareMixed(left: SqlValue, right: SqlValue): number {
  const first = unwrap(left);
  const second = unwrap(right);
  const firstNumber = asDecimal(first.value);
  const secondNumber = asDecimal(second.value);
  if (firstNumber !== undefined && secondNumber !== undefined)
    return compareDecimal(firstNumber, secondNumber);
  const order = variantRank(first.type) - variantRank(second.type);
  if (order !== 0) return order;
  return compare(first.value, second.value, first.type);
}

function unwrap(value: SqlValue): { readonly type: SqlType; readonly value: SqlValue } {
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'variant')
    return value;
  return { type: formOf(value), value };
}

function formOf(value: SqlValue): SqlType {
  if (typeof value === 'string') return { kind: 'nvarchar', length: 'max' };
  if (value instanceof Uint8Array) return { kind: 'varbinary', length: 'max' };
  if (isDateTime(value)) return { kind: 'datetime2', scale: 7 };
  return { kind: 'float' };
}

function variantRank(type: SqlType): number {
  const family = typeFamily(type);
  const shared =
    family === 'decimal' || family === 'money' || family === 'float' ? 'integer' : family;
  return VARIANT_ORDER.findIndex((name) => name === shared);
}

function asDecimal(value: SqlValue): Decimal | undefined {
  if (isDecimal(value)) return value;
  if (typeof value === 'bigint') return decimal(value, 0);
  if (typeof value === 'boolean') return decimal(value ? 1n : 0n, 0);
  if (typeof value === 'number')
    return Number.isInteger(value) ? decimal(BigInt(value), 0) : numberToDecimal(value, 38);
  return undefined;
}

/**
 * A key that is equal exactly for values that `compare` calls equal; null has one of its own.
 * Keys of different types may coincide: convert both sides to one type before.
 */
export function hashKey(value: SqlValue, type: SqlType): string | number | bigint {
  if (value === null) return '\u0000null';
  switch (typeof value) {
    case 'string':
      return type.kind === 'uniqueidentifier' ? value.toUpperCase() : foldString(value);
    case 'number':
      return Object.is(value, -0) ? 0 : value;
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    default:
      break;
  }
  if (value instanceof Uint8Array) return `\u0000b${toHex(value).replace(/(?:00)+$/u, '')}`;
  if (isDecimal(value)) return `\u0000n${formatDecimal(normalizeDecimal(value))}`;
  if (isDateTime(value)) return `\u0000d${utcTicks(value)}`;
  return variantKey(value.value, value.type);
}

function variantKey(value: SqlValue, type: SqlType): string | number | bigint {
  const number = asDecimal(value);
  return number === undefined
    ? `\u0000v${typeFamily(type)}${hashKey(value, type)}`
    : `\u0000n${formatDecimal(normalizeDecimal(number))}`;
}
