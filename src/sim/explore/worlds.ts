/** The worlds that are explored, the layers, and for each guard the world in which its absence shows. */

import type { GuardName } from '../semantics/guard.ts';
import { configuration, type Configuration } from './configuration.ts';

const both = [['cutover'], ['cutover', 'abort']] as const;

/** Worlds of `npm run check`: small enough to be seen completely in a minute. */
export const quickWorlds: readonly Configuration[] = [
  configuration({
    name: 'one operator, nothing goes wrong, every message takes its time',
    faults: 0,
    commits: 0,
    wire: 'every-message',
    look: 'one-instant',
  }),
  configuration({ name: 'one operator, one fault, a late commit', look: 'one-instant' }),
  configuration({
    name: 'two operators, a late commit',
    faults: 0,
    look: 'one-instant',
    operators: both,
  }),
];

/** Worlds of `npm run explore`, beside the quick ones. */
export const largeWorlds: readonly Configuration[] = [
  configuration({ name: 'one operator, one fault, sides read one after the other', commits: 0 }),
  configuration({ name: 'one operator, two faults', faults: 2, commits: 0, look: 'one-instant' }),
  configuration({
    name: 'one operator, the network breaks',
    faults: 0,
    cuts: 1,
    look: 'one-instant',
  }),
  configuration({
    name: 'two operators, one fault',
    commits: 0,
    look: 'one-instant',
    operators: [['cutover'], ['abort']],
  }),
];

/** Guards of one layer: the other layer has to hold alone. */
export const layers: Readonly<Record<'register' | 'locks', ReadonlySet<GuardName>>> = {
  register: new Set<GuardName>(['leadership']),
  locks: new Set<GuardName>([
    'register-cas',
    'give-back-cas',
    'commit-epoch-cas',
    'close-cas',
    'promote-refused',
    'promote-after-committing',
    'revoke-after-refusal',
    'dead-man-phase',
  ]),
};

/** Guards that are taken away together, where that is looked for, and what is to be expected. */
export interface GuardCase {
  readonly removed: readonly GuardName[];
  readonly world: Configuration;
  /** Why nothing falls; null where an invariant has to fall. */
  readonly redundant: string | null;
}

const rivals = configuration({
  name: 'rivals',
  look: 'one-instant',
  commits: 0,
  operators: [['cutover'], ['abort']],
});
const one = configuration({ name: 'one operator', look: 'one-instant', commits: 0 });

/** The table of guards: alone, then the pairs behind those that are redundant alone. */
export const guardCases: readonly GuardCase[] = [
  { removed: ['act-lock'], world: rivals, redundant: null },
  { removed: ['commit-epoch-cas'], world: rivals, redundant: null },
  { removed: ['give-back-cas'], world: rivals, redundant: null },
  { removed: ['promote-refused'], world: rivals, redundant: null },
  { removed: ['promote-after-committing'], world: rivals, redundant: null },
  { removed: ['revoke-after-refusal'], world: rivals, redundant: null },
  {
    removed: ['leadership'],
    world: one,
    redundant: 'the register alone keeps two operators apart; the lock tells people who operates',
  },
  {
    removed: ['demote-role'],
    world: one,
    redundant:
      'the server itself refuses SET (ROLE = SECONDARY) on a side that is not PRIMARY (41195, 41190)',
  },
  {
    removed: ['promote-role'],
    world: one,
    redundant: 'the server itself refuses FORCE_FAILOVER_ALLOW_DATA_LOSS on a PRIMARY (41122)',
  },
  {
    removed: ['refuse-role'],
    world: one,
    redundant: 'who takes a committing epoch back looks at both sides after the refusal',
  },
  {
    removed: ['reconnect-voids'],
    world: one,
    redundant: 'each batch looks again inside; a stale look only costs a refused batch',
  },
  {
    removed: ['dead-man-deadline'],
    world: one,
    redundant:
      'the compare-and-set keeps an early dead-man harmless; the deadline is the budget (INV-6)',
  },
  {
    removed: ['dead-man-phase'],
    world: one,
    redundant:
      'an epoch that is committing has no deadline any more, so the dead-man finds nothing due',
  },
  {
    removed: ['commit-epoch-deadline'],
    world: one,
    redundant:
      'the compare-and-set decides between commit and dead-man; the deadline is the budget (INV-6)',
  },
  {
    removed: ['demote-synchronized'],
    world: one,
    redundant: 'the final LSNs are compared after the role change, whatever the state said before',
  },
];
