/**
 * How copies of one database are compared.
 *
 * Each copy carries its recovery forks. The last fork both know, and the nearer end of it, is the
 * point up to which both logs are equal; behind it a copy is divergent.
 */

import type { Lsn } from '../../base/lsn.ts';
import type { CopyPosition } from './message.ts';
import type { DatabaseState, RecoveryFork } from './state.ts';

/** A history: its forks, and where it ends. */
interface History {
  readonly forks: readonly RecoveryFork[];
  readonly end: Lsn;
}

/** The last position up to which two histories are equal; undefined when they have nothing in common. */
export function commonPoint(left: History, right: History): Lsn | undefined {
  let last = -1;
  while (
    left.forks[last + 1] !== undefined &&
    left.forks[last + 1]?.id === right.forks[last + 1]?.id
  )
    last += 1;
  if (last < 0) return undefined;
  const leftEnd = left.forks[last + 1]?.start ?? left.end;
  const rightEnd = right.forks[last + 1]?.start ?? right.end;
  return leftEnd < rightEnd ? leftEnd : rightEnd;
}

/** A copy as it offers itself. */
export function copyOf(database: DatabaseState): CopyPosition {
  return {
    database: database.key,
    familyId: database.familyId,
    forks: database.forks,
    end: database.log.end,
    joined: database.joined,
    suspended: database.suspended,
    mayRevert: database.mayRevert,
  };
}
