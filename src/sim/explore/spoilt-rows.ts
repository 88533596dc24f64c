/**
 * Rows of `sqlferry_control` that somebody spoils, puts back, or creates anew, and how that looks.
 *
 * Batches refuse every one of them alike, inside; a look tells them apart. A row that was restored from
 * an older copy is, to both, a row that was changed by hand: its seal names the database it was written
 * in. Somebody may put the rows back as they were: without that some epochs would never end, and
 * nothing would be learnt about what is left behind.
 */

import type { Act } from '../../model/act.ts';
import { primaryInstance } from '../../model/migration.ts';
import type { Observation } from '../../model/observation.ts';
import type { ControlState } from '../../model/register.ts';
import { otherSide, type Side } from '../../model/side.ts';
import { withSide } from '../semantics/control.ts';
import { takesActLock } from '../semantics/rows.ts';
import type { Breach } from './breach.ts';
import type { ControlNode } from './control-space.ts';
import { migration } from './start.ts';
import type { Trouble } from './trouble.ts';

/** The side with its rows spoilt. */
export function spoilt(node: ControlNode, side: Side, kind: Trouble): ControlNode {
  const { register } = node.control[side];
  const isRegister = kind !== 'refused';
  const isRefused = kind !== 'register';
  const changed = register === null || !isRegister ? register : { ...register, isIntact: false };
  return {
    ...node,
    control: withSide(node.control, side, {
      register: isGone(kind) ? null : changed,
      isRefusedIntact: !isRefused,
    }),
    trouble: { ...node.trouble, [side]: { kind, register } },
  };
}

function isGone(kind: Trouble): boolean {
  return kind === 'dropped' || kind === 'emptied';
}

/** Where rows were created anew, nothing is wrong any more. */
export function settled(node: ControlNode): ControlNode {
  let { trouble } = node;
  for (const side of ['source', 'target'] as const) {
    const kind = trouble[side]?.kind ?? null;
    if (kind !== null && isGone(kind) && node.control[side].register !== null)
      trouble = { ...trouble, [side]: null };
  }
  return trouble === node.trouble ? node : { ...node, trouble };
}

/** After a batch that created the control database: it is there, and has no rows. */
export function withDatabase(node: ControlNode, act: Act): ControlNode {
  const troubled = node.trouble[act.side];
  if (act.kind !== 'create-control-database' || troubled?.kind !== 'dropped') return node;
  return { ...node, trouble: { ...node.trouble, [act.side]: { ...troubled, kind: 'emptied' } } };
}

/** The side with its rows as they were. */
export function mended(node: ControlNode, side: Side): ControlNode {
  const troubled = node.trouble[side];
  if (troubled === null) return node;
  const row = isGone(troubled.kind) ? troubled.register : node.control[side].register;
  return {
    ...node,
    control: withSide(node.control, side, {
      register: row === null ? null : { ...row, isIntact: true },
      isRefusedIntact: true,
    }),
    trouble: { ...node.trouble, [side]: null },
  };
}

/**
 * An act although the look showed rows that are not to be trusted, on a side that answered. Where there
 * are no rows at all nothing may begin or go forward; they may be created anew, what ends an epoch by
 * the other side's row alone may be done, and modes may be put back.
 */
export function actedOnTrouble(seen: Observation, act: Act): Breach | null {
  for (const side of ['source', 'target'] as const) {
    const { control } = side === 'source' ? seen.source : seen.target;
    if (!control.known || isOurs(control.value, side)) continue;
    const isMissing = control.value.kind === 'missing' || control.value.kind === 'no-row';
    if (isMissing && endsAlone(act, side)) continue;
    return {
      invariant: 'INV-24',
      what: `${act.kind} is sent although the rows on the ${side} are not to be trusted`,
    };
  }
  return null;
}

/** An act that does not need the rows of the side that has none. */
function endsAlone(act: Act, missing: Side): boolean {
  if (!takesActLock(act) || act.kind === 'create-register') return true;
  const isBack = act.kind === 'give-back' && act.from !== 'committing';
  return act.side !== missing && (isBack || act.kind === 'close-epoch');
}

function isOurs(control: ControlState, side: Side): boolean {
  const other = primaryInstance(migration[otherSide(side)]).name;
  return (
    control.kind === 'present' &&
    control.register.isIntact &&
    control.refused.isIntact &&
    control.register.targetId === other
  );
}
