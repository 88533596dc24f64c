/**
 * Findings as reports show them: by family, worst first, and one entry per rule however many databases
 * it was asked for. Pure.
 */

import { shownName } from '../../base/name.ts';
import { ruleFamilies } from '../../model/finding.ts';
import type { Finding, RuleFamily } from '../../model/finding.ts';

/** What a reader does with a finding; `idle` is about something that does not exist yet. */
export type Standing = 'error' | 'unknown' | 'waived' | 'warning' | 'by-hand' | 'idle' | 'success';

/** Worst first; what is in order comes before what is not there yet. */
export const standings: readonly Standing[] = [
  'error',
  'unknown',
  'waived',
  'warning',
  'by-hand',
  'success',
  'idle',
];

/** Findings of one rule that stand alike. */
export interface RuleGroup {
  readonly id: string;
  readonly title: string;
  readonly standing: Standing;
  /** Bullet of the articles; null for a rule of our own. */
  readonly seed: string | null;
  readonly findings: readonly Finding[];
  /** How many findings the rule has in all. */
  readonly asked: number;
}

/** The rules of one family. */
export interface FamilyGroup {
  readonly family: RuleFamily;
  /** Worst first, the articles' bullets first among equals. */
  readonly rules: readonly RuleGroup[];
}

/** How a finding stands. */
export function standingOf(finding: Finding): Standing {
  if (finding.waived !== null) return 'waived';
  if (finding.outcome !== 'skipped') return finding.outcome;
  return finding.remedy === '' ? 'idle' : 'by-hand';
}

/** Findings by family, the family with the worst first. */
export function groupFindings(findings: readonly Finding[]): readonly FamilyGroup[] {
  const asked = new Map<string, number>();
  for (const { id } of findings) asked.set(id, (asked.get(id) ?? 0) + 1);
  const groups = new Map<string, { standing: Standing; findings: Finding[] }>();
  for (const finding of findings) {
    const standing = standingOf(finding);
    const key = `${standing} ${finding.id}`;
    const group = groups.get(key) ?? { standing, findings: [] };
    group.findings.push(finding);
    groups.set(key, group);
  }
  const families = new Map<RuleFamily, RuleGroup[]>();
  for (const { standing, findings: members } of groups.values()) {
    const [first] = members;
    if (first === undefined) continue;
    const { id, title, seed, family } = first;
    const rule = { id, title, seed, standing, findings: members, asked: asked.get(id) ?? 0 };
    families.set(family, [...(families.get(family) ?? []), rule]);
  }
  return [...families]
    .map(([family, rules]) => ({ family, rules: rules.toSorted(worstFirst) }))
    .toSorted(
      (left, right) =>
        rankOf(left.rules) - rankOf(right.rules) ||
        ruleFamilies.indexOf(left.family) - ruleFamilies.indexOf(right.family),
    );
}

function worstFirst(left: RuleGroup, right: RuleGroup): number {
  return (
    standings.indexOf(left.standing) - standings.indexOf(right.standing) ||
    Number(left.seed === null) - Number(right.seed === null)
  );
}

/** A family without trouble stands where the table puts it, whatever it holds. */
function rankOf(rules: readonly RuleGroup[]): number {
  const [worst] = rules;
  return Math.min(standings.indexOf(worst?.standing ?? 'success'), standings.indexOf('success'));
}

/** Where a group of findings was seen, in words: `87 of 100 databases`, `[OnPremNode]`; empty for the pair. */
export function placesOf(group: RuleGroup): string {
  const { findings, asked } = group;
  const [first] = findings;
  if (first === undefined) return '';
  if (findings.length === 1) return placeOf(first);
  const noun = findings.every(({ database }) => database !== null) ? 'databases' : 'places';
  return asked === findings.length
    ? `${findings.length} ${noun}`
    : `${findings.length} of ${asked} ${noun}`;
}

/** `[OnPremNode] [Sales]`; empty for a finding about the pair. */
export function placeOf(finding: Finding): string {
  return [finding.instance, finding.database]
    .flatMap((name) => (name === null ? [] : [shownName(name)]))
    .join(' ');
}
