/** Lab cases of the rules about the reading itself. */

import { bothSides, type AssessCase, type Exemptions } from './case.ts';
import { everyInstance } from './definition.ts';

/** The cases. */
export const readingCases: readonly AssessCase[] = [
  {
    title: 'both servers have a version of the list of known ones',
    expect: bothSides('success', ['VERSION-KNOWN']),
  },
  {
    title: 'both servers say that they are version 18',
    lab: everyInstance({
      catalog: { serverproperty: [{ property: 'ProductVersion', value: '18.0.1000.1' }] },
    }),
    expect: bothSides('warning', ['VERSION-KNOWN']),
  },
];

/** Rules without a case. */
export const readingExempt: Exemptions = {};
