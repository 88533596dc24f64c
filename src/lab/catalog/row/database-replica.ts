/**
 * Rows of the dynamic views about databases in groups.
 *
 * Own copies have a row in their local group on both sides. The other side's copy has a row in the
 * distributed group on the global primary only (captured; docs/lab-fidelity/catalog.md).
 */

import type { Lsn } from '../../../base/lsn.ts';
import { receivingRole } from '../../hadr/access.ts';
import { remoteMember } from '../../hadr/route.ts';
import { replicaLinksOver } from '../../hadr/turn.ts';
import type {
  DatabaseState,
  DistributedState,
  GroupState,
  InstanceState,
  PartnerDatabase,
  SynchronizationState,
} from '../../hadr/state.ts';
import type { PlainRow } from '../cell.ts';
import {
  databaseStateCode,
  healthCode,
  suspendCode,
  synchronizationCode,
  type Health,
} from '../code.ts';
import type { ViewContext, ViewTable } from '../view.ts';
import { groupDatabases, localReplica, ownHealth, ownState } from './copy-state.ts';
import { partnerHealth } from './replica-state.ts';

const KB = 1024;
const SECOND_MS = 1000;

/** Dynamic views about databases in groups. */
export const databaseReplicaViews: ViewTable = {
  'sys.dm_hadr_database_replica_states': { visibility: 'performance', rows: stateRows },
  'sys.dm_hadr_database_replica_cluster_states': { visibility: 'performance', rows: clusterRows },
};

function* stateRows({ instance, now }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    for (const database of groupDatabases(instance, group)) {
      yield ownRow(instance, group, database);
    }
    if (group.role !== 'PRIMARY') continue;
    for (const link of replicaLinksOver(instance, group.key))
      yield* partnerRows(instance, link, now);
  }
  for (const dag of Object.values(instance.distributed)) {
    if (dag.role === 'PRIMARY') yield* partnerRows(instance, dag, now);
  }
}

function ownRow(instance: InstanceState, group: GroupState, database: DatabaseState): PlainRow {
  const replica = localReplica(instance, group);
  const databaseState = databaseStateCode(database.state);
  const synchronous = replica?.availabilityMode === 'SYNCHRONOUS_COMMIT';
  const receiving = receivingRole(instance, database) !== null;
  const end = database.log.end;
  return {
    database_id: database.id,
    group_id: group.groupId,
    replica_id: replica?.replicaId,
    group_database_id: database.groupDatabaseId,
    is_local: true,
    is_primary_replica: group.role === 'PRIMARY',
    ...synchronization(ownState(instance, group, database), ownHealth(instance, group, database)),
    is_commit_participant: synchronous,
    database_state: databaseState.code,
    database_state_desc: databaseState.text,
    ...suspension(database.suspended),
    recovery_lsn: database.recoveryLsn,
    truncation_lsn: database.log.start,
    // An asynchronous primary shows NULL: nothing there says what is safe. A secondary knows its own.
    last_hardened_lsn: synchronous || group.role !== 'PRIMARY' ? end : null,
    last_hardened_time: synchronous || group.role !== 'PRIMARY' ? database.lastHardenedAt : null,
    ...(receiving ? receivingColumns(database) : {}),
    end_of_log_lsn: end,
    last_commit_lsn: database.lastCommitLsn,
    last_commit_time: database.lastCommitAt,
    low_water_mark_for_ghosts: 0,
  };
}

/** What a copy that receives log knows besides its own end. */
function receivingColumns(database: DatabaseState): PlainRow {
  return {
    last_received_lsn: database.log.end,
    last_received_time: database.lastReceivedAt,
    last_redone_lsn: database.lastRedoneLsn,
    last_redone_time: database.lastRedoneAt,
    log_send_queue_size: 0,
    redo_queue_size: kilobytes(database.log.totalBytes - database.redoneBytes),
    redo_rate: kilobytes(database.redoRate),
  };
}

function* partnerRows(
  instance: InstanceState,
  dag: DistributedState,
  now: number,
): Iterable<PlainRow> {
  for (const partner of Object.values(dag.databases)) {
    const database = instance.databases[partner.key];
    const known = dag.link.everConnected || partner.hardenedLsn !== null;
    if (database !== undefined && known) yield partnerRow(dag, { database, partner, now });
  }
}

function partnerRow(
  dag: DistributedState,
  copy: {
    readonly database: DatabaseState;
    readonly partner: PartnerDatabase;
    readonly now: number;
  },
): PlainRow {
  const { database, partner } = copy;
  return {
    database_id: database.id,
    group_id: dag.groupId,
    replica_id: remoteMember(dag).replicaId,
    group_database_id: partner.groupDatabaseId,
    is_local: false,
    is_primary_replica: false,
    ...synchronization(partner.synchronizationState, partnerHealth(dag, partner)),
    is_commit_participant: partner.synchronizationState === 'SYNCHRONIZED',
    ...suspension(partner.suspended),
    recovery_lsn: database.recoveryLsn,
    truncation_lsn: partner.hardenedLsn,
    last_sent_lsn: partner.sentLsn,
    last_sent_time: partner.sentAt,
    last_received_lsn: partner.receivedLsn,
    last_received_time: partner.receivedAt,
    last_hardened_lsn: partner.hardenedLsn,
    last_hardened_time: partner.hardenedAt,
    last_redone_lsn: partner.redoneLsn,
    last_redone_time: partner.redoneAt,
    log_send_queue_size: kilobytes(database.log.totalBytes - partner.sentBytes),
    log_send_rate: kilobytes(partner.sendRate),
    redo_queue_size: kilobytes(partner.hardenedBytes - partner.redoneBytes),
    redo_rate: kilobytes(partner.redoRate),
    filestream_send_rate: 0,
    end_of_log_lsn: partner.hardenedLsn,
    last_commit_lsn: partner.lastCommitLsn,
    last_commit_time: partner.lastCommitAt,
    low_water_mark_for_ghosts: 0,
    secondary_lag_seconds: lagSeconds(database, partner, copy.now),
  };
}

/** Seconds that the other copy is behind: 0 when it has everything, else since its last commit. */
function lagSeconds(database: DatabaseState, partner: PartnerDatabase, now: number): number {
  const behind = reached(partner.hardenedLsn) < reached(database.log.end);
  const last = partner.lastCommitAt ?? database.lastCommitAt;
  return behind && last !== null ? Math.max(0, Math.floor((now - last) / SECOND_MS)) : 0;
}

function reached(lsn: Lsn | null): bigint {
  return lsn ?? 0n;
}

function synchronization(name: SynchronizationState, healthName: Health): PlainRow {
  const state = synchronizationCode(name);
  const health = healthCode(healthName);
  return {
    synchronization_state: state.code,
    synchronization_state_desc: state.text,
    synchronization_health: health.code,
    synchronization_health_desc: health.text,
  };
}

function suspension(reason: string | null): PlainRow {
  if (reason === null) return { is_suspended: false };
  const code = suspendCode(reason);
  return { is_suspended: true, suspend_reason: code.code, suspend_reason_desc: code.text };
}

function kilobytes(bytes: number): number {
  return Math.max(0, Math.ceil(bytes / KB));
}

function* clusterRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    if (group.role === 'PRIMARY')
      for (const link of replicaLinksOver(instance, group.key))
        yield* replicaClusterRows(instance, group, link);
    for (const database of groupDatabases(instance, group)) {
      yield {
        replica_id: localReplica(instance, group)?.replicaId,
        group_database_id: database.groupDatabaseId,
        database_name: database.name,
        is_failover_ready: ownState(instance, group, database) === 'SYNCHRONIZED',
        is_pending_secondary_suspend: false,
        is_database_joined: database.state !== 'RESTORING',
        recovery_lsn: group.role === 'PRIMARY' ? database.recoveryLsn : null,
        truncation_lsn: database.log.start,
      };
    }
  }
}

/** The primary knows of every other replica whether its copies may take over. */
function* replicaClusterRows(
  instance: InstanceState,
  group: GroupState,
  link: DistributedState,
): Iterable<PlainRow> {
  for (const database of groupDatabases(instance, group)) {
    const copy = link.databases[database.key];
    yield {
      replica_id: remoteMember(link).replicaId,
      group_database_id: database.groupDatabaseId,
      database_name: database.name,
      is_failover_ready: copy?.synchronizationState === 'SYNCHRONIZED',
      is_pending_secondary_suspend: false,
      is_database_joined: copy?.joined ?? false,
      recovery_lsn: copy?.hardenedLsn ?? null,
      truncation_lsn: database.log.start,
    };
  }
}
