/** Replicas of every group with their options, copies of databases, and job steps that take backups. */

import type { ReplicaParts } from '../../../model/assess-replica.ts';
import { bit, bitOrNull, number, numberOrNull, text, textOrNull } from '../cell.ts';
import { inEachDatabase, onInstance, type PartsOf } from './part.ts';

const REPLICA_QUERY = `SELECT 1 AS part_group_replicas, ag.name AS group_name, ag.is_distributed, ar.replica_server_name,
  ar.endpoint_url, ar.availability_mode_desc, ar.failover_mode_desc, ar.session_timeout, ar.seeding_mode_desc,
  ar.secondary_role_allow_connections_desc, ar.read_only_routing_url,
  (SELECT COUNT(*) FROM sys.availability_read_only_routing_lists AS r WHERE r.replica_id = ar.replica_id) AS routing_targets,
  rs.is_local, rs.role_desc, rs.connected_state_desc, rs.last_connect_error_number, rs.last_connect_error_description
FROM sys.availability_replicas AS ar
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON rs.replica_id = ar.replica_id AND rs.group_id = ar.group_id;`;

const COPY_QUERY = `SELECT 1 AS part_copies, ag.name AS group_name, ag.is_distributed,
  DB_NAME(drs.database_id) AS database_name, ar.replica_server_name,
  drs.is_local, drs.is_primary_replica, drs.synchronization_state_desc, drs.database_state_desc, drs.is_suspended
FROM sys.dm_hadr_database_replica_states AS drs
INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
INNER JOIN sys.availability_replicas AS ar ON ar.replica_id = drs.replica_id AND ar.group_id = drs.group_id;`;

const BACKUP_STEP_QUERY = `SELECT 1 AS part_backup_steps, j.name, j.enabled, s.step_id, s.subsystem,
  CONVERT(nvarchar(4000), s.command) AS command
FROM msdb.dbo.sysjobs AS j
INNER JOIN msdb.dbo.sysjobsteps AS s ON s.job_id = j.job_id
WHERE s.command COLLATE Latin1_General_100_CI_AS LIKE N'%backup%';`;

/** Users who come in by a login (authentication types INSTANCE and WINDOWS), and whose SID has none. */
const ORPHAN_QUERY = `SELECT 1 AS part_orphans, p.name
FROM sys.database_principals AS p
WHERE p.type IN ('S', 'U', 'G') AND p.authentication_type IN (1, 3) AND p.principal_id > 4
  AND NOT EXISTS (SELECT 1 FROM sys.server_principals AS s WHERE s.sid = p.sid);`;

/** The parts of this family. */
export const replicaParts: PartsOf<ReplicaParts> = {
  groupReplicas: onInstance({
    needs: ['viewServerState', 'viewAnyDefinition'],
    queries: { part_group_replicas: REPLICA_QUERY },
    decode: (answer) =>
      answer.rows('part_group_replicas').map((row) => ({
        group: text(row, 'group_name'),
        isDistributed: bit(row, 'is_distributed'),
        replicaServerName: textOrNull(row, 'replica_server_name') ?? '',
        endpointUrl: textOrNull(row, 'endpoint_url') ?? '',
        availabilityModeDesc: textOrNull(row, 'availability_mode_desc') ?? '',
        failoverModeDesc: textOrNull(row, 'failover_mode_desc') ?? '',
        sessionTimeout: numberOrNull(row, 'session_timeout') ?? 0,
        seedingModeDesc: textOrNull(row, 'seeding_mode_desc') ?? '',
        secondaryRoleAllowConnectionsDesc:
          textOrNull(row, 'secondary_role_allow_connections_desc') ?? '',
        readOnlyRoutingUrl: textOrNull(row, 'read_only_routing_url'),
        routingTargets: number(row, 'routing_targets'),
        isLocal: bitOrNull(row, 'is_local'),
        roleDesc: textOrNull(row, 'role_desc'),
        connectedStateDesc: textOrNull(row, 'connected_state_desc'),
        lastConnectErrorNumber: numberOrNull(row, 'last_connect_error_number'),
        lastConnectErrorDescription: textOrNull(row, 'last_connect_error_description'),
      })),
  }),
  copies: onInstance({
    needs: ['viewServerState', 'viewAnyDefinition'],
    queries: { part_copies: COPY_QUERY },
    decode: (answer) =>
      answer.rows('part_copies').map((row) => ({
        group: text(row, 'group_name'),
        isDistributed: bit(row, 'is_distributed'),
        database: textOrNull(row, 'database_name') ?? '',
        replicaServerName: textOrNull(row, 'replica_server_name') ?? '',
        isLocal: bit(row, 'is_local'),
        isPrimaryReplica: bit(row, 'is_primary_replica'),
        synchronizationStateDesc: textOrNull(row, 'synchronization_state_desc') ?? '',
        databaseStateDesc: textOrNull(row, 'database_state_desc'),
        isSuspended: bit(row, 'is_suspended'),
      })),
  }),
  backupSteps: onInstance({
    needs: ['readMsdb'],
    queries: { part_backup_steps: BACKUP_STEP_QUERY },
    decode: (answer) =>
      answer.rows('part_backup_steps').map((row) => ({
        job: text(row, 'name'),
        isEnabled: number(row, 'enabled') !== 0,
        stepId: number(row, 'step_id'),
        subsystem: text(row, 'subsystem'),
        command: textOrNull(row, 'command') ?? '',
      })),
  }),
  orphans: inEachDatabase({
    needs: ['viewAnyDefinition'],
    queries: {
      part_orphans: ({ side }) =>
        side === 'target' ? ORPHAN_QUERY : { none: 'users are compared on the target' },
    },
    decode: (answer) => answer.rows('part_orphans').map((row) => text(row, 'name')),
  }),
};
