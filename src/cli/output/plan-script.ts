/**
 * The plan as files for people who run or review it elsewhere: sqlcmd script, one file per step, markdown. Pure.
 *
 * What only a run knows (LSNs, waits between steps) is not in a script: each step that needs it says so.
 */

import type { Plan, PlanStep } from '../../model/plan.ts';
import { counted } from './format.ts';
import { byPhase, phaseTitle } from './plan-screen.ts';
import { connectTo, sqlcmdHead, withoutVariables } from './sqlcmd.ts';

/** Names a script needs beside the plan. */
export interface PlanScriptOptions {
  readonly plan: Plan;
  /** What to write behind `:CONNECT` for an instance. */
  readonly connectName: (step: PlanStep) => string;
}

/** One script in sqlcmd mode: `:CONNECT` before each change of instance, stops at the first error. */
export function planSqlcmd(options: PlanScriptOptions): string {
  const { plan } = options;
  const parts = [
    `-- sqlferry plan of ${comment(plan.migration)}, ${counted(plan.steps.length, 'step')}`,
    `-- hash ${plan.hash}`,
    `-- Run in sqlcmd mode: sqlcmd -b -i <this file>, or SSMS > Query > SQLCMD Mode.`,
    `-- It stops at each :quit, so that no switch follows a seeding that has not ended.`,
    ...sqlcmdHead,
  ];
  let connected = '';
  let stage: string | null = null;
  for (const step of plan.steps) {
    const name = options.connectName(step);
    const next = stageOf(step);
    if (stage !== next) {
      if (next !== null) parts.push('', next, ':quit');
      // A script that goes on below a stop has to connect anew.
      connected = '';
    }
    stage = next;
    if (name !== connected) parts.push(...connectTo(name));
    connected = name;
    parts.push(
      '',
      ...stepComment(step).map(withoutVariables),
      ...declarations(step),
      withoutVariables(step.sql.trimEnd()),
      'GO',
    );
  }
  return `${parts.join('\n')}\n`;
}

/** What has to be true before the step may run, where a person has to look first. */
function stageOf(step: PlanStep): string | null {
  if (step.phase === 'cutover') {
    return '-- STOP. Go on only when "sqlferry status" says ready for cutover: remove the next line, or run what follows as a selection.';
  }
  if (step.phase !== 'finish') return null;
  return step.sql.startsWith('DROP ')
    ? '-- STOP. To drop the group instead of keeping it, and only with no session left on the source: run what follows as a selection.'
    : '-- STOP. To keep the group, and only when the target serves: run what follows as a selection.';
}

/** One file per step for `--sql-dir`: name and content, in order. */
export function planFiles(plan: Plan): readonly { readonly name: string; readonly text: string }[] {
  return [...plan.steps, ...plan.recovery].map((step) => ({
    name: `${step.id}-${step.side}-${step.instance.replaceAll(/[^A-Za-z0-9_-]/gu, '_')}.sql`,
    text: `${[...stepComment(step), step.sql.trimEnd()].join('\n')}\nGO\n`,
  }));
}

/** A document for a change board. */
export function planMarkdown(plan: Plan): string {
  const parts = [
    `# Plan of ${plan.migration}`,
    '',
    `${counted(plan.steps.length, 'step')}. Hash \`${plan.hash}\`: two plans with one hash say the same.`,
  ];
  for (const [phase, steps] of byPhase([...plan.steps, ...plan.recovery])) {
    parts.push('', `## ${phaseTitle(phase)}`);
    for (const step of steps) parts.push(...markdownStep(step));
  }
  return `${parts.join('\n')}\n`;
}

function markdownStep(step: PlanStep): readonly string[] {
  const fence = longestRun(`${step.sql}${step.undo ?? ''}`);
  return [
    '',
    `### ${step.id} ${step.title}`,
    '',
    `On **${step.instance}** (${step.side})${step.outage ? ', **during the outage**' : ''}. ${step.why}`,
    '',
    `${fence}sql`,
    step.sql.trimEnd(),
    fence,
    ...(step.undo === null
      ? ['', 'Undo: none.']
      : ['', 'Undo:', '', `${fence}sql`, step.undo.trimEnd(), fence]),
    ...(step.reference === '' ? [] : ['', `Reference: ${step.reference}`]),
  ];
}

/** A fence longer than any run of backticks inside. */
function longestRun(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/gu) ?? []).map((run) => run.length));
  return '`'.repeat(longest + 1);
}

function stepComment(step: PlanStep): readonly string[] {
  return [
    `-- ${step.id} ${comment(step.title)}`,
    `-- on ${comment(step.instance)} (${step.side})${step.outage ? '; nothing is writable while this runs' : ''}`,
    `-- why: ${comment(step.why)}`,
    step.undo === null
      ? '-- undo: none'
      : `-- undo: ${step.undo.split('\n').map(comment).join('\n--       ')}`,
  ];
}

/**
 * Values that only a run knows are scripting variables: sqlcmd stops where one is not defined, so
 * that the batch never runs with a guess (`sqlcmd -v name=value`).
 */
function declarations(step: PlanStep): readonly string[] {
  return (step.parameters ?? []).map(
    ({ name, type }) =>
      `DECLARE @${name} ${type} = ${type === 'int' ? `$(${name})` : `'$(${name})'`};`,
  );
}

/** One line that cannot leave its comment. */
function comment(text: string): string {
  return text.replaceAll(/[\r\n]+/gu, ' ');
}
