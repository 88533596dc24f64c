/** `sqlferry plan`: the runbook from where the servers stand, on screen and as files; changes nothing. */

import { join } from 'node:path';

import { ExitCode } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import { textOption } from '../command-module.ts';
import type { CliContext, Command, CommandInput } from '../command-module.ts';
import type { PlannedRun } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { makeFolder, writeOutput } from '../output/file.ts';
import { jsonDocument } from '../output/json.ts';
import { estimateLines } from '../output/estimate-text.ts';
import { planScreen } from '../output/plan-screen.ts';
import { planFiles, planMarkdown, planSqlcmd } from '../output/plan-script.ts';
import { humanStream, reportProblem, reportProblems, say, styleOf } from '../output/report.ts';

/** The command. */
export const command: Command = {
  name: 'plan',
  summary: 'print the runbook: every statement, where it runs, why, how it is undone',
  options: [
    { flags: '--out <plan.json>', help: 'write the plan for "migrate --plan"' },
    { flags: '--sqlcmd <file.sql>', help: 'write one script in sqlcmd mode' },
    { flags: '--sql-dir <dir>', help: 'write one file per step' },
    { flags: '--markdown <file>', help: 'write a document for a change board' },
  ],
  async run(context, input) {
    const opened = openSession(context, { form: 'document', acting: false });
    if (!opened.ok) return opened.error;
    try {
      const planned = await opened.value.plan(context.signal);
      if (planned.problems.length > 0) return reportProblems(context, planned.problems);
      const failed = writeFiles(context, input, planned);
      if (failed !== null) return reportProblem(context, failed);
      return show(context, planned);
    } finally {
      await opened.value.close();
    }
  },
};

function show(context: CliContext, planned: PlannedRun): ExitCode {
  const { plan, estimates } = planned;
  if (context.globals.json) context.io.stdout.write(jsonDocument({ ...plan, estimates }));
  const stream = humanStream(context);
  const style = styleOf(context);
  const width = Math.min(stream.columns, 120);
  say(context, planScreen({ plan, width, style }));
  const lines = estimateLines(estimates, { width, style });
  if (lines.length > 0) say(context, `${lines.join('\n')}\n`);
  if (planned.stopped === null) {
    say(
      context,
      style.faint('The statements: sqlferry plan --markdown plan.md, or --sqlcmd plan.sql'),
    );
    return ExitCode.done;
  }
  say(context, `${style.careful('!')} The plan ends here: ${planned.stopped.because}`);
  say(context, `  ${style.faint('do')}  ${planned.stopped.remedy}`);
  return ExitCode.waiting;
}

function writeFiles(
  context: CliContext,
  input: CommandInput,
  { plan }: PlannedRun,
): Problem | null {
  const out = textOption(input, 'out');
  const sqlcmd = textOption(input, 'sqlcmd');
  const markdown = textOption(input, 'markdown');
  const folder = textOption(input, 'sqlDir');
  const files: { readonly path: string; readonly text: string }[] = [];
  if (out !== null) files.push({ path: out, text: jsonDocument(plan) });
  if (markdown !== null) files.push({ path: markdown, text: planMarkdown(plan) });
  if (sqlcmd !== null) {
    files.push({
      path: sqlcmd,
      text: planSqlcmd({ plan, connectName: (step) => step.instance }),
    });
  }
  if (folder !== null) {
    const made = makeFolder(folder);
    if (!made.ok) return made.error;
    for (const file of planFiles(plan)) {
      files.push({ path: join(folder, file.name), text: file.text });
    }
  }
  for (const file of files) {
    const written = writeOutput(file.path, file.text);
    if (!written.ok) return written.error;
    say(context, `wrote ${file.path}`);
  }
  return null;
}
