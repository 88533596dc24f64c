/**
 * Runs the tests and counts them.
 *
 * Two lanes: pure tests share one process (no start-up per file); everything that opens sockets,
 * files or processes gets a process of its own per file. Arguments narrow the run to paths.
 *
 * The last line is `N passed, N failed, N skipped`, which CI reads.
 */

import { spawn } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';

const root = new URL('..', import.meta.url).pathname;
process.chdir(root);

// Hundreds of short programs are started: what they load is compiled once.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'sqlferry-compile-cache');

/** Files at a time: one per core, between two and four. */
const FILES_AT_ONCE = Math.min(Math.max(availableParallelism(), 2), 4);

/** Folders whose tests touch nothing outside their process. */
const PURE = [
  'src/base/',
  'src/model/',
  'src/assess/',
  'src/reconcile/',
  'src/sql/',
  'src/tds/',
  'src/lab/hadr/',
  'src/lab/tsql/',
];

/**
 * Files that try again, at further points, what another file tries already. `npm run test:all` runs them,
 * `npm test` names them: CI has twenty minutes, also where half of its processor is taken by others.
 */
const THOROUGH = [
  'tests/process/kill-abort-around-journal.test.ts',
  'tests/process/kill-cutover-around-journal.test.ts',
  'tests/process/kill-migrate-around-journal.test.ts',
  'tests/wire/failback-way-back.test.ts',
  'tests/wire/failback.test.ts',
  'tests/wire/force-promote.test.ts',
  'tests/wire/fence-split-brain.test.ts',
];

/** A file that runs longer than this has hung. */
const FILE_LIMIT_MS = 240_000;

/** Files that are named at the end because they took long: at most so many, from so many seconds on. */
const MOST_SHOWN = 12;
const SLOW_SECONDS = 20;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface TestEvent {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly nesting: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: {
    readonly type?: string;
    readonly duration_ms: number;
    readonly error?: Error;
  };
}

/** All test files under the given paths, sorted. */
function findTests(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    if (!existsSync(path)) throw new Error(`scripts/test.ts: ${path} does not exist`);
    return statSync(path).isFile() ? [path] : globSync(`${path}/**/*.test.ts`);
  });
  return [...new Set(found.map((file) => relative(root, `${root}/${file}`)))].toSorted();
}

/** Seconds that the tests of a file took, for the list of the slowest. */
const secondsOf = new Map<string, number>();

function clock(event: TestEvent): void {
  if (event.nesting > 0 || event.file === undefined) return;
  const file = relative(root, event.file);
  secondsOf.set(file, (secondsOf.get(file) ?? 0) + event.details.duration_ms / 1000);
}

/** Runs one lane in this process and prints failures as they come. */
function runLane(files: readonly string[], pure: boolean): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const stream = run({
    files: [...files],
    isolation: pure ? 'none' : 'process',
    ...(pure ? {} : { concurrency: FILES_AT_ONCE }),
    timeout: FILE_LIMIT_MS,
    forceExit: false,
  });
  stream.on('test:pass', (event: TestEvent) => {
    clock(event);
    if (event.details.type === 'suite') return;
    if (event.skip !== undefined && event.skip !== false) {
      counts.skipped += 1;
      process.stdout.write(
        `skipped: ${event.name}${typeof event.skip === 'string' ? ` (${event.skip})` : ''}\n`,
      );
    } else if (event.todo === undefined || event.todo === false) counts.passed += 1;
  });
  stream.on('test:fail', (event: TestEvent) => {
    clock(event);
    if (event.details.type === 'suite' && event.details.error?.message.includes('subtest')) return;
    counts.failed += 1;
    const cause = event.details.error?.cause ?? event.details.error;
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
    process.stdout.write(
      `FAILED ${event.file === undefined ? '' : relative(root, event.file)}:${event.line ?? ''} ${event.name}\n${text}\n\n`,
    );
  });
  stream.on('test:stdout', (event: { readonly message: string }) => {
    if (process.env['TEST_OUTPUT'] !== undefined) process.stdout.write(event.message);
  });
  stream.on('test:stderr', (event: { readonly message: string }) =>
    process.stderr.write(event.message),
  );
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('end', () => resolve(counts));
    stream.resume();
  });
}

/** Runs the pure lane in a child, because its tests share the runner's process. */
function spawnPureLane(files: readonly string[]): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [import.meta.filename, '--pure-lane', ...files], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const match = /^counts (\d+) (\d+) (\d+)$/mu.exec(output);
      process.stdout.write(output.replace(/^counts .*\n?/mu, ''));
      if (match === null) reject(new Error(`the pure lane ended with ${code} and counted nothing`));
      else
        resolve({ passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3]) });
    });
  });
}

const parameters = process.argv.slice(2);
if (parameters[0] === '--pure-lane') {
  const counts = await runLane(parameters.slice(1), true);
  process.stdout.write(`counts ${counts.passed} ${counts.failed} ${counts.skipped}\n`);
  process.exit(0);
}

const all = parameters[0] === '--all';
const paths = all ? parameters.slice(1) : parameters;
const found = findTests(paths.length > 0 ? paths : ['src', 'tests']);
const left = all || paths.length > 0 ? [] : found.filter((file) => THOROUGH.includes(file));
const files = found.filter((file) => !left.includes(file));
if (files.length === 0) throw new Error('no test file found: nothing was tested');
const pure = files.filter((file) => PURE.some((folder) => file.startsWith(folder)));
const others = files.filter((file) => !pure.includes(file));
const none: Counts = { passed: 0, failed: 0, skipped: 0 };
const lanes = [
  pure.length > 0 ? await spawnPureLane(pure) : none,
  others.length > 0 ? await runLane(others, false) : none,
];
const total = lanes.reduce((sum, lane) => ({
  passed: sum.passed + lane.passed,
  failed: sum.failed + lane.failed,
  skipped: sum.skipped + lane.skipped,
}));
const slowest = [...secondsOf].toSorted(([, a], [, b]) => b - a).slice(0, MOST_SHOWN);
for (const [file, seconds] of slowest.filter(([, seconds]) => seconds >= SLOW_SECONDS))
  process.stdout.write(`slow: ${file} ${seconds.toFixed(0)} s\n`);
if (left.length > 0)
  process.stdout.write(`left to npm run test:all: ${left.length} files (${left.join(', ')})\n`);
process.stdout.write(`${files.length} test files\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
