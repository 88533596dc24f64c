/** What the world counts beside servers, registers and operators, packed into one number. */

/** Counters and sets of the environment. */
export interface Environment {
  /** Commits tried so far. */
  readonly commits: number;
  /** Commits whose clients were told that they are safe, as bits. */
  readonly acknowledged: number;
  readonly faults: number;
  readonly cuts: number;
  readonly interferences: number;
  /** Epochs that were committing at some instant, as bits: those of the source's register, then the target's. */
  readonly committed: number;
}

const bits = {
  commits: 3,
  acknowledged: 4,
  faults: 4,
  cuts: 3,
  interferences: 2,
  committed: 6,
} as const;

const order = ['commits', 'acknowledged', 'faults', 'cuts', 'interferences', 'committed'] as const;

/** The environment before anything happened. */
export const firstEnvironment: Environment = {
  commits: 0,
  acknowledged: 0,
  faults: 0,
  cuts: 0,
  interferences: 0,
  committed: 0,
};

/** Packs the environment into 22 bits. */
export function packEnvironment(environment: Environment): number {
  let packed = 0;
  for (const field of order) packed = (packed << bits[field]) | environment[field];
  return packed;
}

/** Unpacks it. */
export function unpackEnvironment(packed: number): Environment {
  const values: Record<keyof Environment, number> = { ...firstEnvironment };
  let rest = packed;
  for (const field of order.toReversed()) {
    values[field] = rest & ((1 << bits[field]) - 1);
    rest >>>= bits[field];
  }
  return values;
}
