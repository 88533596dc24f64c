/** DBCC TRACESTATUS: the trace flags that are on globally; the lab has no flags of one session. */

import { parseColumns } from '../../catalog/column-table.ts';
import type { RequestContext } from '../../instance.ts';
import type { InstanceParts } from '../instance-parts.ts';

const COLUMNS = parseColumns(
  'TraceFlag:smallint! Status:smallint! Global:smallint! Session:smallint!',
);
const ON = 1;
const OFF = 0;

/** `DBCC TRACESTATUS (-1)` shows the flags that are on; named flags are shown on or off. */
export function sendTraceStatus(
  parts: InstanceParts,
  request: RequestContext,
  given: readonly (string | number)[],
): void {
  const asked = given.map(Number).filter((flag) => flag > 0);
  const flags = asked.length === 0 ? [...parts.traceFlags].toSorted((a, b) => a - b) : asked;
  const rows = flags.map((flag) => {
    const state = parts.traceFlags.has(flag) ? ON : OFF;
    return [flag, state, state, OFF];
  });
  if (rows.length > 0) request.result({ columns: COLUMNS, rows: () => rows });
}
