/**
 * The only way names and values reach T-SQL text.
 *
 * `]` and `'` are doubled (Microsoft Learn, QUOTENAME and Constants). Names longer than a `sysname`
 * or empty ones are refused by assertion: names from outside are checked before they get here
 * (`adapters/config/` for the migration file; the catalog cannot hold a longer one).
 */

import { assert } from '../base/assert.ts';

/** Longest identifier, in UTF-16 code units (`sysname` is nvarchar(128)). */
export const IDENTIFIER_LIMIT = 128;

/** Longest literal, in UTF-16 code units: an nvarchar literal above 4000 becomes nvarchar(max) and slow. */
export const LITERAL_LIMIT = 4000;

/** A delimited identifier: `[a]]b]`. */
export function bracket(name: string): string {
  assert(name.length > 0, 'bracket: an identifier is never empty');
  assert(name.length <= IDENTIFIER_LIMIT, `bracket: identifier of ${name.length} characters`);
  assert(!name.includes('\0'), 'bracket: an identifier holds no NUL');
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A Unicode literal: `N'a''b'`. */
export function nliteral(value: string): string {
  assert(value.length <= LITERAL_LIMIT, `nliteral: ${value.length} characters`);
  assert(!value.includes('\0'), 'nliteral: a literal holds no NUL');
  return `N'${value.replaceAll("'", "''")}'`;
}

/** A statement as a literal for sp_executesql; above 4000 characters it is nvarchar(max), as it has to be. */
export function nstatement(text: string): string {
  assert(!text.includes('\0'), 'nstatement: a statement holds no NUL');
  return `N'${text.replaceAll("'", "''")}'`;
}

/** `N'a', N'b'`, for an IN list; never empty. */
export function nliterals(values: readonly string[]): string {
  assert(values.length > 0, 'nliterals: an IN list is never empty');
  return values.map((value) => nliteral(value)).join(', ');
}

/** A whole number inside a statement that takes no parameters (ports, timeouts). */
export function integer(value: number): string {
  assert(Number.isSafeInteger(value), `integer: ${value}`);
  return String(value);
}
