/** A database record with everything that is the same for every way a database comes into being. */

import { emptyLog, firstPosition } from './log.ts';
import type { DatabaseState, InstanceState } from './state.ts';
import { nameKey } from './state.ts';

/** `database_id` of the first user database; 1 to 4 are master, tempdb, model and msdb. */
const firstUserId = 5;
const firstVlf = 42;

/** The smallest free `database_id`. */
export function freeDatabaseId(instance: InstanceState): number {
  const taken = new Set(Object.values(instance.databases).map((database) => database.id));
  let id = firstUserId;
  while (taken.has(id)) id += 1;
  return id;
}

/** A new database record; its log starts where every database of the lab starts. */
export function newDatabaseState(
  instance: InstanceState,
  given: Pick<DatabaseState, 'name' | 'owner' | 'familyId' | 'sizeBytes' | 'createdAt' | 'state'> &
    Partial<DatabaseState>,
): DatabaseState {
  const position = given.log?.end ?? firstPosition(firstVlf);
  const log = given.log ?? emptyLog(position, 0);
  return {
    key: nameKey(given.name),
    id: freeDatabaseId(instance),
    recoveryModel: 'FULL',
    userAccess: 'MULTI_USER',
    readOnly: false,
    autoClose: false,
    fullBackupTaken: false,
    group: null,
    groupDatabaseId: null,
    suspended: null,
    orphaned: false,
    joined: false,
    mayRevert: false,
    pendingJoin: null,
    reverting: false,
    synchronized: false,
    log,
    forks: [],
    recoveryLsn: position,
    lastRedoneLsn: null,
    lastRedoneAt: null,
    lastReceivedAt: null,
    lastHardenedAt: null,
    lastCommitLsn: null,
    lastCommitAt: null,
    redonePosition: position,
    redoneBytes: log.totalBytes,
    redoScheduled: false,
    redoRate: 0,
    waiting: [],
    lastLogBackupLsn: null,
    backupHoldLsn: null,
    ...given,
  };
}
