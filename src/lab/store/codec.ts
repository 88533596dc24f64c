/**
 * Values of SQL Server in SQLite columns of type ANY (STRICT tables: no affinity, nothing is converted).
 *
 * node:sqlite binds a JavaScript number as REAL and a bigint as INTEGER and, with `setReadBigInts`,
 * reads them back the same way; so `int` and `float` live in REAL, `bigint`, dates and decimals up to
 * 18 digits in INTEGER (exact and ordered), longer decimals in TEXT.
 */

import { unreachable } from '../../base/assert.ts';
import { Buffer } from 'node:buffer';
import type { DateTime, SqlType, SqlValue, Variant } from '../../tds/sql-type.ts';

/** What SQLite stores. */
export type CellValue = null | number | bigint | string | Uint8Array;

/** Both directions for one column. */
export interface CellCodec {
  encode(value: SqlValue): CellValue;
  decode(cell: CellValue): SqlValue;
  /** SQLite compares cells as SQL Server compares the values. */
  readonly ordered: boolean;
}

const TICKS_PER_DAY = 864_000_000_000n;
const LONGEST_INTEGER_PRECISION = 18;

/** Codec of a column type. */
export function cellCodec(type: SqlType): CellCodec {
  switch (type.kind) {
    case 'bit':
      return {
        encode: (v) => (v === null ? null : v === true ? 1 : 0),
        decode: (c) => (c === null ? null : c === 1),
        ordered: true,
      };
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'float':
    case 'real':
      return { encode: plain, decode: plain, ordered: true };
    case 'decimal':
    case 'numeric':
      return decimalCodec(type.precision, type.scale);
    case 'money':
    case 'smallmoney':
      return decimalCodec(LONGEST_INTEGER_PRECISION, 4);
    case 'date':
    case 'datetime':
    case 'smalldatetime':
    case 'time':
    case 'datetime2':
      return { encode: encodeMoment, decode: decodeMoment, ordered: true };
    case 'datetimeoffset':
      return { encode: encodeOffsetMoment, decode: decodeOffsetMoment, ordered: false };
    case 'uniqueidentifier':
      return { encode: plain, decode: plain, ordered: false };
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
    case 'xml':
      return { encode: encodeText, decode: decodeText, ordered: false };
    case 'binary':
    case 'varbinary':
    case 'image':
      return { encode: plain, decode: plain, ordered: false };
    case 'sql_variant':
      return {
        encode: (v) => (v === null ? null : JSON.stringify(toPlain(v))),
        decode: decodeVariant,
        ordered: false,
      };
  }
  return unreachable(type);
}

function plain(value: SqlValue): CellValue {
  return value as CellValue;
}

function decimalCodec(precision: number, scale: number): CellCodec {
  const integer = precision <= LONGEST_INTEGER_PRECISION;
  return {
    encode: (value) => {
      if (value === null) return null;
      const unscaled = rescale(value, scale);
      // money reaches 19 digits but always fits 64 bits.
      return integer ? unscaled : unscaled.toString();
    },
    decode: (cell) =>
      cell === null ? null : { kind: 'decimal', unscaled: BigInt(cell as bigint | string), scale },
    ordered: integer,
  };
}

function rescale(value: SqlValue, scale: number): bigint {
  if (
    value === null ||
    typeof value !== 'object' ||
    !('kind' in value) ||
    value.kind !== 'decimal'
  ) {
    throw new TypeError('rescale: not a decimal');
  }
  if (value.scale === scale) return value.unscaled;
  if (value.scale < scale) return value.unscaled * 10n ** BigInt(scale - value.scale);
  return value.unscaled / 10n ** BigInt(value.scale - scale);
}

function encodeMoment(value: SqlValue): CellValue {
  if (value === null) return null;
  const moment = value as DateTime;
  return BigInt(moment.days) * TICKS_PER_DAY + BigInt(moment.ticks);
}

function decodeMoment(cell: CellValue): SqlValue {
  if (cell === null) return null;
  const value = cell as bigint;
  const days = value / TICKS_PER_DAY;
  return {
    kind: 'datetime',
    days: Number(days),
    ticks: Number(value - days * TICKS_PER_DAY),
    offsetMinutes: 0,
  };
}

function encodeOffsetMoment(value: SqlValue): CellValue {
  if (value === null) return null;
  const moment = value as DateTime;
  return `${moment.days}:${moment.ticks}:${moment.offsetMinutes}`;
}

function decodeOffsetMoment(cell: CellValue): SqlValue {
  if (cell === null) return null;
  const [days, ticks, offsetMinutes] = (cell as string).split(':').map(Number);
  return {
    kind: 'datetime',
    days: days ?? 0,
    ticks: ticks ?? 0,
    offsetMinutes: offsetMinutes ?? 0,
  };
}

/** SQLite text ends at a NUL and is UTF-8; strings that would not survive go into a blob as UTF-16. */
function encodeText(value: SqlValue): CellValue {
  if (value === null) return null;
  const text = value as string;
  if (!text.includes('\0') && text.isWellFormed()) return text;
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}

function decodeText(cell: CellValue): SqlValue {
  if (cell === null || typeof cell === 'string') return cell;
  return Buffer.from(cell as Uint8Array).toString('utf16le');
}

function decodeVariant(cell: CellValue): SqlValue {
  return cell === null ? null : (fromPlain(JSON.parse(cell as string)) as Variant);
}

/** JSON form of plain data that may hold bigint and bytes; read back by `fromPlain`. */
export function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(toPlain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toPlain(part)]));
}

/** Inverse of `toPlain`. */
export function fromPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (value === null || typeof value !== 'object') return value;
  if ('$bigint' in value) return BigInt(String(value.$bigint));
  if ('$bytes' in value) return new Uint8Array(Buffer.from(String(value.$bytes), 'hex'));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fromPlain(part)]));
}

/** Bytes a value takes in a log record, about. */
export function valueBytes(value: SqlValue): number {
  if (value === null) return 1;
  if (typeof value === 'string') return 2 + value.length * 2;
  if (value instanceof Uint8Array) return 2 + value.length;
  return 8;
}
