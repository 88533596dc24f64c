/** Programs of the migration file that run around the switch. */

import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';

import type { Secret } from '../base/secret.ts';
import { formatUtc } from '../base/utc.ts';
import type { Interception } from '../engine/run.ts';
import type { Act } from '../model/act.ts';
import type { CutoverHooks } from '../model/migration.ts';
import type { Problem } from '../model/problem.ts';
import { otherSide, type Side } from '../model/side.ts';
import type { CliContext } from './command-module.ts';
import { eventObject } from './output/event-text.ts';
import { count, duration } from './output/format.ts';
import { jsonLine } from './output/json.ts';
import { problemText, styleOf } from './output/report.ts';

/** Longest run of a hook, in milliseconds: it delays the switch. */
const HOOK_LIMIT_MS = 60_000;

/** Acts that stop the application: the hook before the fence runs ahead of the first of them. */
const FENCE_ACTS: ReadonlySet<Act['kind']> = new Set(['disable-login', 'kill-sessions', 'demote']);

/** Output of one hook that is shown, in bytes; the rest is counted. */
const OUTPUT_LIMIT_BYTES = 65_536;

/** Longest wait for the end of the output once the program has ended, in milliseconds. */
const DRAIN_MS = 250;

/** One program to run. */
interface Hook {
  readonly name: keyof CutoverHooks;
  /** The side that gives the role away. */
  readonly from: Side;
  readonly program: string;
  readonly signal: AbortSignal;
  /** Longest run, in milliseconds. */
  readonly limitMs: number;
  /** Variables it inherits. */
  readonly environment: CliContext['environment'];
}

/** How the hooks of a switch run. */
export interface HookOptions {
  /** Longest run of one program, in milliseconds; default a minute. */
  readonly limitMs?: number;
  /** The side that gives the role away; default the source, as in a cutover. */
  readonly from?: Side;
  /** Passwords of the migration: no variable that holds one reaches a hook. */
  readonly secrets?: readonly Secret[];
}

/**
 * Runs the hooks of a switch: once before the fence; once after the promotion, or, when an earlier run
 * promoted or the answer was lost, as the epoch is closed.
 */
export function hookInterception(
  context: CliContext,
  hooks: CutoverHooks,
  { limitMs = HOOK_LIMIT_MS, from = 'source', secrets = [] }: HookOptions = {},
): Interception {
  const environment = withoutSecrets(context.environment, secrets);
  let fenced = false;
  let served = false;
  return {
    async before(act, signal) {
      if (fenced || !FENCE_ACTS.has(act.kind)) return null;
      fenced = true;
      const program = hooks.beforeFence;
      const hook = { name: 'beforeFence', from, signal, limitMs, environment } as const;
      return program === null ? null : await runHook(context, { ...hook, program });
    },
    async after(act, reply) {
      const serves = act.kind === 'promote' || (act.kind === 'close-epoch' && act.side === from);
      const program = hooks.afterPromote;
      if (!serves || reply.outcome !== 'ok' || served || program === null) return;
      served = true;
      // Ctrl-C does not end it: the applications need it, and the outage is over.
      const { signal } = new AbortController();
      const hook = { name: 'afterPromote', from, signal, limitMs, environment } as const;
      const problem = await runHook(context, { ...hook, program });
      if (problem !== null) tell(context, problem);
    },
  };
}

/** The variables without those that hold a password, under whatever name. */
function withoutSecrets(
  environment: CliContext['environment'],
  secrets: readonly Secret[],
): CliContext['environment'] {
  const values = new Set(secrets.map((secret) => secret.reveal()));
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value === undefined || !values.has(value)),
  );
}

/** A problem that ends nothing: shown, and an event with `--json`. */
function tell(context: CliContext, problem: Problem): void {
  const at = formatUtc(context.clock.now());
  const event = { kind: 'problem', problem, message: problem.summary } as const;
  if (context.globals.json) context.io.stdout.write(jsonLine(eventObject(event, at)));
  context.io.stderr.write(problemText(problem, styleOf(context)));
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

/** What a hook that failed leaves, and what to do. */
function failure(hook: Hook, cwd: string, reason: string): Problem {
  const early = hook.name === 'beforeFence';
  const byHand = `Run it by hand in ${cwd}: ${hook.program}`;
  return {
    code: 'SF-CLI-012',
    summary: `The hook ${hook.name} failed: ${hook.program}`,
    because: [
      reason,
      early
        ? `The role has not moved; the ${hook.from} serves.`
        : `The ${otherSide(hook.from)} is writable and stays so; nothing is taken back for a hook.`,
    ],
    remedy: early
      ? `${byHand}. Then sqlferry ${hook.from === 'source' ? 'cutover' : 'failback'} goes on; sqlferry abort puts logins and settings back.`
      : byHand,
  };
}

/** Runs one program, taken from the folder of the migration file; its output goes to stderr. */
function runHook(context: CliContext, hook: Hook): Promise<Problem | null> {
  const cwd = dirname(resolve(context.globals.file));
  if (hook.signal.aborted) {
    return Promise.resolve(failure(hook, cwd, 'It was not started: Ctrl-C came first.'));
  }
  return new Promise((done) => {
    // A process group of its own: a hook that hangs is ended with whatever it has started.
    const child = spawn('/bin/sh', ['-c', hook.program], {
      cwd,
      // One program serves both directions: it is told where the writes go.
      env: {
        ...hook.environment,
        SQLFERRY_HOOK: hook.name,
        SQLFERRY_FROM: hook.from,
        SQLFERRY_TO: otherSide(hook.from),
      },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = showOutput(context, [child.stdout, child.stderr]);
    let ended = false;
    const finish = (reason: string | null): void => {
      if (ended) return;
      ended = true;
      cancelLimit();
      hook.signal.removeEventListener('abort', stop);
      output.end();
      done(reason === null ? null : failure(hook, cwd, reason));
    };
    const kill = (reason: string): void => {
      if (child.pid !== undefined && !ended) killGroup(child.pid);
      finish(reason);
    };
    const stop = (): void => kill('It was ended by Ctrl-C.');
    const cancelLimit = context.clock.schedule(hook.limitMs, () =>
      kill(`It took longer than ${duration(hook.limitMs)} and was ended.`),
    );
    hook.signal.addEventListener('abort', stop, { once: true });
    child.once('error', (error) => finish(error.message));
    const end = (code: number | null, signal: NodeJS.Signals | null): void =>
      finish(code === 0 ? null : `It ended with ${signal ?? `exit code ${code}`}.`);
    child.once('close', end);
    // What it left running may hold its output open: the program itself is what is waited for.
    child.once('exit', (code, signal) => {
      cancelLimit();
      context.clock.schedule(DRAIN_MS, () => end(code, signal));
    });
  });
}

/** Passes output on up to the limit, then only counts it. */
function showOutput(context: CliContext, streams: readonly Readable[]): { end(): void } {
  let bytes = 0;
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      const left = Math.max(0, OUTPUT_LIMIT_BYTES - bytes);
      bytes += chunk.length;
      if (left > 0) context.io.stderr.write(chunk.subarray(0, left).toString());
    });
  }
  return {
    end() {
      for (const stream of streams) stream.destroy();
      const hidden = bytes - OUTPUT_LIMIT_BYTES;
      if (hidden > 0) {
        context.io.stderr.write(`\n[${count(hidden)} more bytes of the hook are not shown]\n`);
      }
    },
  };
}

/** Ends a process group; one that is gone already is fine. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: nothing is left of it.
  }
}
