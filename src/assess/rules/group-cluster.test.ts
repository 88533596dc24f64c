import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { ClusterFacts } from '../../model/assess-network.ts';
import { known } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { clusterRules } from './group-cluster.ts';

const node = (memberName: string): ClusterFacts['members'][number] => ({
  memberName,
  memberTypeDesc: 'CLUSTER_NODE',
  memberStateDesc: 'UP',
  numberOfQuorumVotes: 1,
});

const good: ClusterFacts = {
  clusterName: 'CLUSTER',
  quorumTypeDesc: 'NODE_MAJORITY',
  quorumStateDesc: 'NORMAL_QUORUM',
  members: [node('One'), node('Two'), node('Three')],
};

const cluster = (side: Side, change: Partial<ClusterFacts>): AssessFacts =>
  altered(side, { cluster: known({ ...good, ...change }) });

const names = ['CLUSTER-QUORUM', 'CLUSTER-NODES', 'CLUSTER-WITNESS'];

const cases: readonly JudgeCase[] = [
  ...names.flatMap((name) => onBothSides(name, 'success', (side) => cluster(side, {}))),
  ...names.flatMap((name) =>
    onBothSides(name, 'skipped', (side) => altered(side, { cluster: known(null) })),
  ),
  ...onBothSides('CLUSTER-QUORUM', 'error', (side) =>
    cluster(side, { quorumStateDesc: 'FORCED_QUORUM' }),
  ),
  {
    id: 'SRC-CLUSTER-NODES',
    facts: cluster('source', {
      members: [node('One'), { ...node('Two'), memberStateDesc: 'DOWN' }],
    }),
    outcome: 'warning',
    evidence: /^\[Two\] of cluster \[CLUSTER\]: DOWN\.$/u,
    remedy: /^Start-ClusterNode -Name "Two"$/u,
  },
  ...onBothSides('CLUSTER-NODES', 'warning', (side) =>
    cluster(side, { members: [{ ...node('One'), memberStateDesc: 'DOWN' }] }),
  ),
  ...onBothSides('CLUSTER-NODES', 'unknown', (side) => cluster(side, { members: [] })),
  ...onBothSides('CLUSTER-WITNESS', 'warning', (side) =>
    cluster(side, { members: [node('One'), node('Two')] }),
  ),
  ...onBothSides('CLUSTER-WITNESS', 'unknown', (side) =>
    cluster(side, { members: [{ ...node('One'), numberOfQuorumVotes: null }] }),
  ),
];

testJudges(clusterRules, cases);
