/** How long `sqlferry --version` takes, against an empty program on the same Node. */

import { spawnSync } from 'node:child_process';
import { line, median } from './measure.ts';

const root = new URL('..', import.meta.url).pathname;

function time(program: string, parameters: readonly string[]): number {
  const begin = performance.now();
  const { status } = spawnSync(program, parameters, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} ended with ${status}`);
  return performance.now() - begin;
}

/** Interleaved runs, medians. */
export async function startUp(): Promise<void> {
  const bare: number[] = [];
  const version: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    bare.push(time(process.execPath, ['-e', '0']));
    version.push(time(`${root}bin/sqlferry`, ['--version']));
  }
  line(
    'sqlferry --version',
    `${median(version).toFixed(0)} ms`,
    `bare node ${median(bare).toFixed(0)} ms`,
    median(version) / median(bare),
  );
  await Promise.resolve();
}
