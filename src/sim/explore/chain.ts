/** Batches of an outage that follow one another without a look between them, as in the engine. */

import { required } from '../../base/assert.ts';
import { chainedActs, observationAfterReply } from '../../engine/act-reply.ts';
import type { Act, ActReply } from '../../model/act.ts';
import type { Memory } from '../../model/decision.ts';
import { newBatch } from '../semantics/batch.ts';
import type { DecisionSpace } from './decision-space.ts';
import { withoutPrevious, type MemorySpace } from './memory-space.ts';
import type { ObservationSpace } from './observation-space.ts';
import { none, type Operator } from './operator.ts';

/** What the answer is looked up in. */
export interface ChainSpaces {
  readonly memories: MemorySpace;
  readonly readings: ObservationSpace;
  readonly decisions: DecisionSpace;
}

/** In the outage a reply stands for the next look: the batch that follows at once, or null. */
export function chained(
  { memories, readings, decisions }: ChainSpaces,
  operator: Operator,
  done: { readonly memory: Memory; readonly act: Act; readonly reply: ActReply },
): Pick<Operator, 'memory' | 'source' | 'target' | 'batch'> | null {
  if (operator.source === none || operator.goal === null) return null;
  const { memory, act, reply } = done;
  const seen = decisions.both(operator.source, operator.target);
  const after = observationAfterReply(seen, act, reply);
  if (after === null) return null;
  const source = readings.adopt(after.source, seen.source, operator.source);
  const target = readings.adopt(after.target, seen.target, operator.target);
  const id = memories.intern(memory);
  const decision = decisions.decide({ ...operator, source, target, memory: id });
  if (decision.kind !== 'act' || !chainedActs.has(decision.act.kind)) return null;
  const session = required(operator.batch, 'the batch that ended').session;
  const batch = newBatch(decision.act, session);
  return decision.act.kind === 'promote'
    ? { memory: memories.intern(withoutPrevious(memory)), source: none, target: none, batch }
    : { memory: id, source, target, batch };
}
