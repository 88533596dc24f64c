/** Identity and settings of the instance, and the session the facts are read on. */

import type { ServerParts } from '../../../model/assess-server.ts';
import type { RawRow } from '../../batch.ts';
import { bit, DecodeError, number, numberOrNull, text, textOrNull } from '../cell.ts';
import { onInstance, type PartAnswer, type PartsOf } from './part.ts';

const SERVER_QUERY = `SELECT 1 AS part_server,
  CONVERT(nvarchar(128), @@SERVERNAME) AS server_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS server_property_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('InstanceName')) AS instance_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('MachineName')) AS machine_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version,
  CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
  CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition,
  CONVERT(int, SERVERPROPERTY('IsHadrEnabled')) AS is_hadr_enabled,
  CONVERT(int, SERVERPROPERTY('HadrManagerStatus')) AS hadr_manager_status,
  CONVERT(int, SERVERPROPERTY('IsClustered')) AS is_clustered,
  CONVERT(nvarchar(128), SERVERPROPERTY('Collation')) AS collation,
  CONVERT(nvarchar(128), DEFAULT_DOMAIN()) AS default_domain,
  CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultDataPath')) AS default_data_path,
  CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultLogPath')) AS default_log_path,
  CONVERT(varchar(33), SYSUTCDATETIME(), 126) AS utc_now;`;

const SERVICE_QUERY = `SELECT 1 AS part_service, s.service_account, s.instant_file_initialization_enabled
FROM sys.dm_server_services AS s
WHERE s.servicename LIKE N'SQL Server (%';`;

const WORKER_QUERY = `SELECT 1 AS part_workers, i.max_workers_count
FROM sys.dm_os_sys_info AS i;`;

const SESSION_QUERY = `SELECT 1 AS part_session, c.encrypt_option, c.auth_scheme, c.net_transport, c.local_tcp_port
FROM sys.dm_exec_connections AS c
WHERE c.session_id = @@SPID;`;

/** The parts of this family. */
export const serverParts: PartsOf<ServerParts> = {
  server: onInstance({
    needs: [],
    queries: {
      part_server: SERVER_QUERY,
      part_service: SERVICE_QUERY,
      part_workers: WORKER_QUERY,
    },
    decode: decodeServer,
  }),
  session: onInstance({
    needs: ['viewServerState'],
    queries: { part_session: SESSION_QUERY },
    decode: (answer) => {
      const [row] = answer.rows('part_session');
      if (row === undefined)
        throw new DecodeError('sys.dm_exec_connections shows no row for this session');
      return {
        encrypted: text(row, 'encrypt_option') === 'TRUE',
        authScheme: text(row, 'auth_scheme'),
        netTransport: text(row, 'net_transport'),
        localTcpPort: numberOrNull(row, 'local_tcp_port'),
      };
    },
  }),
};

function decodeServer(answer: PartAnswer): ServerParts['server'] {
  const row = answer.rows('part_server')[0] ?? {};
  const service = firstRow(answer, 'part_service');
  const workers = firstRow(answer, 'part_workers');
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
}

/** The row of a view that shows one, or nothing to a login without its right. */
function firstRow(answer: PartAnswer, rowset: string): RawRow | null {
  const rows = answer.fact(rowset);
  return rows.known ? (rows.value[0] ?? null) : null;
}
