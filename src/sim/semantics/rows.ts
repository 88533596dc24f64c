/** What the guards of the batches ask of the rows of `sqlferry_control`, before anything else. */

import type { Act } from '../../model/act.ts';
import type { RegisterPhase } from '../../model/register.ts';
import { preparedSide, withSide, type Control, type SideControl } from './control.ts';

/** Whether the batch takes the act lock of its side. */
export function takesActLock(act: Act): boolean {
  switch (act.kind) {
    case 'demote':
    case 'commit-epoch':
    case 'promote':
    case 'refuse-epoch':
    case 'give-back':
    case 'close-epoch':
    case 'record-prior-state':
    case 'create-register':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
      return true;
    default:
      return false;
  }
}

/** The rows that the batch relies on are there and intact; without the control database none is. */
export function hasRows({ register, isRefusedIntact }: SideControl, act: Act): boolean {
  if (act.kind === 'create-register') return true;
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

/** The rows of a side created anew where they are missing, from the epochs that the other side knows of. */
export function newRows(
  control: Control,
  { side, epoch, refused }: Extract<Act, { readonly kind: 'create-register' }>,
): Control {
  const { register } = preparedSide(false);
  if (control[side].register !== null || register === null) return control;
  return withSide(control, side, {
    register: { ...register, epoch: epoch ?? 0n },
    refusedEpoch: refused ?? 0n,
    isRefusedIntact: true,
  });
}

/** No epoch is under way. */
export function isAtRest(phase: RegisterPhase): boolean {
  return phase === 'idle' || phase === 'aborted' || phase === 'done';
}
