/**
 * Rules about the availability group that the migration file names on a side, or about the
 * distributed one; as the acting instance sees it, which is the primary where there is one.
 */

import { sameName, shownName } from '../base/name.ts';
import { factsOf, type AssessFacts, type SideFacts } from '../model/assess-facts.ts';
import type { GroupFacts } from '../model/assess-group.ts';
import type { ReplicaFacts } from '../model/assess-replica.ts';
import { together } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import type { Side } from '../model/side.ts';
import {
  finding,
  later,
  notReadable,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from './rule.ts';

/** What a rule about a group judges. */
export interface GroupContext {
  readonly side: Side;
  /** The acting instance. */
  readonly facts: SideFacts;
  readonly all: AssessFacts;
  readonly migration: Migration;
  readonly group: GroupFacts;
  /** Replicas of this group, or members of the distributed one. */
  readonly replicas: readonly ReplicaFacts[];
  /** Name of the group in brackets. */
  readonly shown: string;
}

/** How a rule about a group is written. */
export interface GroupSpec extends Omit<AssessRuleText, 'id'> {
  /** Id without its side. */
  readonly name: string;
  readonly judge: (context: GroupContext) => Judgement;
}

/** A rule about the local group of one side; skipped while there is none. */
export function groupRule(side: Side, spec: GroupSpec): AssessRule {
  const absent = 'The group does not exist yet; migrate creates it.';
  return ruleAbout(side, spec, {
    nameOf: (migration) => migration[side].availabilityGroup,
    isMeant: (group) => !group.isDistributed,
    absent,
  });
}

/** The same rule for the local groups of both sides. */
export function bothGroups(spec: GroupSpec): readonly AssessRule[] {
  return [groupRule('source', spec), groupRule('target', spec)];
}

/** A rule about the distributed group as both sides see it; skipped while there is none. */
export function bothDistributed(spec: GroupSpec): readonly AssessRule[] {
  const about = {
    nameOf: (migration: Migration) => migration.distributedAvailabilityGroup,
    isMeant: (group: GroupFacts) => group.isDistributed,
    absent: 'The distributed availability group does not exist yet; migrate creates it.',
  };
  return [ruleAbout('source', spec, about), ruleAbout('target', spec, about)];
}

interface About {
  readonly nameOf: (migration: Migration) => string;
  readonly isMeant: (group: GroupFacts) => boolean;
  readonly absent: string;
}

function ruleAbout(side: Side, spec: GroupSpec, about: About): AssessRule {
  const { name, judge, ...rest } = spec;
  const text: AssessRuleText = { id: `${side === 'source' ? 'SRC' : 'TGT'}-${name}`, ...rest };
  return {
    ...text,
    check: (all, migration) => {
      const facts = factsOf(all, side);
      const where = { side, instance: facts.instance, database: null };
      const { availabilityGroups: groups, groupReplicas } = facts;
      const read = together({ groups, groupReplicas });
      if (!read.known) return [finding(text, where, notReadable(read))];
      const group = read.value.groups.find(
        (each) => about.isMeant(each) && sameName(each.name, about.nameOf(migration)),
      );
      if (group === undefined) return [finding(text, where, later(about.absent))];
      const replicas = read.value.groupReplicas.filter((each) => sameName(each.group, group.name));
      const shown = shownName(group.name);
      const judgement = judge({ side, facts, all, migration, group, replicas, shown });
      return [finding(text, where, judgement)];
    },
  };
}

/** The names that the migration file gives to groups: both local ones and the distributed one. */
export function groupNames(migration: Migration): readonly [string, string, string] {
  return [
    migration.source.availabilityGroup,
    migration.target.availabilityGroup,
    migration.distributedAvailabilityGroup,
  ];
}
