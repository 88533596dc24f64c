/** One answer for everything that has an id: rules, problem codes, SQL Server errors. */

import { ProblemCatalogue, type ProblemKind } from './problem.ts';
import { references, type Reference, type ReferenceName } from './reference.ts';
import { serverError, serverErrors } from './server-error.ts';

/** An explanation, ready for a screen or JSON. */
export interface Explanation {
  /** The id as the catalogue spells it. */
  readonly id: string;
  readonly kind:
    | 'assessment-rule'
    | 'decision-rule'
    | 'situation'
    | 'wait'
    | 'problem'
    | 'server-error';
  readonly title: string;
  /** What it means, or why the rule exists. */
  readonly meaning: string;
  /** Why it happens; empty for rules. */
  readonly cause: string;
  /** What to do. */
  readonly remedy: string;
  /** Facts about it in words: exit code, class, phase, act, how the act is taken back. */
  readonly facts: readonly string[];
  readonly reference: Reference | null;
}

/** What `explain` needs to know of an assessment rule; `assess/` has them. */
export interface ExplainableCheck {
  readonly id: string;
  readonly title: string;
  readonly family: string;
  readonly why: string;
  readonly remedy: string;
  readonly reference: ReferenceName;
}

/** What `explain` needs to know of a decision rule; `reconcile/` has them. */
export interface ExplainableDecision {
  readonly id: string;
  readonly phase: string;
  readonly title: string;
  readonly why: string;
  readonly emits: string;
  readonly reversal: string | null;
  readonly reference: ReferenceName;
}

/** What `explain` needs to know of a row of `diagnose`; `reconcile/` has them. */
export interface ExplainableSituation {
  readonly id: string;
  readonly title: string;
  /** What it means, one text per case. */
  readonly meaning: readonly string[];
  /** What goes on from there, one text per case. */
  readonly next: readonly string[];
  /** Neither side takes writes. */
  readonly outageOpen: boolean;
}

/** What `explain` needs to know of a judge of waits; `reconcile/` has them. */
export interface ExplainableWait {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** Ids of what follows from it. */
  readonly explains: readonly string[];
  readonly reference: ReferenceName;
}

/** The rules that the caller knows; model may not import them. */
export interface ExplainSources {
  readonly situations: readonly ExplainableSituation[];
  readonly checks: readonly ExplainableCheck[];
  readonly decisions: readonly ExplainableDecision[];
  readonly waits: readonly ExplainableWait[];
}

/** Explains an id, whatever its spelling; null when nothing has it. */
export function explain(id: string, sources: ExplainSources): Explanation | null {
  const wanted = id.trim().toUpperCase();
  const check = sources.checks.find((rule) => rule.id === wanted);
  if (check !== undefined) return explainCheck(check);
  const decision = sources.decisions.find((rule) => rule.id === wanted);
  if (decision !== undefined) return explainDecision(decision);
  const situation = sources.situations.find((row) => row.id === wanted);
  if (situation !== undefined) return explainSituation(situation);
  const wait = sources.waits.find((judge) => judge.id === wanted);
  if (wait !== undefined) return explainWait(wait);
  const catalogue: Readonly<Record<string, ProblemKind>> = ProblemCatalogue;
  const problem = Object.hasOwn(catalogue, wanted) ? catalogue[wanted] : undefined;
  if (problem !== undefined) return explainProblem(wanted, problem);
  return explainNumber(wanted);
}

function explainCheck(rule: ExplainableCheck): Explanation {
  return {
    id: rule.id,
    kind: 'assessment-rule',
    title: rule.title,
    meaning: rule.why,
    cause: '',
    remedy: rule.remedy,
    facts: [`Checked by sqlferry assess, group "${rule.family}".`],
    reference: references[rule.reference],
  };
}

function explainDecision(rule: ExplainableDecision): Explanation {
  const acts = !['wait', 'needs-human', 'done'].includes(rule.emits);
  return {
    id: rule.id,
    kind: 'decision-rule',
    title: rule.title,
    meaning: rule.why,
    cause: '',
    remedy: '',
    facts: [
      `Phase: ${rule.phase}.`,
      acts ? `Act: ${rule.emits}.` : `Answer: ${rule.emits}.`,
      ...(rule.reversal === null ? [] : [`Taken back by: ${rule.reversal}`]),
    ],
    reference: references[rule.reference],
  };
}

function explainSituation(row: ExplainableSituation): Explanation {
  return {
    id: row.id,
    kind: 'situation',
    title: row.title,
    meaning: row.meaning.join('\nOr: '),
    cause: '',
    remedy: row.next.join('\nOr: '),
    facts: [
      row.outageOpen
        ? 'Outage: neither side takes writes; exit code 5.'
        : 'A row of the table that sqlferry diagnose reads from the servers; the first that holds is the answer.',
    ],
    reference: null,
  };
}

function explainWait(judge: ExplainableWait): Explanation {
  return {
    id: judge.id,
    kind: 'wait',
    title: judge.title,
    meaning: judge.why,
    cause: '',
    remedy: '',
    facts: [
      'A cause that sqlferry status and the commands that wait name, with its next step; docs/waiting.md shows what they say.',
      ...(judge.explains.length === 0 ? [] : [`Brings with it: ${judge.explains.join(', ')}.`]),
    ],
    reference: references[judge.reference],
  };
}

/** Every id there is, for a suggestion where one was mistyped. */
export function knownIds(sources: ExplainSources): readonly string[] {
  return [
    ...sources.checks.map(({ id }) => id),
    ...sources.decisions.map(({ id }) => id),
    ...sources.situations.map(({ id }) => id),
    ...sources.waits.map(({ id }) => id),
    ...Object.keys(ProblemCatalogue),
    ...[...serverErrors.keys()].map(String),
  ];
}

function explainProblem(code: string, problem: ProblemKind): Explanation {
  return {
    id: code,
    kind: 'problem',
    title: problem.title,
    meaning: problem.title,
    cause: problem.cause,
    remedy: problem.remedy,
    facts: [`Exit code ${problem.exitCode}.`],
    reference: null,
  };
}

function explainNumber(text: string): Explanation | null {
  const digits = /^(?:MSG\s*|ERROR\s*)?(\d{1,6})$/u.exec(text)?.[1];
  const error = digits === undefined ? undefined : serverError(Number(digits));
  if (error === undefined) return null;
  return {
    id: String(error.number),
    kind: 'server-error',
    title: error.meaning,
    meaning: error.meaning,
    cause: error.cause,
    remedy: error.remedy,
    facts: [`SQL Server error ${error.number}, class ${error.class}.`],
    reference: null,
  };
}
