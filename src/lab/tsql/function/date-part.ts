/** Parts of dates: reading them, adding them, counting them between two dates. */

import { unreachable } from '../../../base/assert.ts';
import type { DateTime, SqlType } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import {
  daysInMonth,
  daysOf,
  fromTicks,
  partsOf,
  TICKS_PER_DAY,
  TICKS_PER_SECOND,
  totalTicks,
  utcTicks,
} from '../value/calendar.ts';
import { monthName } from '../value/date-text.ts';

/** Long names of date parts, as the parser writes them. */
export type DatePart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'dayofyear'
  | 'day'
  | 'week'
  | 'weekday'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond'
  | 'nanosecond'
  | 'tzoffset'
  | 'iso_week';

/** Ticks of the parts that have a fixed length. */
const TICKS: Readonly<Partial<Record<DatePart, bigint>>> = {
  week: 7n * BigInt(TICKS_PER_DAY),
  day: BigInt(TICKS_PER_DAY),
  dayofyear: BigInt(TICKS_PER_DAY),
  weekday: BigInt(TICKS_PER_DAY),
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: 10_000n,
  microsecond: 10n,
};

/** Reads a part; weeks and weekdays depend on SET DATEFIRST. */
export function readPart(value: DateTime, part: DatePart, dateFirst: number): number {
  const { year, month, day } = partsOf(value.days);
  const seconds = Math.floor(value.ticks / TICKS_PER_SECOND);
  const fraction = value.ticks % TICKS_PER_SECOND;
  switch (part) {
    case 'year':
      return year;
    case 'quarter':
      return Math.floor((month + 2) / 3);
    case 'month':
      return month;
    case 'dayofyear':
      return value.days - daysOf(year, 1, 1) + 1;
    case 'day':
      return day;
    case 'week':
      return weekOf(value.days, year, dateFirst);
    case 'weekday':
      return weekdayOf(value.days, dateFirst);
    case 'hour':
      return Math.floor(seconds / 3600);
    case 'minute':
      return Math.floor(seconds / 60) % 60;
    case 'second':
      return seconds % 60;
    case 'millisecond':
      return Math.floor(fraction / 10_000);
    case 'microsecond':
      return Math.floor(fraction / 10);
    case 'nanosecond':
      return fraction * 100;
    case 'tzoffset':
      return value.offsetMinutes;
    case 'iso_week':
      return isoWeek(value.days);
  }
  return unreachable(part);
}

/** 1 for the first day of the week; 0001-01-01 was a Monday. */
function weekdayOf(days: number, dateFirst: number): number {
  return ((days - (dateFirst - 1) + 7) % 7) + 1;
}

function weekOf(days: number, year: number, dateFirst: number): number {
  const newYear = daysOf(year, 1, 1);
  return Math.floor((days - newYear + weekdayOf(newYear, dateFirst) - 1) / 7) + 1;
}

function isoWeek(days: number): number {
  const thursday = days - (days % 7) + 3;
  return Math.floor((thursday - daysOf(partsOf(thursday).year, 1, 1)) / 7) + 1;
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Reads a part as text: months and weekdays by name. */
export function namePart(value: DateTime, part: DatePart, dateFirst: number): string {
  if (part === 'month') return monthName(partsOf(value.days).month);
  if (part === 'weekday') return WEEKDAYS[value.days % 7] ?? '';
  if (part !== 'tzoffset') return String(readPart(value, part, dateFirst));
  const minutes = Math.abs(value.offsetMinutes);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${value.offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Adds parts; a month that is too short gives its last day. */
export function addPart(value: DateTime, part: DatePart, amount: bigint): DateTime {
  const months = part === 'year' ? 12n : part === 'quarter' ? 3n : part === 'month' ? 1n : 0n;
  if (months > 0n) return addMonths(value, months * amount);
  if (part === 'nanosecond')
    return fromTicks(totalTicks(value) + amount / 100n, value.offsetMinutes);
  return fromTicks(totalTicks(value) + amount * ticksOf(part, 'dateadd'), value.offsetMinutes);
}

function ticksOf(part: DatePart, name: string): bigint {
  const ticks = TICKS[part];
  if (ticks === undefined) throw sqlError(9810, part, name, 'datetime2');
  return ticks;
}

function addMonths(value: DateTime, amount: bigint): DateTime {
  const { year, month, day } = partsOf(value.days);
  const total = BigInt(year * 12 + month - 1) + amount;
  if (total < 12n || total >= 120_000n) return { ...value, days: -1 };
  const newYear = Number(total / 12n);
  const newMonth = Number(total % 12n) + 1;
  return {
    ...value,
    days: daysOf(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth))),
  };
}

/** Counts the boundaries of a part between two dates. */
export function differenceOf(part: DatePart, start: DateTime, end: DateTime): bigint {
  const first = partsOf(start.days);
  const last = partsOf(end.days);
  const monthsBetween = (last.year - first.year) * 12 + last.month - first.month;
  switch (part) {
    case 'year':
      return BigInt(last.year - first.year);
    case 'quarter':
      return BigInt(
        (last.year - first.year) * 4 +
          Math.floor((last.month + 2) / 3) -
          Math.floor((first.month + 2) / 3),
      );
    case 'month':
      return BigInt(monthsBetween);
    case 'week':
      // Weeks begin on Sunday here, whatever DATEFIRST says.
      return BigInt(Math.floor((end.days + 1) / 7) - Math.floor((start.days + 1) / 7));
    case 'nanosecond':
      return (utcTicks(end) - utcTicks(start)) * 100n;
    case 'day':
    case 'dayofyear':
    case 'weekday':
    case 'hour':
    case 'minute':
    case 'second':
    case 'millisecond':
    case 'microsecond': {
      const unit = ticksOf(part, 'datediff');
      return totalInUtc(end) / unit - totalInUtc(start) / unit;
    }
    case 'tzoffset':
    case 'iso_week':
      throw sqlError(9806, part, 'datediff');
  }
  return unreachable(part);
}

function totalInUtc(value: DateTime): bigint {
  return utcTicks(value);
}

/** Cuts a date at a part (DATETRUNC). */
export function truncateTo(value: DateTime, part: DatePart, dateFirst: number): DateTime {
  const { year, month } = partsOf(value.days);
  const midnight = (days: number): DateTime => ({ ...value, days, ticks: 0 });
  switch (part) {
    case 'year':
      return midnight(daysOf(year, 1, 1));
    case 'quarter':
      return midnight(daysOf(year, month - ((month - 1) % 3), 1));
    case 'month':
      return midnight(daysOf(year, month, 1));
    case 'week':
      return midnight(value.days - weekdayOf(value.days, dateFirst) + 1);
    case 'iso_week':
      return midnight(value.days - (value.days % 7));
    case 'day':
    case 'dayofyear':
      return midnight(value.days);
    case 'hour':
    case 'minute':
    case 'second':
    case 'millisecond':
    case 'microsecond': {
      const unit = Number(ticksOf(part, 'datetrunc'));
      return { ...value, ticks: value.ticks - (value.ticks % unit) };
    }
    case 'weekday':
    case 'nanosecond':
    case 'tzoffset':
      throw sqlError(9810, part, 'datetrunc', 'datetime2');
  }
  return unreachable(part);
}

/** Parts that a type does not have (9810): times in date, days in time. */
export function requirePart(part: DatePart, type: SqlType, name: string): void {
  const timePart =
    part === 'hour' ||
    part === 'minute' ||
    part === 'second' ||
    part === 'millisecond' ||
    part === 'microsecond' ||
    part === 'nanosecond';
  if ((type.kind === 'date' && timePart) || (type.kind === 'time' && !timePart)) {
    throw sqlError(9810, part, name, type.kind);
  }
}
