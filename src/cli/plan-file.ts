/** A plan written by `plan --out`: reading it, and comparing it with what the servers need now. */

import { readFileSync } from 'node:fs';

import * as z from 'zod';

import { fail, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { Plan, PlanStep } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';

const stepSchema = z.strictObject({
  id: z.string(),
  phase: z.enum(['prepare', 'create', 'seed', 'cutover', 'finish', 'recovery']),
  side: z.enum(['source', 'target']),
  instance: z.string(),
  title: z.string(),
  why: z.string(),
  sql: z.string(),
  parameters: z.array(z.strictObject({ name: z.string(), type: z.string() })).exactOptional(),
  undo: z.string().nullable(),
  outage: z.boolean(),
  reference: z.string(),
});

const planSchema = z.strictObject({
  migration: z.string(),
  hash: z.string(),
  steps: z.array(stepSchema),
  recovery: z.array(stepSchema),
  /** What `plan --json` adds for people; nothing is compared with it. */
  estimates: z.array(z.unknown()).exactOptional(),
});

/** Reads a plan of this migration. */
export function readPlan(path: string, migration: string): Result<Plan, Problem> {
  const unusable = (why: string): Result<Plan, Problem> =>
    fail({
      code: 'SF-CLI-006',
      summary: `The plan ${path} cannot be used: ${why}.`,
      because: [],
      remedy: `sqlferry plan --out ${path}`,
    });
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return unusable(error instanceof Error ? error.message : String(error));
  }
  const parsed = planSchema.safeParse(content);
  if (!parsed.success) return unusable('it does not have the form of a plan');
  if (parsed.data.migration !== migration) {
    return unusable(
      `it belongs to [${parsed.data.migration}], the migration file is [${migration}]`,
    );
  }
  const { estimates: _, ...plan } = parsed.data;
  return ok(plan);
}

/**
 * What the servers need now that the approved plan does not hold, one sentence each. A step of the
 * plan that is not needed any more has been done: that is how a run is resumed with the same plan.
 */
export function planDifferences(approved: Plan, now: Plan): readonly string[] {
  const known = new Set(approved.steps.map(keyOf));
  return now.steps
    .filter((step) => !known.has(keyOf(step)))
    .map((step) => `Not in the approved plan: ${step.title}, on [${step.instance}].`);
}

function keyOf(step: PlanStep): string {
  return JSON.stringify([step.side, step.instance, step.sql]);
}
