/**
 * From the raw answer of the assess batch to `SideFacts`.
 *
 * The rights decide what may be trusted: without VIEW ANY DEFINITION or VIEW SERVER STATE the parts
 * that would come back with rows left out are unknown. Databases and groups are in files of their own.
 */

import { known, unknown, type Fact } from '../../model/fact.ts';
import type {
  EndpointFacts,
  PermissionFacts,
  ServerFacts,
  SessionFacts,
  SideFacts,
} from '../../model/assess-facts.ts';
import type { Migration } from '../../model/migration.ts';
import type { Problem } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { decodeDatabaseFacts, decodeFileFacts } from './assess-decode-database.ts';
import { decodeGroupFacts } from './assess-decode-group.ts';
import {
  bit,
  bitOrNull,
  decodePart,
  number,
  numberOrNull,
  part,
  text,
  textOrNull,
} from './cell.ts';

/** Who was asked. */
export interface FactsOptions {
  readonly migration: Migration;
  readonly side: Side;
}

const NO_STATE = 'the login lacks VIEW SERVER STATE';
const NO_DEFINITION = 'the login lacks VIEW ANY DEFINITION';

/** Decodes the answer of one instance. */
export function decodeFacts(reply: RawReply, options: FactsOptions): SideFacts {
  const permissions = decodePart(part(reply, 'part_permissions'), (rows) =>
    decodePermissions(rows[0] ?? {}),
  );
  const state = right(permissions, 'viewServerState', NO_STATE);
  const definition = right(permissions, 'viewAnyDefinition', NO_DEFINITION);
  const both = state.known ? definition : state;
  const rows = <T>(needed: Fact<true>, name: string, decode: (row: RawRow) => T) =>
    needed.known
      ? decodePart(part(reply, name), (found): readonly T[] => found.map((row) => decode(row)))
      : needed;
  return {
    side: options.side,
    instance: instanceOf(options),
    connection: { kind: 'connected' },
    permissions,
    server: decodeServer(reply),
    session: state.known ? decodeSession(reply) : state,
    databases: decodeDatabaseFacts(reply, permissions),
    files: definition.known ? decodeFileFacts(reply) : definition,
    endpoints: definition.known ? decodeEndpoints(reply) : definition,
    listeners: rows(state, 'part_listeners', (row) => ({
      ipAddress: text(row, 'ip_address'),
      port: number(row, 'port'),
      typeDesc: text(row, 'type_desc'),
      stateDesc: text(row, 'state_desc'),
    })),
    availabilityGroups: both.known ? decodeGroupFacts(reply) : both,
    windowsLogins: rows(definition, 'part_windows_logins', (row) => ({
      name: text(row, 'name'),
      isSysadmin: bit(row, 'is_sysadmin'),
    })),
    fenceLogins: rows(definition, 'part_fence_logins', (row) => ({
      name: text(row, 'name'),
      isDisabled: bit(row, 'is_disabled'),
    })),
    configuration: rows(known(true), 'part_configuration', (row) => ({
      name: text(row, 'name'),
      valueInUse: number(row, 'value_in_use'),
    })),
  };
}

/** The facts of an instance that could not be asked. */
export function unreachableFacts(options: FactsOptions, problem: Problem): SideFacts {
  const fact = unknown(problem.summary);
  return {
    side: options.side,
    instance: instanceOf(options),
    connection: { kind: 'unreachable', problem },
    permissions: fact,
    server: fact,
    session: fact,
    databases: fact,
    files: fact,
    endpoints: fact,
    listeners: fact,
    availabilityGroups: fact,
    windowsLogins: fact,
    fenceLogins: fact,
    configuration: fact,
  };
}

function instanceOf(options: FactsOptions): string {
  const { migration, side } = options;
  return (side === 'source' ? migration.source : migration.target).instances[0].name;
}

function right(
  permissions: Fact<PermissionFacts>,
  needed: 'viewServerState' | 'viewAnyDefinition',
  because: string,
): Fact<true> {
  if (!permissions.known) return permissions;
  return permissions.value[needed] ? known(true) : unknown(because);
}

function decodePermissions(row: RawRow): PermissionFacts {
  return {
    loginName: text(row, 'login_name'),
    isSysadmin: bit(row, 'is_sysadmin'),
    viewServerState:
      bit(row, 'view_server_state') || (bitOrNull(row, 'view_server_performance_state') ?? false),
    viewAnyDefinition: bit(row, 'view_any_definition'),
    viewAnyDatabase: bit(row, 'view_any_database'),
    alterAnyAvailabilityGroup: bit(row, 'alter_any_availability_group'),
    createAvailabilityGroup: bit(row, 'create_availability_group'),
    createEndpoint: bit(row, 'create_endpoint'),
    alterAnyEndpoint: bit(row, 'alter_any_endpoint'),
    alterAnyLogin: bit(row, 'alter_any_login'),
    alterAnyConnection: bit(row, 'alter_any_connection'),
    createAnyDatabase: bit(row, 'create_any_database'),
    readBackupHistory: bit(row, 'read_backup_history'),
  };
}

function decodeServer(reply: RawReply): Fact<ServerFacts> {
  const service = firstRow(part(reply, 'part_service'));
  const workers = firstRow(part(reply, 'part_workers'));
  return decodePart(part(reply, 'part_server'), (rows) => {
    const row = rows[0] ?? {};
    const productVersion = text(row, 'product_version');
    const serverPropertyName = text(row, 'server_property_name');
    const instant =
      service === null ? null : textOrNull(service, 'instant_file_initialization_enabled');
    return {
      serverName: textOrNull(row, 'server_name'),
      serverPropertyName,
      instanceName: textOrNull(row, 'instance_name'),
      machineName: textOrNull(row, 'machine_name') ?? serverPropertyName,
      versionMajor: Number.parseInt(productVersion, 10),
      productVersion,
      edition: text(row, 'edition'),
      engineEdition: number(row, 'engine_edition'),
      isHadrEnabled: bit(row, 'is_hadr_enabled'),
      hadrManagerStatus: numberOrNull(row, 'hadr_manager_status'),
      isClustered: bit(row, 'is_clustered'),
      collation: text(row, 'collation'),
      defaultDomain: textOrNull(row, 'default_domain'),
      serviceAccount: service === null ? null : textOrNull(service, 'service_account'),
      instantFileInitialization: instant === null ? null : instant === 'Y',
      defaultDataPath: textOrNull(row, 'default_data_path'),
      defaultLogPath: textOrNull(row, 'default_log_path'),
      utcNow: `${text(row, 'utc_now')}Z`,
      maxWorkersCount: workers === null ? null : numberOrNull(workers, 'max_workers_count'),
    };
  });
}

function firstRow(rows: Fact<readonly RawRow[]>): RawRow | null {
  return rows.known ? (rows.value[0] ?? null) : null;
}

function decodeSession(reply: RawReply): Fact<SessionFacts> {
  const session = decodePart(part(reply, 'part_session'), (rows) => {
    const row = rows[0];
    if (row === undefined) return null;
    return {
      encrypted: text(row, 'encrypt_option') === 'TRUE',
      authScheme: text(row, 'auth_scheme'),
      netTransport: text(row, 'net_transport'),
      localTcpPort: numberOrNull(row, 'local_tcp_port'),
    };
  });
  if (!session.known) return session;
  return session.value === null
    ? unknown('sys.dm_exec_connections shows no row for this session')
    : known(session.value);
}

function decodeEndpoints(reply: RawReply): Fact<readonly EndpointFacts[]> {
  const grants = part(reply, 'part_endpoint_grants');
  if (!grants.known) return grants;
  return decodePart(part(reply, 'part_endpoints'), (rows): readonly EndpointFacts[] =>
    rows.map((row) => {
      const name = text(row, 'name');
      return {
        name,
        stateDesc: text(row, 'state_desc'),
        roleDesc: textOrNull(row, 'role_desc') ?? '',
        port: number(row, 'port'),
        ipAddress: textOrNull(row, 'ip_address'),
        connectionAuthDesc: textOrNull(row, 'connection_auth_desc') ?? '',
        isEncryptionEnabled: bit(row, 'is_encryption_enabled'),
        encryptionAlgorithmDesc: textOrNull(row, 'encryption_algorithm_desc') ?? '',
        connectGrantees: grants.value
          .filter((grant) => text(grant, 'endpoint_name') === name)
          .map((grant) => text(grant, 'name')),
      };
    }),
  );
}
