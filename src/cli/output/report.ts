/** How problems and plain human lines are printed: what was found, why, what to do. */

import { required } from '../../base/assert.ts';
import { exitCodeOf } from '../../model/problem.ts';
import type { ExitCode, Problem } from '../../model/problem.ts';
import type { CliContext, TextStream } from '../command-module.ts';
import { printable, wrap } from './format.ts';
import { jsonDocument } from './json.ts';
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

/**
 * Prints a problem on stderr and, with `--json`, as a document on stdout; answers its exit code.
 * For commands whose stdout is an event stream use the event sink instead.
 */
export function reportProblem(context: CliContext, problem: Problem): ExitCode {
  if (context.globals.json) context.io.stdout.write(jsonDocument({ problem }));
  context.io.stderr.write(problemText(problem, styleOf(context)));
  return exitCodeOf(problem);
}

/** Prints several problems (at least one); the exit code is the first one's. */
export function reportProblems(context: CliContext, problems: readonly Problem[]): ExitCode {
  const first = required(problems[0], 'a problem to report');
  if (context.globals.json) context.io.stdout.write(jsonDocument({ problem: first, problems }));
  for (const problem of problems) context.io.stderr.write(problemText(problem, styleOf(context)));
  return exitCodeOf(first);
}

/** Width of the text of a problem, in columns. */
const WIDTH = 98;

/** A problem as a person reads it. */
export function problemText(problem: Problem, style: Style): string {
  const lines = [`${style.bad('✗')} ${style.strong(printable(problem.summary))}`];
  for (const fact of problem.because) lines.push(...labelled('because', fact, style));
  const evidence = problem.evidence;
  if (evidence !== undefined) {
    const numbers = `SQL Server error ${evidence.number}, severity ${evidence.class}, state ${evidence.state}`;
    lines.push(...labelled('server', `${numbers}: ${evidence.message}`, style));
  }
  lines.push(...labelled('do', problem.remedy, style));
  lines.push(...labelled('more', `sqlferry explain ${problem.code}`, style));
  return `${lines.join('\n')}\n`;
}

function labelled(label: string, text: string, style: Style): readonly string[] {
  const paragraphs = text.split('\n').flatMap((line) => wrap(printable(line), WIDTH - 11));
  return paragraphs.map((line, at) =>
    `  ${style.faint((at === 0 ? label : '').padEnd(8))} ${line}`.trimEnd(),
  );
}
