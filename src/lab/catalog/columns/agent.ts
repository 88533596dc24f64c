/** Column lists in the form of `../column-table.ts`; facts: the Microsoft Learn page of each table of msdb. */

import type { ColumnTable } from '../column-table.ts';

/** Columns of the tables of SQL Server Agent. */
export const AGENT_COLUMNS: ColumnTable = {
  'msdb.dbo.sysjobs': `
    job_id:uniqueidentifier! originating_server_id:int! name:sysname! enabled:tinyint!
    description:nvarchar(512) start_step_id:int! category_id:int! owner_sid:varbinary(85)!
    notify_level_eventlog:int! notify_level_email:int! notify_level_netsend:int!
    notify_level_page:int! notify_email_operator_id:int! notify_netsend_operator_id:int!
    notify_page_operator_id:int! delete_level:int! date_created:datetime! date_modified:datetime!
    version_number:int!
  `,
  'msdb.dbo.sysjobsteps': `
    job_id:uniqueidentifier! step_id:int! step_name:sysname! subsystem:nvarchar(40)!
    command:nvarchar(max) flags:int! additional_parameters:nvarchar(max) cmdexec_success_code:int!
    on_success_action:tinyint! on_success_step_id:int! on_fail_action:tinyint! on_fail_step_id:int!
    server:sysname database_name:sysname database_user_name:sysname retry_attempts:int!
    retry_interval:int! os_run_priority:int! output_file_name:nvarchar(200) last_run_outcome:int!
    last_run_duration:int! last_run_retries:int! last_run_date:int! last_run_time:int! proxy_id:int
    step_uid:uniqueidentifier
  `,
  'msdb.dbo.sysjobservers': `
    job_id:uniqueidentifier! server_id:int! last_run_outcome:tinyint!
    last_outcome_message:nvarchar(4000) last_run_date:int! last_run_time:int! last_run_duration:int!
  `,
  'msdb.dbo.sysjobactivity': `
    session_id:int! job_id:uniqueidentifier! run_requested_date:datetime
    run_requested_source:nvarchar(128) queued_date:datetime start_execution_date:datetime
    last_executed_step_id:int last_executed_step_date:datetime stop_execution_date:datetime
    job_history_id:int next_scheduled_run_date:datetime
  `,
  'msdb.dbo.sysjobhistory': `
    instance_id:int! job_id:uniqueidentifier! step_id:int! step_name:sysname! sql_message_id:int!
    sql_severity:int! message:nvarchar(4000) run_status:int! run_date:int! run_time:int!
    run_duration:int! operator_id_emailed:int! operator_id_netsent:int! operator_id_paged:int!
    retries_attempted:int! server:sysname!
  `,
  'msdb.dbo.syssessions': `
    session_id:int! agent_start_date:datetime!
  `,
  'msdb.dbo.sysschedules': `
    schedule_id:int! schedule_uid:uniqueidentifier! originating_server_id:int! name:sysname!
    owner_sid:varbinary(85)! enabled:int! freq_type:int! freq_interval:int! freq_subday_type:int!
    freq_subday_interval:int! freq_relative_interval:int! freq_recurrence_factor:int!
    active_start_date:int! active_end_date:int! active_start_time:int! active_end_time:int!
    date_created:datetime! date_modified:datetime! version_number:int!
  `,
  'msdb.dbo.sysjobschedules': `
    schedule_id:int job_id:uniqueidentifier next_run_date:int! next_run_time:int!
  `,
};
