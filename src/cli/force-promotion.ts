/**
 * `cutover --accept-data-loss`: the disaster path. The source cannot be seen, the operator says that
 * what it had not yet sent may be lost, and types the group's name. Where the source answers this is
 * refused: then nothing need be lost.
 */

import { primaryInstance } from '../model/migration.ts';
import type { ExitCode } from '../model/problem.ts';
import type { CliContext } from './command-module.ts';
import { confirmGroup } from './confirm.ts';
import { unreachableProblems } from './migration-session.ts';
import type { MigrationSession } from './migration-session.ts';
import { reportProblem, reportProblems } from './output/report.ts';
import { runGoal } from './run-goal.ts';

/** Asks, and makes the target writable without the source. */
export async function forcePromotion(
  context: CliContext,
  session: MigrationSession,
  given: string | null,
): Promise<ExitCode> {
  const intent = { goal: 'force', side: 'target' } as const;
  const { observation } = await session.glance(intent, context.signal);
  const source = primaryInstance(session.migration.source).name;
  const target = primaryInstance(session.migration.target).name;
  if (observation.source.connection.kind === 'connected') {
    return reportProblem(
      context,
      {
        code: 'SF-CLI-013',
        summary: `[${source}] answers: no data need be lost, so --accept-data-loss is refused.`,
        because: [
          'A source that can be seen is demoted first; then every commit is on the target.',
        ],
        remedy: 'sqlferry cutover, or sqlferry diagnose to see where both sides stand.',
      },
      'events',
    );
  }
  if (observation.target.connection.kind === 'unreachable') {
    return reportProblems(context, unreachableProblems(observation), 'events');
  }
  const refused = await confirmGroup(context, {
    command: 'cutover --accept-data-loss',
    group: session.migration.distributedAvailabilityGroup,
    given,
    consequence: `[${target}] becomes writable although [${source}] cannot be seen: commits that had not reached it are lost, and if [${source}] still serves clients, both take writes.`,
  });
  return refused ?? runGoal(context, session, { intent });
}
