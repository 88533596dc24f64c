/**
 * What one part of the facts is: its queries, the rights it needs, and the way from rows to a fact.
 *
 * Every query runs by itself inside TRY, so an error costs one part and not the batch. A query of a
 * part names its rowset by its first column (`SELECT 1 AS part_files, ...`): the key in `queries`.
 * The batch is in `assess-batch.ts`.
 */

import type { AssessRight } from '../../../model/assess-right.ts';
import { unknown, type Fact } from '../../../model/fact.ts';
import type { InDatabase } from '../../../model/in-database.ts';
import type { Migration } from '../../../model/migration.ts';
import type { Side } from '../../../model/side.ts';
import type { RawRow } from '../../batch.ts';
import { attempt } from '../cell.ts';

/** What a query may depend on. */
export interface AssessOptions {
  readonly migration: Migration;
  readonly side: Side;
  /** 13 is 2016, 14 is 2017, 16 is 2022; never above the newest version that is known here. */
  readonly versionMajor: number;
}

/** This version has nothing to ask for, with the reason in words. */
export interface NotHere {
  readonly none: string;
}

/** A query, or how it follows from the version, the side and the migration. */
export type Query = string | ((options: AssessOptions) => string | NotHere);

/** The rowsets of one answer, as a decoder sees them. */
export interface PartAnswer {
  /** Rows of a rowset; the part becomes unknown when they were not read. */
  rows(rowset: string): readonly RawRow[];
  /** Rows of a rowset a part can do without. */
  fact(rowset: string): Fact<readonly RawRow[]>;
}

/** What was answered from inside one database. */
export interface DatabaseAnswer extends PartAnswer {
  readonly name: string;
  /** Why it was not entered; null when it was. */
  readonly because: string | null;
  /** Statement that lets the login in, where that is the reason. */
  readonly remedy: string | null;
}

/** One part of the facts. */
export interface FactPart<T> {
  /** Without one of them the rows could be incomplete, and the part is unknown. */
  readonly needs: readonly AssessRight[];
  /** By name of the rowset. */
  readonly queries: Readonly<Record<string, Query>>;
  /** Rights of single rowsets that the part can do without (`PartAnswer.fact`). */
  readonly rowsetNeeds?: Readonly<Record<string, readonly AssessRight[]>>;
  /** Queries that run inside every readable selected database, by name of the rowset. */
  readonly inside: Readonly<Record<string, Query>>;
  readonly decode: (answer: PartAnswer, databases: readonly DatabaseAnswer[]) => T;
}

/** The parts of a family, by their names. */
export type PartsOf<F> = { readonly [P in keyof F]: FactPart<F[P]> };

/** How a part about the instance is written. */
export interface InstancePartSpec<T> {
  readonly needs: readonly AssessRight[];
  readonly rowsetNeeds?: Readonly<Record<string, readonly AssessRight[]>>;
  readonly queries: Readonly<Record<string, Query>>;
  readonly decode: (answer: PartAnswer) => T;
}

/** A part that is asked once per instance. */
export function onInstance<T>(spec: InstancePartSpec<T>): FactPart<T> {
  return { ...spec, inside: {} };
}

/**
 * A part that is asked inside every selected user database that can be read, all in the same batch.
 * A query sees the database as its own (`sys.database_files`, `DB_ID()`); it must not change anything.
 */
export function inEachDatabase<T>(spec: InstancePartSpec<T>): FactPart<readonly InDatabase<T>[]> {
  const { queries, decode, ...rights } = spec;
  return {
    ...rights,
    queries: {},
    inside: queries,
    decode: (_answer, databases) =>
      databases.map((database) => ({
        name: database.name,
        inside:
          database.because === null
            ? attempt(() => decode(database))
            : unknown(database.because, database.remedy ?? undefined),
      })),
  };
}
