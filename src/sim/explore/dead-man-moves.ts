/** What the dead-man may do next: one sub-step of its job, or the Agent stops. */

import { startedDeadMan, stepDeadMan, stopDeadMan } from '../semantics/dead-man.ts';
import type { Configuration } from './configuration.ts';
import type { ControlNode, ControlSpace } from './control-space.ts';
import type { HadrSpace } from './hadr-space.ts';
import type { OperatorMove, Place } from './operator.ts';
import { moveOf, Work } from './work.ts';

/** What the moves are made over. */
export interface Spaces {
  readonly hadr: HadrSpace;
  readonly control: ControlSpace;
  readonly configuration: Configuration;
}

/** Moves of the running dead-man; `operator` is passed through. */
export function deadManMoves(
  spaces: Spaces,
  operator: number,
  place: Place,
): readonly OperatorMove[] {
  const { hadr, control, configuration } = spaces;
  const node = control.node(place.control);
  if (!node.control.source.deadManRunning) return [];
  const given = { control: node.control, configuration };
  const work = new Work(hadr, place, given);
  const next = stepDeadMan(work.pair, 'source', node.deadMan ?? startedDeadMan);
  const stopping = new Work(hadr, place, given);
  stopDeadMan(stopping.pair, 'source');
  return [
    moveOf(work, control, {
      label: deadManLabel(node, work.pair.control, next),
      operator,
      place,
      node: { ...node, control: work.pair.control, deadMan: next },
    }),
    moveOf(stopping, control, {
      label: 'SQL Server Agent stops; the dead-man is gone',
      operator,
      place,
      isFault: true,
      node: { ...node, control: stopping.pair.control, deadMan: null },
    }),
  ];
}

function deadManLabel(node: ControlNode, after: ControlNode['control'], next: unknown): string {
  if (next === null) return 'the dead-man ends';
  const aborted =
    after.source.register?.phase === 'aborted' && node.control.source.register?.phase !== 'aborted';
  return aborted
    ? 'the dead-man aborts the epoch: its deadline is past'
    : 'the dead-man looks at the register';
}
