/** `--what-if`: the statements a command would run, and nothing else. */

import type { Plan, PlanPhase } from '../model/plan.ts';
import { ExitCode } from '../model/problem.ts';
import type { CliContext } from './command-module.ts';
import { formatUtc } from '../base/utc.ts';
import { jsonLine } from './output/json.ts';
import { stepText } from './output/plan-screen.ts';
import { humanStream, say, styleOf } from './output/report.ts';

/** Prints the steps of these phases; with `--json` one `planned` event per step, then the result. */
export function showSteps(context: CliContext, plan: Plan, phases: readonly PlanPhase[]): ExitCode {
  const steps = plan.steps.filter(({ phase }) => phases.includes(phase));
  const stream = humanStream(context);
  const screen = { plan, width: Math.min(stream.columns, 120), style: styleOf(context) };
  for (const step of steps) {
    if (context.globals.json) {
      const at = formatUtc(context.clock.now());
      context.io.stdout.write(
        jsonLine({ kind: 'planned', at, instance: step.instance, message: step.title, step }),
      );
    }
    say(context, stepText(step, screen));
  }
  const message =
    steps.length === 0
      ? 'Nothing would run: there is nothing left to do.'
      : `${steps.length} steps would run; nothing was changed.`;
  say(context, message);
  if (context.globals.json) {
    const at = formatUtc(context.clock.now());
    context.io.stdout.write(
      jsonLine({ kind: 'result', at, message, outcome: 'what-if', rule: 'what-if', acts: 0 }),
    );
  }
  return ExitCode.done;
}
