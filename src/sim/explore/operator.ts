/** An operator of the small world, and what a move of one is. */

import type { Act } from '../../model/act.ts';
import type { Batch } from '../semantics/batch.ts';
import type { Breach } from './breach.ts';
import type { Goal } from './configuration.ts';
import type { OperatorName } from './control-space.ts';
import { numberOf } from './hadr-node.ts';
import type { Mover } from './mover.ts';

/** An operator. */
export interface Operator {
  /** null: no process runs. */
  readonly goal: Goal | null;
  readonly memory: number;
  /** Reading of the source while the target has not been read yet; -1: none. */
  readonly half: number;
  /** Readings the batch under way was decided on; -1: none. */
  readonly source: number;
  readonly target: number;
  readonly batch: Batch | null;
  /** Batch of a connection that broke; it runs until the server notices. */
  readonly orphan: Batch | null;
  /** Batch that is still on its way although its session is gone, or a copy of one that arrived. */
  readonly late: Batch | null;
}

/** What an operator, or the dead-man, may do next, and where that leads. */
export interface OperatorMove {
  readonly label: string;
  readonly by: Mover;
  readonly operator: number;
  readonly hadr: number;
  readonly control: number;
  /** Commits whose clients got their answer, as bits. */
  readonly acknowledged: number;
  /** Counts against the faults of the configuration. */
  readonly isFault: boolean;
  /** Epoch that this move promoted; 0: none. The world knows whether it was ever committing. */
  readonly promoted: number;
  readonly breach: Breach | null;
  /** The batch that is sent or steps, for the timeline. */
  readonly act: Act | null;
  /** The act of a batch that this move sends. */
  readonly sends: Act | null;
  /** Decision with which this move ends the process; null for everything else, also for a death. */
  readonly ends: 'done' | 'needs-human' | null;
}

/** Where an operator acts: its name, and the servers and registers as they are. */
export interface Place {
  readonly name: OperatorName;
  readonly hadr: number;
  readonly control: number;
}

/** No reading, no memory. */
export const none = -1;
/** No process, and nothing left of one. */
export const nobody: Operator = {
  goal: null,
  memory: none,
  half: none,
  source: none,
  target: none,
  batch: null,
  orphan: null,
  late: null,
};

/** The process has ended; batches it left go on. */
export function over({ orphan, late }: Operator): Operator {
  return { ...nobody, orphan, late };
}

/** Text that two equal operators share. */
export function operatorText(operator: Operator): string {
  const { goal, memory, half, source, target, batch, orphan, late } = operator;
  return `${goal} ${memory} ${half} ${source} ${target} ${batchText(batch)} ${batchText(orphan)} ${batchText(late)}`;
}

function batchText(batch: Batch | null): string {
  return batch === null ? '' : `${batch.session} ${batch.at} ${numberOf(batch.act)}`;
}
