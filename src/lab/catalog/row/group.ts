/** Rows of `sys.availability_*`: groups, replicas, databases. Listeners and clusters are in `cluster.ts`. */

import type {
  DistributedMember,
  DistributedState,
  GroupState,
  InstanceState,
  ReplicaState,
} from '../../hadr/state.ts';
import { nameKey } from '../../hadr/state.ts';
import type { PlainRow } from '../cell.ts';
import { codes } from '../code.ts';
import type { ViewContext, ViewTable } from '../view.ts';
import { groupDatabases } from './copy-state.ts';

/** Metadata version captured from SQL Server 2019 and 2022. */
const METADATA_VERSION = 23;
const SA_SID = Uint8Array.of(1);
const DAG_SESSION_TIMEOUT_SECONDS = 10;
const DEFAULT_BACKUP_PRIORITY = 50;
/** `replica_metadata_id` is per server; those of distributed groups follow those of local ones. */
const DAG_METADATA_BASE = 66_000;

const backupPreference = codes('primary', 'secondary_only', 'secondary', 'none');
const clusterType = codes('wsfc', 'none', 'external');
const failoverMode = codes('AUTOMATIC', 'MANUAL', 'EXTERNAL');
const availabilityMode = codes(
  'ASYNCHRONOUS_COMMIT',
  'SYNCHRONOUS_COMMIT',
  '',
  '',
  'CONFIGURATION_ONLY',
);
const primaryConnections = codes('', '', 'ALL', 'READ_WRITE');
const secondaryConnections = codes('NO', 'READ_ONLY', 'ALL');
const seedingMode = codes('AUTOMATIC', 'MANUAL');

/** Catalog views of availability groups. */
export const groupViews: ViewTable = {
  'sys.availability_groups': { visibility: 'definition', rows: groupRows },
  'sys.availability_groups_cluster': { visibility: 'definition', rows: clusterGroupRows },
  'sys.availability_replicas': { visibility: 'definition', rows: replicaRows },
  'sys.availability_databases_cluster': { visibility: 'definition', rows: databaseRows },
  'sys.availability_read_only_routing_lists': { visibility: 'definition', rows: routingRows },
};

function* groupRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) yield groupRow(group);
  for (const dag of Object.values(instance.distributed)) yield distributedRow(instance, dag);
}

function groupRow(group: GroupState): PlainRow {
  const clusterless = group.clusterType === 'NONE';
  const preference = backupPreference(group.automatedBackupPreference.toLowerCase());
  const cluster = clusterType(group.clusterType.toLowerCase());
  return {
    group_id: group.groupId,
    name: group.name,
    resource_id: `{${group.groupId}}`,
    resource_group_id: group.name,
    failure_condition_level: clusterless ? 0 : group.failureConditionLevel,
    health_check_timeout: clusterless ? 0 : group.healthCheckTimeoutMs,
    automated_backup_preference: preference.code,
    automated_backup_preference_desc: preference.text,
    version: METADATA_VERSION,
    basic_features: group.basic,
    dtc_support: group.dtcSupport,
    db_failover: group.dbFailover,
    is_distributed: false,
    cluster_type: cluster.code,
    cluster_type_desc: cluster.text,
    required_synchronized_secondaries_to_commit: group.requiredSynchronizedSecondariesToCommit,
    sequence_number: group.sequenceNumber,
    is_contained: group.contained,
  };
}

function distributedRow(instance: InstanceState, dag: DistributedState): PlainRow {
  const local = instance.groups[dag.localGroup];
  const cluster = clusterType((local?.clusterType ?? 'NONE').toLowerCase());
  return {
    group_id: dag.groupId,
    name: dag.name,
    resource_id: `{${dag.groupId}}`,
    resource_group_id: dag.name,
    failure_condition_level: 0,
    health_check_timeout: 0,
    automated_backup_preference: backupPreference('secondary').code,
    automated_backup_preference_desc: 'secondary',
    version: METADATA_VERSION,
    basic_features: false,
    dtc_support: false,
    db_failover: false,
    is_distributed: true,
    cluster_type: cluster.code,
    cluster_type_desc: cluster.text,
    required_synchronized_secondaries_to_commit: dag.requiredSynchronizedSecondariesToCommit,
    sequence_number: dag.sequenceNumber,
    is_contained: false,
  };
}

/** The cluster's copy of the local groups; a distributed group never appears in a cluster. */
function* clusterGroupRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    if (group.clusterType !== 'NONE') yield groupRow(group);
  }
}

function* replicaRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    for (const replica of group.replicas) {
      const local = nameKey(replica.serverName) === instance.key;
      yield replicaRow(group, replica, local);
    }
  }
  let metadataId = DAG_METADATA_BASE;
  for (const dag of Object.values(instance.distributed)) {
    for (const member of dag.members) {
      yield memberRow(dag, member, metadataId);
      metadataId += 1;
    }
  }
}

function replicaRow(group: GroupState, replica: ReplicaState, local: boolean): PlainRow {
  const mode = availabilityMode(replica.availabilityMode);
  const failover = failoverMode(replica.failoverMode);
  const primary = primaryConnections(replica.primaryAllowConnections);
  const secondary = secondaryConnections(replica.secondaryAllowConnections);
  const seeding = seedingMode(replica.seedingMode);
  return {
    replica_id: replica.replicaId,
    group_id: group.groupId,
    replica_metadata_id: replica.metadataId,
    replica_server_name: replica.serverName,
    owner_sid: local ? SA_SID : null,
    endpoint_url: replica.endpointUrl,
    availability_mode: mode.code,
    availability_mode_desc: mode.text,
    failover_mode: failover.code,
    failover_mode_desc: failover.text,
    session_timeout: replica.sessionTimeoutSeconds,
    primary_role_allow_connections: primary.code,
    primary_role_allow_connections_desc: primary.text,
    secondary_role_allow_connections: secondary.code,
    secondary_role_allow_connections_desc: secondary.text,
    create_date: local ? replica.createdAt : null,
    modify_date: local ? replica.modifiedAt : null,
    backup_priority: replica.backupPriority,
    read_only_routing_url: replica.readOnlyRoutingUrl,
    seeding_mode: seeding.code,
    seeding_mode_desc: seeding.text,
    read_write_routing_url: replica.readWriteRoutingUrl,
  };
}

function memberRow(dag: DistributedState, member: DistributedMember, metadataId: number): PlainRow {
  const mode = availabilityMode(member.availabilityMode);
  const seeding = seedingMode(member.seedingMode);
  const local = nameKey(member.group) === dag.localGroup;
  return {
    replica_id: member.replicaId,
    group_id: dag.groupId,
    replica_metadata_id: metadataId,
    replica_server_name: member.group,
    owner_sid: local ? SA_SID : null,
    endpoint_url: member.listenerUrl,
    availability_mode: mode.code,
    availability_mode_desc: mode.text,
    failover_mode: failoverMode('MANUAL').code,
    failover_mode_desc: 'MANUAL',
    session_timeout: DAG_SESSION_TIMEOUT_SECONDS,
    primary_role_allow_connections: primaryConnections('ALL').code,
    primary_role_allow_connections_desc: 'ALL',
    secondary_role_allow_connections: secondaryConnections('ALL').code,
    secondary_role_allow_connections_desc: 'ALL',
    create_date: local ? member.createdAt : null,
    modify_date: local ? member.modifiedAt : null,
    backup_priority: DEFAULT_BACKUP_PRIORITY,
    seeding_mode: seeding.code,
    seeding_mode_desc: seeding.text,
  };
}

/** Databases of the local groups; a distributed group adds none. */
function* databaseRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    for (const database of groupDatabases(instance, group)) {
      yield {
        group_id: group.groupId,
        group_database_id: database.groupDatabaseId,
        database_name: database.name,
        truncation_lsn: database.log.start,
      };
    }
  }
}

function* routingRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const group of Object.values(instance.groups)) {
    for (const replica of group.replicas) {
      for (const [index, name] of replica.readOnlyRoutingList.entries()) {
        const target = group.replicas.find((other) => nameKey(other.serverName) === nameKey(name));
        if (target !== undefined) {
          yield {
            replica_id: replica.replicaId,
            routing_priority: index + 1,
            read_only_replica_id: target.replicaId,
          };
        }
      }
    }
  }
}
