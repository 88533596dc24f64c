/** Rules that are asked once for every selected database of the source. */

import { sameName, shownName } from '../base/name.ts';
import type { AssessFacts, DatabaseFacts } from '../model/assess-facts.ts';
import type { Migration } from '../model/migration.ts';
import {
  finding,
  notReadable,
  readable,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from './rule.ts';

/** How a rule about a database is written. */
export interface DatabaseSpec extends AssessRuleText {
  readonly judge: (
    database: DatabaseFacts,
    context: { readonly facts: AssessFacts; readonly migration: Migration; readonly shown: string },
  ) => Judgement;
}

/** A rule about every selected database that exists on the source. */
export function databaseRule(spec: DatabaseSpec): AssessRule {
  return {
    ...spec,
    check: (facts, migration) => {
      const instance = facts.source.instance;
      const databases = readable(facts.source, 'databases');
      const here = { side: 'source' as const, instance, database: null };
      if (!databases.known) return [finding(spec, here, notReadable(databases.because))];
      const selected = selectedFacts(databases.value, migration);
      if (selected.length === 0) {
        return [
          finding(spec, here, {
            outcome: 'skipped',
            evidence: 'No selected database exists on the source.',
            remedy: '',
          }),
        ];
      }
      return selected.map((database) =>
        finding(
          spec,
          { side: 'source', instance, database: database.name },
          spec.judge(database, { facts, migration, shown: shownName(database.name) }),
        ),
      );
    },
  };
}

/** The databases that travel, of those that exist; snapshots never do. */
export function selectedFacts(
  databases: readonly DatabaseFacts[],
  migration: Migration,
): readonly DatabaseFacts[] {
  const selection = migration.databases;
  return databases.filter((database) => {
    if (database.sourceDatabaseId !== null) return false;
    return selection.kind === 'named'
      ? selection.names.some((name) => sameName(name, database.name))
      : !selection.except.some((name) => sameName(name, database.name));
  });
}
