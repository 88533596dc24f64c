/** Answers that belong to no row of the table: what every rule, and the walk over them, may come to. */

import { unknownRuleId, type RuleText } from './rule.ts';

/** Answers that no single rule gives, for `explain` and the documentation. */
export const generalAnswers: readonly RuleText[] = [
  {
    id: unknownRuleId,
    phase: 'stopped',
    title: 'A fact that the next rule needs is not known',
    why: 'What cannot be read never counts as in order; during an outage it is waited for, otherwise a person is asked.',
    emits: 'needs-human',
    reversal: null,
    reference: 'metadataVisibility',
  },
  {
    id: 'R-NO-EFFECT',
    phase: 'stopped',
    title: 'Stop: an act was repeated and the servers do not show its effect',
    why: 'No act is repeated for ever.',
    emits: 'needs-human',
    reversal: null,
    reference: 'configure',
  },
  {
    id: 'R-OUTAGE-OVERDUE',
    phase: 'switch',
    title: 'Stop: the outage lasts, and there is nothing left to do but wait',
    why: 'Past maxOutage and a minute of patience a person has to look.',
    emits: 'needs-human',
    reversal: null,
    reference: 'configure',
  },
  {
    id: 'R-UNFORESEEN',
    phase: 'stopped',
    title: 'Stop: no rule covers what the servers show',
    why: 'What is not understood is an error, never silence.',
    emits: 'needs-human',
    reversal: null,
    reference: 'configure',
  },
  {
    id: 'R-PLAN-LIMIT',
    phase: 'stopped',
    title: 'Stop: the plan is longer than any migration needs',
    why: 'The plan is made by running the rules over predicted servers, and that must come to an end.',
    emits: 'needs-human',
    reversal: null,
    reference: 'standalone',
  },
];
