/**
 * What the commands on a migration work with, as an interface: both servers, the rules and the plan
 * behind four questions. `open-session.ts` wires it.
 */

import type { Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import type { Interception } from '../engine/run.ts';
import type { Decision, HumanDecision, Intent, Policy } from '../model/decision.ts';
import type { Estimate } from '../model/estimate.ts';
import type { EngineEvent, RunResult } from '../model/event.ts';
import type { AssessFacts } from '../model/assess-facts.ts';
import type { Assessment } from '../model/finding.ts';
import type { InstanceInventory } from '../model/inventory.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import type { Plan } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { WaiverUse } from '../model/waiver.ts';
import type { JournalEntry } from '../ports/journal.ts';

/** A look at both sides, and what an intent would do next. */
export interface Glance {
  readonly observation: Observation;
  readonly decision: Decision;
  /** What the decision does, in words. */
  readonly action: string;
}

/** The runbook, and why it ends early. */
export interface PlannedRun {
  readonly plan: Plan;
  /** Why the runbook ends before the finish; null when it reaches it. */
  readonly stopped: HumanDecision | null;
  /** What its seeding will take. */
  readonly estimates: readonly Estimate[];
  /** Sides that could not be reached: a plan for them would be a guess. */
  readonly problems: readonly Problem[];
}

/** How a run is done. */
export interface RunOptions {
  readonly intent: Intent;
  readonly emit: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
  readonly interception?: Interception;
}

/** One migration with both its servers. */
export interface MigrationSession {
  readonly migration: Migration;
  /** Passwords it connects with, for what must keep them out of other programs. */
  readonly secrets: readonly Secret[];
  /** Hosts, users and domains that it connects with; may hold empty texts. */
  readonly contacts: readonly string[];
  /** Limits of this run, with what earlier runs measured. */
  readonly policy: Policy;
  /** Assesses both sides, one round trip each; problems where a side could not be reached. */
  assess(signal: AbortSignal): Promise<{
    /** With the waivers of the migration file applied. */
    readonly assessment: Assessment;
    readonly waivers: readonly WaiverUse[];
    readonly facts: AssessFacts;
    readonly problems: readonly Problem[];
  }>;
  /** Reads the groups of every instance with their options, one round trip each. */
  inventory(signal: AbortSignal): Promise<Result<readonly InstanceInventory[], readonly Problem[]>>;
  /** Observes both sides and asks what the intent would do. */
  glance(intent: Intent, signal: AbortSignal): Promise<Glance>;
  /** The runbook from where the servers stand. */
  plan(signal: AbortSignal): Promise<PlannedRun>;
  /** What one command would do from where the servers stand. */
  planOf(intent: Intent, signal: AbortSignal): Promise<PlannedRun>;
  run(options: RunOptions): Promise<RunResult>;
  /** Entries of the journal, oldest first. */
  journal(): readonly JournalEntry[];
  close(): Promise<void>;
}

/** Problems of the sides that could not be reached in an observation. */
export function unreachableProblems(observation: Observation): readonly Problem[] {
  return [observation.source, observation.target].flatMap((side) =>
    side.connection.kind === 'unreachable' ? [side.connection.problem] : [],
  );
}
