/** What a compiled FROM is made of; `source.ts` and `join.ts` build it. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { Binder } from './binder.ts';
import type { ScanFilter } from './conjunct.ts';
import type { Environment, Frame, Frames, TableHandle } from './execution.ts';
import type { Scope } from './scope.ts';

/** A compiled part of FROM. */
export interface SourcePlan {
  /** Slots this part fills. */
  readonly slots: readonly number[];
  /** Set for a plain scan of a table: filters can still be added. */
  readonly scan: ScanPlan | null;
  /** Frames with the own slots filled; `frame` holds what stands left of it. `outer` is the environment around the block. */
  produce(outer: Environment, frame: Frame): Frames;
}

/** A scan whose filters grow while the query is compiled. */
export interface ScanPlan {
  readonly slot: number;
  readonly handle: TableHandle;
  readonly filters: ScanFilter[];
  /** Frames with more filters that are only known at run time. */
  produceWith(
    extra: readonly { column: number; values: readonly SqlValue[] }[],
    at: { outer: Environment; frame: Frame },
  ): Frames;
}

/** A binder whose scope is surely there. */
export type BlockBinder = Binder & { readonly scope: Scope };
