/** Jobs of SQL Server Agent as msdb keeps them, and what is left of their runs. Times are milliseconds since 1970 UTC. */

/** What a step does next: 1 quit with success, 2 quit with failure, 3 go to the next step. */
export type StepAction = 1 | 2 | 3;

/** `freq_type` of a schedule that the lab runs: 64, when SQL Server Agent starts. */
export const AT_AGENT_START = 64;

/** One row of `msdb.dbo.sysjobsteps`. */
export interface JobStep {
  readonly stepId: number;
  readonly name: string;
  readonly command: string;
  readonly database: string;
  readonly onSuccess: StepAction;
  readonly onFail: StepAction;
  /** Further tries after a failure, and the minutes between two. */
  readonly retryAttempts: number;
  readonly retryIntervalMinutes: number;
  readonly uid: string;
}

/** One row of `msdb.dbo.sysschedules`, attached to one job. */
export interface JobSchedule {
  readonly scheduleId: number;
  readonly uid: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly createdAt: number;
}

/** One row of `msdb.dbo.sysjobs` with what belongs to it. */
export interface AgentJob {
  readonly jobId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly description: string;
  readonly owner: string;
  readonly startStepId: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Grows with every change. */
  readonly version: number;
  readonly steps: readonly JobStep[];
  readonly schedules: readonly JobSchedule[];
  /** `sp_add_jobserver` was called for this server: without it a job cannot be started. */
  readonly onServer: boolean;
}

/** `run_status`: 0 failed, 1 succeeded, 3 cancelled. */
export type RunStatus = 0 | 1 | 3;

/** One row of `msdb.dbo.sysjobhistory`; step 0 is the outcome of the job. */
export interface JobHistory {
  readonly instanceId: number;
  readonly jobId: string;
  readonly stepId: number;
  readonly stepName: string;
  readonly sqlMessageId: number;
  readonly sqlSeverity: number;
  readonly message: string;
  readonly runStatus: RunStatus;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly retries: number;
}

/** One row of `msdb.dbo.sysjobactivity`: the newest run of a job under one start of the Agent. */
export interface JobActivity {
  readonly sessionId: number;
  readonly jobId: string;
  readonly requestedAt: number;
  /** 4: a person or a program asked for it; 1: a schedule. */
  readonly source: 1 | 4;
  readonly startedAt: number | null;
  readonly lastStepId: number | null;
  readonly lastStepAt: number | null;
  readonly stoppedAt: number | null;
  readonly historyId: number | null;
}

/** One row of `msdb.dbo.syssessions`: a start of the Agent service. */
export interface AgentStart {
  readonly sessionId: number;
  readonly startedAt: number;
}

/** Everything the catalog shows of SQL Server Agent. */
export interface AgentRecord {
  readonly running: boolean;
  readonly jobs: readonly AgentJob[];
  readonly history: readonly JobHistory[];
  readonly activity: readonly JobActivity[];
  readonly starts: readonly AgentStart[];
}

/** How one step ended. */
export interface StepOutcome {
  readonly failed: boolean;
  /** Number and severity of the last error, 0 without one. */
  readonly number: number;
  readonly severity: number;
  readonly text: string;
}

/** A session that runs a step. */
export interface StepSession {
  /** Resolves when the batch has ended, however it ended. */
  run(command: string, signal: AbortSignal): Promise<StepOutcome>;
  close(): void;
}
