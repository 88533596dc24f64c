/** Types that arithmetic, bit and concatenation operators give ("Precision, scale, and length", Microsoft Learn). */

import { unreachable } from '../../../base/assert.ts';
import type { SqlType, TypeLength } from '../../../tds/sql-type.ts';
import type { BinaryOperator, Expression } from '../ast.ts';
import { sqlError } from '../message.ts';
import {
  commonType,
  decimalFacets,
  isString,
  isUnicode,
  lengthOf,
  stringType,
  typeFamily,
} from './type.ts';

/**
 * Type of an arithmetic, bit or concatenation operator. Operands that cannot meet raise 206, 402 or 8117.
 */
export function binaryResultType(operator: BinaryOperator, left: SqlType, right: SqlType): SqlType {
  if (operator === '+' && isCharacter(left) && isCharacter(right))
    return concatenation(left, right);
  const families = [typeFamily(left), typeFamily(right)];
  if (operator === '+' && families[0] === 'binary' && families[1] === 'binary') {
    const total = addLengths(lengthOf(left), lengthOf(right));
    return { kind: 'varbinary', length: total === 'max' ? 'max' : Math.min(total, 8000) };
  }
  if (families.includes('date')) return dateResult(operator, left, right);
  if (operator === '&' || operator === '|' || operator === '^')
    return bitResult(operator, left, right);
  const result = commonType(left, right);
  const family = typeFamily(result);
  if (
    family === 'string' ||
    family === 'guid' ||
    family === 'xml' ||
    family === 'variant' ||
    family === 'binary'
  ) {
    throw sqlError(8117, result.kind, operatorName(operator));
  }
  if (result.kind === 'bit') throw sqlError(402, left.kind, right.kind, operatorName(operator));
  if (family === 'decimal')
    return decimalResult(operator, facetsBeside(left, right), facetsBeside(right, left));
  return result;
}

function isCharacter(type: SqlType): boolean {
  return isString(type);
}

function addLengths(left: TypeLength, right: TypeLength): TypeLength {
  return left === 'max' || right === 'max' ? 'max' : left + right;
}

function concatenation(left: SqlType, right: SqlType): SqlType {
  const unicode = isUnicode(left) || isUnicode(right);
  return stringType(unicode, addLengths(lengthOf(left), lengthOf(right)));
}

function facetsBeside(
  type: SqlType,
  other: SqlType,
): { readonly precision: number; readonly scale: number } {
  return decimalFacets(type) ?? decimalFacets(other) ?? { precision: 38, scale: 0 };
}

function dateResult(operator: BinaryOperator, left: SqlType, right: SqlType): SqlType {
  const date = typeFamily(left) === 'date' ? left : right;
  const other = date === left ? right : left;
  if (operator !== '+' && operator !== '-') throw sqlError(8117, date.kind, operatorName(operator));
  if (date.kind !== 'datetime' && date.kind !== 'smalldatetime') {
    throw sqlError(
      typeFamily(other) === 'date' ? 402 : 206,
      ...(typeFamily(other) === 'date'
        ? [left.kind, right.kind, operatorName(operator)]
        : [other.kind, date.kind]),
    );
  }
  if (typeFamily(other) === 'date' && other.kind !== 'datetime' && other.kind !== 'smalldatetime') {
    throw sqlError(402, left.kind, right.kind, operatorName(operator));
  }
  return commonType(left, right).kind === 'datetime' ? { kind: 'datetime' } : date;
}

function bitResult(operator: BinaryOperator, left: SqlType, right: SqlType): SqlType {
  const leftFamily = typeFamily(left);
  const rightFamily = typeFamily(right);
  if (leftFamily === 'integer' && rightFamily === 'integer') return commonType(left, right);
  if (leftFamily === 'integer' && rightFamily === 'binary') return left;
  if (leftFamily === 'binary' && rightFamily === 'integer') return right;
  throw sqlError(402, left.kind, right.kind, `'${operator}'`);
}

/** Precision and scale of decimal arithmetic (Microsoft Learn, "Precision, scale, and length"). */
function decimalResult(
  operator: BinaryOperator,
  left: { readonly precision: number; readonly scale: number },
  right: { readonly precision: number; readonly scale: number },
): SqlType {
  const { precision: p1, scale: s1 } = left;
  const { precision: p2, scale: s2 } = right;
  const whole = Math.max(p1 - s1, p2 - s2);
  if (operator === '*') return bounded(p1 + p2 + 1, s1 + s2, p1 + p2 + 1 - s1 - s2);
  if (operator === '/') {
    const scale = Math.max(6, s1 + p2 + 1);
    return bounded(p1 - s1 + s2 + scale, scale, p1 - s1 + s2);
  }
  if (operator === '%') {
    const scale = Math.max(s1, s2);
    return bounded(Math.min(p1 - s1, p2 - s2) + scale, scale, Math.min(p1 - s1, p2 - s2));
  }
  const scale = Math.max(s1, s2);
  const precision = scale + whole + 1;
  // Addition keeps the whole digits and gives up scale only as far as needed.
  return precision <= 38
    ? { kind: 'decimal', precision, scale }
    : { kind: 'decimal', precision: 38, scale: Math.max(0, Math.min(scale, 38 - whole)) };
}

/** Reduction to 38 digits: whole digits first, but at least six decimals when there were as many. */
function bounded(precision: number, scale: number, whole: number): SqlType {
  if (precision <= 38) return { kind: 'decimal', precision, scale };
  const kept = Math.max(Math.min(scale, 6), 38 - whole);
  return { kind: 'decimal', precision: 38, scale: Math.min(scale, kept) };
}

/** Name of an operator in messages. */
export function operatorName(operator: BinaryOperator): string {
  switch (operator) {
    case '+':
      return 'add';
    case '-':
      return 'subtract';
    case '*':
      return 'multiply';
    case '/':
      return 'divide';
    case '%':
      return 'modulo';
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
      return `'${operator}'`;
  }
  return unreachable(operator);
}

/**
 * Type with which an operand takes part in decimal arithmetic: a whole constant beside a decimal
 * counts with its own digits, not with the ten of int, so `1.0 / 3` has six decimals.
 */
export function operandType(operand: Expression, type: SqlType, other: SqlType): SqlType {
  const exactOther = other.kind === 'decimal' || other.kind === 'numeric';
  if (
    !exactOther ||
    operand.kind !== 'literal' ||
    type.kind !== 'int' ||
    typeof operand.value !== 'number'
  ) {
    return type;
  }
  return { kind: 'numeric', precision: String(operand.value).length, scale: 0 };
}
