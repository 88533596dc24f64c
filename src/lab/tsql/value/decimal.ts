/** Exact decimals: reading, printing, scaling. A decimal is `unscaled / 10^scale`. */

import type { Decimal } from '../../../tds/sql-type.ts';

/** Makes a decimal. */
export function decimal(unscaled: bigint, scale: number): Decimal {
  return { kind: 'decimal', unscaled, scale };
}

/** Ten to the power of n, n from 0 to a few hundred. */
export function powerOfTen(exponent: number): bigint {
  let power = POWERS[exponent];
  if (power === undefined) {
    power = 10n ** BigInt(exponent);
    POWERS[exponent] = power;
  }
  return power;
}

const POWERS: (bigint | undefined)[] = [];

/** Divides and rounds half away from zero; the divisor is positive. */
export function divideRounded(value: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return value < 0n ? -((-value + half) / divisor) : (value + half) / divisor;
}

/** The same number with another scale, rounded half away from zero. */
export function rescale(value: Decimal, scale: number): Decimal {
  if (scale === value.scale) return value;
  if (scale > value.scale) {
    return decimal(value.unscaled * powerOfTen(scale - value.scale), scale);
  }
  return decimal(divideRounded(value.unscaled, powerOfTen(value.scale - scale)), scale);
}

/** The same number with another scale, cut towards zero. */
export function truncateScale(value: Decimal, scale: number): Decimal {
  if (scale >= value.scale) return rescale(value, scale);
  return decimal(value.unscaled / powerOfTen(value.scale - scale), scale);
}

/** Whether the number has at most so many digits in all. */
export function fitsPrecision(value: Decimal, precision: number): boolean {
  const limit = powerOfTen(precision);
  return value.unscaled < limit && value.unscaled > -limit;
}

/** Negative, 0 or positive. */
export function compareDecimal(left: Decimal, right: Decimal): number {
  const scale = Math.max(left.scale, right.scale);
  const difference = rescale(left, scale).unscaled - rescale(right, scale).unscaled;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Prints all decimals, with a digit in front of the point. */
export function formatDecimal(value: Decimal): string {
  const negative = value.unscaled < 0n;
  const digits = (negative ? -value.unscaled : value.unscaled).toString();
  if (value.scale === 0) return negative ? `-${digits}` : digits;
  const padded = digits.padStart(value.scale + 1, '0');
  const point = padded.length - value.scale;
  return `${negative ? '-' : ''}${padded.slice(0, point)}.${padded.slice(point)}`;
}

/** Reads `[+-]digits[.digits]`, blanks around allowed; undefined when it is anything else. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^\s*([+-]?)\s*(\d*)(?:\.(\d*))?\s*$/u.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const unscaled = BigInt(whole + fraction);
  return decimal(sign === '-' ? -unscaled : unscaled, fraction.length);
}

/** The nearest JavaScript number. */
export function decimalToNumber(value: Decimal): number {
  return Number(formatDecimal(value));
}

/** The decimal nearest to a finite number with the given scale. */
export function numberToDecimal(value: number, scale: number): Decimal {
  if (Number.isInteger(value)) return decimal(BigInt(value) * powerOfTen(scale), scale);
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const digits = BigInt(whole + fraction);
  const point = fraction.length - Number(exponent);
  const exact = point >= 0 ? decimal(digits, point) : decimal(digits * powerOfTen(-point), 0);
  const result = rescale(exact, scale);
  return value < 0 ? decimal(-result.unscaled, scale) : result;
}

/** Drops zeros at the end of the fraction: one form per number, for hashing. */
export function normalizeDecimal(value: Decimal): Decimal {
  let { unscaled, scale } = value;
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale -= 1;
  }
  return decimal(unscaled, scale);
}
