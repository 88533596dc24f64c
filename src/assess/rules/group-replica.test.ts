import { goodFacts, goodGroup, goodReplica } from '../../../tests/support/facts.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { ReplicaFacts } from '../../model/assess-replica.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { replicaRules } from './group-replica.ts';

const primary = (side: Side, change: Partial<ReplicaFacts>): AssessFacts =>
  altered(side, { groupReplicas: known([{ ...goodReplica(side), ...change }]) });

/** With a second replica, as the primary sees it. */
const second = (side: Side, change: Partial<ReplicaFacts>): AssessFacts =>
  altered(side, {
    groupReplicas: known([
      goodReplica(side),
      {
        ...goodReplica(side),
        replicaServerName: "O'Second",
        isLocal: false,
        roleDesc: 'SECONDARY',
        ...change,
      },
    ]),
  });

const routed = altered('source', {
  groupReplicas: known([{ ...goodReplica('source'), routingTargets: 1 }]),
});

const cases: readonly JudgeCase[] = [
  ...onBothSides('AG-PRIMARY', 'error', (side) =>
    altered(side, {
      availabilityGroups: known([{ ...goodGroup(side), localRoleDesc: 'SECONDARY' }]),
    }),
  ),
  ...onBothSides('AG-PRIMARY', 'skipped', (side) =>
    altered(side, { availabilityGroups: known([]) }),
  ),
  ...onBothSides('AG-CONNECTED', 'success', (side) => second(side, {})),
  ...onBothSides('AG-CONNECTED', 'unknown', (side) => primary(side, { connectedStateDesc: null })),
  {
    id: 'SRC-AG-CONNECTED',
    facts: second('source', {
      connectedStateDesc: 'DISCONNECTED',
      lastConnectErrorNumber: 35206,
      lastConnectErrorDescription: 'timeout',
    }),
    outcome: 'error',
    evidence: /^\[O'Second\] is DISCONNECTED, last error 35206: timeout\.$/u,
  },
  {
    id: 'TGT-AG-CONNECTED',
    facts: second('target', { connectedStateDesc: 'DISCONNECTED', lastConnectErrorNumber: 0 }),
    outcome: 'error',
    evidence: /no error is shown/u,
  },
  ...onBothSides('AG-COMMIT-MODE', 'warning', (side) =>
    primary(side, { availabilityModeDesc: 'ASYNCHRONOUS_COMMIT' }),
  ),
  ...onBothSides('AG-COMMIT-MODE', 'unknown', (side) => primary(side, { isLocal: null })),
  {
    id: 'SRC-AG-ASYNC-SECONDARY',
    facts: second('source', { availabilityModeDesc: 'ASYNCHRONOUS_COMMIT' }),
    outcome: 'warning',
    evidence: /^\[O'Second\] of \[OnPremAG\]: ASYNCHRONOUS_COMMIT\.$/u,
    remedy: /MODIFY REPLICA ON N'O''Second' WITH/u,
  },
  ...onBothSides('AG-ASYNC-SECONDARY', 'warning', (side) =>
    second(side, { availabilityModeDesc: 'CONFIGURATION_ONLY' }),
  ),
  ...onBothSides('AG-ASYNC-SECONDARY', 'success', (side) => second(side, {})),
  ...onBothSides('AG-SESSION-TIMEOUT', 'warning', (side) => primary(side, { sessionTimeout: 9 })),
  {
    id: 'TGT-AG-SEEDING-MODE',
    facts: primary('target', { seedingModeDesc: 'MANUAL' }),
    outcome: 'warning',
  },
  {
    id: 'TGT-AG-SEEDING-MODE',
    facts: primary('target', { seedingModeDesc: 'MANUAL' }),
    outcome: 'skipped',
    migration: {
      ...articleMigration,
      seeding: { kind: 'manual', share: '\\\\files\\move', compression: true, stripes: 1 },
    },
  },
  {
    id: 'SRC-AG-FAILOVER-MODE',
    facts: second('source', { failoverModeDesc: 'AUTOMATIC' }),
    outcome: 'warning',
    remedy: /FAILOVER_MODE = MANUAL/u,
  },
  {
    id: 'SRC-AG-FAILOVER-MODE',
    facts: second('source', { failoverModeDesc: 'AUTOMATIC' }),
    outcome: 'success',
    evidence: /gives AUTOMATIC back/u,
    migration: {
      ...articleMigration,
      source: { ...articleMigration.source, listener: { name: 'LST', port: 1433, ips: [] } },
    },
  },
  {
    id: 'SRC-AG-FAILOVER-MODE',
    facts: second('source', { failoverModeDesc: 'EXTERNAL' }),
    outcome: 'warning',
    remedy: /maintenance-mode/u,
  },
  {
    id: 'TGT-AG-READABLE',
    facts: primary('target', { secondaryRoleAllowConnectionsDesc: 'NO' }),
    outcome: 'warning',
  },
  { id: 'TGT-AG-ROUTING', facts: goodFacts, outcome: 'success', evidence: /routes no readers/u },
  { id: 'TGT-AG-ROUTING', facts: routed, outcome: 'warning', evidence: /\[OnPremNode\]/u },
  {
    id: 'TGT-AG-ROUTING',
    facts: altered(
      'target',
      { groupReplicas: known([{ ...goodReplica('target'), routingTargets: 1 }]) },
      routed,
    ),
    outcome: 'success',
  },
  {
    id: 'TGT-AG-ROUTING',
    facts: altered('source', { groupReplicas: unknown('no right') }),
    outcome: 'unknown',
  },
];

testJudges(replicaRules, cases);
