/** Clusters, listeners, certificates in master, connections of the endpoint, sessions of applications. */

import type { NetworkParts } from '../../../model/assess-network.ts';
import { bit, bitOrNull, number, numberOrNull, text, textOrNull } from '../cell.ts';
import { onInstance, type AssessOptions, type NotHere, type PartsOf } from './part.ts';

const CLUSTER_QUERY = `SELECT 1 AS part_cluster, c.cluster_name, c.quorum_type_desc, c.quorum_state_desc
FROM sys.dm_hadr_cluster AS c
WHERE c.cluster_name <> N'';`;

const MEMBER_QUERY = `SELECT 1 AS part_cluster_members, m.member_name, m.member_type_desc, m.member_state_desc,
  m.number_of_quorum_votes
FROM sys.dm_hadr_cluster_members AS m;`;

const LISTENER_QUERY = `SELECT 1 AS part_listener_names, ag.name AS group_name, l.listener_id, l.dns_name, l.port, l.is_conformant
FROM sys.availability_group_listeners AS l
INNER JOIN sys.availability_groups AS ag ON ag.group_id = l.group_id;`;

const ADDRESS_QUERY = `SELECT 1 AS part_listener_addresses, a.listener_id, a.ip_address, a.network_subnet_ip, a.is_dhcp, a.state_desc
FROM sys.availability_group_listener_ip_addresses AS a;`;

/** Came with cumulative update 8 of 2019: a query of its own, which may fail with 207. */
function networkNameQuery({ versionMajor }: AssessOptions): string | NotHere {
  return versionMajor < 15
    ? { none: 'this version has no distributed network names' }
    : `SELECT 1 AS part_listener_network_names, l.listener_id, l.is_distributed_network_name
FROM sys.availability_group_listeners AS l;`;
}

const CERTIFICATE_QUERY = `SELECT 1 AS part_certificates, c.certificate_id, c.name,
  CONVERT(varchar(66), c.thumbprint, 1) AS thumbprint, c.pvt_key_encryption_type_desc,
  CONVERT(varchar(33), c.start_date, 126) AS start_date, CONVERT(varchar(33), c.expiry_date, 126) AS expiry_date
FROM master.sys.certificates AS c
WHERE c.name NOT LIKE N'##%';`;

const TRANSPORT_QUERY = `SELECT 1 AS part_transport, c.state_desc, c.authentication_method, c.principal_name,
  c.encryption_algorithm_desc
FROM sys.dm_db_mirroring_connections AS c;`;

const SESSION_QUERY = `SELECT 1 AS part_database_sessions, DB_NAME(s.database_id) AS database_name, s.login_name,
  s.program_name, COUNT(*) AS sessions
FROM sys.dm_exec_sessions AS s
WHERE s.is_user_process = 1 AND s.database_id > 4 AND s.session_id <> @@SPID
  AND s.program_name NOT LIKE N'sqlferry%' AND s.program_name NOT LIKE N'SQLAgent%'
GROUP BY s.database_id, s.login_name, s.program_name;`;

/** The parts of this family. */
export const networkParts: PartsOf<NetworkParts> = {
  cluster: onInstance({
    needs: ['viewServerState'],
    queries: { part_cluster: CLUSTER_QUERY, part_cluster_members: MEMBER_QUERY },
    decode: (answer) => {
      const [row] = answer.rows('part_cluster');
      // Outside a cluster nobody needs its members, and their view may fail there.
      if (row === undefined) return null;
      const members = answer.rows('part_cluster_members');
      return {
        clusterName: text(row, 'cluster_name'),
        quorumTypeDesc: text(row, 'quorum_type_desc'),
        quorumStateDesc: text(row, 'quorum_state_desc'),
        members: members.map((member) => ({
          memberName: text(member, 'member_name'),
          memberTypeDesc: text(member, 'member_type_desc'),
          memberStateDesc: text(member, 'member_state_desc'),
          numberOfQuorumVotes: numberOrNull(member, 'number_of_quorum_votes'),
        })),
      };
    },
  }),
  groupListeners: onInstance({
    needs: ['viewAnyDefinition'],
    queries: {
      part_listener_names: LISTENER_QUERY,
      part_listener_addresses: ADDRESS_QUERY,
      part_listener_network_names: networkNameQuery,
    },
    decode: (answer) => {
      const addresses = answer.rows('part_listener_addresses');
      const names = answer.fact('part_listener_network_names');
      return answer.rows('part_listener_names').map((row) => {
        const id = text(row, 'listener_id');
        const own = (names.known ? names.value : []).find(
          (name) => textOrNull(name, 'listener_id') === id,
        );
        return {
          group: text(row, 'group_name'),
          dnsName: textOrNull(row, 'dns_name') ?? '',
          port: numberOrNull(row, 'port'),
          isConformant: bit(row, 'is_conformant'),
          isDistributedNetworkName:
            own === undefined ? null : bitOrNull(own, 'is_distributed_network_name'),
          addresses: addresses
            .filter((address) => textOrNull(address, 'listener_id') === id)
            .map((address) => ({
              ipAddress: textOrNull(address, 'ip_address') ?? '',
              networkSubnetIp: textOrNull(address, 'network_subnet_ip'),
              isDhcp: bit(address, 'is_dhcp'),
              stateDesc: textOrNull(address, 'state_desc') ?? '',
            })),
        };
      });
    },
  }),
  certificates: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_certificates: CERTIFICATE_QUERY },
    decode: (answer) =>
      answer.rows('part_certificates').map((row) => ({
        certificateId: number(row, 'certificate_id'),
        name: text(row, 'name'),
        thumbprint: text(row, 'thumbprint'),
        pvtKeyEncryptionTypeDesc: textOrNull(row, 'pvt_key_encryption_type_desc') ?? '',
        startDate: textOrNull(row, 'start_date'),
        expiryDate: textOrNull(row, 'expiry_date'),
      })),
  }),
  transport: onInstance({
    needs: ['viewServerState'],
    queries: { part_transport: TRANSPORT_QUERY },
    decode: (answer) =>
      answer.rows('part_transport').map((row) => ({
        stateDesc: textOrNull(row, 'state_desc') ?? '',
        authenticationMethod: textOrNull(row, 'authentication_method'),
        principalName: textOrNull(row, 'principal_name'),
        encryptionAlgorithmDesc: textOrNull(row, 'encryption_algorithm_desc') ?? 'NONE',
      })),
  }),
  databaseSessions: onInstance({
    needs: ['viewServerState'],
    queries: { part_database_sessions: SESSION_QUERY },
    decode: (answer) =>
      answer.rows('part_database_sessions').map((row) => ({
        database: textOrNull(row, 'database_name') ?? '',
        loginName: text(row, 'login_name'),
        programName: textOrNull(row, 'program_name') ?? '',
        sessions: number(row, 'sessions'),
      })),
  }),
};
