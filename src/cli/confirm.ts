/**
 * Consent to what changes roles: the name of the distributed availability group, given as an option
 * or typed. Nothing is ever asked where nobody can answer.
 */

import { ExitCode } from '../model/problem.ts';
import type { CliContext } from './command-module.ts';
import { printable } from './output/format.ts';
import { humanStream, reportProblem, styleOf } from './output/report.ts';

/** What is to be confirmed. */
export interface Confirmation {
  /** `cutover`, `abort`, ... for the command in the remedy. */
  readonly command: string;
  /** Name of the distributed availability group. */
  readonly group: string;
  /** Value of `--confirm`; null when it was not given. */
  readonly given: string | null;
  /** What is about to happen, shown before the question. */
  readonly consequence: string;
}

/** Answers null when it is confirmed, else the exit code; the reason was printed. */
export async function confirmGroup(
  context: CliContext,
  confirmation: Confirmation,
): Promise<ExitCode | null> {
  const { command, group, given } = confirmation;
  if (given !== null) return given === group ? null : wrongName(context, confirmation, given);
  if (!context.io.interactive) {
    return reportProblem(
      context,
      {
        code: 'SF-CLI-001',
        summary: `${confirmation.consequence} Nobody could be asked, so nothing was done.`,
        because: ['Input or output is not a terminal, or --json or CI is set.'],
        remedy: `sqlferry ${command} --confirm ${shellQuoted(group)}`,
      },
      'events',
    );
  }
  const style = styleOf(context);
  humanStream(context).write(`${style.careful('!')} ${printable(confirmation.consequence)}\n`);
  const answer = await context.io.ask(
    `  Type the name of the distributed availability group (DAG) to go on: `,
    context.signal,
  );
  if (answer === null) return reportStop(context, command);
  return answer === group ? null : wrongName(context, confirmation, answer);
}

/** Asks for yes or no; answers null for yes. Only called where a question may be asked. */
export async function confirmYes(
  context: CliContext,
  question: string,
  command: string,
): Promise<ExitCode | null> {
  const answer = await context.io.ask(`${question} [y/N] `, context.signal);
  if (answer === null) return reportStop(context, command);
  if (/^y(?:es)?$/iu.test(answer)) return null;
  humanStream(context).write('Nothing was changed.\n');
  return ExitCode.waiting;
}

/** Says that the question was left unanswered and what goes on from here. */
export function reportStop(context: CliContext, command: string): ExitCode {
  return reportProblem(
    context,
    {
      code: 'SF-CLI-005',
      summary: `sqlferry ${command} was stopped before it changed anything.`,
      because: ['Both servers are as they were when the command started.'],
      remedy: `sqlferry ${command} starts it again; sqlferry status shows where both sides are.`,
    },
    'events',
  );
}

function wrongName(context: CliContext, confirmation: Confirmation, typed: string): ExitCode {
  return reportProblem(
    context,
    {
      code: 'SF-CLI-002',
      summary: `The confirmation [${printable(typed)}] is not the name of the distributed availability group; nothing was changed.`,
      because: [
        `The migration file names the distributed availability group [${confirmation.group}].`,
      ],
      remedy: `sqlferry ${confirmation.command} --confirm ${shellQuoted(confirmation.group)}`,
    },
    'events',
  );
}

/** The text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w.-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
