/** A state of the small world, and a step from one to the next. */

import type { Act } from '../../model/act.ts';
import type { Breach } from './breach.ts';
import type { OperatorName } from './control-space.ts';
import type { Mover } from './mover.ts';

/** One state, taken apart. */
export interface WorldState {
  readonly hadr: number;
  readonly control: number;
  readonly a: number;
  readonly b: number;
  readonly environment: number;
}

/** One thing that may happen. */
export interface Move extends WorldState {
  readonly label: string;
  readonly by: Mover;
  /** Whose process or batch it is; null for the rest. */
  readonly who: OperatorName | null;
  /** It counts against the faults, cuts or interferences: no path back to safety may need it. */
  readonly isFault: boolean;
  readonly breach: Breach | null;
  readonly act: Act | null;
  /** The act of a batch that this move sends. */
  readonly sends: Act | null;
  /** Decision with which this move ends the process; null for everything else, also for a death. */
  readonly ends: 'done' | 'needs-human' | null;
}
