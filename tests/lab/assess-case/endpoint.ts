/** Lab cases of the rules about endpoints and who comes in through them. */

import { all, bothSides, type AssessCase, type Exemptions } from './case.ts';
import { everyInstance, instances, twoPlusTwo } from './definition.ts';

const ENDPOINT = 'ALTER ENDPOINT [Hadr_endpoint]';
const STOP = `${ENDPOINT} STATE = STOPPED`;
const WITNESS = `${ENDPOINT} FOR DATABASE_MIRRORING (ROLE = WITNESS)`;
const WEAK = `${ENDPOINT} FOR DATABASE_MIRRORING (ENCRYPTION = SUPPORTED ALGORITHM AES RC4)`;
const ONE_ADDRESS = `${ENDPOINT} AS TCP (LISTENER_PORT = 5022, LISTENER_IP = (10.0.0.4))`;
const OTHER_PORT = `${ENDPOINT} AS TCP (LISTENER_PORT = 5023, LISTENER_IP = ALL)`;
const PUBLIC = 'GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [public]';

function otherGroup(server: string): string {
  return `CREATE AVAILABILITY GROUP [Payroll] WITH (CLUSTER_TYPE = NONE) FOR
REPLICA ON N'${server}' WITH (ENDPOINT_URL = N'TCP://${server}.contoso.com:5022', FAILOVER_MODE = MANUAL,
AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, SEEDING_MODE = AUTOMATIC)`;
}

/** What is listening on the port of the endpoint. */
function listening(change: Readonly<Record<string, string | number>>) {
  return [{ port: 5022, ...change }];
}

/** The cases. */
export const endpointCases: readonly AssessCase[] = [
  {
    title: 'endpoints as migrate makes them',
    stage: 'endpoints',
    wire: true,
    expect: [
      ...bothSides('success', [
        'EP-EXISTS',
        'EP-STARTED',
        'EP-ADDRESS',
        'EP-PORT',
        'EP-SAME-PORT',
        'EP-ROLE',
        'EP-AUTHENTICATION',
        'EP-PORT-FREE',
        'EP-OWNER',
        'EP-ENCRYPTION',
        'EP-OLD-CIPHER',
        'EP-PUBLIC',
        'EP-LISTENING',
        'EP-SHARED',
        'PEER-CONNECT',
        'SERVICE-ACCOUNT',
        'FENCE-LOGINS',
      ]),
      ...all('success', ['PAIR-EP-ENCRYPTION', 'PAIR-EP-AUTHENTICATION', 'AUTH-DOMAIN']),
      ...bothSides('skipped', ['CERT-VALID', 'CERT-PRIVATE-KEY', 'CERT-PEER', 'AUTH-SCHEME']),
    ],
  },
  {
    title: 'both endpoints are stopped',
    stage: 'endpoints',
    source: [STOP],
    target: [STOP],
    expect: [
      {
        rule: 'SRC-EP-STARTED',
        outcome: 'warning',
        evidence: /STOPPED/u,
        remedy: /STATE = STARTED/u,
      },
      ...all('warning', ['TGT-EP-STARTED']),
      ...bothSides('skipped', ['EP-LISTENING']),
    ],
  },
  {
    title: 'both endpoints listen on one address only',
    stage: 'endpoints',
    source: [ONE_ADDRESS],
    target: [ONE_ADDRESS],
    expect: [
      { rule: 'SRC-EP-ADDRESS', outcome: 'error', evidence: /10\.0\.0\.4/u },
      ...all('error', ['TGT-EP-ADDRESS']),
    ],
  },
  {
    title: 'both endpoints have another port than the migration file',
    stage: 'endpoints',
    source: [OTHER_PORT],
    target: [OTHER_PORT],
    expect: bothSides('error', ['EP-PORT']),
  },
  {
    title: 'the endpoint of one replica has another port than the other one',
    lab: twoPlusTwo,
    source: [OTHER_PORT],
    target: [OTHER_PORT],
    expect: [
      {
        rule: 'SRC-EP-SAME-PORT',
        outcome: 'error',
        evidence: /\[OnPremNode1\] 5023, \[OnPremNode2\] 5022/u,
      },
      ...all('error', ['TGT-EP-SAME-PORT']),
    ],
  },
  {
    title: 'both endpoints are for a witness',
    stage: 'endpoints',
    source: [WITNESS],
    target: [WITNESS],
    expect: bothSides('error', ['EP-ROLE']),
  },
  {
    title: 'both endpoints also allow RC4, and partners without encryption',
    stage: 'endpoints',
    source: [WEAK],
    target: [WEAK],
    expect: [
      { rule: 'SRC-EP-ENCRYPTION', outcome: 'warning', evidence: /NONE/u },
      { rule: 'SRC-EP-OLD-CIPHER', outcome: 'warning', evidence: /RC4/u },
      ...all('warning', ['TGT-EP-ENCRYPTION', 'TGT-EP-OLD-CIPHER']),
    ],
  },
  {
    title: 'the source allows RC4 only, the target AES only',
    stage: 'endpoints',
    source: [`${ENDPOINT} FOR DATABASE_MIRRORING (ENCRYPTION = REQUIRED ALGORITHM RC4)`],
    expect: [{ rule: 'PAIR-EP-ENCRYPTION', outcome: 'error', evidence: /RC4, target AES/u }],
  },
  {
    title: 'everybody may connect to both endpoints',
    stage: 'endpoints',
    source: [PUBLIC],
    target: [PUBLIC],
    expect: [
      { rule: 'SRC-EP-PUBLIC', outcome: 'warning', remedy: /REVOKE CONNECT/u },
      ...all('warning', ['TGT-EP-PUBLIC']),
    ],
  },
  {
    title: 'the owner of both endpoints is gone',
    stage: 'endpoints',
    lab: everyInstance({
      catalog: {
        'sys.database_mirroring_endpoints': [{ name: 'Hadr_endpoint', principal_id: 9999 }],
      },
    }),
    expect: bothSides('warning', ['EP-OWNER']),
  },
  {
    title: 'both endpoints are started, but their port was taken when the service started',
    stage: 'endpoints',
    lab: everyInstance({
      catalog: { 'sys.dm_tcp_listener_states': listening({ state_desc: 'PENDING_RESTART' }) },
    }),
    expect: [
      { rule: 'SRC-EP-LISTENING', outcome: 'error', evidence: /PENDING_RESTART/u },
      ...all('error', ['TGT-EP-LISTENING']),
    ],
  },
  {
    title: 'Service Broker listens on port 5022 of both servers',
    lab: everyInstance({
      catalog: {
        'sys.dm_tcp_listener_states': listening({
          listener_id: 9,
          ip_address: '::',
          type_desc: 'SERVICE_BROKER',
          state_desc: 'ONLINE',
        }),
      },
    }),
    expect: bothSides('error', ['EP-PORT-FREE']),
  },
  {
    title: 'another group uses both endpoints',
    stage: 'groups',
    source: [otherGroup('OnPremNode')],
    target: [otherGroup('SQLVM')],
    expect: [
      { rule: 'SRC-EP-SHARED', outcome: 'warning', evidence: /group \[Payroll\]/u },
      ...all('warning', ['TGT-EP-SHARED']),
    ],
  },
  {
    title: 'both services run as a local account',
    lab: everyInstance({ serviceAccount: '.\\sql' }),
    expect: bothSides('error', ['SERVICE-ACCOUNT']),
  },
  {
    title: 'the target is in no domain',
    lab: instances('target', { domain: null }),
    expect: all('error', ['AUTH-DOMAIN']),
  },
  {
    title: 'the fence list names a login that is not there',
    migration: (migration) => ({
      ...migration,
      cutover: { ...migration.cutover, fenceLogins: ['absent'] },
    }),
    expect: [...all('error', ['SRC-FENCE-LOGINS']), ...all('warning', ['TGT-FENCE-LOGINS'])],
  },
];

const OUTSIDE = 'nothing over a SQL Server connection shows it';
const MADE = 'migrate makes what is missing, so it is said and not held against the server';

/** Rules without such cases. */
export const endpointExempt: Exemptions = {
  'NET-PATH': { passes: OUTSIDE, fails: OUTSIDE },
  'NET-REPLICA-PATHS': { passes: OUTSIDE, fails: OUTSIDE },
  'NET-FIREWALL': { passes: OUTSIDE, fails: OUTSIDE },
  'NET-NAMES': { passes: OUTSIDE, fails: OUTSIDE },
  'AUTH-DC': { passes: OUTSIDE, fails: OUTSIDE },
  'SRC-EP-EXISTS': { fails: MADE },
  'TGT-EP-EXISTS': { fails: MADE },
  'SRC-PEER-CONNECT': { fails: MADE },
  'TGT-PEER-CONNECT': { fails: MADE },
};
