/** How a run ends: from the last decision, a limit or an interruption to a result. */

import type { Decision, Intent } from '../model/decision.ts';
import type { RunResult } from '../model/event.ts';
import { ProblemCatalogue, type Problem, type ProblemCode } from '../model/problem.ts';

/** The end of a run before numbers are added. */
export interface Ending {
  readonly outcome: RunResult['outcome'];
  readonly rule: string;
  readonly message: string;
  /** Shown as an event of its own before the result; `null` when the decision says all. */
  readonly problem: Problem | null;
}

/** Rule names of ends that no rule of `reconcile/` decides. */
export const endRules = {
  interrupted: 'E-INTERRUPTED',
  limit: 'E-LIMIT',
  unreachable: 'E-UNREACHABLE',
  failing: 'E-FAILING',
  refused: 'E-REFUSED',
  journal: 'E-JOURNAL',
} as const;

/** The end that a decision asks for; `null` when the run goes on. */
export function endingOf(decision: Decision, intent: Intent): Ending | null {
  if (decision.kind === 'act' || decision.kind === 'wait') return null;
  const { rule } = decision;
  if (decision.kind === 'done') {
    const ready = intent.goal === 'migrate' && decision.phase === 'ready';
    const outcome = ready ? 'ready-for-cutover' : 'done';
    return { outcome, rule, message: decision.because, problem: null };
  }
  const message = [decision.because, ...decision.blockers, decision.remedy].join(' ');
  return {
    outcome: decision.outageOpen ? 'outage-open' : 'needs-human',
    rule,
    message,
    problem: null,
  };
}

/** The end for a problem; while neither side takes writes every end is an open outage. */
export function endingOfProblem(rule: string, problem: Problem, outageOpen: boolean): Ending {
  const exit = ProblemCatalogue[problem.code].exitCode;
  const outcome = outageOpen || exit === 5 ? 'outage-open' : exit === 3 ? 'needs-human' : 'problem';
  return { outcome, rule, message: `${problem.summary} ${problem.remedy}`, problem };
}

/** A problem of the run itself. */
export function runProblem(code: ProblemCode, because: readonly string[]): Problem {
  const kind = ProblemCatalogue[code];
  return { code, summary: `${kind.title}.`, because, remedy: kind.remedy };
}
