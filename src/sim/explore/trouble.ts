/** What somebody may do to the rows of `sqlferry_control` on one side. */

import type { Side } from '../../model/side.ts';
import type { RegisterRow } from '../semantics/control.ts';

/** Everything that may be wrong, in words. */
export const troubleTexts = {
  dropped: 'sqlferry_control is dropped',
  emptied: 'the rows of the group are deleted',
  register: 'the row of commit_register is changed by hand',
  refused: 'the row of refused_epoch is changed by hand',
  newer: 'the rows are those of a newer protocol',
  stranger: 'the rows are those of another pair of servers',
} as const;

/** One thing that may be wrong. */
export type Trouble = keyof typeof troubleTexts;

/** A side whose rows are not as sqlferry wrote them. */
export interface Troubled {
  readonly kind: Trouble;
  /** The row as it was before it was dropped. */
  readonly register: RegisterRow | null;
}

/** Nothing is wrong. */
export const noTrouble: Readonly<Record<Side, Troubled | null>> = { source: null, target: null };
