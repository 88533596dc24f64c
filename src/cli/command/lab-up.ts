/**
 * `sqlferry lab up`: starts a lab and keeps it running in the foreground, or detached.
 *
 * In the foreground it prints one line per instance and `ready` last, and ends on SIGINT, SIGTERM or
 * `sqlferry lab down`. Detached, a child of the same program runs it; the child says over IPC that
 * it is ready, so that nobody has to guess.
 */

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { fail, ok, type Result } from '../../base/result.ts';
import type { LabAddresses } from '../../lab/address.ts';
import { callControl } from '../../lab/control/client.ts';
import { readDefinition } from '../../lab/definition-file.ts';
import type { LabDefinition } from '../../lab/definition.ts';
import { controlOf, readLabFile, type LabFile } from '../../lab/folder.ts';
import { startLab, type Lab } from '../../lab/lab.ts';
import { preset, presetNames } from '../../lab/preset/preset.ts';
import { ExitCode, type Problem } from '../../model/problem.ts';
import {
  flagOption,
  textOption,
  type CliContext,
  type Command,
  type CommandInput,
} from '../command-module.ts';
import { jsonDocument } from '../output/json.ts';
import { reportProblem, say } from '../output/report.ts';

/** Longest wait of `--detach` for the child, in milliseconds; the lab itself needs about one second. */
const DETACH_LIMIT_MS = 30_000;
const DEFAULT_BASE_PORT = '14331';
const MAX_PORT = 65_535;
const READY = 'ready';

/** Folder of a lab when none is named. */
export const DEFAULT_FOLDER = './lab';

/** What the command line asks for. */
interface Request {
  readonly definition: LabDefinition;
  readonly directory: string;
  readonly addresses: LabAddresses;
}

/** The command. */
export const upCommand: Command = {
  name: 'up',
  summary: 'start a lab; runs until Ctrl-C or "lab down"',
  options: [
    {
      flags: '--preset <name>',
      help: `servers: ${presetNames.join(', ')}`,
      fallback: 'standalone',
    },
    { flags: '--dir <dir>', help: 'folder for its files', fallback: DEFAULT_FOLDER },
    { flags: '--base-port <n>', help: 'ports on 127.0.0.1 from here on; 0 takes free ones' },
    {
      flags: '--listen <address>',
      help: 'listen elsewhere than on loopback: only in a safe network',
    },
    { flags: '--detach', help: 'return when the lab is ready' },
  ],
  async run(context, input) {
    const request = readRequest(context, input);
    if (!request.ok) return reportProblem(context, request.error);
    const running = await runningLab(request.value.directory);
    if (running !== null) return reportProblem(context, startProblem(running));
    warnAboutListen(context, request.value.addresses);
    return flagOption(input, 'detach')
      ? await detach(context, input, request.value)
      : await foreground(context, request.value);
  },
};

async function foreground(context: CliContext, request: Request): Promise<ExitCode> {
  const bugs: unknown[] = [];
  let lab: Lab;
  try {
    lab = await startLab({
      ...request,
      clock: context.clock,
      random: context.random,
      onBug(error) {
        bugs.push(error);
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        context.io.stderr.write(`lab: ${text}\n`);
      },
    });
  } catch (error) {
    if (isSystemError(error)) return reportProblem(context, startProblem(error.message));
    throw error;
  }
  announce(context, lab.file);
  const stop = (): void => void lab.close();
  if (context.signal.aborted) stop();
  context.signal.addEventListener('abort', stop, { once: true });
  if (process.connected) {
    process.send?.(READY);
    process.disconnect();
  }
  await lab.closed;
  context.signal.removeEventListener('abort', stop);
  say(context, 'stopped');
  return bugs.length === 0 ? ExitCode.done : ExitCode.bug;
}

function announce(context: CliContext, file: LabFile): void {
  if (context.globals.json) context.io.stdout.write(jsonDocument(file));
  for (const instance of file.instances) {
    const databases = instance.databases.length === 0 ? '' : `, ${instance.databases.join(', ')}`;
    say(
      context,
      `${instance.name} at ${instance.address}:${instance.port}, SQL Server ${instance.version}${databases}`,
    );
  }
  for (const { name, address, port } of file.listeners)
    say(context, `listener ${name} at ${address}:${port}`);
  if (!context.globals.json) context.io.stdout.write(`${READY}\n`);
}

function detach(context: CliContext, input: CommandInput, request: Request): Promise<ExitCode> {
  const { directory } = request;
  const logFile = join(directory, 'lab.log');
  let log: number;
  try {
    mkdirSync(directory, { recursive: true });
    log = openSync(logFile, 'w');
  } catch (error) {
    if (isSystemError(error))
      return Promise.resolve(reportProblem(context, startProblem(error.message)));
    throw error;
  }
  const main = new URL('../main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, ...childArguments(context, input, directory)], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  return new Promise((done) => {
    const failed = (why: string): void => {
      cancel();
      child.kill();
      done(reportProblem(context, startProblem(`${why}: ${readFileSync(logFile, 'utf8').trim()}`)));
    };
    const cancel = context.clock.schedule(DETACH_LIMIT_MS, () => failed('not ready in time'));
    const ended = (code: number | null): void => failed(`it ended with ${code}`);
    child.once('exit', ended);
    child.once('message', () => {
      cancel();
      child.off('exit', ended);
      child.disconnect();
      child.unref();
      const file = readLabFile(directory);
      if (file.ok) announce(context, file.value);
      done(ExitCode.done);
    });
  });
}

function childArguments(
  context: CliContext,
  input: CommandInput,
  directory: string,
): readonly string[] {
  const option = (flag: string, name: string): readonly string[] => {
    const value = textOption(input, name);
    return value === null ? [] : [flag, value];
  };
  return [
    ...(context.globals.fileGiven ? ['-f', resolve(context.globals.file)] : []),
    'lab',
    'up',
    '--dir',
    directory,
    ...option('--preset', 'preset'),
    ...option('--base-port', 'basePort'),
    ...option('--listen', 'listen'),
  ];
}

function readRequest(context: CliContext, input: CommandInput): Result<Request, Problem> {
  const definition = context.globals.fileGiven
    ? definitionOfFile(context.globals.file)
    : definitionOfPreset(textOption(input, 'preset') ?? 'standalone');
  if (!definition.ok) return definition;
  const { instances, listeners = [] } = definition.value;
  const addresses = readAddresses(input, instances.length + listeners.length);
  if (!addresses.ok) return addresses;
  return ok({
    definition: definition.value,
    directory: resolve(textOption(input, 'dir') ?? DEFAULT_FOLDER),
    addresses: addresses.value,
  });
}

function definitionOfPreset(name: string): Result<LabDefinition, Problem> {
  const found = preset(name);
  if (found !== undefined) return ok(found);
  return fail({
    code: 'SF-LAB-002',
    summary: `There is no preset ${name}.`,
    because: [`Presets of this version: ${presetNames.join(', ')}.`],
    remedy: 'sqlferry lab up --preset standalone',
  });
}

function definitionOfFile(path: string): Result<LabDefinition, Problem> {
  const problem = (summary: string, because: readonly string[]): Problem => ({
    code: 'SF-LAB-002',
    summary,
    because,
    remedy: `Mend ${path}.`,
  });
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error)) return fail(problem(`${path} cannot be read.`, [error.message]));
    throw error;
  }
  const read = readDefinition(text, path);
  return read.ok ? read : fail(problem(`${path} does not describe a lab.`, read.error));
}

function readAddresses(input: CommandInput, instances: number): Result<LabAddresses, Problem> {
  const host = textOption(input, 'listen');
  const given = textOption(input, 'basePort');
  if (given === null && host === null && process.platform === 'linux') {
    return ok({ kind: 'loopback' });
  }
  const text = given ?? DEFAULT_BASE_PORT;
  const basePort = Number(text);
  const highest = MAX_PORT + 1 - instances;
  if (!/^\d+$/u.test(text) || basePort > highest) {
    return fail({
      code: 'SF-CLI-008',
      summary: `--base-port ${text} is not a port.`,
      because: [
        `Allowed: 0 to ${highest}; each of the ${instances} instances takes one from there.`,
      ],
      remedy: `sqlferry lab up --base-port ${DEFAULT_BASE_PORT}`,
    });
  }
  return ok({ kind: 'ports', basePort, ...(host === null ? {} : { host }) });
}

function warnAboutListen(context: CliContext, addresses: LabAddresses): void {
  const host = addresses.kind === 'ports' ? addresses.host : undefined;
  if (host === undefined || /^127\.|^::1$|^localhost$/u.test(host)) return;
  context.io.stderr.write(
    `warning: the lab listens on ${host}; everyone who reaches it can try its passwords\n`,
  );
}

/** What runs in this folder already; null when nothing does. */
async function runningLab(directory: string): Promise<string | null> {
  const file = readLabFile(directory);
  if (!file.ok) return null;
  const address = controlOf(file.value);
  if (!address.ok) return null;
  const answer = await callControl(address.value, 'GET', { path: '/status' });
  return answer.ok ? `a lab (process ${file.value.pid}) runs in ${directory} already` : null;
}

function startProblem(reason: string): Problem {
  return {
    code: 'SF-LAB-001',
    summary: 'The lab cannot start.',
    because: [`${reason}.`],
    remedy: 'sqlferry lab down ends a lab; --dir and --base-port name another folder and ports.',
  };
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error
  );
}
