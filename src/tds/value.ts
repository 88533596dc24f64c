/**
 * Values with their lengths: in rows, in remote procedure calls and inside sql_variant (MS-TDS 2.2.5.2, 2.2.5.5).
 *
 * Small fixed types are in `scalar.ts`; this file adds null, character and binary types, chunks
 * (PLP), text pointers and sql_variant.
 */

import { assert, unreachable } from '../base/assert.ts';
import { ByteReader, ByteWriter, MalformedMessage } from './bytes.ts';
import { decodeCodePage, encodeCodePage } from './code-page.ts';
import { mismatch, readScalar, scalarBytes, scalarWriter, type ScalarType } from './scalar.ts';
import type { SqlType, SqlValue } from './sql-type.ts';
import { temporalText } from './temporal.ts';
import { dialectType, type TypeInfo } from './type-info.ts';
import { readVariant, writeVariant } from './variant.ts';
import type { Dialect } from './version.ts';

/** Writes a value, null included. */
export type ValueWriter = (writer: ByteWriter, value: SqlValue) => void;

/** Where a value stands: only in rows have text, ntext and image a text pointer. */
export type ValuePlace = 'row' | 'parameter';

/** Length of null in types with a 2-byte length. */
const SHORT_NULL = 0xffff;
const LONG_NULL = 0xffffffff;
const CHUNKS_NULL = 0xffff_ffff_ffff_ffffn;
/** The server may leave the total length of a chunked value open. */
const CHUNKS_UNKNOWN = 0xffff_ffff_ffff_fffen;
/** MS-TDS asks for a pointer of 16 bytes and a timestamp of 8 and gives their content no meaning. */
const TEXT_POINTER = new Uint8Array(24);
const TEXT_POINTER_BYTES = 16;

/** The writer for a type as a client of the dialect sees it. */
export function valueWriter(type: SqlType, dialect: Dialect, place: ValuePlace): ValueWriter {
  const shown = dialectType(type, dialect);
  const plain = plainWriter(shown, dialect, place);
  if (shown.kind === type.kind) return plain;
  switch (type.kind) {
    case 'date':
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return (writer, value) => plain(writer, value === null ? null : temporalText(type, value));
    default:
      return plain;
  }
}

function plainWriter(type: SqlType, dialect: Dialect, place: ValuePlace): ValueWriter {
  switch (type.kind) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
      return type.length === 'max' ? chunkWriter(type) : shortWriter(type, type.length);
    case 'xml':
      return chunkWriter(type);
    case 'text':
    case 'ntext':
    case 'image':
      return longWriter(type, place);
    case 'sql_variant':
      return (writer, value) => writeVariant(writer, value, dialect);
    default:
      return byteLengthWriter(type);
  }
}

function byteLengthWriter(type: ScalarType): ValueWriter {
  const size = scalarBytes(type);
  const body = scalarWriter(type);
  return (writer, value) => {
    if (value === null) return writer.u8(0);
    writer.u8(size);
    body(writer, value);
  };
}

/** Types of characters and bytes. */
type BlobType = Exclude<SqlType, ScalarType | { kind: 'sql_variant' }>;

function isWide(type: BlobType): boolean {
  return (
    type.kind === 'nchar' ||
    type.kind === 'nvarchar' ||
    type.kind === 'ntext' ||
    type.kind === 'xml'
  );
}

/** Bytes of a value; null stays null. UCS-2 text is not converted here but written straight. */
function blobBytes(type: BlobType, value: SqlValue): Uint8Array {
  if (type.kind === 'binary' || type.kind === 'varbinary' || type.kind === 'image')
    return value instanceof Uint8Array ? value : mismatch(type, value);
  if (typeof value !== 'string') return mismatch(type, value);
  if (!isWide(type)) return encodeCodePage(value);
  const text = new ByteWriter(value.length * 2 + 1);
  text.ucs2(value);
  return text.written();
}

function shortWriter(type: BlobType, length: number): ValueWriter {
  if (!isWide(type))
    return (writer, value) => {
      if (value === null) return writer.u16(SHORT_NULL);
      const bytes = blobBytes(type, value);
      assert(bytes.length <= length, `${bytes.length} bytes for ${type.kind}(${length})`);
      writer.u16(bytes.length);
      writer.raw(bytes);
    };
  return (writer, value) => {
    if (value === null) return writer.u16(SHORT_NULL);
    if (typeof value !== 'string') mismatch(type, value);
    assert(value.length <= length, `${value.length} characters for ${type.kind}(${length})`);
    writer.u16(value.length * 2);
    writer.ucs2(value);
  };
}

function chunkWriter(type: BlobType): ValueWriter {
  return (writer, value) => {
    if (value === null) return writer.u64(CHUNKS_NULL);
    const bytes = blobBytes(type, value);
    writer.u64(BigInt(bytes.length));
    if (bytes.length > 0) {
      writer.u32(bytes.length);
      writer.raw(bytes);
    }
    writer.u32(0);
  };
}

function longWriter(type: BlobType, place: ValuePlace): ValueWriter {
  return (writer, value) => {
    if (value === null) return place === 'row' ? writer.u8(0) : writer.u32(LONG_NULL);
    const bytes = blobBytes(type, value);
    if (place === 'row') {
      writer.u8(TEXT_POINTER_BYTES);
      writer.raw(TEXT_POINTER);
    }
    writer.u32(bytes.length);
    writer.raw(bytes);
  };
}

/** Reads a value of an announced type. */
export function readValue(reader: ByteReader, info: TypeInfo, place: ValuePlace): SqlValue {
  const { type } = info;
  switch (type.kind) {
    case 'sql_variant':
      return readVariant(reader);
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml': {
      const bytes = readBlob(reader, info, place);
      return bytes === null ? null : blobValue(type, bytes, info.utf8);
    }
    default: {
      const size = info.framing === 'fixed' ? info.size : reader.u8();
      if (size === 0) return null;
      return readScalar(new ByteReader(reader.slice(size)), type);
    }
  }
}

function readBlob(reader: ByteReader, info: TypeInfo, place: ValuePlace): Uint8Array | null {
  switch (info.framing) {
    case 'byte': {
      // Only the types of before 7.0 come this way, and only without text in them is it null.
      const length = reader.u8();
      return length === 0 ? null : reader.slice(length);
    }
    case 'short': {
      const length = reader.u16();
      return length === SHORT_NULL ? null : reader.slice(length);
    }
    case 'long': {
      if (place === 'row') {
        const pointer = reader.u8();
        if (pointer === 0) return null;
        reader.slice(pointer + 8);
      }
      const length = reader.u32();
      return length === LONG_NULL ? null : reader.slice(length);
    }
    case 'chunks':
      return readChunks(reader);
    case 'fixed':
      throw new MalformedMessage(`${info.type.kind} without a length`);
  }
  return unreachable(info.framing);
}

function readChunks(reader: ByteReader): Uint8Array | null {
  const total = reader.u64();
  if (total === CHUNKS_NULL) return null;
  const joined = new ByteWriter();
  for (let length = reader.u32(); length !== 0; length = reader.u32())
    joined.raw(reader.slice(length));
  if (total !== CHUNKS_UNKNOWN && total !== BigInt(joined.length))
    throw new MalformedMessage(`${joined.length} bytes in chunks, ${total} announced`);
  return joined.written();
}

/** The JavaScript form of character and binary bytes. */
export function blobValue(type: BlobType, bytes: Uint8Array, utf8: boolean): SqlValue {
  if (type.kind === 'binary' || type.kind === 'varbinary' || type.kind === 'image')
    return bytes.slice();
  if (!isWide(type)) return decodeCodePage(bytes, utf8);
  const text = new ByteReader(bytes).ucs2(bytes.length);
  // Clients may open xml with a byte order mark.
  return type.kind === 'xml' && text.startsWith('\ufeff') ? text.slice(1) : text;
}
