/**
 * Stands in for the lab's cache of parsed batches: the same, but with the mutants in force inside.
 *
 * `mutate-preload.ts` puts it there, so neither the lab nor a test knows of it.
 */

import type { Result } from '../src/base/result.ts';
import type { Batch } from '../src/lab/tsql/ast.ts';
import { parseBatch } from '../src/lab/tsql/parse.ts';
import type { ServerMessage } from '../src/lab/session.ts';
import { walkBatch } from './mutate-sql.ts';
import { mutantGeneration, mutants, runs } from './mutate-switch.ts';
import { nameOf } from './mutate-text.ts';

const MAX_ENTRIES = 2000;

interface Entry {
  readonly generation: number;
  readonly parsed: Result<Batch, ServerMessage>;
}

const plain = new Map<string, Result<Batch, ServerMessage>>();
const changed = new Map<string, Entry>();

/** First line of what a watcher sends before the dead-man's step. */
const MARK = /^SET CONTEXT_INFO 0x[0-9a-f]+;\n/u;

/** A statement that a test puts between two of ours, as somebody else. */
const MEDDLING = /\/\* somebody else \*\/ EXEC \(N'(?:[^']|'')*'\); \/\* ends \*\//u;

/** Parses a batch, or remembers it. */
export function parseCached(text: string): Result<Batch, ServerMessage> {
  const batch = nameOf(text) ?? nameOf(text.replace(MARK, '').replace(MEDDLING, ''));
  const parsed = parsedPlain(text);
  if (batch === undefined || !parsed.ok) return parsed;
  runs(batch);
  const generation = mutantGeneration();
  const before = changed.get(text);
  if (before?.generation === generation) return before.parsed;
  const head = `${batch}: `;
  const wanted = [...mutants()]
    .filter((name) => name.startsWith(head))
    .map((name) => name.slice(head.length));
  const value = wanted.length === 0 ? parsed.value : walkBatch(parsed.value, new Set(wanted)).batch;
  const result: Result<Batch, ServerMessage> = { ok: true, value };
  if (changed.size >= MAX_ENTRIES) changed.clear();
  changed.set(text, { generation, parsed: result });
  return result;
}

function parsedPlain(text: string): Result<Batch, ServerMessage> {
  const known = plain.get(text);
  if (known !== undefined) return known;
  const parsed = parseBatch(text);
  if (plain.size >= MAX_ENTRIES) plain.clear();
  plain.set(text, parsed);
  return parsed;
}
