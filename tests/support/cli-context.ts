/** A command-line context whose streams are kept in memory and whose clock is moved by the test. */

import type { CliContext, GlobalOptions } from '../../src/cli/command-module.ts';

/** The context and what was written to it. */
export interface CapturedContext {
  readonly context: CliContext;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Moves the clock, in milliseconds. */
  readonly advance: (milliseconds: number) => void;
  readonly interrupt: AbortController;
}

/** How the context differs from a pipe without options. */
export interface CapturedOptions {
  readonly globals?: Partial<GlobalOptions>;
  readonly isTty?: boolean;
  readonly interactive?: boolean;
  /** What a person types, one answer per question; null: Ctrl-C. */
  readonly answers?: readonly (string | null)[];
}

/** Makes one. */
export function captureContext(options: CapturedOptions = {}): CapturedContext {
  const written = { stdout: '', stderr: '' };
  const answers = [...(options.answers ?? [])];
  const interrupt = new AbortController();
  let now = 0;
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTty: options.isTty ?? false,
    columns: 100,
  });
  return {
    context: {
      io: {
        stdout: stream('stdout'),
        stderr: stream('stderr'),
        color: false,
        interactive: options.interactive ?? false,
        ask: (question) => {
          written.stdout += question;
          return Promise.resolve(answers.shift() ?? null);
        },
      },
      globals: {
        file: 'sqlferry.yaml',
        fileGiven: false,
        json: false,
        quiet: false,
        debug: false,
        stateDir: '.sqlferry',
        ...options.globals,
      },
      clock: {
        now: () => now,
        monotonic: () => now,
        sleep: (delayMs) => {
          now += delayMs;
          return Promise.resolve();
        },
        schedule: () => () => {},
      },
      random: { next: () => 0.5, guid: () => '00000000-0000-4000-8000-000000000000' },
      signal: interrupt.signal,
      environment: {},
    },
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    interrupt,
  };
}
