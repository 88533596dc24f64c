/** `sqlferry failback`: after the cutover, while the group is kept, the same protocol the other way round. */

import { primaryInstance } from '../../model/migration.ts';
import type { HumanDecision } from '../../model/decision.ts';
import type { CutoverHooks } from '../../model/migration.ts';
import type { ExitCode, Problem } from '../../model/problem.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command } from '../command-module.ts';
import { confirmGroup } from '../confirm.ts';
import { hookInterception } from '../hooks.ts';
import { unreachableProblems } from '../migration-session.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { reportProblem, reportProblems } from '../output/report.ts';
import { runGoal } from '../run-goal.ts';
import { showSteps } from '../what-if.ts';

/** The command. */
export const command: Command = {
  name: 'failback',
  summary: 'after the cutover: move the writes back to the source',
  options: [
    { flags: '--confirm <DAG name>', help: 'confirm without being asked' },
    { flags: '--what-if', help: 'print what would run; changes nothing' },
    { flags: '--takeover', help: 'end the session of another operator that leads this migration' },
  ],
  async run(context, input) {
    const takeOver = flagOption(input, 'takeover');
    const opened = openSession(context, { form: 'events', acting: true, takeOver });
    if (!opened.ok) return opened.error;
    try {
      return flagOption(input, 'whatIf')
        ? await whatIf(context, opened.value)
        : await failback(context, opened.value, textOption(input, 'confirm'));
    } finally {
      await opened.value.close();
    }
  },
};

/** What runs besides, so that nobody is surprised by a program written for the other direction. */
function hooksConsequence(hooks: CutoverHooks): string {
  const named = [hooks.beforeFence, hooks.afterPromote].filter((hook) => hook !== null);
  return named.length === 0
    ? ''
    : ` The hooks run as in a cutover, with SQLFERRY_FROM=target and SQLFERRY_TO=source: ${named.join(', ')}.`;
}

async function whatIf(context: CliContext, session: MigrationSession): Promise<ExitCode> {
  const planned = await session.planOf({ goal: 'failback' }, context.signal);
  if (planned.problems.length > 0) return reportProblems(context, planned.problems, 'events');
  if (planned.stopped !== null && planned.plan.steps.length === 0) {
    return reportProblem(context, notPossible(planned.stopped), 'events');
  }
  return showSteps(context, planned.plan, ['prepare', 'cutover']);
}

function notPossible(decision: HumanDecision): Problem {
  return {
    code: 'SF-CLI-014',
    summary: `The failback cannot begin: ${decision.because}`,
    because: decision.blockers,
    remedy: decision.remedy,
  };
}

async function failback(
  context: CliContext,
  session: MigrationSession,
  given: string | null,
): Promise<ExitCode> {
  const { migration } = session;
  const { observation, decision } = await session.glance({ goal: 'failback' }, context.signal);
  const unreachable = unreachableProblems(observation);
  if (unreachable.length > 0) return reportProblems(context, unreachable, 'events');
  if (decision.kind === 'needs-human' && !decision.outageOpen) {
    return reportProblem(context, notPossible(decision), 'events');
  }
  const source = primaryInstance(migration.source).name;
  const target = primaryInstance(migration.target).name;
  const refused = await confirmGroup(context, {
    command: 'failback',
    group: migration.distributedAvailabilityGroup,
    given,
    consequence: `The writes move back from [${target}] to [${source}]; sessions in the databases on [${target}] are ended.${hooksConsequence(migration.cutover.hooks)}`,
  });
  const interception = hookInterception(context, migration.cutover.hooks, {
    from: 'target',
    secrets: session.secrets,
  });
  return refused ?? runGoal(context, session, { intent: { goal: 'failback' }, interception });
}
