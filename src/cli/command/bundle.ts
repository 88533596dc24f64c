/**
 * `sqlferry bundle`: what somebody needs who helps from afar, in one text file; changes nothing.
 *
 * It works best when something is wrong, so a server that does not answer is a part of it, not its end.
 */

import { hostname, release, type as system, userInfo } from 'node:os';

import { estimates } from '../../assess/estimate-facts.ts';
import { formatUtc } from '../../base/utc.ts';
import { primaryInstance } from '../../model/migration.ts';
import type { Migration } from '../../model/migration.ts';
import { ExitCode } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import { goalSeen } from '../../reconcile/waiting/scene.ts';
import { noWaitMemory, whyWaiting } from '../../reconcile/waiting/why.ts';
import { diagnose } from '../../reconcile/diagnose.ts';
import { redactedNames } from '../bundle-names.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command, CommandInput } from '../command-module.ts';
import { localTime } from '../local-time.ts';
import type { Glance, MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { assessDocument } from '../output/assess-json.ts';
import { bundleText } from '../output/bundle-text.ts';
import type { BundlePart } from '../output/bundle-text.ts';
import { counted } from '../output/format.ts';
import { writeOutput } from '../output/file.ts';
import { jsonDocument, jsonLine } from '../output/json.ts';
import { planMarkdown } from '../output/plan-script.ts';
import { reportProblem, say } from '../output/report.ts';
import { environmentSecrets } from '../redact.ts';
import { readVersion } from '../version.ts';

/** The command. */
export const command: Command = {
  name: 'bundle',
  summary: 'collect journal, observations, assessment and plan in one text for support',
  options: [
    { flags: '--out <file>', help: 'default: sqlferry-bundle-<migration>-<time>.txt' },
    { flags: '--redact-names', help: 'replace the names of servers, databases and accounts too' },
  ],
  async run(context, input) {
    const opened = openSession(context, { form: 'document', acting: false });
    if (!opened.ok) return opened.error;
    try {
      return await bundle(context, opened.value, input);
    } finally {
      await opened.value.close();
    }
  },
};

async function bundle(
  context: CliContext,
  session: MigrationSession,
  input: CommandInput,
): Promise<ExitCode> {
  const { migration } = session;
  const now = context.clock.now();
  const at = formatUtc(now);
  const { parts, facts, problems } = await collect(context, session, at);
  const names = flagOption(input, 'redactNames')
    ? redactedNames({
        migration,
        facts,
        contacts: [...session.contacts, hostname(), userInfo().username],
        text: parts.map(({ text }) => text).join('\n'),
      })
    : new Map<string, string>();
  const secrets = [
    ...session.secrets.map((secret) => secret.reveal()),
    ...environmentSecrets(context.environment),
  ];
  const text = bundleText({
    title: [
      `migration ${migration.name}: ${primaryInstance(migration.source).name} to ${primaryInstance(migration.target).name}`,
      `written ${at} UTC, ${localTime(now)} local time`,
    ],
    parts,
    redaction: { secrets, names },
  });
  const path =
    textOption(input, 'out') ??
    `sqlferry-bundle-${names.get(migration.name) ?? migration.name}-${at.replaceAll(/[:.]/gu, '-')}.txt`;
  const written = writeOutput(path, text);
  if (!written.ok) return reportProblem(context, written.error);
  if (context.globals.json) {
    const inside = parts.map(({ name, about }) => ({ name, about }));
    context.io.stdout.write(jsonDocument({ file: path, bytes: Buffer.byteLength(text), inside }));
  }
  say(context, `wrote ${path} (${counted(parts.length, 'part')}): read it before you send it`);
  for (const problem of problems) say(context, `! ${problem.summary} (it is in the bundle)`);
  return ExitCode.done;
}

interface Collected {
  readonly parts: readonly BundlePart[];
  readonly facts: Awaited<ReturnType<MigrationSession['assess']>>['facts'];
  readonly problems: readonly Problem[];
}

/** Asks the servers and reads the files. */
async function collect(
  context: CliContext,
  session: MigrationSession,
  at: string,
): Promise<Collected> {
  const { migration } = session;
  const glance = await session.glance({ goal: 'migrate' }, context.signal);
  const assessed = await session.assess(context.signal);
  const planned = await session.plan(context.signal);
  const { facts, problems } = assessed;
  const journal = session.journal();
  const parts: BundlePart[] = [
    { name: 'versions', about: 'Programs and machine.', text: versions(facts) },
    {
      name: 'migration',
      about: 'The migration file as sqlferry understands it, without how servers are reached.',
      text: jsonDocument({ migration, waivers: assessed.waivers, limits: session.policy }),
    },
    {
      name: 'problems',
      about: 'What went wrong while this was collected.',
      text: problems.length === 0 ? 'none' : jsonDocument(problems),
    },
    {
      name: 'diagnosis',
      about: 'Where both sides stand, what it waits for, and what would happen next.',
      text: standing(context, session, glance),
    },
    {
      name: 'observation',
      about: 'What the servers showed.',
      text: jsonDocument(glance.observation),
    },
    {
      name: 'assessment',
      about: 'Every prerequisite, as sqlferry assess --json.',
      text: assessmentText(assessed, { migration, at }),
    },
    {
      name: 'plan',
      about: 'Every statement that is left to send.',
      text:
        planned.problems.length > 0
          ? 'There is no plan: a side could not be reached.'
          : planMarkdown(planned.plan),
    },
    {
      name: 'journal',
      about: `What sqlferry intended, did and noted here: ${counted(journal.length, 'entry', 'entries')}.`,
      text: journal.length === 0 ? 'empty' : journal.map((entry) => jsonLine(entry)).join(''),
    },
  ];
  return { parts, facts, problems };
}

function standing(context: CliContext, session: MigrationSession, glance: Glance): string {
  const { migration } = session;
  const { observation, decision, action } = glance;
  const { answers: waiting } = whyWaiting(noWaitMemory, {
    goal: goalSeen(observation),
    migration,
    observation,
    now: context.clock.now(),
  });
  return jsonDocument({ diagnosis: diagnose(observation, migration), waiting, decision, action });
}

function assessmentText(
  { assessment, waivers, facts }: Awaited<ReturnType<MigrationSession['assess']>>,
  { migration, at }: { readonly migration: Migration; readonly at: string },
): string {
  return jsonDocument(
    assessDocument({
      assessment,
      waivers,
      comparison: null,
      estimates: estimates(facts, migration),
      migration: migration.name,
      at,
    }),
  );
}

function versions(facts: Collected['facts']): string {
  const servers = [facts.source, facts.target, ...facts.replicas].map(
    ({ instance, side, server }) =>
      server.known
        ? `${side} ${instance}: SQL Server ${server.value.productVersion}, ${server.value.edition}`
        : `${side} ${instance}: not shown (${server.because})`,
  );
  return [
    `sqlferry ${readVersion()}`,
    `node ${process.versions.node}`,
    `${system()} ${release()} ${process.arch}`,
    ...servers,
  ].join('\n');
}
