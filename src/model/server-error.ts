/**
 * SQL Server errors that a migration meets, in our words.
 *
 * Errors are recognised by number alone: texts differ by version and language. `class` says how a
 * program may react; the adapter decides outcomes by number and `sqlferry explain <number>` prints it.
 * Source of the numbers: Microsoft Learn, Database Engine errors.
 */

import { databaseErrors } from './server-error-database.ts';
import { groupErrors } from './server-error-group.ts';
import { guardErrors } from './server-error-guard.ts';
import { instanceErrors } from './server-error-instance.ts';
import type { ServerErrorKind } from './server-error-kind.ts';

const rows = [...databaseErrors, ...instanceErrors, ...groupErrors, ...guardErrors];

/** All known errors by number. */
export const serverErrors: ReadonlyMap<number, ServerErrorKind> = new Map(
  rows.map(([number, kind, meaning, cause, remedy]) => [
    number,
    { number, class: kind, meaning, cause, remedy },
  ]),
);

/** How many rows the table has, to notice a number that is in it twice. */
export const serverErrorRows: number = rows.length;

/** What is known about an error; `undefined` for a number that is not in the table. */
export function serverError(number: number): ServerErrorKind | undefined {
  return serverErrors.get(number);
}
