/** The assessment as one JSON document; its keys stay as they are, only new ones are added. Pure. */

import type { Estimate } from '../../model/estimate.ts';
import type { Assessment, Finding } from '../../model/finding.ts';
import type { WaiverUse } from '../../model/waiver.ts';
import type { Comparison } from './assess-baseline.ts';
import { fixSql } from './assess-fix-script.ts';

/** What the document holds. */
export interface AssessJsonOptions {
  readonly assessment: Assessment;
  readonly waivers: readonly WaiverUse[];
  readonly comparison: Comparison | null;
  readonly estimates: readonly Estimate[];
  readonly migration: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** The document. */
export function assessDocument(options: AssessJsonOptions): unknown {
  const { assessment, comparison, migration, at, waivers, estimates } = options;
  return {
    migration,
    at,
    verdict: assessment.verdict,
    counts: assessment.counts,
    findings: assessment.findings.map(findingObject),
    waivers,
    estimates,
    ...(comparison === null
      ? {}
      : {
          baseline: {
            file: comparison.file,
            at: comparison.at,
            fixed: comparison.fixed.map(placeObject),
            new: comparison.appeared.map(placeObject),
            changed: comparison.changed.map(({ before, now }) => ({
              ...placeObject(now),
              before: { outcome: before.outcome, evidence: before.evidence },
            })),
            gone: comparison.gone.map(placeObject),
          },
        }),
  };
}

function findingObject(finding: Finding): unknown {
  const { fix, notScripted, ...keys } = finding;
  const sql = fix === null ? null : fixSql(fix);
  return {
    ...keys,
    fix: fix === null || sql === null ? null : { instance: fix.instance, sql },
    notScripted,
  };
}

function placeObject({ id, side, instance, database, outcome, evidence }: Finding): object {
  return { id, side, instance, database, outcome, evidence };
}
