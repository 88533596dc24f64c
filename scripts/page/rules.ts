/** `docs/rules.md` from the rule tables: what assess checks and what decides each act. */

import { assessRules } from '../../src/assess/table.ts';
import { references } from '../../src/model/reference.ts';
import {
  abortRules,
  cutoverRules,
  dropRules,
  forceRules,
  keepRules,
  migrateRules,
  splitBrainRules,
} from '../../src/reconcile/table.ts';
import type { Rule } from '../../src/reconcile/rule.ts';
import { casesOf } from '../../tests/lab/assess-case/coverage.ts';
import { assessCases, exemptRules } from '../../tests/lab/assess-case/table.ts';

/** The page. */
export function rulesPage(): string {
  return `# Rules

Written from the code by \`npm run gen\`. \`sqlferry explain <id>\` prints the same.

## What \`assess\` checks

The last two columns name the lab cases (\`tests/lab/assess-case/\`) in which a rule is satisfied and in which it is not; \`tests/lab/assess-cases.test.ts\` runs them all.

${assessTable()}

## What decides the next act

For each command the rules are looked at from the top; the first that applies answers. A rule that needs a fact nobody could read does not apply: the answer is then \`R-UNKNOWN\`, which waits or asks for a human and never acts.

### migrate

${ruleTable(migrateRules)}

### cutover

${ruleTable(cutoverRules)}

### abort

${ruleTable(abortRules)}

### failback

The rules of \`cutover\` with the sides exchanged: read target for source and source for target.

### cutover --accept-data-loss

While the source cannot be seen, after the name of the group was typed.

${ruleTable(forceRules)}

### diagnose --resolve-split-brain

Written for the source as the side that loses.

${ruleTable(splitBrainRules)}

### finish --keep

${ruleTable(keepRules)}

### finish --drop

${ruleTable(dropRules)}
`;
}

function assessTable(): string {
  const rows = assessRules.map((rule) =>
    row([
      `\`${rule.id}\``,
      rule.title,
      rule.why,
      `[${references[rule.reference].title}](${references[rule.reference].url})`,
      ...caseCells(rule.id),
    ]),
  );
  return [
    row(['rule', 'must hold', 'why', 'source', 'satisfied when', 'not satisfied when']),
    row(['---', '---', '---', '---', '---', '---']),
    ...rows,
  ].join('\n');
}

/** The first case that satisfies a rule, and those that do not; the reason where there is none. */
function caseCells(id: string): readonly [string, string] {
  const { passes, fails } = casesOf(id, assessCases);
  const exempt = exemptRules[id] ?? {};
  const reason = (text: string | undefined): string =>
    text === undefined ? '' : `no case: ${text}`;
  return [passes[0] ?? reason(exempt.passes), fails.join('; ') || reason(exempt.fails)];
}

function ruleTable(rules: readonly Rule[]): string {
  const rows = rules.map((rule) =>
    row([`\`${rule.id}\``, `${rule.title}. ${rule.why}`, rule.emits, rule.reversal ?? '']),
  );
  return [
    row(['rule', 'when', 'answer', 'taken back by']),
    row(['---', '---', '---', '---']),
    ...rows,
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
