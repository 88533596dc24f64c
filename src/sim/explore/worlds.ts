/** The worlds that are explored, the layers, and for each guard the world in which its absence shows. */

import type { GuardName } from '../semantics/guard.ts';
import { configuration, type Configuration } from './configuration.ts';

const both = [['cutover'], ['cutover', 'abort']] as const;

/** Worlds of `npm run check`: more than a million states in all, each seen completely. */
export const quickWorlds: readonly Configuration[] = [
  configuration({ name: 'one operator, one fault, a late commit', look: 'one-instant' }),
  configuration({
    name: 'two operators, a late commit',
    faults: 0,
    look: 'one-instant',
    operators: both,
  }),
  configuration({
    name: 'one operator, the network breaks, a late commit',
    faults: 0,
    cuts: 1,
    look: 'one-instant',
  }),
  configuration({
    name: 'one operator, one fault, sides read one after the other',
    commits: 0,
  }),
];

/** Worlds of `npm run explore`, beside the quick ones. */
export const largeWorlds: readonly Configuration[] = [
  configuration({
    name: 'one operator, two faults',
    faults: 2,
    commits: 0,
    look: 'one-instant',
  }),
  configuration({
    name: 'one operator, every message takes its time',
    faults: 0,
    commits: 0,
    wire: 'every-message',
  }),
  configuration({
    name: 'two operators, one fault, a late commit',
    look: 'one-instant',
    operators: both,
  }),
  configuration({
    name: 'two operators and the register alone, one fault, the target read in two parts',
    commits: 0,
    look: 'torn-target',
    operators: [['cutover'], ['abort']],
    removed: new Set<GuardName>(['leadership']),
  }),
  configuration({
    name: 'two epochs, one operator, one fault',
    commits: 0,
    epochs: 2,
    look: 'one-instant',
  }),
  configuration({
    name: 'SQL Server 2022, the way back refused while secondaries are required',
    release: 2022,
    switches: { giveBackWithRequiredSecondaries: 'refused' },
    commits: 0,
    look: 'one-instant',
  }),
  configuration({
    name: 'one operator, a late commit, a person beside sqlferry',
    faults: 0,
    interferences: 1,
    look: 'one-instant',
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

const alone = configuration({
  name: 'one operator, one fault',
  look: 'one-instant',
  commits: 0,
});

const calm = configuration({
  name: 'one operator, a late commit',
  look: 'one-instant',
  faults: 0,
});

/** Commits that are acknowledged without the target: the DAG is made asynchronous beside sqlferry. */
const lossy = configuration({
  name: 'one operator, a late commit, a person beside',
  look: 'one-instant',
  faults: 0,
  interferences: 1,
  operators: [['cutover']],
});

/** The table of guards: one by one, or with the other layer where that hides it. */
export const guardCases: readonly GuardCase[] = [
  { removed: ['act-lock'], world: rivals, redundant: null },
  { removed: ['register-cas', 'leadership'], world: alone, redundant: null },
  { removed: ['commit-epoch-cas'], world: rivals, redundant: null },
  { removed: ['give-back-cas'], world: rivals, redundant: null },
  { removed: ['promote-refused', 'leadership'], world: rivals, redundant: null },
  { removed: ['promote-after-committing'], world: rivals, redundant: null },
  { removed: ['revoke-after-refusal'], world: rivals, redundant: null },
  {
    removed: ['leadership'],
    world: alone,
    redundant:
      'the register alone keeps two operators apart; the lock tells people who operates, and hides the absence of register-cas and promote-refused',
  },
  {
    removed: ['close-cas'],
    world: alone,
    redundant:
      'close-epoch is decided only after the target was seen PRIMARY; it protects later epochs',
  },
  {
    removed: ['demote-role'],
    world: alone,
    redundant:
      'the server itself refuses SET (ROLE = SECONDARY) on a side that is not PRIMARY (41195, 41190)',
  },
  {
    removed: ['promote-role'],
    world: alone,
    redundant: 'the server itself refuses FORCE_FAILOVER_ALLOW_DATA_LOSS on a PRIMARY (41122)',
  },
  {
    removed: ['refuse-role'],
    world: alone,
    redundant: 'who takes a committing epoch back looks at both sides after the refusal',
  },
  {
    removed: ['reconnect-voids'],
    world: alone,
    redundant: 'each batch looks again inside; a stale look only costs a refused batch',
  },
  {
    removed: ['dead-man-deadline'],
    world: alone,
    redundant:
      'the compare-and-set keeps an early dead-man harmless; the deadline is the budget (INV-6)',
  },
  {
    removed: ['dead-man-phase'],
    world: alone,
    redundant:
      'an epoch that is committing has no deadline any more, so the dead-man finds nothing due',
  },
  {
    removed: ['commit-epoch-deadline'],
    world: alone,
    redundant:
      'the compare-and-set decides between commit and dead-man; the deadline is the budget (INV-6)',
  },
  {
    removed: ['demote-synchronized'],
    world: calm,
    redundant: 'the final LSNs are compared after the role change, whatever was shown before',
  },
  {
    removed: ['in-batch-equality'],
    world: calm,
    redundant: 'promote waits for the final LSNs itself',
  },
  {
    removed: ['promote-lsns'],
    world: calm,
    redundant: 'an epoch is committing only after the log was seen to have arrived',
  },
  {
    removed: ['in-batch-equality', 'promote-lsns', 'demote-synchronized'],
    world: lossy,
    redundant: null,
  },
];
