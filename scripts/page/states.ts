/** `docs/states.md` from the transition tables and the rules that cause each transition. */

import { phaseTransitions, roleTransitions } from '../../src/reconcile/transition.ts';
import { allRules } from '../../src/reconcile/table.ts';

/** The page. */
export function statesPage(): string {
  return `# States

Written from the code by \`npm run gen\`: the tables are \`src/reconcile/transition.ts\`, held against the rules by a test. Every other change of these states is somebody else's doing; \`sqlferry diagnose\` says what then.

## The commit register

One row on the side that gives the role away. The number of the attempt, the epoch, grows with every fence; every edge is a compare-and-set of phase and epoch in the same batch as its effect.

\`\`\`mermaid
stateDiagram-v2
  [*] --> idle
${phaseTransitions.map(({ from, to, by }) => `  ${from} --> ${to}: ${by}`).join('\n')}
\`\`\`

${table(
  ['from', 'to', 'by', 'the batch demands besides', 'rules'],
  phaseTransitions.map(({ from, to, by, demands }) => [from, to, by, demands, rulesOf(by)]),
)}

## The roles

The side that gives the role away first, the other second. For a failback the giving side is the target.

\`\`\`mermaid
stateDiagram-v2
${[...new Set(roleTransitions.flatMap(({ from, to }) => [from, to]).map((pair) => `  state "${pair.join(' / ')}" as ${stateName(pair)}`))].join('\n')}
${roleTransitions.map(({ from, to, by }) => `  ${stateName(from)} --> ${stateName(to)}: ${by}`).join('\n')}
\`\`\`

${table(
  ['from', 'to', 'by', 'phase of the register', 'rules'],
  roleTransitions.map(({ from, to, by, phase }) => [
    from.join(' / '),
    to.join(' / '),
    by,
    phase ?? 'any: typed by a person',
    rulesOf(by),
  ]),
)}
`;
}

function stateName(pair: readonly [string, string]): string {
  return pair.join('_').replaceAll(/[^A-Za-z]+/gu, '_');
}

function rulesOf(by: string): string {
  const rules = allRules.filter((rule) => rule.emits === by).map((rule) => `\`${rule.id}\``);
  return rules.length === 0 ? 'the server, by its own clock' : rules.join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
