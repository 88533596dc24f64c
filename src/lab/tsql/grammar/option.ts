/**
 * Option lists of administrative statements, read by table: name -> kind of value.
 *
 * `NAME = value, NAME = value`, in any order, each at most once. An unknown name raises 155, a
 * value of the wrong kind 102, an option written twice 153.
 */

import { unreachable } from '../../../base/assert.ts';
import type { Cursor } from '../parse-cursor.ts';
import type { Release } from '../release.ts';

/** Kind of an option's value. */
export type OptionKind = OptionValue & {
  /** First release that knows the option; absent: all. */
  readonly since?: Release;
};

type OptionValue =
  /** `= 'text'`. */
  | { readonly kind: 'string' }
  /** `= 5`. */
  | { readonly kind: 'integer' }
  /** `= WORD`, one of these. */
  | { readonly kind: 'word'; readonly words: readonly string[] }
  /** `= ON | OFF`. */
  | { readonly kind: 'switch' }
  /** The name alone. */
  | { readonly kind: 'flag' }
  /** `= name`. */
  | { readonly kind: 'name' }
  /** Anything else: the rule reads what stands behind the name. */
  | { readonly kind: 'rule'; readonly read: (cursor: Cursor) => unknown };

/** Values by option name; what was not written is absent. */
export type OptionValues = ReadonlyMap<string, unknown>;

/** Table of the options a statement knows, by upper-case name. */
export type OptionTable = Readonly<Record<string, OptionKind | undefined>>;

/** Short forms for tables. */
export const STRING: OptionKind = { kind: 'string' };
export const INTEGER: OptionKind = { kind: 'integer' };
export const SWITCH: OptionKind = { kind: 'switch' };
export const FLAG: OptionKind = { kind: 'flag' };
export const NAME: OptionKind = { kind: 'name' };

/** An option that older releases do not know. */
export function since(release: Release, kind: OptionKind): OptionKind {
  return { ...kind, since: release };
}

/** An option that takes one of these words. */
export function words(...allowed: readonly string[]): OptionKind {
  return { kind: 'word', words: allowed };
}

/** An option read by a rule of its own. */
export function rule(read: (cursor: Cursor) => unknown): OptionKind {
  return { kind: 'rule', read };
}

/** Takes `option, option, ...`; the statement's name is for messages. */
export function parseOptionList(
  cursor: Cursor,
  table: OptionTable,
  statement: string,
): OptionValues {
  const values = new Map<string, unknown>();
  do {
    parseOption(cursor, { table, statement, values });
  } while (cursor.accept(','));
  return values;
}

/** Takes `( option, ... )`. */
export function parseOptionBlock(
  cursor: Cursor,
  table: OptionTable,
  statement: string,
): OptionValues {
  cursor.expect('(');
  const values = parseOptionList(cursor, table, statement);
  cursor.expect(')');
  return values;
}

interface OptionRun {
  readonly table: OptionTable;
  readonly statement: string;
  readonly values: Map<string, unknown>;
}

function parseOption(cursor: Cursor, run: OptionRun): void {
  const token = cursor.peek();
  const expected = run.table[token.upper];
  if (expected === undefined) {
    throw token.kind === 'word'
      ? cursor.fail(155, token, token.value, run.statement)
      : cursor.error();
  }
  if (expected.since !== undefined) cursor.needs(expected.since);
  if (run.values.has(token.upper)) throw cursor.fail(153, token, token.value, run.statement);
  cursor.take();
  run.values.set(token.upper, parseValue(cursor, expected));
}

function parseValue(cursor: Cursor, expected: OptionKind): unknown {
  if (expected.kind === 'flag') return true;
  if (expected.kind === 'rule') return expected.read(cursor);
  cursor.expect('=');
  switch (expected.kind) {
    case 'string':
      return cursor.string();
    case 'integer':
      return cursor.integer();
    case 'word':
      return cursor.oneOf(...expected.words);
    case 'switch':
      return cursor.oneOf('ON', 'OFF') === 'ON';
    case 'name':
      return cursor.name();
  }
  return unreachable(expected);
}

/**
 * Picks the values of a table into a plain object under other names: `{ endpointUrl: 'ENDPOINT_URL' }`.
 * Absent options stay absent.
 */
export function pick<T extends object>(
  values: OptionValues,
  names: { readonly [K in keyof T]-?: string },
): T {
  const picked: Record<string, unknown> = {};
  for (const [key, option] of Object.entries<string>(names)) {
    if (values.has(option)) picked[key] = values.get(option);
  }
  return picked as T;
}
