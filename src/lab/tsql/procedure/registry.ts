/** The system procedures of the lab, by name. */

import {
  addJob,
  addJobSchedule,
  addJobServer,
  addJobStep,
  deleteJob,
  updateJob,
} from './agent-job.ts';
import { helpJob, startJob, stopJob } from './agent-run.ts';
import {
  getApplicationLock,
  releaseApplicationLock,
  setSessionContext,
} from './application-lock.ts';
import { configureOption } from './configure.ts';
import { dataTypeInfo } from './data-type-info.ts';
import {
  executePrepared,
  executeSql,
  prepareAndExecute,
  prepareSql,
  unprepare,
} from './parameterized.ts';
import type { Procedure } from './procedure.ts';

const procedures = new Map<string, Procedure>([
  ['sp_executesql', executeSql],
  ['sp_prepare', prepareSql],
  ['sp_execute', executePrepared],
  ['sp_prepexec', prepareAndExecute],
  ['sp_unprepare', unprepare],
  ['sp_reset_connection', () => Promise.resolve(0)],
  ['sp_datatype_info_100', dataTypeInfo],
  ['sp_datatype_info', dataTypeInfo],
  ['sp_getapplock', getApplicationLock],
  ['sp_releaseapplock', releaseApplicationLock],
  ['sp_set_session_context', setSessionContext],
  ['sp_configure', configureOption],
]);

/** Procedures that exist in msdb only. */
const agentProcedures = new Map<string, Procedure>([
  ['sp_add_job', addJob],
  ['sp_add_jobstep', addJobStep],
  ['sp_add_jobserver', addJobServer],
  ['sp_add_jobschedule', addJobSchedule],
  ['sp_update_job', updateJob],
  ['sp_delete_job', deleteJob],
  ['sp_start_job', startJob],
  ['sp_stop_job', stopJob],
  ['sp_help_job', helpJob],
]);

/** A system procedure as a session in this database sees it; undefined when there is none (2812). */
export function systemProcedure(name: string, database: string): Procedure | undefined {
  const key = name.toLowerCase();
  const own = database.toLowerCase() === 'msdb' ? agentProcedures.get(key) : undefined;
  return own ?? procedures.get(key);
}
