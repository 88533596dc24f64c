/**
 * Runs the program as a person would: `bin/sqlferry` as a child process, against labs that are child
 * processes too. Every lab has its own folder and its own loopback addresses, so that test files can
 * run side by side.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { connect, execute } from '../../src/cli/demo/connection.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
/** The program under test. */
export const PROGRAM = join(ROOT, 'bin/sqlferry');
/** Longest run of one command, in milliseconds; a command that hangs fails its test, not the suite. */
const COMMAND_LIMIT_MS = 100_000;
/** Longest life of a lab, in milliseconds: as long as a test file may run. */
const LAB_LIMIT_MS = 240_000;

/** How a command ended. */
export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** Resolves when stdout or stderr holds the text; rejects when the command ends without it. */
  sees(text: string | RegExp): Promise<void>;
}

/** Where and how a command is run. */
export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Keep stdin open for the test to write to; otherwise it is empty. */
  readonly typed?: boolean;
  /** Longest run, in milliseconds. */
  readonly limitMs?: number;
}

/** Starts a command without waiting for its end; stdin is not a terminal and is empty. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  return startProgram(PROGRAM, args, options);
}

/** Starts any program under the same watch. */
export function startProgram(
  program: string,
  args: readonly string[],
  options: CliOptions = {},
): RunningCli {
  const child = spawn(program, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: [options.typed === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  const collect = (stream: NodeJS.ReadableStream | null, add: (text: string) => void): void => {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      add(text);
      for (const watcher of watchers) watcher();
    });
  };
  collect(child.stdout, (text) => (stdout += text));
  collect(child.stderr, (text) => (stderr += text));
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? COMMAND_LIMIT_MS);
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, stdout, stderr });
      for (const watcher of watchers) watcher();
    });
  });
  const sees = (wanted: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const text = stdout + stderr;
        if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) {
          watchers.delete(look);
          resolve();
        } else if (child.exitCode !== null || child.signalCode !== null) {
          watchers.delete(look);
          reject(new Error(`ended with ${child.exitCode} without showing ${wanted}:\n${text}`));
        }
      };
      watchers.add(look);
      look();
    });
  return { child, ended, sees };
}

/**
 * Starts a command on a terminal of its own (util-linux `script`); what the test writes to stdin is
 * typed there.
 */
export function startOnTerminal(command: string, options: CliOptions = {}): RunningCli {
  return startProgram('script', ['-qec', `stty cols 100; ${command}`, '/dev/null'], {
    ...options,
    typed: true,
    env: { CI: '', ...options.env },
  });
}

/** Runs a command to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).ended;
}

/** A command that must end with this exit code; the failure shows everything it printed. */
export async function expectCli(
  code: number,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const result = await runCli(args, options);
  assert.equal(
    result.code,
    code,
    `sqlferry ${args.join(' ')}\nstdout:\n${result.stdout}\nstderr:\n${result.stderr}`,
  );
  return result;
}

/** A temporary folder that goes away with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** One instance as `lab.json` describes it. */
interface LabInstance {
  readonly name: string;
  readonly fqdn: string;
  readonly address: string;
  readonly port: number;
}

/** What `lab.json` holds. */
interface LabFile {
  readonly instances: readonly LabInstance[];
  readonly logins: readonly { readonly user: string; readonly passwordFile: string }[];
}

/** A lab under way. */
export interface LabHandle {
  /** Folder of the lab; the ready-made migration file is `sqlferry.yaml` in it. */
  readonly folder: string;
  readonly file: string;
  readonly lab: LabFile;
  /** Runs sqlferry in the lab's folder with its migration file and demands the exit code. */
  cli(code: number, ...args: string[]): Promise<CliResult>;
  /** Starts sqlferry in the lab's folder. */
  start(...args: string[]): RunningCli;
  /** Injects a fault. */
  fault(...words: string[]): Promise<void>;
  /** Runs one statement as a login (`sa` by default) on an instance. */
  sql(
    instance: string,
    text: string,
    options?: { readonly user?: string; readonly database?: string },
  ): Promise<readonly (readonly unknown[])[]>;
  /** Replaces texts in the migration file, or in a copy when `to` is given; answers its path. */
  edit(change: (text: string) => string, to?: string): string;
}

/** Starts a lab that ends with the test: a preset, or the text of a `lab.yaml`. */
export async function startLab(
  t: TestContext,
  options: { readonly yaml?: string; readonly preset?: string } = {},
): Promise<LabHandle> {
  const folder = temporaryFolder(t);
  const definition = join(folder, 'lab.yaml');
  if (options.yaml !== undefined) writeFileSync(definition, options.yaml);
  const what =
    options.yaml === undefined ? ['--preset', options.preset ?? 'standalone'] : ['-f', definition];
  const running = startCli(['lab', 'up', ...what, '--dir', folder], { limitMs: LAB_LIMIT_MS });
  t.after(async () => {
    running.child.kill('SIGTERM');
    await running.ended;
  });
  await running.sees(/^ready/mu);
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const lab = JSON.parse(read('lab.json')) as LabFile;
  const file = join(folder, 'sqlferry.yaml');
  return {
    folder,
    file,
    lab,
    cli: (code, ...args) => expectCli(code, args, { cwd: folder }),
    start: (...args) => startCli(args, { cwd: folder }),
    fault: async (...words) => {
      await expectCli(0, ['lab', 'fault', ...words, '--dir', folder]);
    },
    sql: async (name, text, login = {}) => {
      const user = login.user ?? 'sa';
      const instance = lab.instances.find((one) => one.name === name);
      const entry = lab.logins.find((one) => one.user === user);
      assert.ok(instance, `no instance ${name} in lab.json`);
      assert.ok(entry, `no login ${user} in lab.json`);
      const connection = await connect(
        {
          address: instance.address,
          port: instance.port,
          serverName: instance.fqdn,
          database: login.database ?? 'master',
          user,
          passwordFile: resolveFrom(folder, entry.passwordFile),
          caFile: join(folder, 'ca.pem'),
        },
        'e2e test',
      );
      try {
        return await execute(connection, text);
      } finally {
        connection.close();
      }
    },
    edit: (change, to) => {
      const path = to === undefined ? file : join(folder, to);
      writeFileSync(path, change(read('sqlferry.yaml')));
      return path;
    },
  };
}

function resolveFrom(folder: string, path: string): string {
  return path.startsWith('/') ? path : join(folder, path);
}

/** The JSON document on stdout. */
export function documentOf(result: CliResult): Readonly<Record<string, unknown>> {
  return JSON.parse(result.stdout) as Readonly<Record<string, unknown>>;
}

/** The NDJSON lines on stdout. */
export function eventsOf(result: CliResult): readonly Readonly<Record<string, unknown>>[] {
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
