/** `sqlferry abort`: before the point of no return, makes the source writable again. */

import { primaryInstance } from '../../model/migration.ts';
import type { ExitCode } from '../../model/problem.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command } from '../command-module.ts';
import { confirmGroup } from '../confirm.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { reportProblems } from '../output/report.ts';
import { runGoal } from '../run-goal.ts';
import { showSteps } from '../what-if.ts';

/** The command. */
export const command: Command = {
  name: 'abort',
  summary: 'before the point of no return: make the source writable again',
  options: [
    { flags: '--confirm <DAG name>', help: 'confirm without being asked' },
    { flags: '--what-if', help: 'print what would run; changes nothing' },
    { flags: '--takeover', help: 'end the session of another operator that leads this migration' },
  ],
  async run(context, input) {
    const takeOver = flagOption(input, 'takeover');
    const opened = openSession(context, { form: 'events', acting: true, takeOver });
    if (!opened.ok) return opened.error;
    const session = opened.value;
    try {
      if (flagOption(input, 'whatIf')) return await whatIf(context, session);
      const source = primaryInstance(session.migration.source).name;
      const refused = await confirmGroup(context, {
        command: 'abort',
        group: session.migration.distributedAvailabilityGroup,
        given: textOption(input, 'confirm'),
        consequence: `The writes stay on, or go back to, [${source}].`,
      });
      return refused ?? (await runGoal(context, session, { intent: { goal: 'abort' } }));
    } finally {
      await session.close();
    }
  },
};

async function whatIf(context: CliContext, session: MigrationSession): Promise<ExitCode> {
  const planned = await session.planOf({ goal: 'abort' }, context.signal);
  if (planned.problems.length > 0) return reportProblems(context, planned.problems, 'events');
  return showSteps(context, planned.plan, ['cutover']);
}
