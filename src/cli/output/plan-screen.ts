/** The plan as text for people: a table, and with the statements as markdown or sqlcmd script. Pure. */

import type { Plan, PlanPhase, PlanStep } from '../../model/plan.ts';
import { counted, printable, wrap } from './format.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** What the screen is made from. */
export interface PlanScreenOptions {
  readonly plan: Plan;
  readonly width: number;
  readonly style: Style;
}

const PHASE_TITLE: Readonly<Record<PlanPhase, string>> = {
  prepare: 'prepare (sqlferry migrate)',
  create: 'create (sqlferry migrate)',
  seed: 'seed (sqlferry migrate)',
  cutover: 'cutover (sqlferry cutover)',
  finish: 'finish (sqlferry finish)',
  recovery: 'recovery set (sent in addition only when something goes wrong)',
};

/** Title of a phase, with the command that carries it out. */
export function phaseTitle(phase: PlanPhase): string {
  return PHASE_TITLE[phase];
}

/** The steps as a table, one block per phase. */
export function planScreen(options: PlanScreenOptions): string {
  const { plan, style } = options;
  const lines = [
    `${style.strong(`Plan of ${printable(plan.migration)}`)}  ${style.faint(counted(plan.steps.length, 'step'))}`,
  ];
  for (const [phase, steps] of byPhase([...plan.steps, ...plan.recovery])) {
    lines.push('', style.accent(phaseTitle(phase)));
    lines.push(
      ...renderTable({
        columns: [
          { title: 'step' },
          { title: 'instance' },
          { title: 'what', flexible: true },
          { title: 'undo' },
          { title: 'outage' },
        ],
        rows: steps.map((step) => [
          { text: step.id },
          { text: printable(step.instance) },
          { text: printable(step.title) },
          { text: step.undo === null ? 'none' : 'yes' },
          { text: step.outage ? 'outage' : '', paint: style.careful },
        ]),
        width: options.width,
        indent: '  ',
        paintTitle: style.faint,
      }),
    );
  }
  lines.push('', `hash ${plan.hash}`, '');
  return lines.join('\n');
}

/** Steps in order, gathered by runs of the same phase. */
export function byPhase(
  steps: readonly PlanStep[],
): readonly (readonly [PlanPhase, readonly PlanStep[]])[] {
  const groups: [PlanPhase, PlanStep[]][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last !== undefined && last[0] === step.phase) last[1].push(step);
    else groups.push([step.phase, [step]]);
  }
  return groups;
}

/** One step with its statement, for `migrate --what-if` and `cutover --what-if`. */
export function stepText(step: PlanStep, options: PlanScreenOptions): string {
  const { style, width } = options;
  const head = `${style.strong(step.id)} [${printable(step.instance)}] ${printable(step.title)}${step.outage ? style.careful('  (outage)') : ''}`;
  const why = wrap(printable(step.why), width - 4).map((line) => `    ${style.faint(line)}`);
  const sql = step.sql.split('\n').map((line) => `    ${line}`);
  return `${[head, ...why, ...sql].join('\n')}\n`;
}
