/** What a system procedure is, and how it reads its arguments. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';
import { convertValue, textOfValue } from '../query/compiled.ts';
import { same } from '../query/scope.ts';
import type { Request } from '../run/context.ts';

/** One argument of a call. */
export interface Argument {
  /** With `@`; empty when positional. */
  readonly name: string;
  readonly type: SqlType;
  /** undefined stands for DEFAULT. */
  readonly value: SqlValue | undefined;
  readonly output: boolean;
  /** Takes the value of an output parameter. */
  assign(value: SqlValue, type: SqlType): void;
}

/** Runs the text of a batch. */
export type RunText = (request: Request, text: string) => Promise<void>;

/** A system procedure; gives the RETURN value. */
export type Procedure = (
  request: Request,
  given: readonly Argument[],
  run: RunText,
) => Promise<number>;

/** Arguments of a procedure by the names of its parameters. */
export function bindArguments(
  procedure: string,
  given: readonly Argument[],
  names: readonly string[],
): Map<string, Argument> {
  const bound = new Map<string, Argument>();
  given.forEach((argument, i) => {
    const name =
      argument.name === '' ? names[i] : names.find((candidate) => same(candidate, argument.name));
    if (name === undefined)
      throw argument.name === ''
        ? sqlError(8144, procedure)
        : sqlError(8145, argument.name, procedure);
    bound.set(name, argument);
  });
  return bound;
}

/** Text of an argument; null for NULL or when it is missing. */
export function textOf(argument: Argument | undefined): string | null {
  if (argument?.value === undefined || argument.value === null) return null;
  return textOfValue(
    convertValue(argument.value, argument.type, { kind: 'nvarchar', length: 'max' }),
  );
}

/** Whole number of an argument; null for NULL or when it is missing. */
export function numberOf(argument: Argument | undefined): number | null {
  if (argument?.value === undefined || argument.value === null) return null;
  return Number(convertValue(argument.value, argument.type, { kind: 'int' }));
}
