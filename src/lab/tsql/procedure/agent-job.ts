/** sp_add_job, sp_add_jobstep, sp_add_jobserver, sp_add_jobschedule, sp_update_job and sp_delete_job of msdb (Microsoft Learn). */

import { isSimulatedFrequency } from '../../agent/agent.ts';
import type { AgentJob, StepAction } from '../../agent/job.ts';
import type { ServerMessage } from '../../session.ts';
import { sqlError } from '../message.ts';
import type { Request } from '../run/context.ts';
import { agentArguments, jobOf, onlySimulated, reported } from './agent-argument.ts';
import { numberOf, textOf, type Argument, type Procedure } from './procedure.ts';

const MAX_NAME = 128;
const NOTIFICATIONS = [
  '@notify_level_eventlog',
  '@notify_level_email',
  '@notify_level_netsend',
  '@notify_level_page',
  '@notify_email_operator_name',
  '@notify_netsend_operator_name',
  '@notify_page_operator_name',
  '@delete_level',
];

/** The lab has no operators, mail or categories of its own: only what changes nothing is taken. */
const NO_NOTIFICATION = {
  '@notify_level_email': 0,
  '@notify_level_netsend': 0,
  '@notify_level_page': 0,
  '@delete_level': 0,
};

function isMessage(value: object): value is ServerMessage {
  return 'severity' in value;
}

function ownerOf(request: Request, argument: Argument | undefined, procedure: string): string {
  const { instance, identity } = request.session;
  const owner = textOf(argument) ?? identity.loginName;
  if (instance.isServerRoleMember(identity, 'public', owner) === null)
    throw reported(sqlError(14_262, '@owner_login_name', owner).detail, procedure);
  return owner;
}

/** `sp_add_job`. */
export const addJob: Procedure = async (request, given) => {
  const names = [
    '@job_name',
    '@enabled',
    '@description',
    '@start_step_id',
    '@category_name',
    '@category_id',
    '@owner_login_name',
    ...NOTIFICATIONS,
    '@job_id',
    '@originating_server',
  ];
  const bound = agentArguments(request, { procedure: 'sp_add_job', given, names });
  onlySimulated(bound, NO_NOTIFICATION);
  const name = textOf(bound.get('@job_name'))?.trim() ?? '';
  if (name === '' || name.length > MAX_NAME) throw sqlError(214, '@job_name', 'sysname');
  const job = request.session.instance.agent.add({
    name,
    enabled: (numberOf(bound.get('@enabled')) ?? 1) !== 0,
    description: textOf(bound.get('@description')) ?? 'No description available.',
    owner: ownerOf(request, bound.get('@owner_login_name'), 'sp_add_job'),
    startStepId: numberOf(bound.get('@start_step_id')) ?? 1,
  });
  if (isMessage(job)) throw reported(job, 'sp_add_job');
  bound.get('@job_id')?.assign(job.jobId, { kind: 'uniqueidentifier' });
  return Promise.resolve(0);
};

const ACTIONS: readonly StepAction[] = [1, 2, 3];

function actionOf(argument: Argument | undefined, fallback: StepAction): StepAction {
  const given = numberOf(argument) ?? fallback;
  const action = ACTIONS.find((each) => each === given);
  if (action === undefined) throw sqlError(49_901, `step action ${given}`);
  return action;
}

/** `sp_add_jobstep`; TSQL only. */
export const addJobStep: Procedure = async (request, given) => {
  const names = [
    '@job_id',
    '@job_name',
    '@step_id',
    '@step_name',
    '@subsystem',
    '@command',
    '@additional_parameters',
    '@cmdexec_success_code',
    '@on_success_action',
    '@on_success_step_id',
    '@on_fail_action',
    '@on_fail_step_id',
    '@server',
    '@database_name',
    '@database_user_name',
    '@retry_attempts',
    '@retry_interval',
    '@os_run_priority',
    '@output_file_name',
    '@flags',
    '@proxy_id',
    '@proxy_name',
    '@step_uid',
  ];
  const bound = agentArguments(request, { procedure: 'sp_add_jobstep', given, names });
  onlySimulated(bound, { '@subsystem': 'TSQL', '@flags': 0 });
  const job = jobOf(request, bound, 'sp_add_jobstep');
  const stepId = numberOf(bound.get('@step_id')) ?? job.steps.length + 1;
  if (stepId !== job.steps.length + 1)
    throw reported(
      sqlError(14_266, '@step_id', String(job.steps.length + 1)).detail,
      'sp_add_jobstep',
    );
  const name = textOf(bound.get('@step_name')) ?? '';
  if (name === '') throw sqlError(214, '@step_name', 'sysname');
  if (job.steps.some((step) => step.name.toLowerCase() === name.toLowerCase()))
    throw reported(sqlError(14_261, '@step_name', name).detail, 'sp_add_jobstep');
  const { agent, random } = request.session.instance;
  const uid = random.guid().toUpperCase();
  const step = {
    stepId,
    name,
    command: textOf(bound.get('@command')) ?? '',
    database: textOf(bound.get('@database_name')) ?? 'master',
    onSuccess: actionOf(bound.get('@on_success_action'), 1),
    onFail: actionOf(bound.get('@on_fail_action'), 2),
    retryAttempts: numberOf(bound.get('@retry_attempts')) ?? 0,
    retryIntervalMinutes: numberOf(bound.get('@retry_interval')) ?? 0,
    uid,
  };
  agent.change(job.jobId, { steps: [...job.steps, step] });
  bound.get('@step_uid')?.assign(uid, { kind: 'uniqueidentifier' });
  return Promise.resolve(0);
};

/** `sp_add_jobserver`: the local server only. */
export const addJobServer: Procedure = async (request, given) => {
  const names = ['@job_id', '@job_name', '@server_name', '@automatic_post'];
  const bound = agentArguments(request, { procedure: 'sp_add_jobserver', given, names });
  const job = jobOf(request, bound, 'sp_add_jobserver');
  const { instance } = request.session;
  const server = textOf(bound.get('@server_name')) ?? '(LOCAL)';
  const isLocal = ['(local)', instance.serverName.toLowerCase()].includes(server.toLowerCase());
  if (!isLocal) throw reported(sqlError(14_262, '@server_name', server).detail, 'sp_add_jobserver');
  if (job.onServer)
    throw reported(sqlError(14_269, job.name, instance.serverName).detail, 'sp_add_jobserver');
  instance.agent.change(job.jobId, { onServer: true });
  return Promise.resolve(0);
};

/** `sp_add_jobschedule` with freq_type 64: when SQL Server Agent starts. */
export const addJobSchedule: Procedure = async (request, given) => {
  const names = [
    '@job_id',
    '@job_name',
    '@name',
    '@enabled',
    '@freq_type',
    '@freq_interval',
    '@freq_subday_type',
    '@freq_subday_interval',
    '@freq_relative_interval',
    '@freq_recurrence_factor',
    '@active_start_date',
    '@active_end_date',
    '@active_start_time',
    '@active_end_time',
    '@schedule_id',
    '@automatic_post',
    '@schedule_uid',
  ];
  const bound = agentArguments(request, { procedure: 'sp_add_jobschedule', given, names });
  const job = jobOf(request, bound, 'sp_add_jobschedule');
  const freqType = numberOf(bound.get('@freq_type')) ?? 0;
  if (!isSimulatedFrequency(freqType)) throw sqlError(49_901, `@freq_type = ${freqType}`);
  const name = textOf(bound.get('@name')) ?? '';
  if (name === '') throw sqlError(214, '@name', 'sysname');
  const enabled = (numberOf(bound.get('@enabled')) ?? 1) !== 0;
  const scheduleId = request.session.instance.agent.addSchedule(job.jobId, { name, enabled });
  bound.get('@schedule_id')?.assign(scheduleId, { kind: 'int' });
  return Promise.resolve(0);
};

/** `sp_update_job`: name, enabled, description, start step and owner. */
export const updateJob: Procedure = async (request, given) => {
  const names = [
    '@job_id',
    '@job_name',
    '@new_name',
    '@enabled',
    '@description',
    '@start_step_id',
    '@category_name',
    '@owner_login_name',
    ...NOTIFICATIONS,
    '@automatic_post',
  ];
  const bound = agentArguments(request, { procedure: 'sp_update_job', given, names });
  onlySimulated(bound, NO_NOTIFICATION);
  const job = jobOf(request, bound, 'sp_update_job');
  const { agent } = request.session.instance;
  const name = textOf(bound.get('@new_name')) ?? job.name;
  const other = agent.find({ name });
  if (other !== undefined && other.jobId !== job.jobId)
    throw reported(sqlError(14_261, '@new_name', name).detail, 'sp_update_job');
  const enabled = numberOf(bound.get('@enabled'));
  const change: Partial<AgentJob> = {
    name,
    enabled: enabled === null ? job.enabled : enabled !== 0,
    description: textOf(bound.get('@description')) ?? job.description,
    startStepId: numberOf(bound.get('@start_step_id')) ?? job.startStepId,
    owner:
      textOf(bound.get('@owner_login_name')) === null
        ? job.owner
        : ownerOf(request, bound.get('@owner_login_name'), 'sp_update_job'),
  };
  agent.change(job.jobId, change);
  return Promise.resolve(0);
};

/** `sp_delete_job`: with its steps, schedules and history; a running one is cancelled. */
export const deleteJob: Procedure = async (request, given) => {
  const names = [
    '@job_id',
    '@job_name',
    '@originating_server',
    '@delete_history',
    '@delete_unused_schedule',
  ];
  const bound = agentArguments(request, { procedure: 'sp_delete_job', given, names });
  onlySimulated(bound, { '@delete_history': 1, '@delete_unused_schedule': 1 });
  request.session.instance.agent.delete(jobOf(request, bound, 'sp_delete_job').jobId);
  return Promise.resolve(0);
};
