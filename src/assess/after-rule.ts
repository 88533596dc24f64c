/** Rules that count once the target is the global primary; before, they are skipped. */

import { sameName, shownName } from '../base/name.ts';
import type { DatabaseFacts } from '../model/assess-database.ts';
import type { AssessFacts } from '../model/assess-facts.ts';
import { known, together, type Fact } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import { byName } from './name-index.ts';
import {
  finding,
  later,
  notReadable,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from './rule.ts';
import { travels } from './travel.ts';

const BEFORE = later('The target is not the global primary yet.');

/** Whether the target has the primary role of the distributed group. */
export function isSwitched({ target }: AssessFacts, migration: Migration): Fact<boolean> {
  const { availabilityGroups: groups } = target;
  if (!groups.known) return groups;
  return known(
    groups.value.some(
      (group) =>
        group.isDistributed &&
        sameName(group.name, migration.distributedAvailabilityGroup) &&
        group.localRoleDesc === 'PRIMARY',
    ),
  );
}

/** How a rule about the whole pair after the cutover is written. */
export interface AfterSpec<T> extends Omit<AssessRuleText, 'family'> {
  readonly read: (facts: AssessFacts) => Fact<T>;
  readonly judge: (
    value: T,
    context: { readonly facts: AssessFacts; readonly migration: Migration },
  ) => Judgement;
}

/** A rule about the pair after the cutover. */
export function afterRule<T>(spec: AfterSpec<T>): AssessRule {
  const { read, judge, ...rest } = spec;
  const text: AssessRuleText = { ...rest, family: 'after the cutover' };
  return {
    ...text,
    check: (facts, migration) => {
      const where = { side: 'target' as const, instance: facts.target.instance, database: null };
      const switched = isSwitched(facts, migration);
      if (!switched.known) return [finding(text, where, notReadable(switched))];
      if (!switched.value) return [finding(text, where, BEFORE)];
      const value = read(facts);
      const judgement = value.known ? judge(value.value, { facts, migration }) : notReadable(value);
      return [finding(text, where, judgement)];
    },
  };
}

/** A database on both sides. */
export interface SwitchedDatabase {
  readonly source: DatabaseFacts;
  readonly target: DatabaseFacts;
  /** Name in brackets. */
  readonly shown: string;
  readonly facts: AssessFacts;
}

/** How a rule about each database after the cutover is written. */
export interface AfterDatabaseSpec extends Omit<AssessRuleText, 'family'> {
  readonly judge: (database: SwitchedDatabase) => Judgement;
}

/** A rule about each selected database after the cutover. */
export function afterDatabaseRule(spec: AfterDatabaseSpec): AssessRule {
  const { judge, ...rest } = spec;
  const text: AssessRuleText = { ...rest, family: 'after the cutover' };
  return {
    ...text,
    check: (facts, migration) => {
      const { instance } = facts.target;
      const where = { side: 'target' as const, instance, database: null };
      const switched = isSwitched(facts, migration);
      if (!switched.known) return [finding(text, where, notReadable(switched))];
      if (!switched.value) return [finding(text, where, BEFORE)];
      const read = together({ from: facts.source.databases, to: facts.target.databases });
      if (!read.known) return [finding(text, where, notReadable(read))];
      const { from, to } = read.value;
      const isSelected = travels(migration);
      const wanted = from.filter((each) => each.sourceDatabaseId === null && isSelected(each.name));
      return wanted.map((source) => {
        const place = { ...where, database: source.name };
        const [target] = byName(to).get(source.name.toLowerCase()) ?? [];
        const shown = shownName(source.name);
        return finding(
          text,
          place,
          target === undefined
            ? { outcome: 'error', evidence: `${shown} is not on the target.` }
            : judge({ source, target, shown, facts }),
        );
      });
    },
  };
}
