/** The reviewable runbook. */

import type { Side } from './side.ts';

/** Where in the way a step stands; `recovery` is beside it, for when something goes wrong. */
export type PlanPhase = 'prepare' | 'create' | 'seed' | 'cutover' | 'finish' | 'recovery';

/** One statement (or one guarded batch) exactly as it will run. */
export interface PlanStep {
  /** `S01`, `S02`, ... in order; `R01`, ... in the recovery set. */
  readonly id: string;
  readonly phase: PlanPhase;
  readonly side: Side;
  readonly instance: string;
  readonly title: string;
  readonly why: string;
  /** The text sent to the server, word for word; values known only at run time are its parameters. */
  readonly sql: string;
  /** Parameters of the text, whose values are known only at run time; absent when it has none. */
  readonly parameters?: readonly PlanParameter[];
  /** The statement that takes the step back; `null` when there is none, and `why` says so. */
  readonly undo: string | null;
  /** No copy is writable while this step runs. */
  readonly outage: boolean;
  readonly reference: string;
}

/** A parameter of a step's text. */
export interface PlanParameter {
  /** Without the at-sign. */
  readonly name: string;
  /** T-SQL type. */
  readonly type: string;
}

/** The whole runbook. */
export interface Plan {
  /** Name of the migration. */
  readonly migration: string;
  /** SHA-256 over the steps and the recovery set, hexadecimal: two plans with one hash say the same. */
  readonly hash: string;
  readonly steps: readonly PlanStep[];
  /** What may be sent in addition when something goes wrong, word for word; `R01`, `R02`, ... */
  readonly recovery: readonly PlanStep[];
}
