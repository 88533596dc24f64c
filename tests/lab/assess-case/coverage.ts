/** Which lab cases a rule has. */

import type { AssessCase } from './case.ts';

/** Titles of the cases in which a rule is satisfied, and in which it is not (warning or error). */
export interface RuleCases {
  readonly passes: readonly string[];
  readonly fails: readonly string[];
}

/** The cases of one rule, in the order of the table. */
export function casesOf(rule: string, cases: readonly AssessCase[]): RuleCases {
  const titles = (isMeant: (outcome: string) => boolean): readonly string[] =>
    cases
      .filter(({ expect }) => expect.some((each) => each.rule === rule && isMeant(each.outcome)))
      .map(({ title }) => title);
  return {
    passes: titles((outcome) => outcome === 'success'),
    fails: titles((outcome) => outcome === 'error' || outcome === 'warning'),
  };
}
