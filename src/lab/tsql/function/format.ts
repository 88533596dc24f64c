/** FORMAT: the common .NET patterns for numbers and dates, invariant English. Others raise 49901. */

import type { DateTime, SqlType } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import { NOT_SIMULATED } from '../message-table.ts';
import { partsOf, TICKS_PER_SECOND } from '../value/calendar.ts';
import { isDateTime, isDecimal } from '../value/convert-number.ts';
import { convertOrThrow } from '../value/convert.ts';
import { monthName } from '../value/date-text.ts';
import { formatDecimal, numberToDecimal, rescale } from '../value/decimal.ts';
import type { Argument, FunctionTable } from './define.ts';
import { strict, text } from './define.ts';

/** FORMAT(value, pattern [, culture]). */
export const formatFunctions: FunctionTable = {
  FORMAT: strict({
    count: [2, 3],
    type: { kind: 'nvarchar', length: 4000 },
    evaluate: ([value, pattern, culture]) => {
      // Only English is there; the invariant culture prints the same for these patterns.
      const name = culture === undefined ? 'en-US' : text(culture);
      if (!/^(?:en(?:-US)?|iv)?$/iu.test(name))
        throw sqlError(NOT_SIMULATED, `FORMAT in the culture ${name}`);
      return format(value, text(pattern));
    },
  }),
};

function format(argument: Argument | undefined, pattern: string): string {
  if (argument === undefined) return '';
  if (isDateTime(argument.value)) return formatDatePattern(argument.value, pattern);
  return formatNumber(argument, pattern);
}

function notSimulated(pattern: string): Error {
  return sqlError(NOT_SIMULATED, `FORMAT with the pattern ${pattern}`);
}

const STANDARD_DATES: Readonly<Record<string, string | undefined>> = {
  d: 'M/d/yyyy',
  D: 'dddd, MMMM d, yyyy',
  g: 'M/d/yyyy h:mm tt',
  G: 'M/d/yyyy h:mm:ss tt',
  s: 'yyyy-MM-ddTHH:mm:ss',
  u: 'yyyy-MM-dd HH:mm:ssZ',
  t: 'h:mm tt',
  T: 'h:mm:ss tt',
  y: 'MMMM yyyy',
  M: 'MMMM d',
  m: 'MMMM d',
};

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

function formatDatePattern(value: DateTime, pattern: string): string {
  const full = pattern.length === 1 ? STANDARD_DATES[pattern] : pattern;
  if (full === undefined) throw notSimulated(pattern);
  return full.replaceAll(
    /'([^']*)'|\\(.)|([yMdHhmsft])\3*/gu,
    (run: string, quoted: string | undefined, escaped: string | undefined) =>
      quoted ?? escaped ?? datePiece(value, run),
  );
}

function datePiece(value: DateTime, run: string): string {
  const { year, month, day } = partsOf(value.days);
  const seconds = Math.floor(value.ticks / TICKS_PER_SECOND);
  const hour = Math.floor(seconds / 3600);
  const pad = (number: number): string => String(number).padStart(Math.min(run.length, 2), '0');
  switch (run.charAt(0)) {
    case 'y':
      return run.length <= 2 ? pad(year % 100) : String(year).padStart(run.length, '0');
    case 'M':
      return run.length >= 4
        ? monthName(month)
        : run.length === 3
          ? monthName(month).slice(0, 3)
          : pad(month);
    case 'd': {
      const name = WEEKDAYS[value.days % 7] ?? '';
      return run.length >= 4 ? name : run.length === 3 ? name.slice(0, 3) : pad(day);
    }
    case 'H':
      return pad(hour);
    case 'h':
      return pad(hour % 12 === 0 ? 12 : hour % 12);
    case 'm':
      return pad(Math.floor(seconds / 60) % 60);
    case 's':
      return pad(seconds % 60);
    case 'f':
      return String(value.ticks % TICKS_PER_SECOND)
        .padStart(7, '0')
        .slice(0, run.length);
    case 't':
      return (hour < 12 ? 'AM' : 'PM').slice(0, run.length);
    default:
      return run;
  }
}

const DECIMAL: SqlType = { kind: 'decimal', precision: 38, scale: 10 };

/** The number with a fixed count of decimals, exact for exact types. */
function fixed(argument: Argument, decimals: number): string {
  const { value } = argument;
  if (isDecimal(value)) return formatDecimal(rescale(value, decimals));
  if (typeof value === 'number') return formatDecimal(numberToDecimal(value, decimals));
  const converted = convertOrThrow({ value, from: argument.type, to: DECIMAL });
  return isDecimal(converted) ? formatDecimal(rescale(converted, decimals)) : '';
}

function group(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/gu, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function formatNumber(argument: Argument, pattern: string): string {
  const standard = /^([CDFGNPXcdfgnpx])(\d{0,2})$/u.exec(pattern);
  if (standard === null) return formatCustom(argument, pattern);
  const letter = (standard[1] ?? '').toUpperCase();
  const digits = standard[2] === '' ? undefined : Number(standard[2]);
  switch (letter) {
    case 'N':
      return group(fixed(argument, digits ?? 2));
    case 'F':
      return fixed(argument, digits ?? 2);
    case 'C': {
      const amount = group(fixed(argument, digits ?? 2));
      return amount.startsWith('-') ? `($${amount.slice(1)})` : `$${amount}`;
    }
    case 'D': {
      const whole = fixed(argument, 0);
      return whole.startsWith('-')
        ? `-${whole.slice(1).padStart(digits ?? 0, '0')}`
        : whole.padStart(digits ?? 0, '0');
    }
    case 'P': {
      const hundredfold = formatDecimal(
        rescale(
          { kind: 'decimal', unscaled: BigInt(fixed(argument, 10).replace('.', '')), scale: 8 },
          digits ?? 2,
        ),
      );
      return `${group(hundredfold)}%`;
    }
    case 'X': {
      const hex = BigInt.asUintN(64, BigInt(fixed(argument, 0))).toString(16);
      const cased = standard[1] === 'X' ? hex.toUpperCase() : hex;
      return cased.padStart(digits ?? 0, '0');
    }
    default:
      throw notSimulated(pattern);
  }
}

/** `#,##0.00` and `000`: digits, one point, grouping. */
function formatCustom(argument: Argument, pattern: string): string {
  const match = /^([#0,]*)(?:\.(0*)(#*))?$/u.exec(pattern);
  if (match === null || pattern === '') throw notSimulated(pattern);
  const [, whole = '', zeros = '', optional = ''] = match;
  const text = fixed(argument, zeros.length + optional.length);
  const negative = text.startsWith('-');
  const [digits = '', fraction = ''] = text.replace('-', '').split('.');
  const least = whole.replaceAll(/[#,]/gu, '').length;
  const padded = (digits === '0' && least === 0 ? '' : digits).padStart(least, '0');
  const kept = fraction.slice(0, zeros.length) + fraction.slice(zeros.length).replace(/0+$/u, '');
  const body = whole.includes(',') ? group(padded) : padded;
  return `${negative ? '-' : ''}${body}${kept === '' ? '' : `.${kept}`}`;
}
