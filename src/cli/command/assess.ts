/** `sqlferry assess`: every prerequisite, one round trip per instance; changes nothing. */

import { readFileSync } from 'node:fs';

import { estimates } from '../../assess/estimate-facts.ts';
import { fail, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { formatUtc } from '../../base/utc.ts';
import type { Verdict } from '../../model/finding.ts';
import { primaryInstance } from '../../model/migration.ts';
import { ExitCode, ProblemCatalogue } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import { assessLoginScript } from '../../sql/statement/assess-login.ts';
import { filtered, narrow, readFilter } from '../assess-filter.ts';
import type { AssessFilter } from '../assess-filter.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command, CommandInput } from '../command-module.ts';
import { localTime } from '../local-time.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { compareFindings, readBaseline } from '../output/assess-baseline.ts';
import type { Baseline } from '../output/assess-baseline.ts';
import { assessFixScript } from '../output/assess-fix-script.ts';
import { assessDocument } from '../output/assess-json.ts';
import { assessJunit } from '../output/assess-junit.ts';
import type { AssessReport } from '../output/assess-report.ts';
import { assessScreen } from '../output/assess-screen.ts';
import { writeOutput } from '../output/file.ts';
import { assessHtml } from '../output/html/page.ts';
import { jsonDocument } from '../output/json.ts';
import { humanStream, reportProblem, reportProblems, say, styleOf } from '../output/report.ts';
import { readVersion } from '../version.ts';

const EXIT: Readonly<Record<Verdict, ExitCode>> = {
  ready: ExitCode.done,
  'ready-with-conditions': ExitCode.done,
  unknown: ExitCode.waiting,
  'not-ready': ExitCode.refused,
};

/** Narrowest and widest screen, in columns. */
const NARROW = 80;
const WIDE = 200;

/** The command. */
export const command: Command = {
  name: 'assess',
  summary: 'check every prerequisite on both sides; changes nothing',
  options: [
    { flags: '--only <rules>', help: 'only these rules, separated by commas' },
    { flags: '--side <side>', help: 'only source or only target' },
    { flags: '--all', help: 'also one line for each rule that is in order' },
    { flags: '--html <file>', help: 'write a page to print, mail or attach to a change' },
    { flags: '--junit <file>', help: 'write JUnit XML for a pipeline' },
    { flags: '--baseline <previous.json>', help: 'compare with an earlier assess --json' },
    {
      flags: '--fix-script <file.sql>',
      help: 'write the remedies that are safe to script as T-SQL; runs nothing',
    },
    {
      flags: '--least-privilege <file.sql>',
      help: 'only write the T-SQL of a login that may do nothing but assess; asks no server',
    },
  ],
  async run(context, input) {
    const login = textOption(input, 'leastPrivilege');
    if (login !== null) return writeLogin(context, login);
    const filter = readFilter(input);
    if (!filter.ok) return reportProblem(context, filter.error);
    const baseline = readEarlier(textOption(input, 'baseline'));
    if (!baseline.ok) return reportProblem(context, baseline.error);
    const opened = openSession(context, { form: 'document', acting: false });
    if (!opened.ok) return opened.error;
    try {
      return await assess(context, opened.value, {
        input,
        filter: filter.value,
        baseline: baseline.value,
      });
    } finally {
      await opened.value.close();
    }
  },
};

/** The script is needed before there is a login to ask a server with. */
function writeLogin(context: CliContext, path: string): ExitCode {
  const written = writeOutput(path, assessLoginScript());
  if (!written.ok) return reportProblem(context, written.error);
  if (context.globals.json) context.io.stdout.write(jsonDocument({ file: path }));
  say(context, `wrote ${path}: read it, then run it on every instance with sqlcmd`);
  return ExitCode.done;
}

interface Earlier {
  readonly file: string;
  readonly baseline: Baseline;
}

interface AssessOptions {
  readonly input: CommandInput;
  readonly filter: AssessFilter;
  readonly baseline: Earlier | null;
}

async function assess(
  context: CliContext,
  session: MigrationSession,
  options: AssessOptions,
): Promise<ExitCode> {
  const { migration } = session;
  const earlier = options.baseline?.baseline.migration ?? migration.name;
  if (earlier !== migration.name) {
    const summary = `${options.baseline?.file ?? ''} is of the migration ${earlier}, this one is ${migration.name}.`;
    return reportProblem(context, baselineProblem(summary));
  }
  const read = await session.assess(context.signal);
  const { side } = options.filter;
  const seen = read.problems.filter(
    ({ instance }) => side === null || instance === primaryInstance(migration[side]).name,
  );
  if (seen.length > 0) return reportProblems(context, seen);
  const now = context.clock.now();
  const assessment = narrow(read.assessment, options.filter);
  const report: AssessReport = {
    assessment,
    waivers: read.waivers,
    comparison: comparisonOf(assessment.findings, options),
    estimates: isWhole(options.filter) ? estimates(read.facts, migration) : [],
    migration,
    facts: read.facts,
    at: formatUtc(now),
    local: localTime(now),
    version: readVersion(),
  };
  const written = writeFiles(report, options.input);
  if (!written.ok) return reportProblem(context, written.error);
  show(context, report, options.input);
  for (const path of written.value) say(context, `wrote ${path}`);
  return EXIT[assessment.verdict];
}

function isWhole({ only, side }: AssessFilter): boolean {
  return only === null && side === null;
}

function comparisonOf(
  findings: AssessReport['assessment']['findings'],
  { baseline, filter }: AssessOptions,
): AssessReport['comparison'] {
  if (baseline === null) return null;
  const { file, baseline: before } = baseline;
  return { file, at: before.at, ...compareFindings(filtered(before.findings, filter), findings) };
}

function show(context: CliContext, report: AssessReport, input: CommandInput): void {
  const { assessment, migration } = report;
  if (context.globals.json) {
    const { waivers, comparison, estimates, at } = report;
    const document = assessDocument({
      assessment,
      waivers,
      comparison,
      estimates,
      at,
      migration: migration.name,
    });
    context.io.stdout.write(jsonDocument(document));
  }
  const stream = humanStream(context);
  const screen = assessScreen({
    assessment,
    migration: migration.name,
    between: `${primaryInstance(migration.source).name} to ${primaryInstance(migration.target).name}`,
    width: Math.min(Math.max(stream.columns, NARROW), WIDE),
    style: styleOf(context),
    all: flagOption(input, 'all'),
    waivers: report.waivers,
    comparison: report.comparison,
    estimates: report.estimates,
  });
  say(context, screen.trimEnd());
  if (context.globals.quiet) stream.write(`${assessment.verdict}\n`);
}

/** Reads the file of `--baseline`, before any server is asked. */
function readEarlier(file: string | null): Result<Earlier | null, Problem> {
  if (file === null) return ok(null);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail(baselineProblem(`${file} cannot be read (${code}).`));
  }
  const read = readBaseline(text);
  return read.ok
    ? ok({ file, baseline: read.value })
    : fail(baselineProblem(`${file}: ${read.error}.`));
}

function baselineProblem(summary: string): Problem {
  const { remedy } = ProblemCatalogue['SF-CLI-016'];
  return { code: 'SF-CLI-016', summary, because: [], remedy };
}

/** Writes what was asked for; answers the paths. */
function writeFiles(report: AssessReport, input: CommandInput): Result<readonly string[], Problem> {
  const { assessment, migration, at } = report;
  const makers: Readonly<Record<string, () => string>> = {
    junit: () => assessJunit(assessment, migration.name),
    html: () => assessHtml(report),
    fixScript: () =>
      assessFixScript({
        assessment,
        migration: migration.name,
        at,
        connectName: (instance) => instance,
      }),
  };
  const paths: string[] = [];
  for (const [option, make] of Object.entries(makers)) {
    const path = textOption(input, option);
    if (path === null) continue;
    const written = writeOutput(path, make());
    if (!written.ok) return written;
    paths.push(path);
  }
  return ok(paths);
}
