/** Constants and their types ("Constants", Microsoft Learn). */

import { unreachable } from '../../base/assert.ts';
import type { SqlType, SqlValue } from '../../tds/sql-type.ts';
import type { Expression } from './ast.ts';
import type { Token } from './lexer.ts';
import type { Cursor } from './parse-cursor.ts';

/** Takes a constant or NULL; null when the next token is none. */
export function parseLiteral(cursor: Cursor): Expression | null {
  const token = cursor.peek();
  const typed = token.upper === 'NULL' ? NULL : literalOf(cursor, token);
  if (typed === null) return null;
  cursor.take();
  return { kind: 'literal', type: typed.type, value: typed.value, line: token.line };
}

interface TypedValue {
  readonly type: SqlType;
  readonly value: SqlValue;
}

const NULL: TypedValue = { type: { kind: 'int' }, value: null };

function literalOf(cursor: Cursor, token: Token): TypedValue | null {
  const { kind } = token;
  switch (kind) {
    case 'string':
      return stringLiteral(token.value, token.national);
    case 'integer':
      return integerLiteral(token.value);
    case 'decimal':
      return decimalLiteral(token.value);
    case 'float': {
      const value = Number(/[eE][+-]?$/u.test(token.value) ? `${token.value}0` : token.value);
      if (!Number.isFinite(value)) throw cursor.fail(168, token, token.value, 8);
      return { type: { kind: 'float' }, value };
    }
    case 'money':
      return moneyLiteral(cursor, token);
    case 'binary':
      return binaryLiteral(token.value);
    case 'word':
    case 'identifier':
    case 'variable':
    case 'symbol':
    case 'end':
      return null;
  }
  return unreachable(kind);
}

/** Type of a string constant: varchar or nvarchar of its own length. */
export function stringLiteral(value: string, national: boolean): TypedValue {
  const limit = national ? 4000 : 8000;
  const length = value.length > limit ? 'max' : Math.max(1, value.length);
  return { type: { kind: national ? 'nvarchar' : 'varchar', length }, value };
}

function integerLiteral(text: string): TypedValue {
  const value = BigInt(text);
  if (value <= 2_147_483_647n) return { type: { kind: 'int' }, value: Number(value) };
  const digits = value.toString().length;
  return {
    type: { kind: 'numeric', precision: Math.min(38, digits), scale: 0 },
    value: { kind: 'decimal', unscaled: value, scale: 0 },
  };
}

function decimalLiteral(text: string): TypedValue {
  const [whole = '', fraction = ''] = text.split('.');
  const digits = whole.replace(/^0+/u, '');
  const scale = Math.min(fraction.length, 38);
  const precision = Math.min(38, Math.max(1, digits.length + scale));
  const unscaled = BigInt(whole + fraction.slice(0, scale) || '0');
  return {
    type: { kind: 'numeric', precision, scale },
    value: { kind: 'decimal', unscaled, scale },
  };
}

function moneyLiteral(cursor: Cursor, token: Token): TypedValue {
  const text = token.value.replaceAll(',', '');
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace(/^[+-]/u, '').split('.');
  const unscaled = BigInt(`${whole || '0'}${fraction.slice(0, 4).padEnd(4, '0')}`);
  if (unscaled > 9_223_372_036_854_775_807n) throw cursor.error(token);
  return {
    type: { kind: 'money' },
    value: { kind: 'decimal', unscaled: negative ? -unscaled : unscaled, scale: 4 },
  };
}

function binaryLiteral(digits: string): TypedValue {
  const even = digits.length % 2 === 1 ? `0${digits}` : digits;
  const value = Uint8Array.from(Buffer.from(even, 'hex'));
  const length = value.length > 8000 ? 'max' : Math.max(1, value.length);
  return { type: { kind: 'varbinary', length }, value };
}
