/** Time as an argument: real in the program, moved by hand in tests and in the simulator. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back; for durations. */
  monotonic(): number;
  /** Resolves after the delay; rejects with the signal's reason when it is aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after the delay; the returned function cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}
