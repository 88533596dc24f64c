/** How problems and plain human lines are printed: what was found, why, what to do. */

import { required } from '../../base/assert.ts';
import { formatUtc } from '../../base/utc.ts';
import type { EngineEvent, RunResult } from '../../model/event.ts';
import { exitCodeOf } from '../../model/problem.ts';
import type { ExitCode, Problem } from '../../model/problem.ts';
import type { CliContext, TextStream } from '../command-module.ts';
import { eventObject } from './event-text.ts';
import { printable, wrap } from './format.ts';
import { jsonDocument, jsonLine } from './json.ts';
import { makeStyle } from './style.ts';
import type { Style } from './style.ts';

/** Where people read: stdout, or stderr when stdout belongs to a machine. */
export function humanStream(context: CliContext): TextStream {
  return context.globals.json ? context.io.stderr : context.io.stdout;
}

/** The style of this run. */
export function styleOf(context: CliContext): Style {
  return makeStyle(context.io.color);
}

/** Writes a line for people; nothing with `--quiet`. */
export function say(context: CliContext, line: string): void {
  if (!context.globals.quiet) humanStream(context).write(`${line}\n`);
}

/** What stdout of a command holds with `--json`. */
export type JsonForm = 'document' | 'events';

/** Prints a problem on stderr and, with `--json`, on stdout; answers its exit code. */
export function reportProblem(
  context: CliContext,
  problem: Problem,
  form: JsonForm = 'document',
): ExitCode {
  return reportProblems(context, [problem], form);
}

/** Prints several problems (at least one); the exit code is the first one's. */
export function reportProblems(
  context: CliContext,
  problems: readonly Problem[],
  form: JsonForm = 'document',
): ExitCode {
  const first = required(problems[0], 'a problem to report');
  if (context.globals.json) {
    context.io.stdout.write(
      form === 'document'
        ? jsonDocument({ problem: first, problems })
        : problemEvents(problems, formatUtc(context.clock.now())),
    );
  }
  for (const problem of problems)
    context.io.stderr.write(problemText(problem, styleOf(context), textWidth(context.io.stderr)));
  return exitCodeOf(first);
}

/** Outcome of a run that ended before it began, by exit code. */
const OUTCOME: Readonly<Record<ExitCode, RunResult['outcome']>> = {
  0: 'done',
  1: 'problem',
  2: 'problem',
  3: 'needs-human',
  4: 'refused',
  5: 'outage-open',
  70: 'problem',
};

/** The event stream of a run that ended before it began: the problems, then the result. */
function problemEvents(problems: readonly Problem[], at: string): string {
  const first = required(problems[0], 'a problem to report');
  const result: EngineEvent = {
    kind: 'result',
    message: first.summary,
    result: { outcome: OUTCOME[exitCodeOf(first)], rule: first.code, acts: 0 },
  };
  const events: readonly EngineEvent[] = [
    ...problems.map((problem) => ({ kind: 'problem' as const, problem, message: problem.summary })),
    result,
  ];
  return events.map((event) => jsonLine(eventObject(event, at))).join('');
}

/** Widest text of a problem, in columns. */
const WIDTH = 98;

/** Columns for running text on a stream: a pipe and a wide terminal get the widest that reads well. */
export function textWidth(stream: TextStream): number {
  return stream.isTty ? Math.min(stream.columns, WIDTH) : WIDTH;
}

/** A problem as a person reads it. */
export function problemText(problem: Problem, style: Style, width = WIDTH): string {
  const labelled = (label: string, text: string): readonly string[] =>
    text
      .split('\n')
      .flatMap((line) => wrap(printable(line), width - 11))
      .map((line, at) => `  ${style.faint((at === 0 ? label : '').padEnd(8))} ${line}`.trimEnd());
  // A line that is searched for in a log stays one line; only a terminal needs it broken.
  const summary =
    width < WIDTH ? wrap(printable(problem.summary), width - 2) : [printable(problem.summary)];
  const lines = summary.map(
    (line, at) => `${at === 0 ? style.bad('✗') : ' '} ${style.strong(line)}`,
  );
  for (const fact of problem.because) lines.push(...labelled('because', fact));
  const evidence = problem.evidence;
  if (evidence !== undefined) {
    const numbers = `SQL Server error ${evidence.number}, severity ${evidence.class}, state ${evidence.state}`;
    lines.push(...labelled('server', `${numbers}: ${evidence.message}`));
  }
  lines.push(...labelled('do', problem.remedy));
  lines.push(...labelled('more', `sqlferry explain ${problem.code}`));
  return `${lines.join('\n')}\n`;
}
