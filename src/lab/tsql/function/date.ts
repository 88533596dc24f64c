/** Date and time functions ("Date and time data types and functions", Microsoft Learn). The lab's servers run in UTC. */

import type { DateTime, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import {
  checkedDays,
  dateTime,
  daysInMonth,
  daysOf,
  fitDate,
  fromUnixMilliseconds,
  partsOf,
  TICKS_PER_SECOND,
} from '../value/calendar.ts';
import { convert } from '../value/convert.ts';
import { isString, typeFamily } from '../value/type.ts';
import { addPart, differenceOf, namePart, readPart, requirePart, truncateTo } from './date-part.ts';
import type { DatePart } from './date-part.ts';
import { BIGINT, date, INT, lenient, strict, text, whole } from './define.ts';
import type { Argument, FunctionTable } from './define.ts';
import type { ScalarContext, ScalarFunction } from './scalar.ts';

const DATETIME: SqlType = { kind: 'datetime' };
const DATETIME2: SqlType = { kind: 'datetime2', scale: 7 };
const OFFSET: SqlType = { kind: 'datetimeoffset', scale: 7 };

function now(type: SqlType): ScalarFunction {
  return lenient({ count: [0, 0], type, evaluate: (_list, context) => current(context, type) });
}

function current(context: ScalarContext, type: SqlType): SqlValue {
  return fitDate(fromUnixMilliseconds(context.statementTime), type) ?? null;
}

function partOf(argument: Argument | undefined): DatePart {
  return text(argument) as DatePart;
}

/** Type in which a date argument is read: dates keep theirs, strings and numbers become datetime or datetime2. */
function dateTypeOf(type: SqlType | undefined, fallback: SqlType): SqlType {
  return type !== undefined && typeFamily(type) === 'date' ? type : fallback;
}

function readingType(type: SqlType | undefined): SqlType {
  return type !== undefined && isString(type) ? OFFSET : dateTypeOf(type, DATETIME);
}

function dateAdd(list: readonly Argument[]): SqlValue {
  const type = dateTypeOf(list[2]?.type, DATETIME);
  const part = partOf(list[0]);
  requirePart(part, type, 'dateadd');
  const amount = whole(list[1]);
  const moved = addPart(date(list[2], type), part, BigInt(Math.trunc(amount)));
  const result = type.kind === 'time' ? dateTime(0, moved.ticks) : fitDate(moved, type);
  if (result === undefined || result.days < 0) throw sqlError(517, type.kind);
  return result;
}

function difference(list: readonly Argument[], big: boolean): SqlValue {
  const start = date(list[1], readingType(list[1]?.type));
  const end = date(list[2], readingType(list[2]?.type));
  const name = big ? 'datediff_big' : 'datediff';
  const count = differenceOf(partOf(list[0]), start, end);
  if (big) return count;
  if (count > 2_147_483_647n || count < -2_147_483_648n) throw sqlError(535, name, name);
  return Number(count);
}

function datePart(list: readonly Argument[], context: ScalarContext): SqlValue {
  return read(list[1], partOf(list[0]), context);
}

function read(argument: Argument | undefined, part: DatePart, context: ScalarContext): number {
  const type = readingType(argument?.type);
  requirePart(part, argument?.type ?? type, 'datepart');
  return readPart(date(argument, type), part, context.options.dateFirst);
}

function reader(part: DatePart): ScalarFunction {
  return strict({
    count: [1, 1],
    type: INT,
    evaluate: (list, context) => read(list[0], part, context),
  });
}

function endOfMonth(list: readonly Argument[]): SqlValue {
  const value = date(list[0], { kind: 'date' });
  const moved = addPart({ ...value, ticks: 0 }, 'month', BigInt(whole(list[1], 0)));
  if (moved.days < 0) throw sqlError(517, 'date');
  const { year, month } = partsOf(moved.days);
  return dateTime(daysOf(year, month, daysInMonth(year, month)), 0);
}

function fromParts(list: readonly Argument[], timeAt: number, digits: number): DateTime {
  const [year = 0, month = 0, day = 0] = list.slice(0, 3).map((argument) => whole(argument));
  const days = checkedDays(year, month, day);
  if (days === undefined) throw sqlError(289, timeAt < 0 ? 'date' : 'datetime');
  if (timeAt < 0) return dateTime(days, 0);
  const [hour = 0, minute = 0, second = 0, fraction = 0] = list
    .slice(timeAt, timeAt + 4)
    .map((argument) => whole(argument));
  if (
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    fraction >= 10 ** digits ||
    [hour, minute, second, fraction].some((one) => one < 0)
  ) {
    throw sqlError(289, 'datetime');
  }
  return dateTime(
    days,
    (hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND + fraction * 10 ** (7 - digits),
  );
}

/** The date and time functions. */
export const dateFunctions: FunctionTable = {
  GETDATE: now(DATETIME),
  GETUTCDATE: now(DATETIME),
  CURRENT_TIMESTAMP: now(DATETIME),
  SYSDATETIME: now(DATETIME2),
  SYSUTCDATETIME: now(DATETIME2),
  SYSDATETIMEOFFSET: now(OFFSET),
  DATEADD: strict({
    count: [3, 3],
    type: (types) => dateTypeOf(types[2], DATETIME),
    evaluate: dateAdd,
  }),
  DATEDIFF: strict({ count: [3, 3], type: INT, evaluate: (list) => difference(list, false) }),
  DATEDIFF_BIG: strict({ count: [3, 3], type: BIGINT, evaluate: (list) => difference(list, true) }),
  DATEPART: strict({ count: [2, 2], type: INT, evaluate: datePart }),
  DATENAME: strict({
    count: [2, 2],
    type: { kind: 'nvarchar', length: 30 },
    evaluate: (list, context) =>
      namePart(
        date(list[1], readingType(list[1]?.type)),
        partOf(list[0]),
        context.options.dateFirst,
      ),
  }),
  DATETRUNC: strict({
    count: [2, 2],
    type: (types) => dateTypeOf(types[1], DATETIME2),
    evaluate: (list, context) =>
      truncateTo(
        date(list[1], dateTypeOf(list[1]?.type, DATETIME2)),
        partOf(list[0]),
        context.options.dateFirst,
      ),
  }),
  YEAR: reader('year'),
  MONTH: reader('month'),
  DAY: reader('day'),
  EOMONTH: strict({ count: [1, 2], type: { kind: 'date' }, evaluate: endOfMonth }),
  DATEFROMPARTS: strict({
    count: [3, 3],
    type: { kind: 'date' },
    evaluate: (list) => fromParts(list, -1, 0),
  }),
  DATETIMEFROMPARTS: strict({
    count: [7, 7],
    type: DATETIME,
    evaluate: (list) => fitDate(fromParts(list, 3, 3), DATETIME) ?? null,
  }),
  DATETIME2FROMPARTS: strict({
    count: [8, 8],
    type: DATETIME2,
    evaluate: (list) => fromParts(list, 3, whole(list[7])),
  }),
  ISDATE: lenient({
    count: [1, 1],
    type: INT,
    evaluate: ([argument]) => {
      if (argument === undefined || argument.value === null) return 0;
      return convert({ value: argument.value, from: argument.type, to: DATETIME }).ok ? 1 : 0;
    },
  }),
  SWITCHOFFSET: strict({
    count: [2, 2],
    type: OFFSET,
    evaluate: (list) => {
      const value = date(list[0], OFFSET);
      const offset =
        list[1] !== undefined && isString(list[1].type) ? offsetOf(text(list[1])) : whole(list[1]);
      const moved = addPart(
        { ...value, offsetMinutes: 0 },
        'minute',
        BigInt(offset - value.offsetMinutes),
      );
      return { ...moved, offsetMinutes: offset };
    },
  }),
  TODATETIMEOFFSET: strict({
    count: [2, 2],
    type: OFFSET,
    evaluate: (list) => {
      const offset =
        list[1] !== undefined && isString(list[1].type) ? offsetOf(text(list[1])) : whole(list[1]);
      return { ...date(list[0], DATETIME2), offsetMinutes: offset };
    },
  }),
};

function offsetOf(source: string): number {
  const match = /^([+-])(\d{1,2}):(\d{2})$/u.exec(source.trim());
  if (match === null) throw sqlError(9812);
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
