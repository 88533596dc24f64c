/** Rows of the tables of SQL Server Agent in msdb. */

import { formatUtc } from '../../../base/utc.ts';
import type { AgentJob, JobActivity, JobHistory, JobSchedule } from '../../agent/job.ts';
import { AT_AGENT_START } from '../../agent/job.ts';
import type { PlainRow } from '../cell.ts';
import type { ViewContext, ViewTable } from '../view.ts';

/** `last_run_outcome` of what never ran. */
const NEVER = 5;
/** `active_end_date` of a schedule without an end. */
const NO_END_DATE = 99_991_231;
const NO_END_TIME = 235_959;
const SA_SID = Uint8Array.of(1);

/** Tables of the Agent; rights in msdb as for the backup history. */
export const agentViews: ViewTable = {
  'msdb.dbo.sysjobs': { visibility: 'backups', rows: jobRows },
  'msdb.dbo.sysjobsteps': { visibility: 'backups', rows: stepRows },
  'msdb.dbo.sysjobservers': { visibility: 'backups', rows: serverRows },
  'msdb.dbo.sysjobactivity': { visibility: 'backups', rows: activityRows },
  'msdb.dbo.sysjobhistory': { visibility: 'backups', rows: historyRows },
  'msdb.dbo.syssessions': { visibility: 'backups', rows: sessionRows },
  'msdb.dbo.sysschedules': { visibility: 'backups', rows: scheduleRows },
  'msdb.dbo.sysjobschedules': { visibility: 'backups', rows: jobScheduleRows },
};

function* jobRows(context: ViewContext): Iterable<PlainRow> {
  for (const job of context.record.agent.jobs) {
    yield {
      job_id: job.jobId,
      originating_server_id: 0,
      name: job.name,
      enabled: job.enabled ? 1 : 0,
      description: job.description,
      start_step_id: job.startStepId,
      category_id: 0,
      owner_sid: sidOf(context, job.owner),
      notify_level_eventlog: 0,
      notify_level_email: 0,
      notify_level_netsend: 0,
      notify_level_page: 0,
      notify_email_operator_id: 0,
      notify_netsend_operator_id: 0,
      notify_page_operator_id: 0,
      delete_level: 0,
      date_created: job.createdAt,
      date_modified: job.modifiedAt,
      version_number: job.version,
    };
  }
}

function* stepRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const job of record.agent.jobs) {
    for (const step of job.steps) {
      const last = newest(record.agent.history, job, step.stepId);
      yield {
        job_id: job.jobId,
        step_id: step.stepId,
        step_name: step.name,
        subsystem: 'TSQL',
        command: step.command,
        flags: 0,
        cmdexec_success_code: 0,
        on_success_action: step.onSuccess,
        on_success_step_id: 0,
        on_fail_action: step.onFail,
        on_fail_step_id: 0,
        database_name: step.database,
        retry_attempts: step.retryAttempts,
        retry_interval: step.retryIntervalMinutes,
        os_run_priority: 0,
        last_run_outcome: last?.runStatus ?? NEVER,
        last_run_duration: last === undefined ? 0 : clockNumber(last.durationMs),
        last_run_retries: last?.retries ?? 0,
        last_run_date: last === undefined ? 0 : dateNumber(last.startedAt),
        last_run_time: last === undefined ? 0 : timeNumber(last.startedAt),
        step_uid: step.uid,
      };
    }
  }
}

function* serverRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const job of record.agent.jobs) {
    if (!job.onServer) continue;
    const last = newest(record.agent.history, job, 0);
    yield {
      job_id: job.jobId,
      server_id: 0,
      last_run_outcome: last?.runStatus ?? NEVER,
      last_outcome_message: last?.message ?? null,
      last_run_date: last === undefined ? 0 : dateNumber(last.startedAt),
      last_run_time: last === undefined ? 0 : timeNumber(last.startedAt),
      last_run_duration: last === undefined ? 0 : clockNumber(last.durationMs),
    };
  }
}

function activityRow(row: JobActivity): PlainRow {
  return {
    session_id: row.sessionId,
    job_id: row.jobId,
    run_requested_date: row.requestedAt,
    run_requested_source: String(row.source),
    start_execution_date: row.startedAt,
    last_executed_step_id: row.lastStepId,
    last_executed_step_date: row.lastStepAt,
    stop_execution_date: row.stoppedAt,
    job_history_id: row.historyId,
  };
}

function* activityRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const row of record.agent.activity) yield activityRow(row);
}

function* historyRows({ record, instance }: ViewContext): Iterable<PlainRow> {
  for (const row of record.agent.history) {
    yield {
      instance_id: row.instanceId,
      job_id: row.jobId,
      step_id: row.stepId,
      step_name: row.stepName,
      sql_message_id: row.sqlMessageId,
      sql_severity: row.sqlSeverity,
      message: row.message,
      run_status: row.runStatus,
      run_date: dateNumber(row.startedAt),
      run_time: timeNumber(row.startedAt),
      run_duration: clockNumber(row.durationMs),
      operator_id_emailed: 0,
      operator_id_netsent: 0,
      operator_id_paged: 0,
      retries_attempted: row.retries,
      server: instance.serverName,
    };
  }
}

function* sessionRows({ record }: ViewContext): Iterable<PlainRow> {
  for (const start of record.agent.starts)
    yield { session_id: start.sessionId, agent_start_date: start.startedAt };
}

function* scheduleRows(context: ViewContext): Iterable<PlainRow> {
  for (const [job, schedule] of schedules(context)) {
    yield {
      schedule_id: schedule.scheduleId,
      schedule_uid: schedule.uid,
      originating_server_id: 0,
      name: schedule.name,
      owner_sid: sidOf(context, job.owner),
      enabled: schedule.enabled ? 1 : 0,
      freq_type: AT_AGENT_START,
      freq_interval: 0,
      freq_subday_type: 0,
      freq_subday_interval: 0,
      freq_relative_interval: 0,
      freq_recurrence_factor: 0,
      active_start_date: dateNumber(schedule.createdAt),
      active_end_date: NO_END_DATE,
      active_start_time: 0,
      active_end_time: NO_END_TIME,
      date_created: schedule.createdAt,
      date_modified: schedule.createdAt,
      version_number: 1,
    };
  }
}

function* jobScheduleRows(context: ViewContext): Iterable<PlainRow> {
  for (const [job, schedule] of schedules(context)) {
    yield {
      schedule_id: schedule.scheduleId,
      job_id: job.jobId,
      next_run_date: 0,
      next_run_time: 0,
    };
  }
}

function* schedules({ record }: ViewContext): Iterable<readonly [AgentJob, JobSchedule]> {
  for (const job of record.agent.jobs) {
    for (const schedule of job.schedules) yield [job, schedule];
  }
}

function newest(
  history: readonly JobHistory[],
  job: AgentJob,
  stepId: number,
): JobHistory | undefined {
  return history.findLast((row) => row.jobId === job.jobId && row.stepId === stepId);
}

function sidOf({ record }: ViewContext, login: string): Uint8Array {
  const wanted = login.toLowerCase();
  return record.principals.find((item) => item.name.toLowerCase() === wanted)?.sid ?? SA_SID;
}

const DAY_MS = 86_400_000;

/** A date as `YYYYMMDD`. */
function dateNumber(unixMs: number): number {
  return Number(formatUtc(unixMs).slice(0, 10).replaceAll('-', ''));
}

function timeNumber(unixMs: number): number {
  return clockNumber(((unixMs % DAY_MS) + DAY_MS) % DAY_MS);
}

/** A time or a duration as `HHMMSS`. */
function clockNumber(spanMs: number): number {
  const seconds = Math.floor(spanMs / 1000);
  return (
    Math.floor(seconds / 3600) * 10_000 + (Math.floor(seconds / 60) % 60) * 100 + (seconds % 60)
  );
}
