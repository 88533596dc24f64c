/** Facts of a pair of servers on which nothing is wrong, for tests of the assessment. */

import { makeLsn } from '../../src/base/lsn.ts';
import type { DatabaseFacts } from '../../src/model/assess-database.ts';
import type { EndpointFacts } from '../../src/model/assess-endpoint.ts';
import type { AssessFacts, PartFacts, SideFacts } from '../../src/model/assess-facts.ts';
import type { GroupFacts } from '../../src/model/assess-group.ts';
import { missingRight, rightNames } from '../../src/model/assess-right.ts';
import type { PermissionFacts, ServerFacts } from '../../src/model/assess-server.ts';
import { known, unknown, type Fact } from '../../src/model/fact.ts';
import type { ReplicaFacts } from '../../src/model/assess-replica.ts';
import type { Side } from '../../src/model/side.ts';
import { goodFlow } from './facts/flow.ts';
import { goodServerParts } from './facts/server.ts';
import type { FactPart } from '../../src/sql/view/assess/part.ts';
import { factParts } from '../../src/sql/view/assess/table.ts';
import { goodDatabaseDetail, goodFiles } from './facts/database.ts';

/** Rights of a member of sysadmin. */
export const allRights: PermissionFacts = {
  loginName: 'sa',
  isSysadmin: true,
  viewServerState: true,
  viewAnyDefinition: true,
  viewAnyDatabase: true,
  alterAnyAvailabilityGroup: true,
  createAvailabilityGroup: true,
  createEndpoint: true,
  alterAnyEndpoint: true,
  alterAnyLogin: true,
  alterAnyConnection: true,
  createAnyDatabase: true,
  readBackupHistory: true,
  readMsdb: true,
  connectAnyDatabase: true,
};

/** An instance of the article. */
export function goodServer(side: Side): ServerFacts {
  const name = side === 'source' ? 'OnPremNode' : 'SQLVM';
  return {
    serverName: name,
    serverPropertyName: name,
    instanceName: null,
    machineName: name,
    versionMajor: 16,
    productVersion: '16.0.4135.4',
    edition: 'Enterprise Edition (64-bit)',
    engineEdition: 3,
    isHadrEnabled: true,
    hadrManagerStatus: 1,
    isClustered: false,
    collation: 'SQL_Latin1_General_CP1_CI_AS',
    defaultDomain: 'CONTOSO',
    serviceAccount: `CONTOSO\\svc_${side}`,
    instantFileInitialization: true,
    defaultDataPath: 'D:\\Data\\',
    defaultLogPath: 'E:\\Log\\',
    utcNow: '2026-11-21T12:00:00.1234567',
    maxWorkersCount: 512,
  };
}

/** A database that may enter an availability group. */
export const goodDatabase: DatabaseFacts = {
  name: 'Adventureworks',
  databaseId: 5,
  stateDesc: 'ONLINE',
  recoveryModelDesc: 'FULL',
  userAccessDesc: 'MULTI_USER',
  isReadOnly: false,
  isAutoCloseOn: false,
  isInStandby: false,
  compatibilityLevel: 160,
  collationName: 'SQL_Latin1_General_CP1_CI_AS',
  containmentDesc: 'NONE',
  isEncrypted: false,
  encryptorThumbprint: null,
  isTrustworthyOn: false,
  isDbChainingOn: false,
  isBrokerEnabled: false,
  isCdcEnabled: false,
  isPublished: false,
  isMergePublished: false,
  isSubscribed: false,
  isDistributor: false,
  delayedDurabilityDesc: 'DISABLED',
  logReuseWaitDesc: 'NOTHING',
  sourceDatabaseId: null,
  ownerName: 'sa',
  sizeBytes: 1024 ** 3,
  inAvailabilityGroup: false,
  availabilityGroup: null,
  isMirrored: false,
  backup: known({
    lastFullFinish: '2026-11-20T22:00:00',
    lastCopyOnlyFinish: null,
    lastLogFinish: null,
    lastLogBackupLsn: makeLsn({ vlf: 40n, block: 1n, slot: 1n }),
  }),
};

/** An endpoint as migrate makes it, with both accounts let in. */
export const goodEndpoint: EndpointFacts = {
  name: 'Hadr_endpoint',
  stateDesc: 'STARTED',
  roleDesc: 'ALL',
  port: 5022,
  ipAddress: null,
  connectionAuthDesc: 'NEGOTIATE',
  isEncryptionEnabled: true,
  encryptionAlgorithmDesc: 'AES',
  ownerName: 'sa',
  certificate: null,
  connectGrantees: ['CONTOSO\\svc_source', 'CONTOSO\\svc_target'],
};

/** A healthy group without databases. */
export function goodGroup(side: Side): GroupFacts {
  return {
    name: side === 'source' ? 'OnPremAG' : 'AzureAG',
    isDistributed: false,
    clusterTypeDesc: 'none',
    isBasic: false,
    isContained: false,
    automatedBackupPreferenceDesc: 'SECONDARY',
    dtcSupport: false,
    dbFailover: false,
    requiredSynchronizedSecondariesToCommit: 0,
    localRoleDesc: 'PRIMARY',
    synchronizationHealthDesc: 'HEALTHY',
    replicas: [side === 'source' ? 'OnPremNode' : 'SQLVM'],
    disconnectedReplicas: [],
    databases: [],
    suspendedDatabases: [],
    listeners: [],
  };
}

/** The only replica of a healthy group. */
export function goodReplica(side: Side): ReplicaFacts {
  const host = side === 'source' ? 'OnPremNode' : 'SQLVM';
  return {
    group: side === 'source' ? 'OnPremAG' : 'AzureAG',
    isDistributed: false,
    replicaServerName: host,
    endpointUrl: `TCP://${host}.contoso.com:5022`,
    availabilityModeDesc: 'SYNCHRONOUS_COMMIT',
    failoverModeDesc: 'MANUAL',
    sessionTimeout: 10,
    seedingModeDesc: 'AUTOMATIC',
    secondaryRoleAllowConnectionsDesc: 'ALL',
    readOnlyRoutingUrl: null,
    routingTargets: 0,
    isLocal: true,
    roleDesc: 'PRIMARY',
    connectedStateDesc: 'CONNECTED',
    lastConnectErrorNumber: null,
    lastConnectErrorDescription: null,
  };
}

function goodSide(side: Side): SideFacts {
  return {
    side,
    instance: side === 'source' ? 'OnPremNode' : 'SQLVM',
    connection: { kind: 'connected' },
    permissions: known(allRights),
    server: known(goodServer(side)),
    ...goodServerParts(side),
    session: known({ encrypted: true, authScheme: 'SQL', netTransport: 'TCP', localTcpPort: 1433 }),
    databases: known(side === 'source' ? [goodDatabase] : []),
    files: known(side === 'source' ? goodFiles : []),
    ...goodDatabaseDetail(side),
    endpoints: known([goodEndpoint]),
    listeners: known([
      { ipAddress: '0.0.0.0', port: 1433, typeDesc: 'TSQL', stateDesc: 'ONLINE' },
      { ipAddress: '0.0.0.0', port: 5022, typeDesc: 'DATABASE_MIRRORING', stateDesc: 'ONLINE' },
    ]),
    availabilityGroups: known([goodGroup(side)]),
    groupReplicas: known([goodReplica(side)]),
    copies: known([]),
    backupSteps: known([]),
    cluster: known(null),
    groupListeners: known([]),
    certificates: known([]),
    transport: known([]),
    flow: known(goodFlow.flow),
    databaseSessions: known([]),
    orphans: known([]),
    windowsLogins: known([]),
    fenceLogins: known([{ name: 'app_writer', isDisabled: false }]),
  };
}

/** Nothing is wrong. */
export const goodFacts: AssessFacts = {
  source: goodSide('source'),
  target: goodSide('target'),
  replicas: [],
};

/** Every part that needs a right the login does not have becomes unknown, as the decoder makes it. */
export function withRights(facts: SideFacts, permissions: PermissionFacts): SideFacts {
  return {
    ...facts,
    permissions: known(permissions),
    ...changedParts(({ needs }) => {
      const missing = missingRight(permissions, needs);
      return missing === null ? null : unknown(`login [x] has no ${rightNames[missing]}`);
    }),
  };
}

/** Every part unknown. */
export function blindParts(because: string): Partial<SideFacts> {
  return { permissions: unknown(because), ...changedParts(() => unknown(because)) };
}

function changedParts(change: (part: FactPart<unknown>) => Fact<never> | null): Partial<PartFacts> {
  return Object.fromEntries(
    Object.entries<FactPart<unknown>>(factParts).flatMap(([name, part]) => {
      const fact = change(part);
      return fact === null ? [] : [[name, fact]];
    }),
  );
}
