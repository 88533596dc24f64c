/** Dates from character strings, and to character strings in the styles of CONVERT ("CAST and CONVERT", Microsoft Learn). */

import type { DateTime, SqlType } from '../../../tds/sql-type.ts';
import {
  checkedDays,
  DAY_1900,
  dateTime,
  fromTicks,
  partsOf,
  TICKS_PER_SECOND,
  totalTicks,
} from './calendar.ts';
import { hijriOf } from './hijri.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Name of a month, 1 to 12. */
export function monthName(month: number): string {
  return MONTHS[month - 1] ?? '';
}

/** Why a string is no date: wrong form (241) or a day that does not exist (242). */
export type DateTextFault = 'syntax' | 'range';

const TIME = String.raw`(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.:](\d{1,9}))?)?)?\s*([AaPp][Mm])?`;
const OFFSET = String.raw`(?:\s*(Z|[+-]\d{1,2}:\d{2}))?`;
const TIME_TAIL = String.raw`(?:(?:\s+|T)${TIME}${OFFSET})?\s*$`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${TIME_TAIL}`, 'u');
const COMPACT = new RegExp(String.raw`^(\d{4}|\d{2})(\d{2})(\d{2})${TIME_TAIL}`, 'u');
const YEAR_ONLY = /^(\d{4})\s*$/u;
const NUMERIC = new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})${TIME_TAIL}`, 'u');
const MONTH_FIRST = new RegExp(
  String.raw`^([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:,\s*|\s+)(\d{4}|\d{2})${TIME_TAIL}`,
  'u',
);
const DAY_FIRST = new RegExp(
  String.raw`^(\d{1,2})[\s-]+([A-Za-z]{3,9})\.?[\s,-]+(\d{4}|\d{2})${TIME_TAIL}`,
  'u',
);
const TIME_ONLY = new RegExp(String.raw`^${TIME}${OFFSET}\s*$`, 'u');

/** Styles in which the day comes before the month. */
const DAY_MONTH_STYLES = new Set([3, 4, 5, 103, 104, 105]);

/** Reads a date and time; an empty string is 1900-01-01. */
export function parseDateText(text: string, style: number): DateTime | DateTextFault {
  const trimmed = text.trim();
  if (trimmed === '') return dateTime(DAY_1900, 0);
  let match = YEAR_FIRST.exec(trimmed);
  if (match !== null) return compose(match, [match[1], match[2], match[3]]);
  match = COMPACT.exec(trimmed);
  if (match !== null) return compose(match, [match[1], match[2], match[3]]);
  match = YEAR_ONLY.exec(trimmed);
  if (match !== null) return compose(null, [match[1], '1', '1']);
  match = NUMERIC.exec(trimmed);
  if (match !== null) {
    const [month, day] = DAY_MONTH_STYLES.has(style) ? [match[2], match[1]] : [match[1], match[2]];
    return compose(match, [match[3], month, day]);
  }
  match = MONTH_FIRST.exec(trimmed);
  if (match !== null) return compose(match, [match[3], monthNumber(match[1]), match[2]]);
  match = DAY_FIRST.exec(trimmed);
  if (match !== null) return compose(match, [match[3], monthNumber(match[2]), match[1]]);
  match = TIME_ONLY.exec(trimmed);
  if (match === null || (!trimmed.includes(':') && match[5] === undefined)) return 'syntax';
  return compose([...Array<string | undefined>(3), ...match], ['1900', '1', '1']);
}

function monthNumber(name: string | undefined): string | undefined {
  const lower = (name ?? '').toLowerCase();
  const index = MONTHS.findIndex(
    (month) => month.toLowerCase() === lower || month.slice(0, 3).toLowerCase() === lower,
  );
  return index < 0 ? undefined : String(index + 1);
}

type Texts = readonly (string | undefined)[];

/** Puts date texts and the time groups 4 to 9 of a match together. */
function compose(match: Texts | null, date: Texts): DateTime | DateTextFault {
  const [yearText, month, day] = date;
  if (yearText === undefined || month === undefined || day === undefined) return 'syntax';
  const year =
    yearText.length === 2
      ? Number(yearText) + (Number(yearText) < 50 ? 2000 : 1900)
      : Number(yearText);
  const days = checkedDays(year, Number(month), Number(day));
  if (days === undefined) return 'range';
  const ticks = match === null ? 0 : timeTicks(match);
  if (ticks === undefined) return 'range';
  const offset = parseOffset(match?.[9]);
  return offset === undefined ? 'range' : dateTime(days, ticks, offset);
}

function timeTicks(match: Texts): number | undefined {
  const [, , , , hourText, minuteText = '0', secondText = '0', fraction = '', meridiem] = match;
  if (hourText === undefined) return 0;
  let hour = Number(hourText);
  const minute = Number(minuteText);
  const second = Number(secondText);
  if (meridiem !== undefined) {
    if (hour > 12) return undefined;
    hour = (hour % 12) + (meridiem.toUpperCase() === 'PM' ? 12 : 0);
  }
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const ticks = Number(fraction.slice(0, 7).padEnd(7, '0'));
  return (hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND + ticks;
}

function parseOffset(text: string | undefined): number | undefined {
  if (text === undefined || text === 'Z') return 0;
  const [hours = '0', minutes = '0'] = text.slice(1).split(':');
  const total = Number(hours) * 60 + Number(minutes);
  if (total > 840 || Number(minutes) > 59) return undefined;
  return text.startsWith('-') ? -total : total;
}

/** Prints a value in a style; undefined for a style that does not exist (281). */
export function formatDate(value: DateTime, type: SqlType, style: number): string | undefined {
  if (type.kind === 'time') return formatTime(value, type, style);
  const text = new DateTextParts(value, type);
  switch (style) {
    case 0:
    case 100:
      return type.kind === 'date'
        ? `${text.mon} ${text.day} ${text.year}`
        : `${text.mon} ${text.day} ${text.year} ${text.clock12}${text.zone}`;
    case 9:
    case 109:
      return type.kind === 'date'
        ? `${text.mon} ${text.day} ${text.year}`
        : `${text.mon} ${text.day} ${text.year} ${text.clock12Long}${text.zone}`;
    case 8:
    case 24:
    case 108:
      return text.clock;
    case 13:
    case 113:
      return `${text.dd} ${text.mon} ${text.year} ${text.clock}${text.fraction(':')}${text.zone}`;
    case 14:
    case 114:
      return `${text.clock}${text.fraction(':')}`;
    case 20:
    case 120:
      return type.kind === 'date' ? text.iso : `${text.iso} ${text.clock}${text.zone}`;
    case 21:
    case 25:
    case 121:
      return type.kind === 'date'
        ? text.iso
        : `${text.iso} ${text.clock}${text.fraction('.')}${text.zone}`;
    case 126:
      return type.kind === 'date'
        ? text.iso
        : `${text.iso}T${text.clock}${text.isoFraction}${text.zone.trim()}`;
    case 127: {
      if (type.kind === 'date') return text.iso;
      const utc = new DateTextParts(
        fromTicks(totalTicks(value) - BigInt(value.offsetMinutes) * 600_000_000n),
        type,
      );
      return `${utc.iso}T${utc.clock}${utc.isoFraction}Z`;
    }
    case 130:
    case 131:
      return formatHijri(value, text, style);
    default:
      return formatDay(text, style);
  }
}

/** Styles of the Hijri calendar, day first. */
function formatHijri(value: DateTime, text: DateTextParts, style: 130 | 131): string | undefined {
  const hijri = hijriOf(value.days);
  if (hijri === undefined) return undefined;
  const day = String(hijri.day).padStart(2);
  const date =
    style === 130
      ? `${day} ${hijri.monthName} ${hijri.year}`
      : `${day}/${String(hijri.month).padStart(2, '0')}/${hijri.year}`;
  return `${date} ${text.clock12Long}`;
}

/** Styles without a time of day. */
function formatDay(text: DateTextParts, style: number): string | undefined {
  const year = style >= 100 ? text.year : text.year.slice(2);
  switch (style % 100) {
    case 1:
      return `${text.mm}/${text.dd}/${year}`;
    case 2:
      return `${year}.${text.mm}.${text.dd}`;
    case 3:
      return `${text.dd}/${text.mm}/${year}`;
    case 4:
      return `${text.dd}.${text.mm}.${year}`;
    case 5:
      return `${text.dd}-${text.mm}-${year}`;
    case 6:
      return `${text.dd} ${text.mon} ${year}`;
    case 7:
      return `${text.mon} ${text.dd}, ${year}`;
    case 10:
      return `${text.mm}-${text.dd}-${year}`;
    case 11:
      return `${year}/${text.mm}/${text.dd}`;
    case 12:
      return `${year}${text.mm}${text.dd}`;
    case 23:
      return style === 23 ? text.iso : undefined;
    default:
      return undefined;
  }
}

function formatTime(value: DateTime, type: SqlType, style: number): string | undefined {
  const text = new DateTextParts(value, type);
  switch (style) {
    case 0:
    case 100:
      return text.clock12.trimStart();
    case 9:
    case 109:
      return text.clock12Long.trimStart();
    case 8:
    case 24:
    case 108:
    case 20:
    case 120:
      return text.clock;
    case 13:
    case 113:
    case 14:
    case 114:
    case 21:
    case 25:
    case 121:
    case 126:
    case 127:
      return `${text.clock}${text.fraction('.')}`;
    default:
      return undefined;
  }
}

/** Pieces of a printed date. */
class DateTextParts {
  readonly year: string;
  readonly mm: string;
  readonly dd: string;
  /** Day padded with a blank. */
  readonly day: string;
  /** Month in three letters. */
  readonly mon: string;
  readonly #value: DateTime;
  readonly #type: SqlType;

  constructor(value: DateTime, type: SqlType) {
    const parts = partsOf(value.days);
    this.#value = value;
    this.#type = type;
    this.year = String(parts.year).padStart(4, '0');
    this.mm = two(parts.month);
    this.dd = two(parts.day);
    this.day = String(parts.day).padStart(2);
    this.mon = monthName(parts.month).slice(0, 3);
  }

  get iso(): string {
    return `${this.year}-${this.mm}-${this.dd}`;
  }

  get #seconds(): number {
    return Math.floor(this.#value.ticks / TICKS_PER_SECOND);
  }

  get clock(): string {
    const seconds = this.#seconds;
    return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  }

  /** ` 9:25PM`, the hour padded with a blank. */
  get clock12(): string {
    const hour = Math.floor(this.#seconds / 3600);
    return `${String(hour % 12 === 0 ? 12 : hour % 12).padStart(2)}:${this.clock.slice(3, 5)}${hour < 12 ? 'AM' : 'PM'}`;
  }

  get clock12Long(): string {
    const short = this.clock12;
    return `${short.slice(0, 5)}:${this.clock.slice(6)}${this.fraction(':')}${short.slice(5)}`;
  }

  /** Fraction of the type's own length; the old types print milliseconds behind the given separator. */
  fraction(separator: '.' | ':'): string {
    const ticks = String(this.#value.ticks % TICKS_PER_SECOND).padStart(7, '0');
    if ('scale' in this.#type)
      return this.#type.scale === 0 ? '' : `.${ticks.slice(0, this.#type.scale)}`;
    return this.#type.kind === 'date' ? '' : `${separator}${ticks.slice(0, 3)}`;
  }

  /** ISO 8601 leaves a zero fraction of the old types out. */
  get isoFraction(): string {
    return !('scale' in this.#type) && this.#value.ticks % TICKS_PER_SECOND === 0
      ? ''
      : this.fraction('.');
  }

  /** ` +02:00` for datetimeoffset. */
  get zone(): string {
    if (this.#type.kind !== 'datetimeoffset') return '';
    const minutes = Math.abs(this.#value.offsetMinutes);
    return ` ${this.#value.offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
