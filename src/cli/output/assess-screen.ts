/** The assessment as text for people. Pure. */

import type { Assessment, Finding, Outcome, Verdict } from '../../model/finding.ts';
import { counted, padTo, printable, wrap } from './format.ts';
import type { Style } from './style.ts';

/** What frames the findings. */
export interface AssessScreenOptions {
  readonly assessment: Assessment;
  readonly migration: string;
  readonly width: number;
  readonly style: Style;
}

const ORDER: readonly Outcome[] = ['error', 'unknown', 'warning', 'skipped', 'success'];

const MARK: Readonly<Record<Outcome, string>> = {
  error: '✗',
  unknown: '?',
  warning: '!',
  skipped: '-',
  success: '✓',
};

const HEADING: Readonly<Record<Outcome, string>> = {
  error: 'must be mended first',
  unknown: 'could not be seen',
  warning: 'worth knowing',
  skipped: 'to be checked by hand',
  success: 'in order',
};

const VERDICT: Readonly<Record<Verdict, string>> = {
  ready: 'ready: nothing stands in the way',
  'ready-with-conditions': 'ready with conditions: read the warnings, then go on',
  'not-ready': 'not ready: mend the errors, then assess again',
  unknown: 'unknown: something decisive could not be seen',
};

/** The lines of the screen. Findings that are in order take one line together per rule. */
export function assessScreen(options: AssessScreenOptions): string {
  const { assessment, style } = options;
  const lines = [style.strong(`Assessment of ${printable(options.migration)}`)];
  for (const outcome of ORDER) {
    const findings = assessment.findings.filter((finding) => finding.outcome === outcome);
    if (findings.length === 0) continue;
    lines.push('', painter(outcome, style)(`${HEADING[outcome]} (${findings.length})`));
    lines.push(
      ...(outcome === 'success'
        ? successLines(findings, options)
        : findings.flatMap((finding) => findingLines(finding, options))),
    );
  }
  lines.push('', verdictLine(options), '');
  return lines.join('\n');
}

function verdictLine(options: AssessScreenOptions): string {
  const { verdict, counts } = options.assessment;
  const parts = [
    counted(counts.error, 'error'),
    counted(counts.warning, 'warning'),
    `${counts.success} in order`,
    `${counts.skipped} by hand`,
    `${counts.unknown} unknown`,
  ];
  const paint = verdict === 'not-ready' ? options.style.bad : verdictPaint(verdict, options.style);
  return `${paint(VERDICT[verdict])}\n${options.style.faint(parts.join(', '))}`;
}

function verdictPaint(verdict: Verdict, style: Style): (text: string) => string {
  return verdict === 'ready' ? style.good : style.careful;
}

function findingLines(finding: Finding, options: AssessScreenOptions): readonly string[] {
  const { style, width } = options;
  const mark = painter(finding.outcome, style)(MARK[finding.outcome]);
  const head = `${mark} ${style.strong(finding.id)}  ${printable(finding.title)}${place(finding)}`;
  const inner = width - 4;
  const lines = [head, ...wrap(printable(finding.evidence), inner).map((line) => `    ${line}`)];
  if (finding.remedy !== '') {
    const remedy = finding.remedy.split('\n').flatMap((line) => wrap(printable(line), inner - 3));
    lines.push(...remedy.map((line, at) => `    ${at === 0 ? style.accent('->') : '  '} ${line}`));
  }
  return lines;
}

function place(finding: Finding): string {
  const parts = [
    finding.instance === null ? '' : `[${printable(finding.instance)}]`,
    finding.database === null ? '' : `[${printable(finding.database)}]`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `  ${parts.join(' ')}`;
}

/** Successes are many and say little each: one line per rule with the places it holds for. */
function successLines(
  findings: readonly Finding[],
  options: AssessScreenOptions,
): readonly string[] {
  const byRule = new Map<string, Finding[]>();
  for (const finding of findings) {
    byRule.set(finding.id, [...(byRule.get(finding.id) ?? []), finding]);
  }
  const widest = Math.max(...[...byRule.keys()].map((id) => id.length));
  return [...byRule].map(([id, group]) => {
    const places = group.map((finding) => place(finding).trim()).filter((text) => text !== '');
    const title = printable(group[0]?.title ?? '');
    const where = places.length > 3 ? `${places.length} places` : places.join(', ');
    const text = where === '' ? title : `${title}  ${options.style.faint(where)}`;
    return `${options.style.good(MARK.success)} ${padTo(id, widest)}  ${text}`;
  });
}

function painter(outcome: Outcome, style: Style): (text: string) => string {
  const paints: Readonly<Record<Outcome, (text: string) => string>> = {
    error: style.bad,
    warning: style.careful,
    unknown: style.careful,
    success: style.good,
    skipped: style.faint,
  };
  return paints[outcome];
}
