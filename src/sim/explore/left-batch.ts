/**
 * Batches whose client is gone.
 *
 * What a broken connection left runs on in its session until the server notices. What comes late runs
 * in a session that nobody lists and that holds no leadership lock: it arrives at any time, also when a
 * later epoch has begun, or never. A copy of a batch is the same batch, executed a second time. One
 * batch of an operator at a time may be late; it outlives the process that sent it.
 */

import { stepBatch, type Batch } from '../semantics/batch.ts';
import type { Configuration } from './configuration.ts';
import { ended, type ControlSpace } from './control-space.ts';
import type { HadrSpace } from './hadr-space.ts';
import type { Operator, OperatorMove, Place } from './operator.ts';
import { withDatabase } from './spoilt-rows.ts';
import { moveOf, Work } from './work.ts';

/** What the moves are made over. */
export interface LeftSpaces {
  readonly hadr: HadrSpace;
  readonly control: ControlSpace;
  readonly configuration: Configuration;
  /** Number of an operator. */
  readonly intern: (operator: Operator) => number;
}

/** One batch that was left, and the operator without it or with it further on. */
interface Left {
  readonly batch: Batch;
  readonly what: string;
  readonly after: (batch: Batch | null) => Operator;
}

/** Moves of the batches that an operator has left behind. */
export function leftBatchMoves(
  spaces: LeftSpaces,
  operator: Operator,
  place: Place,
): readonly OperatorMove[] {
  const { orphan, late } = operator;
  const found: OperatorMove[] = [];
  if (orphan !== null)
    found.push(
      ...run(spaces, place, {
        batch: orphan,
        what: `left of ${place.name}: ${orphan.act.kind} on the ${orphan.act.side}`,
        after: (batch) => ({ ...operator, orphan: batch }),
      }),
    );
  if (late !== null)
    found.push(
      ...run(spaces, place, {
        batch: late,
        what: `late, of ${place.name}: ${late.act.kind} on the ${late.act.side}`,
        after: (batch) => ({ ...operator, late: batch }),
      }),
    );
  return found;
}

/** One sub-step, or the end when the server notices that nobody waits for it. */
function run(spaces: LeftSpaces, place: Place, left: Left): readonly OperatorMove[] {
  const { hadr, control, configuration, intern } = spaces;
  const { batch, what, after } = left;
  // A request on its way to a server that is down stays on its way.
  if (!hadr.isUp(place.hadr, batch.act.side)) return [];
  const node = control.node(place.control);
  const given = { control: node.control, configuration, act: batch.act };
  const dead = moveOf(new Work(hadr, place, given), control, {
    label: `${what}: the server ends it`,
    by: 'server',
    operator: intern(after(null)),
    place,
    node: ended(node, batch.session),
  });
  const work = new Work(hadr, place, given);
  const step = stepBatch(work.pair, batch);
  if (step.kind === 'blocked') return [dead];
  const next = step.kind === 'next' ? step.batch : null;
  const stepped = { ...node, control: work.pair.control };
  const move = moveOf(work, control, {
    label: `${what}: ${batch.at}`,
    by: batch.at === 'begin' ? 'operator' : 'batch',
    operator: intern(after(next)),
    place,
    act: batch.act,
    node: next === null ? ended(withDatabase(stepped, batch.act), batch.session) : stepped,
  });
  return [move, dead];
}
