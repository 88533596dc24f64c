/**
 * What the protocol keeps on both servers beside the groups: register, refused epoch, locks, dead-man.
 *
 * Values of `sqlferry_control` and of the application locks, as the guarded batches see them. The
 * clock is one bit: the deadline of the epoch is past, or it is not.
 */

import type { PriorState } from '../../model/prior-state.ts';
import type { RegisterPhase } from '../../model/register.ts';
import type { Side } from '../../model/side.ts';

/** The row of `commit_register`. */
export interface RegisterRow {
  readonly epoch: bigint;
  readonly phase: RegisterPhase;
  /** The server's clock is past the deadline; means something only while `fenced`. */
  readonly isExpired: boolean;
  /** Aborted, and the side has not been seen with its role again; false in every other phase. */
  readonly isOwed: boolean;
  readonly isIntact: boolean;
  readonly prior: PriorState | null;
}

/** One server's side of the protocol. Sessions are named by their owners. */
export interface SideControl {
  /** `null`: no database `sqlferry_control`. */
  readonly register: RegisterRow | null;
  /** Highest epoch that may not promote here. */
  readonly refusedEpoch: bigint;
  /** The row of the refused epoch is there, sealed, of this protocol and for this other side. */
  readonly isRefusedIntact: boolean;
  /** Session that holds `sqlferry:act:<dag>`. */
  readonly actLock: string | null;
  /** Session that holds `sqlferry:lead:<dag>`. */
  readonly leadLock: string | null;
  readonly deadManExists: boolean;
  readonly deadManRunning: boolean;
}

/** Both servers. */
export interface Control {
  readonly source: SideControl;
  readonly target: SideControl;
}

/** A side after the plan steps of `migrate`: register idle, job created. */
export function preparedSide(deadManExists: boolean): SideControl {
  return {
    register: {
      epoch: 0n,
      phase: 'idle',
      isExpired: false,
      isOwed: false,
      isIntact: true,
      prior: null,
    },
    refusedEpoch: 0n,
    isRefusedIntact: true,
    actLock: null,
    leadLock: null,
    deadManExists,
    deadManRunning: false,
  };
}

/** The control with fields of one side changed. */
export function withSide(control: Control, side: Side, change: Partial<SideControl>): Control {
  return { ...control, [side]: { ...control[side], ...change } };
}

/** The control with fields of one side's register changed; the row must exist. */
export function withRegister(control: Control, side: Side, change: Partial<RegisterRow>): Control {
  const row = control[side].register;
  return row === null ? control : withSide(control, side, { register: { ...row, ...change } });
}

/** Every lock that a session held is free: the session has ended. */
export function withoutSession(control: Control, session: string): Control {
  let next = control;
  for (const side of ['source', 'target'] as const) {
    if (next[side].actLock === session) next = withSide(next, side, { actLock: null });
    if (next[side].leadLock === session) next = withSide(next, side, { leadLock: null });
  }
  return next;
}
