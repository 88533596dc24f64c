/** Parsed batches by text: clients send the same text again and again. */

import type { Result } from '../../../base/result.ts';
import type { ServerMessage } from '../../session.ts';
import type { Batch } from '../ast.ts';
import { parseBatch } from '../parse.ts';

const MAX_ENTRIES = 2000;
const MAX_TEXT = 20_000;

const cache = new Map<string, Result<Batch, ServerMessage>>();

/** Parses a batch, or remembers it. */
export function parseCached(text: string): Result<Batch, ServerMessage> {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = parseBatch(text);
  if (text.length > MAX_TEXT) return parsed;
  if (cache.size >= MAX_ENTRIES) cache.clear();
  cache.set(text, parsed);
  return parsed;
}
