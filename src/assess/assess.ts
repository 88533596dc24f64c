/**
 * The assessment: every prerequisite that can be seen, and what cannot be seen by name.
 *
 * Pure. The facts are read in one batch per instance; rules are in `rules/`, their order in `table.ts`.
 */

import type { AssessFacts } from '../model/assess-facts.ts';
import type { Assessment, Finding, Outcome, Verdict } from '../model/finding.ts';
import type { Migration } from '../model/migration.ts';
import { assessRules } from './table.ts';

/** Asks every rule. */
export function assess(facts: AssessFacts, migration: Migration): Assessment {
  const findings = assessRules.flatMap((rule) => rule.check(facts, migration));
  const counts = countOutcomes(findings);
  return { verdict: verdictOf(counts), counts, findings };
}

/** Any error: not ready; else any unknown: unknown; else any warning: conditions; else ready. */
export function verdictOf(counts: Readonly<Record<Outcome, number>>): Verdict {
  if (counts.error > 0) return 'not-ready';
  if (counts.unknown > 0) return 'unknown';
  return counts.warning > 0 ? 'ready-with-conditions' : 'ready';
}

/** Findings by outcome. */
export function countOutcomes(findings: readonly Finding[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = {
    error: 0,
    warning: 0,
    success: 0,
    skipped: 0,
    unknown: 0,
  };
  for (const finding of findings) counts[finding.outcome] += 1;
  return counts;
}
