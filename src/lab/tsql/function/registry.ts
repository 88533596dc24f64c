/**
 * The scalar functions of the lab, by name, and the `@@` variables.
 *
 * COALESCE, NULLIF, IIF and CHOOSE are turned into CASE by the parser and are not here; aggregates,
 * window functions and functions in FROM belong to the executor. The date part of DATEADD and its
 * like arrives as a varchar literal with the lower-case name of the part.
 */

import { dateFunctions } from './date.ts';
import { digestFunctions } from './digest.ts';
import { formatFunctions } from './format.ts';
import { numberFunctions } from './number.ts';
import type { ScalarFunction, SystemVariable } from './scalar.ts';
import { stringFunctions } from './string.ts';
import { systemFunctions } from './system.ts';
import { systemVariables } from './variable.ts';

const FUNCTIONS = new Map<string, ScalarFunction>(
  Object.entries({
    ...stringFunctions,
    ...digestFunctions,
    ...numberFunctions,
    ...dateFunctions,
    ...formatFunctions,
    ...systemFunctions,
  }),
);

const VARIABLES = new Map<string, SystemVariable>(Object.entries(systemVariables));

/** A scalar function; undefined when there is no such name (195). The name's case does not matter. */
export function scalarFunction(name: string): ScalarFunction | undefined {
  return FUNCTIONS.get(name.toUpperCase());
}

/** An `@@` variable by name with its at-signs; undefined when there is none (137). */
export function systemVariable(name: string): SystemVariable | undefined {
  return VARIABLES.get(name.toUpperCase());
}

/** Names of all scalar functions, sorted: for documentation and tests. */
export function scalarFunctionNames(): readonly string[] {
  return [...FUNCTIONS.keys()].toSorted();
}
