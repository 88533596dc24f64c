/** The demo's lab: `sqlferry lab up` as a child process, and what its folder says about it. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { fail, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Clock } from '../../ports/clock.ts';

/** Longest wait for `ready`, and for the end after SIGTERM, in milliseconds. */
const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5000;
/** Time between two looks for `ready`, in milliseconds. */
const READY_LOOK_MS = 20;

/** One instance in `lab.json`. */
export interface LabInstanceEntry {
  readonly name: string;
  readonly fqdn: string;
  readonly address: string;
  readonly port: number;
}

/** A lab that runs. */
export interface DemoLab {
  readonly folder: string;
  readonly instances: readonly LabInstanceEntry[];
  /** Listeners; none in the standalone preset. */
  readonly listeners: readonly LabInstanceEntry[];
  /** Absolute path of the file that holds the login's password; null when the lab has no such login. */
  passwordFile(user: string): string | null;
  stop(): Promise<void>;
  /** Lets it run on after this process. */
  leave(): void;
}

/** What is started. */
export interface LabOptions {
  readonly folder: string;
  readonly preset: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Starts the lab; the error is what it printed instead of `ready`. */
export async function startDemoLab(options: LabOptions): Promise<Result<DemoLab, string>> {
  const main = new URL('../main.ts', import.meta.url).pathname;
  const logFile = `${options.folder}.log`;
  // A file, not a pipe: a lab that is left running must not depend on this process reading.
  const log = openSync(logFile, 'w');
  const child = spawn(
    process.execPath,
    [main, 'lab', 'up', '--preset', options.preset, '--dir', options.folder],
    // A group of its own: Ctrl-C in the terminal is the demo's to handle, which then stops the lab.
    { stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  const forget = endWithProcess(child);
  const failure = await untilReady(child, logFile, options);
  if (failure !== null) {
    await stopChild(child, options.clock);
    return fail(failure);
  }
  const file = JSON.parse(readFileSync(join(options.folder, 'lab.json'), 'utf8')) as {
    readonly instances: readonly LabInstanceEntry[];
    readonly listeners: readonly LabInstanceEntry[];
    readonly logins: readonly { readonly user: string; readonly passwordFile: string }[];
  };
  return ok({
    folder: options.folder,
    instances: file.instances,
    listeners: file.listeners,
    passwordFile: (user) => {
      const login = file.logins.find((one) => one.user === user);
      return login === undefined ? null : resolve(options.folder, login.passwordFile);
    },
    stop: () => stopChild(child, options.clock),
    leave: () => {
      forget();
      child.unref();
    },
  });
}

/** Null when the lab said `ready`. */
async function untilReady(
  child: ChildProcess,
  logFile: string,
  options: LabOptions,
): Promise<string | null> {
  const { clock, signal } = options;
  const end = clock.monotonic() + READY_LIMIT_MS;
  let failed: string | null = null;
  child.once('error', (error) => {
    failed = error.message;
  });
  while (clock.monotonic() < end) {
    const output = readFileSync(logFile, 'utf8');
    if (/^ready/mu.test(output)) return null;
    if (failed !== null) return failed;
    if (child.exitCode !== null) return `it ended with ${child.exitCode}: ${output.trim()}`;
    if (signal.aborted) return 'stopped on request';
    await clock.sleep(READY_LOOK_MS);
  }
  return 'it was not ready in time';
}

/** A child in its own group outlives a process that ends at once: take it along. Answers how to forget that. */
export function endWithProcess(child: ChildProcess): () => void {
  const end = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', end);
  const forget = (): void => {
    process.off('exit', end);
  };
  child.once('exit', forget);
  return forget;
}

/** Ends a child: politely, then not. */
export function stopChild(child: ChildProcess, clock: Clock): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      done();
      return;
    }
    const cancel = clock.schedule(STOP_LIMIT_MS, () => child.kill('SIGKILL'));
    child.once('exit', () => {
      cancel();
      done();
    });
    child.kill('SIGTERM');
  });
}
