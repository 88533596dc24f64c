/** Programs of the migration file that run around the switch, and the prompts of `--stepwise`. */

import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';

import type { Interception } from '../engine/run.ts';
import type { Act } from '../model/act.ts';
import type { CutoverHooks } from '../model/migration.ts';
import type { Problem } from '../model/problem.ts';
import type { CliContext } from './command-module.ts';
import { say } from './output/report.ts';

/** Longest run of a hook, in milliseconds: it delays the switch. */
const HOOK_LIMIT_MS = 60_000;

/** Acts that stop the application: the hook before the fence runs ahead of the first of them. */
const FENCE_ACTS: ReadonlySet<Act['kind']> = new Set(['disable-login', 'kill-sessions', 'demote']);

/** Runs the hooks of a cutover: once before the fence, once after the promotion. */
export function hookInterception(context: CliContext, hooks: CutoverHooks): Interception {
  let fenced = false;
  return {
    async before(act, signal) {
      if (fenced || !FENCE_ACTS.has(act.kind)) return null;
      fenced = true;
      return hooks.beforeFence === null ? null : await runHook(context, hooks.beforeFence, signal);
    },
    async after(act, reply) {
      if (act.kind !== 'promote' || reply.outcome !== 'ok' || hooks.afterPromote === null) return;
      const problem = await runHook(context, hooks.afterPromote, new AbortController().signal);
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
function runHook(
  context: CliContext,
  program: string,
  signal: AbortSignal,
): Promise<Problem | null> {
  const cwd = dirname(resolve(context.globals.file));
  return new Promise((done) => {
    execFile(
      '/bin/sh',
      ['-c', program],
      { cwd, timeout: HOOK_LIMIT_MS, signal },
      (error, stdout, stderr) => {
        context.io.stderr.write(`${stdout}${stderr}`);
        done(
          error === null
            ? null
            : {
                code: 'SF-CLI-012',
                summary: `The hook ${program} failed.`,
                because: [error.message],
                remedy: `Run it by hand in ${cwd}: ${program}`,
              },
        );
      },
    );
  });
}
