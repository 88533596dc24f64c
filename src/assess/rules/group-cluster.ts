/** Rules about the Windows cluster under a group. */

import { shownName, shownNames } from '../../base/name.ts';
import type { ClusterFacts, ClusterMemberFacts } from '../../model/assess-network.ts';
import { bad, bothSides, doubtful, good, later, type AssessRule, type Judgement } from '../rule.ts';

const NONE = later('The instance is in no Windows cluster.');

function onCluster(
  judge: (cluster: ClusterFacts) => Judgement,
): (cluster: ClusterFacts | null) => Judgement {
  return (cluster) => (cluster === null ? NONE : judge(cluster));
}

function isNode(member: ClusterMemberFacts): boolean {
  return member.memberTypeDesc === 'CLUSTER_NODE';
}

/** Rules about clusters. */
export const clusterRules: readonly AssessRule[] = [
  ...bothSides({
    name: 'CLUSTER-QUORUM',
    title: 'The Windows cluster has its ordinary quorum',
    family: 'groups',
    part: 'cluster',
    why: 'A cluster that was forced up, or has no quorum, may hold an old picture of the group.',
    remedy: 'Get-ClusterNode; Get-ClusterQuorum. Bring the missing nodes or the witness back.',
    reference: 'quorum',
    judge: onCluster(({ clusterName, quorumStateDesc }) =>
      quorumStateDesc === 'NORMAL_QUORUM'
        ? good(`Cluster ${shownName(clusterName)} has NORMAL_QUORUM.`)
        : bad(`Cluster ${shownName(clusterName)} has ${quorumStateDesc}.`),
    ),
  }),
  ...bothSides({
    name: 'CLUSTER-NODES',
    title: 'Every node and witness of the Windows cluster is up',
    family: 'groups',
    part: 'cluster',
    why: 'With a vote missing, the next failure can stop the cluster and with it the group.',
    remedy: 'Get-ClusterNode; Start-ClusterNode -Name <node>',
    reference: 'quorum',
    judge: onCluster(({ clusterName, members }) => {
      if (members.length === 0)
        return {
          outcome: 'unknown',
          evidence: `The members of ${shownName(clusterName)} are not shown.`,
        };
      const down = members.filter((member) => member.memberStateDesc !== 'UP');
      if (down.length === 0)
        return good(`All ${members.length} members of ${shownName(clusterName)} are UP.`);
      const names = down.map((member) => member.memberName);
      return doubtful(
        `${shownNames(names)} of cluster ${shownName(clusterName)}: ${[...new Set(down.map((member) => member.memberStateDesc))].join(', ')}.`,
        names.map((name) => `Start-ClusterNode -Name "${name}"`).join('; '),
      );
    }),
  }),
  ...bothSides({
    name: 'CLUSTER-WITNESS',
    title: 'The number of votes in the Windows cluster is odd',
    family: 'groups',
    part: 'cluster',
    why: 'With an even number of votes, half of them can be lost at once and the cluster stops.',
    remedy: 'Add a witness, for example Set-ClusterQuorum -CloudWitness -AccountName <account>',
    reference: 'quorum',
    judge: onCluster(({ clusterName, members, quorumTypeDesc }) => {
      const votes = members.map((member) => member.numberOfQuorumVotes);
      if (votes.length === 0 || votes.includes(null))
        return {
          outcome: 'unknown',
          evidence: `The votes of ${shownName(clusterName)} are not shown.`,
        };
      const sum = votes.reduce<number>((total, each) => total + (each ?? 0), 0);
      const nodes = members.filter(isNode).length;
      const evidence = `${nodes} node(s), ${sum} vote(s), ${quorumTypeDesc}.`;
      return sum % 2 === 1 ? good(evidence) : doubtful(evidence);
    }),
  }),
];
