/** An earlier assessment (`--json`) read back, and what became different since. Pure. */

import { fail, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Finding, Outcome } from '../../model/finding.ts';
import { printable } from './format.ts';

/** The part of an earlier assessment that is compared. */
export interface Baseline {
  /** Null in a document of a version that did not write it. */
  readonly migration: string | null;
  /** ISO 8601 UTC; null as above. */
  readonly at: string | null;
  readonly findings: readonly Finding[];
}

/** What became different. A finding is the same one when rule, side, instance and database are. */
export interface Comparison {
  readonly file: string;
  readonly at: string | null;
  /** Were not in order and are now, or have nothing to do any more. */
  readonly fixed: readonly Finding[];
  /** Are not in order and were, or were not asked. */
  readonly appeared: readonly Finding[];
  /** Are not in order, as before, with another outcome or another observed value. */
  readonly changed: readonly { readonly before: Finding; readonly now: Finding }[];
  /** Were not in order, and nobody asks any more: the database or the rule is gone. */
  readonly gone: readonly Finding[];
}

const OUTCOMES: readonly string[] = [
  'error',
  'warning',
  'success',
  'skipped',
  'unknown',
] satisfies readonly Outcome[];

/** Reads a document of `assess --json`; the error is a sentence with the place. */
export function readBaseline(text: string): Result<Baseline, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(
      `it is not JSON (${error instanceof Error ? printable(error.message) : 'unreadable'})`,
    );
  }
  const document = fieldsOf(value);
  if (document === null) return fail('it is not one JSON object, as assess --json writes');
  if (document['problem'] !== undefined) {
    return fail('it holds a problem instead of findings: that assessment did not end');
  }
  const { findings, migration, at } = document;
  if (!Array.isArray(findings)) return fail('findings: expected a list, as assess --json writes');
  const read: Finding[] = [];
  for (const [index, entry] of (findings as readonly unknown[]).entries()) {
    const finding = readFinding(entry);
    if (!finding.ok) return fail(`findings[${index}].${finding.error}`);
    read.push(finding.value);
  }
  return ok({
    migration: typeof migration === 'string' ? migration : null,
    at: typeof at === 'string' ? at : null,
    findings: read,
  });
}

function readFinding(entry: unknown): Result<Finding, string> {
  const fields = fieldsOf(entry);
  if (fields === null) return fail('id: expected an object with id, outcome and evidence');
  for (const key of ['id', 'title', 'evidence', 'remedy', 'reference', 'outcome']) {
    if (typeof fields[key] !== 'string') return fail(`${key}: expected text`);
  }
  if (!OUTCOMES.includes(String(fields['outcome']))) {
    return fail(
      `outcome: found "${printable(String(fields['outcome']))}"; allowed: ${OUTCOMES.join(', ')}`,
    );
  }
  for (const key of ['side', 'instance', 'database']) {
    if (fields[key] !== null && typeof fields[key] !== 'string')
      return fail(`${key}: expected text or null`);
  }
  // Only what is compared or shown is looked at; what an earlier version did not write is absent.
  return ok({
    ...(fields as unknown as Finding),
    waived: (fields['waived'] ?? null) as Finding['waived'],
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

/** Compares; both lists were narrowed by the same filter. */
export function compareFindings(
  before: readonly Finding[],
  now: readonly Finding[],
): Pick<Comparison, 'fixed' | 'appeared' | 'changed' | 'gone'> {
  const earlier = new Map(before.map((finding) => [keyOf(finding), finding]));
  const present = new Set(now.map(keyOf));
  const fixed: Finding[] = [];
  const appeared: Finding[] = [];
  const changed: { readonly before: Finding; readonly now: Finding }[] = [];
  for (const finding of now) {
    const old = earlier.get(keyOf(finding));
    const wasOpen = old !== undefined && isOpen(old);
    if (isOpen(finding) && !wasOpen) appeared.push(finding);
    else if (!isOpen(finding) && wasOpen) fixed.push(finding);
    else if (isOpen(finding) && old !== undefined && differs(old, finding)) {
      changed.push({ before: old, now: finding });
    }
  }
  const gone = before.filter((finding) => isOpen(finding) && !present.has(keyOf(finding)));
  return { fixed, appeared, changed, gone };
}

function isOpen({ outcome }: Finding): boolean {
  return outcome === 'error' || outcome === 'warning' || outcome === 'unknown';
}

function differs(before: Finding, now: Finding): boolean {
  const isWaived = (finding: Finding): boolean => finding.waived !== null;
  return (
    before.outcome !== now.outcome ||
    before.evidence !== now.evidence ||
    isWaived(before) !== isWaived(now)
  );
}

function keyOf({ id, side, instance, database }: Finding): string {
  return JSON.stringify([id, side, instance?.toLowerCase(), database?.toLowerCase()]);
}
