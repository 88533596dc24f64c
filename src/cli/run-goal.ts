/** Carries one goal out with its events on screen, and turns how it ended into an exit code. */

import type { Interception } from '../engine/run.ts';
import type { Intent } from '../model/decision.ts';
import type { EngineEvent, RunResult } from '../model/event.ts';
import { ExitCode } from '../model/problem.ts';
import type { CliContext } from './command-module.ts';
import type { MigrationSession } from './migration-session.ts';
import { openEventSink } from './output/event-sink.ts';

/** Exit codes by outcome. */
export const EXIT_OF_OUTCOME: Readonly<Record<RunResult['outcome'], ExitCode>> = {
  done: ExitCode.done,
  'ready-for-cutover': ExitCode.done,
  'needs-human': ExitCode.waiting,
  refused: ExitCode.refused,
  problem: ExitCode.problem,
  'outage-open': ExitCode.outageOpen,
};

/** What is run. */
export interface GoalOptions {
  readonly intent: Intent;
  readonly interception?: Interception;
  /** Ends the run with success when nothing is left but to wait for the servers. */
  readonly stopAtFirstWait?: boolean;
  /** Lines that stay, on a terminal too: where questions stand between them. */
  readonly scrolling?: boolean;
  /** Sees every event after it was shown. */
  readonly watch?: (event: EngineEvent) => void;
}

/** Runs and answers the exit code. */
export async function runGoal(
  context: CliContext,
  session: MigrationSession,
  options: GoalOptions,
): Promise<ExitCode> {
  const result = await runForResult(context, session, options);
  return EXIT_OF_OUTCOME[result.outcome];
}

/** Runs and answers the result. */
export async function runForResult(
  context: CliContext,
  session: MigrationSession,
  options: GoalOptions,
): Promise<RunResult> {
  const sink = openEventSink(context, { scrolling: options.scrolling === true });
  const enough = new AbortController();
  let waited: RunResult | null = null;
  const emit = (event: EngineEvent): void => {
    if (options.stopAtFirstWait === true && event.kind === 'waiting' && waited === null) {
      waited = { outcome: 'done', rule: event.rule, acts: 0 };
      enough.abort();
    }
    if (waited !== null && event.kind === 'result') {
      waited = { ...event.result, outcome: 'done', rule: waited.rule };
      const message = `Not waiting any longer: ${lastWait}. sqlferry status --watch shows the rest, sqlferry migrate goes on.`;
      sink.emit({ kind: 'result', message, result: waited });
      return;
    }
    if (waited !== null && event.kind === 'problem') return;
    if (event.kind === 'waiting') lastWait = event.message;
    sink.emit(event);
    options.watch?.(event);
  };
  let lastWait = 'the servers are on their way';
  try {
    const result = await session.run({
      intent: options.intent,
      emit,
      signal: AbortSignal.any([context.signal, enough.signal]),
      ...(options.interception === undefined ? {} : { interception: options.interception }),
    });
    return waited ?? result;
  } finally {
    sink.close();
  }
}
