/**
 * The commands of the command line in this process, over the real driver and TCP, against a small lab:
 * what a person types and reads, without the time a process takes to start. The clock is the real one.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import type { CliContext, Command } from '../../src/cli/command-module.ts';
import { command as abort } from '../../src/cli/command/abort.ts';
import { command as assess } from '../../src/cli/command/assess.ts';
import { command as bundle } from '../../src/cli/command/bundle.ts';
import { command as cutover } from '../../src/cli/command/cutover.ts';
import { command as diagnose } from '../../src/cli/command/diagnose.ts';
import { command as failback } from '../../src/cli/command/failback.ts';
import { command as finish } from '../../src/cli/command/finish.ts';
import { command as migrate } from '../../src/cli/command/migrate.ts';
import { command as status } from '../../src/cli/command/status.ts';
import { captureContext } from './cli-context.ts';
import { startSmallLab, type SmallLab, type SmallLabOptions } from './small-lab.ts';

const commands = {
  abort,
  assess,
  bundle,
  cutover,
  diagnose,
  failback,
  finish,
  migrate,
  status,
} as const satisfies Record<string, Command>;

/** Width of the terminal that the commands believe they write to, in columns. */
export const COLUMNS = 80;

/** How a command ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is typed besides the command. */
export interface Typed {
  readonly options?: Readonly<Record<string, string | boolean>>;
  readonly json?: boolean;
  /** Variables of the environment; default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Answers every question: what was printed so far, and the question. Without it nobody can be asked. */
  readonly answer?: (printed: string, question: string) => string | null;
}

/** A lab and a person in front of it. */
export interface CliLab {
  readonly small: SmallLab;
  run(name: keyof typeof commands, typed?: Typed): Promise<Ran>;
}

/** Starts the lab; it ends with the test. */
export async function startCliLab(
  context: TestContext,
  options: SmallLabOptions = {},
  edit: (file: string) => string = (file) => file,
): Promise<CliLab> {
  const small = await startSmallLab(context, {
    ...options,
    settings: { tickMs: 50, seedingMs: 50, ...options.settings },
  });
  const file = join(small.directory, 'sqlferry.yaml');
  // Nobody's deadline passes because the machine is busy, and nobody waits for sessions that are not there.
  const text = readFileSync(file, 'utf8')
    .replace(/killSessionsAfter: \S+/u, 'killSessionsAfter: 100ms')
    .replace(/maxOutage: \S+/u, 'maxOutage: 10m');
  writeFileSync(file, edit(text));
  return {
    small,
    async run(name, typed = {}) {
      const captured = captureContext({
        interactive: typed.answer !== undefined,
        globals: {
          file,
          fileGiven: true,
          json: typed.json === true,
          stateDir: join(small.directory, '.sqlferry'),
        },
      });
      const narrow = (stream: CliContext['io']['stdout']) => ({
        write: (written: string) => stream.write(written),
        isTty: false,
        columns: COLUMNS,
      });
      const { io } = captured.context;
      const code = await commands[name].run(
        {
          ...captured.context,
          clock: systemClock,
          environment: typed.environment ?? {},
          io: {
            ...io,
            stdout: narrow(io.stdout),
            stderr: narrow(io.stderr),
            ask: (question) => {
              io.stdout.write(question);
              const answer = typed.answer?.(captured.stdout(), question) ?? null;
              io.stdout.write(`${answer ?? '^C'}\n`);
              return Promise.resolve(answer);
            },
          },
        },
        { options: typed.options ?? {}, args: [] },
      );
      return { code, stdout: captured.stdout(), stderr: captured.stderr() };
    },
  };
}
