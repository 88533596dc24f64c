/** Small worlds that are explored: what may happen in each, and how often. */

import type { HadrSwitches } from '../../lab/hadr/state.ts';
import type { CommitMode } from '../../model/prior-state.ts';
import type { GuardName } from '../semantics/guard.ts';
import type { Release } from './start.ts';

/** What an operator of the small world may ask for. */
export type Goal = 'cutover' | 'abort' | 'failback';

/** What takes time between the servers: every message, or log and the word of a demotion. */
export type Wire = 'every-message' | 'log';

/** One small world. */
export interface Configuration {
  readonly name: string;
  readonly release: Release;
  readonly switches: Partial<HadrSwitches>;
  readonly wire: Wire;
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
  /** Guards that are taken away. */
  readonly removed: ReadonlySet<GuardName>;
  /** States after which the exploration is given up. */
  readonly limit: number;
}

const base: Configuration = {
  name: 'base',
  release: 2019,
  switches: {},
  start: 'ready',
  mode: 'SYNCHRONOUS_COMMIT',
  wire: 'log',
  look: 'two-readings',
  operators: [['cutover', 'abort']],
  commits: 1,
  faults: 1,
  replays: false,
  cuts: 0,
  interferences: 0,
  epochs: 1,
  deadMan: true,
  leadership: true,
  removed: new Set(),
  limit: 60_000_000,
};

/** A configuration that differs from the smallest one in what is named. */
export function configuration(change: Partial<Configuration>): Configuration {
  return { ...base, ...change };
}
