/** `+ - * / % & | ^` and the unary operators over typed values. */

import { unreachable } from '../../../base/assert.ts';
import type { Result } from '../../../base/result.ts';
import { fail, ok } from '../../../base/result.ts';
import type { DateTime, Decimal, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { BinaryOperator } from '../ast.ts';
import type { ServerMessage } from '../../session.ts';
import { SqlError, sqlError } from '../message.ts';
import { DAY_1900, dateTime, fitDate, fromTicks, totalTicks } from './calendar.ts';
import { fitsInteger, integerValue, isDateTime, isDecimal, messageName } from './convert-number.ts';
import { convertOrThrow } from './convert.ts';
import { decimal, fitsPrecision, powerOfTen, rescale, truncateScale } from './decimal.ts';
import { stringValue } from './number-text.ts';
import { binaryResultType } from './result-type.ts';
import { decimalFacets, isString, typeFamily } from './type.ts';

/** Operands of an arithmetic operator with their own types. */
export interface Arithmetic {
  readonly left: SqlValue;
  readonly leftType: SqlType;
  readonly right: SqlValue;
  readonly rightType: SqlType;
}

/** Runs `+ - * / % & | ^` (result of type `binaryResultType`): NULL propagates; 8134, 8115, 245... */
export function arithmetic(
  operator: BinaryOperator,
  operands: Arithmetic,
): Result<SqlValue, ServerMessage> {
  try {
    return ok(arithmeticOrThrow(operator, operands));
  } catch (error) {
    if (error instanceof SqlError) return fail(error.detail);
    throw error;
  }
}

/** The same as `arithmetic`, but throws `SqlError`; `result` saves computing the type again. */
export function arithmeticOrThrow(
  operator: BinaryOperator,
  operands: Arithmetic,
  result?: SqlType,
): SqlValue {
  const { left, right, leftType, rightType } = operands;
  const type = result ?? binaryResultType(operator, leftType, rightType);
  if (left === null || right === null) return null;
  const family = typeFamily(type);
  switch (family) {
    case 'string':
      return concatenate(operands, type);
    case 'integer':
      return integers(operator, operands, type);
    case 'decimal':
      return decimals(operator, operands, type);
    case 'money':
      return moneys(operator, operands, type);
    case 'float':
      return floats(operator, operands, type);
    case 'date':
      return dates(operator, operands, type);
    case 'binary':
      return concatenateBytes(operands, type);
    case 'guid':
    case 'xml':
    case 'variant':
      throw sqlError(8117, type.kind, operator);
  }
  return unreachable(family);
}

function concatenate(operands: Arithmetic, type: SqlType): SqlValue {
  const left = stringValue(operands.left);
  const text = left + stringValue(operands.right);
  return 'length' in type && type.length !== 'max' && text.length > type.length
    ? text.slice(0, type.length)
    : text;
}

function concatenateBytes(operands: Arithmetic, type: SqlType): SqlValue {
  if (!(operands.left instanceof Uint8Array) || !(operands.right instanceof Uint8Array))
    throw sqlError(8117, type.kind, 'add');
  const joined = Uint8Array.from(Buffer.concat([operands.left, operands.right]));
  return 'length' in type && type.length !== 'max' ? joined.slice(0, type.length) : joined;
}

type IntegerType = Extract<
  SqlType,
  { readonly kind: 'tinyint' | 'smallint' | 'int' | 'bigint' | 'bit' }
>;

function integers(operator: BinaryOperator, operands: Arithmetic, type: SqlType): SqlValue {
  const target = type as IntegerType;
  const left = convertOrThrow({ value: operands.left, from: operands.leftType, to: type });
  const right = convertOrThrow({ value: operands.right, from: operands.rightType, to: type });
  if (typeof left === 'boolean' && typeof right === 'boolean') return bits(operator, left, right);
  if (typeof left === 'number' && typeof right === 'number') {
    // Small numbers are exact in double arithmetic, so the common case needs no bigint.
    const quick = quickInteger(operator, left, right);
    if (quick !== undefined && target.kind === 'int' && Math.abs(quick) <= 2_147_483_647)
      return quick;
  }
  const result = wholeNumbers(operator, toBig(left), toBig(right));
  const kind = target.kind === 'bit' ? 'int' : target.kind;
  if (!fitsInteger(result, kind)) throw sqlError(8115, 'expression', kind);
  return integerValue(result, kind);
}

function toBig(value: SqlValue): bigint {
  return typeof value === 'bigint' ? value : BigInt(Number(value));
}

function bits(operator: BinaryOperator, left: boolean, right: boolean): boolean {
  return operator === '&' ? left && right : operator === '|' ? left || right : left !== right;
}

function quickInteger(operator: BinaryOperator, left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right + 0;
    case '/':
    case '%':
    case '&':
    case '|':
    case '^':
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'and':
    case 'or':
      return undefined;
  }
  return unreachable(operator);
}

function wholeNumbers(operator: BinaryOperator, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0n) throw sqlError(8134);
      return left / right;
    case '%':
      if (right === 0n) throw sqlError(8134);
      return left % right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'and':
    case 'or':
      throw sqlError(102, operator);
    default:
      return unreachable(operator);
  }
}

/** The exact decimal of an operand, in its own scale; strings take the type of the other operand. */
function exact(value: SqlValue, type: SqlType, other: SqlType): Decimal {
  const facets = decimalFacets(type) ?? decimalFacets(other) ?? { precision: 38, scale: 0 };
  if (isDecimal(value)) return value;
  const converted = convertOrThrow({ value, from: type, to: { kind: 'decimal', ...facets } });
  return isDecimal(converted) ? converted : decimal(0n, 0);
}

function decimals(operator: BinaryOperator, operands: Arithmetic, type: SqlType): SqlValue {
  const left = exact(operands.left, operands.leftType, operands.rightType);
  const right = exact(operands.right, operands.rightType, operands.leftType);
  const { precision, scale } = decimalFacets(type) ?? { precision: 38, scale: 0 };
  const result = decimalOperation(operator, [left, right], scale);
  if (!fitsPrecision(result, precision)) throw sqlError(8115, 'expression', messageName(type));
  return result;
}

function decimalOperation(
  operator: BinaryOperator,
  [left, right]: readonly [Decimal, Decimal],
  scale: number,
): Decimal {
  const common = Math.max(left.scale, right.scale);
  const first = rescale(left, common).unscaled;
  const second = rescale(right, common).unscaled;
  if (operator === '*')
    return rescale(decimal(left.unscaled * right.unscaled, left.scale + right.scale), scale);
  if (operator === '/') {
    if (second === 0n) throw sqlError(8134);
    // The server cuts the quotient at the scale of the result.
    return decimal((first * powerOfTen(scale)) / second, scale);
  }
  if (operator === '%') {
    if (second === 0n) throw sqlError(8134);
    return rescale(decimal(first % second, common), scale);
  }
  return rescale(decimal(operator === '-' ? first - second : first + second, common), scale);
}

function moneys(operator: BinaryOperator, operands: Arithmetic, type: SqlType): SqlValue {
  const kind = type.kind === 'smallmoney' ? 'smallmoney' : 'money';
  const left = convertOrThrow({
    value: operands.left,
    from: operands.leftType,
    to: { kind: 'money' },
  });
  const right = convertOrThrow({
    value: operands.right,
    from: operands.rightType,
    to: { kind: 'money' },
  });
  if (!isDecimal(left) || !isDecimal(right)) return null;
  const result =
    operator === '/'
      ? truncateScale(decimalOperation('/', [left, right], 4), 4)
      : decimalOperation(operator, [left, right], 4);
  if (!fitsInteger(result.unscaled, kind === 'money' ? 'bigint' : 'int'))
    throw sqlError(8115, 'expression', kind);
  return result;
}

function floats(operator: BinaryOperator, operands: Arithmetic, type: SqlType): SqlValue {
  const left = Number(convertOrThrow({ value: operands.left, from: operands.leftType, to: type }));
  const right = Number(
    convertOrThrow({ value: operands.right, from: operands.rightType, to: type }),
  );
  if ((operator === '/' || operator === '%') && right === 0) throw sqlError(8134);
  if (operator === '%') throw sqlError(8117, type.kind, 'modulo');
  const result =
    operator === '+'
      ? left + right
      : operator === '-'
        ? left - right
        : operator === '*'
          ? left * right
          : left / right;
  const rounded = type.kind === 'real' ? Math.fround(result) : result;
  if (!Number.isFinite(rounded)) throw sqlError(8115, 'expression', type.kind);
  return rounded;
}

/** datetime plus or minus days, or another datetime counted from 1900. */
function dates(operator: BinaryOperator, operands: Arithmetic, type: SqlType): SqlValue {
  const left = convertOrThrow({
    value: operands.left,
    from: operands.leftType,
    to: { kind: 'datetime' },
  });
  const right = convertOrThrow({
    value: operands.right,
    from: operands.rightType,
    to: { kind: 'datetime' },
  });
  if (!isDateTime(left) || !isDateTime(right)) throw sqlError(8117, type.kind, operator);
  const zero = totalTicks(dateTime(DAY_1900, 0));
  const shift = totalTicks(right) - zero;
  const result: DateTime | undefined = fitDate(
    fromTicks(operator === '-' ? totalTicks(left) - shift : totalTicks(left) + shift),
    type,
  );
  if (result === undefined) throw sqlError(517, type.kind);
  return result;
}

/** Runs a unary `-`, `+` or `~`. The type stays, except that tinyint becomes smallint under `-`. */
export function unary(operator: '-' | '+' | '~', value: SqlValue, type: SqlType): SqlValue {
  if (value === null || (operator === '+' && !isString(type))) return value;
  if (isDecimal(value) && operator !== '~') return decimal(-value.unscaled, value.scale);
  if (typeof value === 'boolean' && operator === '~') return !value;
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (typeFamily(type) === 'float') {
      if (operator === '~') throw sqlError(8117, type.kind, "'~'");
      return -Number(value) + 0;
    }
    const whole = BigInt(value);
    const kind = unaryType(operator, type).kind;
    if (kind !== 'smallint' && kind !== 'int' && kind !== 'bigint' && kind !== 'tinyint')
      throw sqlError(8117, type.kind, operator);
    const result = operator === '-' ? -whole : kind === 'tinyint' ? ~whole & 255n : ~whole;
    if (!fitsInteger(result, kind)) throw sqlError(8115, 'expression', kind);
    return integerValue(result, kind);
  }
  throw sqlError(8117, type.kind, operator === '-' ? 'minus' : operator);
}

/** Type of a unary operator's result. */
export function unaryType(operator: '-' | '+' | '~', type: SqlType): SqlType {
  return operator === '-' && type.kind === 'tinyint' ? { kind: 'smallint' } : type;
}
