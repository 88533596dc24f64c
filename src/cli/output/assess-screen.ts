/** The assessment as text for people. Pure. */

import type { Assessment, Finding, Outcome, Verdict } from '../../model/finding.ts';
import { counted, displayWidth, printable, wrap } from './format.ts';
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

/** The screen. What needs nobody's hand takes one line per rule, wherever it was looked at. */
export function assessScreen(options: AssessScreenOptions): string {
  const { assessment, style } = options;
  const lines = [style.strong(`Assessment of ${printable(options.migration)}`)];
  for (const outcome of ORDER) {
    const findings = assessment.findings.filter((finding) => finding.outcome === outcome);
    // A finding that is skipped and asks for nothing is about something that does not exist yet.
    const idle = outcome === 'skipped' ? findings.filter(({ remedy }) => remedy === '') : [];
    const busy = findings.filter((finding) => !idle.includes(finding));
    if (busy.length > 0) {
      lines.push('', painter(outcome, style)(`${HEADING[outcome]} (${busy.length})`));
      lines.push(
        ...(outcome === 'success'
          ? shortLines(busy, options)
          : busy.flatMap((finding) => findingLines(finding, options))),
      );
    }
    if (idle.length > 0) {
      lines.push('', style.faint(`not there yet, nothing to do (${idle.length})`));
      lines.push(...shortLines(idle, options));
    }
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
    `${counts.skipped} skipped`,
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

/** One line per sentence, with the places it holds for: both sides ask the same under two ids. */
function shortLines(findings: readonly Finding[], options: AssessScreenOptions): readonly string[] {
  const { style, width } = options;
  const byTitle = new Map<string, Finding[]>();
  for (const finding of findings) {
    byTitle.set(finding.title, [...(byTitle.get(finding.title) ?? []), finding]);
  }
  return [...byTitle].map(([title, group]) => {
    const outcome = group[0]?.outcome ?? 'success';
    const places = group.map((finding) => place(finding).trim()).filter((text) => text !== '');
    const where = places.join(', ');
    const room = width - displayWidth(title) - 4;
    const shown = displayWidth(where) > room ? `${places.length} places` : where;
    const mark = painter(outcome, style)(MARK[outcome]);
    return `${mark} ${printable(title)}  ${style.faint(shown)}`.trimEnd();
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
