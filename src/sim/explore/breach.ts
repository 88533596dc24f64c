/** The invariants as the explorer checks them: what must never be, in a state or in a move. */

import type { Act } from '../../model/act.ts';
import { otherSide, type Side } from '../../model/side.ts';
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
  'INV-2':
    'Each acknowledged commit is on the copy that accepts writes; forward is decided only when the other side has the whole log.',
  'INV-3':
    'Per epoch at most one of commit and abort is decided; a revoke only while it is refused.',
  'INV-4':
    'No promotion takes effect unless the register said committing, or after a refusal; nobody refuses the epoch under which it is promoted.',
  'INV-5':
    'A side gives the role away only inside a fenced epoch, begun while its databases were SYNCHRONIZED.',
  'INV-6':
    'A fence whose dead-man runs is lifted by the servers alone, and nothing is decided forward after its deadline.',
  'INV-7': 'From every state one writable copy can be reached again without further faults.',
  'INV-8': 'A batch that arrives twice, or long after it was sent, changes nothing any more.',
  'INV-9': 'Nothing is done on what an earlier session showed.',
  'INV-10': 'While the leadership locks are there, one operator acts at a time.',
  'INV-17': 'Nobody gives back by a timer before the deadline of the server’s clock.',
  'INV-18':
    'Without further faults, an operator that is alone comes to an end; started again where all is done, it sends nothing.',
  'INV-19': 'No act of an operator that is alone changes something round and round.',
  'INV-24': 'Rows that are missing, changed by hand, newer or of others are seen and not acted on.',
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

/** A role change at the instant it is accepted. */
export interface RoleChange {
  readonly side: Side;
  /** Action of ALTER AVAILABILITY GROUP. */
  readonly action: string;
  /** The batch that does it; null: the dead-man. */
  readonly act: Act | null;
}

/**
 * What a role change breaks at the instant it is accepted, and which epoch it promotes. A promotion is
 * judged by the register of the other side, a demotion or a way back by the side's own.
 */
export function breach(
  control: Control,
  { side, action, act }: RoleChange,
): { readonly breach: Breach | null; readonly promoted: number } {
  const row = control[side].register;
  if (action === 'set-role-secondary') {
    // A row that somebody drops in the middle of the batch that wrote it: no transaction spans both.
    const isFenced = row === null || row.phase === 'fenced';
    return {
      breach: isFenced ? null : { invariant: 'INV-5', what: `demoted while ${row.phase}` },
      promoted: 0,
    };
  }
  if (action !== 'force-failover-allow-data-loss') return { breach: null, promoted: 0 };
  if (act?.kind === 'promote') {
    const isRefused = control[side].refusedEpoch >= act.epoch;
    return {
      breach: isRefused ? { invariant: 'INV-4', what: 'promoted after the refusal' } : null,
      promoted: epochNumber(otherSide(side), act.epoch),
    };
  }
  const isOver = row === null || row.phase === 'aborted';
  return {
    breach: isOver ? null : { invariant: 'INV-4', what: `taken back while ${row.phase}` },
    promoted: 0,
  };
}

/** Epochs of one side that a world has room for. */
export const maxEpochs = 3;

/** One number, above 0, for an epoch of one side's register. */
export function epochNumber(side: Side, epoch: bigint): number {
  return Number(epoch) + (side === 'source' ? 0 : maxEpochs);
}

/** What a change of the registers breaks. */
export function decisionBreach(before: Control, after: Control): Breach | null {
  if (before === after) return null;
  return sideDecisionBreach(before, after, 'source') ?? sideDecisionBreach(before, after, 'target');
}

function sideDecisionBreach(before: Control, after: Control, side: Side): Breach | null {
  const from = before[side].register;
  const to = after[side].register;
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
    after[otherSide(side)].refusedEpoch >= from.epoch;
  const decided = from.phase === 'fenced' && (to.phase === 'committing' || to.phase === 'aborted');
  const allowed = decided || revoked || (from.phase === 'committing' && to.phase === 'done');
  return allowed ? null : { invariant: 'INV-3', what: `the decision goes from ${step}` };
}
