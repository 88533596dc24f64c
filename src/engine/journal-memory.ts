/**
 * What a journal says about earlier runs: hints for politeness, never needed for safety.
 *
 * It remembers which logins sqlferry itself disabled, and whether a batch that moves the role was sent
 * without its end being seen.
 */

import { parseUtc } from '../base/utc.ts';
import type { Memory } from '../model/decision.ts';
import type { JournalEntry } from '../ports/journal.ts';

const ROLE_ACTS: ReadonlySet<unknown> = new Set([
  'demote',
  'promote',
  'give-back',
  'fence-split-brain',
  'force-promote-accepting-data-loss',
]);

/** The memory a run starts with. */
export function memoryFromJournal(start: Memory, entries: readonly JournalEntry[]): Memory {
  const fenced = new Set<string>();
  let unsettled = false;
  for (const entry of entries) {
    const { kind, side, login, outcome } = entry.data;
    if (ROLE_ACTS.has(kind)) {
      unsettled = entry.kind === 'intent' || outcome === 'unknown';
    }
    if (entry.kind !== 'outcome' || outcome !== 'ok' || side !== start.demoting) continue;
    if (typeof login !== 'string') continue;
    if (kind === 'disable-login') fenced.add(login);
    if (kind === 'enable-login') fenced.delete(login);
  }
  return { ...start, fencedLogins: [...fenced], unsettledRoleChange: unsettled };
}

/**
 * When the source gave the role away, as the operator's clock counted: the newest demotion that was
 * sent and not followed by a role taken. Milliseconds since 1970, or `null`.
 */
export function outageStart(entries: readonly JournalEntry[]): number | null {
  let start: number | null = null;
  for (const entry of entries) {
    const { kind, outcome } = entry.data;
    if (kind === 'demote' && entry.kind === 'intent') start = parseUtc(entry.at);
    if (kind === 'demote' && outcome === 'failed') start = null;
    if ((kind === 'promote' || kind === 'give-back') && outcome === 'ok') start = null;
  }
  return start;
}
