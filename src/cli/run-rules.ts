/** Texts for the ends of a run that no rule decides, so that `explain` knows every id it shows. */

import { endRules } from '../engine/ending.ts';
import type { ExplainableDecision } from '../model/explain.ts';

/** How the texts are written. */
interface EndText {
  readonly id: string;
  readonly title: string;
  readonly why: string;
}

const texts: readonly EndText[] = [
  {
    id: endRules.interrupted,
    title: 'Stop on request, between two acts',
    why: 'Ctrl-C or a termination signal arrived. An act under way is never cut off; the same command goes on.',
  },
  {
    id: endRules.limit,
    title: 'Stop at a limit of the run',
    why: 'Nothing moved for ten minutes, or the run took a day. The same command goes on.',
  },
  {
    id: endRules.unreachable,
    title: 'Stop where a server does not answer',
    why: 'It was never reached in this run, or it stayed away for a minute. The same command goes on.',
  },
  {
    id: endRules.failing,
    title: 'Stop where an act fails again and again',
    why: 'The server refuses it for a reason that repetition does not mend; the message holds its error.',
  },
  {
    id: endRules.refused,
    title: 'Stop where a hook failed or a step was not confirmed',
    why: 'The batch was not sent.',
  },
  {
    id: endRules.journal,
    title: 'Stop where the journal cannot be written',
    why: 'Outside an outage nothing is sent that is not on disk first.',
  },
];

/** The ends as rules for `explain`. */
export const runRules: readonly ExplainableDecision[] = texts.map((text) => ({
  ...text,
  phase: 'stopped',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
}));
