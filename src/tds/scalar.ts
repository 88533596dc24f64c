/**
 * Values of the types with a small fixed number of bytes, without their length byte: numbers, money,
 * times, GUIDs (MS-TDS 2.2.5.5). One writer per column is chosen once, then called per row.
 */

import { assert, unreachable } from '../base/assert.ts';
import { MalformedMessage, type ByteReader, type ByteWriter } from './bytes.ts';
import { readTemporal, temporalWriter, type TemporalType } from './temporal.ts';
import { decimalBytes, timeBytes } from './type-info.ts';
import type { Decimal, SqlType, SqlValue } from './sql-type.ts';

/** Types that this file knows. */
export type ScalarType = Exclude<
  SqlType,
  {
    kind:
      | 'char'
      | 'varchar'
      | 'nchar'
      | 'nvarchar'
      | 'binary'
      | 'varbinary'
      | 'text'
      | 'ntext'
      | 'image'
      | 'xml'
      | 'sql_variant';
  }
>;

/** Writes a value that is not null. */
export type ScalarWriter = (writer: ByteWriter, value: SqlValue) => void;

/** Bytes of a value. */
export function scalarBytes(type: ScalarType): number {
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
      return 1;
    case 'smallint':
      return 2;
    case 'date':
      return 3;
    case 'int':
    case 'real':
    case 'smallmoney':
    case 'smalldatetime':
      return 4;
    case 'bigint':
    case 'float':
    case 'money':
    case 'datetime':
      return 8;
    case 'uniqueidentifier':
      return 16;
    case 'decimal':
    case 'numeric':
      return decimalBytes(type.precision);
    case 'time':
      return timeBytes(type.scale);
    case 'datetime2':
      return timeBytes(type.scale) + 3;
    case 'datetimeoffset':
      return timeBytes(type.scale) + 5;
  }
  return unreachable(type);
}

/** Raised as an assertion: whoever answers a query must keep to the types it announced. */
export function mismatch(type: SqlType, value: SqlValue): never {
  const shown = typeof value === 'object' ? JSON.stringify(value, shownBigint) : String(value);
  assert(false, `value ${shown} for type ${type.kind}`);
  return unreachable(undefined as never);
}

function shownBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

/** The writer for a type; it stops with an assertion on a value of another type. */
export function scalarWriter(type: ScalarType): ScalarWriter {
  switch (type.kind) {
    case 'bit':
      return (writer, value) => {
        if (typeof value !== 'boolean') mismatch(type, value);
        writer.u8(value ? 1 : 0);
      };
    case 'tinyint':
      return wholeWriter(type, { low: 0, high: 255, bytes: 1 });
    case 'smallint':
      return wholeWriter(type, { low: -32_768, high: 32_767, bytes: 2 });
    case 'int':
      return wholeWriter(type, { low: -2_147_483_648, high: 2_147_483_647, bytes: 4 });
    case 'bigint':
      return (writer, value) => {
        if (typeof value !== 'bigint') mismatch(type, value);
        writer.u64(value);
      };
    case 'float':
      return (writer, value) => {
        if (typeof value !== 'number') mismatch(type, value);
        writer.f64(value);
      };
    case 'real':
      return (writer, value) => {
        if (typeof value !== 'number') mismatch(type, value);
        writer.f32(value);
      };
    case 'money':
    case 'smallmoney':
    case 'decimal':
    case 'numeric':
      return exactWriter(type);
    case 'uniqueidentifier':
      return (writer, value) => {
        if (typeof value !== 'string') mismatch(type, value);
        writeGuid(writer, value);
      };
    case 'date':
    case 'datetime':
    case 'smalldatetime':
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return temporalWriter(type);
  }
  return unreachable(type);
}

function wholeWriter(
  type: ScalarType,
  range: { readonly low: number; readonly high: number; readonly bytes: 1 | 2 | 4 },
): ScalarWriter {
  const { low, high, bytes } = range;
  return (writer, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
      mismatch(type, value);
    if (bytes === 1) writer.u8(value);
    else if (bytes === 2) writer.u16(value);
    else writer.u32(value);
  };
}

/** Brings an exact number to another scale; digits that do not fit are a mismatch. */
function unscaledAt(type: ScalarType, value: SqlValue, scale: number): bigint {
  if (value === null || typeof value !== 'object' || !('kind' in value) || value.kind !== 'decimal')
    return mismatch(type, value);
  if (value.scale === scale) return value.unscaled;
  if (value.scale < scale) return value.unscaled * 10n ** BigInt(scale - value.scale);
  const divisor = 10n ** BigInt(value.scale - scale);
  if (value.unscaled % divisor !== 0n) mismatch(type, value);
  return value.unscaled / divisor;
}

function exactWriter(
  type: Extract<ScalarType, { kind: 'money' | 'smallmoney' | 'decimal' | 'numeric' }>,
): ScalarWriter {
  switch (type.kind) {
    case 'money':
      return (writer, value) => {
        const amount = unscaledAt(type, value, 4);
        if (BigInt.asIntN(64, amount) !== amount) mismatch(type, value);
        // The high half goes first.
        writer.u32(Number(BigInt.asUintN(32, amount >> 32n)));
        writer.u32(Number(BigInt.asUintN(32, amount)));
      };
    case 'smallmoney':
      return (writer, value) => {
        const amount = unscaledAt(type, value, 4);
        if (BigInt.asIntN(32, amount) !== amount) mismatch(type, value);
        writer.u32(Number(BigInt.asUintN(32, amount)));
      };
    case 'decimal':
    case 'numeric': {
      const limit = 10n ** BigInt(type.precision);
      const words = (decimalBytes(type.precision) - 1) / 4;
      return (writer, value) => {
        const unscaled = unscaledAt(type, value, type.scale);
        let rest = unscaled < 0n ? -unscaled : unscaled;
        if (rest >= limit) mismatch(type, value);
        writer.u8(unscaled < 0n ? 0 : 1);
        for (let word = 0; word < words; word += 1) {
          writer.u32(Number(rest & 0xffffffffn));
          rest >>= 32n;
        }
      };
    }
  }
  return unreachable(type);
}

const GUID = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/iu;

function writeGuid(writer: ByteWriter, guid: string): void {
  assert(GUID.test(guid), `not a GUID: ${guid}`);
  const part = (from: number, to: number): number => parseInt(guid.slice(from, to), 16);
  writer.u32(part(0, 8));
  writer.u16(part(9, 13));
  writer.u16(part(14, 18));
  writer.u16be(part(19, 23));
  writer.u16be(part(24, 28));
  writer.u32be(part(28, 36));
}

function readGuid(reader: ByteReader): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const head = `${hex(reader.u32(), 8)}-${hex(reader.u16(), 4)}-${hex(reader.u16(), 4)}`;
  const tail = `${hex(reader.u16be(), 4)}-${hex(reader.u16be(), 4)}${hex(reader.u32be(), 8)}`;
  return `${head}-${tail}`.toUpperCase();
}

function exact(unscaled: bigint, scale: number): Decimal {
  return { kind: 'decimal', unscaled, scale };
}

/** Reads a value that fills the reader. */
export function readScalar(reader: ByteReader, type: ScalarType): SqlValue {
  const size = reader.remaining;
  const isDecimal = type.kind === 'decimal' || type.kind === 'numeric';
  // A decimal may come with fewer bytes than its precision allows.
  if (!isDecimal && size !== scalarBytes(type))
    throw new MalformedMessage(`${type.kind} of ${size} bytes`);
  switch (type.kind) {
    case 'bit':
      return reader.u8() !== 0;
    case 'tinyint':
      return reader.u8();
    case 'smallint':
      return reader.i16();
    case 'int':
      return reader.i32();
    case 'bigint':
      return reader.i64();
    case 'float':
      return reader.f64();
    case 'real':
      return reader.f32();
    case 'money': {
      const high = BigInt(reader.i32());
      return exact((high << 32n) | BigInt(reader.u32()), 4);
    }
    case 'smallmoney':
      return exact(BigInt(reader.i32()), 4);
    case 'decimal':
    case 'numeric':
      return readDecimal(reader, type);
    case 'uniqueidentifier':
      return readGuid(reader);
    case 'date':
    case 'datetime':
    case 'smalldatetime':
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return readTemporal(reader, type satisfies TemporalType);
  }
  return unreachable(type);
}

function readDecimal(
  reader: ByteReader,
  type: Extract<ScalarType, { kind: 'decimal' | 'numeric' }>,
): SqlValue {
  const positive = reader.u8() === 1;
  const magnitude = reader.slice(reader.remaining);
  let unscaled = 0n;
  for (let at = magnitude.length - 1; at >= 0; at -= 1)
    unscaled = (unscaled << 8n) | BigInt(magnitude[at] ?? 0);
  if (unscaled >= 10n ** BigInt(type.precision))
    throw new MalformedMessage(`${unscaled} for ${type.kind}(${type.precision},${type.scale})`);
  return exact(positive ? unscaled : -unscaled, type.scale);
}
