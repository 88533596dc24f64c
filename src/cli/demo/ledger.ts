/**
 * The application's ledger: one line per acknowledged commit, written after the server's answer.
 *
 * A line is a promise the database made. The proof of a migration is that each of them is kept.
 */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** The open ledger of one application. */
export interface Ledger {
  /** Notes that the server acknowledged the commit of this row. */
  note(id: string): void;
  close(): void;
}

/** Opens the file for appending; creates it when it is missing. Throws what the file system throws. */
export function openLedger(path: string): Ledger {
  const file = openSync(path, 'a', 0o600);
  return {
    note: (id) => {
      writeSync(file, `${id}\n`);
    },
    close: () => closeSync(file),
  };
}

/** The ids of all whole lines; a line cut off by a crash was never a promise. */
export function readLedger(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '');
}

/** What comparing the ledger with the rows of the target gave. */
export interface LedgerProof {
  readonly acknowledged: number;
  /** Acknowledged ids that are not on the target. */
  readonly missing: readonly string[];
  /** Acknowledged ids that are there more than once, on the target or in the ledger. */
  readonly doubled: readonly string[];
  /** Rows on the target that were committed although no answer arrived; no harm. */
  readonly unacknowledged: number;
}

/** Compares; `rows` are the ids found on the target, one per row. */
export function proveLedger(ledger: readonly string[], rows: readonly string[]): LedgerProof {
  const found = tally(rows);
  const promised = tally(ledger);
  return {
    acknowledged: promised.size,
    missing: [...promised.keys()].filter((id) => !found.has(id)),
    doubled: [...promised]
      .filter(([id, times]) => times > 1 || (found.get(id) ?? 0) > 1)
      .map(([id]) => id),
    unacknowledged: [...found.keys()].filter((id) => !promised.has(id)).length,
  };
}

function tally(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) {
    const key = id.toUpperCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
