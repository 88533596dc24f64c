/**
 * Calendar arithmetic on `DateTime`: days since 0001-01-01 and 100 ns ticks since midnight.
 *
 * Proleptic Gregorian, as SQL Server's date types; no time zone arithmetic except `datetimeoffset`.
 */

import { unreachable } from '../../../base/assert.ts';
import type { DateTime, SqlType } from '../../../tds/sql-type.ts';
import { divideRounded } from './decimal.ts';

/** Ticks of 100 ns. */
export const TICKS_PER_SECOND = 10_000_000;
/** Ticks of a day. */
export const TICKS_PER_DAY = 864_000_000_000;
/** Days from 0001-01-01 to 1900-01-01, the zero of datetime. */
export const DAY_1900 = 693_595;
/** Days from 0001-01-01 to 1970-01-01. */
export const DAY_1970 = 719_162;
/** First day of datetime (1753-01-01) and last day of all types (9999-12-31). */
export const DAY_1753 = 639_905;
export const LAST_DAY = 3_652_058;
/** Last day of smalldatetime, 2079-06-06. */
const LAST_SMALL_DAY = 759_130;

/** A date and time in parts. */
export interface CalendarParts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Days since 0001-01-01 of a calendar day; no check. */
export function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 306;
}

/** Calendar day of days since 0001-01-01. */
export function partsOf(days: number): CalendarParts {
  const shifted = days + 306;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthShifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthShifted + 2) / 5) + 1;
  const month = monthShifted < 10 ? monthShifted + 3 : monthShifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Days of a month. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Days of a valid calendar day from year 1 to 9999; undefined for any other. */
export function checkedDays(year: number, month: number, day: number): number | undefined {
  if (
    year < 1 ||
    year > 9999 ||
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysInMonth(year, month)
  )
    return undefined;
  return daysOf(year, month, day);
}

/** Makes a value. */
export function dateTime(days: number, ticks: number, offsetMinutes = 0): DateTime {
  return { kind: 'datetime', days, ticks, offsetMinutes };
}

/** Milliseconds since 1970 UTC as a value in UTC. */
export function fromUnixMilliseconds(milliseconds: number): DateTime {
  const days = Math.floor(milliseconds / 86_400_000);
  return dateTime(days + DAY_1970, Math.floor((milliseconds - days * 86_400_000) * 10_000));
}

/** Ticks since 0001-01-01 local time. */
export function totalTicks(value: DateTime): bigint {
  return BigInt(value.days) * BigInt(TICKS_PER_DAY) + BigInt(value.ticks);
}

/** Ticks since 0001-01-01 UTC: what comparison uses. */
export function utcTicks(value: DateTime): bigint {
  return totalTicks(value) - BigInt(value.offsetMinutes) * 600_000_000n;
}

/** Value of local ticks since 0001-01-01. */
export function fromTicks(ticks: bigint, offsetMinutes = 0): DateTime {
  const perDay = BigInt(TICKS_PER_DAY);
  let days = ticks / perDay;
  let rest = ticks % perDay;
  if (rest < 0n) {
    days -= 1n;
    rest += perDay;
  }
  return dateTime(Number(days), Number(rest), offsetMinutes);
}

/** Rounds to what the type can hold; undefined when the value is outside of its range. */
export function fitDate(value: DateTime, type: SqlType): DateTime | undefined {
  switch (type.kind) {
    case 'date':
      return inRange(dateTime(value.days, 0), 0, LAST_DAY);
    case 'time':
      return dateTime(0, Number(roundTicks(BigInt(value.ticks), type.scale)) % TICKS_PER_DAY);
    case 'datetime2':
      return inRange(
        fromTicks(roundTicks(totalTicks({ ...value, offsetMinutes: 0 }), type.scale)),
        0,
        LAST_DAY,
      );
    case 'datetimeoffset':
      return inRange(
        fromTicks(roundTicks(totalTicks(value), type.scale), value.offsetMinutes),
        0,
        LAST_DAY,
      );
    case 'smalldatetime':
      return inRange(fromTicks(roundTo(totalTicks(value), 600_000_000n)), DAY_1900, LAST_SMALL_DAY);
    case 'datetime':
      return inRange(roundDateTime(value), DAY_1753, LAST_DAY);
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
    case 'float':
    case 'real':
    case 'uniqueidentifier':
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
      return undefined;
  }
  return unreachable(type);
}

function inRange(value: DateTime, first: number, last: number): DateTime | undefined {
  return value.days >= first && value.days <= last ? value : undefined;
}

function roundTicks(ticks: bigint, scale: number): bigint {
  return scale >= 7 ? ticks : roundTo(ticks, 10n ** BigInt(7 - scale));
}

function roundTo(ticks: bigint, unit: bigint): bigint {
  return divideRounded(ticks, unit) * unit;
}

/** datetime counts 1/300 s; printed and kept as .000, .003 and .007. */
function roundDateTime(value: DateTime): DateTime {
  const units = Math.round((value.ticks * 3) / 100_000);
  const overflow = units >= 25_920_000;
  const milliseconds = Math.round(((overflow ? 0 : units) * 10) / 3);
  return dateTime(value.days + (overflow ? 1 : 0), milliseconds * 10_000);
}
