/** `--only` and `--side` of the assessment: what is kept of its findings. Pure. */

import { assessRules } from '../assess/table.ts';
import { assessmentOf } from '../assess/waiver.ts';
import { fail, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { Assessment, Finding } from '../model/finding.ts';
import type { Problem } from '../model/problem.ts';
import type { Side } from '../model/side.ts';
import { textOption } from './command-module.ts';
import type { CommandInput } from './command-module.ts';
import { nearestIds } from './nearest-ids.ts';

/** What is kept; null keeps all. */
export interface AssessFilter {
  readonly only: ReadonlySet<string> | null;
  readonly side: Side | null;
}

/** Reads both options. */
export function readFilter(input: CommandInput): Result<AssessFilter, Problem> {
  const side = textOption(input, 'side');
  const only = textOption(input, 'only');
  if (side !== null && side !== 'source' && side !== 'target') {
    return fail({
      code: 'SF-CLI-008',
      summary: `--side is ${side}; allowed: source, target.`,
      because: [],
      remedy: 'sqlferry assess --side source',
    });
  }
  const ids = only?.split(',').map((id) => id.trim().toUpperCase()) ?? null;
  const known = assessRules.map(({ id }) => id);
  const strays = ids?.filter((id) => !known.includes(id)) ?? [];
  if (strays.length > 0) {
    const near = strays.flatMap((stray) => nearestIds(stray, known, 3));
    return fail({
      code: 'SF-CLI-008',
      summary: `--only names what is no rule of the assessment: ${strays.join(', ')}.`,
      because: near.length === 0 ? [] : [`Rules with a similar id: ${near.join(', ')}.`],
      remedy: 'sqlferry assess --json lists every rule with its id.',
    });
  }
  return ok({ side, only: ids === null ? null : new Set(ids) });
}

/** The findings that pass; one about both sides passes for either. */
export function filtered(findings: readonly Finding[], filter: AssessFilter): readonly Finding[] {
  return findings.filter(
    ({ id, side }) =>
      (filter.only === null || filter.only.has(id)) &&
      (filter.side === null || side === null || side === filter.side),
  );
}

/** The assessment over what passes, with counts and verdict of its own. */
export function narrow(assessment: Assessment, filter: AssessFilter): Assessment {
  if (filter.only === null && filter.side === null) return assessment;
  return assessmentOf(filtered(assessment.findings, filter));
}
