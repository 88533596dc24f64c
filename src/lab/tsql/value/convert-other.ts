/** Conversion to dates, bytes and GUIDs. */

import type { DateTime, Decimal, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import { DAY_1900, dateTime, fitDate, fromTicks, TICKS_PER_DAY, utcTicks } from './calendar.ts';
import type { PlainConversion } from './conversion.ts';
import { daysSince1900, isDateTime, isDecimal } from './convert-number.ts';
import { parseDateText } from './date-text.ts';
import { decimalToNumber } from './decimal.ts';
import { bytesToGuid, guidToBytes, stringToBytes } from './number-text.ts';
import { isUnicode, lengthOf, typeFamily } from './type.ts';

/** To a date or time type. */
export function toDate(conversion: PlainConversion): SqlValue {
  const { value, from, to } = conversion;
  const source = dateOf(conversion);
  const result = fitDate(adjusted(source, from, to), to);
  if (result !== undefined) return result;
  if (typeof value === 'number' || typeof value === 'bigint' || isDecimal(value))
    throw sqlError(8115, 'expression', to.kind);
  throw sqlError(242, from.kind, to.kind);
}

/** From a type without a date to one with it, and from an offset to none. */
function adjusted(value: DateTime, from: SqlType, to: SqlType): DateTime {
  if (from.kind === 'time' && to.kind !== 'time') return dateTime(DAY_1900, value.ticks);
  if (
    typeFamily(from) === 'string' &&
    value.offsetMinutes !== 0 &&
    to.kind !== 'datetimeoffset' &&
    to.kind !== 'date' &&
    to.kind !== 'time'
  ) {
    return fromTicks(utcTicks(value));
  }
  return value;
}

function dateOf(conversion: PlainConversion): DateTime {
  const { value, from, to, style } = conversion;
  if (isDateTime(value)) return value;
  if (typeof value === 'string') {
    const parsed = parseDateText(value, style);
    if (parsed === 'syntax') throw sqlError(241);
    if (parsed === 'range') {
      throw to.kind === 'datetime' || to.kind === 'smalldatetime'
        ? sqlError(242, from.kind, to.kind)
        : sqlError(241);
    }
    return parsed;
  }
  if (typeof value === 'boolean') return fromDays(value ? 1 : 0);
  if (typeof value === 'number') return fromDays(value);
  if (typeof value === 'bigint') return fromDays(Number(value));
  if (isDecimal(value)) return fromDays(decimalToNumber(value));
  if (value instanceof Uint8Array && to.kind === 'datetime') return dateOfBytes(value);
  throw sqlError(529, from.kind, to.kind);
}

function fromDays(days: number): DateTime {
  const whole = Math.floor(days);
  return dateTime(DAY_1900 + whole, Math.round((days - whole) * TICKS_PER_DAY));
}

/** datetime in storage: days since 1900 and 1/300 s, both four bytes, most significant first. */
function dateOfBytes(bytes: Uint8Array): DateTime {
  const padded = Buffer.alloc(8);
  padded.set(bytes.slice(-8), Math.max(0, 8 - bytes.length));
  return dateTime(
    DAY_1900 + padded.readInt32BE(0),
    Math.round((padded.readInt32BE(4) * 10_000_000) / 300),
  );
}

const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?/iu;

/** To uniqueidentifier: a string may have more behind the GUID. */
export function toGuid(conversion: PlainConversion): SqlValue {
  const { value, from } = conversion;
  if (from.kind === 'uniqueidentifier' && typeof value === 'string') return value;
  if (typeof value === 'string') {
    const guid = GUID.exec(value.trimStart())?.[1];
    if (guid === undefined) throw sqlError(8169);
    return guid.toUpperCase();
  }
  if (value instanceof Uint8Array) {
    if (value.length < 16) throw sqlError(8169);
    return bytesToGuid(value);
  }
  throw sqlError(529, from.kind, 'uniqueidentifier');
}

/** To binary, varbinary or image. Numbers keep their last bytes, strings and bytes their first. */
export function toBinary(conversion: PlainConversion): SqlValue {
  const { to } = conversion;
  const { bytes, number } = bytesOf(conversion);
  const length = lengthOf(to);
  if (length === 'max') return bytes;
  if (bytes.length > length) return number ? bytes.slice(-length) : bytes.slice(0, length);
  if (to.kind !== 'binary' || bytes.length === length) return bytes;
  const filled = new Uint8Array(length);
  filled.set(bytes, number ? length - bytes.length : 0);
  return filled;
}

function bytesOf(conversion: PlainConversion): {
  readonly bytes: Uint8Array;
  readonly number: boolean;
} {
  const { value, from, to, style } = conversion;
  if (value instanceof Uint8Array) return { bytes: value, number: false };
  if (typeof value === 'string') {
    if (from.kind === 'uniqueidentifier') return { bytes: guidToBytes(value), number: false };
    return { bytes: stringBytes(value, from, style), number: false };
  }
  if (typeof value === 'boolean') return { bytes: Uint8Array.of(value ? 1 : 0), number: true };
  if (typeof value === 'number' || typeof value === 'bigint')
    return { bytes: numberBytes(value, from), number: true };
  if (isDecimal(value)) return { bytes: decimalBytes(value, from), number: true };
  if (isDateTime(value) && from.kind === 'datetime')
    return { bytes: dateBytes(value), number: true };
  throw sqlError(529, from.kind, to.kind);
}

function stringBytes(value: string, from: SqlType, style: number): Uint8Array {
  if (style === 0) return stringToBytes(value, isUnicode(from));
  if (style !== 1 && style !== 2) throw sqlError(281, style, from.kind);
  const hex = style === 1 ? value.replace(/^0x/iu, '') : value;
  const wellFormed = /^(?:[0-9a-f]{2})*$/iu.test(hex) && (style === 2 || /^0x/iu.test(value));
  if (!wellFormed) throw sqlError(8114, from.kind, 'varbinary');
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function numberBytes(value: number | bigint, from: SqlType): Uint8Array {
  if (from.kind === 'float' || from.kind === 'real') {
    const buffer = Buffer.alloc(from.kind === 'float' ? 8 : 4);
    if (from.kind === 'float') buffer.writeDoubleBE(Number(value));
    else buffer.writeFloatBE(Number(value));
    return Uint8Array.from(buffer);
  }
  const width =
    from.kind === 'tinyint' ? 1 : from.kind === 'smallint' ? 2 : from.kind === 'bigint' ? 8 : 4;
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return Uint8Array.from(buffer.subarray(8 - width));
}

/** Money as an integer of 1/10000; decimal as precision, scale, 0, sign, magnitude little endian. */
function decimalBytes(value: Decimal, from: SqlType): Uint8Array {
  if (typeFamily(from) === 'money') {
    return numberBytes(value.unscaled, { kind: from.kind === 'money' ? 'bigint' : 'int' });
  }
  const precision = 'precision' in from ? from.precision : 38;
  const bytes: number[] = [precision, value.scale, 0, value.unscaled < 0n ? 0 : 1];
  let rest = value.unscaled < 0n ? -value.unscaled : value.unscaled;
  const width = precision <= 9 ? 4 : precision <= 19 ? 8 : precision <= 28 ? 12 : 16;
  for (let index = 0; index < width; index += 1) {
    bytes.push(Number(rest & 255n));
    rest >>= 8n;
  }
  return Uint8Array.from(bytes);
}

function dateBytes(value: DateTime): Uint8Array {
  const buffer = Buffer.alloc(8);
  buffer.writeInt32BE(Math.floor(daysSince1900(value)), 0);
  buffer.writeInt32BE(Math.round((value.ticks * 300) / 10_000_000), 4);
  return Uint8Array.from(buffer);
}
