/** Short forms for defining scalar functions: types of results, NULL rules, reading of arguments. */

import type { DateTime, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import { isDateTime } from '../value/convert-number.ts';
import { convertOrThrow } from '../value/convert.ts';
import { stringValue } from '../value/number-text.ts';
import { isString, isUnicode, lengthOf, stringType, typeFamily } from '../value/type.ts';
import type { ScalarContext, ScalarFunction } from './scalar.ts';

/** One argument with its type. */
export interface Argument {
  readonly value: SqlValue;
  readonly type: SqlType;
}

/** Table of functions by upper-case name. */
export type FunctionTable = Readonly<Record<string, ScalarFunction>>;

interface Definition {
  /** Fewest and most arguments. */
  readonly count: readonly [number, number];
  readonly type: SqlType | ((types: readonly SqlType[]) => SqlType);
  readonly evaluate: (list: readonly Argument[], context: ScalarContext) => SqlValue;
}

/** A function that sees its arguments as they are, NULL included. */
export function lenient(definition: Definition): ScalarFunction {
  const { type } = definition;
  return {
    minArguments: definition.count[0],
    maxArguments: definition.count[1],
    type: typeof type === 'function' ? type : () => type,
    evaluate: (context, values, types) =>
      definition.evaluate(
        values.map((value, index) => ({ value, type: types[index] ?? INT })),
        context,
      ),
  };
}

/** A function that is NULL as soon as one argument is NULL. */
export function strict(definition: Definition): ScalarFunction {
  const plain = lenient(definition);
  return {
    ...plain,
    evaluate: (context, values, types) =>
      values.includes(null) ? null : plain.evaluate(context, values, types),
  };
}

/** Frequent types. */
export const INT: SqlType = { kind: 'int' };
export const BIGINT: SqlType = { kind: 'bigint' };
export const FLOAT: SqlType = { kind: 'float' };
export const SYSNAME: SqlType = { kind: 'nvarchar', length: 128 };
export const VARIANT: SqlType = { kind: 'sql_variant' };
const NVARCHAR_MAX: SqlType = { kind: 'nvarchar', length: 'max' };

/** Text of an argument. */
export function text(argument: Argument | undefined): string {
  if (argument === undefined || argument.value === null) return '';
  if (typeof argument.value === 'string') return argument.value;
  return stringValue(
    convertOrThrow({ value: argument.value, from: argument.type, to: NVARCHAR_MAX }),
  );
}

/** Whole number of an argument; `fallback` when it was not written. */
export function whole(argument: Argument | undefined, fallback = 0): number {
  if (argument === undefined || argument.value === null) return fallback;
  return Number(convertOrThrow({ value: argument.value, from: argument.type, to: BIGINT }));
}

/** Floating number of an argument. */
export function float(argument: Argument | undefined): number {
  if (argument === undefined || argument.value === null) return 0;
  return Number(convertOrThrow({ value: argument.value, from: argument.type, to: FLOAT }));
}

/** Date and time of an argument; strings and numbers are converted to the given type. */
export function date(argument: Argument | undefined, to: SqlType): DateTime {
  const value =
    argument === undefined
      ? null
      : convertOrThrow({ value: argument.value, from: argument.type, to });
  if (!isDateTime(value)) throw sqlError(241);
  return value;
}

/** Type of the first argument as a string: varchar or nvarchar of the same length. */
export function sameString(types: readonly SqlType[]): SqlType {
  const [first] = types;
  return stringLike(first, first === undefined ? 1 : textLength(first));
}

/** varchar, or nvarchar when the argument is Unicode, of a length. */
export function stringLike(type: SqlType | undefined, length: number | 'max'): SqlType {
  return stringType(type !== undefined && isUnicode(type), length);
}

/** Length a value of the type has at most as text. */
export function textLength(type: SqlType): number | 'max' {
  if (isString(type) || typeFamily(type) === 'xml') return lengthOf(type);
  if (typeFamily(type) === 'binary') return lengthOf(type);
  return type.kind === 'uniqueidentifier' ? 36 : type.kind === 'sql_variant' ? 8000 : 41;
}
