/** Availability groups, local and distributed. */

import type { GroupParts } from '../../../model/assess-group.ts';
import type { RawRow } from '../../batch.ts';
import { bit, numberOrNull, text, textOrNull } from '../cell.ts';
import { onInstance, type AssessOptions, type PartsOf } from './part.ts';

function groupQuery({ versionMajor }: AssessOptions): string {
  return `SELECT 1 AS part_groups, ag.name, ag.is_distributed, ag.basic_features,
  ${versionMajor >= 14 ? 'ag.cluster_type_desc' : "N'wsfc'"} AS cluster_type_desc,
  ${versionMajor >= 15 ? 'ag.is_contained' : 'CONVERT(bit, 0)'} AS is_contained,
  ${versionMajor >= 14 ? 'ag.required_synchronized_secondaries_to_commit' : 'CONVERT(int, NULL)'} AS required_secondaries,
  ag.automated_backup_preference_desc, ag.dtc_support, ag.db_failover,
  rs.role_desc, rs.synchronization_health_desc
FROM sys.availability_groups AS ag
LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON rs.group_id = ag.group_id AND rs.is_local = 1;`;
}

const REPLICA_QUERY = `SELECT 1 AS part_replicas, ag.name AS group_name, ar.replica_server_name, rs.connected_state_desc
FROM sys.availability_replicas AS ar
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON rs.replica_id = ar.replica_id AND rs.group_id = ar.group_id;`;

const GROUP_DATABASE_QUERY = `SELECT 1 AS part_group_databases, ag.name AS group_name, adc.database_name, drs.is_suspended
FROM sys.availability_databases_cluster AS adc
INNER JOIN sys.availability_groups AS ag ON ag.group_id = adc.group_id
LEFT JOIN sys.dm_hadr_database_replica_states AS drs ON drs.group_database_id = adc.group_database_id AND drs.is_local = 1;`;

const GROUP_LISTENER_QUERY = `SELECT 1 AS part_group_listeners, ag.name AS group_name, l.dns_name
FROM sys.availability_group_listeners AS l
INNER JOIN sys.availability_groups AS ag ON ag.group_id = l.group_id;`;

/** The parts of this family. */
export const groupParts: PartsOf<GroupParts> = {
  availabilityGroups: onInstance({
    needs: ['viewServerState', 'viewAnyDefinition'],
    queries: {
      part_groups: groupQuery,
      part_replicas: REPLICA_QUERY,
      part_group_databases: GROUP_DATABASE_QUERY,
      part_group_listeners: GROUP_LISTENER_QUERY,
    },
    decode: (answer) => {
      const replicas = answer.rows('part_replicas');
      const databases = answer.rows('part_group_databases');
      const listeners = answer.rows('part_group_listeners');
      return answer.rows('part_groups').map((row) => {
        const name = text(row, 'name');
        const ownReplicas = ofGroup(replicas, name);
        const ownDatabases = ofGroup(databases, name);
        return {
          name,
          isDistributed: bit(row, 'is_distributed'),
          clusterTypeDesc: (textOrNull(row, 'cluster_type_desc') ?? 'wsfc').toUpperCase(),
          isBasic: bit(row, 'basic_features'),
          isContained: bit(row, 'is_contained'),
          automatedBackupPreferenceDesc:
            textOrNull(row, 'automated_backup_preference_desc') ?? 'SECONDARY',
          dtcSupport: bit(row, 'dtc_support'),
          dbFailover: bit(row, 'db_failover'),
          requiredSynchronizedSecondariesToCommit: numberOrNull(row, 'required_secondaries'),
          localRoleDesc: textOrNull(row, 'role_desc'),
          synchronizationHealthDesc: textOrNull(row, 'synchronization_health_desc'),
          replicas: names(ownReplicas, 'replica_server_name'),
          disconnectedReplicas: names(
            ownReplicas.filter(
              (replica) => textOrNull(replica, 'connected_state_desc') === 'DISCONNECTED',
            ),
            'replica_server_name',
          ),
          databases: names(ownDatabases, 'database_name'),
          suspendedDatabases: names(
            ownDatabases.filter((database) => bit(database, 'is_suspended')),
            'database_name',
          ),
          listeners: names(ofGroup(listeners, name), 'dns_name'),
        };
      });
    },
  }),
};

function ofGroup(rows: readonly RawRow[], group: string): readonly RawRow[] {
  return rows.filter((row) => text(row, 'group_name') === group);
}

function names(rows: readonly RawRow[], column: string): readonly string[] {
  return rows.map((row) => textOrNull(row, column) ?? '');
}
