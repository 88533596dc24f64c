/** What a dead-man may do next: one sub-step of its job, or the Agent of its server stops. */

import type { Side } from '../../model/side.ts';
import { startedDeadMan, stepDeadMan, stopDeadMan } from '../semantics/dead-man.ts';
import type { Configuration } from './configuration.ts';
import type { ControlNode, ControlSpace } from './control-space.ts';
import type { HadrSpace } from './hadr-space.ts';
import { none, type OperatorMove, type Place } from './operator.ts';
import { moveOf, Work } from './work.ts';

/** What the moves are made over. */
export interface Spaces {
  readonly hadr: HadrSpace;
  readonly control: ControlSpace;
  readonly configuration: Configuration;
}

/** Moves of the running dead-men; they are nobody's operator. */
export function deadManMoves(spaces: Spaces, place: Place): readonly OperatorMove[] {
  const { control } = spaces.control.node(place.control);
  return (['source', 'target'] as const).flatMap((side) =>
    control[side].deadManRunning ? movesOn(spaces, side, place) : [],
  );
}

function movesOn(
  { hadr, control, configuration }: Spaces,
  side: Side,
  place: Place,
): readonly OperatorMove[] {
  const node = control.node(place.control);
  const given = { control: node.control, configuration, act: null };
  const work = new Work(hadr, place, given);
  const next = stepDeadMan(work.pair, side, node.deadMan[side] ?? startedDeadMan);
  const stopping = new Work(hadr, place, given);
  stopDeadMan(stopping.pair, side);
  return [
    moveOf(work, control, {
      label: deadManLabel(side, { node, after: work.pair.control, next }),
      by: 'dead-man',
      operator: none,
      place,
      node: { ...node, control: work.pair.control, deadMan: { ...node.deadMan, [side]: next } },
    }),
    moveOf(stopping, control, {
      label: `SQL Server Agent on the ${side} stops; the dead-man is gone`,
      by: 'dead-man',
      operator: none,
      place,
      isFault: true,
      node: { ...node, control: stopping.pair.control, deadMan: { ...node.deadMan, [side]: null } },
    }),
  ];
}

function deadManLabel(
  side: Side,
  step: {
    readonly node: ControlNode;
    readonly after: ControlNode['control'];
    readonly next: unknown;
  },
): string {
  const who = `the dead-man on the ${side}`;
  if (step.next === null) return `${who} ends`;
  const isAborted = step.after[side].register?.phase === 'aborted';
  const wasAborted = step.node.control[side].register?.phase === 'aborted';
  return isAborted && !wasAborted
    ? `${who} aborts the epoch: its deadline is past`
    : `${who} looks at the register`;
}
