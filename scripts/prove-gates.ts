/**
 * Proves that every gate can go red: plants one violation per gate in a copy of the tree and demands
 * that the gate fails, after it was green on the untouched copy.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const bin = join(root, 'node_modules/.bin/');

interface Proof {
  readonly gate: string;
  readonly command: readonly [string, ...string[]];
  /** File to write (content) or to change (function). */
  readonly file: string;
  readonly plant: string | ((content: string) => string);
  /** Text the red gate must print, so that it is red for the right reason. */
  readonly says: string;
}

const ARCHITECTURE = [process.execPath, 'scripts/test.ts', 'tests/architecture.test.ts'] as const;
const PROOFS: readonly Proof[] = [
  {
    gate: 'format',
    command: [`${bin}oxfmt`, '--check', '.'],
    file: 'src/base/planted.ts',
    plant: 'export   const planted=1\n',
    says: 'planted.ts',
  },
  {
    gate: 'lint: any',
    command: [`${bin}oxlint`, '--type-aware'],
    file: 'src/base/planted.ts',
    plant: 'export function planted(x: any): unknown {\n  return x;\n}\n',
    says: 'no-explicit-any',
  },
  {
    gate: 'lint: floating promise',
    command: [`${bin}oxlint`, '--type-aware'],
    file: 'src/base/planted.ts',
    plant: 'export function planted(x: Promise<void>): void {\n  x.then(() => undefined);\n}\n',
    says: 'no-floating-promises',
  },
  {
    gate: 'lint: clock',
    command: [`${bin}oxlint`, '--type-aware'],
    file: 'src/engine/planted.ts',
    plant: 'export const planted = new Date();\n',
    says: 'no-restricted-globals',
  },
  {
    gate: 'lint: exhaustive switch',
    command: [`${bin}oxlint`, '--type-aware'],
    file: 'src/base/planted.ts',
    plant:
      "export function planted(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 0;\n}\n",
    says: 'switch-exhaustiveness-check',
  },
  {
    gate: 'types',
    command: [`${bin}tsc`, '--noEmit'],
    file: 'src/base/planted.ts',
    plant: "export const planted: number = 'x';\n",
    says: 'TS2322',
  },
  {
    gate: 'types: erasable only',
    command: [`${bin}tsc`, '--noEmit'],
    file: 'src/base/planted.ts',
    plant: 'export enum Planted {\n  A,\n}\n',
    says: 'TS1294',
  },
  {
    gate: 'dead code',
    command: [`${bin}knip`],
    file: 'src/base/planted.ts',
    plant: 'export const planted = 1;\n',
    says: 'planted.ts',
  },
  {
    gate: 'generated files',
    command: [process.execPath, 'scripts/generate.ts', '--check'],
    file: 'docs/problems.md',
    plant: (content) => `${content}\nplanted\n`,
    says: 'problems.md',
  },
  {
    gate: 'architecture: layer, type-only',
    command: ARCHITECTURE,
    file: 'src/reconcile/planted.ts',
    plant: "import type { Clock } from '../ports/clock.ts';\n\nexport type Planted = Clock;\n",
    says: 'reconcile may not import ports',
  },
  {
    gate: 'architecture: built-in in a pure room',
    command: ARCHITECTURE,
    file: 'src/assess/planted.ts',
    plant: "import { readFileSync } from 'node:fs';\n\nexport const planted = readFileSync;\n",
    says: 'node:fs',
  },
  {
    gate: 'architecture: chance in a pure room',
    command: ARCHITECTURE,
    file: 'src/lab/hadr/planted.ts',
    plant: "import { randomUUID } from 'node:crypto';\n\nexport const planted = randomUUID;\n",
    says: 'planted.ts',
  },
  {
    gate: 'architecture: unlisted package',
    command: ARCHITECTURE,
    file: 'src/cli/planted.ts',
    plant: "import fc from 'fast-check';\n\nexport const planted = fc;\n",
    says: 'fast-check',
  },
  {
    gate: 'architecture: type-only cycle',
    command: ARCHITECTURE,
    file: 'src/base/result.ts',
    plant: (content) =>
      `import type { Lsn } from './lsn-planted.ts';\n\nexport type Planted = Lsn;\n${content}`,
    says: 'lsn-planted.ts',
  },
  {
    gate: 'tests',
    command: [process.execPath, 'scripts/test.ts', 'src/base'],
    file: 'src/base/planted.test.ts',
    plant:
      "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n\ntest('is planted', () => {\n  assert.equal(1, 2);\n});\n",
    says: '1 failed',
  },
];

const copy = mkdtempSync(join(tmpdir(), 'sqlferry-gates-'));
const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
for (const file of listed.split('\n').filter((name) => name !== '')) {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  cpSync(join(root, file), join(copy, file), { verbatimSymlinks: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
execFileSync('git', ['init', '-q'], { cwd: copy });
execFileSync('git', ['add', '-A'], { cwd: copy });

/** Runs a gate in the copy; its status and everything it printed. */
function runGate(command: readonly [string, ...string[]]): {
  readonly red: boolean;
  readonly output: string;
} {
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), {
    cwd: copy,
    encoding: 'utf8',
  });
  return { red: status !== 0, output: `${stdout}${stderr}` };
}

let wrong = 0;
const green = new Map<string, boolean>();
for (const proof of PROOFS) {
  const key = proof.command.join(' ');
  if (!green.has(key)) {
    const before = runGate(proof.command);
    green.set(key, !before.red);
    if (before.red) process.stdout.write(`RED BEFORE ${proof.gate}\n${before.output}\n`);
  }
  const path = join(copy, proof.file);
  let original: string | undefined;
  try {
    original = readFileSync(path, 'utf8');
  } catch {
    original = undefined;
  }
  if (proof.gate === 'architecture: type-only cycle') {
    writeFileSync(
      join(copy, 'src/base/lsn-planted.ts'),
      "import type { Result } from './result.ts';\n\nexport type Lsn = Result<1, 2>;\n",
    );
  }
  writeFileSync(path, typeof proof.plant === 'string' ? proof.plant : proof.plant(original ?? ''));
  const { red, output } = runGate(proof.command);
  const good = green.get(key) === true && red && output.includes(proof.says);
  if (!good) wrong += 1;
  process.stdout.write(`${good ? 'goes red' : 'NOT PROVEN'}: ${proof.gate}\n${good ? '' : output}`);
  if (original === undefined) rmSync(path);
  else writeFileSync(path, original);
  rmSync(join(copy, 'src/base/lsn-planted.ts'), { force: true });
}
rmSync(copy, { recursive: true });
process.stdout.write(`${PROOFS.length - wrong} of ${PROOFS.length} gates proven\n`);
process.exit(wrong === 0 ? 0 : 1);
