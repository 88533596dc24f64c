/** `sqlferry assess`: every prerequisite, one round trip per instance; changes nothing. */

import { formatUtc } from '../../base/utc.ts';
import { fail, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { countOutcomes, verdictOf } from '../../assess/assess.ts';
import { assessRules } from '../../assess/table.ts';
import type { Assessment, Verdict } from '../../model/finding.ts';
import { primaryInstance } from '../../model/migration.ts';
import { ExitCode } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import { textOption } from '../command-module.ts';
import type { CliContext, Command, CommandInput } from '../command-module.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { assessHtml } from '../output/assess-html.ts';
import { assessJunit } from '../output/assess-junit.ts';
import { assessScreen } from '../output/assess-screen.ts';
import { writeOutput } from '../output/file.ts';
import { jsonDocument } from '../output/json.ts';
import { humanStream, reportProblem, reportProblems, say, styleOf } from '../output/report.ts';

const EXIT: Readonly<Record<Verdict, ExitCode>> = {
  ready: ExitCode.done,
  'ready-with-conditions': ExitCode.done,
  unknown: ExitCode.waiting,
  'not-ready': ExitCode.refused,
};

/** The command. */
export const command: Command = {
  name: 'assess',
  summary: 'check every prerequisite on both sides; changes nothing',
  options: [
    { flags: '--only <rules>', help: 'only these rules, separated by commas' },
    { flags: '--side <side>', help: 'only source or only target' },
    { flags: '--html <file>', help: 'write a page to print or mail' },
    { flags: '--junit <file>', help: 'write JUnit XML for a pipeline' },
  ],
  async run(context, input) {
    const filter = readFilter(input);
    if (!filter.ok) return reportProblem(context, filter.error);
    const opened = openSession(context, { form: 'document', acting: false });
    if (!opened.ok) return opened.error;
    try {
      return await assess(context, opened.value, { input, filter: filter.value });
    } finally {
      await opened.value.close();
    }
  },
};

interface Filter {
  readonly only: ReadonlySet<string> | null;
  readonly side: Side | null;
}

function readFilter(input: CommandInput): Result<Filter, Problem> {
  const side = textOption(input, 'side');
  const only = textOption(input, 'only');
  if (side !== null && side !== 'source' && side !== 'target') {
    return fail({
      code: 'SF-CLI-008',
      summary: `--side is ${side}; allowed: source, target.`,
      because: [],
      remedy: 'sqlferry assess --side source',
    });
  }
  const ids = only?.split(',').map((id) => id.trim().toUpperCase()) ?? null;
  const known = new Set(assessRules.map(({ id }) => id));
  const strays = ids?.filter((id) => !known.has(id)) ?? [];
  if (strays.length > 0) {
    return fail({
      code: 'SF-CLI-008',
      summary: `--only names what is no rule of the assessment: ${strays.join(', ')}.`,
      because: [],
      remedy: 'sqlferry assess --json lists every rule with its id.',
    });
  }
  return ok({ side, only: ids === null ? null : new Set(ids) });
}

async function assess(
  context: CliContext,
  session: MigrationSession,
  options: { readonly input: CommandInput; readonly filter: Filter },
): Promise<ExitCode> {
  const { assessment: whole, problems } = await session.assess(context.signal);
  const seen = problems.filter(
    (problem) =>
      options.filter.side === null ||
      problem.instance === primaryInstance(session.migration[options.filter.side]).name,
  );
  if (seen.length > 0) return reportProblems(context, seen);
  const assessment = narrow(whole, options.filter);
  const written = writeFiles(context, session, { assessment, input: options.input });
  if (written !== null) return reportProblem(context, written);
  if (context.globals.json) context.io.stdout.write(jsonDocument(assessment));
  const stream = humanStream(context);
  const screen = assessScreen({
    assessment,
    migration: session.migration.name,
    width: Math.min(stream.columns, 110),
    style: styleOf(context),
  });
  say(context, screen.trimEnd());
  if (context.globals.quiet) stream.write(`${assessment.verdict}\n`);
  return EXIT[assessment.verdict];
}

function narrow(assessment: Assessment, filter: Filter): Assessment {
  if (filter.only === null && filter.side === null) return assessment;
  const findings = assessment.findings.filter(
    (finding) =>
      (filter.only === null || filter.only.has(finding.id)) &&
      (filter.side === null || finding.side === null || finding.side === filter.side),
  );
  const counts = countOutcomes(findings);
  return { verdict: verdictOf(counts), counts, findings };
}

function writeFiles(
  context: CliContext,
  session: MigrationSession,
  options: { readonly assessment: Assessment; readonly input: CommandInput },
): Problem | null {
  const { migration } = session;
  const junit = textOption(options.input, 'junit');
  const html = textOption(options.input, 'html');
  const files = [
    junit === null ? null : { path: junit, text: assessJunit(options.assessment, migration.name) },
    html === null
      ? null
      : {
          path: html,
          text: assessHtml({
            assessment: options.assessment,
            migration: migration.name,
            source: primaryInstance(migration.source).name,
            target: primaryInstance(migration.target).name,
            at: formatUtc(context.clock.now()),
          }),
        },
  ];
  for (const file of files) {
    if (file === null) continue;
    const written = writeOutput(file.path, file.text);
    if (!written.ok) return written.error;
    say(context, `wrote ${file.path}`);
  }
  return null;
}
