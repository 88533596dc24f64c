/**
 * The scalar functions of the lab, by name, and the `@@` variables.
 *
 * COALESCE, NULLIF, IIF and CHOOSE are turned into CASE by the parser and are not here; aggregates,
 * window functions and functions in FROM belong to the executor. The date part of DATEADD and its
 * like arrives as a varchar literal with the lower-case name of the part.
 */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { ScalarFunction, SystemVariable } from './scalar.ts';

/** A scalar function; undefined when there is no such name (195). The name's case does not matter. */
export function scalarFunction(name: string): ScalarFunction | undefined {
  return functions.get(name.toUpperCase());
}

/** An `@@` variable by name with its at-signs; undefined when there is none (137). */
export function systemVariable(name: string): SystemVariable | undefined {
  return variables.get(name.toUpperCase());
}

const functions = new Map<string, ScalarFunction>();
const variables = new Map<string, SystemVariable>();

/** Result of a function together with its type, for `typedCall`. */
export interface TypedResult {
  readonly type: SqlType;
  readonly value: SqlValue;
}
