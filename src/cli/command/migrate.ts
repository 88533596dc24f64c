/** `sqlferry migrate`: carries the plan out up to *ready for cutover*; running it again resumes. */

import type { Plan } from '../../model/plan.ts';
import type { ExitCode } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command, CommandInput } from '../command-module.ts';
import { confirmYes } from '../confirm.ts';
import { unreachableProblems } from '../migration-session.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { counted } from '../output/format.ts';
import { planScreen } from '../output/plan-screen.ts';
import { humanStream, reportProblem, reportProblems, say, styleOf } from '../output/report.ts';
import { planDifferences, readPlan } from '../plan-file.ts';
import { runGoal } from '../run-goal.ts';
import { showSteps } from '../what-if.ts';

/** The command. */
export const command: Command = {
  name: 'migrate',
  summary: 'carry the plan out up to "ready for cutover"; run again to resume',
  options: [
    { flags: '--plan <plan.json>', help: 'do only what this reviewed plan holds' },
    { flags: '--yes', help: 'do not ask before the first change' },
    { flags: '--no-wait', help: 'return when the databases have begun to travel' },
    { flags: '--what-if', help: 'print what would run; changes nothing' },
    { flags: '--takeover', help: 'end the session of another operator that leads this migration' },
  ],
  async run(context, input) {
    const takeOver = flagOption(input, 'takeover');
    const opened = openSession(context, { form: 'events', acting: true, takeOver });
    if (!opened.ok) return opened.error;
    try {
      return await migrate(context, opened.value, input);
    } finally {
      await opened.value.close();
    }
  },
};

async function migrate(
  context: CliContext,
  session: MigrationSession,
  input: CommandInput,
): Promise<ExitCode> {
  const planned = await session.plan(context.signal);
  if (planned.problems.length > 0) return reportProblems(context, planned.problems, 'events');
  const refused = checkPlanFile(session, textOption(input, 'plan'), planned.plan);
  if (refused !== null) return reportProblem(context, refused, 'events');
  if (flagOption(input, 'whatIf')) {
    return showSteps(context, planned.plan, ['prepare', 'create', 'seed']);
  }
  const gate = await assessmentGate(context, session);
  if (gate !== null) return gate;
  const steps = planned.plan.steps.filter(({ phase }) => phase !== 'cutover' && phase !== 'finish');
  if (context.io.interactive && !flagOption(input, 'yes') && steps.length > 0) {
    const stream = humanStream(context);
    const plan = { ...planned.plan, steps };
    stream.write(
      planScreen({ plan, width: Math.min(stream.columns, 120), style: styleOf(context) }),
    );
    const stopped = await confirmYes(context, 'Carry these steps out?', 'migrate');
    if (stopped !== null) return stopped;
  }
  return runGoal(context, session, {
    intent: { goal: 'migrate' },
    stopAtFirstWait: input.options['wait'] === false,
  });
}

function checkPlanFile(session: MigrationSession, path: string | null, now: Plan): Problem | null {
  if (path === null) return null;
  const approved = readPlan(path, session.migration.name);
  if (!approved.ok) return approved.error;
  const differences = planDifferences(approved.value, now);
  if (differences.length === 0) return null;
  return {
    code: 'SF-CLI-007',
    summary: `The servers need steps that ${path} does not hold; nothing was changed.`,
    because: differences,
    remedy: `Review the difference, then: sqlferry plan --out ${path}`,
  };
}

/** A migration that has not begun must pass the assessment; one that is under way is past it. */
async function assessmentGate(
  context: CliContext,
  session: MigrationSession,
): Promise<ExitCode | null> {
  const { observation } = await session.glance({ goal: 'migrate' }, context.signal);
  const unreachable = unreachableProblems(observation);
  if (unreachable.length > 0) return reportProblems(context, unreachable, 'events');
  const group = observation.source.availabilityGroup;
  if (group.known && group.value !== null) return null;
  const { assessment, problems } = await session.assess(context.signal);
  if (problems.length > 0) return reportProblems(context, problems, 'events');
  if (assessment.verdict !== 'not-ready') {
    const waived = assessment.findings.filter((finding) => finding.waived !== null).length;
    if (assessment.counts.warning + assessment.counts.unknown + waived > 0) {
      const also = waived === 0 ? '' : `, ${waived} waived`;
      say(
        context,
        `${styleOf(context).careful('!')} Assessment: ${assessment.verdict} (${counted(assessment.counts.warning, 'warning')}, ${assessment.counts.unknown} unknown${also}); sqlferry assess shows them.`,
      );
    }
    return null;
  }
  const errors = assessment.findings.filter(
    ({ outcome, waived }) => outcome === 'error' && waived === null,
  );
  return reportProblem(
    context,
    {
      code: 'SF-CLI-011',
      summary: 'The assessment found what would make the migration fail; nothing was changed.',
      because: errors.map(
        ({ id, instance, evidence }) => `${id} [${instance ?? 'both'}]: ${evidence}`,
      ),
      remedy: errors.map(({ remedy }) => remedy).join('\n'),
    },
    'events',
  );
}
