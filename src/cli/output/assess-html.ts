/** The assessment as one HTML page without anything from outside: to print, mail or file. Pure. */

import type { Assessment, Finding, Outcome } from '../../model/finding.ts';

/** What the page says beside the findings. */
export interface AssessHtmlOptions {
  readonly assessment: Assessment;
  readonly migration: string;
  readonly source: string;
  readonly target: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

const ORDER: readonly Outcome[] = ['error', 'unknown', 'warning', 'skipped', 'success'];

/** The page. */
export function assessHtml(options: AssessHtmlOptions): string {
  const { assessment } = options;
  const counts = ORDER.map(
    (outcome) => `<li class="${outcome}"><b>${assessment.counts[outcome]}</b> ${outcome}</li>`,
  ).join('');
  const rows = ORDER.flatMap((outcome) =>
    assessment.findings.filter((finding) => finding.outcome === outcome).map(row),
  ).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Assessment of ${html(options.migration)}</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
ul{display:flex;gap:1.2rem;list-style:none;padding:0}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid #ddd}
pre{white-space:pre-wrap;margin:.3rem 0 0;font:13px/1.4 ui-monospace,monospace}
.error{color:#a4001d}.warning,.unknown{color:#7a5200}.success{color:#0a6b2d}.skipped{color:#555}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}
</style></head><body>
<h1>Assessment of ${html(options.migration)}</h1>
<p>${html(options.source)} to ${html(options.target)}, ${html(options.at)}</p>
<p><strong>${html(assessment.verdict)}</strong></p>
<ul>${counts}</ul>
<table><thead><tr><th>outcome</th><th>rule</th><th>where</th><th>what was seen, what to do</th><th>reference</th></tr></thead>
<tbody>
${rows}
</tbody></table>
</body></html>
`;
}

function row(finding: Finding): string {
  const where = [finding.side, finding.instance, finding.database].filter((part) => part !== null);
  const remedy = finding.remedy === '' ? '' : `<pre>${html(finding.remedy)}</pre>`;
  return `<tr><td class="${finding.outcome}">${finding.outcome}</td><td><b>${html(finding.id)}</b><br>${html(finding.title)}</td><td>${html(where.join(' / '))}</td><td>${html(finding.evidence)}${remedy}</td><td>${html(finding.reference)}</td></tr>`;
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
