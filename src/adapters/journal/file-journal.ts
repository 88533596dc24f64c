/**
 * The journal as a file: one JSON line per entry, on disk before `append` returns.
 *
 * Each line carries the SHA-256 of the line before it, so a change in the middle is noticed. A last
 * line without its end was torn by a crash: it is cut off and said. The servers stay the truth; the
 * journal only remembers which logins were disabled and what was sent last.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { fail, ok, type Result } from '../../base/result.ts';
import { ProblemCatalogue, type Problem } from '../../model/problem.ts';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import { sha256 } from '../hash.ts';
import { makeFolder } from '../make-folder.ts';

/** An open journal and what was found wrong with its end. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** Sentences for a person; empty when the file was whole. */
  readonly warnings: readonly string[];
}

/** Hash before the first line. */
const ORIGIN = '0'.repeat(64);

/** Largest journal that is read, in bytes: years of runs; more is not ours. */
const SIZE_LIMIT = 64 * 1024 * 1024;

/** Opens or creates a journal; the file and its folder are readable by this user only. */
export function openJournal(path: string): Result<OpenedJournal, Problem> {
  try {
    makeFolder(dirname(path), 0o700);
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    if (bytes.length > SIZE_LIMIT)
      return fail(problem('SF-JRN-001', `${path} is larger than 64 MiB.`));
    const read = readLines(bytes);
    if (!read.ok) return fail(problem('SF-JRN-002', `${path}:${read.error}`));
    const handle = openSync(path, 'a', 0o600);
    const { entries, lastHash, wholeBytes } = read.value;
    const torn = bytes.length - wholeBytes;
    if (torn > 0) {
      ftruncateSync(handle, wholeBytes);
      fsyncSync(handle);
    }
    const warnings =
      torn === 0
        ? []
        : [`${path}: the last line was torn by a crash and was cut off (${torn} bytes).`];
    return ok({ journal: makeJournal(handle, entries, lastHash), warnings });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(problem('SF-JRN-001', `${path}: ${reason}`));
  }
}

/** Throws the error of the file system when a line cannot be written. */
function makeJournal(handle: number, found: readonly JournalEntry[], foundHash: string): Journal {
  const entries = [...found];
  let previous = foundHash;
  let open = true;
  return {
    append(entry) {
      const text = JSON.stringify({ previous, ...entry });
      writeWhole(handle, Buffer.from(`${text}\n`, 'utf8'));
      fsyncSync(handle);
      previous = sha256(text);
      entries.push(entry);
    },
    entries: () => [...entries],
    close() {
      if (open) closeSync(handle);
      open = false;
    },
  };
}

function writeWhole(handle: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(handle, bytes, written);
}

interface ReadLines {
  readonly entries: readonly JournalEntry[];
  readonly lastHash: string;
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
}

/** Reads every whole line; the error is `line: what is wrong`. */
function readLines(bytes: Buffer): Result<ReadLines, string> {
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1);
  const entries: JournalEntry[] = [];
  let lastHash = ORIGIN;
  for (const [index, line] of lines.entries()) {
    const entry = readLine(line, lastHash);
    if (entry === null) {
      return fail(`${index + 1}: the line is not an entry that follows the one before it.`);
    }
    entries.push(entry);
    lastHash = sha256(line);
  }
  return ok({ entries, lastHash, wholeBytes });
}

function readLine(line: string, previous: string): JournalEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Readonly<Record<string, unknown>>;
  const { at, kind, rule, message, data } = fields;
  if (fields['previous'] !== previous) return null;
  if (kind !== 'intent' && kind !== 'outcome' && kind !== 'note') return null;
  if (typeof at !== 'string' || typeof rule !== 'string' || typeof message !== 'string')
    return null;
  if (typeof data !== 'object' || data === null) return null;
  return { at, kind, rule, message, data: data as Readonly<Record<string, unknown>> };
}

function problem(code: 'SF-JRN-001' | 'SF-JRN-002', reason: string): Problem {
  const kind = ProblemCatalogue[code];
  return { code, summary: `${kind.title}: ${reason}`, because: [], remedy: kind.remedy };
}
