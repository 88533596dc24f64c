/** `sqlferry status`: both sides in one view, what happens next and why it waits; changes nothing. */

import { formatUtc } from '../../base/utc.ts';
import { outageStart } from '../../engine/journal-memory.ts';
import { ExitCode } from '../../model/problem.ts';
import { flagOption } from '../command-module.ts';
import { goalSeen } from '../../reconcile/waiting/scene.ts';
import { noWaitMemory, whyWaiting } from '../../reconcile/waiting/why.ts';
import type { WaitMemory } from '../../reconcile/waiting/why.ts';
import type { CliContext, Command } from '../command-module.ts';
import { unreachableProblems } from '../migration-session.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { jsonDocument, jsonLine } from '../output/json.ts';
import { makePainter } from '../output/painter.ts';
import { humanStream, problemText, say, styleOf, textWidth } from '../output/report.ts';
import { statusScreen } from '../output/status-screen.ts';
import { statusDocument } from '../status-document.ts';
import type { StatusDocument } from '../status-document.ts';

/** Time between two looks of `--watch`, in milliseconds. */
const WATCH_MS = 1000;

/** The command. */
export const command: Command = {
  name: 'status',
  summary: 'show both sides in one view, what happens next and why it waits',
  options: [{ flags: '--watch', help: 'look again every second until Ctrl-C' }],
  async run(context, input) {
    const opened = openSession(context, { form: 'document', acting: false });
    if (!opened.ok) return opened.error;
    try {
      return flagOption(input, 'watch')
        ? await watch(context, opened.value)
        : await once(context, opened.value);
    } finally {
      await opened.value.close();
    }
  },
};

async function once(context: CliContext, session: MigrationSession): Promise<ExitCode> {
  const { document, exitCode, problems } = await look(context, session, noWaitMemory);
  if (context.globals.json) context.io.stdout.write(jsonDocument(document));
  say(context, screenOf(context, document).trimEnd());
  if (context.globals.quiet) humanStream(context).write(`${document.phase}\n`);
  for (const text of problems) context.io.stderr.write(text);
  return exitCode;
}

async function watch(context: CliContext, session: MigrationSession): Promise<ExitCode> {
  const stream = humanStream(context);
  const painter = stream.isTty && !context.globals.quiet ? makePainter(stream) : null;
  let exitCode: ExitCode = ExitCode.done;
  let last = '';
  let memory = noWaitMemory;
  while (!context.signal.aborted) {
    const seen = await look(context, session, memory);
    exitCode = seen.exitCode;
    memory = seen.memory;
    if (context.globals.json) context.io.stdout.write(jsonLine(seen.document));
    if (painter !== null) painter.paint(screenOf(context, seen.document).trimEnd().split('\n'));
    else {
      const { observedAt: _, ...rest } = seen.document;
      const now = JSON.stringify(rest);
      if (now !== last) say(context, screenOf(context, seen.document));
      last = now;
    }
    // Rejects only when the signal fires, which the loop sees.
    await context.clock.sleep(WATCH_MS, context.signal).catch(() => {});
  }
  painter?.print('');
  return exitCode;
}

/** Looks once. A side that cannot be reached is part of the answer, and exit code 1. */
async function look(
  context: CliContext,
  session: MigrationSession,
  before: WaitMemory,
): Promise<{
  readonly document: StatusDocument;
  readonly memory: WaitMemory;
  readonly exitCode: ExitCode;
  readonly problems: readonly string[];
}> {
  const glance = await session.glance({ goal: 'migrate' }, context.signal);
  const { memory, answers } = whyWaiting(before, {
    goal: goalSeen(glance.observation),
    migration: session.migration,
    observation: glance.observation,
    now: context.clock.now(),
  });
  const document = statusDocument({
    migration: session.migration,
    observation: glance.observation,
    decision: glance.decision,
    action: glance.action,
    outageSince: outageSince(session),
    policy: session.policy,
    waiting: answers,
    observedAt: formatUtc(context.clock.now()),
  });
  const problems = unreachableProblems(glance.observation);
  const exitCode =
    document.outage !== null
      ? ExitCode.outageOpen
      : problems.length > 0
        ? ExitCode.problem
        : document.phase === 'unknown'
          ? ExitCode.waiting
          : ExitCode.done;
  return {
    document,
    memory,
    exitCode,
    problems: problems.map((problem) =>
      problemText(problem, styleOf(context), textWidth(context.io.stderr)),
    ),
  };
}

/** When the demotion that is still open was sent, as the journal has it. */
function outageSince(session: MigrationSession): string | null {
  const start = outageStart(session.journal());
  return start === null ? null : formatUtc(start);
}

function screenOf(context: CliContext, document: StatusDocument): string {
  const width = Math.min(humanStream(context).columns, 120);
  return statusScreen({ document, width, style: styleOf(context) });
}
