/** `docs/waiting.md` from the judges of waits: what makes each speak, and what a person is then told. */

import { duration } from '../../src/base/quantity.ts';
import { references } from '../../src/model/reference.ts';
import { defaultWaitingLimits, type WaitingAnswer } from '../../src/model/waiting.ts';
import type { WaitJudge } from '../../src/reconcile/waiting/judge.ts';
import { waitJudges } from '../../src/reconcile/waiting/table.ts';
import {
  inStepInjections,
  lastInjections,
  replicaInjections,
  seedingInjections,
} from '../../tests/lab/waiting-injection.ts';
import {
  queueInjections,
  roleInjections,
  slowServerInjections,
} from '../../tests/lab/waiting-injection-role.ts';
import { answersOf, waitingCases } from '../../tests/support/waiting-case.ts';

/** Names of the limits in the migration file, with what they are about. */
const LIMITS: readonly (readonly [string, string, string])[] = [
  ['connect', duration(defaultWaitingLimits.connectMs), 'the two sides are not connected'],
  [
    'seedingStart',
    duration(defaultWaitingLimits.seedingStartMs),
    'a seeding that was asked for sends nothing; after it, it counts as dead',
  ],
  [
    'seedingStill',
    duration(defaultWaitingLimits.seedingStillMs),
    'a running seeding does not move',
  ],
  ['synchronize', duration(defaultWaitingLimits.synchronizeMs), 'databases do not come into step'],
  [
    'queue',
    duration(defaultWaitingLimits.queueMs),
    'a send or redo queue needs longer than this at its present rate',
  ],
  [
    'fence',
    duration(defaultWaitingLimits.fenceMs),
    'sessions hold the fence, or a role is on its way',
  ],
  ['clock', duration(defaultWaitingLimits.clockMs), "a clock differs from this machine's"],
  [
    'logUsed',
    String(defaultWaitingLimits.logUsedPercent),
    'percent of a log in use that cannot be truncated',
  ],
];

/** The page. */
export function waitingPage(): string {
  return `# Why it waits

Written from the code by \`npm run gen\`. \`sqlferry explain <id>\` prints the same.

\`sqlferry status\` says of everything that waits why it does, whose move it is and what the next step is (\`waiting[]\` with \`--json\`). \`migrate\`, \`cutover\`, \`abort\` and \`failback\` say the same while they wait, unasked, once a limit is over. The deepest cause comes first; what follows from it stands beneath it and ends with it. Nothing is decided on these answers: what is done next follows from the rules in [rules.md](rules.md) alone.

One look has no memory: how long a state lasts is known only where a server tells it. \`status --watch\` and a run count from their first look.

## Limits

Keys under \`limits:\` of the migration file. They say when something is said, not how long is waited.

| key | default | said when |
| --- | --- | --- |
${LIMITS.map(([key, value, what]) => `| \`${key}\` | ${value} | ${what} |`).join('\n')}

## Causes

In the order in which they are shown. *Lab* means that \`tests/lab/waiting.test.ts\` brings it about on the lab's servers over the real driver and sees it named; a *constructed* one is shown on an observation made by hand only. The sentences below are those of such observations (\`tests/support/waiting-case.ts\`), where sizes and times are always the same.

| id | cause | shown |
| --- | --- | --- |
${waitJudges.map((judge) => `| [${judge.id}](#${judge.id.toLowerCase()}) | ${judge.title} | ${wordsInLab(judge.id).length > 0 ? 'lab' : 'constructed'} |`).join('\n')}

${waitJudges.map((judge) => section(judge)).join('\n\n')}
`;
}

function wordsInLab(id: string): readonly string[] {
  const all = [
    ...seedingInjections,
    ...queueInjections,
    ...inStepInjections,
    ...roleInjections,
    ...lastInjections,
    ...slowServerInjections,
    ...replicaInjections,
  ];
  const own = all.filter((each) => each.id === id).map(({ words }) => words);
  const beneath = all
    .filter(({ hence }) => hence?.includes(id) === true)
    .map((each) => `${each.words} (beneath ${each.id})`);
  return [...own, ...beneath];
}

function section(judge: WaitJudge): string {
  const lines = [`### ${judge.id}`, '', `${judge.title}. ${judge.why}`, ''];
  const lab = wordsInLab(judge.id);
  for (const words of lab) lines.push(`- In the lab: ${words}`);
  for (const one of waitingCases.filter(({ id }) => id === judge.id)) {
    const answer = answersOf(one).find(({ id }) => id === judge.id);
    if (answer !== undefined) lines.push(...saidLines(one.what, answer));
  }
  lines.push(`- Said unasked: ${whenSaid(judge)}.`);
  if (judge.explains.length > 0)
    lines.push(`- Stands above: ${judge.explains.map((id) => `\`${id}\``).join(', ')}.`);
  const { title, url } = references[judge.reference];
  lines.push(`- Page: [${title}](${url})`);
  return lines.join('\n');
}

function saidLines(what: string, answer: WaitingAnswer): readonly string[] {
  return [
    `- When ${what}: ${quoted(answer.cause)}`,
    `  - Seen: ${answer.evidence.map((each) => quoted(each)).join(' ')}`,
    `  - Move of ${answer.whose === 'nobody' ? 'nobody, it takes time' : answer.whose}: ${quoted(answer.next)}`,
  ];
}

function whenSaid({ limit }: WaitJudge): string {
  if (limit === 'never') return 'never, the progress shows it';
  return limit === null ? 'at once' : `after \`limits.${limit.replace(/Ms$/u, '')}\``;
}

/** Text of a server or a statement as code, so that nothing in it is markup. */
function quoted(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}
