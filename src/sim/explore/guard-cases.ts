/**
 * The table of guards: each taken away alone, in a world in which its absence can show; then, where
 * another layer hides it, together with that layer.
 */

import type { GuardName } from '../semantics/guard.ts';
import { configuration, type Configuration } from './configuration.ts';

/** Guards that are taken away together, where that is looked for, and what is to be expected. */
export interface GuardCase {
  readonly removed: readonly GuardName[];
  readonly world: Configuration;
  /** Why nothing falls, or none can; null where an invariant has to fall. */
  readonly redundant: string | null;
}

const alone = configuration({
  name: 'one operator, one fault',
  look: 'one-instant',
  commits: 0,
});

/** Nothing goes wrong but what the missing guard lets through. */
const quiet = configuration({ ...alone, name: 'one operator', faults: 0 });

const rivals = configuration({
  ...alone,
  name: 'two rivals, one fault',
  operators: [['cutover'], ['abort']],
});

/** The leadership locks taken away for good: the register has to hold alone. */
const register = configuration({
  ...rivals,
  name: 'two rivals and the register alone, one fault',
  leadership: false,
});

/** Over and back again, and over once more. */
const roundTrip = configuration({
  ...alone,
  name: 'two epochs over, one back',
  faults: 0,
  epochs: 2,
  operators: [['cutover', 'failback']],
});

const calm = configuration({
  name: 'one operator, a late commit',
  look: 'one-instant',
  faults: 0,
});

/** Commits that are acknowledged without the target: the DAG is made asynchronous beside sqlferry. */
const lossy = configuration({
  ...calm,
  name: 'one operator, a late commit, a person beside',
  interferences: 1,
  operators: [['cutover']],
});

/** Every guard alone, in the order of `guardNames`. */
const single: readonly GuardCase[] = [
  { removed: ['act-lock'], world: rivals, redundant: null },
  { removed: ['register-cas'], world: quiet, redundant: null },
  { removed: ['in-batch-equality'], world: lossy, redundant: null },
  {
    removed: ['demote-role'],
    world: rivals,
    redundant:
      'EQUIVALENT: the server refuses SET (ROLE = SECONDARY) on a side that is not PRIMARY (41195, 41190), and a register at rest in the epoch that was seen says that no role has moved since',
  },
  { removed: ['demote-synchronized'], world: lossy, redundant: null },
  { removed: ['commit-epoch-cas'], world: rivals, redundant: null },
  { removed: ['commit-epoch-deadline'], world: alone, redundant: null },
  { removed: ['promote-refused'], world: alone, redundant: null },
  {
    removed: ['promote-role'],
    world: rivals,
    redundant: 'EQUIVALENT: the server refuses FORCE_FAILOVER_ALLOW_DATA_LOSS on a PRIMARY (41122)',
  },
  {
    removed: ['promote-lsns'],
    world: lossy,
    redundant:
      'EQUIVALENT: an epoch is committing only when the log has arrived, and the log of a forwarder only grows; it counts where that proof is missing (see the row of three)',
  },
  { removed: ['give-back-cas'], world: rivals, redundant: null },
  { removed: ['refuse-role'], world: register, redundant: null },
  { removed: ['close-cas'], world: roundTrip, redundant: null },
  { removed: ['dead-man-phase'], world: alone, redundant: null },
  { removed: ['dead-man-deadline'], world: alone, redundant: null },
  { removed: ['promote-after-committing'], world: rivals, redundant: null },
  { removed: ['revoke-after-refusal'], world: rivals, redundant: null },
  { removed: ['reconnect-voids'], world: alone, redundant: null },
  { removed: ['leadership'], world: rivals, redundant: null },
];

/**
 * What lies behind the first broken promise: the same guards with the layer that hides the harm, and
 * nothing checked but roles, commits and decisions.
 */
const together: readonly GuardCase[] = [
  {
    removed: ['in-batch-equality', 'promote-lsns', 'demote-synchronized'],
    world: { ...lossy, promises: false },
    redundant: null,
  },
  {
    removed: ['register-cas', 'leadership'],
    world: { ...alone, promises: false },
    redundant: null,
  },
  {
    removed: ['promote-refused', 'leadership'],
    world: { ...rivals, promises: false },
    redundant: null,
  },
];

/** The whole table. */
export const guardCases: readonly GuardCase[] = [...single, ...together];
