/** The findings of the page: by severity, one article per rule, with evidence and what mends it. Pure. */

import type { Finding } from '../../../model/finding.ts';
import { fixSql } from '../assess-fix-script.ts';
import { groupFindings, placeOf, placesOf, standings } from '../assess-group.ts';
import type { RuleGroup, Standing } from '../assess-group.ts';
import { counted } from '../format.ts';
import { escapeHtml, escapeLines } from './escape.ts';
import { marks, words } from './style.ts';

/** Places of one rule whose evidence is printed; the heat map shows the others. */
const SHOWN = 6;
/** Remedies in words of one rule that are printed; those as T-SQL are all there. */
const REMEDIES = 3;
/** Statements of one rule on one instance that are printed. */
const STATEMENTS = 200;

/** All findings, worst first. */
export function findingSections(findings: readonly Finding[]): string {
  const families = groupFindings(findings);
  return standings
    .map((standing) => {
      const rules = families
        .flatMap((family) => family.rules)
        .filter((rule) => rule.standing === standing);
      if (rules.length === 0) return '';
      const body =
        standing === 'success' || standing === 'idle'
          ? quietTable(rules)
          : rules.map(article).join('\n');
      return `<section aria-labelledby="${standing}"><h2 id="${standing}">${words[standing]} (${counted(rules.length, 'rule')})</h2>\n${body}</section>`;
    })
    .join('\n');
}

/** Where the page has the article of a rule. */
export function anchorOf(standing: Standing, id: string): string {
  return escapeHtml(`${standing}-${id}`);
}

function article(rule: RuleGroup): string {
  const { standing, findings } = rule;
  const badge = rule.seed === null ? '' : ' <span class="badge">article</span>';
  const places = placesOf(rule);
  const [first] = findings;
  const reference = first === undefined ? '' : `<p class="soft">${link(first.reference)}</p>`;
  return `<article class="finding ${standing}" id="${anchorOf(standing, rule.id)}">
<h3><span aria-hidden="true">${marks[standing]}</span> <span class="id">${escapeHtml(rule.id)}</span> ${escapeHtml(rule.title)}${badge}</h3>
${places === '' ? '' : `<p class="soft">${escapeHtml(places)}</p>`}
${evidence(findings)}${waived(findings)}${remedies(findings)}${reference}
</article>`;
}

function evidence(findings: readonly Finding[]): string {
  const [only] = findings;
  if (findings.length === 1 && only !== undefined) return `<p>${escapeHtml(only.evidence)}</p>`;
  const shown = findings.slice(0, SHOWN);
  const more = findings.length - shown.length;
  const items = shown.map((finding) => {
    const named = finding.database ?? finding.instance ?? '';
    const place = finding.evidence.includes(named)
      ? ''
      : ` <span class="soft">${escapeHtml(placeOf(finding))}</span>`;
    return `<li>${escapeHtml(finding.evidence)}${place}</li>`;
  });
  return `<ul>${items.join('')}${more > 0 ? `<li>and ${more} more: the heat map shows which, sqlferry assess --json has the values</li>` : ''}</ul>`;
}

function waived(findings: readonly Finding[]): string {
  const texts = findings.flatMap((finding) =>
    finding.waived === null
      ? []
      : [`Waived until ${finding.waived.expires}: ${finding.waived.reason}`],
  );
  return [...new Set(texts)].map((text) => `<p class="label">${escapeHtml(text)}</p>`).join('');
}

/** The exact T-SQL where there is one, else the remedy in words, each once. */
function remedies(findings: readonly Finding[]): string {
  const byInstance = new Map<string, string[]>();
  const texts = new Set<string>();
  for (const finding of findings) {
    const sql = finding.fix === null ? null : fixSql(finding.fix);
    if (finding.fix !== null && sql !== null) {
      const { instance } = finding.fix;
      byInstance.set(instance, [...(byInstance.get(instance) ?? []), sql]);
    } else if (finding.remedy !== '') {
      texts.add(finding.remedy);
    }
  }
  const scripts = [...byInstance].map(([instance, statements]) => {
    const more = statements.length - STATEMENTS;
    const rest =
      more > 0 ? `<p class="soft">and ${more} more: sqlferry assess --fix-script has all</p>` : '';
    return `<p class="label">On ${escapeHtml(instance)}:</p>${copied(statements.slice(0, STATEMENTS).join('\n'))}${rest}`;
  });
  const inWords = [...texts].slice(0, REMEDIES).map((text) => copied(text));
  if (texts.size > REMEDIES) {
    inWords.push(`<p class="soft">and likewise for ${texts.size - REMEDIES} more</p>`);
  }
  return [
    ...scripts,
    ...(inWords.length === 0 ? [] : [`<p class="label">To do:</p>`, ...inWords]),
  ].join('');
}

/** Text that one click selects; a long one scrolls on screen, by keyboard too, and is whole on paper. */
function copied(text: string): string {
  const isLong = text.split('\n').length > LONG;
  const look = isLong ? 'class="copy long" tabindex="0"' : 'class="copy"';
  return `<pre ${look}>${escapeLines(text)}</pre>`;
}

/** Lines from which on a text scrolls. */
const LONG = 12;

function quietTable(rules: readonly RuleGroup[]): string {
  const rows = rules.map((rule) => {
    const [first] = rule.findings;
    const seen =
      rule.findings.length === 1 && first !== undefined ? first.evidence : placesOf(rule);
    return `<tr><th scope="row"><span aria-hidden="true">${marks[rule.standing]}</span> <span class="id">${escapeHtml(rule.id)}</span></th><td>${escapeHtml(rule.title)}</td><td>${escapeHtml(seen)}</td></tr>`;
  });
  return `<table class="wide"><thead><tr><th scope="col">Rule</th><th scope="col">What must hold</th><th scope="col">What was seen</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
}

/** `title (address)` as a link. */
function link(reference: string): string {
  const match = /^(.*?)\s*\(?(https:\/\/[^\s()]+)\)?$/u.exec(reference);
  const [, title = '', address = ''] = match ?? [];
  if (address === '') return escapeHtml(reference);
  return `Reference: <a href="${escapeHtml(address)}">${escapeHtml(title === '' ? address : title)}</a>`;
}
