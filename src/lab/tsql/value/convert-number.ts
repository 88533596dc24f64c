/** Conversion to numbers. */

import type { DateTime, Decimal, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import { DAY_1900, TICKS_PER_DAY } from './calendar.ts';
import type { PlainConversion } from './conversion.ts';
import {
  decimal,
  decimalToNumber,
  divideRounded,
  fitsPrecision,
  numberToDecimal,
  parseDecimal,
  powerOfTen,
  rescale,
} from './decimal.ts';
import { isString } from './type.ts';

/** Name of a type in messages: decimal is called numeric there. */
export function messageName(type: SqlType): string {
  return type.kind === 'decimal' ? 'numeric' : type.kind;
}

type IntegerKind = 'tinyint' | 'smallint' | 'int' | 'bigint';

const LIMITS: Readonly<Record<IntegerKind, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

/** Whether an integer type can hold the value. */
export function fitsInteger(value: bigint, kind: IntegerKind): boolean {
  const [low, high] = LIMITS[kind];
  return value >= low && value <= high;
}

/** The JavaScript form of an integer of the type: bigint stays bigint, the others become numbers. */
export function integerValue(value: bigint, kind: IntegerKind): number | bigint {
  return kind === 'bigint' ? value : Number(value);
}

/** To tinyint, smallint, int or bigint: fractions are cut. */
export function toInteger(conversion: PlainConversion, kind: IntegerKind): SqlValue {
  const { value, from } = conversion;
  const whole = wholeNumber(conversion, kind);
  if (fitsInteger(whole, kind)) return integerValue(whole, kind);
  if (typeof value === 'string' && isString(from)) throw stringOverflow(value, from, kind);
  if (from.kind === 'float' || from.kind === 'real') {
    throw kind === 'bigint'
      ? sqlError(8115, 'expression', kind)
      : sqlError(232, kind, Number(value).toFixed(6));
  }
  if (kind === 'tinyint' || kind === 'smallint') {
    if (from.kind === 'int' || from.kind === 'smallint' || from.kind === 'bigint')
      throw sqlError(220, kind, whole);
  }
  throw sqlError(
    8115,
    from.kind === 'decimal' || from.kind === 'numeric' ? 'numeric' : 'expression',
    kind,
  );
}

function stringOverflow(value: string, from: SqlType, kind: IntegerKind): Error {
  if (kind === 'int') return sqlError(248, from.kind, value);
  if (kind === 'bigint') return sqlError(8115, 'expression', kind);
  return sqlError(244, from.kind, value, kind === 'tinyint' ? 'INT1' : 'INT2');
}

function wholeNumber(conversion: PlainConversion, kind: IntegerKind): bigint {
  const { value, from } = conversion;
  switch (typeof value) {
    case 'boolean':
      return value ? 1n : 0n;
    case 'bigint':
      return value;
    case 'number':
      return BigInt(Math.trunc(value));
    case 'string': {
      const text = value.trim();
      if (text === '') return 0n;
      if (!/^[+-]?\s*\d+$/u.test(text)) {
        throw kind === 'bigint'
          ? sqlError(8114, from.kind, kind)
          : sqlError(245, from.kind, value, kind);
      }
      return BigInt(text.replace(/^\+|\s/gu, ''));
    }
    default:
      return wholeOfObject(conversion);
  }
}

function wholeOfObject(conversion: PlainConversion): bigint {
  const { value, from, to } = conversion;
  if (value instanceof Uint8Array) return bytesToInteger(value, to);
  if (isDecimal(value)) {
    // Money rounds, decimal cuts.
    const unit = powerOfTen(value.scale);
    return from.kind === 'money' || from.kind === 'smallmoney'
      ? divideRounded(value.unscaled, unit)
      : value.unscaled / unit;
  }
  if (isDateTime(value)) return BigInt(Math.round(daysSince1900(value)));
  throw sqlError(529, from.kind, to.kind);
}

/** The last bytes, most significant first, in the width of the type. */
function bytesToInteger(bytes: Uint8Array, to: SqlType): bigint {
  const width = to.kind === 'tinyint' ? 1 : to.kind === 'smallint' ? 2 : to.kind === 'int' ? 4 : 8;
  let result = 0n;
  for (const byte of bytes.slice(-width)) result = result * 256n + BigInt(byte);
  return to.kind === 'tinyint' ? result : BigInt.asIntN(width * 8, result);
}

/** Whether a value is a decimal. */
export function isDecimal(value: SqlValue): value is Decimal {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'decimal';
}

/** Whether a value is a date or time. */
export function isDateTime(value: SqlValue): value is DateTime {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'datetime'
  );
}

/** datetime as a number: days since 1900 and their fraction. */
export function daysSince1900(value: DateTime): number {
  return value.days - DAY_1900 + value.ticks / TICKS_PER_DAY;
}

/** To bit: everything but zero is true. */
export function toBit(conversion: PlainConversion): SqlValue {
  const { value, from } = conversion;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (isDecimal(value)) return value.unscaled !== 0n;
  if (typeof value === 'string') {
    const text = value.trim().toLowerCase();
    if (text === 'true') return true;
    if (text === 'false' || text === '') return false;
    if (!/^[+-]?\d+$/u.test(text)) throw sqlError(245, from.kind, value, 'bit');
    return BigInt(text.replace('+', '')) !== 0n;
  }
  if (value instanceof Uint8Array) return value.some((byte) => byte !== 0);
  if (isDateTime(value)) return daysSince1900(value) !== 0;
  throw sqlError(529, from.kind, 'bit');
}

/** To decimal or numeric, rounded half away from zero. */
export function toDecimal(
  conversion: PlainConversion,
  to: Extract<SqlType, { readonly precision: number }>,
): SqlValue {
  const exact = exactNumber(conversion, to.scale);
  const result = rescale(exact, to.scale);
  if (fitsPrecision(result, to.precision)) return result;
  const source = conversion.from.kind;
  const name =
    source === 'int' ||
    source === 'smallint' ||
    source === 'tinyint' ||
    source === 'bigint' ||
    source === 'bit'
      ? 'expression'
      : messageName(conversion.from);
  throw sqlError(8115, name === 'expression' ? source : name, 'numeric');
}

function exactNumber(conversion: PlainConversion, scale: number): Decimal {
  const { value, from } = conversion;
  if (isDecimal(value)) return value;
  switch (typeof value) {
    case 'boolean':
      return decimal(value ? 1n : 0n, 0);
    case 'bigint':
      return decimal(value, 0);
    case 'number':
      return Number.isInteger(value)
        ? decimal(BigInt(value), 0)
        : numberToDecimal(value, Math.max(scale, 0));
    case 'string': {
      const parsed = parseDecimal(value);
      if (parsed === undefined) throw sqlError(8114, from.kind, 'numeric');
      return parsed;
    }
    default:
      break;
  }
  if (isDateTime(value)) return numberToDecimal(daysSince1900(value), Math.max(scale, 0));
  if (value instanceof Uint8Array) return binaryDecimal(value);
  throw sqlError(529, from.kind, 'numeric');
}

/** The inverse of CONVERT(varbinary, decimal): precision, scale, 0, sign, magnitude little endian. */
function binaryDecimal(bytes: Uint8Array): Decimal {
  const [, scale = 0, , positive = 1, ...magnitude] = bytes;
  let unscaled = 0n;
  for (const byte of magnitude.toReversed()) unscaled = unscaled * 256n + BigInt(byte);
  return decimal(positive === 1 ? unscaled : -unscaled, Math.min(scale, 38));
}

/** To money or smallmoney. */
export function toMoney(conversion: PlainConversion, kind: 'money' | 'smallmoney'): SqlValue {
  const { value, from } = conversion;
  let exact: Decimal;
  if (typeof value === 'string') {
    const text = value
      .trim()
      .replace(/^([+-]?)\s*[$€£]/u, '$1')
      .replaceAll(',', '');
    const parsed = text === '' ? decimal(0n, 4) : parseDecimal(text);
    if (parsed === undefined) throw sqlError(kind === 'money' ? 235 : 293);
    exact = parsed;
  } else if (value instanceof Uint8Array) {
    exact = decimal(bytesToInteger(value, { kind: kind === 'money' ? 'bigint' : 'int' }), 4);
  } else {
    exact = exactNumber(conversion, 4);
  }
  const result = rescale(exact, 4);
  if (fitsInteger(result.unscaled, kind === 'money' ? 'bigint' : 'int')) return result;
  throw sqlError(8115, isString(from) ? from.kind : 'expression', kind);
}

/** To float or real. */
export function toFloat(conversion: PlainConversion, kind: 'float' | 'real'): SqlValue {
  const number = approximate(conversion, kind);
  const result = kind === 'real' ? Math.fround(number) : number;
  if (!Number.isFinite(result))
    throw isString(conversion.from)
      ? sqlError(8115, conversion.from.kind, kind)
      : sqlError(8115, 'expression', kind);
  return result;
}

function approximate(conversion: PlainConversion, kind: string): number {
  const { value, from } = conversion;
  if (isDecimal(value)) return decimalToNumber(value);
  switch (typeof value) {
    case 'boolean':
      return value ? 1 : 0;
    case 'bigint':
    case 'number':
      return Number(value);
    case 'string': {
      const text = value.trim();
      if (text === '') return 0;
      if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(text))
        throw sqlError(8114, from.kind, kind);
      return Number(text);
    }
    default:
      break;
  }
  if (isDateTime(value)) return daysSince1900(value);
  throw sqlError(529, from.kind, kind);
}
