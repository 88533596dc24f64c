/** Runs a cutover step by step. */

import type { Interception } from '../engine/run.ts';
import type { ExitCode } from '../model/problem.ts';
import type { CliContext } from './command-module.ts';
import { chainInterceptions } from './hooks.ts';
import type { MigrationSession } from './migration-session.ts';
import { EXIT_OF_OUTCOME, runForResult } from './run-goal.ts';
import { makeStepwise } from './stepwise.ts';

/** What is wrong with these options; null when nothing is. */
export function stepwiseMistake(
  context: CliContext,
  { stepwise, yes }: { readonly stepwise: boolean; readonly yes: boolean },
): { readonly summary: string; readonly remedy: string } | null {
  if (yes && !stepwise) {
    return {
      summary: '--yes answers the questions of --stepwise; without it there are none.',
      remedy: 'sqlferry cutover --confirm <DAG name> asks nothing.',
    };
  }
  if (stepwise && !yes && !context.io.interactive) {
    return {
      summary: '--stepwise asks at every step and needs a terminal.',
      remedy:
        'sqlferry cutover --stepwise --yes --confirm <DAG name> shows every step and asks about none; --what-if shows the batches only.',
    };
  }
  return null;
}

/** Runs the steps and answers the exit code. */
export async function runStepwise(
  context: CliContext,
  session: MigrationSession,
  options: { readonly hooks: Interception; readonly yes: boolean },
): Promise<ExitCode> {
  const { migration } = session;
  const stepwise = makeStepwise(context, { migration, yes: options.yes });
  const result = await runForResult(context, session, {
    intent: { goal: 'cutover' },
    // First the question: a hook stops the application, which a no must not do.
    interception: chainInterceptions([stepwise.interception, options.hooks]),
    watch: stepwise.watch,
    scrolling: true,
  });
  return EXIT_OF_OUTCOME[result.outcome];
}
