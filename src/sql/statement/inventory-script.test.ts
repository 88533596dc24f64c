import assert from 'node:assert/strict';
import { test } from 'node:test';

import type {
  EndpointInventory,
  GroupInventory,
  InstanceInventory,
  ReplicaInventory,
} from '../../model/inventory.ts';
import { inventoryScript } from './inventory-script.ts';

const replica: ReplicaInventory = {
  server: 'NODE1',
  endpointUrl: 'TCP://node1:5022',
  availabilityModeDesc: 'SYNCHRONOUS_COMMIT',
  failoverModeDesc: 'MANUAL',
  seedingModeDesc: 'AUTOMATIC',
  backupPriority: 50,
  sessionTimeout: 10,
  primaryAllowConnectionsDesc: 'ALL',
  secondaryAllowConnectionsDesc: 'NO',
  readOnlyRoutingUrl: null,
  readWriteRoutingUrl: null,
  readOnlyRoutingList: [],
};

const group: GroupInventory = {
  name: 'AG',
  localRoleDesc: 'PRIMARY',
  clusterTypeDesc: 'WSFC',
  failureConditionLevel: 3,
  healthCheckTimeout: 30_000,
  automatedBackupPreferenceDesc: 'SECONDARY',
  isBasic: false,
  isContained: false,
  dtcSupport: false,
  dbFailover: true,
  requiredSynchronizedSecondariesToCommit: 0,
  canCreateAnyDatabase: false,
  replicas: [replica],
  databases: ['Sales'],
  listeners: [],
};

const endpoint: EndpointInventory = {
  name: 'Hadr_endpoint',
  stateDesc: 'STARTED',
  roleDesc: 'ALL',
  port: 5022,
  ipAddress: null,
  connectionAuthDesc: 'NEGOTIATE',
  encryptionAlgorithmDesc: 'AES',
  certificate: null,
  grantees: [],
};

function instance(change: Partial<InstanceInventory>): InstanceInventory {
  return {
    side: 'source',
    instance: 'NODE1',
    versionMajor: 16,
    endpoint: null,
    groups: [],
    distributed: [],
    ...change,
  };
}

function script(...instances: readonly InstanceInventory[]): string {
  return inventoryScript(instances, 'everything')
    .flatMap(({ instance: name, statements }) => [`:${name}`, ...statements])
    .join('\n');
}

const endpointText = (change: Partial<EndpointInventory>): string =>
  script(instance({ endpoint: { ...endpoint, ...change } }));

const groupText = (change: Partial<GroupInventory>, versionMajor = 16): string =>
  script(instance({ versionMajor, groups: [{ ...group, ...change }] }));

test('an endpoint is written with its authentication, in its order', () => {
  const text = (connectionAuthDesc: string): string =>
    endpointText({ connectionAuthDesc, certificate: 'own]cert' });
  assert.match(text('CERTIFICATE'), /AUTHENTICATION = CERTIFICATE \[own\]\]cert\],/u);
  assert.match(text('KERBEROS, CERTIFICATE'), /= WINDOWS KERBEROS CERTIFICATE \[own\]\]cert\],/u);
  assert.match(text('CERTIFICATE, NTLM'), /= CERTIFICATE \[own\]\]cert\] WINDOWS NTLM,/u);
  assert.match(text('CERTIFICATE'), /^-- The endpoint uses the certificate own\]cert of master/mu);
});

test('an endpoint is written with its encryption', () => {
  const text = (encryptionAlgorithmDesc: string): string =>
    /ENCRYPTION = ([^\n]*)/u.exec(endpointText({ encryptionAlgorithmDesc }))?.[1] ?? '';
  assert.equal(text('NONE'), 'DISABLED');
  assert.equal(text('AES'), 'REQUIRED ALGORITHM AES');
  assert.equal(text('AES, RC4'), 'REQUIRED ALGORITHM AES RC4');
  assert.equal(text('NONE, RC4, AES'), 'SUPPORTED ALGORITHM RC4 AES');
});

test('an endpoint is written with its address', () => {
  const text = (ipAddress: string | null): string =>
    /LISTENER_IP = ([^\n]*)\)\n/u.exec(endpointText({ ipAddress }))?.[1] ?? '';
  assert.equal(text(null), 'ALL');
  assert.equal(text('10.0.0.4'), '(10.0.0.4)');
  assert.equal(text('fe80::1'), "('fe80::1')");
});

test('a Windows login is created, any other is named as not scripted', () => {
  const text = endpointText({
    grantees: [
      { name: "CORP\\it's]", type: 'U' },
      { name: 'peer\nGO\nDROP', type: 'C' },
    ],
  });
  assert.match(
    text,
    /WHERE name = N'CORP\\it''s\]'\)\n {2}CREATE LOGIN \[CORP\\it's\]\]\] FROM WINDOWS;/u,
  );
  assert.match(text, /^-- The login peer GO DROP \(type C\) has to be there/mu);
});

test('2016 gets no CLUSTER_TYPE, a group without a cluster joins with its type', () => {
  assert.doesNotMatch(groupText({}, 13), /CLUSTER_TYPE/u);
  assert.match(groupText({}), /CLUSTER_TYPE = WSFC/u);
  const secondary = instance({
    instance: 'NODE2',
    groups: [
      { ...group, clusterTypeDesc: 'NONE', localRoleDesc: 'SECONDARY', canCreateAnyDatabase: true },
    ],
  });
  const primary = instance({ groups: [{ ...group, clusterTypeDesc: 'NONE' }] });
  const text = script(secondary, primary);
  assert.match(text, /^:NODE1\nCREATE AVAILABILITY GROUP \[AG\]/u);
  assert.match(
    text,
    /:NODE2\nALTER AVAILABILITY GROUP \[AG\] JOIN WITH \(CLUSTER_TYPE = NONE\);\nALTER AVAILABILITY GROUP \[AG\] GRANT CREATE ANY DATABASE;/u,
  );
});

test('a group is written with what differs from the default', () => {
  const text = groupText({
    isBasic: true,
    isContained: true,
    dtcSupport: true,
    dbFailover: false,
    requiredSynchronizedSecondariesToCommit: 2,
    failureConditionLevel: 0,
    healthCheckTimeout: null,
  });
  assert.match(text, /DB_FAILOVER = OFF,\s+DTC_SUPPORT = PER_DB,\s+BASIC,\s+CONTAINED,/u);
  assert.match(text, /REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 2/u);
  assert.doesNotMatch(text, /FAILURE_CONDITION_LEVEL|HEALTH_CHECK_TIMEOUT/u);
});

test('replicas of one routing priority share a bracket', () => {
  const text = groupText({
    replicas: [
      {
        ...replica,
        readOnlyRoutingUrl: 'TCP://node1:1433',
        readWriteRoutingUrl: 'TCP://node1:1434',
        readOnlyRoutingList: [['NODE2', "NO'DE3"], ['NODE1']],
      },
    ],
  });
  assert.match(text, /READ_ONLY_ROUTING_LIST = \(\(N'NODE2', N'NO''DE3'\), N'NODE1'\)/u);
  assert.match(text, /READ_WRITE_ROUTING_URL = N'TCP:\/\/node1:1434'/u);
});

test('a listener is written with its addresses; DHCP and distributed network names differ', () => {
  const listener = { name: 'LST', port: 1433, isDistributedNetworkName: false };
  const addresses = [
    { ip: '10.0.0.9', mask: '255.255.255.0', isDhcp: false },
    { ip: 'fe80::9', mask: null, isDhcp: false },
  ];
  assert.match(
    groupText({ listeners: [{ ...listener, addresses }] }),
    /ADD LISTENER N'LST' \(WITH IP \(\(N'10\.0\.0\.9', N'255\.255\.255\.0'\), \(N'fe80::9'\)\), PORT = 1433\);/u,
  );
  const leased = [{ ip: '10.0.0.9', mask: null, isDhcp: true }];
  assert.match(groupText({ listeners: [{ ...listener, addresses: leased }] }), /\(WITH DHCP\);/u);
  assert.match(
    groupText({ listeners: [{ ...listener, addresses: [], isDistributedNetworkName: true }] }),
    /^-- The listener LST is a distributed network name/mu,
  );
});

test('with manual seeding a secondary is told what to restore', () => {
  const manual = { ...group, replicas: [{ ...replica, seedingModeDesc: 'MANUAL' }] };
  const text = script(
    instance({ groups: [manual] }),
    instance({ instance: 'NODE2', groups: [{ ...manual, localRoleDesc: 'SECONDARY' }] }),
  );
  assert.match(
    text,
    /^-- Where seeding is manual: restore Sales WITH NORECOVERY here, then ALTER DATABASE \[Sales\] SET HADR/mu,
  );
});

test('what another server calls a keyword cannot leave its place', () => {
  assert.match(
    groupText({ automatedBackupPreferenceDesc: 'x); DROP DATABASE a' }),
    /= \[X\); DROP DATABASE A\],/u,
  );
});

test('only the distributed group of the file and its members are written, unless everything is asked for', () => {
  const distributed = [
    {
      name: 'DAG',
      localRoleDesc: 'PRIMARY',
      requiredSynchronizedSecondariesToCommit: 1,
      members: [
        {
          group: 'AG',
          listenerUrl: 'TCP://a:5022',
          availabilityModeDesc: 'SYNCHRONOUS_COMMIT',
          seedingModeDesc: 'AUTOMATIC',
        },
        {
          group: 'AG2',
          listenerUrl: 'TCP://b:5022',
          availabilityModeDesc: 'SYNCHRONOUS_COMMIT',
          seedingModeDesc: 'AUTOMATIC',
        },
      ],
    },
  ];
  const one = instance({ groups: [group, { ...group, name: 'Other' }], distributed });
  const all = script(one);
  assert.match(all, /\[Other\]/u);
  const narrow = inventoryScript([one], {
    distributed: 'dag',
    local: { source: 'AG', target: 'AG2' },
  });
  const text = narrow.flatMap(({ statements }) => statements).join('\n');
  assert.doesNotMatch(text, /\[Other\]/u);
  assert.match(text, /CREATE AVAILABILITY GROUP \[DAG\]\n {2}WITH \(DISTRIBUTED\)/u);
  assert.match(
    text,
    /^-- Once both sides are synchronous: ALTER AVAILABILITY GROUP \[DAG\] SET \(REQUIRED_SYNCHRONIZED/mu,
  );
});
