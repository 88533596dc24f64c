/** What `planActs()` hands to the builder of plan steps. */

import type { Act } from './act.ts';
import type { HumanDecision } from './decision.ts';
import type { PlanPhase } from './plan.ts';

/** One act of the runbook; `sql/` turns it into a `PlanStep` with its statement. */
export interface PlannedAct {
  /** Rule that will emit it. */
  readonly rule: string;
  readonly phase: PlanPhase;
  readonly act: Act;
  readonly title: string;
  readonly why: string;
  /** The act that takes it back; null when there is none in sqlferry's vocabulary. */
  readonly undo: Act | null;
  /** How it is taken back in words, or why it cannot be. */
  readonly reversal: string;
  /** No copy is writable while it runs. */
  readonly outage: boolean;
  /** Title and address of the page it follows. */
  readonly reference: string;
}

/** The runbook from where the servers stand. */
export interface PlannedWork {
  readonly acts: readonly PlannedAct[];
  /** What may be sent in addition when something goes wrong on the way. */
  readonly recovery: readonly PlannedAct[];
  /** Why the runbook ends before the finish; null when it reaches it. */
  readonly stopped: HumanDecision | null;
}
