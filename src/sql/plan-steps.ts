/** From the ordered acts of a runbook to its steps: the same text that the engine sends. */

import { instanceOfAct } from '../model/act.ts';
import type { Migration } from '../model/migration.ts';
import type { Plan, PlanStep } from '../model/plan.ts';
import type { PlannedAct } from '../model/planned-act.ts';
import { batchFor } from './statement/batch-for.ts';
import { undoFor } from './statement/undo.ts';

/** What a plan is made from. */
export interface PlanOptions {
  readonly acts: readonly PlannedAct[];
  /** The recovery set; none when left out. */
  readonly recovery?: readonly PlannedAct[];
  readonly migration: Migration;
  /** SHA-256 in hexadecimal; passed in because this room has no cryptography. */
  readonly hash: (text: string) => string;
}

/** The runbook: one step per act, in order, with a hash over all of them. */
export function planSteps(options: PlanOptions): Plan {
  const { acts, recovery = [], migration, hash } = options;
  const numbered = (list: readonly PlannedAct[], letter: string): readonly PlanStep[] => {
    const width = Math.max(2, String(list.length).length);
    return list.map((planned, index) =>
      planStep(planned, migration, `${letter}${String(index + 1).padStart(width, '0')}`),
    );
  };
  const steps = numbered(acts, 'S');
  const more = numbered(recovery, 'R');
  return {
    migration: migration.name,
    hash: hash(JSON.stringify([steps, more])),
    steps,
    recovery: more,
  };
}

function planStep(planned: PlannedAct, migration: Migration, id: string): PlanStep {
  const { act } = planned;
  const batch = batchFor(act, migration);
  const own = act.side === 'source' ? migration.source : migration.target;
  const undo =
    planned.undo === null ? undoFor(act, migration) : batchFor(planned.undo, migration).text;
  return {
    id,
    phase: planned.phase,
    side: act.side,
    instance: instanceOfAct(act) ?? own.instances[0].name,
    title: planned.title,
    why: undo === null ? `${planned.why} Undo: ${planned.reversal}` : planned.why,
    sql: batch.text,
    ...(batch.parameters.length === 0
      ? {}
      : { parameters: batch.parameters.map(({ name, type }) => ({ name, type })) }),
    undo,
    outage: planned.outage,
    reference: planned.reference,
  };
}
