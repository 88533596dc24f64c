/**
 * The one check before a commit: format, lint, types, dead code, generated files, architecture and
 * unit tests. `npm test` runs more: the programs as processes and foreign clients.
 */

import { spawnSync } from 'node:child_process';

const root = new URL('..', import.meta.url).pathname;
const bin = `${root}node_modules/.bin/`;

/** Name, program, arguments. */
const GATES: readonly (readonly [string, string, readonly string[]])[] = [
  ['format', `${bin}oxfmt`, ['--check', '.']],
  ['lint', `${bin}oxlint`, ['--type-aware']],
  ['types', `${bin}tsc`, ['--noEmit']],
  ['dead code', `${bin}knip`, []],
  ['generated files', process.execPath, ['scripts/generate.ts', '--check']],
  ['tests', process.execPath, ['scripts/test.ts', 'src', 'tests/architecture.test.ts']],
];

const only = process.argv.slice(2);
const failed: string[] = [];
for (const [name, program, parameters] of GATES) {
  if (only.length > 0 && !only.includes(name)) continue;
  const begin = performance.now();
  const { status, error } = spawnSync(program, parameters, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) process.stderr.write(`${name}: ${error.message}\n`);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? 'ok  ' : 'RED '} ${name} (${seconds} s)\n`);
  if (status !== 0) failed.push(name);
}
process.stdout.write(
  failed.length === 0 ? 'check: green\n' : `check: red (${failed.join(', ')})\n`,
);
process.exit(failed.length === 0 ? 0 : 1);
