/** Runs the steps of one job in the order their actions say; a step is tried again as often as it may. */

import type { Clock } from '../../ports/clock.ts';
import type { ServerMessage } from '../session.ts';
import type { AgentJob, JobHistory, JobStep, RunStatus, StepOutcome, StepSession } from './job.ts';

/** One run of a job. */
export interface StepsOptions {
  readonly job: AgentJob;
  readonly clock: Clock;
  /** Aborted by sp_stop_job, sp_delete_job and the end of the service. */
  readonly signal: AbortSignal;
  readonly connect: (stepId: number) => StepSession | ServerMessage;
  readonly begun: (stepId: number) => void;
  readonly ended: (row: Omit<JobHistory, 'instanceId'>) => void;
}

const MINUTE_MS = 60_000;

/** Runs a job from its start step; `on_success_action` 3 and `on_fail_action` 3 lead to the next step. */
export async function runSteps(options: StepsOptions): Promise<RunStatus> {
  const { job } = options;
  let stepId = job.startStepId;
  // Steps only lead forward, so their number is the limit.
  for (let count = 0; count < job.steps.length; count += 1) {
    const step = job.steps.find((each) => each.stepId === stepId);
    if (step === undefined) return 0;
    options.begun(stepId);
    const status = await attempt(options, step);
    if (status === 3) return 3;
    const action = status === 1 ? step.onSuccess : step.onFail;
    if (action !== 3) return action === 1 ? 1 : 0;
    stepId += 1;
  }
  return 1;
}

async function attempt(options: StepsOptions, step: JobStep): Promise<RunStatus> {
  const { clock, signal } = options;
  for (let retries = 0; ; retries += 1) {
    const startedAt = clock.now();
    const outcome = await runOnce(options, step);
    const runStatus: RunStatus = signal.aborted ? 3 : outcome.failed ? 0 : 1;
    const verdict = runStatus === 1 ? 'The step succeeded.' : 'The step failed.';
    options.ended({
      jobId: options.job.jobId,
      stepId: step.stepId,
      stepName: step.name,
      sqlMessageId: outcome.number,
      sqlSeverity: outcome.severity,
      message: `${outcome.text}${outcome.text === '' ? '' : '  '}${verdict}`,
      runStatus,
      startedAt,
      durationMs: Math.max(0, clock.now() - startedAt),
      retries,
    });
    if (runStatus !== 0 || retries >= step.retryAttempts) return runStatus;
    // An aborted sleep is the end of the run, which the signal says.
    await clock.sleep(step.retryIntervalMinutes * MINUTE_MS, signal).catch(() => undefined);
    if (signal.aborted) return 3;
  }
}

async function runOnce(options: StepsOptions, step: JobStep): Promise<StepOutcome> {
  const session = options.connect(step.stepId);
  if ('text' in session) {
    return {
      failed: true,
      number: session.number,
      severity: session.severity,
      text: session.text,
    };
  }
  try {
    return await session.run(step.command, options.signal);
  } finally {
    session.close();
  }
}
