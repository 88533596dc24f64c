/** Carries one goal out with its events on screen, and turns how it ended into an exit code. */

import { endRules } from '../engine/ending.ts';
import type { Interception } from '../engine/run.ts';
import type { Intent } from '../model/decision.ts';
import type { EngineEvent, RunResult } from '../model/event.ts';
import type { Observation } from '../model/observation.ts';
import { ExitCode } from '../model/problem.ts';
import { diagnose } from '../reconcile/diagnose.ts';
import type { Diagnosis } from '../reconcile/diagnose.ts';
import type { CliContext } from './command-module.ts';
import type { MigrationSession } from './migration-session.ts';
import { openEventSink } from './output/event-sink.ts';
import { printable, wrap } from './output/format.ts';
import { humanStream, say, styleOf } from './output/report.ts';
import { watchWaits } from './wait-watch.ts';

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
  const waits = watchWaits({
    migration: session.migration,
    intent: options.intent,
    clock: context.clock,
  });
  const enough = new AbortController();
  let waited: RunResult | null = null;
  let newest: Observation | null = null;
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
    if (event.kind === 'observed') newest = event.observation;
    if (event.kind === 'result' && isUnreached(event.result)) {
      for (const said of waits.atEnd()) sink.emit(said);
    }
    sink.emit(event);
    for (const said of waits.after(event)) sink.emit(said);
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
    if (waited === null && newest !== null && isCutShort(result)) {
      say(context, standingLines(context, diagnose(newest, session.migration)));
    }
    return waited ?? result;
  } finally {
    sink.close();
  }
}

/** The goal was not reached, and not because it was refused or a bug. */
function isUnreached({ outcome }: RunResult): boolean {
  return outcome === 'needs-human' || outcome === 'problem' || outcome === 'outage-open';
}

/** Ends that no rule decided: their words are about the run, not about the servers. */
const CUT_SHORT: ReadonlySet<string> = new Set(Object.values(endRules));

function isCutShort(result: RunResult): boolean {
  return CUT_SHORT.has(result.rule) && result.outcome !== 'done';
}

/** Where the servers stood at the newest look, and what goes on from there. */
function standingLines(context: CliContext, diagnosis: Diagnosis): string {
  const style = styleOf(context);
  const width = Math.min(humanStream(context).columns, 98);
  const labelled = (label: string, text: string): readonly string[] =>
    wrap(printable(text), width - 11).map(
      (line, at) => `  ${style.faint((at === 0 ? label : '').padEnd(8))} ${line}`,
    );
  return [
    ...labelled('stands', `${diagnosis.title}. ${diagnosis.evidence.slice(0, 2).join(' ')}`),
    ...labelled('next', diagnosis.next),
  ].join('\n');
}
