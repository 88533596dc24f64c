/** The database mirroring endpoint and what listens on TCP. */

import type { EndpointParts } from '../../../model/assess-endpoint.ts';
import { bit, number, text, textOrNull } from '../cell.ts';
import { onInstance, type PartsOf } from './part.ts';

const ENDPOINT_QUERY = `SELECT 1 AS part_endpoints, e.name, e.state_desc, e.role_desc, t.port, t.ip_address,
  e.connection_auth_desc, e.is_encryption_enabled, e.encryption_algorithm_desc,
  p.name AS owner_name, c.name AS certificate_name
FROM sys.database_mirroring_endpoints AS e
INNER JOIN sys.tcp_endpoints AS t ON t.endpoint_id = e.endpoint_id
LEFT JOIN sys.server_principals AS p ON p.principal_id = e.principal_id
LEFT JOIN master.sys.certificates AS c ON c.certificate_id = e.certificate_id;`;

const ENDPOINT_GRANT_QUERY = `SELECT 1 AS part_endpoint_grants, e.name AS endpoint_name, p.name
FROM sys.server_permissions AS sp
INNER JOIN sys.database_mirroring_endpoints AS e ON e.endpoint_id = sp.major_id
INNER JOIN sys.server_principals AS p ON p.principal_id = sp.grantee_principal_id
WHERE sp.class = 105 AND sp.permission_name = N'CONNECT' AND sp.state IN ('G', 'W');`;

const LISTENER_QUERY = `SELECT 1 AS part_listeners, l.ip_address, l.port, l.type_desc, l.state_desc
FROM sys.dm_tcp_listener_states AS l;`;

/** The parts of this family. */
export const endpointParts: PartsOf<EndpointParts> = {
  endpoints: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_endpoints: ENDPOINT_QUERY, part_endpoint_grants: ENDPOINT_GRANT_QUERY },
    decode: (answer) => {
      const grants = answer.rows('part_endpoint_grants');
      return answer.rows('part_endpoints').map((row) => {
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
          ownerName: textOrNull(row, 'owner_name'),
          certificate: textOrNull(row, 'certificate_name'),
          connectGrantees: grants
            .filter((grant) => text(grant, 'endpoint_name') === name)
            .map((grant) => text(grant, 'name')),
        };
      });
    },
  }),
  listeners: onInstance({
    needs: ['viewServerState'],
    queries: { part_listeners: LISTENER_QUERY },
    decode: (answer) =>
      answer.rows('part_listeners').map((row) => ({
        ipAddress: text(row, 'ip_address'),
        port: number(row, 'port'),
        typeDesc: text(row, 'type_desc'),
        stateDesc: text(row, 'state_desc'),
      })),
  }),
};
