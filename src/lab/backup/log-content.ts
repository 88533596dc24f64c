/**
 * The data of a log backup: the transactions between two positions, and where a point in time cuts them.
 *
 * Pure. A restore applies them in order behind the end of the copy; STOPAT leaves out what was committed later
 * ("Restore a SQL Server database to a point in time", Microsoft Learn).
 */

import type { Lsn } from '../../base/lsn.ts';
import { parseLsn } from '../../base/lsn.ts';
import { fromPlain, toPlain } from '../store/codec.ts';
import type { LogPayload } from '../store/database-store.ts';

/** One transaction of the log, or a role change (no payload). */
export interface LoggedTransaction {
  readonly start: Lsn;
  readonly end: Lsn;
  /** Bytes of the whole log up to `end`. */
  readonly totalBytes: number;
  readonly committedAt: number;
  readonly payload: LogPayload | null;
}

/** The bytes of a list of transactions. */
export function encodeLog(transactions: readonly LoggedTransaction[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(toPlain(transactions)));
}

/** Reads what `encodeLog` wrote. */
export function decodeLog(bytes: Uint8Array): readonly LoggedTransaction[] {
  const plain = fromPlain(JSON.parse(new TextDecoder().decode(bytes)));
  return (plain as LoggedTransaction[]).map((each) => ({
    ...each,
    start: position(each.start),
    end: position(each.end),
  }));
}

function position(value: bigint): Lsn {
  const lsn = parseLsn(value.toString());
  if (lsn === undefined) throw new RangeError(`log backup: LSN ${value}`);
  return lsn;
}

/** What a restore applies, and where the copy stands afterwards. */
export interface RollForward {
  readonly apply: readonly LoggedTransaction[];
  readonly end: Lsn;
  readonly totalBytes: number;
  /** A later transaction was left out: the point in time is reached. */
  readonly isReached: boolean;
}

/** Takes the transactions behind the end of a copy, up to a point in time (null: all). */
export function rollForward(
  transactions: readonly LoggedTransaction[],
  copy: { readonly end: Lsn; readonly totalBytes: number },
  stopAt: number | null,
): RollForward {
  const missing = transactions.filter((each) => each.start >= copy.end);
  const cut = missing.findIndex((each) => stopAt !== null && each.committedAt > stopAt);
  const apply = cut === -1 ? missing : missing.slice(0, cut);
  const last = apply.at(-1) ?? copy;
  return { apply, end: last.end, totalBytes: last.totalBytes, isReached: cut !== -1 };
}
