/** Lab cases of the rules about availability groups. */

import { all, bothSides, type AssessCase, type Exemptions } from './case.ts';

/** The cases. */
export const groupCases: readonly AssessCase[] = [
  {
    title: 'both local groups are there, the target is empty',
    stage: 'groups',
    expect: [
      ...bothSides('success', ['AG-HEALTH', 'AG-TYPE', 'DAG-NAME']),
      ...all('success', ['TGT-AG-EMPTY', 'AG-NAMES']),
    ],
  },
  {
    title: 'the distributed group stands and is synchronised',
    stage: 'synchronised',
    expect: [
      ...bothSides('success', ['AG-HEALTH', 'AG-TYPE', 'DAG-NAME']),
      { rule: 'TGT-AG-EMPTY', outcome: 'success', evidence: /already joined/u },
    ],
  },
  {
    title: 'the migration file uses one name for two groups',
    migration: (migration) => ({ ...migration, distributedAvailabilityGroup: 'AzureAG' }),
    expect: all('error', ['AG-NAMES']),
  },
];

/** Rules without such cases. */
export const groupExempt: Exemptions = {};
