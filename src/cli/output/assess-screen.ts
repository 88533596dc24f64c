/**
 * The assessment as text for people: the verdict, what blocks, what to do next, then every family.
 * Pure. Nothing depends on colour: each standing has a mark of its own.
 */

import { shownName } from '../../base/name.ts';
import type { Estimate } from '../../model/estimate.ts';
import type { Assessment, Finding, Verdict } from '../../model/finding.ts';
import type { WaiverUse } from '../../model/waiver.ts';
import type { Comparison } from './assess-baseline.ts';
import { groupFindings, placeOf, placesOf } from './assess-group.ts';
import type { FamilyGroup, RuleGroup, Standing } from './assess-group.ts';
import { estimateLines } from './estimate-text.ts';
import { counted, displayWidth, padTo, printable, wrap } from './format.ts';
import type { Style } from './style.ts';

/** What frames the findings. */
export interface AssessScreenOptions {
  readonly assessment: Assessment;
  readonly migration: string;
  /** `OnPremNode to SQLVM`. */
  readonly between: string;
  /** Columns, 80 to 200. */
  readonly width: number;
  readonly style: Style;
  /** Also one line for each rule that is in order. */
  readonly all: boolean;
  readonly waivers: readonly WaiverUse[];
  /** Against an earlier assessment; null without `--baseline`. */
  readonly comparison: Comparison | null;
  readonly estimates: readonly Estimate[];
}

/** Findings of one rule that are shown each by itself; more are folded. */
const SHOWN_EACH = 3;
/** Blocking rules in the overview; the families below have all of them. */
const OVERVIEW = 12;

const MARK: Readonly<Record<Standing, string>> = {
  error: '✗',
  unknown: '?',
  waived: '~',
  warning: '!',
  'by-hand': '-',
  success: '✓',
  idle: '·',
};

const VERDICT: Readonly<Record<Verdict, string>> = {
  ready: 'ready: nothing stands in the way',
  'ready-with-conditions': 'ready with conditions: read the warnings, then go on',
  'not-ready': 'not ready: mend the errors, then assess again',
  unknown: 'unknown: something decisive could not be seen',
};

/** The screen. */
export function assessScreen(options: AssessScreenOptions): string {
  const { assessment, style, migration, between } = options;
  const families = groupFindings(assessment.findings);
  const rules = families.flatMap((family) => family.rules);
  const lines = [
    style.strong(`Assessment of ${printable(migration)}: ${printable(between)}`),
    '',
    ...verdictLines(options),
    ...overview('what blocks', 'error', { rules, options }),
    ...overview('what could not be seen', 'unknown', { rules, options }),
    ...comparisonLines(options),
    ...waiverLines(options),
    ...nextLines(rules, options),
    ...estimated(options),
    ...families.flatMap((family) => familyLines(family, options)),
  ];
  // A long screen ends where the reader's eyes are.
  if (lines.length > 30) lines.push('', ...verdictLines(options));
  return `${lines.join('\n')}\n`;
}

function verdictLines(options: AssessScreenOptions): readonly string[] {
  const { verdict, counts, findings } = options.assessment;
  const { style } = options;
  const waived = findings.filter((finding) => finding.waived !== null).length;
  const parts = [
    counted(counts.error, 'error'),
    counted(counts.warning, 'warning'),
    `${counts.success} in order`,
    `${counts.skipped} skipped`,
    `${counts.unknown} unknown`,
    ...(waived === 0 ? [] : [`${waived} of these waived`]),
  ];
  const paint =
    verdict === 'not-ready' ? style.bad : verdict === 'ready' ? style.good : style.careful;
  return [paint(VERDICT[verdict]), style.faint(parts.join(', '))];
}

/** One line per rule that stands in the way. */
function overview(
  title: string,
  standing: Standing,
  {
    rules,
    options,
  }: { readonly rules: readonly RuleGroup[]; readonly options: AssessScreenOptions },
): readonly string[] {
  const found = rules
    .filter((rule) => rule.standing === standing)
    .toSorted((left, right) => Number(left.seed === null) - Number(right.seed === null));
  if (found.length === 0) return [];
  const { style } = options;
  const shown = found.slice(0, OVERVIEW);
  const idWidth = Math.max(...shown.map(({ id }) => displayWidth(id)));
  const lines = shown.map((rule) => {
    const places = printable(placesOf(rule));
    const head = `  ${MARK[standing]} ${padTo(rule.id, idWidth)}  `;
    const text = `${printable(rule.title)}${places === '' ? '' : `  ${places}`}`;
    const [first = '', ...rest] = wrap(text, options.width - displayWidth(head));
    const indent = ' '.repeat(displayWidth(head));
    return [
      `  ${painter(standing, style)(MARK[standing])} ${style.strong(padTo(rule.id, idWidth))}  ${first}`,
      ...rest.map((line) => `${indent}${line}`),
    ].join('\n');
  });
  const more = found.length - shown.length;
  return [
    '',
    painter(standing, style)(`${title} (${counted(found.length, 'rule')})`),
    ...lines,
    ...(more > 0 ? [style.faint(`  and ${counted(more, 'more rule', 'more rules')} below`)] : []),
  ];
}

function comparisonLines(options: AssessScreenOptions): readonly string[] {
  const { comparison, style, width } = options;
  if (comparison === null) return [];
  const { fixed, appeared, changed, gone } = comparison;
  const list = (mark: string, word: string, findings: readonly Finding[]): readonly string[] =>
    listed(findings).flatMap((text, at) =>
      wrap(`${at === 0 ? `${word} (${findings.length}): ` : ''}${text}`, width - 4).map(
        (line, row) => (at === 0 && row === 0 ? `  ${mark} ${line}` : `    ${line}`),
      ),
    );
  return [
    '',
    style.strong(
      `compared with ${printable(comparison.file)} of ${comparison.at ?? 'unknown time'}`,
    ),
    ...list(style.good('✓'), 'fixed', fixed),
    ...list(style.bad('+'), 'new', appeared),
    ...list(
      style.careful('~'),
      'changed',
      changed.map(({ now }) => now),
    ),
    ...list(style.faint('·'), 'not asked any more', gone),
    ...(fixed.length + appeared.length + changed.length + gone.length === 0
      ? ['  nothing was fixed and nothing is new']
      : []),
  ];
}

/** One text per rule: its id and its places, the first five by name. */
function listed(findings: readonly Finding[]): readonly string[] {
  const byRule = new Map<string, string[]>();
  for (const finding of findings) {
    const place = finding.database ?? finding.instance;
    byRule.set(finding.id, [...(byRule.get(finding.id) ?? []), ...(place === null ? [] : [place])]);
  }
  return [...byRule].map(([id, places]) => {
    const named = places.slice(0, 5).map((name) => printable(shownName(name)));
    const more = places.length - named.length;
    return `${[id, ...named].join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
}

function waiverLines(options: AssessScreenOptions): readonly string[] {
  const idle = options.waivers.filter(({ state }) => state !== 'counts');
  if (idle.length === 0) return [];
  const { style, width } = options;
  return [
    '',
    style.careful(`waivers without effect (${idle.length})`),
    ...idle.flatMap((waiver) => {
      const place = [waiver.instance, waiver.database]
        .flatMap((name) => (name === null ? [] : [` ${shownName(name)}`]))
        .join('');
      const why =
        waiver.state === 'expired'
          ? `expired on ${waiver.expires} and covers ${counted(waiver.findings, 'finding')} no longer: mend them, or agree on a new date`
          : 'nothing to waive: remove it from the migration file';
      return hang(
        { mark: '!', painted: style.careful('!') },
        `${waiver.rule}${printable(place)}  ${why}. Reason given: ${printable(waiver.reason)}`,
        width,
      );
    }),
  ];
}

/** What a tired reader does next, as commands. */
function nextLines(rules: readonly RuleGroup[], options: AssessScreenOptions): readonly string[] {
  const { verdict } = options.assessment;
  const open = rules.filter(({ standing }) => standing === 'error' || standing === 'unknown');
  const findings = open.flatMap((rule) => rule.findings);
  const scripted = findings.filter(({ fix }) => fix !== null).length;
  const steps: string[] = [];
  if (scripted > 0) {
    steps.push(
      `sqlferry assess --fix-script fix.sql writes the T-SQL for ${scripted} of these ${counted(findings.length, 'finding')}, to read and run yourself.`,
    );
  }
  if (open.some(({ standing }) => standing === 'unknown')) {
    steps.push(
      'Grant what is missing: it stands behind ->. sqlferry assess --least-privilege login.sql writes a login that may see everything.',
    );
  }
  if (findings.length > scripted) {
    steps.push(
      `${scripted > 0 ? 'Mend the rest by hand' : 'Mend them by hand'}: each finding below has its remedy behind ->.`,
    );
  }
  steps.push(
    open.length > 0
      ? 'Keep this state with sqlferry assess --json > before.json; assess --baseline before.json shows what was fixed.'
      : verdict === 'ready'
        ? 'sqlferry plan shows every statement before it runs.'
        : 'Read the warnings and what is to be checked by hand; then sqlferry plan shows every statement before it runs.',
  );
  const { style, width } = options;
  return [
    '',
    style.strong('next'),
    ...steps.flatMap((step, at) => {
      const mark = `${at + 1}.`;
      return hang({ mark, painted: style.accent(mark) }, step, width);
    }),
  ];
}

function estimated({ estimates, style, width }: AssessScreenOptions): readonly string[] {
  const lines = estimateLines(estimates, { width: width - 2, style });
  return lines.length === 0
    ? []
    : ['', style.strong('what it will take'), ...lines.map((line) => `  ${line}`)];
}

function familyLines(family: FamilyGroup, options: AssessScreenOptions): readonly string[] {
  const { style } = options;
  const of = (...wanted: readonly Standing[]): readonly RuleGroup[] =>
    family.rules.filter(({ standing }) => wanted.includes(standing));
  const busy = of('error', 'unknown', 'waived', 'warning', 'by-hand');
  const lines = busy.flatMap((rule) => ruleLines(rule, options));
  for (const standing of ['success', 'idle'] as const) {
    const rules = of(standing);
    if (rules.length > 0) lines.push(...quietLines(standing, rules, options));
  }
  return ['', style.strong(family.family), ...lines];
}

/** Rules that need nobody's hand: one line for all of them, or one each with `--all`. */
function quietLines(
  standing: 'success' | 'idle',
  rules: readonly RuleGroup[],
  options: AssessScreenOptions,
): readonly string[] {
  const { style, width } = options;
  const mark = { mark: MARK[standing], painted: painter(standing, style)(MARK[standing]) };
  if (options.all) {
    return rules.flatMap((rule) =>
      hang(
        mark,
        `${rule.id}  ${printable(rule.title)}  ${printable(placesOf(rule))}`.trimEnd(),
        width,
      ),
    );
  }
  const places = rules.reduce((sum, { findings }) => sum + findings.length, 0);
  const words =
    standing === 'success' ? 'in order' : 'about what does not exist yet, nothing to do';
  const where = places === rules.length ? '' : ` (${counted(places, 'place')})`;
  return hang(mark, `${counted(rules.length, 'rule')} ${words}${where}`, width);
}

function ruleLines(rule: RuleGroup, options: AssessScreenOptions): readonly string[] {
  if (rule.findings.length > SHOWN_EACH) return foldedLines(rule, options);
  return rule.findings.flatMap((finding) => [
    ...headLines(rule, placeOf(finding), options),
    ...bodyLines(finding, options),
  ]);
}

function headLines(
  rule: RuleGroup,
  place: string,
  options: AssessScreenOptions,
): readonly string[] {
  const { style, width } = options;
  const mark = painter(rule.standing, style)(MARK[rule.standing]);
  const article = rule.seed === null ? '' : ' (article)';
  const text = `${printable(rule.title)}${article}${place === '' ? '' : `  ${printable(place)}`}`;
  const [first = '', ...rest] = wrap(text, width - displayWidth(rule.id) - 6);
  return [`  ${mark} ${style.strong(rule.id)}  ${first}`, ...rest.map((line) => `      ${line}`)];
}

function bodyLines(finding: Finding, options: AssessScreenOptions): readonly string[] {
  const { style, width } = options;
  const lines = wrap(printable(finding.evidence), width - 6).map((line) => `      ${line}`);
  if (finding.waived !== null) {
    const text = `waived until ${finding.waived.expires}: ${printable(finding.waived.reason)}`;
    lines.push(...wrap(text, width - 6).map((line) => `      ${style.careful(line)}`));
  }
  return [...lines, ...remedyLines(finding.remedy, options)];
}

function remedyLines(remedy: string, { style, width }: AssessScreenOptions): readonly string[] {
  if (remedy === '') return [];
  return remedy
    .split('\n')
    .flatMap((line) => wrap(printable(line), width - 9))
    .map((line, at) => `      ${at === 0 ? style.accent('->') : '  '} ${line}`);
}

/** Many places of one rule: how many, some of the names, one example with its remedy. */
function foldedLines(rule: RuleGroup, options: AssessScreenOptions): readonly string[] {
  const { width, style } = options;
  const [example] = rule.findings;
  if (example === undefined) return [];
  const names = rule.findings.map((finding) =>
    printable(shownName(finding.database ?? finding.instance ?? '')),
  );
  // Two lines of names are enough to recognise them; --json and --html have all.
  const room = 2 * (width - 8) - 20;
  const shown: string[] = [];
  for (const name of names) {
    if (displayWidth([...shown, name].join(', ')) > room) break;
    shown.push(name);
  }
  const more = names.length - shown.length;
  const text = `${shown.join(', ')}${more > 0 ? `${shown.length > 0 ? ' ' : ''}and ${more} more` : ''}`;
  const others = rule.findings.length - 1;
  return [
    ...headLines(rule, `${placesOf(rule)}:`, options),
    ...wrap(text, width - 6).map((line) => `      ${style.faint(line)}`),
    ...bodyLines(example, options),
    style.faint(
      `      and ${counted(others, 'more like this', 'more like this')}: sqlferry assess --only ${rule.id} --json`,
    ),
  ];
}

/** A paragraph behind a mark, its other lines below its first word. */
function hang(
  { mark, painted }: { readonly mark: string; readonly painted: string },
  text: string,
  width: number,
): readonly string[] {
  const indent = 3 + displayWidth(mark);
  return wrap(text, width - indent).map((line, at) =>
    at === 0 ? `  ${painted} ${line}` : `${' '.repeat(indent)}${line}`,
  );
}

function painter(standing: Standing, style: Style): (text: string) => string {
  const paints: Readonly<Record<Standing, (text: string) => string>> = {
    error: style.bad,
    unknown: style.careful,
    waived: style.careful,
    warning: style.careful,
    'by-hand': style.faint,
    success: style.good,
    idle: style.faint,
  };
  return paints[standing];
}
