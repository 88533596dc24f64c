/**
 * The log of one database copy: an ordered, immutable list of commits between two positions.
 *
 * Records lie in chunks, so that an append copies at most one chunk and truncation drops whole ones.
 * One commit fills whole 512-byte blocks of its own; positions are the starts of blocks, slot 1
 * (Microsoft Learn, sys.dm_hadr_database_replica_states: end_of_log_lsn names the next block).
 */

import { lsnParts, makeLsn } from '../../base/lsn.ts';
import type { Lsn } from '../../base/lsn.ts';

/** Stands for a payload that the world keeps; compared by identity, `id` is for people. */
export interface PayloadReference {
  readonly id: number;
}

/** One commit, or a role change (no payload). */
export interface LogRecord {
  /** LSN of the commit itself: slot 3 of its block. */
  readonly lsn: Lsn;
  /** Position where its block starts: the end of the log before it. */
  readonly start: Lsn;
  /** Position behind it: the end of the log after it. */
  readonly end: Lsn;
  readonly bytes: number;
  /** Bytes of the whole log up to `end`, from the birth of the database. */
  readonly totalBytes: number;
  readonly payload: PayloadReference | null;
  readonly committedAt: number;
}

/** The log. */
export interface Log {
  /** Everything below was dropped. */
  readonly start: Lsn;
  /** Start of the next block: everything below is on disk. */
  readonly end: Lsn;
  readonly totalBytes: number;
  /** Number of records that are kept. */
  readonly length: number;
  readonly chunks: readonly (readonly LogRecord[])[];
}

const chunkSize = 32;
const blockBytes = 512;
const blocksPerVlf = 131_072n;
const firstBlock = 16n;
const commitSlot = 3n;

/** An empty log that ends at a position. */
export function emptyLog(end: Lsn, totalBytes: number): Log {
  return { start: end, end, totalBytes, length: 0, chunks: [] };
}

/** First position of a new database, by the number of its virtual log file. */
export function firstPosition(vlf: number): Lsn {
  return makeLsn({ vlf: BigInt(vlf), block: firstBlock, slot: 1n });
}

/** Position behind a block of so many bytes; enters the next virtual log file when this one is full. */
export function advance(position: Lsn, bytes: number): Lsn {
  const { vlf, block } = lsnParts(position);
  const next = block + BigInt(Math.max(1, Math.ceil(bytes / blockBytes)));
  return next < blocksPerVlf
    ? makeLsn({ vlf, block: next, slot: 1n })
    : makeLsn({ vlf: vlf + 1n, block: firstBlock, slot: 1n });
}

/** The record that a commit at the end of this log becomes. */
export function makeRecord(
  log: Log,
  content: Pick<LogRecord, 'bytes' | 'payload' | 'committedAt'>,
): LogRecord {
  return {
    lsn: (log.end - 1n + commitSlot) as Lsn,
    start: log.end,
    end: advance(log.end, content.bytes),
    totalBytes: log.totalBytes + content.bytes,
    ...content,
  };
}

/** The log with one more record, which must start where the log ends. */
export function append(log: Log, record: LogRecord): Log {
  if (record.start !== log.end) throw new RangeError(`append: ${record.start} behind ${log.end}`);
  const last = log.chunks.at(-1);
  const chunks =
    last !== undefined && last.length < chunkSize
      ? [...log.chunks.slice(0, -1), [...last, record]]
      : [...log.chunks, [record]];
  return {
    start: log.start,
    end: record.end,
    totalBytes: record.totalBytes,
    length: log.length + 1,
    chunks,
  };
}

/** Up to `limit` records that start at or behind the position, oldest first. */
export function recordsFrom(log: Log, position: Lsn, limit: number): readonly LogRecord[] {
  if (position >= log.end) return [];
  const found: LogRecord[] = [];
  let low = 0;
  let high = log.chunks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const last = log.chunks[middle]?.at(-1);
    if (last !== undefined && last.start < position) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < log.chunks.length && found.length < limit; index += 1) {
    for (const record of log.chunks[index] ?? []) {
      if (record.start >= position && found.length < limit) found.push(record);
    }
  }
  return found;
}

/** The log without the chunks that lie wholly below the position. */
export function truncate(log: Log, position: Lsn): Log {
  let drop = 0;
  let dropped = 0;
  for (const chunk of log.chunks) {
    const last = chunk.at(-1);
    if (last === undefined || last.end > position) break;
    drop += 1;
    dropped += chunk.length;
  }
  if (drop === 0) return log;
  const chunks = log.chunks.slice(drop);
  return {
    ...log,
    start: chunks[0]?.[0]?.start ?? log.end,
    length: log.length - dropped,
    chunks,
  };
}

/** The log cut back to a position, and the records that were behind it, newest first. */
export function rewind(
  log: Log,
  position: Lsn,
): { readonly log: Log; readonly undone: readonly LogRecord[] } {
  const undone = recordsFrom(log, position, Number.POSITIVE_INFINITY).toReversed();
  const kept = recordsFrom(log, log.start, Number.POSITIVE_INFINITY).filter(
    (record) => record.end <= position,
  );
  const bytes = undone.reduce((sum, record) => sum + record.bytes, 0);
  let shorter: Log = { ...emptyLog(log.start, 0), totalBytes: 0 };
  for (const record of kept) shorter = append(shorter, record);
  return {
    log: { ...shorter, end: position, totalBytes: log.totalBytes - bytes, start: log.start },
    undone,
  };
}
