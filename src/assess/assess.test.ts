import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allRights,
  blindParts,
  goodDatabase,
  goodEndpoint,
  goodFacts,
  goodGroup,
  goodServer,
  withRights,
} from '../../tests/support/facts.ts';
import { goodFile } from '../../tests/support/facts/database.ts';
import { databaseRuleCases } from '../../tests/support/facts/database-case.ts';
import { articleMigration } from '../../tests/support/observation.ts';
import type { BackupFacts, DatabaseFacts } from '../model/assess-database.ts';
import type { EndpointFacts } from '../model/assess-endpoint.ts';
import type { AssessFacts, SideFacts } from '../model/assess-facts.ts';
import type { GroupFacts } from '../model/assess-group.ts';
import type { PermissionFacts, ServerFacts } from '../model/assess-server.ts';
import { known, unknown } from '../model/fact.ts';
import type { Outcome } from '../model/finding.ts';
import type { Migration } from '../model/migration.ts';
import type { Side } from '../model/side.ts';
import { assess, verdictOf } from './assess.ts';
import { databaseRules } from './rules/database.ts';
import { featureRules } from './rules/database-feature.ts';
import { endpointRules } from './rules/endpoint.ts';
import { groupRules } from './rules/group.ts';
import { instanceRules } from './rules/instance.ts';
import { pairRules } from './rules/pair.ts';
import { byHandRules, targetRules } from './rules/target.ts';
import { assessRules } from './table.ts';

function altered(
  side: Side,
  change: Partial<SideFacts>,
  facts: AssessFacts = goodFacts,
): AssessFacts {
  return { ...facts, [side]: { ...facts[side], ...change } };
}

const server = (side: Side, change: Partial<ServerFacts>): AssessFacts =>
  altered(side, { server: known({ ...goodServer(side), ...change }) });
const database = (change: Partial<DatabaseFacts>): AssessFacts =>
  altered('source', { databases: known([{ ...goodDatabase, ...change }]) });
const backup = (change: Partial<BackupFacts>): AssessFacts =>
  database({
    backup: known({
      lastFullFinish: null,
      lastCopyOnlyFinish: null,
      lastLogFinish: null,
      lastLogBackupLsn: null,
      ...change,
    }),
  });
const endpoint = (side: Side, change: Partial<EndpointFacts>): AssessFacts =>
  altered(side, { endpoints: known([{ ...goodEndpoint, ...change }]) });
const group = (side: Side, change: Partial<GroupFacts>): AssessFacts =>
  altered(side, { availabilityGroups: known([{ ...goodGroup(side), ...change }]) });
const rights = (side: Side, change: Partial<PermissionFacts>): AssessFacts =>
  altered(side, { permissions: known({ ...allRights, isSysadmin: false, ...change }) });

interface Case {
  readonly id: string;
  readonly facts: AssessFacts;
  readonly outcome: Outcome;
  readonly evidence?: RegExp;
  readonly migration?: Migration;
}

/** The same failure for SRC- and TGT-. */
function both(name: string, outcome: Outcome, make: (side: Side) => AssessFacts): readonly Case[] {
  return [
    { id: `SRC-${name}`, facts: make('source'), outcome },
    { id: `TGT-${name}`, facts: make('target'), outcome },
  ];
}

const unreachable = {
  kind: 'unreachable',
  problem: { code: 'SF-NET-001', summary: 'It does not answer.', because: [], remedy: 'Look.' },
} as const;

const cases: readonly Case[] = [
  ...both('REACH', 'error', (side) => altered(side, { connection: unreachable })),
  ...both('PERM-READ', 'unknown', (side) => rights(side, { viewServerState: false })),
  ...both('PERM-CHANGE', 'warning', (side) => rights(side, {})),
  ...both('PERM-CHANGE', 'error', (side) => rights(side, { createEndpoint: false })),
  ...both('PERM-CHANGE', 'unknown', (side) => rights(side, { viewServerState: false })),
  ...both('VERSION', 'error', (side) => server(side, { versionMajor: 13 })),
  ...both('VERSION', 'error', (side) => server(side, { versionMajor: 12 })),
  ...both('VERSION', 'success', (side) =>
    altered(side, {
      server: known({ ...goodServer(side), versionMajor: 13, productVersion: '13.0.6300.2' }),
      availabilityGroups: known([{ ...goodGroup(side), clusterTypeDesc: 'WSFC' }]),
    }),
  ),
  ...both('EDITION', 'error', (side) =>
    server(side, { engineEdition: 2, edition: 'Standard Edition' }),
  ),
  ...both('EDITION', 'warning', (side) => server(side, { edition: 'Developer Edition (64-bit)' })),
  ...both('EDITION', 'warning', (side) =>
    server(side, { edition: 'Enterprise Evaluation Edition' }),
  ),
  ...both('HADR', 'error', (side) => server(side, { isHadrEnabled: false })),
  ...both('HADR-RESTART', 'error', (side) => server(side, { hadrManagerStatus: 0 })),
  ...both('HADR-RESTART', 'error', (side) => server(side, { hadrManagerStatus: 2 })),
  ...both('HADR-RESTART', 'unknown', (side) => server(side, { hadrManagerStatus: null })),
  ...both('HADR-RESTART', 'skipped', (side) => server(side, { isHadrEnabled: false })),
  ...both('SERVER-NAME', 'error', (side) => server(side, { serverName: 'OLDNAME' })),
  ...both('SERVER-NAME', 'error', (side) => server(side, { serverName: null })),
  ...both('CLUSTER', 'warning', (side) => server(side, { isClustered: true })),
  ...both('SESSION-ENCRYPTED', 'warning', (side) =>
    altered(side, {
      session: known({
        encrypted: false,
        authScheme: 'SQL',
        netTransport: 'TCP',
        localTcpPort: 1433,
      }),
    }),
  ),
  ...both('SQL-PORT', 'error', (side) => altered(side, { listeners: known([]) })),
  { id: 'PAIR-VERSION', facts: server('target', { versionMajor: 17 }), outcome: 'error' },
  { id: 'PAIR-VERSION', facts: server('target', { versionMajor: 15 }), outcome: 'error' },
  {
    id: 'PAIR-BUILD',
    facts: server('target', { productVersion: '16.0.4000.1' }),
    outcome: 'warning',
  },
  { id: 'PAIR-BUILD', facts: server('target', { versionMajor: 17 }), outcome: 'skipped' },
  { id: 'PAIR-INSTANCE-NAME', facts: server('target', { instanceName: 'SQL2' }), outcome: 'error' },
  {
    id: 'PAIR-COLLATION',
    facts: server('target', { collation: 'Latin1_General_BIN2' }),
    outcome: 'warning',
  },
  {
    id: 'PAIR-CLOCK',
    facts: server('target', { utcNow: '2026-11-21T12:00:07Z' }),
    outcome: 'warning',
    evidence: /6\.9 s/u,
  },
  { id: 'PAIR-CLOCK', facts: server('target', { utcNow: 'noon' }), outcome: 'unknown' },
  { id: 'AUTH-DOMAIN', facts: server('target', { defaultDomain: null }), outcome: 'error' },
  { id: 'AUTH-DOMAIN', facts: server('target', { defaultDomain: 'FABRIKAM' }), outcome: 'warning' },
  {
    id: 'PAIR-EP-ENCRYPTION',
    facts: endpoint('target', { encryptionAlgorithmDesc: 'RC4' }),
    outcome: 'error',
  },
  {
    id: 'PAIR-EP-ENCRYPTION',
    facts: altered('target', { endpoints: known([]) }),
    outcome: 'skipped',
  },
  {
    id: 'PAIR-EP-ENCRYPTION',
    facts: endpoint('target', { encryptionAlgorithmDesc: 'RC4, AES' }),
    outcome: 'success',
  },
  ...both('EP-EXISTS', 'skipped', (side) => altered(side, { endpoints: known([]) })),
  ...both('EP-STARTED', 'warning', (side) => endpoint(side, { stateDesc: 'STOPPED' })),
  ...both('EP-ADDRESS', 'error', (side) => endpoint(side, { ipAddress: '10.0.0.4' })),
  ...both('EP-PORT', 'error', (side) => endpoint(side, { port: 5023 })),
  ...both('EP-ROLE', 'error', (side) => endpoint(side, { roleDesc: 'WITNESS' })),
  ...both('EP-AUTHENTICATION', 'warning', (side) =>
    endpoint(side, { connectionAuthDesc: 'CERTIFICATE' }),
  ),
  ...both('EP-PORT-FREE', 'error', (side) =>
    altered(side, {
      endpoints: known([]),
      listeners: known([
        { ipAddress: '::', port: 5022, typeDesc: 'SERVICE_BROKER', stateDesc: 'ONLINE' },
      ]),
    }),
  ),
  ...both('SERVICE-ACCOUNT', 'error', (side) => server(side, { serviceAccount: '.\\sql' })),
  ...both('SERVICE-ACCOUNT', 'error', (side) =>
    server(side, { serviceAccount: 'LocalSystem', defaultDomain: null }),
  ),
  ...both('SERVICE-ACCOUNT', 'warning', (side) =>
    server(side, { serviceAccount: 'NT SERVICE\\MSSQLSERVER' }),
  ),
  ...both('SERVICE-ACCOUNT', 'unknown', (side) => server(side, { serviceAccount: null })),
  ...both('PEER-CONNECT', 'skipped', (side) => endpoint(side, { connectGrantees: [] })),
  {
    id: 'SRC-FENCE-LOGINS',
    facts: altered('source', { fenceLogins: known([]) }),
    outcome: 'error',
  },
  {
    id: 'TGT-FENCE-LOGINS',
    facts: altered('target', { fenceLogins: known([]) }),
    outcome: 'warning',
  },
  ...both('FENCE-LOGINS', 'warning', (side) =>
    altered(side, { fenceLogins: known([{ name: 'APP_WRITER', isDisabled: true }]) }),
  ),
  {
    id: 'AG-NAMES',
    facts: goodFacts,
    outcome: 'error',
    migration: { ...articleMigration, distributedAvailabilityGroup: 'azureag' },
  },
  ...both('AG-HEALTH', 'error', (side) =>
    group(side, { synchronizationHealthDesc: 'NOT_HEALTHY' }),
  ),
  ...both('AG-HEALTH', 'error', (side) => group(side, { suspendedDatabases: ['X'] })),
  ...both('AG-HEALTH', 'error', (side) =>
    group(side, { synchronizationHealthDesc: 'PARTIALLY_HEALTHY' }),
  ),
  ...both('AG-HEALTH', 'warning', (side) =>
    altered(side, {
      availabilityGroups: known([
        { ...goodGroup(side), synchronizationHealthDesc: 'PARTIALLY_HEALTHY' },
        { ...goodGroup(side), name: 'DAG', isDistributed: true, localRoleDesc: 'SECONDARY' },
      ]),
    }),
  ),
  ...both('AG-HEALTH', 'skipped', (side) => altered(side, { availabilityGroups: known([]) })),
  ...both('AG-TYPE', 'error', (side) => group(side, { clusterTypeDesc: 'wsfc' })),
  ...both('AG-TYPE', 'error', (side) => group(side, { isBasic: true })),
  ...both('DAG-NAME', 'error', (side) => group(side, { name: 'dag' })),
  ...both('DAG-NAME', 'error', (side) =>
    group(side, { name: 'DAG', isDistributed: true, replicas: ['X', 'Y'] }),
  ),
  { id: 'TGT-AG-EMPTY', facts: group('target', { databases: ['X'] }), outcome: 'error' },
  { id: 'DB-EXISTS', facts: altered('source', { databases: known([]) }), outcome: 'error' },
  {
    id: 'DB-EXISTS',
    facts: goodFacts,
    outcome: 'error',
    migration: { ...articleMigration, databases: { kind: 'named', names: ['msdb'] } },
  },
  { id: 'DB-ONLINE', facts: database({ stateDesc: 'SUSPECT' }), outcome: 'error' },
  { id: 'DB-READ-WRITE', facts: database({ isReadOnly: true }), outcome: 'error' },
  { id: 'DB-MULTI-USER', facts: database({ userAccessDesc: 'SINGLE_USER' }), outcome: 'error' },
  { id: 'DB-AUTO-CLOSE', facts: database({ isAutoCloseOn: true }), outcome: 'error' },
  {
    id: 'DB-RECOVERY-FULL',
    facts: database({ recoveryModelDesc: 'SIMPLE' }),
    outcome: 'error',
    evidence: /SIMPLE/u,
  },
  { id: 'DB-FULL-BACKUP', facts: backup({}), outcome: 'error', evidence: /never/u },
  {
    id: 'DB-FULL-BACKUP',
    facts: backup({ lastCopyOnlyFinish: '2026-11-01T00:00:00' }),
    outcome: 'error',
    evidence: /copy-only/u,
  },
  {
    id: 'DB-FULL-BACKUP',
    facts: backup({ lastFullFinish: '2026-11-01T00:00:00' }),
    outcome: 'error',
    evidence: /older/u,
  },
  {
    id: 'DB-FULL-BACKUP',
    facts: database({ backup: unknown('no right on msdb') }),
    outcome: 'unknown',
  },
  {
    id: 'DB-OTHER-GROUP',
    facts: database({ inAvailabilityGroup: true, availabilityGroup: 'Other' }),
    outcome: 'error',
  },
  {
    id: 'DB-OTHER-GROUP',
    facts: database({ inAvailabilityGroup: true, availabilityGroup: 'onpremag' }),
    outcome: 'success',
  },
  { id: 'DB-OTHER-GROUP', facts: database({ inAvailabilityGroup: true }), outcome: 'unknown' },
  { id: 'DB-MIRRORING', facts: database({ isMirrored: true }), outcome: 'error' },
  { id: 'DB-REPLICATION', facts: database({ isPublished: true }), outcome: 'error' },
  { id: 'DB-REPLICATION', facts: database({ isSubscribed: true }), outcome: 'warning' },
  { id: 'DB-CDC', facts: database({ isCdcEnabled: true }), outcome: 'warning' },
  { id: 'DB-CONTAINMENT', facts: database({ containmentDesc: 'PARTIAL' }), outcome: 'error' },
  { id: 'DB-TRUSTWORTHY', facts: database({ isTrustworthyOn: true }), outcome: 'warning' },
  {
    id: 'DB-DELAYED-DURABILITY',
    facts: database({ delayedDurabilityDesc: 'ALLOWED' }),
    outcome: 'warning',
  },
  { id: 'DB-OWNER', facts: database({ ownerName: null }), outcome: 'warning' },
  {
    id: 'DB-SNAPSHOTS',
    facts: altered('source', {
      databases: known([
        goodDatabase,
        { ...goodDatabase, name: 'snap', databaseId: 9, sourceDatabaseId: 5 },
      ]),
    }),
    outcome: 'warning',
  },
  {
    id: 'DB-FILESTREAM',
    facts: altered('source', {
      files: known([
        {
          ...goodFile,
          typeDesc: 'FILESTREAM',
          logicalName: 'fs',
          physicalName: 'D:\\Data\\fs',
          sizeBytes: 1,
        },
      ]),
    }),
    outcome: 'error',
  },
  {
    id: 'DB-LOG-REUSE',
    facts: database({ logReuseWaitDesc: 'ACTIVE_TRANSACTION' }),
    outcome: 'warning',
  },
  {
    id: 'DB-COLLATION',
    facts: database({ collationName: 'Latin1_General_BIN2' }),
    outcome: 'warning',
  },
  { id: 'DB-COLLATION', facts: database({ collationName: null }), outcome: 'unknown' },
  {
    id: 'TGT-DATABASE-NAME',
    facts: altered('target', { databases: known([{ ...goodDatabase, name: 'ADVENTUREWORKS' }]) }),
    outcome: 'error',
  },
  {
    id: 'TGT-DATABASE-NAME',
    facts: altered('target', {
      databases: known([
        { ...goodDatabase, inAvailabilityGroup: true, availabilityGroup: 'AzureAG' },
      ]),
    }),
    outcome: 'success',
  },
  {
    id: 'TGT-PATHS',
    facts: altered(
      'source',
      {
        files: known([
          {
            ...goodFile,
            typeDesc: 'ROWS',
            logicalName: 'a',
            physicalName: 'F:\\Big\\a.mdf',
            sizeBytes: 1,
          },
        ]),
      },
      server('target', { defaultDataPath: 'f:\\big\\' }),
    ),
    outcome: 'success',
  },
  {
    id: 'TGT-PATHS',
    facts: altered('source', {
      files: known([
        {
          ...goodFile,
          typeDesc: 'ROWS',
          logicalName: 'a',
          physicalName: 'F:\\Big\\a.mdf',
          sizeBytes: 1,
        },
      ]),
    }),
    outcome: 'warning',
    evidence: /F:\\Big/u,
  },
  { id: 'TGT-PATHS', facts: altered('source', { files: known([]) }), outcome: 'unknown' },
  {
    id: 'TGT-IFI',
    facts: server('target', { instantFileInitialization: false }),
    outcome: 'warning',
  },
];

for (const { id, facts, outcome, evidence, migration } of cases) {
  test(`${id} is ${outcome}${evidence === undefined ? '' : ` and says ${evidence.source}`}`, () => {
    const found = assess(facts, migration ?? articleMigration).findings.filter(
      (one) => one.id === id,
    );
    const worst = found.find((one) => one.outcome === outcome);
    assert.ok(
      worst !== undefined,
      `${id}: ${found.map((one) => `${one.outcome} ${one.evidence}`).join('; ')}`,
    );
    if (evidence !== undefined) assert.match(worst.evidence, evidence);
    if (outcome === 'error' || outcome === 'warning') assert.notEqual(worst.remedy, '');
  });
}

test('a pair on which nothing is wrong is ready, and only what cannot be seen is skipped', () => {
  const result = assess(goodFacts, articleMigration);
  const open = result.findings.filter((one) => one.outcome !== 'success');
  assert.equal(
    result.verdict,
    'ready',
    open.map((one) => `${one.id} ${one.outcome} ${one.evidence}`).join('\n'),
  );
  for (const { id, outcome } of open) assert.equal(outcome, 'skipped', id);
});

const blindSide = (side: Side): Partial<SideFacts> => ({
  ...blindParts('It does not answer.'),
  connection: unreachable,
  side,
});

// Other files of rules have a test of their own beside them (`tests/support/judge-cases.ts`).
const testedHere = [
  ...instanceRules,
  ...pairRules,
  ...endpointRules,
  ...groupRules,
  ...databaseRules,
  ...featureRules,
  ...targetRules,
  ...byHandRules,
];

// Rules that need no fact of a server, or whose failure is itself the finding.
const withoutUnknown = new Set([
  'SRC-REACH',
  'TGT-REACH',
  'AG-NAMES',
  'AG-NAME-LENGTH',
  'LST-NETBIOS',
  'NET-REPLICA-PATHS',
  'AZ-ROLE',
  'NET-PATH',
  'NET-FIREWALL',
  'NET-NAMES',
  'AUTH-DC',
  'DISK-SECTOR',
  'OBJ-LOG-BACKUPS',
]);

test('when nothing can be read every rule is unknown, none a success', () => {
  const blind = altered('target', blindSide('target'), altered('source', blindSide('source')));
  const result = assess(blind, articleMigration);
  for (const one of result.findings) {
    if (withoutUnknown.has(one.id)) continue;
    assert.equal(one.outcome, 'unknown', `${one.id}: ${one.outcome} ${one.evidence}`);
  }
  assert.equal(result.verdict, 'not-ready');
});

test('a login without rights gets unknown where rows would be missing, never a success', () => {
  const nothing = Object.fromEntries(
    Object.entries(allRights).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? false : value,
    ]),
  ) as unknown as PermissionFacts;
  const poor = {
    ...goodFacts,
    source: withRights(goodFacts.source, nothing),
    target: withRights(goodFacts.target, nothing),
  };
  const result = assess(poor, articleMigration);
  assert.equal(result.verdict, 'unknown');
  const outcomes = new Map(result.findings.map((one) => [one.id, one.outcome]));
  for (const id of [
    'SRC-PERM-READ',
    'SRC-EP-STARTED',
    'TGT-AG-HEALTH',
    'DB-RECOVERY-FULL',
    'TGT-DATABASE-NAME',
  ]) {
    assert.equal(outcomes.get(id), 'unknown', id);
  }
});

test('every rule of the files tested here was seen with a success, with a failure and with an unknown', () => {
  const seen = new Map<string, Set<Outcome>>();
  const blind = altered('target', blindSide('target'), altered('source', blindSide('source')));
  const all = [
    ...cases,
    ...databaseRuleCases,
    { facts: goodFacts, migration: articleMigration },
    { facts: blind, migration: articleMigration },
  ];
  for (const { facts, migration } of all) {
    for (const one of assess(facts, migration ?? articleMigration).findings) {
      seen.set(one.id, (seen.get(one.id) ?? new Set()).add(one.outcome));
    }
  }
  const byHand = new Set(
    assessRules.filter((rule) => rule.family === 'by hand').map((rule) => rule.id),
  );
  // What migrate mends by itself is said, not held against the server.
  const neverFails = new Set([
    'SRC-EP-EXISTS',
    'TGT-EP-EXISTS',
    'SRC-PEER-CONNECT',
    'TGT-PEER-CONNECT',
  ]);
  for (const rule of testedHere) {
    const outcomes = seen.get(rule.id) ?? new Set<Outcome>();
    if (byHand.has(rule.id)) {
      assert.deepEqual([...outcomes], ['skipped'], rule.id);
      continue;
    }
    assert.ok(outcomes.has('success'), `${rule.id} never succeeds`);
    const fails = outcomes.has('error') || outcomes.has('warning') || rule.id.endsWith('PERM-READ');
    assert.ok(fails || neverFails.has(rule.id), `${rule.id} never fails`);
    if (!withoutUnknown.has(rule.id))
      assert.ok(outcomes.has('unknown'), `${rule.id} is never unknown`);
  }
});

test('ids are unique, texts are there, and there are enough rules to be worth reading', () => {
  const ids = assessRules.map((rule) => rule.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length >= 60, String(ids.length));
  for (const rule of assessRules) {
    assert.match(rule.id, /^[A-Z]+(-[A-Z]+)+$/u);
    assert.ok(rule.why.length > 20, rule.id);
    assert.ok(!rule.title.endsWith('.'), rule.id);
  }
});

test('any error makes it not ready, else any unknown, else any warning', () => {
  const none = { error: 0, warning: 0, success: 3, skipped: 2, unknown: 0 };
  assert.equal(verdictOf(none), 'ready');
  assert.equal(verdictOf({ ...none, warning: 1 }), 'ready-with-conditions');
  assert.equal(verdictOf({ ...none, warning: 1, unknown: 1 }), 'unknown');
  assert.equal(verdictOf({ ...none, warning: 1, unknown: 1, error: 1 }), 'not-ready');
});

test('names of databases that are hostile are shown in brackets', () => {
  const name = "a]b'c 🚚";
  const migration: Migration = { ...articleMigration, databases: { kind: 'named', names: [name] } };
  const facts = altered('source', {
    databases: known([{ ...goodDatabase, name, isReadOnly: true }]),
  });
  const found = assess(facts, migration).findings.find((one) => one.id === 'DB-READ-WRITE');
  assert.equal(found?.remedy, "ALTER DATABASE [a]]b'c 🚚] SET READ_WRITE");
});
