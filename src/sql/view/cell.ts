/**
 * Reading one cell or one part of a raw answer.
 *
 * Our own queries fix names and types, so a cell of another kind is a bug or a foreign server and
 * becomes an unknown fact through `DecodeError`, never a wrong value.
 */

import { parseLsn, type Lsn } from '../../base/lsn.ts';
import { known, unknown, type Fact } from '../../model/fact.ts';
import type { RawReply, RawRow } from '../batch.ts';

/** A cell was not what the query promises. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** What makes it readable, where that is known. */
  readonly remedy: string | undefined;

  constructor(because: string, remedy?: string) {
    super(because);
    this.remedy = remedy;
  }
}

function refuse(row: RawRow, column: string, wanted: string): never {
  throw new DecodeError(`column ${column} is ${typeof row[column]}, expected ${wanted}`);
}

/** A text that may be NULL. */
export function textOrNull(row: RawRow, column: string): string | null {
  const value = row[column];
  if (value === null) return null;
  return typeof value === 'string' ? value : refuse(row, column, 'text');
}

/** A text. */
export function text(row: RawRow, column: string): string {
  return textOrNull(row, column) ?? refuse(row, column, 'text');
}

/** A whole number that may be NULL; the driver gives bigint as text. Fails beyond 2^53. */
export function numberOrNull(row: RawRow, column: string): number | null {
  const value = row[column];
  if (value === null) return null;
  const number = typeof value === 'string' && /^-?\d+$/u.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number)
    ? number
    : refuse(row, column, 'whole number');
}

/** A whole number. */
export function number(row: RawRow, column: string): number {
  return numberOrNull(row, column) ?? refuse(row, column, 'whole number');
}

/** A bit, or an int that stands for one, that may be NULL. */
export function bitOrNull(row: RawRow, column: string): boolean | null {
  const value = row[column];
  if (value === null || typeof value === 'boolean') return value;
  return value === 0 || value === 1 ? value === 1 : refuse(row, column, 'bit');
}

/** A bit; NULL counts as not set (views show NULL for databases that are not open). */
export function bit(row: RawRow, column: string): boolean {
  return bitOrNull(row, column) ?? false;
}

/** A log sequence number converted to varchar by the query. */
export function lsnOrNull(row: RawRow, column: string): Lsn | null {
  const value = textOrNull(row, column);
  return value === null ? null : (parseLsn(value) ?? refuse(row, column, 'LSN as text'));
}

/** The rows of the part whose first column has this name, or the reason why they are missing. */
export function part(reply: RawReply, name: string): Fact<readonly RawRow[]> {
  const set = reply.sets.find((candidate) => candidate.columns[0] === name);
  if (set !== undefined) return known(set.rows);
  const error = reply.errors[0];
  return unknown(
    error === undefined
      ? `the server gave no answer for ${name}`
      : `the server answered error ${error.number}: ${error.message}`,
  );
}

/** What a decoder makes; what it cannot make gives an unknown fact. */
export function attempt<T>(decode: () => T): Fact<T> {
  try {
    return known(decode());
  } catch (error) {
    if (error instanceof DecodeError) return unknown(error.message, error.remedy);
    throw error;
  }
}

/** Decodes a part; a cell that is not what the query promises gives an unknown fact. */
export function decodePart<T>(
  rows: Fact<readonly RawRow[]>,
  decode: (rows: readonly RawRow[]) => T,
): Fact<T> {
  return rows.known ? attempt(() => decode(rows.value)) : rows;
}
