/**
 * Dates and times on the wire (MS-TDS 2.2.5.5.1.8), and as text for clients older than TDS 7.3.
 *
 * Days count from 0001-01-01 in values and in the types of 2008; datetime counts from 1900-01-01.
 */

import { assert, unreachable } from '../base/assert.ts';
import { MalformedMessage, type ByteReader, type ByteWriter } from './bytes.ts';
import type { DateTime, SqlType, SqlValue } from './sql-type.ts';
import { timeBytes } from './type-info.ts';

/** Types that this file knows. */
export type TemporalType = Extract<
  SqlType,
  { kind: 'date' | 'datetime' | 'smalldatetime' | 'time' | 'datetime2' | 'datetimeoffset' }
>;

const DAYS_TO_1900 = 693_595;
const DAYS_TO_1753 = 639_905;
/** 9999-12-31. */
const LAST_DAY = 3_652_058;
const TICKS_PER_DAY = 864_000_000_000;
const TICKS_PER_MINUTE = 600_000_000;
/** 300ths of a second in a day. */
const CLOCK_TICKS_PER_DAY = 25_920_000;

function isDateTime(value: SqlValue): value is DateTime {
  return (
    value !== null && typeof value === 'object' && 'kind' in value && value.kind === 'datetime'
  );
}

/** The writer for a type; it stops with an assertion on a value that does not belong to it. */
export function temporalWriter(type: TemporalType): (writer: ByteWriter, value: SqlValue) => void {
  return (writer, value) => {
    assert(isDateTime(value), `not a DateTime for type ${type.kind}`);
    const inRange =
      value.days >= 0 && value.days <= LAST_DAY && value.ticks >= 0 && value.ticks < TICKS_PER_DAY;
    assert(inRange, `day ${value.days}, tick ${value.ticks} for type ${type.kind}`);
    writeTemporal(writer, type, value);
  };
}

function writeTemporal(writer: ByteWriter, type: TemporalType, value: DateTime): void {
  switch (type.kind) {
    case 'date':
      return writer.uintOf(value.days, 3);
    case 'time':
      return writeTime(writer, value.ticks, type.scale);
    case 'datetime2':
      writeTime(writer, value.ticks, type.scale);
      return writer.uintOf(value.days, 3);
    case 'datetimeoffset': {
      const utc = toUtc(value);
      writeTime(writer, utc.ticks, type.scale);
      writer.uintOf(utc.days, 3);
      return writer.u16(value.offsetMinutes);
    }
    case 'datetime': {
      const clock = Math.round((value.ticks * 3) / 100_000);
      const carry = clock >= CLOCK_TICKS_PER_DAY ? 1 : 0;
      assert(value.days >= DAYS_TO_1753, `day ${value.days} is before datetime begins`);
      writer.u32(value.days - DAYS_TO_1900 + carry);
      return writer.u32(carry === 1 ? 0 : clock);
    }
    case 'smalldatetime': {
      const days = value.days - DAYS_TO_1900;
      assert(days >= 0 && days <= 0xffff, `day ${value.days} is outside smalldatetime`);
      writer.u16(days);
      return writer.u16(Math.floor(value.ticks / TICKS_PER_MINUTE));
    }
  }
  return unreachable(type);
}

function writeTime(writer: ByteWriter, ticks: number, scale: number): void {
  writer.uintOf(Math.floor(ticks / 10 ** (7 - scale)), timeBytes(scale));
}

/** Local time to UTC, staying within the calendar. */
function toUtc(value: DateTime): { readonly days: number; readonly ticks: number } {
  const ticks = value.ticks - value.offsetMinutes * TICKS_PER_MINUTE;
  const carry = Math.floor(ticks / TICKS_PER_DAY);
  const days = value.days + carry;
  assert(days >= 0 && days <= LAST_DAY, `day ${days} of a datetimeoffset`);
  return { days, ticks: ticks - carry * TICKS_PER_DAY };
}

/** Reads a value that fills the reader. */
export function readTemporal(reader: ByteReader, type: TemporalType): DateTime {
  switch (type.kind) {
    case 'date':
      return moment(reader.uintOf(3), 0);
    case 'time':
      return moment(0, readTime(reader, type.scale));
    case 'datetime2': {
      const ticks = readTime(reader, type.scale);
      return moment(reader.uintOf(3), ticks);
    }
    case 'datetimeoffset': {
      const ticks = readTime(reader, type.scale);
      const days = reader.uintOf(3);
      const offsetMinutes = reader.i16();
      if (Math.abs(offsetMinutes) > 840)
        throw new MalformedMessage(`offset of ${offsetMinutes} minutes`);
      const local = ticks + offsetMinutes * TICKS_PER_MINUTE;
      const carry = Math.floor(local / TICKS_PER_DAY);
      return { ...moment(days + carry, local - carry * TICKS_PER_DAY), offsetMinutes };
    }
    case 'datetime': {
      const days = reader.i32() + DAYS_TO_1900;
      const clock = reader.u32();
      if (clock >= CLOCK_TICKS_PER_DAY) throw new MalformedMessage(`datetime with tick ${clock}`);
      return moment(days, Math.round((clock * 100_000) / 3));
    }
    case 'smalldatetime': {
      const days = reader.u16() + DAYS_TO_1900;
      const minutes = reader.u16();
      if (minutes >= 1440) throw new MalformedMessage(`smalldatetime with minute ${minutes}`);
      return moment(days, minutes * TICKS_PER_MINUTE);
    }
  }
  return unreachable(type);
}

function readTime(reader: ByteReader, scale: number): number {
  const ticks = reader.uintOf(timeBytes(scale)) * 10 ** (7 - scale);
  if (ticks >= TICKS_PER_DAY) throw new MalformedMessage(`time with tick ${ticks}`);
  return ticks;
}

function moment(days: number, ticks: number): DateTime {
  if (days < 0 || days > LAST_DAY) throw new MalformedMessage(`day ${days}`);
  return { kind: 'datetime', days, ticks, offsetMinutes: 0 };
}

/** The text that clients older than TDS 7.3 get for the types they do not know. */
export function temporalText(type: TemporalType, value: SqlValue): string {
  assert(isDateTime(value), `not a DateTime for type ${type.kind}`);
  switch (type.kind) {
    case 'date':
      return dateText(value.days);
    case 'time':
      return timeText(value.ticks, type.scale);
    case 'datetime2':
      return `${dateText(value.days)} ${timeText(value.ticks, type.scale)}`;
    case 'datetimeoffset':
      return `${dateText(value.days)} ${timeText(value.ticks, type.scale)} ${offsetText(value.offsetMinutes)}`;
    case 'datetime':
    case 'smalldatetime':
      return `${dateText(value.days)} ${timeText(value.ticks, 3)}`;
  }
  return unreachable(type);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function timeText(ticks: number, scale: number): string {
  const seconds = Math.floor(ticks / 10_000_000);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const fraction = String(ticks % 10_000_000)
    .padStart(7, '0')
    .slice(0, scale);
  return scale === 0 ? clock : `${clock}.${fraction}`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Gregorian date of a day since 0001-01-01 (Hinnant's civil_from_days). */
function dateText(daysSince0001: number): string {
  const shifted = daysSince0001 + 306;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}
