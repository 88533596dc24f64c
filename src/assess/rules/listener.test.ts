import { goodFacts, goodGroup, goodReplica } from '../../../tests/support/facts.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { GroupListenerFacts } from '../../model/assess-network.ts';
import { known } from '../../model/fact.ts';
import type { Listener, Migration } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import { listenerRules } from './listener.ts';

const address = {
  ipAddress: '10.0.0.50',
  networkSubnetIp: '10.0.0.0',
  isDhcp: false,
  stateDesc: 'ONLINE',
};

const good: GroupListenerFacts = {
  group: 'OnPremAG',
  dnsName: 'LST',
  port: 1433,
  isConformant: true,
  isDistributedNetworkName: false,
  addresses: [address],
};

const listener = (side: Side, change: Partial<GroupListenerFacts> = {}): AssessFacts =>
  altered(side, {
    groupListeners: known([
      { ...good, group: side === 'source' ? 'OnPremAG' : 'AzureAG', ...change },
    ]),
  });

const planned = (change: Partial<Listener> = {}): Migration => {
  const own = { name: 'lst', port: 1433, ips: ['10.0.0.50'], ...change };
  const { source, target } = articleMigration;
  return {
    ...articleMigration,
    source: { ...source, listener: own },
    target: { ...target, listener: own },
  };
};

const listeners = (from: string, to: string): Migration => ({
  ...articleMigration,
  source: { ...articleMigration.source, listener: { name: from, port: 1433, ips: [] } },
  target: { ...articleMigration.target, listener: { name: to, port: 1433, ips: [] } },
});

const twoReplicas = (side: Side, clusterTypeDesc: string): AssessFacts =>
  altered(side, {
    availabilityGroups: known([{ ...goodGroup(side), clusterTypeDesc }]),
    groupReplicas: known([goodReplica(side), goodReplica(side)]),
  });

const names = [
  'LST-NAME',
  'LST-DNN',
  'LST-CONFORMANT',
  'LST-ONLINE',
  'LST-PORT',
  'LST-ADDRESSES',
  'LST-STATIC',
];

const withPlan = (cases: readonly JudgeCase[], migration: Migration): readonly JudgeCase[] =>
  cases.map((each) => ({ ...each, migration }));

const changed = (
  name: string,
  outcome: JudgeCase['outcome'],
  change: Partial<GroupListenerFacts>,
) => onBothSides(name, outcome, (side) => listener(side, change));

const cases: readonly JudgeCase[] = [
  ...names.flatMap((name) => onBothSides(name, 'skipped', () => goodFacts)),
  ...withPlan(
    names.flatMap((name) => changed(name, 'success', {})),
    planned(),
  ),
  ...onBothSides('LST-EXISTS', 'error', (side) => twoReplicas(side, 'WSFC')),
  ...onBothSides('LST-EXISTS', 'skipped', (side) => twoReplicas(side, 'none')),
  ...changed('LST-EXISTS', 'success', {}),
  ...onBothSides('LST-EXISTS', 'skipped', () => goodFacts),
  ...changed('LST-NAME', 'warning', {}),
  ...withPlan(changed('LST-NAME', 'error', {}), planned({ name: 'Other' })),
  ...changed('LST-DNN', 'error', { isDistributedNetworkName: true }),
  ...changed('LST-DNN', 'skipped', { isDistributedNetworkName: null }),
  ...changed('LST-CONFORMANT', 'warning', { isConformant: false }),
  ...changed('LST-ONLINE', 'error', { addresses: [{ ...address, stateDesc: 'OFFLINE' }] }),
  ...changed('LST-ONLINE', 'warning', {
    addresses: [address, { ...address, ipAddress: '10.2.0.50', stateDesc: 'FAILED' }],
  }),
  ...changed('LST-ONLINE', 'unknown', { addresses: [] }),
  ...changed('LST-PORT', 'warning', { port: null }),
  ...changed('LST-PORT', 'error', { port: 5022 }),
  ...withPlan(changed('LST-PORT', 'error', { port: 1533 }), planned()),
  ...withPlan(changed('LST-ADDRESSES', 'warning', {}), planned({ ips: ['10.9.9.9'] })),
  ...withPlan(changed('LST-ADDRESSES', 'warning', {}), planned({ ips: ['10.0.0.50', '10.9.9.9'] })),
  ...changed('LST-STATIC', 'warning', { addresses: [{ ...address, isDhcp: true }] }),
  {
    id: 'TGT-LST-BALANCER',
    facts: listener('target'),
    outcome: 'warning',
    remedy: /1433 and 5022/u,
  },
  {
    id: 'TGT-LST-BALANCER',
    facts: listener('target', {
      addresses: [address, { ...address, ipAddress: '10.2.0.50', networkSubnetIp: '10.2.0.0' }],
    }),
    outcome: 'success',
  },
  { id: 'TGT-LST-BALANCER', facts: goodFacts, outcome: 'skipped' },
  { id: 'LST-NETBIOS', facts: goodFacts, outcome: 'skipped' },
  {
    id: 'LST-NETBIOS',
    facts: goodFacts,
    outcome: 'error',
    evidence: /\[CustomerDatabaseA\], \[customerdatabaseB\]/u,
    migration: listeners('CustomerDatabaseA', 'customerdatabaseB'),
  },
  {
    id: 'LST-NETBIOS',
    facts: goodFacts,
    outcome: 'success',
    migration: listeners('CustomerDataba1', 'CustomerDataba2'),
  },
];

testJudges(listenerRules, cases, { unknown: ['LST-NETBIOS'] });
