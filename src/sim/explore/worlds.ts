/** The worlds that are explored, and the layers. */

import type { GuardName } from '../semantics/guard.ts';
import { configuration, type Configuration } from './configuration.ts';
import { faultWorlds } from './fault-worlds.ts';

const both = [['cutover'], ['cutover', 'abort']] as const;
const rivals = [['cutover'], ['abort']] as const;

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

/** Worlds of `npm run explore`, beside the quick ones; the largest first, so that no thread waits for one at the end. */
export const largeWorlds: readonly Configuration[] = [
  configuration({
    name: 'two operators, one fault, a late commit',
    look: 'one-instant',
    operators: both,
  }),
  configuration({
    name: 'two rivals, two faults',
    faults: 2,
    commits: 0,
    look: 'one-instant',
    operators: rivals,
  }),
  configuration({
    name: 'two rivals on SQL Server 2022, one fault, a late commit',
    release: 2022,
    switches: { giveBackWithRequiredSecondaries: 'refused' },
    look: 'one-instant',
    operators: rivals,
  }),
  configuration({
    name: 'two rivals and the register alone, a late commit',
    faults: 0,
    look: 'one-instant',
    operators: rivals,
    leadership: false,
  }),
  configuration({
    name: 'two rivals, sides read one after the other',
    faults: 0,
    commits: 0,
    operators: rivals,
  }),
  configuration({
    name: 'two rivals and the register alone',
    faults: 0,
    commits: 0,
    look: 'one-instant',
    operators: rivals,
    leadership: false,
  }),
  configuration({
    name: 'one operator, two faults',
    faults: 2,
    commits: 0,
    look: 'one-instant',
  }),
  configuration({
    name: 'one operator, one fault, a late commit, every message takes its time',
    wire: 'every-message',
    look: 'one-instant',
    operators: [['cutover']],
  }),
  configuration({
    name: 'two epochs, one operator, one fault',
    commits: 0,
    epochs: 2,
    look: 'one-instant',
  }),
  ...(['accepted', 'refused'] as const).flatMap((giveBackWithRequiredSecondaries) =>
    (['hang', 'refuse'] as const).map((requiredSecondariesMissing) =>
      configuration({
        name: `SQL Server 2022, the network breaks, commits without the secondary ${requiredSecondariesMissing}, the way back ${giveBackWithRequiredSecondaries}`,
        release: 2022,
        switches: { giveBackWithRequiredSecondaries, requiredSecondariesMissing },
        faults: 0,
        cuts: 1,
        look: 'one-instant',
      }),
    ),
  ),
  configuration({
    name: 'the first demotion fails with 41104, and a false alarm of the seeding is shown',
    switches: { latchedDemotions: 1, seedingFalseAlarm: true },
    epochs: 2,
    commits: 0,
    look: 'one-instant',
  }),
  configuration({
    name: 'one operator, a late commit, a person beside sqlferry',
    faults: 0,
    interferences: 1,
    look: 'one-instant',
  }),
  ...faultWorlds,
];

/** Guards of one layer: without them the other layer, the leadership locks, has to hold alone. */
export const layers: Readonly<Record<'locks', ReadonlySet<GuardName>>> = {
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
