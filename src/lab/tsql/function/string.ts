/** String functions ("String functions", Microsoft Learn). Positions count from 1, in UTF-16 units. */

import type { SqlType } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import { patternIndex } from '../value/like.ts';
import { isUnicode, maxLength, typeFamily } from '../value/type.ts';
import {
  float,
  INT,
  lenient,
  sameString,
  strict,
  stringLike,
  SYSNAME,
  text,
  textLength,
  whole,
} from './define.ts';
import type { Argument, FunctionTable } from './define.ts';
import { bytesOf } from './digest.ts';
import type { ScalarFunction } from './scalar.ts';

/** Position functions are bigint for max types. */
function positionType(types: readonly SqlType[]): SqlType {
  return types.some((type) => maxLength(type) === -1) ? { kind: 'bigint' } : INT;
}

function position(value: number, types: readonly SqlType[]): number | bigint {
  return positionType(types).kind === 'bigint' ? BigInt(value) : value;
}

function dataLength([argument]: readonly Argument[]): number {
  if (argument === undefined) return 0;
  const { value, type } = argument;
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'variant')
    return dataLength([value]);
  const family = typeFamily(type);
  if (family === 'string' || family === 'binary' || family === 'xml')
    return bytesOf(argument).length;
  return maxLength(type);
}

function indexOf(list: readonly Argument[], fold: (part: string) => string): number {
  const needle = fold(text(list[0]));
  const haystack = fold(text(list[1]));
  const start = Math.max(1, whole(list[2], 1));
  return needle === '' ? 0 : haystack.indexOf(needle, start - 1) + 1;
}

/** Replaces without regard to case. */
function replaceAll(source: string, search: string, replacement: string): string {
  if (search === '') return source;
  const folded = source.toLowerCase();
  const needle = search.toLowerCase();
  let result = '';
  let from = 0;
  for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, from)) {
    result += source.slice(from, at) + replacement;
    from = at + needle.length;
  }
  return result + source.slice(from);
}

/** Longest string a function gives back when its length is not known before. */
const LONGEST = 8000;

function substring(list: readonly Argument[]) {
  const start = whole(list[1]);
  const length = whole(list[2]);
  if (length < 0) throw sqlError(537);
  const from = Math.max(1, start);
  const end = Math.max(from, start + length);
  const source = list[0];
  if (source?.value instanceof Uint8Array) return source.value.slice(from - 1, end - 1);
  return text(source).slice(from - 1, end - 1);
}

function substringType(types: readonly SqlType[]): SqlType {
  const [first] = types;
  return first !== undefined && typeFamily(first) === 'binary'
    ? { kind: 'varbinary', length: textLength(first) }
    : sameString(types);
}

function stuff(list: readonly Argument[]): string | null {
  const source = text(list[0]);
  const start = whole(list[1]);
  const length = whole(list[2]);
  if (start < 1 || start > source.length || length < 0) return null;
  return source.slice(0, start - 1) + text(list[3]) + source.slice(start - 1 + length);
}

function quoteName(list: readonly Argument[]): string | null {
  const name = text(list[0]);
  const quote = list[1] === undefined ? '[' : text(list[1]).charAt(0);
  const pair = (
    {
      '[': '[]',
      ']': '[]',
      '"': '""',
      "'": "''",
      '(': '()',
      ')': '()',
      '<': '<>',
      '>': '<>',
      '{': '{}',
      '}': '{}',
      '`': '``',
    } as const
  )[quote];
  if (pair === undefined || name.length > 128) return null;
  const close = pair.charAt(1);
  return pair.charAt(0) + name.replaceAll(close, close + close) + close;
}

function trimSet(list: readonly Argument[]): string {
  const characters = list[1] === undefined ? ' ' : text(list[1]);
  const source = text(list[0]);
  let start = 0;
  let end = source.length;
  while (start < end && characters.includes(source.charAt(start))) start += 1;
  while (end > start && characters.includes(source.charAt(end - 1))) end -= 1;
  return source.slice(start, end);
}

/** STR: rounded, right-aligned; stars when it does not fit. */
function str(list: readonly Argument[]): string {
  const length = whole(list[1], 10);
  const decimals = Math.min(16, Math.max(0, whole(list[2], 0)));
  const rounded = float(list[0]).toFixed(decimals);
  const fitting =
    rounded.length > length && rounded.includes('.')
      ? rounded.slice(0, Math.max(rounded.indexOf('.'), length))
      : rounded;
  return fitting.length > length ? '*'.repeat(length) : fitting.padStart(length);
}

function concatType(types: readonly SqlType[]): SqlType {
  let total: number | 'max' = 0;
  for (const type of types) {
    const length = textLength(type);
    total = total === 'max' || length === 'max' ? 'max' : total + length;
  }
  return stringLike(types.some(isUnicode) ? SYSNAME : undefined, total);
}

function concatWithSeparator(list: readonly Argument[]): string {
  const separator = text(list[0]);
  return list
    .slice(1)
    .filter((argument) => argument.value !== null)
    .map(text)
    .join(separator);
}

const fromFirst = sameString;

/** The string functions. */
export const stringFunctions: FunctionTable = {
  LEN: strict({
    count: [1, 1],
    type: positionType,
    evaluate: (list) =>
      position(
        text(list[0]).replace(/ +$/u, '').length,
        list.map((argument) => argument.type),
      ),
  }),
  DATALENGTH: strict({
    count: [1, 1],
    type: positionType,
    evaluate: (list) =>
      position(
        dataLength(list),
        list.map((argument) => argument.type),
      ),
  }),
  LEFT: strict({
    count: [2, 2],
    type: fromFirst,
    evaluate: (list) => {
      const length = whole(list[1]);
      if (length < 0) throw sqlError(536, 'left');
      return text(list[0]).slice(0, length);
    },
  }),
  RIGHT: strict({
    count: [2, 2],
    type: fromFirst,
    evaluate: (list) => {
      const length = whole(list[1]);
      if (length < 0) throw sqlError(536, 'right');
      return length === 0 ? '' : text(list[0]).slice(-length);
    },
  }),
  SUBSTRING: strict({
    count: [2, 3],
    type: substringType,
    evaluate: (list) =>
      substring(list.length === 2 ? [...list, { value: 2_147_483_647, type: INT }] : list),
  }),
  CHARINDEX: strict({
    count: [2, 3],
    type: (types) => positionType(types.slice(0, 2)),
    evaluate: (list) =>
      position(
        indexOf(list, (part) => part.toLowerCase()),
        list.slice(0, 2).map((argument) => argument.type),
      ),
  }),
  PATINDEX: strict({
    count: [2, 2],
    type: positionType,
    evaluate: (list) =>
      position(
        patternIndex(text(list[0]), text(list[1])),
        list.map((argument) => argument.type),
      ),
  }),
  REPLACE: strict({
    count: [3, 3],
    type: (types) =>
      stringLike(
        types.some(isUnicode) ? SYSNAME : undefined,
        types[0] !== undefined && textLength(types[0]) === 'max' ? 'max' : LONGEST,
      ),
    evaluate: (list) => replaceAll(text(list[0]), text(list[1]), text(list[2])),
  }),
  UPPER: strict({
    count: [1, 1],
    type: fromFirst,
    evaluate: (list) => text(list[0]).toUpperCase(),
  }),
  LOWER: strict({
    count: [1, 1],
    type: fromFirst,
    evaluate: (list) => text(list[0]).toLowerCase(),
  }),
  LTRIM: strict({
    count: [1, 1],
    type: fromFirst,
    evaluate: (list) => text(list[0]).replace(/^ +/u, ''),
  }),
  RTRIM: strict({
    count: [1, 1],
    type: fromFirst,
    evaluate: (list) => text(list[0]).replace(/ +$/u, ''),
  }),
  TRIM: strict({ count: [1, 2], type: fromFirst, evaluate: trimSet }),
  REPLICATE: strict({
    count: [2, 2],
    type: ([first]) =>
      stringLike(first, first !== undefined && textLength(first) === 'max' ? 'max' : LONGEST),
    evaluate: (list) => {
      const times = whole(list[1]);
      if (times < 0) return null;
      const source = text(list[0]);
      const max = list[0] !== undefined && textLength(list[0].type) === 'max';
      const limit = max
        ? 16_000_000
        : list[0] !== undefined && isUnicode(list[0].type)
          ? 4000
          : LONGEST;
      return source === ''
        ? ''
        : source.repeat(Math.min(times, Math.ceil(limit / source.length))).slice(0, limit);
    },
  }),
  SPACE: strict({
    count: [1, 1],
    type: { kind: 'varchar', length: LONGEST },
    evaluate: (list) => {
      const length = whole(list[0]);
      return length < 0 ? null : ' '.repeat(Math.min(LONGEST, length));
    },
  }),
  REVERSE: strict({
    count: [1, 1],
    type: fromFirst,
    evaluate: (list) => text(list[0]).split('').toReversed().join(''),
  }),
  STUFF: lenient({
    count: [4, 4],
    type: (types) => concatType([types[0] ?? SYSNAME, types[3] ?? SYSNAME]),
    evaluate: (list) =>
      list.slice(0, 3).some((argument) => argument.value === null) ? null : stuff(list),
  }),
  CONCAT: lenient({
    count: [2, 254],
    type: concatType,
    evaluate: (list) => list.map(text).join(''),
  }),
  CONCAT_WS: lenient({
    count: [3, 254],
    type: () => stringLike(SYSNAME, 4000),
    evaluate: concatWithSeparator,
  }),
  QUOTENAME: strict({
    count: [1, 2],
    type: { kind: 'nvarchar', length: 258 },
    evaluate: quoteName,
  }),
  ASCII: strict({
    count: [1, 1],
    type: INT,
    evaluate: (list) =>
      text(list[0]) === ''
        ? null
        : (bytesOf({ value: text(list[0]), type: { kind: 'varchar', length: 1 } })[0] ?? null),
  }),
  CHAR: strict({
    count: [1, 1],
    type: { kind: 'char', length: 1 },
    evaluate: (list) => {
      const code = whole(list[0]);
      return code < 0 || code > 255 ? null : String.fromCharCode(code);
    },
  }),
  UNICODE: strict({
    count: [1, 1],
    type: INT,
    evaluate: (list) => (text(list[0]) === '' ? null : text(list[0]).charCodeAt(0)),
  }),
  NCHAR: strict({
    count: [1, 1],
    type: { kind: 'nchar', length: 1 },
    evaluate: (list) => {
      const code = whole(list[0]);
      return code < 0 || code > 65_535 ? null : String.fromCharCode(code);
    },
  }),
  STR: strict({
    count: [1, 3],
    type: ([, length]) => ({ kind: 'varchar', length: length === undefined ? 10 : LONGEST }),
    evaluate: str,
  }),
};

/** CHARINDEX under a binary collation: code unit by code unit. */
export const binaryCharIndex: ScalarFunction = strict({
  count: [2, 3],
  type: (types) => positionType(types.slice(0, 2)),
  evaluate: (list) =>
    position(
      indexOf(list, (part) => part),
      list.slice(0, 2).map((argument) => argument.type),
    ),
});
