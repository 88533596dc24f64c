/** sp_start_job, sp_stop_job and sp_help_job of msdb (Microsoft Learn). Starting and stopping only ask: the run goes on without the caller. */

import type { Column, SqlType } from '../../../tds/sql-type.ts';
import { serverMessage, sqlError } from '../message.ts';
import { agentArguments, jobOf, reported } from './agent-argument.ts';
import { textOf, type Procedure } from './procedure.ts';

/** `sp_start_job`: 14262 for an unknown job, 22022 when the Agent or a running job stands in the way. */
export const startJob: Procedure = async (request, given) => {
  const names = [
    '@job_name',
    '@job_id',
    '@error_flag',
    '@server_name',
    '@step_name',
    '@output_flag',
  ];
  const bound = agentArguments(request, { procedure: 'sp_start_job', given, names });
  if (textOf(bound.get('@step_name')) !== null)
    throw sqlError(49_901, '@step_name of sp_start_job');
  const job = jobOf(request, bound, 'sp_start_job');
  const { instance, identity } = request.session;
  const refused = instance.agent.start(job, identity.loginName);
  if (refused !== null) throw reported(refused, 'sp_start_job');
  if (textOf(bound.get('@output_flag')) !== '0') request.inform(serverMessage(14_243, job.name));
  return Promise.resolve(0);
};

/** `sp_stop_job`: 22022 when it does not run. */
export const stopJob: Procedure = async (request, given) => {
  const names = ['@job_name', '@job_id', '@originating_server', '@server_name'];
  const bound = agentArguments(request, { procedure: 'sp_stop_job', given, names });
  const job = jobOf(request, bound, 'sp_stop_job');
  const { instance, identity } = request.session;
  const refused = instance.agent.stop(job, identity.loginName);
  if (refused !== null) throw reported(refused, 'sp_stop_job');
  request.inform(serverMessage(14_254, job.name));
  return Promise.resolve(0);
};

const SYSNAME: SqlType = { kind: 'nvarchar', length: 128 };
const INT: SqlType = { kind: 'int' };

/** The columns most readers look at; the real procedure has more. */
const HELP_COLUMNS: readonly Column[] = [
  { name: 'job_id', type: { kind: 'uniqueidentifier' }, nullable: false },
  { name: 'name', type: SYSNAME, nullable: false },
  { name: 'enabled', type: { kind: 'tinyint' }, nullable: false },
  { name: 'description', type: { kind: 'nvarchar', length: 512 }, nullable: true },
  { name: 'owner', type: SYSNAME, nullable: true },
  { name: 'current_execution_status', type: INT, nullable: false },
  { name: 'has_step', type: INT, nullable: false },
  { name: 'has_schedule', type: INT, nullable: false },
  { name: 'has_target', type: INT, nullable: false },
];

/** `current_execution_status`: 1 is running, 4 is idle. */
const RUNNING = 1;
const IDLE = 4;

/** `sp_help_job`: all jobs, or one. */
export const helpJob: Procedure = async (request, given) => {
  const names = ['@job_id', '@job_name'];
  const bound = agentArguments(request, { procedure: 'sp_help_job', given, names });
  const { agent } = request.session.instance;
  const jobs = bound.size === 0 ? agent.record().jobs : [jobOf(request, bound, 'sp_help_job')];
  request.sink.columns(HELP_COLUMNS);
  for (const job of jobs) {
    request.sink.row([
      job.jobId,
      job.name,
      job.enabled ? 1 : 0,
      job.description,
      job.owner,
      agent.isRunning(job.jobId) ? RUNNING : IDLE,
      job.steps.length,
      job.schedules.length,
      job.onServer ? 1 : 0,
    ]);
  }
  request.sink.done({ rowCount: BigInt(jobs.length), failed: false, command: 0xc1 });
  return Promise.resolve(0);
};
