/** Small worlds that are explored: what may happen in each, and how often. */

import type { HadrSwitches } from '../../lab/hadr/state.ts';
import type { CommitMode } from '../../model/prior-state.ts';
import type { Side } from '../../model/side.ts';
import type { GuardName } from '../semantics/guard.ts';
import type { Release } from './start.ts';
import type { Trouble } from './trouble.ts';

/** What an operator of the small world may ask for. */
export type Goal = 'cutover' | 'abort' | 'failback';

/** What takes time between the servers: every message, or log and the word of a demotion. */
export type Wire = 'every-message' | 'log';

/** One small world. */
export interface Configuration {
  readonly name: string;
  readonly release: Release;
  /** Two servers, or two primaries with one more synchronous replica each. */
  readonly shape: 'standalone' | 'availability-groups';
  readonly switches: Partial<HadrSwitches>;
  readonly wire: Wire;
  /** Whether log is redone as soon as it is hardened, or record by record, each after any time. */
  readonly redo: 'at-once' | 'slow';
  /**
   * Whether both sides are read at one instant, one after the other with anything in between, or with
   * the target's register read some time after its roles, as the statements of one batch are.
   */
  readonly look: 'one-instant' | 'two-readings' | 'torn-target';
  /** Where it begins: after `migrate`, or after a `cutover` that came to its end. */
  readonly start: 'ready' | 'cut-over';
  /** Commit mode of the DAG at the start. */
  readonly mode: CommitMode;
  /** Goals each operator may start with; it may be started again after every end. */
  readonly operators: readonly (readonly Goal[])[];
  /** Commits of the application, which ignores every fence. */
  readonly commits: number;
  /** Lost replies, deaths of a process, looks that fail and stops of the dead-man, in all. */
  readonly faults: number;
  /** Servers that may crash, as a fault; each starts again at any time, or never. */
  readonly crashes: readonly Side[];
  /** Whether SQL Server Agent may start anew at any time, and with it the job of a dead-man that does not run. */
  readonly agentStarts: boolean;
  /** What a fault may do to the rows of the control database, and on which sides. */
  readonly troubles: readonly Trouble[];
  readonly troubledSides: readonly Side[];
  /** Whether a fault may also leave a batch on its way without a session, or copy one. */
  readonly replays: boolean;
  /** Cuts of the network between the servers; each may heal at any time, or never. */
  readonly cuts: number;
  /** Statements of a person beside sqlferry that set a side to asynchronous commit. */
  readonly interferences: number;
  /** Highest epoch that may be begun on each side; at most 3. */
  readonly epochs: number;
  readonly deadMan: boolean;
  /** Whether only the holder of the leadership locks acts; off: the register stands alone. */
  readonly leadership: boolean;
  /** Whether deadlines, equality, refusals and the lock of the operators are checked; off: only roles, commits and decisions are. */
  readonly promises: boolean;
  /** Guards that are taken away. */
  readonly removed: ReadonlySet<GuardName>;
  /** States after which the exploration is given up. */
  readonly limit: number;
}

const base: Configuration = {
  name: 'base',
  release: 2019,
  shape: 'standalone',
  switches: {},
  start: 'ready',
  mode: 'SYNCHRONOUS_COMMIT',
  wire: 'log',
  redo: 'at-once',
  look: 'two-readings',
  operators: [['cutover', 'abort']],
  commits: 1,
  faults: 1,
  crashes: [],
  agentStarts: false,
  troubles: [],
  troubledSides: ['source', 'target'],
  replays: false,
  cuts: 0,
  interferences: 0,
  epochs: 1,
  deadMan: true,
  leadership: true,
  promises: true,
  removed: new Set(),
  limit: 60_000_000,
};

/**
 * A configuration that differs from the smallest one in what is named. Without `leadership` nobody takes
 * the locks, and that is no broken promise; with the guard of that name removed, it is one.
 */
export function configuration(change: Partial<Configuration>): Configuration {
  const whole = { ...base, ...change };
  if (whole.leadership) return whole;
  return { ...whole, removed: new Set<GuardName>([...whole.removed, 'leadership']) };
}
