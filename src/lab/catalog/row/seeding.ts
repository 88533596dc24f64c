/** Rows of the two seeding views: the history, and the running or last streams. */

import { nameKey } from '../../hadr/state.ts';
import type { PlainRow } from '../cell.ts';
import type { ViewContext, ViewTable } from '../view.ts';

/** `failure_message` is nvarchar(128). */
const FAILURE_MESSAGE_LENGTH = 128;

/** Views about automatic seeding. */
export const seedingViews: ViewTable = {
  'sys.dm_hadr_automatic_seeding': { visibility: 'performance', rows: historyRows },
  'sys.dm_hadr_physical_seeding_stats': { visibility: 'performance', rows: streamRows },
};

function* historyRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const row of instance.seedingHistory) {
    yield {
      start_time: row.startedAt,
      completion_time: row.completedAt,
      ag_id: row.groupId,
      ag_db_id: row.groupDatabaseId,
      ag_remote_replica_id: row.remoteReplicaId,
      operation_id: row.operationId,
      is_source: row.isSource,
      current_state: row.phase,
      performed_seeding: row.performedSeeding,
      failure_state: row.failure?.state,
      failure_state_desc: row.failure?.text,
      error_code: row.failure?.errorCode,
      number_of_attempts: row.attempts,
    };
  }
}

function* streamRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const stream of instance.seedingStreams) {
    const id = instance.databases[nameKey(stream.database)]?.id ?? stream.databaseId;
    yield {
      local_physical_seeding_id: stream.localId,
      remote_physical_seeding_id: stream.remoteId,
      local_database_id: id,
      local_database_name: stream.database,
      remote_machine_name: stream.remoteUrl,
      role_desc: stream.role,
      internal_state_desc: stream.state,
      transfer_rate_bytes_per_second: stream.bytesPerSecond,
      transferred_size_bytes: stream.transferredBytes,
      database_size_bytes: stream.databaseBytes,
      start_time_utc: stream.startedAt,
      end_time_utc: stream.endedAt,
      estimate_time_complete_utc: stream.estimatedEndAt,
      total_disk_io_wait_time_ms: 0,
      total_network_wait_time_ms: 0,
      failure_code: stream.failure?.code ?? 0,
      failure_message: stream.failure?.text.slice(0, FAILURE_MESSAGE_LENGTH),
      failure_time_utc: stream.failure?.at,
      is_compression_enabled: false,
    };
  }
}
