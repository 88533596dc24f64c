/**
 * `assess --fix-script`: the remedies that are safe to script, per instance, each below its finding;
 * what no script mends is listed with the reason. For people to read and run; sqlferry never does. Pure.
 */

import type { Assessment, Finding } from '../../model/finding.ts';
import type { Fix } from '../../model/fix.ts';
import { fixStatement, isScriptable } from '../../sql/statement/fix-statement.ts';
import { placeOf, standingOf } from './assess-group.ts';
import { counted, printable } from './format.ts';
import { connectTo, sqlcmdHead, withoutVariables } from './sqlcmd.ts';

/** What the script is made of. */
export interface FixScriptOptions {
  readonly assessment: Assessment;
  readonly migration: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** What to write behind `:CONNECT` for an instance of the migration file. */
  readonly connectName: (instance: string) => string;
}

/** T-SQL of a fix, or null where a name in it cannot stand in a script. */
export function fixSql(fix: Fix): string | null {
  return fix.changes.every((change) => isScriptable(change))
    ? fix.changes.map((change) => fixStatement(change)).join('\n')
    : null;
}

/** The script in sqlcmd mode. */
export function assessFixScript(options: FixScriptOptions): string {
  const open = options.assessment.findings.filter(isOpen);
  const scripted = open.flatMap((finding) => {
    const sql = finding.fix === null || finding.waived !== null ? null : fixSql(finding.fix);
    return sql === null ? [] : [{ finding, instance: finding.fix?.instance ?? '', sql }];
  });
  const mended = new Set(scripted.map(({ finding }) => finding));
  const left = open.filter((finding) => !mended.has(finding));
  const parts = [
    ...comments(`sqlferry assess --fix-script, migration ${options.migration}, ${options.at}`),
    '-- sqlferry does not run this file. Read it, then: sqlcmd -b -i <this file>, or SSMS > Query > SQLCMD Mode.',
    `-- ${counted(scripted.length, 'finding')} mended below; ${left.length} listed at the end, with the reason why no script mends them.`,
    '-- Assess again afterwards: sqlferry assess',
    ...sqlcmdHead,
  ];
  for (const instance of new Set(scripted.map((entry) => entry.instance))) {
    parts.push(...connectTo(options.connectName(instance)));
    const own = scripted.filter((entry) => entry.instance === instance);
    for (const { finding, sql } of own) {
      parts.push('', ...findingComment(finding), withoutVariables(sql), 'GO');
    }
  }
  if (left.length > 0) {
    parts.push('', '-- Not scripted', '-- ------------');
    for (const finding of left) parts.push('', ...findingComment(finding), ...leftComment(finding));
  }
  return `${parts.join('\n')}\n`;
}

function isOpen(finding: Finding): boolean {
  return ['error', 'unknown', 'waived', 'warning'].includes(standingOf(finding));
}

function findingComment(finding: Finding): readonly string[] {
  const place = placeOf(finding);
  return [
    ...comments(
      `${finding.id} (${finding.outcome})${place === '' ? '' : ` ${place}`}: ${finding.title}`,
    ),
    ...comments(`found: ${finding.evidence}`),
  ];
}

function leftComment(finding: Finding): readonly string[] {
  return [
    ...(finding.remedy === '' ? [] : comments(`do: ${finding.remedy}`)),
    ...comments(`not scripted: ${reasonOf(finding)}`),
  ];
}

/** Why a finding is left to a person. */
function reasonOf(finding: Finding): string {
  if (finding.waived !== null) {
    return `waived until ${finding.waived.expires}: ${finding.waived.reason}`;
  }
  if (finding.fix !== null) {
    return 'a name in it holds a line break or a control character, where sqlcmd would cut the batch; type it by hand.';
  }
  if (finding.notScripted !== null) return finding.notScripted;
  return finding.outcome === 'unknown'
    ? 'it could not be seen whether something has to be mended.'
    : 'it needs a decision, a value or a place that only a person knows.';
}

/** Comment lines that nothing can leave: control characters are spelled out and variables taken apart. */
function comments(text: string): readonly string[] {
  return text.split('\n').map((line) => `-- ${withoutVariables(printable(line))}`);
}
