/** Ctrl-C: the first one asks the command to stop at the next safe place, the second ends the process. */

import { ExitCode } from '../model/problem.ts';

/** Reason of an aborted signal when a person or a service manager asked for it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The running listener. */
export interface InterruptListener {
  readonly signal: AbortSignal;
  /** Takes the handlers away again. */
  stop(): void;
}

/** Listens for SIGINT and SIGTERM (and SIGHUP: the terminal was closed). */
export function listenForInterrupt(): InterruptListener {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      process.stderr.write('\nStopped at once; "sqlferry status" shows where both sides are.\n');
      process.exit(ExitCode.waiting);
    }
    controller.abort(new Interrupted(name));
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
