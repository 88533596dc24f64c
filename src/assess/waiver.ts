/**
 * Waivers: what somebody accepts stays visible and stays an error, and turns the verdict into
 * `ready-with-conditions` at best. Pure; the day comes from the caller's clock.
 */

import { sameName } from '../base/name.ts';
import { formatUtc } from '../base/utc.ts';
import type { Assessment, Finding, Verdict } from '../model/finding.ts';
import type { Waiver, WaiverUse } from '../model/waiver.ts';
import { countOutcomes, verdictOf } from './assess.ts';

/** An assessment with its waivers applied, and what became of each waiver. */
export interface WaivedAssessment {
  readonly assessment: Assessment;
  readonly waivers: readonly WaiverUse[];
}

/** Marks what is waived at this time (milliseconds since 1970) and judges again. */
export function applyWaivers(
  assessment: Assessment,
  waivers: readonly Waiver[],
  now: number,
): WaivedAssessment {
  const today = formatUtc(now).slice(0, 10);
  const counting = waivers.filter((waiver) => isCounting(waiver, today));
  const findings = assessment.findings.map((finding) => {
    const waiver = canBeWaived(finding)
      ? counting.find((candidate) => covers(candidate, finding))
      : undefined;
    return waiver === undefined
      ? finding
      : { ...finding, waived: { reason: waiver.reason, expires: waiver.expires } };
  });
  return {
    assessment: assessmentOf(findings),
    waivers: waivers.map((waiver) => useOf(waiver, assessment.findings, today)),
  };
}

/** Counts and verdict of findings: a waived one counts as a condition, whatever its outcome is. */
export function assessmentOf(findings: readonly Finding[]): Assessment {
  return { verdict: verdictOfFindings(findings), counts: countOutcomes(findings), findings };
}

function verdictOfFindings(findings: readonly Finding[]): Verdict {
  const verdict = verdictOf(countOutcomes(findings.filter(({ waived }) => waived === null)));
  const isConditional = findings.some(({ waived }) => waived !== null);
  return verdict === 'ready' && isConditional ? 'ready-with-conditions' : verdict;
}

/** The last day is part of the time. ISO dates sort as text. */
function isCounting(waiver: Waiver, today: string): boolean {
  return waiver.expires >= today;
}

function useOf(waiver: Waiver, findings: readonly Finding[], today: string): WaiverUse {
  const covered = findings.filter(
    (finding) => canBeWaived(finding) && covers(waiver, finding),
  ).length;
  const isExpired = !isCounting(waiver, today);
  return {
    ...waiver,
    state: isExpired ? 'expired' : covered === 0 ? 'matches-nothing' : 'counts',
    findings: covered,
  };
}

function canBeWaived({ outcome }: Finding): boolean {
  return outcome === 'error' || outcome === 'unknown' || outcome === 'warning';
}

function covers(waiver: Waiver, finding: Finding): boolean {
  return (
    waiver.rule === finding.id &&
    isAt(waiver.database, finding.database) &&
    isAt(waiver.instance, finding.instance)
  );
}

function isAt(wanted: string | null, found: string | null): boolean {
  return wanted === null || (found !== null && sameName(wanted, found));
}
