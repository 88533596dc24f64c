/**
 * A campaign in pieces, in one thread or in several: the same pieces, the same results, the same hash.
 *
 * Pieces are handed out in order and may end in any; hashes are chained in the order of the pieces.
 * What is kept of a piece that has ended is its hash and what was added up.
 */

import { Worker } from 'node:worker_threads';

import { Tally, type Campaign } from './campaign.ts';
import { carryOut, type Job } from './job.ts';

/** Runs in one piece. The same for any number of threads: the combined hash depends on it. */
const PIECE = 100;

/** What is to be run. */
export interface Order {
  readonly of: Job['of'];
  readonly from: number;
  readonly runs: number;
  readonly removed: Job['removed'];
  /** Ends the campaign with the first failing run. */
  readonly endsAtFirst: boolean;
}

/** How it is carried out. */
export interface PoolOptions {
  /** Threads; 1: this one. */
  readonly workers: number;
  /** Told after every piece. */
  readonly progress: (runs: number, failed: number) => void;
  /** No further piece is begun once it is raised. */
  readonly signal: AbortSignal;
}

/** Carries out the order; what was done so far when the signal is raised. */
export async function runOrder(order: Order, options: PoolOptions): Promise<Campaign> {
  const tally = new Tally();
  const hashes = new Map<number, string>();
  let chained = 0;
  let next = 0;
  const pieces = Math.ceil(order.runs / PIECE);
  const take = (): number | null => {
    const isOver = options.signal.aborted || (order.endsAtFirst && tally.failed > 0);
    if (isOver || next >= pieces) return null;
    next += 1;
    return next - 1;
  };
  const put = (piece: number, part: Campaign): void => {
    tally.part(part);
    hashes.set(piece, part.hash);
    for (let hash = hashes.get(chained); hash !== undefined; hash = hashes.get(chained)) {
      tally.chain(hash);
      hashes.delete(chained);
      chained += 1;
    }
    options.progress(tally.runs, tally.failed);
  };
  const serve = async (carry: (job: Job) => Promise<Campaign>): Promise<void> => {
    for (let piece = take(); piece !== null; piece = take())
      put(piece, await carry(jobOf(order, piece)));
  };
  if (options.workers <= 1) await serve(carryOut);
  else
    await Promise.all(Array.from({ length: options.workers }, async () => await inThread(serve)));
  return tally.result();
}

function jobOf(order: Order, piece: number): Job {
  const from = order.from + piece * PIECE;
  const runs = Math.min(PIECE, order.from + order.runs - from);
  const { of, removed, endsAtFirst } = order;
  return { of, from, runs, removed, endsAtFirst };
}

/** Starts a thread, lets it be served with jobs, and ends it. */
async function inThread(
  serve: (carry: (job: Job) => Promise<Campaign>) => Promise<void>,
): Promise<void> {
  const worker = new Worker(new URL('worker.ts', import.meta.url));
  try {
    await serve(
      (job) =>
        new Promise<Campaign>((resolve, reject) => {
          worker.once('error', reject);
          worker.once('message', (part: Campaign) => {
            worker.off('error', reject);
            resolve(part);
          });
          worker.postMessage(job, []);
        }),
    );
  } finally {
    await worker.terminate();
  }
}
