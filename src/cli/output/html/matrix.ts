/** Rules against databases, and rules against instances, as heat maps whose cells carry a mark. Pure. */

import type { Finding } from '../../../model/finding.ts';
import { groupFindings, standingOf, standings } from '../assess-group.ts';
import type { Standing } from '../assess-group.ts';
import { escapeHtml } from './escape.ts';
import { marks, words } from './style.ts';

/** Class of a cell: one letter, since there are thousands. */
const CELL: Readonly<Record<Standing, string>> = {
  error: 'e',
  unknown: 'u',
  waived: 'm',
  warning: 'w',
  'by-hand': 'h',
  success: 's',
  idle: 'i',
};

/** Both heat maps; empty when no rule speaks of an instance or a database. */
export function matrices(findings: readonly Finding[]): string {
  const ordered = groupFindings(findings).flatMap(({ rules }) => rules.map(({ id }) => id));
  const rules = [...new Set(ordered)];
  const databases = findings.filter(({ database }) => database !== null);
  const instances = findings.filter(({ database }) => database === null);
  return [
    legend(),
    heatMap({
      id: 'databases-map',
      title: 'Databases',
      noun: 'databases',
      rules,
      findings: databases,
      placeOf: ({ database }) => database ?? '',
    }),
    heatMap({
      id: 'instances-map',
      title: 'Instances and both sides together',
      noun: 'columns',
      rules: [...new Set(rules.map(withoutSide))],
      findings: instances.map((finding) => ({ ...finding, id: withoutSide(finding.id) })),
      placeOf: ({ instance }) => instance ?? 'both sides',
    }),
  ].join('\n');
}

/** Both sides ask the same under two ids: one row for both. */
function withoutSide(id: string): string {
  return id.replace(/^(?:SRC|TGT)-/u, '');
}

interface HeatMap {
  readonly id: string;
  readonly title: string;
  /** What the columns are. */
  readonly noun: string;
  readonly rules: readonly string[];
  readonly findings: readonly Finding[];
  readonly placeOf: (finding: Finding) => string;
}

function heatMap({ id, title, noun, rules, findings, placeOf }: HeatMap): string {
  const all = [...new Set(findings.map(placeOf))];
  if (all.length === 0) return '';
  const places = all.length <= WIDEST ? all : worstPlaces(findings, placeOf);
  const cells = new Map<string, Map<string, Standing>>();
  for (const finding of findings) {
    const row = cells.get(finding.id) ?? new Map<string, Standing>();
    const place = placeOf(finding);
    row.set(place, worse(row.get(place), standingOf(finding)));
    cells.set(finding.id, row);
  }
  const head = places
    .map(
      (place) => `<th scope="col"><span title="${escapeHtml(place)}">${escapeHtml(place)}</span>`,
    )
    .join('');
  const rows = rules.flatMap((rule) => {
    const row = cells.get(rule);
    if (row === undefined) return [];
    const line = places.map((place) => cell(row.get(place))).join('');
    return [`<tr><th scope="row">${escapeHtml(rule)}${line}`];
  });
  return `<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table class="matrix"><caption id="${id}">${title}: ${rows.length} rules against ${places.length} ${noun}${places.length < all.length ? `, those with the most trouble of ${all.length}` : ''}</caption>
<thead><tr><th scope="col">rule${head}</thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

/** Columns of a heat map; more nobody reads, and the page would not open. */
const WIDEST = 300;

/** The places with the most errors, then the most of the rest that is open. */
function worstPlaces(
  findings: readonly Finding[],
  placeOf: (finding: Finding) => string,
): readonly string[] {
  const weights = new Map<string, number>();
  for (const finding of findings) {
    const standing = standingOf(finding);
    const weight = standing === 'error' ? 1000 : standings.indexOf(standing) <= QUIET ? 1 : 0;
    weights.set(placeOf(finding), (weights.get(placeOf(finding)) ?? 0) + weight);
  }
  return [...weights]
    .toSorted(([, left], [, right]) => right - left)
    .slice(0, WIDEST)
    .map(([place]) => place);
}

/** Standings up to this one ask for somebody's attention. */
const QUIET = standings.indexOf('warning');

function cell(standing: Standing | undefined): string {
  return standing === undefined ? '<td>' : `<td class=${CELL[standing]}>${marks[standing]}`;
}

function worse(left: Standing | undefined, right: Standing): Standing {
  return left !== undefined && standings.indexOf(left) <= standings.indexOf(right) ? left : right;
}

function legend(): string {
  const entries = standings.map(
    (standing) =>
      `<li><span class="${CELL[standing]}">${marks[standing]}</span> ${words[standing]}</li>`,
  );
  return `<ul class="plain legend">${entries.join('')}<li><span>&nbsp;</span> does not apply</li></ul>`;
}
