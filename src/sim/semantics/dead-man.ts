/**
 * The dead-man of the demoting side as a step machine: one T-SQL step of a SQL Server Agent job.
 *
 * Started by the demote batch. The first fenced epoch it sees is its own; while that is fenced it
 * looks again; past the deadline, or when somebody aborted the epoch, it takes the act lock, aborts by
 * compare-and-set and takes the role back, until the side is PRIMARY. Anything else ends it.
 */

import type { Side } from '../../model/side.ts';
import { alter } from './batch.ts';
import { withRegister, withSide } from './control.ts';
import { dagOn, roleOn, type Pair } from './pair.ts';

/** Where the running job stands. */
export interface DeadMan {
  /** It looks at the register, or it has aborted the epoch under the lock and alters the group next. */
  readonly at: 'watch' | 'alter';
  /** The epoch it is about; null before it has seen a fenced one. */
  readonly epoch: bigint | null;
}

/** The job as it starts. */
export const startedDeadMan: DeadMan = { at: 'watch', epoch: null };

/** Session name of the job. */
export const deadManSession = 'dead-man';

/** One atomic sub-step of the running job; changes the pair. Null: the job has ended. */
export function stepDeadMan(pair: Pair, side: Side, job: DeadMan): DeadMan | null {
  const row = pair.control[side].register;
  if (job.at === 'alter') {
    const isPrimary = roleOn(pair, side) === 'PRIMARY';
    if (roleOn(pair, side) === 'SECONDARY') {
      releaseRequired(pair, side);
      alter(pair, side, { kind: 'force-failover-allow-data-loss' });
    }
    release(pair, side);
    return isPrimary ? stop(pair, side) : { ...job, at: 'watch' };
  }
  if (row === null || !row.isIntact) return stop(pair, side);
  const epoch = job.epoch ?? (row.phase === 'fenced' ? row.epoch : null);
  const isMine = epoch !== null && row.epoch === epoch;
  const isOpen =
    row.phase === 'fenced' || row.phase === 'aborted' || pair.removed.has('dead-man-phase');
  if (!isMine || !isOpen) return stop(pair, side);
  const isDue = row.isExpired || pair.removed.has('dead-man-deadline');
  if (row.phase !== 'aborted' && !isDue) return { ...job, epoch };
  if (!pair.removed.has('act-lock')) {
    if (pair.control[side].actLock !== null) return { ...job, epoch };
    pair.control = withSide(pair.control, side, { actLock: deadManSession });
  }
  pair.control = withRegister(pair.control, side, { phase: 'aborted' });
  return { at: 'alter', epoch };
}

/** A server that still waits for a secondary in every commit may refuse the role; an error here changes nothing. */
function releaseRequired(pair: Pair, side: Side): void {
  if ((dagOn(pair, side)?.requiredSynchronizedSecondariesToCommit ?? 0) === 0) return;
  alter(pair, side, {
    kind: 'set-options',
    options: { requiredSynchronizedSecondariesToCommit: 0 },
  });
}

/** The Agent stopped: the job ends where it stands. */
export function stopDeadMan(pair: Pair, side: Side): void {
  stop(pair, side);
}

function stop(pair: Pair, side: Side): null {
  release(pair, side);
  pair.control = withSide(pair.control, side, { deadManRunning: false });
  return null;
}

function release(pair: Pair, side: Side): void {
  if (pair.control[side].actLock === deadManSession)
    pair.control = withSide(pair.control, side, { actLock: null });
}
