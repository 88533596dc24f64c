/** The fault of a commit between the last look and the demotion: a session nobody saw writes one row. */

import type { Instance } from '../instance.ts';
import type { InstanceParts } from './instance-parts.ts';
import { AGENT_LOGIN, openInside } from './step-session.ts';

/** Table that the late writer fills. */
export const LATE_TABLE = 'lab_late_writer';

/** Longest wait for the row to be hardened, in milliseconds: its acknowledgement is not waited for. */
const HARDENED_MS = 200;

/** Sets the trap: the row is in the log before the role is given away, whether it was acknowledged or not. */
export function setLateWriter(parts: InstanceParts, instance: Instance, database: string): void {
  const point = { when: 'before', what: 'statement', pattern: 'set-role-secondary' } as const;
  parts.traps.set(point, async () => {
    const session = openInside(parts, instance, {
      loginName: AGENT_LOGIN,
      programName: 'sqlferry lab late writer',
      database: 'master',
    });
    if ('text' in session) {
      parts.errorLog.add(parts.clock.now(), session);
      return;
    }
    const table = `[${database.replaceAll(']', ']]')}].[dbo].[${LATE_TABLE}]`;
    const text = `IF OBJECT_ID(N'${table.replaceAll("'", "''")}') IS NULL CREATE TABLE ${table} (at datetime2(7) NOT NULL);
INSERT INTO ${table} (at) VALUES (SYSUTCDATETIME());`;
    const written = session.run(text, new AbortController().signal).finally(() => session.close());
    await Promise.race([written, parts.clock.sleep(HARDENED_MS)]);
  });
}
