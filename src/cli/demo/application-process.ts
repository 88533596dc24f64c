/** The demo's application as a child process, and what it last said about itself. */

import { spawn } from 'node:child_process';

import type { Clock } from '../../ports/clock.ts';
import type { ApplicationReport } from './application.ts';
import { endWithProcess, stopChild } from './lab-process.ts';

/** Time between two looks at the newest report, in milliseconds. */
const LOOK_MS = 20;

/** The running application. */
export interface DemoApplication {
  /** The newest report; null before the first. */
  report(): ApplicationReport | null;
  /** Starts the measure of the longest gap anew. */
  resetGap(): void;
  /** Waits until the report satisfies the condition; false when the limit passed or the application ended. */
  until(condition: (report: ApplicationReport) => boolean, limitMs: number): Promise<boolean>;
  /** Ends it; every acknowledged commit is in the ledger afterwards. */
  stop(): Promise<void>;
  /** Why it does not write, as far as it said. */
  errors(): string;
}

/** What is started. */
export interface ApplicationOptions {
  readonly settingsFile: string;
  readonly ledgerFile: string;
  readonly seed: number;
  readonly clock: Clock;
}

/** Starts the application. */
export function startDemoApplication(options: ApplicationOptions): DemoApplication {
  const program = new URL('./application.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    [program, options.settingsFile, options.ledgerFile, String(options.seed)],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true },
  );
  endWithProcess(child);
  let latest: ApplicationReport | null = null;
  let errors = '';
  child.on('message', (message) => {
    latest = message as ApplicationReport;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return {
    report: () => latest,
    resetGap: () => {
      // An application that has ended shows in `until`; the message is then of no use.
      child.send('reset gap', () => {});
    },
    async until(condition, limitMs) {
      const end = options.clock.monotonic() + limitMs;
      while (options.clock.monotonic() < end && child.exitCode === null) {
        if (latest !== null && condition(latest)) return true;
        await options.clock.sleep(LOOK_MS);
      }
      return false;
    },
    stop: () => stopChild(child, options.clock),
    errors: () => `${latest?.lastError ?? ''} ${errors}`.trim(),
  };
}
