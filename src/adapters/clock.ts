/** The real clock: the only place of the program that may ask for the time or wait for it. */

import { performance } from 'node:perf_hooks';

import type { Clock } from '../ports/clock.ts';

/** Longest delay a Node timer takes in one piece, in milliseconds (2^31 - 1); longer ones are split. */
const TIMER_LIMIT_MS = 2_147_483_647;

/** Time of the machine the program runs on. */
export const systemClock: Clock = {
  // oxlint-disable-next-line no-restricted-globals -- the Clock port is implemented here
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(reasonOf(signal));
        return;
      }
      const cancel = scheduleOnce(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      function onAbort(): void {
        cancel();
        if (signal !== undefined) reject(reasonOf(signal));
      }
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
  schedule: scheduleOnce,
};

function scheduleOnce(delayMs: number, callback: () => void): () => void {
  const piece = Math.min(Math.max(delayMs, 0), TIMER_LIMIT_MS);
  let cancelNext: () => void = () => {};
  // oxlint-disable-next-line no-restricted-globals -- the Clock port is implemented here
  const timer = setTimeout(() => {
    if (delayMs > piece) cancelNext = scheduleOnce(delayMs - piece, callback);
    else callback();
  }, piece);
  return () => {
    clearTimeout(timer);
    cancelNext();
  };
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
