/**
 * The dead-man of the demoting side as a step machine: one T-SQL step of a SQL Server Agent job.
 *
 * Started by the demote batch, and by its schedule whenever the Agent starts. The first fenced or owed
 * epoch it sees is its own. While that is fenced it looks again; past the deadline, or when anybody has
 * aborted the epoch, it takes the act lock, aborts by compare-and-set and takes the role back as long
 * as it is owed, until the side is PRIMARY. Anything else ends it.
 */

import type { Side } from '../../model/side.ts';
import { alter } from './batch.ts';
import { withRegister, withSide, type RegisterRow } from './control.ts';
import { dagOn, roleOn, type Pair } from './pair.ts';

/** Where the running job stands. */
export interface DeadMan {
  /** It looks at the register, or it has seen its epoch aborted under the lock and looks at the role next. */
  readonly at: 'watch' | 'alter';
  /** The epoch it is about; null before it has seen a fenced or an owed one. */
  readonly epoch: bigint | null;
}

/** The job as it starts. */
export const startedDeadMan: DeadMan = { at: 'watch', epoch: null };

/** Session name of the job. */
export const deadManSession = 'dead-man';

/** The Agent starts, with the instance or after it: the schedule of the job starts it, where it exists. */
export function startScheduledDeadMan(pair: Pick<Pair, 'control'>, side: Side): void {
  if (pair.control[side].deadManExists)
    pair.control = withSide(pair.control, side, { deadManRunning: true });
}

/** One atomic sub-step of the running job; changes the pair. Null: the job has ended. */
export function stepDeadMan(pair: Pair, side: Side, job: DeadMan): DeadMan | null {
  const row = pair.control[side].register;
  if (job.at === 'alter') return takeBack(pair, side, job);
  // A row is intact only while the group it was fenced in is here.
  if (row === null || !row.isIntact || roleOn(pair, side) === null) return stop(pair, side);
  const epoch = job.epoch ?? (row.phase === 'fenced' || isOwed(row) ? row.epoch : null);
  const isMine = epoch !== null && row.epoch === epoch;
  const isOpen =
    row.phase === 'fenced' || row.phase === 'aborted' || pair.removed.has('dead-man-phase');
  if (!isMine || !isOpen) return stop(pair, side);
  const isDue = row.isExpired || pair.removed.has('dead-man-deadline');
  if (row.phase !== 'aborted' && !isDue) return { at: 'watch', epoch };
  if (!pair.removed.has('act-lock')) {
    if (pair.control[side].actLock !== null) return { at: 'watch', epoch };
    pair.control = withSide(pair.control, side, { actLock: deadManSession });
  }
  if (row.phase !== 'aborted')
    pair.control = withRegister(pair.control, side, { phase: 'aborted', isOwed: true });
  return { at: 'alter', epoch };
}

/** Under the lock: the role is taken while it is owed; what is settled ends the job. */
function takeBack(pair: Pair, side: Side, job: DeadMan): DeadMan | null {
  const row = pair.control[side].register;
  const role = roleOn(pair, side);
  const owed = row?.isIntact === true && row.epoch === job.epoch && isOwed(row);
  if (!owed || role === null) return stop(pair, side);
  if (role === 'PRIMARY') {
    pair.control = withRegister(pair.control, side, { isOwed: false });
    return stop(pair, side);
  }
  if (role === 'SECONDARY') {
    releaseRequired(pair, side);
    alter(pair, side, { kind: 'force-failover-allow-data-loss' });
  }
  release(pair, side);
  return { ...job, at: 'watch' };
}

/** Whether this sub-step enables the logins that were enabled before; asked before it is done. */
export function liftsFence(pair: Pair, side: Side, job: DeadMan): boolean {
  const row = pair.control[side].register;
  const isMine = row?.phase === 'aborted' && row.epoch === job.epoch;
  return job.at === 'alter' && isMine && roleOn(pair, side) === 'PRIMARY';
}

function isOwed(row: RegisterRow): boolean {
  return row.phase === 'aborted' && row.isOwed;
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
