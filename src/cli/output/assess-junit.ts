/** The assessment as JUnit XML, for pipelines that show test results: one test case per finding. Pure. */

import type { Assessment, Finding, Outcome } from '../../model/finding.ts';

/** The XML document. */
export function assessJunit(assessment: Assessment, migration: string): string {
  const { findings } = assessment;
  const open = (outcome: Outcome): number =>
    findings.filter((finding) => finding.outcome === outcome && finding.waived === null).length;
  const cases = findings.map(testCase).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="sqlferry assess ${xml(migration)}" tests="${findings.length}" failures="${open('error')}" errors="${open('unknown')}" skipped="${findings.filter(isSkipped).length}">
${cases}
</testsuite>
`;
}

/** A waived finding does not fail the pipeline, as it does not fail the command; its reason is the message. */
function isSkipped({ outcome, waived }: Finding): boolean {
  return outcome === 'skipped' || waived !== null;
}

function testCase(finding: Finding): string {
  const where = [finding.side, finding.instance, finding.database].filter((part) => part !== null);
  const name = [finding.title, ...where].join(' / ');
  const open = `  <testcase classname="${xml(finding.id)}" name="${xml(name)}"`;
  const text = xml(`${finding.evidence}\n${finding.remedy}`.trim());
  const message = xml(finding.evidence);
  if (finding.waived !== null) {
    const waiver = `waived until ${finding.waived.expires}: ${finding.waived.reason}; ${finding.outcome}: ${finding.evidence}`;
    return `${open}><skipped message="${xml(waiver)}"/></testcase>`;
  }
  const inner: Readonly<Record<Outcome, string>> = {
    success: '',
    error: `<failure message="${message}">${text}</failure>`,
    unknown: `<error message="${message}">${text}</error>`,
    skipped: `<skipped message="${message}"/>`,
    warning: `<system-out>${text}</system-out>`,
  };
  return `${open}>${inner[finding.outcome]}</testcase>`;
}

/** Escapes for XML text and attributes; characters that XML 1.0 forbids become U+FFFD. */
function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
