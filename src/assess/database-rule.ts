/** Rules that are asked once for every selected database of the source. */

import { nameKey, shownName } from '../base/name.ts';
import type { DatabaseFacts } from '../model/assess-database.ts';
import type { AssessFacts } from '../model/assess-facts.ts';
import type { Finding } from '../model/finding.ts';
import type { Migration } from '../model/migration.ts';
import {
  finding,
  notReadable,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from './rule.ts';

/** What a rule about a database sees besides it. */
export interface DatabaseContext {
  readonly facts: AssessFacts;
  readonly migration: Migration;
  /** Name as it is printed. */
  readonly shown: string;
}

/** How a rule about a database is written. */
export interface DatabaseSpec extends AssessRuleText {
  readonly judge: (database: DatabaseFacts, context: DatabaseContext) => Judgement;
}

/** A rule about every selected database that exists on the source. */
export function databaseRule(spec: DatabaseSpec): AssessRule {
  const { judge, ...text } = spec;
  return { ...text, check: (facts, migration) => judgeEach(text, { facts, migration, judge }) };
}

function judgeEach(
  text: AssessRuleText,
  asked: {
    readonly facts: AssessFacts;
    readonly migration: Migration;
    readonly judge: DatabaseSpec['judge'];
  },
): readonly Finding[] {
  const { facts, migration, judge } = asked;
  const { instance, databases } = facts.source;
  const here = { side: 'source' as const, instance, database: null };
  if (!databases.known) return [finding(text, here, notReadable(databases))];
  const selected = selectedFacts(databases.value, migration);
  if (selected.length === 0) {
    const evidence = 'No selected database exists on the source.';
    return [finding(text, here, { outcome: 'skipped', evidence, remedy: '' })];
  }
  return selected.map((database) =>
    finding(
      text,
      { ...here, database: database.name },
      judge(database, { facts, migration, shown: shownName(database.name) }),
    ),
  );
}

/** The databases that travel, of those that exist; snapshots never do. */
export function selectedFacts(
  databases: readonly DatabaseFacts[],
  migration: Migration,
): readonly DatabaseFacts[] {
  const selection = migration.databases;
  const isNamed = selection.kind === 'named';
  const names = new Set((isNamed ? selection.names : selection.except).map(nameKey));
  return databases.filter(
    (database) =>
      database.sourceDatabaseId === null && names.has(nameKey(database.name)) === isNamed,
  );
}
