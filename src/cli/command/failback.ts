/** `sqlferry failback`: after the cutover, while the group is kept, the same protocol the other way round. */

import { primaryInstance } from '../../model/migration.ts';
import type { ExitCode } from '../../model/problem.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command } from '../command-module.ts';
import { confirmGroup } from '../confirm.ts';
import { unreachableProblems } from '../migration-session.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { reportProblem, reportProblems } from '../output/report.ts';
import { runGoal } from '../run-goal.ts';

/** The command. */
export const command: Command = {
  name: 'failback',
  summary: 'after the cutover: move the writes back to the source',
  options: [
    { flags: '--confirm <DAG name>', help: 'confirm without being asked' },
    { flags: '--takeover', help: 'end the session of another operator that leads this migration' },
  ],
  async run(context, input) {
    const takeOver = flagOption(input, 'takeover');
    const opened = openSession(context, { form: 'events', acting: true, takeOver });
    if (!opened.ok) return opened.error;
    try {
      return await failback(context, opened.value, textOption(input, 'confirm'));
    } finally {
      await opened.value.close();
    }
  },
};

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
    return reportProblem(
      context,
      {
        code: 'SF-CLI-014',
        summary: `The failback cannot begin: ${decision.because}`,
        because: decision.blockers,
        remedy: decision.remedy,
      },
      'events',
    );
  }
  const source = primaryInstance(migration.source).name;
  const target = primaryInstance(migration.target).name;
  const refused = await confirmGroup(context, {
    command: 'failback',
    group: migration.distributedAvailabilityGroup,
    given,
    consequence: `The writes move back from [${target}] to [${source}]; sessions in the databases on [${target}] are ended. The hooks of the migration file are for the cutover and are not run.`,
  });
  return refused ?? runGoal(context, session, { intent: { goal: 'failback' } });
}
