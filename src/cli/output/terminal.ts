/** The process's own streams as the commands see them. Not here: what is written (see the neighbours). */

import { createInterface } from 'node:readline';

import type { CliIo, GlobalOptions, TextStream } from '../command-module.ts';

/** Columns assumed when the stream is a file, a pipe, or a terminal that does not know its width. */
const PLAIN_COLUMNS = 100;

/** What decides how the streams are used. */
export interface TerminalOptions {
  readonly globals: GlobalOptions;
  readonly noColor: boolean;
}

/** Opens stdin, stdout and stderr. */
export function openTerminal(options: TerminalOptions): CliIo {
  const { env, stdin, stdout, stderr } = process;
  const isCi = (env['CI'] ?? '') !== '';
  const human = options.globals.json ? stderr : stdout;
  return {
    stdout: textStream(stdout),
    stderr: textStream(stderr),
    color:
      human.isTTY && !options.noColor && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    interactive: stdin.isTTY && stdout.isTTY && !options.globals.json && !isCi,
    ask,
  };
}

function textStream(stream: NodeJS.WriteStream): TextStream {
  let isOpen = true;
  // The reader may go away (`| head`): what is under way on the servers must not stop half-way for that.
  stream.on('error', () => {
    isOpen = false;
  });
  return {
    write: (text) => {
      if (isOpen) stream.write(text);
    },
    isTty: stream.isTTY,
    get columns() {
      return stream.isTTY && stream.columns > 0 ? stream.columns : PLAIN_COLUMNS;
    },
  };
}

function ask(question: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = createInterface({ input: process.stdin, output: process.stdout });
    const finish = (answer: string | null): void => {
      // First the answer: closing the reader ends up here again, and the first one counts.
      resolve(answer);
      signal.removeEventListener('abort', onAbort);
      reader.close();
    };
    const onAbort = (): void => {
      process.stdout.write('\n');
      finish(null);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    // In raw mode readline takes Ctrl-C itself: give it back to the program's own handler.
    reader.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    reader.once('close', () => finish(null));
    reader.question(question, (answer) => finish(answer.trim()));
  });
}
