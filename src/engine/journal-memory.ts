/**
 * What a journal says about earlier runs: hints for politeness, never needed for safety.
 *
 * It remembers which logins sqlferry itself disabled, and whether a batch that moves the role was sent
 * without its end being seen.
 */

import { parseUtc } from '../base/utc.ts';
import type { Memory } from '../model/decision.ts';
import type { RoleChangeMeasure } from '../model/outage.ts';
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

const MEASURED_BY: readonly RoleChangeMeasure['by'][] = ['cutover', 'failback', 'abort'];

/**
 * The newest switch, there or back, whose two role changes were both answered: what the next prediction
 * counts with. `null` when the journal has none.
 */
export function measuredRoleChange(entries: readonly JournalEntry[]): RoleChangeMeasure | null {
  let demoted: { readonly ms: number; readonly databases: number } | null = null;
  let measure: RoleChangeMeasure | null = null;
  for (const entry of entries) {
    const { kind, outcome, databases, goal } = entry.data;
    if (entry.kind !== 'outcome' || outcome !== 'ok') continue;
    const ms = serverTime(entry);
    if (kind === 'demote') {
      const count = Array.isArray(databases) ? databases.length : 0;
      demoted = ms === null || count === 0 ? null : { ms, databases: count };
    }
    if (kind !== 'promote' && kind !== 'give-back') continue;
    const by = MEASURED_BY.find((name) => name === goal);
    if (demoted !== null && ms !== null && by !== undefined) {
      const { databases: count } = demoted;
      measure = { demoteMs: demoted.ms, promoteMs: ms, databases: count, by, at: entry.at };
    }
    demoted = null;
  }
  return measure;
}

function serverTime(entry: JournalEntry): number | null {
  const { serverMs } = entry.data;
  return typeof serverMs === 'number' && Number.isFinite(serverMs) && serverMs >= 0
    ? serverMs
    : null;
}
