/**
 * The batch that reads the groups of one instance with every option, and its decoder; it changes nothing.
 *
 * As in `observe-batch.ts`, the name of a rowset's first column says which part it is, and columns that
 * a version does not have are left out.
 */

import { shownName } from '../../base/name.ts';
import type { Fact } from '../../model/fact.ts';
import type {
  DistributedInventory,
  EndpointInventory,
  GroupInventory,
  InstanceInventory,
  ListenerInventory,
  ReplicaInventory,
} from '../../model/inventory.ts';
import type { Side } from '../../model/side.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { bracket } from '../quote.ts';
import {
  attempt,
  bit,
  bitOrNull,
  DecodeError,
  number,
  numberOrNull,
  part,
  text,
  textOrNull,
} from './cell.ts';

/** Text of the batch; `versionMajor` 13 is 2016. */
export function inventoryBatch(versionMajor: number): string {
  return [
    'SET NOCOUNT ON;',
    SERVER,
    ENDPOINT,
    GRANTEES,
    groups(versionMajor),
    replicas(versionMajor),
    ROUTING,
    DATABASES,
    LISTENERS,
    ADDRESSES,
    CREATE_DATABASE,
  ].join('\n');
}

const SERVER = `SELECT 1 AS part_server, CONVERT(nvarchar(128), @@SERVERNAME) AS server_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version,
  SUSER_SNAME() AS login_name,
  HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW ANY DEFINITION') AS view_any_definition,
  HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE') AS view_server_state;`;

const ENDPOINT = `SELECT 1 AS part_endpoint, e.name, e.state_desc, e.role_desc, t.port, t.ip_address,
  e.connection_auth_desc, e.encryption_algorithm_desc, c.name AS certificate
FROM sys.database_mirroring_endpoints AS e
INNER JOIN sys.tcp_endpoints AS t ON t.endpoint_id = e.endpoint_id
LEFT JOIN master.sys.certificates AS c ON c.certificate_id = e.certificate_id;`;

const GRANTEES = `SELECT 1 AS part_grantees, p.name, p.type
FROM sys.server_permissions AS sp
INNER JOIN sys.database_mirroring_endpoints AS e ON e.endpoint_id = sp.major_id
INNER JOIN sys.server_principals AS p ON p.principal_id = sp.grantee_principal_id
WHERE sp.class = 105 AND sp.permission_name = N'CONNECT' AND sp.state IN ('G', 'W')
ORDER BY p.name;`;

function groups(versionMajor: number): string {
  const since2017 = versionMajor >= 14;
  return `SELECT 1 AS part_groups, ag.name, ag.is_distributed, ag.failure_condition_level,
  ag.health_check_timeout, ag.automated_backup_preference_desc, ag.basic_features, ag.dtc_support,
  ag.db_failover, rs.role_desc,
  ${since2017 ? 'ag.cluster_type_desc' : "N'wsfc'"} AS cluster_type_desc,
  ${since2017 ? 'ag.required_synchronized_secondaries_to_commit' : '0'} AS required_synchronized_secondaries_to_commit,
  ${versionMajor >= 15 ? 'ag.is_contained' : '0'} AS is_contained
FROM sys.availability_groups AS ag
LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON rs.group_id = ag.group_id AND rs.is_local = 1
ORDER BY ag.name;`;
}

function replicas(versionMajor: number): string {
  return `SELECT 1 AS part_replicas, ag.name AS group_name, ar.replica_server_name, ar.endpoint_url,
  ar.availability_mode_desc, ar.failover_mode_desc, ar.seeding_mode_desc, ar.backup_priority,
  ar.session_timeout, ar.primary_role_allow_connections_desc, ar.secondary_role_allow_connections_desc,
  ar.read_only_routing_url,
  ${versionMajor >= 15 ? 'ar.read_write_routing_url' : 'CONVERT(nvarchar(256), NULL)'} AS read_write_routing_url
FROM sys.availability_replicas AS ar
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
ORDER BY ag.name, ar.replica_metadata_id;`;
}

const ROUTING = `SELECT 1 AS part_routing, ag.name AS group_name, ar.replica_server_name, l.routing_priority,
  target.replica_server_name AS target_name
FROM sys.availability_read_only_routing_lists AS l
INNER JOIN sys.availability_replicas AS ar ON ar.replica_id = l.replica_id
INNER JOIN sys.availability_replicas AS target ON target.replica_id = l.read_only_replica_id
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
ORDER BY l.routing_priority;`;

const DATABASES = `SELECT 1 AS part_databases, ag.name AS group_name, d.database_name
FROM sys.availability_databases_cluster AS d
INNER JOIN sys.availability_groups AS ag ON ag.group_id = d.group_id
ORDER BY d.database_name;`;

const LISTENERS = `SELECT 1 AS part_listeners, ag.name AS group_name, l.listener_id, l.dns_name, l.port,
  l.is_distributed_network_name
FROM sys.availability_group_listeners AS l
INNER JOIN sys.availability_groups AS ag ON ag.group_id = l.group_id;`;

const ADDRESSES = `SELECT 1 AS part_addresses, a.listener_id, a.ip_address, a.ip_subnet_mask, a.is_dhcp
FROM sys.availability_group_listener_ip_addresses AS a;`;

const CREATE_DATABASE = `SELECT 1 AS part_create_database, ag.name AS group_name
FROM sys.server_permissions AS sp
INNER JOIN sys.availability_replicas AS ar ON ar.replica_metadata_id = sp.major_id
INNER JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id
WHERE sp.class = 108 AND sp.permission_name = N'CREATE ANY DATABASE' AND sp.state IN ('G', 'W');`;

/** Decodes the answer; unknown with the reason when a part is missing. */
export function decodeInventory(reply: RawReply, side: Side): Fact<InstanceInventory> {
  return attempt(() => {
    const parts = readParts(reply);
    const server = parts.server[0] ?? {};
    demandRights(server);
    return {
      side,
      instance: text(server, 'server_name'),
      versionMajor: Number.parseInt(text(server, 'product_version'), 10),
      endpoint: endpointOf(parts),
      groups: parts.groups
        .filter((row) => !bit(row, 'is_distributed'))
        .map((row) => groupOf(parts, row)),
      distributed: parts.groups
        .filter((row) => bit(row, 'is_distributed'))
        .map((row) => distributedOf(parts, row)),
    };
  });
}

/** Catalog views leave rows out for a login without rights: a script of what is left would look complete. */
function demandRights(server: RawRow): void {
  const login = text(server, 'login_name');
  const rights = {
    'VIEW ANY DEFINITION': 'view_any_definition',
    'VIEW SERVER STATE': 'view_server_state',
  };
  for (const [right, column] of Object.entries(rights)) {
    if (!bit(server, column)) {
      throw new DecodeError(
        `the login ${shownName(login)} has no ${right}, so groups would be left out without a word`,
        `GRANT ${right} TO ${bracket(login)};`,
      );
    }
  }
}

const PARTS = [
  'server',
  'endpoint',
  'grantees',
  'groups',
  'replicas',
  'routing',
  'databases',
  'listeners',
  'addresses',
  'create_database',
] as const;

type Parts = Readonly<Record<(typeof PARTS)[number], readonly RawRow[]>>;

function readParts(reply: RawReply): Parts {
  const rowsOf = (name: (typeof PARTS)[number]): readonly RawRow[] => {
    const found = part(reply, `part_${name}`);
    if (!found.known) throw new DecodeError(found.because);
    return found.value;
  };
  return {
    server: rowsOf('server'),
    endpoint: rowsOf('endpoint'),
    grantees: rowsOf('grantees'),
    groups: rowsOf('groups'),
    replicas: rowsOf('replicas'),
    routing: rowsOf('routing'),
    databases: rowsOf('databases'),
    listeners: rowsOf('listeners'),
    addresses: rowsOf('addresses'),
    create_database: rowsOf('create_database'),
  };
}

function endpointOf(parts: Parts): EndpointInventory | null {
  const row = parts.endpoint[0];
  if (row === undefined) return null;
  return {
    name: text(row, 'name'),
    stateDesc: text(row, 'state_desc'),
    roleDesc: textOrNull(row, 'role_desc') ?? 'ALL',
    port: number(row, 'port'),
    ipAddress: textOrNull(row, 'ip_address'),
    connectionAuthDesc: text(row, 'connection_auth_desc'),
    encryptionAlgorithmDesc: text(row, 'encryption_algorithm_desc'),
    certificate: textOrNull(row, 'certificate'),
    grantees: parts.grantees.map((grantee) => ({
      name: text(grantee, 'name'),
      type: text(grantee, 'type').trim(),
    })),
  };
}

function ofGroup(rows: readonly RawRow[], group: string): readonly RawRow[] {
  return rows.filter((row) => text(row, 'group_name') === group);
}

function groupOf(parts: Parts, row: RawRow): GroupInventory {
  const name = text(row, 'name');
  const routing = ofGroup(parts.routing, name);
  return {
    name,
    localRoleDesc: textOrNull(row, 'role_desc'),
    clusterTypeDesc: (textOrNull(row, 'cluster_type_desc') ?? 'wsfc').toUpperCase(),
    failureConditionLevel: numberOrNull(row, 'failure_condition_level'),
    healthCheckTimeout: numberOrNull(row, 'health_check_timeout'),
    automatedBackupPreferenceDesc: (
      textOrNull(row, 'automated_backup_preference_desc') ?? 'SECONDARY'
    ).toUpperCase(),
    isBasic: bit(row, 'basic_features'),
    isContained: bitOrNull(row, 'is_contained') ?? false,
    dtcSupport: bit(row, 'dtc_support'),
    dbFailover: bit(row, 'db_failover'),
    requiredSynchronizedSecondariesToCommit:
      numberOrNull(row, 'required_synchronized_secondaries_to_commit') ?? 0,
    canCreateAnyDatabase: ofGroup(parts.create_database, name).length > 0,
    replicas: ofGroup(parts.replicas, name).map((replica) => replicaOf(replica, routing)),
    databases: ofGroup(parts.databases, name).map((each) => text(each, 'database_name')),
    listeners: ofGroup(parts.listeners, name).map((each) => listenerOf(parts, each)),
  };
}

function replicaOf(row: RawRow, routing: readonly RawRow[]): ReplicaInventory {
  const server = text(row, 'replica_server_name');
  const own = routing.filter((each) => text(each, 'replica_server_name') === server);
  const priorities = [...new Set(own.map((each) => number(each, 'routing_priority')))];
  return {
    server,
    endpointUrl: text(row, 'endpoint_url'),
    availabilityModeDesc: text(row, 'availability_mode_desc'),
    failoverModeDesc: text(row, 'failover_mode_desc'),
    seedingModeDesc: text(row, 'seeding_mode_desc'),
    backupPriority: numberOrNull(row, 'backup_priority'),
    sessionTimeout: numberOrNull(row, 'session_timeout'),
    primaryAllowConnectionsDesc: textOrNull(row, 'primary_role_allow_connections_desc'),
    secondaryAllowConnectionsDesc: textOrNull(row, 'secondary_role_allow_connections_desc'),
    readOnlyRoutingUrl: textOrNull(row, 'read_only_routing_url'),
    readWriteRoutingUrl: textOrNull(row, 'read_write_routing_url'),
    readOnlyRoutingList: priorities.map((priority) =>
      own
        .filter((each) => number(each, 'routing_priority') === priority)
        .map((each) => text(each, 'target_name')),
    ),
  };
}

function listenerOf(parts: Parts, row: RawRow): ListenerInventory {
  const id = text(row, 'listener_id');
  return {
    name: text(row, 'dns_name'),
    port: numberOrNull(row, 'port'),
    isDistributedNetworkName: bit(row, 'is_distributed_network_name'),
    addresses: parts.addresses
      .filter((each) => text(each, 'listener_id') === id)
      .map((each) => ({
        ip: text(each, 'ip_address'),
        mask: textOrNull(each, 'ip_subnet_mask'),
        isDhcp: bit(each, 'is_dhcp'),
      })),
  };
}

function distributedOf(parts: Parts, row: RawRow): DistributedInventory {
  const name = text(row, 'name');
  return {
    name,
    localRoleDesc: textOrNull(row, 'role_desc'),
    requiredSynchronizedSecondariesToCommit:
      numberOrNull(row, 'required_synchronized_secondaries_to_commit') ?? 0,
    members: ofGroup(parts.replicas, name).map((member) => ({
      group: text(member, 'replica_server_name'),
      listenerUrl: text(member, 'endpoint_url'),
      availabilityModeDesc: text(member, 'availability_mode_desc'),
      seedingModeDesc: text(member, 'seeding_mode_desc'),
    })),
  };
}
