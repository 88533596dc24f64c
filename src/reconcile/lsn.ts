/**
 * Which LSN of a row counts on which side.
 *
 * The columns are log-block ids and the same on both servers, so they may be compared across them
 * (observed on real servers; Microsoft Learn, sys.dm_hadr_database_replica_states).
 */

import type { Lsn } from '../base/lsn.ts';
import type { DatabaseReplicaObservation } from '../model/observation.ts';

/** How far the receiving side has the log on disk; the end of its log where the server shows no hardened LSN. */
export function hardenedLsn(row: DatabaseReplicaObservation): Lsn | null {
  return row.lastHardenedLsn ?? row.endOfLogLsn;
}

/**
 * How far the log of the side that takes the writes goes: the higher of both columns. The hardened
 * LSN of a primary's own row is a minimum over its secondaries, or null, and may lag behind.
 */
export function finalLsn(row: DatabaseReplicaObservation): Lsn | null {
  const hardened = row.lastHardenedLsn;
  const end = row.endOfLogLsn;
  if (hardened === null) return end;
  if (end === null) return hardened;
  return hardened > end ? hardened : end;
}
