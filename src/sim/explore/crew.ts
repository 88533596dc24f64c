/**
 * Worlds on threads, some at once, each with a heap and a limit of its own.
 *
 * What one exploration needs is bounded: `heapLimitMb` of heap for what is remembered, and outside it
 * about 55 bytes a state for states and ways, of which the configuration allows `limit`.
 */

import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { Configuration } from './configuration.ts';
import type { Exploration } from './explore.ts';

/** Heap of one exploration, in megabytes; beyond it the world counts as not finished. */
export const heapLimitMb = 2400;

/** Threads at once, unless somebody asks for another number. */
export const defaultThreads = Math.min(2, availableParallelism());

/** What a thread found. */
export interface Found {
  readonly exploration: Exploration;
  /** Time of the processor, in milliseconds: what it takes on a machine that does nothing else. */
  readonly cpuMs: number;
}

/** What became of one world. */
export interface Result {
  readonly world: Configuration;
  /** Null when the exploration broke off: then `failure` says why. */
  readonly exploration: Exploration | null;
  readonly failure: string | null;
  readonly elapsedMs: number;
  readonly cpuMs: number;
}

/** Explores all worlds, `threads` at once; `told` hears of each as it ends. Results in the order of the worlds. */
export async function exploreAll(
  worlds: readonly Configuration[],
  threads: number,
  told: (result: Result, index: number) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next; index < worlds.length; index = next) {
      next += 1;
      const world = worlds[index];
      if (world === undefined) return;
      const result = await exploreOn(world);
      results[index] = result;
      told(result, index);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, threads) }, work));
  return results;
}

function exploreOn(world: Configuration): Promise<Result> {
  const started = performance.now();
  return new Promise((resolve) => {
    const end = (found: Found | null, failure: string | null): void => {
      const elapsedMs = performance.now() - started;
      const { exploration, cpuMs } = found ?? { exploration: null, cpuMs: 0 };
      resolve({ world, exploration, failure, elapsedMs, cpuMs });
    };
    const worker = new Worker(new URL('thread.ts', import.meta.url), {
      workerData: world,
      resourceLimits: { maxOldGenerationSizeMb: heapLimitMb },
    });
    worker.once('message', (found: Found) => {
      end(found, null);
    });
    // After a message nothing of this is heard any more: a promise is settled once.
    worker.once('error', (error: Error) => {
      end(null, error.message);
    });
    worker.once('exit', (code) => {
      end(null, `the thread ended with ${code} and no result`);
    });
  });
}
