/** The system procedures of the lab, by name. */

import {
  getApplicationLock,
  releaseApplicationLock,
  setSessionContext,
} from './application-lock.ts';
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
]);

/** A system procedure; undefined when the lab has none of that name (2812). */
export function systemProcedure(name: string): Procedure | undefined {
  return procedures.get(name.toLowerCase());
}
