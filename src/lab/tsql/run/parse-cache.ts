/** Parsed batches by release and text: clients send the same text again and again. */

import type { Result } from '../../../base/result.ts';
import type { ServerMessage } from '../../session.ts';
import type { Batch } from '../ast.ts';
import { parseBatch } from '../parse.ts';
import type { Release } from '../release.ts';

const MAX_ENTRIES = 2000;
const MAX_TEXT = 20_000;

const cache = new Map<string, Result<Batch, ServerMessage>>();

/** Parses a batch, or remembers it. */
export function parseCached(text: string, release: Release): Result<Batch, ServerMessage> {
  const key = `${release} ${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parsed = parseBatch(text, release);
  if (text.length > MAX_TEXT) return parsed;
  if (cache.size >= MAX_ENTRIES) cache.clear();
  cache.set(key, parsed);
  return parsed;
}
