/** Programs of the migration file that run around the switch, and the prompts of `--stepwise`. */

import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';

import type { Interception } from '../engine/run.ts';
import type { Act } from '../model/act.ts';
import type { CutoverHooks } from '../model/migration.ts';
import type { Problem } from '../model/problem.ts';
import type { CliContext } from './command-module.ts';
import { duration } from './output/format.ts';
import { say } from './output/report.ts';

/** Longest run of a hook, in milliseconds: it delays the switch. */
const HOOK_LIMIT_MS = 60_000;

/** Acts that stop the application: the hook before the fence runs ahead of the first of them. */
const FENCE_ACTS: ReadonlySet<Act['kind']> = new Set(['disable-login', 'kill-sessions', 'demote']);

/** One program to run. */
interface Hook {
  readonly program: string;
  readonly signal: AbortSignal;
  /** Longest run, in milliseconds. */
  readonly limitMs: number;
}

/** Runs the hooks of a cutover: once before the fence, once after the promotion. */
export function hookInterception(
  context: CliContext,
  hooks: CutoverHooks,
  limitMs = HOOK_LIMIT_MS,
): Interception {
  let fenced = false;
  return {
    async before(act, signal) {
      if (fenced || !FENCE_ACTS.has(act.kind)) return null;
      fenced = true;
      const program = hooks.beforeFence;
      return program === null ? null : await runHook(context, { program, signal, limitMs });
    },
    async after(act, reply) {
      if (act.kind !== 'promote' || reply.outcome !== 'ok' || hooks.afterPromote === null) return;
      const { signal } = new AbortController();
      const problem = await runHook(context, { program: hooks.afterPromote, signal, limitMs });
      // The target is writable already: a hook that fails is said, and changes nothing.
      if (problem !== null) say(context, `! ${problem.summary}`);
    },
  };
}

/** Asks before every batch; a no, Ctrl-C or the end of input refuses it. */
export function stepwiseInterception(
  context: CliContext,
  describe: (act: Act) => string,
): Interception {
  return {
    async before(act, signal) {
      const answer = await context.io.ask(`${describe(act)}\nRun this? [y/N] `, signal);
      if (answer !== null && /^y(?:es)?$/iu.test(answer)) return null;
      return {
        code: 'SF-CLI-005',
        summary: `The step ${act.kind} on the ${act.side} was not confirmed and not run.`,
        because: [],
        remedy:
          'sqlferry status shows where both sides are; sqlferry cutover goes on, sqlferry abort goes back.',
      };
    },
  };
}

/** Both, the first refusal wins. */
export function chainInterceptions(parts: readonly Interception[]): Interception {
  return {
    async before(act, signal) {
      for (const part of parts) {
        const problem = (await part.before?.(act, signal)) ?? null;
        if (problem !== null) return problem;
      }
      return null;
    },
    async after(act, reply) {
      for (const part of parts) await part.after?.(act, reply);
    },
  };
}

/** Runs one program, taken from the folder of the migration file; its output goes to stderr. */
function runHook(context: CliContext, hook: Hook): Promise<Problem | null> {
  const cwd = dirname(resolve(context.globals.file));
  const failed = (reason: string): Problem => ({
    code: 'SF-CLI-012',
    summary: `The hook ${hook.program} failed.`,
    because: [reason],
    remedy: `Run it by hand in ${cwd}: ${hook.program}`,
  });
  if (hook.signal.aborted) return Promise.resolve(failed('It was not started: Ctrl-C came first.'));
  return new Promise((done) => {
    // A process group of its own: a hook that hangs is ended with whatever it has started.
    const child = spawn('/bin/sh', ['-c', hook.program], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let ended = false;
    const finish = (problem: Problem | null): void => {
      if (ended) return;
      ended = true;
      cancelLimit();
      hook.signal.removeEventListener('abort', stop);
      done(problem);
    };
    const kill = (reason: string): void => {
      if (child.pid !== undefined && !ended) killGroup(child.pid);
      finish(failed(reason));
    };
    const stop = (): void => kill('It was ended by Ctrl-C.');
    const cancelLimit = context.clock.schedule(hook.limitMs, () =>
      kill(`It took longer than ${duration(hook.limitMs)} and was ended.`),
    );
    hook.signal.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', (text: Buffer) => context.io.stderr.write(text.toString()));
    child.stderr.on('data', (text: Buffer) => context.io.stderr.write(text.toString()));
    child.once('error', (error) => finish(failed(error.message)));
    child.once('close', (code, signal) => {
      finish(code === 0 ? null : failed(`It ended with ${signal ?? `exit code ${code}`}.`));
    });
  });
}

/** Ends a process group; one that is gone already is fine. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: nothing is left of it.
  }
}
