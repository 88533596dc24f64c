/** What may go wrong with an operator's process and its connections. */

import { takesActLock } from '../semantics/rows.ts';
import { ended, endedOn, lateOf, orphaned, orphanOf, type ControlNode } from './control-space.ts';
import { none, over, type Operator, type Place } from './operator.ts';

/** A mishap: what is left of the operator, and of its sessions on the servers. */
export interface Mishap {
  readonly label: string;
  readonly operator: Operator;
  readonly node: ControlNode;
}

/** What a mishap is made from. */
export interface MishapGiven {
  readonly node: ControlNode;
  readonly memoryAfterBreak: () => number;
  /** Whether a batch may come late or twice. */
  readonly replays: boolean;
}

/**
 * Death of the process, and loss of the connection of a batch, before the request arrives or while the
 * batch runs on. Batches of one statement either take effect or never arrive: nothing lies in between.
 */
export function mishaps(operator: Operator, place: Place, given: MishapGiven): readonly Mishap[] {
  const { node } = given;
  const { batch, orphan } = operator;
  const keepsRunning = batch !== null && orphan === null && takesActLock(batch.act);
  const left = keepsRunning ? { ...batch, session: orphanOf(place.name) } : orphan;
  const gone = keepsRunning ? orphaned(node, batch.act.side, place.name) : node;
  const found: Mishap[] = [
    {
      label: `the process of ${place.name} dies${keepsRunning ? `; its ${batch.act.kind} goes on` : ''}`,
      operator: { ...over(operator), orphan: left },
      node: ended(gone, place.name),
    },
  ];
  if (batch === null) return found;
  const plain = lost(operator, given);
  if (keepsRunning) {
    found.push({
      label: `${place.name} loses the connection; ${batch.act.kind} goes on`,
      operator: { ...plain, orphan: left },
      node: gone,
    });
  }
  if (batch.at !== 'begin') return found;
  found.push({
    label: `${place.name} loses the connection; ${batch.act.kind} never arrives`,
    operator: plain,
    node: endedOn(node, batch.act.side, place.name),
  });
  if (given.replays && operator.late === null) found.push(...delays(operator, place, given));
  return found;
}

/** The operator after it lost the connection of its batch. */
export function lost(
  operator: Operator,
  { memoryAfterBreak }: Pick<MishapGiven, 'memoryAfterBreak'>,
): Operator {
  const memory = memoryAfterBreak();
  return { ...operator, batch: null, source: none, target: none, half: none, memory };
}

/** The request is held up on its way, or arrives and will arrive a second time. */
function delays(operator: Operator, place: Place, given: MishapGiven): readonly Mishap[] {
  const { batch } = operator;
  if (batch === null) return [];
  const { node } = given;
  const { name } = place;
  const late = { ...batch, session: lateOf(name) };
  return [
    {
      label: `${name} loses the connection; ${batch.act.kind} is held up on its way`,
      operator: { ...lost(operator, given), late },
      node: endedOn(node, batch.act.side, name),
    },
    {
      label: `the process of ${name} dies; its ${batch.act.kind} is held up on its way`,
      operator: { ...over(operator), late },
      node: ended(node, name),
    },
    {
      label: `the ${batch.act.kind} of ${name} will arrive twice`,
      operator: { ...operator, late },
      node,
    },
  ];
}
