/**
 * The dead-man of the demoting side as a step machine: one T-SQL step of a SQL Server Agent job.
 *
 * Started by the demote batch; looks at the register until the epoch is not fenced any more; past
 * the deadline it takes the act lock, aborts the epoch and takes the role back.
 */

import type { Side } from '../../model/side.ts';
import { alter } from './batch.ts';
import { withRegister, withSide } from './control.ts';
import { roleOn, type Pair } from './pair.ts';

/** Where the job stands: it watches, has aborted the epoch, or waits until the databases are open. */
export type DeadManPoint = 'watch' | 'alter';

/** Session name of the job. */
export const deadManSession = 'dead-man';

/** What one look of the job came to: nothing to do yet, on with the next point, or the job has ended. */
export type DeadManStep = 'waits' | DeadManPoint | 'ended';

/** One atomic sub-step of the running job; changes the pair. */
export function stepDeadMan(pair: Pair, side: Side, at: DeadManPoint): DeadManStep {
  const row = pair.control[side].register;
  if (at === 'alter') {
    if (roleOn(pair, side) === 'SECONDARY')
      alter(pair, side, { kind: 'force-failover-allow-data-loss' });
    return stop(pair, side);
  }
  const fenced = row?.isIntact === true && row.phase === 'fenced';
  if (!fenced && !pair.removed.has('dead-man-phase')) return stop(pair, side);
  if (row?.isExpired !== true && !pair.removed.has('dead-man-deadline')) return 'waits';
  if (!pair.removed.has('act-lock')) {
    const holder = pair.control[side].actLock;
    if (holder !== null && holder !== deadManSession) return 'waits';
    pair.control = withSide(pair.control, side, { actLock: deadManSession });
  }
  pair.control = withRegister(pair.control, side, { phase: 'aborted' });
  return 'alter';
}

function stop(pair: Pair, side: Side): 'ended' {
  const locked = pair.control[side].actLock === deadManSession;
  pair.control = withSide(pair.control, side, {
    deadManRunning: false,
    ...(locked ? { actLock: null } : {}),
  });
  return 'ended';
}
