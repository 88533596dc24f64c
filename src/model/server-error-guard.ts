/** sqlferry's own error numbers: raised by the guards inside its batches. Number, class, meaning, cause, remedy. */

import type { ServerErrorRow } from './server-error-kind.ts';

/** The rows; the numbers are those of `sql/statement/guard.ts`, a test compares them. */
export const guardErrors: readonly ServerErrorRow[] = [
  [
    58_101,
    'wrong-role',
    'sqlferry: the source is not the global primary',
    'The guard of the demotion found another role; nothing was changed.',
    'sqlferry status',
  ],
  [
    58_102,
    'transient',
    'sqlferry: not every database is SYNCHRONIZED',
    'The guard of the demotion found the target behind; nothing was changed.',
    'Run sqlferry cutover again when sqlferry status shows every database SYNCHRONIZED.',
  ],
  [
    58_103,
    'transient',
    'sqlferry: user sessions are in the databases',
    'The guard of the demotion found a program that connected in the meantime; nothing was changed.',
    'Stop the program or name its login in cutover.fence.logins, then run sqlferry cutover again.',
  ],
  [
    58_104,
    'transient',
    'sqlferry: the source has not reached the role SECONDARY in time',
    'SET (ROLE = SECONDARY) was accepted and open transactions are still rolled back.',
    'Run sqlferry cutover again: it goes on from the roles that the servers show.',
  ],
  [
    58_111,
    'wrong-role',
    'sqlferry: the target is not the forwarder',
    'The guard of the promotion found another role; nothing was changed.',
    'sqlferry status',
  ],
  [
    58_112,
    'transient',
    'sqlferry: the log of the source has not arrived completely',
    'The promotion waited for the last log records of the source and refused without them.',
    'Run sqlferry cutover again to wait on, or sqlferry abort to give the source its writes back.',
  ],
  [
    58_113,
    'transient',
    'sqlferry: a database did not come online in time',
    'The promotion was accepted; recovery still runs.',
    'Run sqlferry cutover again: it waits for the databases and goes on.',
  ],
  [
    58_114,
    'operator',
    'sqlferry: a database cannot become primary',
    'Its copy on the target is REVERTING or INITIALIZING.',
    'sqlferry abort',
  ],
  [
    58_115,
    'operator',
    'sqlferry: the group on the target holds other databases than were compared',
    'Somebody added a database to the group or removed one.',
    'sqlferry abort, then compare the databases of both groups.',
  ],
  [
    58_121,
    'wrong-role',
    'sqlferry: the source has nothing to take back',
    'It is primary, or not a member of the distributed availability group.',
    'sqlferry status',
  ],
];
