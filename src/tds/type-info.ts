/**
 * TYPE_INFO (MS-TDS 2.2.5.6): how a type announces itself in COLMETADATA, RETURNVALUE and RPC.
 *
 * Written: always the nullable forms. Read: those, and the fixed and old forms that clients send.
 * Not here: the values (`value.ts`).
 */

import { unreachable } from '../base/assert.ts';
import { MalformedMessage, type ByteReader, type ByteWriter } from './bytes.ts';
import { COLLATION, COLLATION_BYTES, isUtf8Collation } from './code-page.ts';
import type { SqlType, TypeLength } from './sql-type.ts';
import type { Dialect } from './version.ts';

/** Type tokens. */
export const TYPE = {
  null: 0x1f,
  image: 0x22,
  text: 0x23,
  guid: 0x24,
  oldVarbinary: 0x25,
  intN: 0x26,
  oldVarchar: 0x27,
  date: 0x28,
  time: 0x29,
  datetime2: 0x2a,
  datetimeoffset: 0x2b,
  oldBinary: 0x2d,
  oldChar: 0x2f,
  int1: 0x30,
  bit: 0x32,
  int2: 0x34,
  oldDecimal: 0x37,
  int4: 0x38,
  datetime4: 0x3a,
  float4: 0x3b,
  money: 0x3c,
  datetime: 0x3d,
  float8: 0x3e,
  oldNumeric: 0x3f,
  variant: 0x62,
  ntext: 0x63,
  bitN: 0x68,
  decimalN: 0x6a,
  numericN: 0x6c,
  floatN: 0x6d,
  moneyN: 0x6e,
  datetimeN: 0x6f,
  money4: 0x7a,
  int8: 0x7f,
  varbinary: 0xa5,
  varchar: 0xa7,
  binary: 0xad,
  char: 0xaf,
  nvarchar: 0xe7,
  nchar: 0xef,
  udt: 0xf0,
  xml: 0xf1,
  table: 0xf3,
} as const;

/** A type as it was announced; what is needed to read its values. */
export interface TypeInfo {
  readonly type: SqlType;
  /** How a value's length is given: not at all, in one, two or four bytes, or in chunks. */
  readonly framing: 'fixed' | 'byte' | 'short' | 'long' | 'chunks';
  /** Bytes of a fixed value. */
  readonly size: number;
  /** Character data is UTF-8, not code page 1252. */
  readonly utf8: boolean;
}

/** Announced length of a `max` type. */
const MAX = 0xffff;
/** Announced length of text, ntext, image. */
const LONG_MAX = 0x7fffffff;
/** Announced length of sql_variant. */
const VARIANT_MAX = 8016;

/** The type that a client of this dialect is shown instead of one it does not know (MS-TDS 2.2.5.5.4). */
export function dialectType(type: SqlType, dialect: Dialect): SqlType {
  switch (type.kind) {
    case 'date':
      return dialect.since73 ? type : { kind: 'nvarchar', length: 10 };
    case 'time':
      return dialect.since73 ? type : { kind: 'nvarchar', length: 16 };
    case 'datetime2':
      return dialect.since73 ? type : { kind: 'nvarchar', length: 27 };
    case 'datetimeoffset':
      return dialect.since73 ? type : { kind: 'nvarchar', length: 34 };
    case 'varchar':
      return dialect.since72 || type.length !== 'max' ? type : { kind: 'text' };
    case 'nvarchar':
      return dialect.since72 || type.length !== 'max' ? type : { kind: 'ntext' };
    case 'varbinary':
      return dialect.since72 || type.length !== 'max' ? type : { kind: 'image' };
    case 'xml':
      return dialect.since72 ? type : { kind: 'ntext' };
    default:
      return type;
  }
}

/** Bytes of a decimal value by its precision: sign and magnitude. */
export function decimalBytes(precision: number): number {
  if (precision <= 9) return 5;
  if (precision <= 19) return 9;
  return precision <= 28 ? 13 : 17;
}

/** Bytes of a time by its scale. */
export function timeBytes(scale: number): number {
  if (scale <= 2) return 3;
  return scale <= 4 ? 4 : 5;
}

/** Token and length of the types that need no more. */
const SIMPLE = {
  bit: [TYPE.bitN, 1],
  tinyint: [TYPE.intN, 1],
  smallint: [TYPE.intN, 2],
  int: [TYPE.intN, 4],
  bigint: [TYPE.intN, 8],
  real: [TYPE.floatN, 4],
  float: [TYPE.floatN, 8],
  smallmoney: [TYPE.moneyN, 4],
  money: [TYPE.moneyN, 8],
  smalldatetime: [TYPE.datetimeN, 4],
  datetime: [TYPE.datetimeN, 8],
  uniqueidentifier: [TYPE.guid, 16],
} as const;

/** Announces a type, which must be one of the dialect already. */
export function writeTypeInfo(writer: ByteWriter, type: SqlType): void {
  switch (type.kind) {
    case 'date':
      return writer.u8(TYPE.date);
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      writer.u8(TYPE[type.kind]);
      return writer.u8(type.scale);
    case 'decimal':
    case 'numeric':
      writer.u8(type.kind === 'decimal' ? TYPE.decimalN : TYPE.numericN);
      writer.u8(decimalBytes(type.precision));
      writer.u8(type.precision);
      return writer.u8(type.scale);
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
      return writeLongTypeInfo(writer, type);
    default: {
      const [token, length] = SIMPLE[type.kind];
      writer.u8(token);
      return writer.u8(length);
    }
  }
}

type LongType = Extract<
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

function writeLongTypeInfo(writer: ByteWriter, type: LongType): void {
  const sized = (token: number, length: TypeLength, unit: number): void => {
    writer.u8(token);
    writer.u16(length === 'max' ? MAX : length * unit);
  };
  switch (type.kind) {
    case 'char':
    case 'varchar':
      sized(TYPE[type.kind], type.length, 1);
      return writer.raw(COLLATION);
    case 'nchar':
    case 'nvarchar':
      sized(TYPE[type.kind], type.length, 2);
      return writer.raw(COLLATION);
    case 'binary':
    case 'varbinary':
      return sized(TYPE[type.kind], type.length, 1);
    case 'text':
    case 'ntext':
      writer.u8(TYPE[type.kind]);
      writer.u32(LONG_MAX);
      return writer.raw(COLLATION);
    case 'image':
      writer.u8(TYPE.image);
      return writer.u32(LONG_MAX);
    case 'xml':
      writer.u8(TYPE.xml);
      // No schema collection.
      return writer.u8(0);
    case 'sql_variant':
      writer.u8(TYPE.variant);
      return writer.u32(VARIANT_MAX);
  }
  return unreachable(type);
}

/** Reads an announced type; throws MalformedMessage for one that is unknown or not supported (table, CLR types). */
export function readTypeInfo(reader: ByteReader): TypeInfo {
  const token = reader.u8();
  return FIXED.get(token) ?? readByteLength(reader, token) ?? readLong(reader, token);
}

function fixed(type: SqlType, size: number): TypeInfo {
  return { type, framing: 'fixed', size, utf8: false };
}

const FIXED = new Map<number, TypeInfo>([
  [TYPE.null, fixed({ kind: 'int' }, 0)],
  [TYPE.int1, fixed({ kind: 'tinyint' }, 1)],
  [TYPE.bit, fixed({ kind: 'bit' }, 1)],
  [TYPE.int2, fixed({ kind: 'smallint' }, 2)],
  [TYPE.int4, fixed({ kind: 'int' }, 4)],
  [TYPE.int8, fixed({ kind: 'bigint' }, 8)],
  [TYPE.datetime4, fixed({ kind: 'smalldatetime' }, 4)],
  [TYPE.datetime, fixed({ kind: 'datetime' }, 8)],
  [TYPE.float4, fixed({ kind: 'real' }, 4)],
  [TYPE.float8, fixed({ kind: 'float' }, 8)],
  [TYPE.money, fixed({ kind: 'money' }, 8)],
  [TYPE.money4, fixed({ kind: 'smallmoney' }, 4)],
]);

function bySize(token: number, size: number, kinds: Partial<Record<number, SqlType>>): SqlType {
  const type = kinds[size];
  if (type === undefined)
    throw new MalformedMessage(`type 0x${token.toString(16)} with a length of ${size}`);
  return type;
}

function scaled(reader: ByteReader): number {
  const scale = reader.u8();
  if (scale > 7) throw new MalformedMessage(`scale of ${scale} for a time`);
  return scale;
}

/** Types whose values carry one length byte. */
function readByteLength(reader: ByteReader, token: number): TypeInfo | undefined {
  const info = (type: SqlType, utf8 = false): TypeInfo => ({
    type,
    framing: 'byte',
    size: 0,
    utf8,
  });
  switch (token) {
    case TYPE.intN:
      return info(
        bySize(token, reader.u8(), {
          1: { kind: 'tinyint' },
          2: { kind: 'smallint' },
          4: { kind: 'int' },
          8: { kind: 'bigint' },
        }),
      );
    case TYPE.bitN:
      return info(bySize(token, reader.u8(), { 1: { kind: 'bit' } }));
    case TYPE.floatN:
      return info(bySize(token, reader.u8(), { 4: { kind: 'real' }, 8: { kind: 'float' } }));
    case TYPE.moneyN:
      return info(bySize(token, reader.u8(), { 4: { kind: 'smallmoney' }, 8: { kind: 'money' } }));
    case TYPE.datetimeN:
      return info(
        bySize(token, reader.u8(), { 4: { kind: 'smalldatetime' }, 8: { kind: 'datetime' } }),
      );
    case TYPE.guid:
      return info(bySize(token, reader.u8(), { 16: { kind: 'uniqueidentifier' } }));
    case TYPE.date:
      return info({ kind: 'date' });
    case TYPE.time:
      return info({ kind: 'time', scale: scaled(reader) });
    case TYPE.datetime2:
      return info({ kind: 'datetime2', scale: scaled(reader) });
    case TYPE.datetimeoffset:
      return info({ kind: 'datetimeoffset', scale: scaled(reader) });
    case TYPE.decimalN:
    case TYPE.oldDecimal:
    case TYPE.numericN:
    case TYPE.oldNumeric:
      return info(readDecimalInfo(reader, token));
    case TYPE.oldChar:
    case TYPE.oldVarchar:
      return info({
        kind: token === TYPE.oldChar ? 'char' : 'varchar',
        length: Math.max(1, reader.u8()),
      });
    case TYPE.oldBinary:
    case TYPE.oldVarbinary:
      return info({
        kind: token === TYPE.oldBinary ? 'binary' : 'varbinary',
        length: Math.max(1, reader.u8()),
      });
    default:
      return undefined;
  }
}

function readDecimalInfo(reader: ByteReader, token: number): SqlType {
  reader.u8();
  const precision = reader.u8();
  const scale = reader.u8();
  if (precision < 1 || precision > 38 || scale > precision)
    throw new MalformedMessage(`decimal(${precision},${scale})`);
  const kind = token === TYPE.decimalN || token === TYPE.oldDecimal ? 'decimal' : 'numeric';
  return { kind, precision, scale };
}

/** Types whose values carry two or four length bytes, or chunks. */
function readLong(reader: ByteReader, token: number): TypeInfo {
  const sized = (
    kind: 'char' | 'varchar' | 'nchar' | 'nvarchar' | 'binary' | 'varbinary',
  ): TypeInfo => {
    const bytes = reader.u16();
    const unit = kind === 'nchar' || kind === 'nvarchar' ? 2 : 1;
    const utf8 = kind.endsWith('binary') ? false : isUtf8Collation(reader.slice(COLLATION_BYTES));
    if (bytes !== MAX && bytes > 8000) throw new MalformedMessage(`${kind} of ${bytes} bytes`);
    const length: TypeLength = bytes === MAX ? 'max' : Math.max(1, Math.floor(bytes / unit));
    return { type: { kind, length }, framing: bytes === MAX ? 'chunks' : 'short', size: 0, utf8 };
  };
  const long = (kind: 'text' | 'ntext' | 'image'): TypeInfo => {
    reader.u32();
    const utf8 = kind === 'image' ? false : isUtf8Collation(reader.slice(COLLATION_BYTES));
    return { type: { kind }, framing: 'long', size: 0, utf8 };
  };
  switch (token) {
    case TYPE.char:
      return sized('char');
    case TYPE.varchar:
      return sized('varchar');
    case TYPE.nchar:
      return sized('nchar');
    case TYPE.nvarchar:
      return sized('nvarchar');
    case TYPE.binary:
      return sized('binary');
    case TYPE.varbinary:
      return sized('varbinary');
    case TYPE.text:
      return long('text');
    case TYPE.ntext:
      return long('ntext');
    case TYPE.image:
      return long('image');
    case TYPE.variant:
      reader.u32();
      return { type: { kind: 'sql_variant' }, framing: 'long', size: 0, utf8: false };
    case TYPE.xml:
      skipSchema(reader);
      return { type: { kind: 'xml' }, framing: 'chunks', size: 0, utf8: false };
    default:
      throw new MalformedMessage(`type 0x${token.toString(16)} is not simulated`);
  }
}

/** Passes over the schema collection of an xml type. */
function skipSchema(reader: ByteReader): void {
  if (reader.u8() === 0) return;
  reader.shortText();
  reader.shortText();
  reader.text();
}
