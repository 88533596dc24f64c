/**
 * The assessment as one HTML page: to print, to mail, to attach to a change. Pure.
 *
 * Nothing comes from outside and nothing needs a script. Names from servers are escaped everywhere.
 */

import { instancesOf } from '../../../model/assess-facts.ts';
import type { Estimate } from '../../../model/estimate.ts';
import type { Finding, Outcome, Verdict } from '../../../model/finding.ts';
import { primaryInstance } from '../../../model/migration.ts';
import { groupFindings, placesOf } from '../assess-group.ts';
import type { AssessReport } from '../assess-report.ts';
import { counted } from '../format.ts';
import { escapeHtml } from './escape.ts';
import { anchorOf, findingSections } from './findings.ts';
import { matrices } from './matrix.ts';
import { marks, styleSheet } from './style.ts';
import { topologyFigure, topologyOf } from './topology.ts';

const VERDICT: Readonly<
  Record<
    Verdict,
    { readonly look: keyof typeof marks; readonly head: string; readonly text: string }
  >
> = {
  ready: { look: 'success', head: 'Ready', text: 'Nothing stands in the way.' },
  'ready-with-conditions': {
    look: 'warning',
    head: 'Ready with conditions',
    text: 'Read what is waived and what is worth knowing; then go on.',
  },
  'not-ready': {
    look: 'error',
    head: 'Not ready',
    text: 'The errors have to be mended first; then assess again.',
  },
  unknown: {
    look: 'unknown',
    head: 'Unknown',
    text: 'Something decisive could not be seen; grant the rights that are named.',
  },
};

/** What the browser may load and run for the page: its own style and nothing else, whatever a name holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The page. */
export function assessHtml(report: AssessReport): string {
  const { migration, assessment } = report;
  const { name } = migration;
  const sections = [
    verdict(report),
    blockers(assessment.findings),
    comparison(report),
    waivers(report),
    `<section aria-labelledby="topology"><h2 id="topology">Topology and versions</h2>${topologyFigure(topologyOf(report.facts, migration))}${versions(report)}</section>`,
    taken(report),
    findingSections(assessment.findings),
    `<section class="matrices" aria-labelledby="matrix"><h2 id="matrix">Every rule, everywhere</h2>${matrices(assessment.findings)}</section>`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light"><title>Assessment of ${escapeHtml(name)}</title><link rel="icon" href="data:,">
<style>
${styleSheet}
</style></head><body>
<a class="skip" href="#main">Skip to the verdict</a>
<header><h1>Assessment of ${escapeHtml(name)}</h1>
<p class="soft">${escapeHtml(`${primaryInstance(migration.source).name} to ${primaryInstance(migration.target).name}`)}. Read <time datetime="${escapeHtml(report.at)}">${escapeHtml(report.at)}</time> UTC, ${escapeHtml(report.local)} local time. sqlferry ${escapeHtml(report.version)}.</p></header>
${navigation(sections)}
<main id="main">
${sections.filter((section) => section !== '').join('\n')}
</main>
<footer><p>Written by sqlferry assess, which changes nothing on a server.</p></footer>
</body></html>
`;
}

/** Links to what the page has. */
function navigation(sections: readonly string[]): string {
  const links = [...sections.join('').matchAll(/<h2 id="([^"]+)">([^<]*)<\/h2>/gu)].map(
    ([, id = '', title = '']) => `<li><a href="#${id}">${title}</a></li>`,
  );
  return `<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>`;
}

const ORDER: readonly Outcome[] = ['error', 'unknown', 'warning', 'skipped', 'success'];
const OUTCOME: Readonly<
  Record<Outcome, { readonly look: keyof typeof marks; readonly word: string }>
> = {
  error: { look: 'error', word: 'errors' },
  unknown: { look: 'unknown', word: 'unknown' },
  warning: { look: 'warning', word: 'warnings' },
  skipped: { look: 'by-hand', word: 'skipped' },
  success: { look: 'success', word: 'in order' },
};

function verdict({ assessment }: AssessReport): string {
  const { look, head, text } = VERDICT[assessment.verdict];
  const waived = assessment.findings.filter((finding) => finding.waived !== null).length;
  const counts = ORDER.map((outcome) => {
    const { look, word } = OUTCOME[outcome];
    return `<li class="${look}"><b>${assessment.counts[outcome]}</b> ${word}</li>`;
  });
  return `<section aria-label="Verdict"><div class="verdict ${look}"><span class="mark" aria-hidden="true">${marks[look]}</span><div><strong>${head}</strong><p>${text}</p></div></div>
<ul class="counts">${counts.join('')}${waived === 0 ? '' : `<li class="waived"><b>${waived}</b> of these waived</li>`}</ul></section>`;
}

/** Each blocking rule in one line, linked to its evidence. */
function blockers(findings: readonly Finding[]): string {
  const rules = groupFindings(findings)
    .flatMap((family) => family.rules)
    .filter(({ standing }) => standing === 'error' || standing === 'unknown');
  if (rules.length === 0) return '';
  const items = rules.map(
    (rule) =>
      `<tr><td><span class="badge ${rule.standing}">${marks[rule.standing]} ${escapeHtml(rule.standing)}</span></td><th scope="row"><a class="id" href="#${anchorOf(rule.standing, rule.id)}">${escapeHtml(rule.id)}</a></th><td>${escapeHtml(rule.title)}</td><td>${escapeHtml(placesOf(rule))}</td></tr>`,
  );
  return `<section aria-labelledby="blocks"><h2 id="blocks">What stands in the way</h2><table class="wide"><thead><tr><th scope="col">Outcome</th><th scope="col">Rule</th><th scope="col">What must hold</th><th scope="col">Where</th></tr></thead><tbody>${items.join('\n')}</tbody></table></section>`;
}

function comparison({ comparison }: AssessReport): string {
  if (comparison === null) return '';
  const { fixed, appeared, changed, gone, file, at } = comparison;
  const rows = (word: string, findings: readonly Finding[]): string =>
    findings
      .slice(0, COMPARED)
      .map(
        (finding) =>
          `<tr><td>${word}</td><th scope="row" class="id">${escapeHtml(finding.id)}</th><td>${escapeHtml([finding.instance, finding.database].filter((name) => name !== null).join(' / '))}</td><td>${escapeHtml(finding.evidence)}</td></tr>`,
      )
      .join('');
  const lists = [
    rows('fixed', fixed),
    rows('new', appeared),
    rows(
      'changed',
      changed.map(({ now }) => now),
    ),
    rows('not asked any more', gone),
  ].join('');
  const body =
    lists === ''
      ? '<p>Nothing was fixed and nothing is new.</p>'
      : `<table class="wide"><thead><tr><th scope="col">Since then</th><th scope="col">Rule</th><th scope="col">Where</th><th scope="col">What was seen</th></tr></thead><tbody>${lists}</tbody></table>`;
  return `<section aria-labelledby="compared"><h2 id="compared">Compared with an earlier assessment</h2><p>${escapeHtml(file)}${at === null ? '' : ` of ${escapeHtml(at)}`}: ${fixed.length} fixed, ${appeared.length} new, ${changed.length} changed, ${gone.length} not asked any more.</p>${body}</section>`;
}

/** Rows of each kind in the comparison; the JSON document has all. */
const COMPARED = 100;

function waivers(report: AssessReport): string {
  if (report.waivers.length === 0) return '';
  const state = {
    counts: 'counts',
    expired: 'expired, has no effect',
    'matches-nothing': 'matches nothing, has no effect',
  } as const;
  const rows = report.waivers.map(
    (waiver) =>
      `<tr><th scope="row" class="id">${escapeHtml(waiver.rule)}</th><td>${escapeHtml([waiver.instance, waiver.database].filter((name) => name !== null).join(' / ') || 'everywhere')}</td><td>${escapeHtml(waiver.reason)}</td><td>${escapeHtml(waiver.expires)}</td><td>${state[waiver.state]} (${counted(waiver.findings, 'finding')})</td></tr>`,
  );
  return `<section aria-labelledby="waivers"><h2 id="waivers">Waivers</h2><table class="wide"><thead><tr><th scope="col">Rule</th><th scope="col">Where</th><th scope="col">Reason</th><th scope="col">Last day</th><th scope="col">State</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}

/** Estimates about all databases and the link, then those with a warning, then the others. */
function taken({ estimates }: AssessReport): string {
  if (estimates.length === 0) return '';
  const rank = ({ database, warning }: Estimate): number =>
    database === null ? 0 : warning === null ? 2 : 1;
  const shown = estimates
    .toSorted((left, right) => rank(left) - rank(right))
    .slice(0, ESTIMATED)
    .map(
      ({ words, warning, restsOn }) =>
        `<tr><th scope="row">${escapeHtml(words)}${warning === null ? '' : `<p class="label">Careful: ${escapeHtml(warning)}</p>`}</th><td>${escapeHtml(restsOn.join(' '))}</td></tr>`,
    );
  const more = estimates.length - shown.length;
  return `<section aria-labelledby="taken"><h2 id="taken">What it will take</h2><table class="wide plainhead"><thead><tr><th scope="col">Estimate</th><th scope="col">Rests on</th></tr></thead><tbody>${shown.join('')}</tbody></table>${more > 0 ? `<p class="soft">and ${more} more of other databases: sqlferry assess --json</p>` : ''}</section>`;
}

/** Estimates on the page. */
const ESTIMATED = 8;

function versions({ facts }: AssessReport): string {
  const rows = (['source', 'target'] as const).flatMap((side) =>
    instancesOf(facts, side).map((seen) => {
      const server = seen.server.known ? seen.server.value : null;
      const databases = seen.databases.known ? String(seen.databases.value.length) : 'not shown';
      return `<tr><th scope="row">${escapeHtml(seen.instance)}</th><td>${side}</td><td>${escapeHtml(server?.productVersion ?? 'not shown')}</td><td>${escapeHtml(server?.edition ?? 'not shown')}</td><td>${databases}</td><td>${escapeHtml(server?.utcNow ?? 'not shown')}</td></tr>`;
    }),
  );
  return `<table class="wide"><thead><tr><th scope="col">Instance</th><th scope="col">Side</th><th scope="col">Version</th><th scope="col">Edition</th><th scope="col">User databases</th><th scope="col">Its clock (UTC)</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
