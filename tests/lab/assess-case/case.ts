/**
 * A lab case of the assessment: servers in a certain state, and what rules must say about them.
 *
 * Cases are data: `assess-cases.test.ts` builds the servers, assesses them and compares, and
 * `scripts/page/rules.ts` writes them into `docs/rules.md`.
 */

import type { LabDefinition } from '../../../src/lab/definition.ts';
import type { Outcome } from '../../../src/model/finding.ts';
import type { Migration } from '../../../src/model/migration.ts';

/**
 * How far the migration is when the case begins. `fresh`: the lab as defined. `endpoints`: endpoints,
 * logins and grants. `groups`: both local groups. `distributed`: the distributed group, seeded,
 * asynchronous. `synchronised`: synchronous and SYNCHRONIZED. `switched`: the target is the global primary.
 */
export type CaseStage =
  | 'fresh'
  | 'endpoints'
  | 'groups'
  | 'distributed'
  | 'synchronised'
  | 'switched';

/** What one rule must say. */
export interface Expectation {
  readonly rule: string;
  readonly outcome: Outcome;
  /** The evidence of the finding; absent: any. */
  readonly evidence?: RegExp;
  /** The remedy of the finding; absent: any. */
  readonly remedy?: RegExp;
  /** Database of the finding; absent: any. */
  readonly database?: string;
  /** Instance of the finding; absent: any. */
  readonly instance?: string;
}

/** Servers in a state, and what rules say. */
export interface AssessCase {
  /** What is so on the servers, as `docs/rules.md` shows it: a few words, unique among all cases. */
  readonly title: string;
  /** Absent: two standalone servers without sample rows. Cases with the same function share their servers. */
  readonly lab?: (standalone: LabDefinition) => LabDefinition;
  /** Absent: `fresh`. */
  readonly stage?: CaseStage;
  /** T-SQL that `sa` sends to the first instance of the source after the stage is reached, one batch each. */
  readonly source?: readonly string[];
  /** The same for the target; sent after the source's. */
  readonly target?: readonly string[];
  /** Faults as `src/lab/fault/fault.ts` reads them, injected last. */
  readonly faults?: readonly unknown[];
  /** T-SQL of `sa` after the faults, on the first instance of the target. */
  readonly last?: { readonly target: readonly string[] };
  /** Login that assesses; absent: `sa`. `visitor` has no right but to connect. */
  readonly login?: string;
  /** Change of the migration file that belongs to the servers. */
  readonly migration?: (migration: Migration) => Migration;
  readonly expect: readonly Expectation[];
  /** Runs over TCP, TLS and the driver as well, and must give the same findings. */
  readonly wire?: true;
}

/** Expectations of one outcome for several rules. */
export function all(outcome: Outcome, rules: readonly string[]): readonly Expectation[] {
  return rules.map((rule) => ({ rule, outcome }));
}

/** Expectations for `SRC-` and `TGT-` of each name. */
export function bothSides(outcome: Outcome, names: readonly string[]): readonly Expectation[] {
  return all(
    outcome,
    names.flatMap((name) => [`SRC-${name}`, `TGT-${name}`]),
  );
}

/** Why a rule has no case that satisfies it, or none that fails, by its id. */
export type Exemptions = Readonly<
  Record<string, { readonly passes?: string; readonly fails?: string }>
>;
