/** Processes that try mutants, watched: one that says nothing for long has met a mutant that never ends. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { realClock } from '../tests/support/real-clock.ts';
import type { Order, Verdict } from './mutate-run.ts';

/** Longest silence of a process, in milliseconds: a whole batch's tests on a busy machine. */
const SILENCE_MS = 240_000;

/** Mutants one process tries before a fresh one goes on: loaded test files are never set free. */
const MOST_A_PROCESS = 150;

type Line =
  | { readonly kind: 'ready' }
  | { readonly kind: 'begin'; readonly mutants: readonly string[] }
  | ({ readonly kind: 'end' } & Verdict);

/** Tries every set of mutants of the order, in so many processes at once; calls back with each verdict. */
export async function tryMutants(
  order: Order,
  processes: number,
  told: (verdict: Verdict) => void,
): Promise<readonly Verdict[]> {
  const left = [...order.mutants];
  const verdicts: Verdict[] = [];
  const take = (verdict: Verdict): void => {
    verdicts.push(verdict);
    told(verdict);
  };
  const worker = async (): Promise<void> => {
    while (left.length > 0)
      await onePart({ ...order, mutants: left.splice(0, MOST_A_PROCESS) }, take);
  };
  await Promise.all(Array.from({ length: processes }, () => worker()));
  return verdicts;
}

/** One part, by as many processes as it takes. */
async function onePart(order: Order, take: (verdict: Verdict) => void): Promise<void> {
  let rest = order.mutants;
  while (rest.length > 0) {
    const { done, stuck } = await oneProcess({ ...order, mutants: rest }, take);
    if (stuck !== null) take({ mutants: stuck, killer: 'the watch', because: 'it never ends' });
    rest = rest.slice(done + (stuck === null ? 0 : 1));
    if (done === 0 && stuck === null && rest.length > 0) throw new Error('no mutant was tried');
  }
}

interface Ended {
  readonly done: number;
  /** The set that was under way when nothing was said any more. */
  readonly stuck: readonly string[] | null;
}

async function oneProcess(order: Order, take: (verdict: Verdict) => void): Promise<Ended> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-mutants-'));
  const file = join(directory, 'order.json');
  writeFileSync(file, JSON.stringify(order));
  const here = import.meta.dirname;
  const child = spawn(
    process.execPath,
    ['--import', join(here, 'mutate-preload.ts'), join(here, 'mutate-run.ts'), file],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let done = 0;
  let current: readonly string[] | null = null;
  let isReady = false;
  let cancel = (): void => {};
  const watch = (): void => {
    cancel();
    cancel = realClock.schedule(SILENCE_MS, () => child.kill('SIGKILL'));
  };
  watch();
  const code = new Promise<number | null>((resolve) => {
    child.once('close', (status) => resolve(status));
  });
  for await (const text of createInterface({ input: child.stdout })) {
    watch();
    const line = JSON.parse(text) as Line;
    if (line.kind === 'ready') isReady = true;
    if (line.kind === 'begin') current = line.mutants;
    if (line.kind === 'end') {
      done += 1;
      current = null;
      take({ mutants: line.mutants, killer: line.killer, because: line.because });
    }
  }
  cancel();
  const status = await code;
  rmSync(directory, { recursive: true, force: true });
  // A process that ends by itself has refused to judge: a test is red unmutated, or none is about the batch.
  if (!isReady || (status !== 0 && (current === null || status !== null)))
    throw new Error(
      `the tests cannot judge ${String(current ?? 'anything')} (exit code ${status})`,
    );
  return { done, stuck: current };
}
