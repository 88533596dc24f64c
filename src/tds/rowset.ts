/** COLMETADATA, ROW and NBCROW (MS-TDS 2.2.7.4, 2.2.7.19, 2.2.7.13). */

import { MalformedMessage, type ByteReader, type ByteWriter } from './bytes.ts';
import type { Column, SqlType, SqlValue } from './sql-type.ts';
import { dialectType, readTypeInfo, writeTypeInfo, type TypeInfo } from './type-info.ts';
import { readValue, valueWriter } from './value.ts';
import type { Dialect } from './version.ts';

/** Tokens of rowsets. */
export const ROWSET_TOKEN = { columns: 0x81, row: 0xd1, rowWithoutNulls: 0xd2 } as const;

const FLAG = { nullable: 0x0001, identity: 0x0010 } as const;
const NO_COLUMNS = 0xffff;

/** Announces the columns of a rowset. */
export function writeColumns(
  writer: ByteWriter,
  columns: readonly Column[],
  dialect: Dialect,
): void {
  writer.u8(ROWSET_TOKEN.columns);
  writer.u16(columns.length === 0 ? NO_COLUMNS : columns.length);
  for (const column of columns) {
    const type = dialectType(column.type, dialect);
    if (dialect.since72) writer.u32(0);
    else writer.u16(0);
    writer.u16(
      (column.nullable ? FLAG.nullable : 0) | (column.identity === true ? FLAG.identity : 0),
    );
    writeTypeInfo(writer, type);
    if (hasTableName(type)) {
      // An expression has no table: no parts, or before 7.2 an empty name.
      if (dialect.since72) writer.u8(0);
      else writer.u16(0);
    }
    writer.shortText(column.name);
  }
}

function hasTableName(type: SqlType): boolean {
  return type.kind === 'text' || type.kind === 'ntext' || type.kind === 'image';
}

/** A column as read back. */
export interface ReadColumn extends Column {
  readonly info: TypeInfo;
}

/** Reads COLMETADATA after its token. */
export function readColumns(reader: ByteReader, dialect: Dialect): ReadColumn[] {
  const count = reader.u16();
  const columns: ReadColumn[] = [];
  for (let index = 0; index < (count === NO_COLUMNS ? 0 : count); index += 1) {
    if (dialect.since72) reader.u32();
    else reader.u16();
    const flags = reader.u16();
    const info = readTypeInfo(reader);
    if (hasTableName(info.type)) {
      const parts = dialect.since72 ? reader.u8() : 1;
      for (let part = 0; part < parts; part += 1) reader.text();
    }
    const name = reader.shortText();
    columns.push({
      name,
      type: info.type,
      nullable: (flags & FLAG.nullable) !== 0,
      identity: (flags & FLAG.identity) !== 0,
      info,
    });
  }
  return columns;
}

/** Writes one row. */
export type RowWriter = (writer: ByteWriter, values: readonly SqlValue[]) => void;

/**
 * The writer for rows of a rowset; it stops with an assertion on a value of another type.
 *
 * NBCROW goes to clients of 7.3B and later when its bitmap is shorter than the nulls it replaces.
 */
export function rowWriter(columns: readonly Column[], dialect: Dialect): RowWriter {
  const writers = columns.map((column) => valueWriter(column.type, dialect, 'row'));
  const bitmapBytes = Math.ceil(columns.length / 8);
  return (writer, values) => {
    if (values.length !== writers.length)
      throw new RangeError(`row of ${values.length} values for ${writers.length} columns`);
    if (dialect.since73b && countNulls(values) > bitmapBytes) {
      writer.u8(ROWSET_TOKEN.rowWithoutNulls);
      writeBitmap(writer, values);
      for (let index = 0; index < writers.length; index += 1) {
        const value = values[index] ?? null;
        if (value !== null) writers[index]?.(writer, value);
      }
      return;
    }
    writer.u8(ROWSET_TOKEN.row);
    for (let index = 0; index < writers.length; index += 1)
      writers[index]?.(writer, values[index] ?? null);
  };
}

function countNulls(values: readonly SqlValue[]): number {
  let nulls = 0;
  for (const value of values) if (value === null) nulls += 1;
  return nulls;
}

function writeBitmap(writer: ByteWriter, values: readonly SqlValue[]): void {
  for (let start = 0; start < values.length; start += 8) {
    let bits = 0;
    for (let bit = 0; bit < 8 && start + bit < values.length; bit += 1)
      if (values[start + bit] === null) bits |= 1 << bit;
    writer.u8(bits);
  }
}

/** Reads ROW or NBCROW after its token. */
export function readRow(
  reader: ByteReader,
  token: number,
  columns: readonly ReadColumn[],
): SqlValue[] {
  if (token === ROWSET_TOKEN.row)
    return columns.map((column) => readValue(reader, column.info, 'row'));
  if (token !== ROWSET_TOKEN.rowWithoutNulls)
    throw new MalformedMessage(`row token 0x${token.toString(16)}`);
  const bitmap = reader.slice(Math.ceil(columns.length / 8));
  return columns.map((column, index) => {
    const isNull = ((bitmap[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    return isNull ? null : readValue(reader, column.info, 'row');
  });
}
