/**
 * The one check before a commit: format, lint, types, dead code, generated files, architecture and
 * unit tests, and beside them, on the other core, the short exploration and simulation of the cutover.
 * `npm test` runs more: the programs as processes and foreign clients.
 */

import { spawn } from 'node:child_process';

const root = new URL('..', import.meta.url).pathname;
const bin = `${root}node_modules/.bin/`;

interface Gate {
  readonly name: string;
  readonly program: string;
  readonly parameters: readonly string[];
}

const node = (name: string, ...parameters: string[]): Gate => ({
  name,
  program: process.execPath,
  parameters,
});

/** Gates of a lane run one after the other, the lanes at the same time. */
const LANES: readonly (readonly Gate[])[] = [
  [
    { name: 'format', program: `${bin}oxfmt`, parameters: ['--check', '.'] },
    { name: 'lint', program: `${bin}oxlint`, parameters: ['--type-aware'] },
    { name: 'types', program: `${bin}tsc`, parameters: ['--noEmit'] },
    { name: 'dead code', program: `${bin}knip`, parameters: [] },
    node('generated files', 'scripts/generate.ts', '--check'),
    node('tests', 'scripts/test.ts', 'src', 'tests/architecture.test.ts'),
  ],
  [
    node('exploration', 'src/sim/explore/main.ts', '--quick'),
    node('simulation', 'src/sim/simulate/main.ts', '--seed', '1', '--runs', '2000'),
  ],
];

const only = process.argv.slice(2);
const known = LANES.flat().map((gate) => gate.name);
const strange = only.filter((name) => !known.includes(name));
if (strange.length > 0) {
  process.stderr.write(`no such gate: ${strange.join(', ')}; there are ${known.join(', ')}\n`);
  process.exit(2);
}

/** Runs one gate; its output comes whole when it has ended, so that the lanes do not mix. */
function runGate(gate: Gate): Promise<boolean> {
  const begin = performance.now();
  return new Promise((resolve) => {
    const child = spawn(gate.program, gate.parameters, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', (error) => output.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (code) => {
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      process.stdout.write(Buffer.concat(output));
      process.stdout.write(`${code === 0 ? 'ok  ' : 'RED '} ${gate.name} (${seconds} s)\n`);
      resolve(code === 0);
    });
  });
}

async function runLane(gates: readonly Gate[]): Promise<string[]> {
  const failed: string[] = [];
  for (const gate of gates) {
    if (only.length > 0 && !only.includes(gate.name)) continue;
    if (!(await runGate(gate))) failed.push(gate.name);
  }
  return failed;
}

const failed = (await Promise.all(LANES.map(runLane))).flat();
process.stdout.write(
  failed.length === 0 ? 'check: green\n' : `check: red (${failed.join(', ')})\n`,
);
process.exit(failed.length === 0 ? 0 : 1);
