/** Mathematical functions ("Mathematical functions", Microsoft Learn). */

import { unreachable } from '../../../base/assert.ts';
import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import { unary } from '../value/arithmetic.ts';
import { isDecimal } from '../value/convert-number.ts';
import { convertOrThrow } from '../value/convert.ts';
import { decimal, divideRounded, fitsPrecision, powerOfTen } from '../value/decimal.ts';
import { decimalFacets, typeFamily } from '../value/type.ts';
import { float, FLOAT, INT, lenient, strict, whole } from './define.ts';
import type { Argument, FunctionTable } from './define.ts';

/** Strings and bits become float or int; small integers become int. */
function numberType([type]: readonly SqlType[]): SqlType {
  if (type === undefined) return FLOAT;
  const family = typeFamily(type);
  switch (family) {
    case 'integer':
      return type.kind === 'bigint' ? type : INT;
    case 'decimal':
      return type.kind === 'decimal' || type.kind === 'numeric'
        ? { kind: 'numeric', precision: 38, scale: type.scale }
        : type;
    case 'money':
      return { kind: 'money' };
    case 'float':
    case 'string':
      return FLOAT;
    case 'date':
    case 'binary':
    case 'guid':
    case 'xml':
    case 'variant':
      throw sqlError(8116, type.kind, 1, 'numeric');
  }
  return unreachable(family);
}

/** The first argument in the type of the result. */
function number(argument: Argument | undefined): {
  readonly value: SqlValue;
  readonly type: SqlType;
} {
  if (argument === undefined) return { value: 0, type: INT };
  const type = numberType([argument.type]);
  return { value: convertOrThrow({ value: argument.value, from: argument.type, to: type }), type };
}

function absolute([argument]: readonly Argument[]): SqlValue {
  const { value, type } = number(argument);
  const negative = isDecimal(value) ? value.unscaled < 0n : value !== null && Number(value) < 0;
  return negative ? unary('-', value, type) : value;
}

/** CEILING and FLOOR; decimals keep no fraction. */
function toWhole(argument: Argument | undefined, up: boolean): SqlValue {
  const { value, type } = number(argument);
  if (!isDecimal(value))
    return typeof value === 'number' && type.kind === 'float'
      ? up
        ? Math.ceil(value)
        : Math.floor(value)
      : value;
  const unit = powerOfTen(value.scale);
  const cut = value.unscaled / unit;
  const rest = value.unscaled % unit;
  const rounded =
    rest === 0n
      ? cut
      : up
        ? value.unscaled > 0n
          ? cut + 1n
          : cut
        : value.unscaled < 0n
          ? cut - 1n
          : cut;
  const scale = typeFamily(type) === 'money' ? 4 : 0;
  return decimal(rounded * powerOfTen(scale), scale);
}

function wholeType(types: readonly SqlType[]): SqlType {
  const type = numberType(types);
  return type.kind === 'numeric'
    ? { kind: 'numeric', precision: decimalFacets(types[0] ?? type)?.precision ?? 38, scale: 0 }
    : type;
}

/** ROUND(x, digits, truncate): digits may be negative. */
function round(list: readonly Argument[]): SqlValue {
  const { value, type } = number(list[0]);
  const digits = whole(list[1]);
  const truncate = whole(list[2], 0) !== 0;
  if (typeof value === 'number' && type.kind === 'float') {
    const factor = 10 ** Math.min(300, Math.max(-300, digits));
    const scaled = value * factor;
    return (
      (truncate ? Math.trunc(scaled) : Math.sign(scaled) * Math.round(Math.abs(scaled))) / factor
    );
  }
  const exact = isDecimal(value)
    ? value
    : decimal(typeof value === 'bigint' ? value : BigInt(Number(value)), 0);
  const drop = exact.scale - digits;
  if (drop <= 0) return value;
  if (drop > 60) return isDecimal(value) ? decimal(0n, exact.scale) : 0;
  const unit = powerOfTen(drop);
  const kept = truncate ? exact.unscaled / unit : divideRounded(exact.unscaled, unit);
  const result = kept * unit;
  if (!fitsPrecision(decimal(result, exact.scale), 38))
    throw sqlError(8115, 'expression', type.kind);
  return isDecimal(value)
    ? decimal(result, exact.scale)
    : convertOrThrow({ value: result, from: { kind: 'bigint' }, to: type });
}

function sign([argument]: readonly Argument[]): SqlValue {
  const { value, type } = number(argument);
  if (isDecimal(value)) {
    const one = powerOfTen(value.scale);
    return decimal(value.unscaled === 0n ? 0n : value.unscaled > 0n ? one : -one, value.scale);
  }
  return convertOrThrow({ value: Math.sign(Number(value)), from: INT, to: type });
}

function power(list: readonly Argument[]): SqlValue {
  const { type } = number(list[0]);
  const result = float(list[0]) ** float(list[1]);
  return convertOrThrow({ value: finite(result), from: FLOAT, to: type });
}

function finite(value: number): number {
  if (Number.isNaN(value)) throw sqlError(3623);
  if (!Number.isFinite(value)) throw sqlError(8115, 'expression', 'float');
  return value;
}

/** A function of one float. */
function ofFloat(calculate: (value: number) => number) {
  return strict({
    count: [1, 1],
    type: FLOAT,
    evaluate: (list) => finite(calculate(float(list[0]))),
  });
}

/** The mathematical functions. */
export const numberFunctions: FunctionTable = {
  ABS: strict({ count: [1, 1], type: numberType, evaluate: absolute }),
  CEILING: strict({ count: [1, 1], type: wholeType, evaluate: (list) => toWhole(list[0], true) }),
  FLOOR: strict({ count: [1, 1], type: wholeType, evaluate: (list) => toWhole(list[0], false) }),
  ROUND: strict({ count: [2, 3], type: numberType, evaluate: round }),
  POWER: strict({ count: [2, 2], type: numberType, evaluate: power }),
  SIGN: strict({ count: [1, 1], type: numberType, evaluate: sign }),
  SQRT: ofFloat(Math.sqrt),
  SQUARE: ofFloat((value) => value * value),
  EXP: ofFloat(Math.exp),
  LOG10: ofFloat((value) => (value <= 0 ? Number.NaN : Math.log10(value))),
  LOG: strict({
    count: [1, 2],
    type: FLOAT,
    evaluate: (list) => {
      const value = float(list[0]);
      if (value <= 0) throw sqlError(3623);
      return finite(
        list[1] === undefined ? Math.log(value) : Math.log(value) / Math.log(float(list[1])),
      );
    },
  }),
  PI: lenient({ count: [0, 0], type: FLOAT, evaluate: () => Math.PI }),
  SIN: ofFloat(Math.sin),
  COS: ofFloat(Math.cos),
  TAN: ofFloat(Math.tan),
  ASIN: ofFloat(Math.asin),
  ACOS: ofFloat(Math.acos),
  ATAN: ofFloat(Math.atan),
  ATN2: strict({
    count: [2, 2],
    type: FLOAT,
    evaluate: (list) => Math.atan2(float(list[0]), float(list[1])),
  }),
  DEGREES: ofFloat((value) => (value * 180) / Math.PI),
  RADIANS: ofFloat((value) => (value * Math.PI) / 180),
  RAND: lenient({
    count: [0, 1],
    type: FLOAT,
    evaluate: (list, context) => seeded(list[0]) ?? context.instance.random.next(),
  }),
};

/** RAND(seed) gives the same number for the same seed. */
function seeded(argument: Argument | undefined): number | undefined {
  if (argument === undefined || argument.value === null) return undefined;
  const mixed = Math.imul((whole(argument) | 0) ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 4_294_967_296;
}
