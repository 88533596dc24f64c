/** Conversion to character strings. */

import { unreachable } from '../../../base/assert.ts';
import type { SqlType, SqlValue, TypeLength } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import type { PlainConversion } from './conversion.ts';
import { isDateTime, isDecimal, messageName } from './convert-number.ts';
import { formatDate } from './date-text.ts';
import { formatDecimal } from './decimal.ts';
import { bytesToString, formatFloat, formatMoney, toHex } from './number-text.ts';
import { isUnicode, lengthOf, typeFamily } from './type.ts';

/** To char, varchar, nchar, nvarchar, text, ntext or xml. */
export function toText(conversion: PlainConversion): SqlValue {
  const { to } = conversion;
  const text = codePage(textOf(conversion), to);
  const length = lengthOf(to);
  if (length !== 'max' && text.length > length) return tooLong(conversion, text, length);
  return fill(text, to, length);
}

/** Fixed types are filled with blanks. */
function fill(text: string, to: SqlType, length: TypeLength): string {
  return (to.kind === 'char' || to.kind === 'nchar') && length !== 'max'
    ? text.padEnd(length)
    : text;
}

/** Characters that a varchar cannot hold become question marks. */
function codePage(text: string, to: SqlType): string {
  if (isUnicode(to)) return text;
  let printable = '';
  for (const character of text) {
    const known = (character.codePointAt(0) ?? 0) <= 0xff || CP1252.has(character);
    printable += known ? character : '?';
  }
  return printable;
}

/** Characters of code page 1252 outside Latin-1. */
const CP1252 = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');

/** What happens when the target is too short: strings and dates are cut, numbers overflow, integers print a star. */
function tooLong(conversion: PlainConversion, text: string, length: number): string {
  const { from, to } = conversion;
  const family = typeFamily(from);
  switch (family) {
    case 'string':
    case 'binary':
    case 'xml':
    case 'date':
    case 'variant':
      return text.slice(0, length);
    case 'guid':
      throw sqlError(8170);
    case 'integer':
      if (from.kind === 'bigint' || isUnicode(to)) throw sqlError(8115, 'expression', to.kind);
      return fill('*', to, length);
    case 'money':
      throw sqlError(234, to.kind);
    case 'decimal':
    case 'float':
      throw sqlError(8115, messageName(from), to.kind);
  }
  return unreachable(family);
}

function textOf(conversion: PlainConversion): string {
  const { value, from, to, style } = conversion;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') {
    if (typeFamily(from) !== 'float') return String(value);
    return styled(formatFloat(value, style, from.kind === 'real'), style, from);
  }
  if (value instanceof Uint8Array) return bytesText(conversion, value);
  if (isDecimal(value)) {
    return typeFamily(from) === 'money'
      ? styled(formatMoney(value, style), style, from)
      : formatDecimal(value);
  }
  if (isDateTime(value))
    return styled(formatDate(value, from, dateStyle(from, style)), style, from);
  throw sqlError(529, from.kind, to.kind);
}

/** The new date types print style 121 by default. */
function dateStyle(from: SqlType, style: number): number {
  return style === 0 && from.kind !== 'datetime' && from.kind !== 'smalldatetime' ? 121 : style;
}

function styled(text: string | undefined, style: number, from: SqlType): string {
  if (text === undefined) throw sqlError(281, style, from.kind);
  return text;
}

function bytesText(conversion: PlainConversion, value: Uint8Array): string {
  switch (conversion.style) {
    case 0:
      return bytesToString(value, isUnicode(conversion.to));
    case 1:
      return `0x${toHex(value)}`;
    case 2:
      return toHex(value);
    default:
      throw sqlError(281, conversion.style, conversion.from.kind);
  }
}
