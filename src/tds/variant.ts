/** sql_variant: a value that carries its own type (MS-TDS 2.2.5.5.4). */

import { assert, unreachable } from '../base/assert.ts';
import { ByteReader, ByteWriter, MalformedMessage } from './bytes.ts';
import {
  COLLATION,
  COLLATION_BYTES,
  decodeCodePage,
  encodeCodePage,
  isUtf8Collation,
} from './code-page.ts';
import { mismatch, readScalar, scalarWriter, type ScalarType } from './scalar.ts';
import type { SqlType, SqlValue, Variant } from './sql-type.ts';
import { temporalText } from './temporal.ts';
import { dialectType, TYPE } from './type-info.ts';
import type { Dialect } from './version.ts';

const scratch = new ByteWriter();

/** Writes a variant or null; a time is text for clients older than TDS 7.3. */
export function writeVariant(writer: ByteWriter, value: SqlValue, dialect: Dialect): void {
  if (value === null) return writer.u32(0);
  if (typeof value !== 'object' || !('kind' in value) || value.kind !== 'variant')
    return mismatch({ kind: 'sql_variant' }, value);
  if (value.value === null) return writer.u32(0);
  scratch.clear();
  const shown = forDialect(value, dialect);
  writeContent(scratch, shown.type, shown.value);
  writer.u32(scratch.length);
  writer.raw(scratch.written());
}

function forDialect(variant: Variant, dialect: Dialect): Variant {
  const { type, value } = variant;
  switch (type.kind) {
    case 'date':
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return dialect.since73
        ? variant
        : { kind: 'variant', type: dialectType(type, dialect), value: temporalText(type, value) };
    default:
      return variant;
  }
}

/** Token, property bytes and value. */
function writeContent(writer: ByteWriter, type: SqlType, value: SqlValue): void {
  switch (type.kind) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar': {
      if (typeof value !== 'string') return mismatch(type, value);
      assert(type.length !== 'max', `${type.kind}(max) inside sql_variant`);
      const wide = type.kind === 'nchar' || type.kind === 'nvarchar';
      writer.u8(TYPE[type.kind]);
      writer.u8(COLLATION_BYTES + 2);
      writer.raw(COLLATION);
      writer.u16(type.length * (wide ? 2 : 1));
      return wide ? writer.ucs2(value) : writer.raw(encodeCodePage(value));
    }
    case 'binary':
    case 'varbinary':
      if (!(value instanceof Uint8Array)) return mismatch(type, value);
      assert(type.length !== 'max', `${type.kind}(max) inside sql_variant`);
      writer.u8(TYPE[type.kind]);
      writer.u8(2);
      writer.u16(type.length);
      return writer.raw(value);
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml':
    case 'sql_variant':
      return mismatch(type, value);
    default:
      writeScalarHead(writer, type);
      return scalarWriter(type)(writer, value);
  }
}

function writeScalarHead(writer: ByteWriter, type: ScalarType): void {
  writer.u8(SCALAR_TOKEN[type.kind]);
  switch (type.kind) {
    case 'decimal':
    case 'numeric':
      writer.u8(2);
      writer.u8(type.precision);
      return writer.u8(type.scale);
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      writer.u8(1);
      return writer.u8(type.scale);
    default:
      return writer.u8(0);
  }
}

const SCALAR_TOKEN: Readonly<Record<ScalarType['kind'], number>> = {
  bit: TYPE.bit,
  tinyint: TYPE.int1,
  smallint: TYPE.int2,
  int: TYPE.int4,
  bigint: TYPE.int8,
  decimal: TYPE.decimalN,
  numeric: TYPE.numericN,
  money: TYPE.money,
  smallmoney: TYPE.money4,
  float: TYPE.float8,
  real: TYPE.float4,
  date: TYPE.date,
  datetime: TYPE.datetime,
  smalldatetime: TYPE.datetime4,
  time: TYPE.time,
  datetime2: TYPE.datetime2,
  datetimeoffset: TYPE.datetimeoffset,
  uniqueidentifier: TYPE.guid,
};

const KIND_OF_TOKEN = new Map(
  Object.entries(SCALAR_TOKEN).map(([kind, token]) => [token, kind as ScalarType['kind']]),
);

/** Reads a variant, or null. */
export function readVariant(reader: ByteReader): Variant | null {
  const total = reader.u32();
  if (total === 0) return null;
  const content = new ByteReader(reader.slice(total));
  const token = content.u8();
  const properties = new ByteReader(content.slice(content.u8()));
  const kind = KIND_OF_TOKEN.get(token);
  if (kind !== undefined) {
    const type = scalarType(kind, properties);
    return { kind: 'variant', type, value: readScalar(content, type) };
  }
  const bytes = content.slice(content.remaining);
  switch (token) {
    case TYPE.char:
    case TYPE.varchar:
    case TYPE.nchar:
    case TYPE.nvarchar:
      return readText(token, properties, bytes);
    case TYPE.binary:
    case TYPE.varbinary: {
      const binary = token === TYPE.binary ? 'binary' : 'varbinary';
      return {
        kind: 'variant',
        type: { kind: binary, length: properties.u16() },
        value: bytes.slice(),
      };
    }
    default:
      throw new MalformedMessage(`type 0x${token.toString(16)} inside sql_variant`);
  }
}

function readText(token: number, properties: ByteReader, bytes: Uint8Array): Variant {
  const utf8 = isUtf8Collation(properties.slice(COLLATION_BYTES));
  const length = properties.u16();
  const wide = token === TYPE.nchar || token === TYPE.nvarchar;
  const value = wide ? new ByteReader(bytes).ucs2(bytes.length) : decodeCodePage(bytes, utf8);
  if (wide)
    return {
      kind: 'variant',
      type: { kind: token === TYPE.nchar ? 'nchar' : 'nvarchar', length: length / 2 },
      value,
    };
  return {
    kind: 'variant',
    type: { kind: token === TYPE.char ? 'char' : 'varchar', length },
    value,
  };
}

function scalarType(kind: ScalarType['kind'], properties: ByteReader): ScalarType {
  switch (kind) {
    case 'decimal':
    case 'numeric': {
      const precision = properties.u8();
      const scale = properties.u8();
      if (precision < 1 || precision > 38 || scale > precision)
        throw new MalformedMessage(`${kind}(${precision},${scale})`);
      return { kind, precision, scale };
    }
    case 'time':
    case 'datetime2':
    case 'datetimeoffset': {
      const scale = properties.u8();
      if (scale > 7) throw new MalformedMessage(`${kind}(${scale})`);
      return { kind, scale };
    }
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'money':
    case 'smallmoney':
    case 'float':
    case 'real':
    case 'date':
    case 'datetime':
    case 'smalldatetime':
    case 'uniqueidentifier':
      return { kind };
  }
  return unreachable(kind);
}
