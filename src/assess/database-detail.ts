/**
 * Rules about a database that need more than its row in `sys.databases`.
 *
 * Looks up what one part says about one database; a part is indexed once, however many databases ask.
 */

import { byName, type Named } from './name-index.ts';
import { duration } from '../base/quantity.ts';
import type { DatabaseFacts } from '../model/assess-database.ts';
import type { ContentFacts, ContentKind } from '../model/assess-database-detail.ts';
import type { AssessFacts, SideFacts } from '../model/assess-facts.ts';
import { known, unknown, type Fact } from '../model/fact.ts';
import type { InDatabase } from '../model/in-database.ts';
import type { Migration } from '../model/migration.ts';
import { databaseRule, type DatabaseSpec } from './database-rule.ts';
import { later, notReadable, type AssessRule, type Judgement } from './rule.ts';

const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 1440;
const MINUTES_IN_TWO_DAYS = 2 * MINUTES_PER_DAY;

/** A database with everything a rule may look at. */
export interface DetailContext {
  readonly database: DatabaseFacts;
  /** Its name in brackets. */
  readonly shown: string;
  readonly facts: AssessFacts;
  readonly migration: Migration;
}

/** How a rule about what one part says of a database is written. */
export interface DetailSpec<T> extends Omit<DatabaseSpec, 'judge'> {
  readonly read: (source: SideFacts, context: DetailContext) => Fact<T>;
  readonly judge: (value: T, context: DetailContext) => Judgement;
}

/** A rule about every selected database; what cannot be read is unknown, and skipped where the database is closed. */
export function detailRule<T>(spec: DetailSpec<T>): AssessRule {
  const { read, judge, ...rest } = spec;
  return databaseRule({
    ...rest,
    judge: (database, { shown, facts, migration }) => {
      const context: DetailContext = { database, shown, facts, migration };
      const fact = read(facts.source, context);
      if (fact.known) return judge(fact.value, context);
      return database.stateDesc === 'ONLINE'
        ? notReadable(fact)
        : later(`${shown} is ${database.stateDesc} and was not looked into; see DB-ONLINE.`);
    },
  });
}

/** The rows of a part about one database; none is a known answer. */
export function rowsAbout<T extends Named>(
  fact: Fact<readonly T[]>,
  database: string,
): Fact<readonly T[]> {
  return fact.known ? known(byName(fact.value).get(database.toLowerCase()) ?? []) : fact;
}

/** The row of a part that has one per database. */
export function rowAbout<T extends Named>(fact: Fact<readonly T[]>, database: string): Fact<T> {
  const rows = rowsAbout(fact, database);
  if (!rows.known) return rows;
  const [row] = rows.value;
  return row === undefined ? unknown('the server shows no row for this database') : known(row);
}

/** What was read inside one database. */
export function insideOf<T>(fact: Fact<readonly InDatabase<T>[]>, database: string): Fact<T> {
  if (!fact.known) return fact;
  const [found] = byName(fact.value).get(database.toLowerCase()) ?? [];
  return found === undefined ? unknown('the database was not entered') : found.inside;
}

/** Things of some kinds inside one database. */
export function thingsIn(
  side: SideFacts,
  database: string,
  kinds: readonly ContentKind[],
): Fact<readonly ContentFacts[]> {
  const inside = insideOf(side.contents, database);
  return inside.known ? known(inside.value.filter((thing) => kinds.includes(thing.kind))) : inside;
}

/** A name as a T-SQL literal in a remedy; statements that are sent are built in `sql/`. */
export function shownLiteral(name: string): string {
  return `N'${name.replaceAll("'", "''")}'`;
}

/** An age in words: hours and minutes, from two days on in days. */
export function age(minutes: number): string {
  return minutes >= MINUTES_IN_TWO_DAYS
    ? `${Math.floor(minutes / MINUTES_PER_DAY)} days`
    : duration(Math.max(1, minutes) * MINUTE_MS);
}

/** The first names of a list, with the number of the others. */
export function someNames(names: readonly string[], limit = 5): string {
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
