/** Lab cases of the rules about the reading itself. */

import { bothSides, type AssessCase, type Exemptions } from './case.ts';

/** The cases. */
export const readingCases: readonly AssessCase[] = [
  {
    title: 'both servers have a version of the list of known ones',
    expect: bothSides('success', ['VERSION-KNOWN']),
  },
];

const newer = {
  fails:
    'the lab knows no version after 2025; tests/lab/assess-odd-server.test.ts claims one on the wire',
};

/** Rules without a case. */
export const readingExempt: Exemptions = {
  'SRC-VERSION-KNOWN': newer,
  'TGT-VERSION-KNOWN': newer,
};
