/** Limits of the loop; those of the decisions are `Policy` in `model/decision.ts`. */

/** How often the loop looks and how long it goes on. Times in milliseconds. */
export interface EnginePolicy {
  /** Shortest pause between two looks while waiting. */
  readonly pollMinMs: number;
  /** Longest pause between two looks while waiting. */
  readonly pollMaxMs: number;
  /** Longest pause while a seeding runs, so that its progress is seen. */
  readonly pollSeedingMs: number;
  /** Pause while neither side takes writes; only keeps an unreachable server from being asked in a tight loop. */
  readonly pollOutageMs: number;
  /** Longest run. */
  readonly maxRunMs: number;
  /** Longest wait during which the servers show nothing new. */
  readonly maxIdleMs: number;
  /** Longest time in which a server that was reached before stays away, outside an outage. */
  readonly maxUnreachableMs: number;
  /** Failures of one act in a row. */
  readonly maxFailures: number;
}

/** The limits sqlferry runs with: a day for large seedings, ten minutes without any movement. */
export const defaultEnginePolicy: EnginePolicy = {
  pollMinMs: 250,
  pollMaxMs: 5000,
  pollSeedingMs: 1000,
  pollOutageMs: 25,
  maxRunMs: 86_400_000,
  maxIdleMs: 600_000,
  maxUnreachableMs: 60_000,
  maxFailures: 3,
};
