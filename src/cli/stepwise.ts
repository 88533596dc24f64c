/**
 * `cutover --stepwise`: the articles' own sequence, one statement a step, each shown and asked about.
 *
 * A step shows what the article says, the statement, what the same batch does besides and why it must,
 * and, around the switch, the positions of both sides as they were read a moment ago. What is asked
 * here is asked before anything is sent; the guards of the batch are asked by the server afterwards.
 */

import { parseUtc } from '../base/utc.ts';
import { formatLsn } from '../base/lsn.ts';
import { shownName } from '../base/name.ts';
import { actText, instanceOf } from '../engine/act-text.ts';
import type { Interception } from '../engine/run.ts';
import type { Act } from '../model/act.ts';
import type { EngineEvent } from '../model/event.ts';
import type { Migration } from '../model/migration.ts';
import { sideOf, type DatabaseObservation, type Observation } from '../model/observation.ts';
import type { Problem } from '../model/problem.ts';
import type { Side } from '../model/side.ts';
import { hardenedLsn } from '../reconcile/lsn.ts';
import { findDatabase, selectedNames, sides } from '../reconcile/look.ts';
import { nliteral } from '../sql/quote.ts';
import { articleStatement } from '../sql/statement/article-statement.ts';
import { batchFor } from '../sql/statement/batch-for.ts';
import { articleSteps } from './article-steps.ts';
import type { CliContext } from './command-module.ts';
import { duration, printable, wrap } from './output/format.ts';
import { humanStream, styleOf } from './output/report.ts';
import { renderTable } from './output/table.ts';

/** How a stepwise run is asked. */
export interface StepwiseOptions {
  readonly migration: Migration;
  /** `--yes`: every step is shown and nobody is asked. */
  readonly yes: boolean;
}

/** The prompts, and the ear that hears what was read before each. */
export interface Stepwise {
  readonly interception: Interception;
  readonly watch: (event: EngineEvent) => void;
}

/** Longest line of text beside a label, in columns. */
const WIDEST = 96;
/** Batches of sqlferry's own up to this many lines are shown whole. */
const SHORT_BATCH_LINES = 12;
/** Answers to one question before it counts as no. */
const ANSWER_LIMIT = 20;

/** What is known when a step is asked about. */
interface Heard {
  readonly observation: Observation | null;
  /** Monotonic time of that look. */
  readonly at: number;
  readonly rule: string;
  readonly because: string;
}

/** Makes the prompts of one run. */
export function makeStepwise(context: CliContext, options: StepwiseOptions): Stepwise {
  let heard: Heard = { observation: null, at: 0, rule: '', because: '' };
  let step = 0;
  return {
    watch: (event) => {
      if (event.kind === 'observed') {
        heard = { ...heard, observation: event.observation, at: context.clock.monotonic() };
      } else if (event.kind === 'decided') {
        heard = { ...heard, rule: event.rule, because: event.message };
      }
    },
    interception: {
      async before(act, signal) {
        step += 1;
        const stream = humanStream(context);
        stream.write(`\n${stepLines(context, { act, heard, step, ...options }).join('\n')}\n\n`);
        if (options.yes) return null;
        const question = `Run step ${step}? [y/N, t shows the whole batch] `;
        for (let asked = 0; asked < ANSWER_LIMIT; asked += 1) {
          const answer = await context.io.ask(question, signal);
          if (answer !== null && /^y(?:es)?$/iu.test(answer)) return null;
          if (answer === null || !/^t$/iu.test(answer)) break;
          stream.write(`${batchLines(act, options.migration).join('\n')}\n`);
        }
        return notConfirmed(act, options.migration, step);
      },
    },
  };
}

function notConfirmed(act: Act, migration: Migration, step: number): Problem {
  return {
    code: 'SF-CLI-005',
    summary: `Step ${step} was not confirmed and not run: ${actText(act, migration)} on ${shownName(instanceOf(act, migration))}.`,
    because: ['The steps before it stay as they are.'],
    remedy:
      'sqlferry diagnose says what goes on from here; sqlferry cutover --stepwise goes on step by step.',
  };
}

interface Step extends StepwiseOptions {
  readonly act: Act;
  readonly heard: Heard;
  readonly step: number;
}

function stepLines(context: CliContext, shown: Step): readonly string[] {
  const { act, heard, migration, step } = shown;
  const style = styleOf(context);
  const width = Math.min(humanStream(context).columns, WIDEST);
  const labelled = (label: string, text: string | null): readonly string[] =>
    text === null
      ? []
      : wrap(printable(text), width - 13).map(
          (line, at) => `  ${style.faint((at === 0 ? label : '').padEnd(10))} ${line}`,
        );
  const instance = printable(instanceOf(act, migration));
  const article = articleSteps[act.kind];
  const rest = [
    ...labelled('same batch', article?.together ?? null),
    ...tableLines(context, shown, width),
    ...labelled('clock', clockWords(context, shown)),
  ];
  return [
    `${style.strong(`Step ${step}`)}  on ${style.strong(`[${instance}]`)}  ${printable(actText(act, migration))}`,
    ...(article === undefined
      ? labelled('article', 'Not in it: a step of sqlferry around it.')
      : labelled('article', article.says)),
    ...labelled('because', heard.because),
    '',
    ...statementLines(act, shown).map((line) => `    ${style.accent(line)}`),
    ...(rest.length === 0 ? [] : ['', ...rest]),
  ];
}

/** The article's statement; a short batch of ours whole; with `--yes` every batch whole, for nobody can ask. */
function statementLines(act: Act, { migration, yes }: Step): readonly string[] {
  const statement = articleStatement(act, migration);
  const whole = batchLines(act, migration);
  if (yes || whole.length <= SHORT_BATCH_LINES) return whole;
  return statement === null
    ? [`-- ${whole.length} lines; t shows them`]
    : statement.split('\n').map((line) => printable(line));
}

/** The batch as it is sent: values of parameters first, as a person would declare them. */
function batchLines(act: Act, migration: Migration): readonly string[] {
  const { text, parameters } = batchFor(act, migration);
  const declared = parameters.map(({ name, type, value }) => {
    const shown =
      value === null ? 'NULL' : typeof value === 'number' ? String(value) : nliteral(value);
    return `-- @${name} ${type} = ${shown}`;
  });
  return [...declared, ...text.split('\n')].map((line) => printable(line));
}

/** Steps before which the positions of both sides are compared. */
const COMPARED: ReadonlySet<Act['kind']> = new Set([
  'demote',
  'await-lsns',
  'commit-epoch',
  'promote',
]);

function tableLines(context: CliContext, shown: Step, width: number): readonly string[] {
  const { observation } = shown.heard;
  if (observation === null) return [];
  if (shown.act.kind === 'close-epoch') return roleTable(context, observation, width);
  return COMPARED.has(shown.act.kind) ? comparison(context, shown, { observation, width }) : [];
}

/** The article's query on both sides, as its rows were read a moment ago. */
function comparison(
  context: CliContext,
  { act, migration }: Step,
  { observation, width }: { readonly observation: Observation; readonly width: number },
): readonly string[] {
  const style = styleOf(context);
  const [source, target] = [databasesOf(observation, 'source'), databasesOf(observation, 'target')];
  const rows = selectedNames(migration, source).map((name) => {
    const here = findDatabase(source, name);
    const there = findDatabase(target, name);
    const [own, other] = [here, there].map((found) =>
      found === null || found.local === null ? null : hardenedLsn(found.local),
    );
    const isEqual = own !== null && own !== undefined && own === other;
    // After the demotion no side shows a row of the distributed group.
    const state = here?.distributed?.synchronizationStateDesc ?? 'not shown';
    return [
      { text: printable(name) },
      ...(act.kind === 'demote' ? [{ text: printable(state) }] : []),
      { text: own === null || own === undefined ? 'not shown' : formatLsn(own) },
      { text: other === null || other === undefined ? 'not shown' : formatLsn(other) },
      isEqual ? { text: 'equal', paint: style.good } : { text: 'differ', paint: style.bad },
    ];
  });
  return renderTable({
    columns: [
      { title: 'last_hardened_lsn', flexible: true },
      ...(act.kind === 'demote' ? [{ title: 'state' }] : []),
      { title: 'source' },
      { title: 'target' },
      { title: '' },
    ],
    rows,
    width,
    indent: '  ',
    paintTitle: style.faint,
  });
}

/** Who is what after the failover. */
function roleTable(
  context: CliContext,
  observation: Observation,
  width: number,
): readonly string[] {
  const rows = sides.map((side) => {
    const { instance, distributed } = sideOf(observation, side);
    const role = distributed.known ? (distributed.value?.localRoleDesc ?? 'none') : 'not shown';
    const states = databasesOf(observation, side).map(
      ({ name, stateDesc }) => `${name} ${stateDesc}`,
    );
    return [{ text: side }, { text: instance }, { text: role }, { text: states.join(', ') }].map(
      ({ text }) => ({ text: printable(text) }),
    );
  });
  return renderTable({
    columns: [
      { title: 'role_desc' },
      { title: 'instance' },
      { title: 'role' },
      { title: 'databases', flexible: true },
    ],
    rows,
    width,
    indent: '  ',
    paintTitle: styleOf(context).faint,
  });
}

function databasesOf(observation: Observation, side: Side): readonly DatabaseObservation[] {
  const fact = sideOf(observation, side).databases;
  return fact.known ? fact.value : [];
}

/** What the operator must know about time before the answer; null where nothing runs. */
function clockWords(context: CliContext, { act, heard, migration }: Step): string | null {
  const { maxOutageMs, deadMan } = migration.cutover;
  const nobody = 'deadMan is off: nobody gives the writes back but you';
  if (act.kind === 'demote') {
    const limit =
      deadMan === 'off'
        ? `${nobody}; after ${duration(maxOutageMs)} the epoch cannot be decided any more`
        : `in ${duration(maxOutageMs)} the steps up to the decision must be answered, else the dead-man gives the writes back`;
    return `From this statement on neither side takes writes; ${limit}. --max-outage 10m gives you longer.`;
  }
  const control = heard.observation?.source.control;
  const server = heard.observation?.source.serverUtc;
  if (control?.known !== true || control.value.kind !== 'present' || server?.known !== true)
    return null;
  const { phase, deadlineUtc } = control.value.register;
  if (phase === 'committing' && act.kind === 'promote') {
    return 'Neither side takes writes, and no timer runs any more: only this step, or sqlferry abort, ends it.';
  }
  const end = deadlineUtc === null ? null : parseUtc(deadlineUtc);
  const now = parseUtc(server.value);
  if (phase !== 'fenced' || end === null || now === null) return null;
  const left = Math.max(0, end - now - (context.clock.monotonic() - heard.at));
  const who = deadMan === 'off' ? nobody : 'then the dead-man gives the writes back';
  return `Neither side takes writes. ${duration(left)} left until ${deadlineUtc ?? ''}; ${who}.`;
}
