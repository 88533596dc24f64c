/** Data types in DECLARE, CREATE TABLE, CAST and parameter lists. */

import type { SqlType } from '../../tds/sql-type.ts';
import type { Token } from './lexer.ts';
import type { Cursor } from './parse-cursor.ts';

/** Where a type stands: it decides the default length (30 in CAST, else 1) and the error of an unknown name. */
export type TypePlace = 'cast' | 'declaration';

const SYNONYMS: Readonly<Record<string, string | undefined>> = {
  dec: 'decimal',
  integer: 'int',
  character: 'char',
  rowversion: 'timestamp',
};

/** Takes a data type. Unknown names raise 243 or 2715; sizes out of range 131, 192, 2750, 1002. */
export function parseType(cursor: Cursor, place: TypePlace): SqlType {
  const first = cursor.peek();
  if (cursor.is('SYS', '.')) cursor.expect('SYS', '.');
  const name = typeWord(cursor);
  switch (name) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'money':
    case 'smallmoney':
    case 'real':
    case 'date':
    case 'datetime':
    case 'smalldatetime':
    case 'uniqueidentifier':
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml':
    case 'sql_variant':
      if (cursor.is('(')) throw cursor.fail(2716, first, 1, name);
      return { kind: name };
    case 'float':
      return { kind: size(cursor, 53, 53) <= 24 ? 'real' : 'float' };
    case 'decimal':
    case 'numeric':
      return decimalType(cursor, name);
    case 'time':
    case 'datetime2':
    case 'datetimeoffset': {
      const scale = size(cursor, 7, 7);
      return { kind: name, scale };
    }
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
      return sizedType(cursor, name, place);
    case 'sysname':
      return { kind: 'nvarchar', length: 128 };
    case 'timestamp':
      return { kind: 'binary', length: 8 };
    default:
      throw place === 'cast'
        ? cursor.fail(243, first, first.value)
        : cursor.fail(2715, first, 1, first.value);
  }
}

function typeWord(cursor: Cursor): string {
  const token: Token = cursor.peek();
  if (token.upper === 'DOUBLE') {
    cursor.expect('DOUBLE', 'PRECISION');
    return 'float';
  }
  if (token.upper === 'NATIONAL') {
    cursor.take();
    cursor.oneOf('CHAR', 'CHARACTER', 'TEXT');
    return cursor.accept('VARYING') ? 'nvarchar' : 'nchar';
  }
  const word = cursor.name().toLowerCase();
  const name = SYNONYMS[word] ?? word;
  if ((name === 'char' || name === 'nchar' || name === 'binary') && cursor.accept('VARYING')) {
    return name === 'char' ? 'varchar' : name === 'nchar' ? 'nvarchar' : 'varbinary';
  }
  return name;
}

function size(cursor: Cursor, fallback: number, limit: number): number {
  if (!cursor.accept('(')) return fallback;
  const token = cursor.peek();
  const value = cursor.integer();
  if (value > limit) throw cursor.fail(1002, token, token.line, value);
  cursor.expect(')');
  return value;
}

function decimalType(cursor: Cursor, kind: 'decimal' | 'numeric'): SqlType {
  if (!cursor.accept('(')) return { kind, precision: 18, scale: 0 };
  const token = cursor.peek();
  const precision = cursor.integer();
  const scale = cursor.accept(',') ? cursor.integer() : 0;
  cursor.expect(')');
  if (precision > 38 || precision < 1) throw cursor.fail(2750, token, 1, precision, 38);
  if (scale > precision) throw cursor.fail(192, token);
  return { kind, precision, scale };
}

function sizedType(
  cursor: Cursor,
  kind: 'char' | 'varchar' | 'nchar' | 'nvarchar' | 'binary' | 'varbinary',
  place: TypePlace,
): SqlType {
  if (!cursor.accept('(')) return { kind, length: place === 'cast' ? 30 : 1 };
  const token = cursor.peek();
  const varying = kind === 'varchar' || kind === 'nvarchar' || kind === 'varbinary';
  if (varying && cursor.accept('MAX')) {
    cursor.expect(')');
    return { kind, length: 'max' };
  }
  const length = cursor.integer();
  cursor.expect(')');
  const limit = kind === 'nchar' || kind === 'nvarchar' ? 4000 : 8000;
  if (length > limit) throw cursor.fail(131, token, length, 'type', kind, limit);
  if (length < 1) throw cursor.fail(1001, token, token.line, length);
  return { kind, length };
}
