/** What a rule is, and how one is written so that it sees only facts that are known. */

import { unreachable } from '../base/assert.ts';
import type { Act, ActKind } from '../model/act.ts';
import type { Decision, Intent, Memory, Phase, Policy } from '../model/decision.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import type { ReferenceName } from '../model/reference.ts';
import { partTitles, readParts, type PartName, type PartValues } from './parts.ts';

/** What `decide()` is told besides the observation and the intent. */
export interface DecideContext {
  readonly migration: Migration;
  readonly memory: Memory;
  readonly policy: Policy;
}

/** Everything a rule may look at. */
export interface Situation extends DecideContext {
  readonly observation: Observation;
  readonly intent: Intent;
}

/** What a rule answers with: the decision without the rule's own name and phase. */
export type Answer =
  | { readonly kind: 'act'; readonly because: string; readonly act: Act }
  | { readonly kind: 'wait'; readonly because: string; readonly blockers?: readonly string[] }
  | {
      readonly kind: 'needs-human';
      readonly because: string;
      readonly remedy: string;
      readonly blockers?: readonly string[];
      readonly outageOpen?: boolean;
    }
  | { readonly kind: 'done'; readonly because: string };

/** Kind of answer a rule gives: the act it emits, or another kind of decision. */
export type Emission = ActKind | 'wait' | 'needs-human' | 'done';

/** The part of a rule that is text: printed by `explain` and dumped to the golden table. */
export interface RuleText {
  /** Stable id, for example `R-ENDPOINT-CREATE`. Never reused. */
  readonly id: string;
  readonly phase: Phase;
  /** What the rule does, one sentence without full stop. */
  readonly title: string;
  /** When it applies and why, in words. */
  readonly why: string;
  readonly emits: Emission;
  /** How its act is taken back, or why it cannot be; null for rules without an act. */
  readonly reversal: string | null;
  readonly reference: ReferenceName;
}

/** A rule as the walker sees it. */
export interface Rule extends RuleText {
  readonly needs: readonly PartName[];
  /** Null when the rule does not apply. */
  readonly evaluate: (situation: Situation) => Decision | null;
}

/** How a rule is written. */
export interface RuleSpec<K extends PartName> extends RuleText {
  readonly needs: readonly K[];
  /** Looked at before the needs; true when absent. */
  readonly when?: (situation: Situation) => boolean;
  /** Sees the needed parts, all known. */
  readonly match: (parts: Pick<PartValues, K>, situation: Situation) => Answer | null;
}

/** Id of the answer given when a fact that the next rule needs is not known. */
export const unknownRuleId = 'R-UNKNOWN';

/** Makes a rule of its specification. */
export function rule<K extends PartName>(spec: RuleSpec<K>): Rule {
  return {
    id: spec.id,
    phase: spec.phase,
    title: spec.title,
    why: spec.why,
    emits: spec.emits,
    reversal: spec.reversal,
    reference: spec.reference,
    needs: spec.needs,
    evaluate: (situation) => {
      if (spec.when !== undefined && !spec.when(situation)) return null;
      const parts = readParts(situation.observation, spec.needs);
      if (!parts.known) return unknownDecision(spec, situation, parts);
      const answer = spec.match(parts.values, situation);
      return answer === null ? null : decisionOf(spec, answer);
    },
  };
}

/** A fact that is missing stops the way; during an outage it is waited for, because stopping would leave it open. */
function unknownDecision(
  spec: RuleText,
  situation: Situation,
  missing: { readonly part: PartName; readonly because: string },
): Decision {
  const because = `The ${partTitles[missing.part]} cannot be read: ${missing.because}`;
  const head = {
    rule: unknownRuleId,
    phase: spec.phase,
    because,
    blockers: [`${spec.id} cannot be decided without it.`],
  };
  if (situation.memory.outageMs !== null) return { kind: 'wait', ...head };
  return {
    kind: 'needs-human',
    ...head,
    remedy:
      'Give the login the missing right (sqlferry assess names it), then run the same command again.',
    outageOpen: false,
  };
}

function decisionOf(spec: RuleText, answer: Answer): Decision {
  const head = { rule: spec.id, phase: spec.phase, because: answer.because };
  switch (answer.kind) {
    case 'act':
      return { kind: 'act', ...head, act: answer.act };
    case 'wait':
      return { kind: 'wait', ...head, blockers: answer.blockers ?? [] };
    case 'needs-human':
      return {
        kind: 'needs-human',
        ...head,
        blockers: answer.blockers ?? [],
        remedy: answer.remedy,
        outageOpen: answer.outageOpen ?? false,
      };
    case 'done':
      return { kind: 'done', ...head };
  }
  return unreachable(answer);
}
