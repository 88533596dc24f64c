/** The databases of an observation: state, rows in the local group and the DAG, and seeding. */

import type { Fact } from '../../model/fact.ts';
import type {
  DatabaseHistory,
  DatabaseObservation,
  DatabaseReplicaObservation,
  SeedingObservation,
} from '../../model/observation.ts';
import type { RawReply, RawRow } from '../batch.ts';
import {
  bit,
  bitOrNull,
  decodePart,
  lsnOrNull,
  numberOrNull,
  part,
  text,
  textOrNull,
} from './cell.ts';

/** One entry per selected database of the instance. */
export function decodeDatabases(reply: RawReply): Fact<readonly DatabaseObservation[]> {
  const states = part(reply, 'part_replica_states');
  if (!states.known) return states;
  // A missing seeding view must not hide the databases: their state decides, seeding only explains.
  const history = rowsOrNone(part(reply, 'part_seeding'));
  const physical = rowsOrNone(part(reply, 'part_physical_seeding'));
  return decodePart(part(reply, 'part_databases'), (rows) =>
    rows.map((row) => {
      const name = text(row, 'name');
      const own = states.value.filter((state) => textOrNull(state, 'database_name') === name);
      const local = own.find(
        (state) => !bit(state, 'is_distributed') && bitOrNull(state, 'is_local') === true,
      );
      const distributed = own.find((state) => bit(state, 'is_distributed'));
      return {
        name,
        stateDesc: text(row, 'state_desc'),
        recoveryModelDesc: textOrNull(row, 'recovery_model_desc') ?? '',
        hasLogChain: bitOrNull(row, 'has_log_chain'),
        local: local === undefined ? null : decodeReplicaState(local),
        distributed: distributed === undefined ? null : decodeReplicaState(distributed),
        seeding: decodeSeeding(
          history.find((seeding) => textOrNull(seeding, 'database_name') === name),
          physical.find((seeding) => textOrNull(seeding, 'database_name') === name),
        ),
        history: decodeHistory(row, local),
      };
    }),
  );
}

function rowsOrNone(rows: Fact<readonly RawRow[]>): readonly RawRow[] {
  return rows.known ? rows.value : [];
}

function decodeReplicaState(row: RawRow): DatabaseReplicaObservation {
  return {
    synchronizationStateDesc: textOrNull(row, 'synchronization_state_desc') ?? '',
    synchronizationHealthDesc: textOrNull(row, 'synchronization_health_desc') ?? '',
    isSuspended: bit(row, 'is_suspended'),
    suspendReasonDesc: textOrNull(row, 'suspend_reason_desc'),
    databaseStateDesc: textOrNull(row, 'database_state_desc'),
    lastHardenedLsn: lsnOrNull(row, 'last_hardened_lsn'),
    endOfLogLsn: lsnOrNull(row, 'end_of_log_lsn'),
    lastCommitLsn: lsnOrNull(row, 'last_commit_lsn'),
    logSendQueueKb: numberOrNull(row, 'log_send_queue_size'),
    logSendRateKb: numberOrNull(row, 'log_send_rate'),
    redoQueueKb: numberOrNull(row, 'redo_queue_size'),
    redoRateKb: numberOrNull(row, 'redo_rate'),
    secondaryLagSeconds: numberOrNull(row, 'secondary_lag_seconds'),
  };
}

function decodeHistory(row: RawRow, local: RawRow | undefined): DatabaseHistory {
  const committed = local === undefined ? null : textOrNull(local, 'last_commit_utc');
  return {
    recoveryForkGuid: textOrNull(row, 'recovery_fork_guid'),
    forkPointLsn: lsnOrNull(row, 'fork_point_lsn'),
    lastCommitUtc: committed === null ? null : `${committed}Z`,
  };
}

/** Joins the newest history row with the newest stream; either may be missing. */
function decodeSeeding(
  history: RawRow | undefined,
  physical: RawRow | undefined,
): SeedingObservation | null {
  if (history === undefined && physical === undefined) return null;
  const historyText = (column: string): string | null =>
    history === undefined ? null : textOrNull(history, column);
  const historyNumber = (column: string): number | null =>
    history === undefined ? null : numberOrNull(history, column);
  const stream = (column: string): number | null =>
    physical === undefined ? null : numberOrNull(physical, column);
  const streamText = (column: string): string | null =>
    physical === undefined ? null : textOrNull(physical, column);
  return {
    stateDesc: historyText('current_state') ?? streamText('internal_state_desc') ?? '',
    failureStateDesc: historyText('failure_state_desc') ?? streamText('failure_message'),
    errorCode: historyNumber('error_code') ?? stream('failure_code'),
    attempts: historyNumber('number_of_attempts') ?? 0,
    transferredBytes: stream('transferred_size_bytes'),
    totalBytes: stream('database_size_bytes'),
    bytesPerSecond: stream('transfer_rate_bytes_per_second'),
  };
}
