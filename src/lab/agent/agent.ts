/**
 * SQL Server Agent of one instance: jobs that stay over a restart, and runs that do not.
 *
 * Steps run as sessions of the instance, asynchronously and on its clock; who makes them is given.
 * Not here: the procedures of msdb (`tsql/procedure/agent-*.ts`), its views (`catalog/row/agent.ts`).
 * Facts: Microsoft Learn, SQL Server Agent stored procedures and tables.
 */

import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { ServerMessage } from '../session.ts';
import { serverMessage } from '../tsql/message.ts';
import type {
  AgentJob,
  AgentRecord,
  AgentStart,
  JobActivity,
  JobHistory,
  RunStatus,
  StepSession,
} from './job.ts';
import { AT_AGENT_START } from './job.ts';
import { runSteps } from './run-steps.ts';

/** What the Agent needs of its instance. */
export interface AgentHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly serverName: string;
  /** Opens the session of a step; the error when the server refuses it. */
  connect(step: { readonly job: AgentJob; readonly stepId: number }): StepSession | ServerMessage;
}

interface Run {
  readonly controller: AbortController;
  readonly requestedBy: string;
}

const MAX_JOBS = 1000;
const MAX_HISTORY = 1000;
const MAX_STARTS = 100;
/** From the request to the first step, in milliseconds; a real Agent takes from some ten to some hundred. */
const START_DELAY_MS = 20;

/** The Agent service of one instance, running from the start. */
export class SqlAgent {
  readonly #host: AgentHost;
  readonly #jobs = new Map<string, AgentJob>();
  readonly #runs = new Map<string, Run>();
  readonly #pending = new Set<() => void>();
  #history: readonly JobHistory[] = [];
  #activity: readonly JobActivity[] = [];
  #starts: readonly AgentStart[] = [];
  #running = false;
  #mayRun = true;
  #nextHistory = 1;
  #nextSchedule = 1;

  constructor(host: AgentHost) {
    this.#host = host;
    this.serviceStarted();
  }

  /** What the catalog shows. */
  record(): AgentRecord {
    return {
      running: this.#running,
      jobs: [...this.#jobs.values()],
      history: this.#history,
      activity: this.#activity,
      starts: this.#starts,
    };
  }

  /** A job by name, or by its id. */
  find(key: { readonly name: string } | { readonly jobId: string }): AgentJob | undefined {
    if ('jobId' in key) return this.#jobs.get(key.jobId.toUpperCase());
    const wanted = key.name.toLowerCase();
    return [...this.#jobs.values()].find((job) => job.name.toLowerCase() === wanted);
  }

  /** Adds a job without steps; 14261 for a name that is taken. */
  add(
    given: Pick<AgentJob, 'name' | 'enabled' | 'description' | 'owner' | 'startStepId'>,
  ): AgentJob | ServerMessage {
    if (this.find({ name: given.name }) !== undefined)
      return serverMessage(14_261, '@name', given.name);
    if (this.#jobs.size >= MAX_JOBS) return serverMessage(49_901, `more than ${MAX_JOBS} jobs`);
    const now = this.#host.clock.now();
    const job: AgentJob = {
      ...given,
      jobId: this.#host.random.guid().toUpperCase(),
      createdAt: now,
      modifiedAt: now,
      version: 1,
      steps: [],
      schedules: [],
      onServer: false,
    };
    this.#jobs.set(job.jobId, job);
    return job;
  }

  /** Changes a job; the caller has checked it. */
  change(jobId: string, change: Partial<Omit<AgentJob, 'jobId'>>): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return;
    const modifiedAt = this.#host.clock.now();
    this.#jobs.set(jobId, { ...job, ...change, modifiedAt, version: job.version + 1 });
  }

  /** Gives a job a schedule that starts it with the Agent. */
  addSchedule(jobId: string, given: { readonly name: string; readonly enabled: boolean }): number {
    const job = this.#jobs.get(jobId);
    const scheduleId = this.#nextSchedule;
    this.#nextSchedule += 1;
    const schedule = {
      ...given,
      scheduleId,
      uid: this.#host.random.guid().toUpperCase(),
      createdAt: this.#host.clock.now(),
    };
    if (job !== undefined) this.change(jobId, { schedules: [...job.schedules, schedule] });
    return scheduleId;
  }

  /** Removes a job with its history; a running one is cancelled. */
  delete(jobId: string): void {
    this.#runs.get(jobId)?.controller.abort();
    this.#runs.delete(jobId);
    this.#jobs.delete(jobId);
    this.#history = this.#history.filter((row) => row.jobId !== jobId);
    this.#activity = this.#activity.filter((row) => row.jobId !== jobId);
  }

  /** The job runs now. */
  isRunning(jobId: string): boolean {
    return this.#runs.has(jobId);
  }

  /** Asks for a run; the error when the Agent refuses. The run begins after the answer. */
  start(job: AgentJob, requestedBy: string): ServerMessage | null {
    if (!job.onServer) return serverMessage(14_256, job.name, job.jobId);
    if (!this.#running) return serverMessage(22_022, NOT_RUNNING);
    const earlier = this.#runs.get(job.jobId);
    if (earlier !== undefined) {
      const by = `refused because the job is already running from a request by User ${earlier.requestedBy}.`;
      return serverMessage(22_022, refusal('run', job.name, { requestedBy, because: by }));
    }
    if (job.steps.length === 0) {
      const because = 'refused because the job has no job steps.';
      return serverMessage(22_022, refusal('run', job.name, { requestedBy, because }));
    }
    this.#begin(job, { requestedBy, source: 4 });
    return null;
  }

  /** Cancels a run; the error when there is none. */
  stop(job: AgentJob, requestedBy: string): ServerMessage | null {
    if (!this.#running) return serverMessage(22_022, NOT_RUNNING);
    const run = this.#runs.get(job.jobId);
    if (run === undefined) {
      const because = 'refused because the job is not currently running.';
      return serverMessage(22_022, refusal('stop', job.name, { requestedBy, because }));
    }
    run.controller.abort();
    return null;
  }

  /** The service starts, with the instance or by hand; jobs scheduled for that begin. */
  serviceStarted(): void {
    if (this.#running || !this.#mayRun) return;
    this.#running = true;
    const sessionId = (this.#starts.at(-1)?.sessionId ?? 0) + 1;
    const start = { sessionId, startedAt: this.#host.clock.now() };
    this.#starts = [...this.#starts, start].slice(-MAX_STARTS);
    for (const job of this.#jobs.values()) {
      const due = job.enabled && job.onServer && job.schedules.some((each) => each.enabled);
      if (due && job.steps.length > 0) this.#begin(job, { requestedBy: '', source: 1 });
    }
  }

  /** The service ends with its instance: running steps are cut, nothing is written about them. */
  serviceEnded(): void {
    this.#running = false;
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    for (const { controller } of runs) controller.abort();
  }

  /** Fault: the service is stopped and stays so, over a restart too, until it is allowed again. */
  allow(mayRun: boolean, isInstanceUp: boolean): void {
    this.#mayRun = mayRun;
    if (!mayRun) this.serviceEnded();
    else if (isInstanceUp) this.serviceStarted();
  }

  #begin(job: AgentJob, by: { readonly requestedBy: string; readonly source: 1 | 4 }): void {
    const controller = new AbortController();
    const run: Run = { controller, requestedBy: by.requestedBy };
    const sessionId = this.#starts.at(-1)?.sessionId ?? 0;
    this.#runs.set(job.jobId, run);
    this.#activity = [
      ...this.#activity.filter((row) => row.sessionId !== sessionId || row.jobId !== job.jobId),
      {
        sessionId,
        jobId: job.jobId,
        requestedAt: this.#host.clock.now(),
        source: by.source,
        startedAt: null,
        lastStepId: null,
        lastStepAt: null,
        stoppedAt: null,
        historyId: null,
      },
    ];
    const cancel = this.#host.clock.schedule(START_DELAY_MS, () => {
      this.#pending.delete(cancel);
      void this.#carryOut(job, { run, sessionId, requestedBy: by.requestedBy });
    });
    this.#pending.add(cancel);
  }

  async #carryOut(
    job: AgentJob,
    at: { readonly run: Run; readonly sessionId: number; readonly requestedBy: string },
  ): Promise<void> {
    const isLive = (): boolean => this.#runs.get(job.jobId) === at.run;
    if (!isLive()) return;
    const { clock } = this.#host;
    const startedAt = clock.now();
    this.#mark(job.jobId, at.sessionId, { startedAt });
    const status = await runSteps({
      job,
      clock,
      signal: at.run.controller.signal,
      connect: (stepId) => this.#host.connect({ job, stepId }),
      begun: (stepId) =>
        this.#mark(job.jobId, at.sessionId, { lastStepId: stepId, lastStepAt: clock.now() }),
      ended: (row) => {
        if (isLive()) this.#remember(row);
      },
    });
    if (!isLive()) return;
    this.#runs.delete(job.jobId);
    const stoppedAt = clock.now();
    const historyId = this.#remember({
      jobId: job.jobId,
      stepId: 0,
      stepName: '(Job outcome)',
      sqlMessageId: 0,
      sqlSeverity: 0,
      message: `${OUTCOME[status]} The Job was invoked by ${at.requestedBy === '' ? 'Schedule' : `User ${at.requestedBy}`}.`,
      runStatus: status,
      startedAt,
      durationMs: Math.max(0, stoppedAt - startedAt),
      retries: 0,
    });
    this.#mark(job.jobId, at.sessionId, { stoppedAt, historyId });
  }

  #remember(row: Omit<JobHistory, 'instanceId'>): number {
    const instanceId = this.#nextHistory;
    this.#nextHistory += 1;
    this.#history = [...this.#history, { ...row, instanceId }].slice(-MAX_HISTORY);
    return instanceId;
  }

  #mark(jobId: string, sessionId: number, change: Partial<JobActivity>): void {
    this.#activity = this.#activity.map((row) =>
      row.jobId === jobId && row.sessionId === sessionId ? { ...row, ...change } : row,
    );
  }
}

const NOT_RUNNING =
  'SQLServerAgent is not currently running so it cannot be notified of this action.';

const OUTCOME: Readonly<Record<RunStatus, string>> = {
  0: 'The job failed.',
  1: 'The job succeeded.',
  3: 'The job was stopped prior to completion.',
};

function refusal(
  what: 'run' | 'stop',
  job: string,
  by: { readonly requestedBy: string; readonly because: string },
): string {
  return `SQLServerAgent Error: Request to ${what} job ${job} (from User ${by.requestedBy}) ${by.because}`;
}

/** The schedule is one the lab runs. */
export function isSimulatedFrequency(freqType: number): boolean {
  return freqType === AT_AGENT_START;
}
