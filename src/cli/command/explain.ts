/** `sqlferry explain <id>`: a rule, a row of `diagnose`, a problem code or a SQL Server error number; asks no server. */

import { assessRules } from '../../assess/table.ts';
import { explain, knownIds } from '../../model/explain.ts';
import type { Explanation, ExplainSources } from '../../model/explain.ts';
import { ExitCode } from '../../model/problem.ts';
import { explainableRows } from '../../reconcile/diagnosis-explain.ts';
import { generalAnswers } from '../../reconcile/general-answer.ts';
import { allRules } from '../../reconcile/table.ts';
import type { CliContext, Command } from '../command-module.ts';
import { printable, wrap } from '../output/format.ts';
import { jsonDocument } from '../output/json.ts';
import { humanStream, reportProblem, say, styleOf } from '../output/report.ts';
import { nearestIds } from '../nearest-ids.ts';
import { waitJudges } from '../../reconcile/waiting/table.ts';
import { runRules } from '../run-rules.ts';

const KIND: Readonly<Record<Explanation['kind'], string>> = {
  'assessment-rule': 'rule of sqlferry assess',
  'decision-rule': 'rule of what to do next',
  situation: 'row of sqlferry diagnose',
  problem: 'problem code',
  wait: 'cause of a wait',
  'server-error': 'SQL Server error',
};

/** Everything that has an id. */
const sources: ExplainSources = {
  checks: assessRules,
  decisions: [...allRules, ...generalAnswers, ...runRules],
  situations: explainableRows,
  waits: waitJudges,
};

/** The command. */
export const command: Command = {
  name: 'explain',
  summary: 'explain a rule, a row of diagnose, a problem code or a SQL Server error number',
  options: [],
  arguments: [{ syntax: '<id>', help: 'for example SRC-VERSION, D-COMMITTING, SF-NET-001, 35250' }],
  run(context, input) {
    const id = input.args[0] ?? '';
    const found = explain(id, sources);
    if (found === null) {
      return Promise.resolve(
        reportProblem(context, {
          code: 'SF-CLI-010',
          summary: `Nothing is known under [${printable(id)}].`,
          because: [
            ...nearestWords(id),
            'Ids are those of messages: rules such as SRC-VERSION or R-DEMOTE, rows of diagnose such as D-COMMITTING, codes such as SF-NET-001, numbers of SQL Server errors.',
          ],
          remedy: 'sqlferry assess --json lists the rules of the assessment with their ids.',
        }),
      );
    }
    if (context.globals.json) context.io.stdout.write(jsonDocument(found));
    say(context, explanationText(context, found));
    return Promise.resolve(ExitCode.done);
  },
};

/** Ids that are shown in place of a mistyped one. */
const NEAREST = 3;

function nearestWords(id: string): readonly string[] {
  const near = nearestIds(id, knownIds(sources), NEAREST);
  return near.length === 0 ? [] : [`Nearest: ${near.join(', ')}.`];
}

function explanationText(context: CliContext, found: Explanation): string {
  const style = styleOf(context);
  const width = Math.min(humanStream(context).columns, 100);
  const paragraph = (label: string, text: string): readonly string[] =>
    text === ''
      ? []
      : text
          .split('\n')
          .flatMap((line) => wrap(line, width - 9))
          .map((line, at) => `${style.faint((at === 0 ? label : '').padEnd(8))} ${line}`);
  return [
    `${style.strong(found.id)}  ${style.faint(KIND[found.kind])}`,
    ...paragraph('what', found.title),
    ...paragraph('why', found.meaning === found.title ? '' : found.meaning),
    ...paragraph('cause', found.cause),
    ...paragraph('do', found.remedy),
    ...found.facts.flatMap((fact) => paragraph('', fact)),
    ...(found.reference === null
      ? []
      : paragraph('read', `${found.reference.title} ${found.reference.url}`)),
  ].join('\n');
}
