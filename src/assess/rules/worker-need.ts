/**
 * Worker threads that availability groups take, as Microsoft Learn counts them ("Prerequisites,
 * restrictions and recommendations for Always On availability groups", thread usage).
 */

/** What the number depends on. */
export interface WorkerLoad {
  readonly databases: number;
  /** Copies that the primary sends to: other replicas of its group and the forwarder. */
  readonly partners: number;
  /** Logical processors. */
  readonly cores: number;
  /** `max_workers_count`. */
  readonly maxWorkers: number;
}

/** Threads at most. */
export interface WorkerNeed {
  readonly primary: number;
  readonly secondary: number;
  /** What availability groups may take together. */
  readonly limit: number;
}

/** Threads that are kept for everything else. */
const RESERVED = 40;
/** Shared by all databases, 3 to 10 of them. */
const SHARED = 10;
/** Helpers of parallel redo on one instance. */
const REDO_TOTAL = 100;
const REDO_PER_DATABASE = 16;

/** Threads of an instance with that load, at full work. */
export function workerNeed(load: WorkerLoad): WorkerNeed {
  const { databases, partners, cores, maxWorkers } = load;
  return {
    primary: databases === 0 ? 0 : SHARED + databases * (1 + partners),
    secondary: databases === 0 ? 0 : SHARED + databases + redoHelpers(databases, cores),
    limit: Math.max(0, maxWorkers - RESERVED),
  };
}

/** Besides the one redo thread of each database: half the cores, at most 16, and 100 on the instance. */
function redoHelpers(databases: number, cores: number): number {
  const each = Math.min(Math.ceil(cores / 2), REDO_PER_DATABASE);
  return Math.min(REDO_TOTAL, databases * each);
}
