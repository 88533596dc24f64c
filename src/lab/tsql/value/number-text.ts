/** Numbers, money and bytes to character strings in the styles of CONVERT. */

import { assert } from '../../../base/assert.ts';
import type { Decimal, SqlValue } from '../../../tds/sql-type.ts';
import { formatDecimal, rescale } from './decimal.ts';

/** float and real: style 0 six digits, 1 eight, 2 sixteen, 3 all that are needed to read it back. */
export function formatFloat(value: number, style: number, single: boolean): string | undefined {
  if (Object.is(value, -0)) return formatFloat(0, style, single);
  switch (style) {
    case 0:
      return general(value, 6);
    case 1:
      return exponent(value.toExponential(7));
    case 2:
      return exponent(value.toExponential(15));
    case 3:
      return exponent(value.toExponential(single ? 8 : 16));
    default:
      return undefined;
  }
}

/** C's `%.6g` with an exponent of three digits. */
function general(value: number, digits: number): string {
  if (value === 0) return '0';
  const rounded = value.toExponential(digits - 1);
  const power = Number(rounded.slice(rounded.indexOf('e') + 1));
  if (power < -5 || power >= digits) {
    const [mantissa = '', rest = ''] = rounded.split('e');
    return exponent(`${trimZeros(mantissa)}e${rest}`);
  }
  return trimZeros(value.toFixed(Math.max(0, digits - 1 - power)));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/u, '') : text;
}

function exponent(text: string): string {
  const [mantissa = '', power = '+0'] = text.split('e');
  return `${mantissa}e${power.startsWith('-') ? '-' : '+'}${power.slice(1).padStart(3, '0')}`;
}

/** money: style 0 two decimals, 1 with commas, 2 four decimals. */
export function formatMoney(value: Decimal, style: number): string | undefined {
  if (style === 2 || style === 126) return formatDecimal(rescale(value, 4));
  const text = formatDecimal(rescale(value, 2));
  if (style === 0) return text;
  return style === 1 ? text.replace(/\B(?=(?:\d{3})+\.)/gu, ',') : undefined;
}

/** The string that a value of a character type is. */
export function stringValue(value: SqlValue): string {
  assert(typeof value === 'string', 'a value of a character type is a string');
  return value;
}

/** Upper-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('hex')
    .toUpperCase();
}

/** Bytes of a character string: UTF-16LE for n-types, Latin code page 1252 otherwise. */
export function stringToBytes(text: string, unicode: boolean): Uint8Array {
  return Uint8Array.from(Buffer.from(text, unicode ? 'utf16le' : 'latin1'));
}

/** Characters of bytes. */
export function bytesToString(bytes: Uint8Array, unicode: boolean): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    unicode ? 'utf16le' : 'latin1',
  );
}

/** A GUID's sixteen bytes in storage order: the first three groups are little endian. */
export function guidToBytes(guid: string): Uint8Array {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  return Uint8Array.from(
    [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((index) => bytes[index] ?? 0),
  );
}

/** The GUID of sixteen bytes in storage order, upper case. */
export function bytesToGuid(bytes: Uint8Array): string {
  const ordered = Uint8Array.from(
    [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((index) => bytes[index] ?? 0),
  );
  const hex = toHex(ordered);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
