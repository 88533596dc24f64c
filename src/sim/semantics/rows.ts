/** What the guards of the batches ask of the rows of `sqlferry_control`, before anything else. */

import type { Act } from '../../model/act.ts';
import type { RegisterPhase } from '../../model/register.ts';
import type { SideControl } from './control.ts';

/** The rows that the batch relies on are there and intact; without the control database none is. */
export function hasRows({ register, isRefusedIntact }: SideControl, act: Act): boolean {
  if (register === null) return false;
  switch (act.kind) {
    case 'promote':
    case 'refuse-epoch':
      return isRefusedIntact;
    case 'demote':
      return isRefusedIntact && register.isIntact;
    default:
      return register.isIntact;
  }
}

/** No epoch is under way. */
export function isAtRest(phase: RegisterPhase): boolean {
  return phase === 'idle' || phase === 'aborted' || phase === 'done';
}
