/**
 * Programs of the migration file that run around the switch, on virtual time.
 *
 * As `src/cli/hooks.ts` runs them: once ahead of the first act that stops the application, once after
 * the promotion, each at most `LIMIT_MS`. A program that fails before the fence refuses the act; after
 * the promotion nothing is taken back for its sake.
 */

import type { Interception } from '../../engine/run.ts';
import type { ActKind } from '../../model/act.ts';
import type { Problem } from '../../model/problem.ts';
import type { Clock } from '../../ports/clock.ts';

/** What a program does. */
export type HookBehaviour = 'well' | 'slow' | 'fails' | 'hangs';

/** The programs of a run; null: there is none. */
export interface HookPlan {
  readonly beforeFence: HookBehaviour | null;
  readonly afterPromote: HookBehaviour | null;
}

/** No programs. */
export const noHooks: HookPlan = { beforeFence: null, afterPromote: null };

const LIMIT_MS = 60_000;
const DURATION_MS: Readonly<Record<HookBehaviour, number>> = {
  well: 100,
  slow: 9_000,
  fails: 400,
  hangs: LIMIT_MS,
};

const FENCE_ACTS: ReadonlySet<ActKind> = new Set<ActKind>([
  'disable-login',
  'kill-sessions',
  'demote',
]);

/** Looks over the engine's shoulder and runs the programs. */
export function hookInterception(
  hooks: HookPlan,
  clock: Clock,
  trace: (line: string) => void,
): Interception {
  let isFenced = false;
  const runHook = async (name: keyof HookPlan, signal: AbortSignal): Promise<Problem | null> => {
    const behaviour = hooks[name];
    if (behaviour === null) return null;
    await clock.sleep(DURATION_MS[behaviour], signal);
    trace(`hook ${name} ${behaviour}`);
    return behaviour === 'fails' || behaviour === 'hangs' ? failed(name, behaviour) : null;
  };
  return {
    async before(act, signal) {
      if (isFenced || !FENCE_ACTS.has(act.kind)) return null;
      isFenced = true;
      return await runHook('beforeFence', signal);
    },
    async after(act, reply) {
      if (act.kind !== 'promote' || reply.outcome !== 'ok') return;
      await runHook('afterPromote', new AbortController().signal);
    },
  };
}

function failed(name: string, behaviour: HookBehaviour): Problem {
  return {
    code: 'SF-CLI-012',
    summary: `The hook ${name} failed.`,
    because: [behaviour],
    remedy: 'Run it by hand.',
  };
}
