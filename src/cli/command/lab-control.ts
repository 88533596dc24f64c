/** `sqlferry lab down|status|fault|reset`: asks a running lab over its control interface. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { fail, ok, type Result } from '../../base/result.ts';
import { callControl } from '../../lab/control/client.ts';
import { faultOfWords } from '../../lab/fault/arguments.ts';
import { FAULT_USAGE } from '../../lab/fault/fault.ts';
import { clearFolder, controlOf, readLabFile } from '../../lab/folder.ts';
import type { LabStatus } from '../../lab/status.ts';
import { ExitCode, type Problem } from '../../model/problem.ts';
import {
  textOption,
  type CliContext,
  type Command,
  type CommandInput,
  type OptionSpec,
} from '../command-module.ts';
import { jsonDocument } from '../output/json.ts';
import { reportProblem, say } from '../output/report.ts';
import { DEFAULT_FOLDER } from './lab-up.ts';

/** Longest wait of `lab down` for the end of the process, and time between two looks, in milliseconds. */
const DOWN_LIMIT_MS = 10_000;
const LOOK_MS = 20;

const FOLDER_OPTION: OptionSpec = {
  flags: '--dir <dir>',
  help: 'folder of the lab',
  fallback: DEFAULT_FOLDER,
};

/** `lab down`. */
export const downCommand: Command = {
  name: 'down',
  summary: 'end the lab of a folder',
  options: [FOLDER_OPTION],
  async run(context, input) {
    const directory = folderOf(input);
    const answer = await call(directory, 'POST', { path: '/stop' });
    if (!answer.ok && answer.error.code === 'SF-LAB-003' && readLabFile(directory).ok) {
      clearFolder(directory);
      say(context, 'no lab was running; what it had left is removed');
      return ExitCode.done;
    }
    if (!answer.ok) return reportProblem(context, answer.error);
    const end = context.clock.monotonic() + DOWN_LIMIT_MS;
    while (existsSync(join(directory, 'lab.json')) && context.clock.monotonic() < end) {
      await context.clock.sleep(LOOK_MS);
    }
    return finished(context, 'stopped');
  },
};

/** `lab reset`. */
export const resetCommand: Command = {
  name: 'reset',
  summary: 'bring the lab back to its start, on the same addresses',
  options: [FOLDER_OPTION],
  async run(context, input) {
    const answer = await call(folderOf(input), 'POST', { path: '/reset' });
    return answer.ok ? finished(context, 'reset') : reportProblem(context, answer.error);
  },
};

/** `lab fault <fault...>`. */
export const faultCommand: Command = {
  name: 'fault',
  summary: `break or heal something: ${Object.keys(FAULT_USAGE).join(', ')}`,
  options: [FOLDER_OPTION],
  arguments: [{ syntax: '<fault...>', help: Object.values(FAULT_USAGE).join('; ') }],
  async run(context, input) {
    const fault = faultOfWords(input.args);
    if (!fault.ok) return reportProblem(context, refused(fault.error));
    const answer = await call(folderOf(input), 'POST', { path: '/fault', body: fault.value });
    return answer.ok
      ? finished(context, `done: ${input.args.join(' ')}`)
      : reportProblem(context, answer.error);
  },
};

/** `lab status`. */
export const statusCommand: Command = {
  name: 'status',
  summary: 'show the instances of a lab, their databases and groups',
  options: [FOLDER_OPTION],
  async run(context, input) {
    const answer = await call(folderOf(input), 'GET', { path: '/status' });
    if (!answer.ok) return reportProblem(context, answer.error);
    if (context.globals.json) {
      context.io.stdout.write(jsonDocument(answer.value));
      return ExitCode.done;
    }
    for (const line of statusLines(answer.value as LabStatus)) say(context, line);
    return ExitCode.done;
  },
};

/** The status for people: a line per instance, and one per thing it holds. */
function statusLines(status: LabStatus): readonly string[] {
  return status.instances.flatMap((instance) => [
    `${instance.name} at ${instance.address}:${instance.port} ${instance.up ? 'up' : 'down'}`,
    ...instance.databases.map(({ name, state }) => `  database [${name}] ${state}`),
    ...instance.availabilityGroups.map(
      ({ name, role }) => `  availability group [${name}] ${role}`,
    ),
    ...instance.distributed.map(
      ({ name, role, connected }) =>
        `  distributed availability group [${name}] ${role}, ${connected ? 'connected' : 'disconnected'}`,
    ),
  ]);
}

async function call(
  directory: string,
  method: 'GET' | 'POST',
  request: { readonly path: string; readonly body?: unknown },
): Promise<Result<unknown, Problem>> {
  const file = readLabFile(directory);
  if (!file.ok) return fail(noLab(file.error));
  const address = controlOf(file.value);
  if (!address.ok) return fail(noLab(address.error));
  const answer = await callControl(address.value, method, request);
  if (answer.ok) return ok(answer.value);
  return fail(
    answer.error.kind === 'unreachable'
      ? noLab(answer.error.message)
      : refused(answer.error.message),
  );
}

function folderOf(input: CommandInput): string {
  return resolve(textOption(input, 'dir') ?? DEFAULT_FOLDER);
}

function finished(context: CliContext, text: string): ExitCode {
  if (context.globals.json) context.io.stdout.write(jsonDocument({ done: true }));
  say(context, text);
  return ExitCode.done;
}

function noLab(reason: string): Problem {
  return {
    code: 'SF-LAB-003',
    summary: 'No lab runs in this folder.',
    because: [`${reason}.`],
    remedy: 'sqlferry lab up starts one; --dir names its folder.',
  };
}

function refused(reason: string): Problem {
  return {
    code: 'SF-LAB-004',
    summary: 'The lab does not take this request.',
    because: [reason],
    remedy: 'sqlferry lab fault --help lists the faults.',
  };
}
