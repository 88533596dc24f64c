import { goodGroup, goodReplica } from '../../../tests/support/facts.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { GroupFacts } from '../../model/assess-group.ts';
import { known } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { groupOptionRules } from './group-option.ts';

const group = (side: Side, change: Partial<GroupFacts>): AssessFacts =>
  altered(side, { availabilityGroups: known([{ ...goodGroup(side), ...change }]) });

const distributed = (side: Side, change: Partial<GroupFacts>): AssessFacts =>
  altered(side, {
    availabilityGroups: known([
      goodGroup(side),
      {
        ...goodGroup(side),
        name: 'DAG',
        isDistributed: true,
        replicas: ['OnPremAG', 'AzureAG'],
        ...change,
      },
    ]),
  });

const twoReplicas = (side: Side, change: Partial<GroupFacts>): AssessFacts =>
  altered(
    side,
    {
      groupReplicas: known(
        ['One', 'Two'].map((replicaServerName, index) => ({
          ...goodReplica(side),
          replicaServerName,
          isLocal: index === 0,
          failoverModeDesc: 'AUTOMATIC',
        })),
      ),
    },
    group(side, change),
  );

const cases: readonly JudgeCase[] = [
  {
    id: 'AG-NAME-LENGTH',
    facts: group('source', {}),
    outcome: 'error',
    evidence: /1 name\(s\) .* 129/u,
    migration: { ...articleMigration, distributedAvailabilityGroup: 'x'.repeat(129) },
  },
  ...onBothSides('DAG-OTHER', 'error', (side) => distributed(side, { name: 'Second' })),
  ...onBothSides('DAG-OTHER', 'success', (side) =>
    distributed(side, { name: 'Second', replicas: ['Third', 'Fourth'] }),
  ),
  ...onBothSides('DAG-OTHER', 'success', (side) => distributed(side, {})),
  {
    id: 'SRC-AG-DATABASES',
    facts: group('source', { databases: ['adventureworks', 'a]b'] }),
    outcome: 'error',
    evidence: /^\[OnPremAG\] also holds \[a\]\]b\]\.$/u,
    remedy: /REMOVE DATABASE \[a\]\]b\]$/u,
  },
  {
    id: 'SRC-AG-DATABASES',
    facts: group('source', { databases: ['Left'] }),
    outcome: 'error',
    migration: { ...articleMigration, databases: { kind: 'all', except: ['LEFT'] } },
  },
  {
    id: 'SRC-AG-DATABASES',
    facts: group('source', { databases: ['Other'] }),
    outcome: 'success',
    migration: { ...articleMigration, databases: { kind: 'all', except: ['LEFT'] } },
  },
  ...onBothSides('AG-REQUIRED-SECONDARIES', 'error', (side) =>
    group(side, { requiredSynchronizedSecondariesToCommit: 1 }),
  ),
  ...onBothSides('AG-REQUIRED-SECONDARIES', 'warning', (side) =>
    twoReplicas(side, { requiredSynchronizedSecondariesToCommit: 1 }),
  ),
  ...onBothSides('AG-REQUIRED-SECONDARIES', 'skipped', (side) =>
    group(side, { requiredSynchronizedSecondariesToCommit: null }),
  ),
  ...onBothSides('DAG-REQUIRED-SECONDARIES', 'success', (side) => distributed(side, {})),
  ...onBothSides('DAG-REQUIRED-SECONDARIES', 'warning', (side) =>
    distributed(side, { requiredSynchronizedSecondariesToCommit: 1 }),
  ),
  ...onBothSides('DAG-REQUIRED-SECONDARIES', 'skipped', (side) =>
    distributed(side, { requiredSynchronizedSecondariesToCommit: null }),
  ),
  ...onBothSides('AG-BACKUP-PREFERENCE', 'warning', (side) =>
    group(side, { automatedBackupPreferenceDesc: 'secondary_only' }),
  ),
  ...onBothSides('AG-BACKUP-PREFERENCE', 'success', (side) =>
    twoReplicas(side, { automatedBackupPreferenceDesc: 'secondary_only' }),
  ),
  {
    id: 'SRC-AG-DB-FAILOVER',
    facts: twoReplicas('source', { dbFailover: true }),
    outcome: 'warning',
  },
  { id: 'SRC-AG-DB-FAILOVER', facts: group('source', { dbFailover: true }), outcome: 'success' },
  {
    id: 'SRC-AG-DB-FAILOVER',
    facts: twoReplicas('source', { dbFailover: true }),
    outcome: 'success',
    evidence: /The cutover sets/u,
    migration: {
      ...articleMigration,
      source: { ...articleMigration.source, listener: { name: 'LST', port: 1433, ips: [] } },
    },
  },
  { id: 'PAIR-AG-DTC', facts: group('source', { dtcSupport: true }), outcome: 'warning' },
  {
    id: 'PAIR-AG-DTC',
    facts: group('target', { dtcSupport: true }),
    outcome: 'success',
    evidence: /\[OnPremAG\] NONE, \[AzureAG\] PER_DB/u,
  },
  {
    id: 'PAIR-AG-DTC',
    facts: altered('target', { availabilityGroups: known([]) }),
    outcome: 'skipped',
  },
  { id: 'PAIR-AG-DB-FAILOVER', facts: group('source', { dbFailover: true }), outcome: 'warning' },
];

testJudges(groupOptionRules, cases, { unknown: ['AG-NAME-LENGTH'] });
