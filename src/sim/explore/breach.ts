/** The invariants as the explorer checks them: what must never be, in a state or in a move. */

import type { Control } from '../semantics/control.ts';
import type { HadrFacts } from './hadr-space.ts';

/** A broken invariant. */
export interface Breach {
  readonly invariant: InvariantId;
  readonly what: string;
}

/** Invariants that are checked, with the wording of docs/safety.md in short. */
export const invariantTexts = {
  'INV-1': 'At no instant do two copies accept a committed write.',
  'INV-2': 'Each acknowledged commit is on the copy that accepts writes.',
  'INV-3':
    'Per epoch at most one of commit and abort is decided; a revoke only while it is refused.',
  'INV-4': 'No promotion takes effect unless the register said committing, or after a refusal.',
  'INV-5': 'The source gives the role away only inside a fenced epoch.',
  'INV-7': 'From every state one writable copy can be reached again without further faults.',
} as const;

/** Name of an invariant. */
export type InvariantId = keyof typeof invariantTexts;

/** What the state of both servers breaks. */
export function stateBreach(facts: HadrFacts, acknowledged: number): Breach | null {
  if (facts.sourceWritable && facts.targetWritable)
    return { invariant: 'INV-1', what: 'both copies accept writes' };
  if (facts.sourceWritable && (acknowledged & ~facts.sourceCommits) !== 0)
    return { invariant: 'INV-2', what: 'the writable source lacks an acknowledged commit' };
  if (facts.targetWritable && (acknowledged & ~facts.targetCommits) !== 0)
    return { invariant: 'INV-2', what: 'the writable target lacks an acknowledged commit' };
  return null;
}

/** What a role change breaks at the instant it is accepted, and which epoch it promotes. */
export function breach(
  control: Control,
  side: 'source' | 'target',
  action: string,
): { readonly breach: Breach | null; readonly promoted: number } {
  const row = control.source.register;
  const epoch = Number(row?.epoch ?? 0n);
  if (action === 'set-role-secondary' && side === 'source') {
    const isFenced = row?.phase === 'fenced';
    return {
      breach: isFenced ? null : { invariant: 'INV-5', what: `demoted while ${row?.phase}` },
      promoted: 0,
    };
  }
  if (action === 'force-failover-allow-data-loss' && side === 'target') {
    const isRefused = control.target.refusedEpoch >= (row?.epoch ?? 0n);
    return {
      breach: isRefused ? { invariant: 'INV-4', what: 'promoted after the refusal' } : null,
      promoted: epoch,
    };
  }
  return { breach: null, promoted: 0 };
}

/** What a change of the register breaks. */
export function decisionBreach(before: Control, after: Control): Breach | null {
  const from = before.source.register;
  const to = after.source.register;
  if (from === null || to === null || from === to) return null;
  const step = `${from.phase} to ${to.phase}`;
  if (to.epoch < from.epoch) return { invariant: 'INV-3', what: 'the epoch goes back' };
  if (to.epoch > from.epoch) {
    const isAtRest = from.phase !== 'fenced' && from.phase !== 'committing';
    return isAtRest
      ? null
      : { invariant: 'INV-3', what: `a new epoch over one that is ${from.phase}` };
  }
  if (from.phase === to.phase) return null;
  const revoked =
    from.phase === 'committing' &&
    to.phase === 'aborted' &&
    after.target.refusedEpoch >= from.epoch;
  const decided = from.phase === 'fenced' && (to.phase === 'committing' || to.phase === 'aborted');
  const allowed = decided || revoked || (from.phase === 'committing' && to.phase === 'done');
  return allowed ? null : { invariant: 'INV-3', what: `the decision goes from ${step}` };
}
