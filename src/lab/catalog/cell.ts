/**
 * Turns the plain values that rows are written with into the values of the column's type.
 *
 * Rows of the catalog are objects of plain values, so that a row reads like the page it follows;
 * times are milliseconds since 1970 UTC (the lab's servers stand in UTC), LSNs are bigints.
 */

import { AssertionError } from '../../base/assert.ts';
import type { DateTime, SqlType, SqlValue, Variant } from '../../tds/sql-type.ts';

/** A value as a row builder writes it. */
export type PlainValue = null | boolean | number | bigint | string | Uint8Array | Variant;

/** A row by column name; a column that is not written is NULL. */
export type PlainRow = Readonly<Record<string, PlainValue | undefined>>;

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';
const DAY_MS = 86_400_000;
const TICKS_PER_MS = 10_000;
/** Days from 0001-01-01 to 1970-01-01. */
const UNIX_EPOCH_DAYS = 719_162;
/** `datetime` counts in 1/300 of a second. */
const DATETIME_STEPS_PER_SECOND = 300;
const TICKS_PER_SECOND = 10_000_000;

/** The value of a column, or NULL. */
export function cell(type: SqlType, value: PlainValue | undefined): SqlValue {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'bigint': {
      return typeof value === 'number' ? BigInt(Math.round(value)) : value;
    }
    case 'numeric':
    case 'decimal': {
      return typeof value === 'bigint' || typeof value === 'number'
        ? {
            kind: 'decimal',
            unscaled: BigInt(value) * 10n ** BigInt(type.scale),
            scale: type.scale,
          }
        : wrong(type, value);
    }
    case 'datetime': {
      return typeof value === 'number' ? datetimeValue(value) : wrong(type, value);
    }
    case 'datetimeoffset': {
      return typeof value === 'number' ? exactTime(value) : wrong(type, value);
    }
    case 'bit': {
      return typeof value === 'boolean' ? value : wrong(type, value);
    }
    case 'char':
    case 'nchar': {
      return typeof value === 'string' && type.length !== 'max'
        ? value.padEnd(type.length)
        : wrong(type, value);
    }
    case 'uniqueidentifier': {
      return typeof value === 'string' ? value.toUpperCase() : wrong(type, value);
    }
    case 'nvarchar':
    case 'varchar': {
      return typeof value === 'string' ? clipped(value, type.length) : wrong(type, value);
    }
    case 'sql_variant': {
      return typeof value === 'object' && 'kind' in value ? value : wrong(type, value);
    }
    default: {
      return value;
    }
  }
}

/** What a NOT NULL column holds that nobody measures. */
export function zeroOf(type: SqlType): PlainValue {
  switch (type.kind) {
    case 'bit':
      return false;
    case 'char':
    case 'nchar':
    case 'varchar':
    case 'nvarchar':
      return '';
    case 'uniqueidentifier':
      return ZERO_GUID;
    case 'binary':
    case 'varbinary':
      return new Uint8Array(type.kind === 'binary' && type.length !== 'max' ? type.length : 0);
    default:
      return 0;
  }
}

/** `datetime` of a moment in milliseconds since 1970 UTC, rounded to 1/300 s as the type does. */
export function datetimeValue(unixMs: number): DateTime {
  const days = Math.floor(unixMs / DAY_MS);
  const msOfDay = unixMs - days * DAY_MS;
  const steps = Math.round((msOfDay * DATETIME_STEPS_PER_SECOND) / 1000);
  const ticks = Math.round((steps * TICKS_PER_SECOND) / DATETIME_STEPS_PER_SECOND);
  return ticks >= DAY_MS * TICKS_PER_MS
    ? { kind: 'datetime', days: days + 1 + UNIX_EPOCH_DAYS, ticks: 0, offsetMinutes: 0 }
    : { kind: 'datetime', days: days + UNIX_EPOCH_DAYS, ticks, offsetMinutes: 0 };
}

function exactTime(unixMs: number): DateTime {
  const days = Math.floor(unixMs / DAY_MS);
  const ticks = Math.round((unixMs - days * DAY_MS) * TICKS_PER_MS);
  return { kind: 'datetime', days: days + UNIX_EPOCH_DAYS, ticks, offsetMinutes: 0 };
}

function clipped(value: string, length: number | 'max'): string {
  return length === 'max' ? value : value.slice(0, length);
}

function wrong(type: SqlType, value: PlainValue): never {
  throw new AssertionError(`${typeof value} in a column of type ${type.kind}`);
}
