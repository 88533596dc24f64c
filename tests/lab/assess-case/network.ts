/** Lab cases of the rules about addresses, listeners and the link between the sides. */

import type { DeclaredCatalog } from '../../../src/lab/declared.ts';
import { all, bothSides, type AssessCase } from './case.ts';
import { twoPlusTwo, twoPlusTwoWith } from './definition.ts';

function modifyUrl(group: string, server: string, url: string): string {
  return `ALTER AVAILABILITY GROUP [${group}] MODIFY REPLICA ON N'${server}' WITH (ENDPOINT_URL = N'${url}')`;
}

function modifyMembers(url: (server: string) => string): string {
  return `ALTER AVAILABILITY GROUP [DAG] MODIFY AVAILABILITY GROUP ON
'OnPremAG' WITH (LISTENER_URL = '${url('OnPremNode')}'), 'AzureAG' WITH (LISTENER_URL = '${url('SQLVM')}')`;
}

/** The same rows for the listeners of both sides. */
function listeners(change: DeclaredCatalog[string][number]): DeclaredCatalog {
  return {
    'sys.availability_group_listeners': ['OnPremAG_LST', 'AzureAG_LST'].map((name) => ({
      dns_name: name,
      ...change,
    })),
  };
}

function addresses(change: DeclaredCatalog[string][number]): DeclaredCatalog {
  return {
    'sys.availability_group_listener_ip_addresses': ['10.0.0.50', '10.1.0.50'].map((address) => ({
      ip_address: address,
      ...change,
    })),
  };
}

const SHORT = modifyMembers((server) => `tcp://${server}:5022`);
const CLIENT_PORT = modifyMembers((server) => `tcp://${server}.contoso.com:1433`);
const ELSEWHERE = modifyMembers((server) => `tcp://${server}-old.contoso.com:5022`);

const urls: readonly AssessCase[] = [
  {
    title: 'the distributed group leads to full names and endpoint ports',
    stage: 'distributed',
    expect: bothSides('success', [
      'AG-URL-PORT',
      'AG-URL-HOST',
      'DAG-URL-PORT',
      'DAG-URL-HOST',
      'DAG-CONNECTED',
    ]),
  },
  {
    title: 'the endpoint URLs of the replicas have the port of the clients',
    stage: 'groups',
    source: [modifyUrl('OnPremAG', 'OnPremNode', 'TCP://OnPremNode.contoso.com:1433')],
    target: [modifyUrl('AzureAG', 'SQLVM', 'TCP://SQLVM.contoso.com:1433')],
    expect: [
      { rule: 'SRC-AG-URL-PORT', outcome: 'error', evidence: /:1433, the endpoint has port 5022/u },
      ...all('error', ['TGT-AG-URL-PORT']),
    ],
  },
  {
    title: 'the endpoint URLs of the replicas have short names',
    stage: 'groups',
    source: [modifyUrl('OnPremAG', 'OnPremNode', 'TCP://OnPremNode:5022')],
    target: [modifyUrl('AzureAG', 'SQLVM', 'TCP://SQLVM:5022')],
    expect: [
      { rule: 'SRC-AG-URL-HOST', outcome: 'warning', remedy: /Resolve-DnsName OnPremNode/u },
      ...all('warning', ['TGT-AG-URL-HOST']),
    ],
  },
  {
    title: 'the listener URLs have the port of the clients',
    stage: 'distributed',
    source: [CLIENT_PORT],
    target: [CLIENT_PORT],
    expect: bothSides('error', ['DAG-URL-PORT']),
  },
  {
    title: 'the listener URLs have short names',
    stage: 'distributed',
    source: [SHORT],
    target: [SHORT],
    expect: bothSides('warning', ['DAG-URL-HOST']),
  },
  {
    title: 'the listener URLs lead to other hosts',
    stage: 'distributed',
    source: [ELSEWHERE],
    target: [ELSEWHERE],
    expect: [
      { rule: 'SRC-DAG-URL-HOST', outcome: 'warning', evidence: /OnPremNode-old/u },
      ...all('warning', ['TGT-DAG-URL-HOST']),
    ],
  },
  {
    title: 'the network between the sides is cut',
    stage: 'distributed',
    faults: [{ fault: 'partition', a: 'OnPremNode', b: 'SQLVM' }],
    expect: [
      {
        rule: 'SRC-DAG-CONNECTED',
        outcome: 'error',
        evidence: /\[AzureAG\] is DISCONNECTED/u,
        remedy: /Test-NetConnection SQLVM\.contoso\.com -Port 5022/u,
      },
      ...all('error', ['TGT-DAG-CONNECTED']),
    ],
  },
];

const names: readonly AssessCase[] = [
  {
    title: 'a listener with one address on each side',
    lab: twoPlusTwo,
    expect: [
      ...bothSides('success', [
        'LST-EXISTS',
        'LST-NAME',
        'LST-DNN',
        'LST-CONFORMANT',
        'LST-ONLINE',
        'LST-PORT',
        'LST-ADDRESSES',
        'LST-STATIC',
      ]),
      ...all('success', ['LST-NETBIOS']),
      {
        rule: 'TGT-LST-BALANCER',
        outcome: 'warning',
        evidence: /one subnet \(10\.1\.0\.0\)/u,
        remedy: /ports 1433 and 5022/u,
      },
    ],
  },
  {
    title: 'the listener of the target has addresses in two subnets',
    lab: twoPlusTwo,
    target: [
      "ALTER AVAILABILITY GROUP [AzureAG] MODIFY LISTENER N'AzureAG_LST' (ADD IP (N'10.2.0.50', N'255.255.255.0'))",
    ],
    expect: [
      { rule: 'TGT-LST-BALANCER', outcome: 'success', evidence: /2 subnets/u },
      { rule: 'TGT-LST-ADDRESSES', outcome: 'warning', evidence: /10\.2\.0\.50/u },
    ],
  },
  {
    title: 'groups of two replicas have no listener',
    lab: (definition) => {
      const made = twoPlusTwo(definition);
      const groups = (made.groups ?? []).map((group) => ({ ...group, listener: null }));
      return { ...made, groups, listeners: [] };
    },
    expect: bothSides('error', ['LST-EXISTS']),
  },
  {
    title: 'the migration file has other names and addresses for the listeners',
    lab: twoPlusTwo,
    migration: (migration) => {
      const other = (side: typeof migration.source): typeof migration.source => ({
        ...side,
        listener: { name: 'Other_LST', port: 1533, ips: ['10.9.9.9'] },
      });
      return { ...migration, source: other(migration.source), target: other(migration.target) };
    },
    expect: [
      { rule: 'SRC-LST-NAME', outcome: 'error', evidence: /\[OnPremAG_LST\].*\[Other_LST\]/u },
      { rule: 'SRC-LST-PORT', outcome: 'error', evidence: /1433.*1533/u },
      { rule: 'SRC-LST-ADDRESSES', outcome: 'warning', evidence: /10\.0\.0\.50.*10\.9\.9\.9/u },
      ...all('error', ['TGT-LST-NAME', 'TGT-LST-PORT']),
    ],
  },
  {
    title: 'the names of both listeners begin with the same 15 characters',
    lab: twoPlusTwo,
    migration: (migration) => {
      const named = (side: typeof migration.source, name: string): typeof migration.source => ({
        ...side,
        listener: { name, port: 1433, ips: [] },
      });
      return {
        ...migration,
        source: named(migration.source, 'CustomerDatabaseA'),
        target: named(migration.target, 'CustomerDatabaseB'),
      };
    },
    expect: all('error', ['LST-NETBIOS']),
  },
  {
    title: 'the listeners are distributed network names that the cluster did not make',
    lab: twoPlusTwoWith(listeners({ is_distributed_network_name: true, is_conformant: false })),
    expect: [...bothSides('error', ['LST-DNN']), ...bothSides('warning', ['LST-CONFORMANT'])],
  },
  {
    title: 'the listeners are offline and have addresses from DHCP',
    lab: twoPlusTwoWith(addresses({ is_dhcp: true, state: 0, state_desc: 'OFFLINE' })),
    expect: [
      { rule: 'SRC-LST-ONLINE', outcome: 'error', evidence: /10\.0\.0\.50 OFFLINE/u },
      ...all('error', ['TGT-LST-ONLINE']),
      ...bothSides('warning', ['LST-STATIC']),
    ],
  },
];

/** The cases. */
export const networkCases: readonly AssessCase[] = [...urls, ...names];
