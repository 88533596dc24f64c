/** Runs client programs that may not be installed. */

import { spawn, spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** What a program said. */
export interface ProgramResult {
  readonly status: number | null;
  readonly output: string;
}

/** How a program is run. */
export interface ProgramOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Seconds after which a hanging program is ended. */
const LIMIT_MS = 20_000;

/** Runs a program without blocking this process, whose listener it talks to. */
export function runProgram(
  file: string,
  argumentList: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argumentList, {
      env: { ...process.env, ...options.environment },
      timeout: LIMIT_MS,
    });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** Skips the test with a line that says why when the program does not start; true when it was skipped. */
export function skipWithout(
  context: TestContext,
  file: string,
  ...probe: readonly string[]
): boolean {
  const { error, status } = spawnSync(file, probe, { timeout: LIMIT_MS });
  const missing = error !== undefined || (probe.length > 1 && status !== 0);
  if (missing) context.skip(`${file} ${probe.join(' ')}: not installed on this machine`);
  return missing;
}
