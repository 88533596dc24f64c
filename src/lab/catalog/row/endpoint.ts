/** Rows of the endpoint views: the four a server is born with, and its mirroring endpoint. */

import type { EndpointState } from '../../hadr/state.ts';
import type { PlainRow } from '../cell.ts';
import { codes } from '../code.ts';
import { can, emptyView, type ViewContext, type ViewTable } from '../view.ts';
import { principalIdOf } from './security.ts';

interface SystemEndpoint {
  readonly id: number;
  readonly name: string;
  readonly protocol: number;
  readonly protocolText: string;
  readonly admin: boolean;
}

const SYSTEM_ENDPOINTS: readonly SystemEndpoint[] = [
  { id: 1, name: 'Dedicated Admin Connection', protocol: 2, protocolText: 'TCP', admin: true },
  { id: 2, name: 'TSQL Local Machine', protocol: 4, protocolText: 'SHARED_MEMORY', admin: false },
  { id: 3, name: 'TSQL Named Pipes', protocol: 3, protocolText: 'NAMED_PIPES', admin: false },
  { id: 4, name: 'TSQL Default TCP', protocol: 2, protocolText: 'TCP', admin: false },
];
const TCP = 2;
const SA_ID = 1;

const stateCode = codes('STARTED', 'STOPPED', 'DISABLED');
const roleCode = codes('NONE', 'PARTNER', 'WITNESS', 'ALL');
const authenticationCode = codes(
  '',
  'NTLM',
  'KERBEROS',
  'NEGOTIATE',
  'CERTIFICATE',
  'NTLM, CERTIFICATE',
  'KERBEROS, CERTIFICATE',
  'NEGOTIATE, CERTIFICATE',
  'CERTIFICATE, NTLM',
  'CERTIFICATE, KERBEROS',
  'CERTIFICATE, NEGOTIATE',
);
const encryptionCode = codes(
  'NONE',
  'RC4',
  'AES',
  'NONE, RC4',
  'NONE, AES',
  'RC4, AES',
  'AES, RC4',
  'NONE, RC4, AES',
  'NONE, AES, RC4',
);

/** Views about endpoints. */
export const endpointViews: ViewTable = {
  'sys.endpoints': { visibility: 'everyone', rows: endpointRows },
  'sys.tcp_endpoints': { visibility: 'everyone', rows: tcpRows },
  'sys.database_mirroring_endpoints': { visibility: 'everyone', rows: mirroringRows },
  'sys.dm_tcp_listener_states': { visibility: 'security', rows: listenerRows },
  'sys.dm_db_mirroring_connections': emptyView('security'),
};

function* endpointRows(context: ViewContext): Iterable<PlainRow> {
  for (const endpoint of SYSTEM_ENDPOINTS) yield systemRow(endpoint);
  const mirroring = visibleEndpoint(context);
  if (mirroring !== null) yield mirroringBase(context, mirroring);
}

function* tcpRows(context: ViewContext): Iterable<PlainRow> {
  for (const endpoint of SYSTEM_ENDPOINTS.filter(({ protocol }) => protocol === TCP)) {
    yield { ...systemRow(endpoint), port: 0, is_dynamic_port: endpoint.admin };
  }
  const mirroring = visibleEndpoint(context);
  if (mirroring !== null) {
    yield {
      ...mirroringBase(context, mirroring),
      port: mirroring.port,
      is_dynamic_port: false,
      ip_address: mirroring.ip,
    };
  }
}

function* mirroringRows(context: ViewContext): Iterable<PlainRow> {
  const endpoint = visibleEndpoint(context);
  if (endpoint === null) return;
  const role = roleCode(endpoint.role);
  const authentication = authenticationCode(authenticationText(endpoint));
  const encryption = encryptionCode(encryptionText(endpoint));
  const certificate = context.record.certificates.find(
    ({ name }) => name === endpoint.authentication.certificate,
  );
  yield {
    ...mirroringBase(context, endpoint),
    role: role.code,
    role_desc: role.text,
    is_encryption_enabled: encryption.code !== 0,
    connection_auth: authentication.code,
    connection_auth_desc: authentication.text,
    certificate_id: certificate?.certificateId ?? 0,
    encryption_algorithm: encryption.code,
    encryption_algorithm_desc: encryption.text,
  };
}

function* listenerRows({ instance, record }: ViewContext): Iterable<PlainRow> {
  const ports: { readonly port: number; readonly type: number; readonly text: string }[] = [
    { port: record.port, type: 0, text: 'TSQL' },
  ];
  if (instance.endpoint?.state === 'STARTED') {
    ports.push({ port: instance.endpoint.port, type: 2, text: 'DATABASE_MIRRORING' });
  }
  let id = 1;
  for (const { port, type, text } of ports) {
    for (const [ip, isIpv4] of [
      ['::', false],
      ['0.0.0.0', true],
    ] as const) {
      yield {
        listener_id: id,
        ip_address: ip,
        is_ipv4: isIpv4,
        port,
        type,
        type_desc: text,
        state: 1,
        state_desc: 'ONLINE',
        start_time: instance.startedAt,
      };
      id += 1;
    }
  }
}

function systemRow(endpoint: SystemEndpoint): PlainRow {
  return {
    name: endpoint.name,
    endpoint_id: endpoint.id,
    principal_id: SA_ID,
    protocol: endpoint.protocol,
    protocol_desc: endpoint.protocolText,
    type: 2,
    type_desc: 'TSQL',
    state: 0,
    state_desc: 'STARTED',
    is_admin_endpoint: endpoint.admin,
  };
}

function mirroringBase(context: ViewContext, endpoint: EndpointState): PlainRow {
  const state = stateCode(endpoint.state);
  return {
    name: endpoint.name,
    endpoint_id: endpoint.id,
    principal_id: principalIdOf(context, endpoint.owner) ?? SA_ID,
    protocol: TCP,
    protocol_desc: 'TCP',
    type: 4,
    type_desc: 'DATABASE_MIRRORING',
    state: state.code,
    state_desc: state.text,
    is_admin_endpoint: false,
  };
}

/** Metadata visibility: an endpoint is seen by who may see any definition, owns it, or may connect to it. */
function visibleEndpoint(context: ViewContext): EndpointState | null {
  const { endpoint } = context.instance;
  if (endpoint === null || can(context, 'VIEW ANY DEFINITION')) return endpoint;
  const login = context.identity.loginName;
  const permitted = ['CONNECT', 'VIEW DEFINITION'].some((permission) =>
    context.source.hasPermissionOn(login, permission, { class: 'ENDPOINT', name: endpoint.name }),
  );
  return permitted || endpoint.owner.toLowerCase() === login.toLowerCase() ? endpoint : null;
}

function authenticationText({ authentication }: EndpointState): string {
  const { windows, certificate, certificateFirst } = authentication;
  const parts = [windows, certificate === null ? null : 'CERTIFICATE'].filter(
    (part) => part !== null,
  );
  return (certificateFirst ? parts.toReversed() : parts).join(', ');
}

function encryptionText({ encryption }: EndpointState): string {
  if (encryption.mode === 'DISABLED') return 'NONE';
  const algorithms = (encryption.algorithm ?? 'AES').replace(' ', ', ');
  return encryption.mode === 'REQUIRED' ? algorithms : `NONE, ${algorithms}`;
}
