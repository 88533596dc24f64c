/** Rules about availability groups that exist already, and about the names that will be used. */

import { isGrouped } from '../../model/migration.ts';
import { sameName, shownName, shownNames } from '../../base/name.ts';
import { groupNames } from '../group-rule.ts';
import type { GroupFacts } from '../../model/assess-group.ts';
import { factsOf, type AssessFacts, type PartName } from '../../model/assess-facts.ts';
import type { Side } from '../../model/side.ts';
import type { Migration } from '../../model/migration.ts';
import {
  bad,
  bothSides,
  doubtful,
  finding,
  good,
  later,
  sideRule,
  type AssessRule,
  type AssessRuleText,
  type SideSpec,
} from '../rule.ts';

function plannedGroup(migration: Migration, side: Side): string {
  return side === 'source'
    ? migration.source.availabilityGroup
    : migration.target.availabilityGroup;
}

function named(groups: readonly GroupFacts[], name: string): GroupFacts | undefined {
  return groups.find((group) => sameName(group.name, name));
}

/** Whether the side is the forwarder of the distributed group. */
function follows(all: AssessFacts, side: Side, migration: Migration): boolean {
  const { availabilityGroups } = factsOf(all, side);
  return (
    availabilityGroups.known &&
    named(availabilityGroups.value, migration.distributedAvailabilityGroup)?.localRoleDesc ===
      'SECONDARY'
  );
}

/** The same rule for both sides, with the bullet of the article that asks for it on each. */
function ofArticle<P extends PartName>(
  bullets: Readonly<Record<Side, string>>,
  spec: SideSpec<P>,
): readonly AssessRule[] {
  return [
    sideRule('source', { ...spec, seed: bullets.source }),
    sideRule('target', { ...spec, seed: bullets.target }),
  ];
}

const sideRules = [
  ...ofArticle(
    { source: 'SEED-SRC-AG-HEALTH', target: 'SEED-NEW-AG-HEALTH' },
    {
      name: 'AG-HEALTH',
      title: 'An availability group that exists already is healthy',
      family: 'groups',
      part: 'availabilityGroups',
      why: 'The migration starts from a healthy group: connected replicas, nothing suspended.',
      remedy:
        'Mend the group first: look at sys.dm_hadr_database_replica_states and the error log.',
      reference: 'prerequisites',
      judge: (groups, { side, migration, all }) => {
        const group = named(groups, plannedGroup(migration, side));
        if (group === undefined) return later('The group does not exist yet; migrate creates it.');
        const health = group.synchronizationHealthDesc ?? 'not shown';
        const faults = [
          ...(health === 'HEALTHY' ? [] : [`health is ${health}`]),
          ...(group.disconnectedReplicas.length === 0
            ? []
            : [`${shownNames(group.disconnectedReplicas)} disconnected`]),
          ...(group.suspendedDatabases.length === 0
            ? []
            : [`${shownNames(group.suspendedDatabases)} suspended`]),
        ];
        if (faults.length === 0) return good(`${shownName(group.name)} is HEALTHY.`);
        const evidence = `${shownName(group.name)}: ${faults.join(', ')}.`;
        return faults.length === 1 &&
          health === 'PARTIALLY_HEALTHY' &&
          follows(all, side, migration)
          ? doubtful(
              `${evidence} Its side follows the other one.`,
              'Look at sys.dm_hadr_database_replica_states again when the copies have caught up; a newer version stays so until it leads.',
            )
          : bad(evidence);
      },
    },
  ),
  ...bothSides({
    name: 'AG-TYPE',
    title: 'An availability group of that name fits',
    family: 'groups',
    part: 'availabilityGroups',
    why: 'The standalone path uses CLUSTER_TYPE = NONE, a side with a listener a Windows cluster; a basic or contained group cannot be in a distributed one (19513, 47129).',
    remedy: 'Choose another availabilityGroup name in the migration file.',
    reference: 'distributed',
    judge: (groups, { side, migration }) => {
      const group = named(groups, plannedGroup(migration, side));
      if (group === undefined) return later('The group does not exist yet; migrate creates it.');
      const wanted = isGrouped(migration[side]) ? 'WSFC' : 'NONE';
      const found = group.clusterTypeDesc.toUpperCase();
      const faults = [
        ...(group.isDistributed ? ['it is a distributed group'] : []),
        ...(found === wanted ? [] : [`CLUSTER_TYPE is ${found}`]),
        ...(group.isBasic ? ['it is a basic group'] : []),
        ...(group.isContained ? ['it is a contained group'] : []),
      ];
      return faults.length === 0
        ? good(`${shownName(group.name)} exists with CLUSTER_TYPE = ${wanted}.`)
        : bad(`${shownName(group.name)}: ${faults.join(', ')}.`);
    },
  }),
  ...bothSides({
    name: 'DAG-NAME',
    title: 'The name of the distributed availability group is free or its own',
    family: 'groups',
    part: 'availabilityGroups',
    why: 'Names of groups are unique on an instance (19509).',
    remedy: 'Choose another distributedAvailabilityGroup name in the migration file.',
    reference: 'configure',
    judge: (groups, { migration }) => {
      const name = migration.distributedAvailabilityGroup;
      const group = named(groups, name);
      if (group === undefined) return good(`${shownName(name)} is free.`);
      if (!group.isDistributed) return bad(`${shownName(name)} is an ordinary availability group.`);
      const members = [migration.source.availabilityGroup, migration.target.availabilityGroup];
      const strangers = group.replicas.filter(
        (replica) => !members.some((member) => sameName(member, replica)),
      );
      return strangers.length === 0
        ? good(`${shownName(name)} exists and joins the groups of the migration file.`)
        : bad(`${shownName(name)} exists and joins ${shownNames(group.replicas)}.`);
    },
  }),
];

const emptyTarget = sideRule('target', {
  name: 'AG-EMPTY',
  title: 'The availability group of the target is empty before it joins',
  family: 'groups',
  part: 'availabilityGroups',
  why: 'JOIN is refused with 19511 while the group of the forwarder holds a database.',
  remedy: 'ALTER AVAILABILITY GROUP ... REMOVE DATABASE on the target.',
  reference: 'configure',
  judge: (groups, { migration, all }) => {
    const group = named(groups, migration.target.availabilityGroup);
    // Secondaries of the target do not show the distributed group: its primary says whether it has joined.
    const acting = all.target.availabilityGroups;
    const joined =
      acting.known &&
      named(acting.value, migration.distributedAvailabilityGroup)?.isDistributed === true;
    if (group === undefined)
      return later('The group does not exist yet; migrate creates it empty.');
    if (joined) return good(`${shownName(group.name)} has already joined.`);
    return group.databases.length === 0
      ? good(`${shownName(group.name)} is empty.`)
      : bad(`${shownName(group.name)} holds ${shownNames(group.databases)}.`);
  },
});

const distinctText: AssessRuleText = {
  id: 'AG-NAMES',
  title: 'The three names of groups differ',
  family: 'groups',
  why: 'The ids of groups without a cluster are made from their names; equal names collide.',
  remedy: 'Choose different names in the migration file.',
  reference: 'createGroup',
};

const distinctNames: AssessRule = {
  ...distinctText,
  check: (_facts, migration) => {
    const names = groupNames(migration);
    const distinct = new Set(names.map((name) => name.toLowerCase())).size === names.length;
    const where = { side: null, instance: null, database: null };
    const evidence = `Groups ${shownNames(names)}.`;
    return [finding(distinctText, where, distinct ? good(evidence) : bad(evidence))];
  },
};

/** Rules about availability groups. */
export const groupRules: readonly AssessRule[] = [distinctNames, ...sideRules, emptyTarget];
