/**
 * The transitions of the register and of the roles that an act can cause, as data.
 *
 * The diagrams in `docs/states.md` are drawn from these tables, and a test holds them against what
 * `predict()` and the rules do, so that neither can say something else.
 */

import type { ActKind } from '../model/act.ts';
import type { RegisterPhase } from '../model/register.ts';

/** One edge of the register on the side that gives the role away. */
export interface PhaseTransition {
  readonly from: RegisterPhase;
  readonly to: RegisterPhase;
  /** Act, or the dead-man. */
  readonly by: ActKind | 'dead-man';
  /** What the batch demands besides the phase and the epoch. */
  readonly demands: string;
}

/** Every edge there is. */
export const phaseTransitions: readonly PhaseTransition[] = [
  ...(['idle', 'aborted', 'done'] as const).map((from): PhaseTransition => ({
    from,
    to: 'fenced',
    by: 'demote',
    demands: 'PRIMARY, SYNCHRONIZED, no session in the databases; the epoch grows by one',
  })),
  {
    from: 'fenced',
    to: 'committing',
    by: 'demote',
    demands: 'same batch: every final LSN had reached the other side',
  },
  {
    from: 'fenced',
    to: 'committing',
    by: 'commit-epoch',
    demands: 'before the deadline by this server’s clock',
  },
  { from: 'fenced', to: 'aborted', by: 'give-back', demands: 'then the role is taken back' },
  {
    from: 'fenced',
    to: 'aborted',
    by: 'dead-man',
    demands: 'after the deadline by this server’s clock; then the role is taken back',
  },
  {
    from: 'committing',
    to: 'aborted',
    by: 'give-back',
    demands: 'the other side was seen to refuse the epoch; then the role is taken back',
  },
  {
    from: 'fenced',
    to: 'aborted',
    by: 'fence-split-brain',
    demands: 'this side was typed as the loser; its role is not owed to it',
  },
  { from: 'aborted', to: 'aborted', by: 'give-back', demands: 'the role is owed and not back yet' },
  {
    from: 'aborted',
    to: 'aborted',
    by: 'dead-man',
    demands: 'whoever aborted it, the role is owed and not back yet',
  },
  { from: 'committing', to: 'done', by: 'close-epoch', demands: 'the other side was seen PRIMARY' },
];

/** Roles of both members, the giving side first. */
export type RolePair = readonly [string, string];

/** One edge of the roles. */
export interface RoleTransition {
  readonly from: RolePair;
  readonly to: RolePair;
  readonly by: ActKind | 'dead-man';
  /** Phase of the register in which it happens; null where the register has no say. */
  readonly phase: RegisterPhase | null;
}

/** Every edge that sqlferry or the dead-man can cause. */
export const roleTransitions: readonly RoleTransition[] = [
  { from: ['PRIMARY', 'SECONDARY'], to: ['SECONDARY', 'SECONDARY'], by: 'demote', phase: 'fenced' },
  {
    from: ['SECONDARY', 'SECONDARY'],
    to: ['SECONDARY', 'PRIMARY'],
    by: 'promote',
    phase: 'committing',
  },
  {
    from: ['SECONDARY', 'SECONDARY'],
    to: ['PRIMARY', 'SECONDARY'],
    by: 'give-back',
    phase: 'aborted',
  },
  {
    from: ['SECONDARY', 'SECONDARY'],
    to: ['PRIMARY', 'SECONDARY'],
    by: 'dead-man',
    phase: 'aborted',
  },
  {
    from: ['PRIMARY', 'PRIMARY'],
    to: ['SECONDARY', 'PRIMARY'],
    by: 'fence-split-brain',
    phase: null,
  },
  {
    from: ['not seen', 'SECONDARY'],
    to: ['not seen', 'PRIMARY'],
    by: 'force-promote-accepting-data-loss',
    phase: null,
  },
];
