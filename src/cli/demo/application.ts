/**
 * The demo's application, a process of its own: several writers place orders through the ordinary
 * driver, reconnect by themselves and note every acknowledged commit in a ledger.
 *
 * `node application.ts <settings.json> <ledger> <seed>`; tells its parent over IPC how it is doing,
 * and stops cleanly on SIGTERM or when the parent is gone.
 */

import { systemClock } from '../../adapters/clock.ts';
import { makePrng } from '../../base/prng.ts';
import type { Prng } from '../../base/prng.ts';
import type { Random } from '../../ports/random.ts';
import { openLedger } from './ledger.ts';
import { readSettings } from './settings.ts';
import { runWriter } from './writer.ts';

/** Writers at the same time. */
const WRITERS = 4;
/** Mean pause of a writer between two orders, in milliseconds. */
const PAUSE_MS = 20;
/** Time between two reports to the parent, in milliseconds. */
const REPORT_MS = 100;

/** What the application tells its parent. */
export interface ApplicationReport {
  readonly kind: 'report';
  readonly acknowledged: number;
  /** Longest time between two acknowledged commits of any writer since the last reset, in milliseconds. */
  readonly longestGapMs: number;
  /** Lost or refused connections. */
  readonly interruptions: number;
  /** Time since the last acknowledged commit, in milliseconds. */
  readonly silentMs: number;
  /** The newest error, in the driver's words; null when there was none. */
  readonly lastError: string | null;
}

/** Chance from a seed, with the form of a GUID where one is needed. */
function seededRandom(prng: Prng): Random {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => '0123456789ABCDEF'.charAt(prng.below(16))).join('');
  return {
    next: () => prng.next(),
    guid: () =>
      `${hex(8)}-${hex(4)}-4${hex(3)}-${'89AB'.charAt(prng.below(4))}${hex(3)}-${hex(12)}`,
  };
}

async function main(settingsPath: string, ledgerPath: string, seed: number): Promise<void> {
  const ledger = openLedger(ledgerPath);
  const prng = makePrng(seed);
  const stop = new AbortController();
  let acknowledged = 0;
  let interruptions = 0;
  let longestGapMs = 0;
  let lastError: string | null = null;
  let last = systemClock.monotonic();
  process.on('SIGTERM', () => stop.abort());
  process.on('SIGINT', () => {});
  process.on('disconnect', () => stop.abort());
  process.on('message', () => {
    longestGapMs = 0;
  });
  const report = (): void => {
    const silentMs = systemClock.monotonic() - last;
    const message: ApplicationReport = {
      kind: 'report',
      acknowledged,
      interruptions,
      silentMs,
      lastError,
      longestGapMs: Math.max(longestGapMs, silentMs),
    };
    if (process.connected) process.send?.(message);
  };
  const writers = Array.from({ length: WRITERS }, (_, at) =>
    runWriter({
      name: `shop ${at + 1}`,
      clock: systemClock,
      random: seededRandom(prng.split(`writer ${at}`)),
      settings: () => readSettings(settingsPath),
      pauseMs: PAUSE_MS,
      acknowledged: (id) => {
        ledger.note(id);
        acknowledged += 1;
        const now = systemClock.monotonic();
        longestGapMs = Math.max(longestGapMs, now - last);
        last = now;
      },
      interrupted: (error) => {
        interruptions += 1;
        lastError = String(error);
      },
      signal: stop.signal,
    }),
  );
  const all = Promise.all(writers);
  while (!stop.signal.aborted) {
    report();
    await systemClock.sleep(REPORT_MS, stop.signal).catch(() => {});
  }
  await all;
  report();
  ledger.close();
  if (process.connected) process.disconnect();
}

const [settingsPath, ledgerPath, seed] = process.argv.slice(2);
if (settingsPath === undefined || ledgerPath === undefined || seed === undefined) {
  process.stderr.write('usage: node application.ts <settings.json> <ledger> <seed>\n');
  process.exitCode = 2;
} else {
  await main(settingsPath, ledgerPath, Number(seed));
}
