/**
 * What a query block collects while its expressions are compiled: aggregates and window functions,
 * whose results are filled in after the rows are known. How they compute: `aggregate.ts`, `window.ts`.
 */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { Compiled } from './compiled.ts';
import type { Environment, Frame } from './execution.ts';
import type { SortKey } from './order.ts';

/** Running state of an aggregate over one group. */
export interface Accumulator {
  add(environment: Environment): void;
  result(): SqlValue;
}

/** A compiled aggregate. */
export interface Aggregate {
  readonly type: SqlType;
  start(): Accumulator;
}

/** Aggregates of one query block; their results stand in one slot of the frame. */
export interface AggregateCollector {
  readonly slot: number;
  readonly list: Aggregate[];
}

/** A compiled window function: one value for each frame of a partition, in the order of the partition. */
export interface WindowFunction {
  readonly type: SqlType;
  readonly partitionBy: readonly Compiled[];
  readonly orderBy: readonly SortKey[];
  compute(partition: Partition): SqlValue[];
}

/** Frames of one partition in order, with the number of their peer group. */
export interface Partition {
  readonly frames: readonly Frame[];
  /** Same number for frames that are equal in the ORDER BY. */
  readonly peers: readonly number[];
  readonly environment: Environment;
}

/** Window functions of one query block; their results stand in one slot of the frame. */
export interface WindowCollector {
  readonly slot: number;
  readonly list: WindowFunction[];
}
