/** What may go wrong with an operator's process and its connections. */

import { takesActLock } from '../semantics/batch.ts';
import { ended, endedOn, orphaned, orphanOf, type ControlNode } from './control-space.ts';
import { nobody, none, type Operator, type Place } from './operator.ts';

/** A mishap: what is left of the operator, and of its sessions on the servers. */
export interface Mishap {
  readonly label: string;
  readonly operator: Operator;
  readonly node: ControlNode;
}

/**
 * Death of the process, and loss of the connection of a batch, before the request arrives or while the
 * batch runs on. Batches of one statement either take effect or never arrive: nothing lies in between.
 */
export function mishaps(
  operator: Operator,
  place: Place,
  given: { readonly node: ControlNode; readonly memoryAfterBreak: () => number },
): readonly Mishap[] {
  const { node } = given;
  const { batch, orphan } = operator;
  const keepsRunning = batch !== null && orphan === null && takesActLock(batch.act);
  const left = keepsRunning ? { ...batch, session: orphanOf(place.name) } : orphan;
  const gone = keepsRunning ? orphaned(node, batch.act.side, place.name) : node;
  const found: Mishap[] = [
    {
      label: `the process of ${place.name} dies${keepsRunning ? `; its ${batch.act.kind} goes on` : ''}`,
      operator: { ...nobody, orphan: left },
      node: ended(gone, place.name),
    },
  ];
  if (batch === null) return found;
  const memory = given.memoryAfterBreak();
  const plain = { ...operator, batch: null, source: none, target: none, half: none, memory };
  if (keepsRunning) {
    found.push({
      label: `${place.name} loses the connection; ${batch.act.kind} goes on`,
      operator: { ...plain, orphan: left },
      node: gone,
    });
  }
  if (batch.at === 'begin') {
    found.push({
      label: `${place.name} loses the connection; ${batch.act.kind} never arrives`,
      operator: plain,
      node: endedOn(node, batch.act.side, place.name),
    });
  }
  return found;
}
