/** Judging rules on facts: a table of cases per file of rules, and what every rule must have shown. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AssessRule } from '../../src/assess/rule.ts';
import type { AssessFacts, SideFacts } from '../../src/model/assess-facts.ts';
import type { Outcome } from '../../src/model/finding.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { Side } from '../../src/model/side.ts';
import { blindParts, goodFacts } from './facts.ts';
import { articleMigration } from './observation.ts';

/** Facts, and what one rule must say about them. */
export interface JudgeCase {
  readonly id: string;
  readonly facts: AssessFacts;
  readonly outcome: Outcome;
  readonly evidence?: RegExp;
  readonly remedy?: RegExp;
  /** Absent: the article's. */
  readonly migration?: Migration;
}

/** Outcomes that a rule has no way to. */
export interface Never {
  readonly success?: readonly string[];
  readonly failure?: readonly string[];
  readonly unknown?: readonly string[];
}

/** Facts with parts of one side changed. */
export function altered(
  side: Side,
  change: Partial<SideFacts>,
  facts: AssessFacts = goodFacts,
): AssessFacts {
  return { ...facts, [side]: { ...facts[side], ...change } };
}

/** The same change for SRC- and TGT- of a rule. */
export function onBothSides(
  name: string,
  outcome: Outcome,
  make: (side: Side) => AssessFacts,
): readonly JudgeCase[] {
  return [
    { id: `SRC-${name}`, facts: make('source'), outcome },
    { id: `TGT-${name}`, facts: make('target'), outcome },
  ];
}

/** Both sides answer, and show nothing. */
export const blindFacts: AssessFacts = altered(
  'target',
  blindParts('nobody may look'),
  altered('source', blindParts('nobody may look')),
);

/**
 * One test per case, and one that every rule of the file was seen with a success, a failure and an
 * unknown; the good facts and the blind ones count.
 */
export function testJudges(
  rules: readonly AssessRule[],
  cases: readonly JudgeCase[],
  never: Never = {},
): void {
  for (const { id, facts, outcome, evidence, remedy, migration } of cases) {
    const says = evidence === undefined ? '' : ` and says ${evidence.source}`;
    test(`${id} is ${outcome}${says}`, () => {
      const found = findingsOf(rules, facts, migration).filter((one) => one.id === id);
      const meant = found.find((one) => one.outcome === outcome);
      const seen = found.map((one) => `${one.outcome} ${one.evidence}`).join('; ');
      assert.ok(meant !== undefined, `${id}: ${seen}`);
      if (evidence !== undefined) assert.match(meant.evidence, evidence);
      if (remedy !== undefined) assert.match(meant.remedy, remedy);
      if (outcome === 'error' || outcome === 'warning') assert.notEqual(meant.remedy, '');
    });
  }
  test('every rule of this file was seen with a success, a failure and an unknown', () => {
    const seen = new Map<string, Set<Outcome>>();
    for (const { facts, migration } of [...cases, { facts: goodFacts }, { facts: blindFacts }]) {
      for (const { id, outcome } of findingsOf(rules, facts, migration))
        seen.set(id, (seen.get(id) ?? new Set()).add(outcome));
    }
    for (const { id } of rules) {
      const outcomes = seen.get(id) ?? new Set<Outcome>();
      const fails = outcomes.has('error') || outcomes.has('warning');
      assert.equal(outcomes.has('success'), !isIn(never.success, id), `${id}: success`);
      assert.equal(fails, !isIn(never.failure, id), `${id}: failure`);
      assert.equal(outcomes.has('unknown'), !isIn(never.unknown, id), `${id}: unknown`);
    }
  });
}

function isIn(ids: readonly string[] | undefined, id: string): boolean {
  return ids?.includes(id) ?? false;
}

function findingsOf(
  rules: readonly AssessRule[],
  facts: AssessFacts,
  migration: Migration = articleMigration,
) {
  return rules.flatMap((rule) => rule.check(facts, migration));
}
