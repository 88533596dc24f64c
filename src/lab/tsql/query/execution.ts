/**
 * What compiled queries run on: rows, frames, and the services of the running statement.
 *
 * Compiled code is synchronous. Row streams yield `PAUSE` now and then, so that the interpreter can
 * let other sessions run and honour an attention; operators pass it on.
 */

import type { Column, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { Prefilter } from '../../store/connection.ts';
import type { TableDefinition } from '../../store/definition.ts';
import type { CatalogRowset } from '../../instance.ts';
import type { ObjectName } from '../ast.ts';
import type { ScalarContext } from '../function/scalar.ts';

/** A row; rows of stored tables carry their row number behind the last column. */
export type Row = SqlValue[];

/** The current row of every source of a query block, by slot. */
export type Frame = Row[];

/** Mark in a row stream: a good moment to stop or to let others run. */
export const PAUSE: unique symbol = Symbol('pause');

/** A stream of rows with pauses. */
export type Rows = Iterable<Row | typeof PAUSE>;

/** A stream of frames with pauses. */
export type Frames = Iterable<Frame | typeof PAUSE>;

/** Where an expression finds its columns: the block's frame, and the blocks around it. */
export interface Environment {
  frame: Frame;
  readonly outer: Environment | null;
}

/** A variable of the batch. */
export interface Variable {
  readonly type: SqlType;
  value: SqlValue;
}

/** Something to read rows from. */
export interface TableHandle {
  readonly columns: readonly Column[];
  /** Null for catalog views. */
  readonly definition: TableDefinition | null;
  scan(filters: readonly Prefilter[]): Iterable<Row>;
  /** Number of rows when it is known without reading them. */
  count(): number | undefined;
}

/** The services of the running statement. */
export interface Execution {
  readonly scalar: ScalarContext;
  /** Values that hold for the whole statement: uncorrelated subqueries and the like. */
  readonly cache: Map<object, unknown>;
  variable(name: string): Variable | undefined;
  /** Opens a table or view; raises 208 and the errors of databases that cannot be opened. */
  table(name: ObjectName): TableHandle;
  tableVariable(name: string): TableHandle;
  /** `sys.fn_...`; undefined when there is no such function. */
  catalogFunction(
    schema: string,
    name: string,
    values: readonly SqlValue[],
  ): CatalogRowset | undefined;
}

/** Rows between two pauses. */
export const ROWS_PER_PAUSE = 2000;

/** Adds pauses to rows that come from outside. */
export function* withPauses(rows: Iterable<Row>): Generator<Row | typeof PAUSE> {
  let count = 0;
  for (const row of rows) {
    yield row;
    count += 1;
    if (count % ROWS_PER_PAUSE === 0) yield PAUSE;
  }
}

/** All rows, without pauses: for subqueries inside expressions. */
export function drainRows(rows: Rows): Row[] {
  const result: Row[] = [];
  for (const row of rows) if (row !== PAUSE) result.push(row);
  return result;
}
